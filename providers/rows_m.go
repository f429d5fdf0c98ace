package providers

func rowsM() []row {
	return []row{
		{provider: Microsoft(""), make: newMicrosoft, about: "The Microsoft identity platform, OpenID Connect. The subject is " +
			"\"tid/oid\": sub differs between applications, and oid alone between tenants. Its e-mail addresses are whatever a " +
			"tenant's administrator wrote, so they never count as verified. " +
			"A national cloud is chosen by its issuer: https://login.microsoftonline.us/TENANT/v2.0, " +
			"or https://login.partner.microsoftonline.cn/TENANT/v2.0."},
	}
}
