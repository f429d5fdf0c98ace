package providers

func rowsA() []row {
	return []row{
		{provider: Apple(""), make: newApple, about: "Sign in with Apple, OpenID Connect. Apple sends the name with the " +
			"callback, by the browser, and only the first time; it posts the callback from its own site. The address may be " +
			"one that Apple relays (privaterelay)."},
	}
}
