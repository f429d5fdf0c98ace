package integration_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/integration/program"
)

// command runs a command of the browser and returns its result.
func command[P, R any](p *person, what string, c cdp.Command[P, R], params P) R {
	p.Helper()
	return result(p, what, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) })
}

// newAuthenticator gives the browser an authenticator that asks its user for a PIN or the
// like, which is always right, and keeps passkeys.
func (p *person) newAuthenticator() webauthn.AuthenticatorID {
	p.Helper()
	return command(p, "adding an authenticator", webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	}).AuthenticatorID
}

// present says whether the user touches the authenticator when the browser asks for it.
func (p *person) present(id webauthn.AuthenticatorID, present bool) {
	p.Helper()
	command(p, "touching", webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: id, Enabled: present})
}

func (p *person) submits(form string) {
	p.Helper()
	p.do("pressing the button of "+form, chromedp.Click(chromedp.CSS("form[data-passkey="+form+"] button")))
}

// byButton signs in by the button: the passkey is touched when that has been pressed.
func (p *person) byButton(id webauthn.AuthenticatorID) {
	p.Helper()
	p.present(id, false)
	p.open("/login")
	p.submits("fill")
	p.present(id, true)
}

// A person adds a passkey and signs in with it: from the field where the browser offers it,
// by the button, as the second step, and to prove themselves. A copy of it is refused.
func TestPasskeysInChromium(t *testing.T) {
	demo, site, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", "localhost:0", "--providers-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	demo.StopWithTest()
	p := &person{t, startChromium(t), site}
	const email, password = "ada@example.org", "a sentence is fine"

	p.open("/login")
	command(p, "passkeys", webauthn.Enable, webauthn.EnableParams{})
	id := p.newAuthenticator()
	p.open("/register")
	p.fill("email", email)
	p.fill("password", password)
	p.fill("password_confirm", password)
	p.press("Register")
	p.sees("Hello " + email)

	p.open("/security/passkeys")
	p.screenshot("passkeys-none")
	p.fill("name", "laptop")
	p.submits("create")
	p.sees("Each works once.")
	p.sees("Your passkey is added.")
	p.open("/security/passkeys")
	p.sees("laptop")
	p.screenshot("passkeys")
	p.submits("create")
	p.sees("You have added that passkey already.")
	p.open("/security")
	p.sees("You have one passkey")
	p.screenshot("security-passkeys")
	p.press("Log out")
	p.sees("You are signed out.")

	// The browser offers it by itself, once the user is there.
	p.open("/login")
	p.sees("Hello " + email)
	p.press("Log out")
	p.sees("You are signed out.")

	p.present(id, false)
	p.open("/login")
	p.sees("Use a passkey")
	p.screenshot("login-passkey")
	p.byButton(id)
	p.sees("Hello " + email)
	p.open("/verify?next=/connections")
	p.screenshot("verify-passkey")
	p.submits("get")
	p.sees("Not connected")
	p.press("Log out")
	p.sees("You are signed out.")

	// After the password it is the second step.
	p.present(id, false)
	p.open("/login")
	p.fill("email", email)
	p.fill("password", password)
	p.press("Sign in")
	p.sees("One of the ten codes")
	p.screenshot("two-factor-passkey")
	p.present(id, true)
	p.submits("get")
	p.sees("Hello " + email)
	p.press("Log out")
	p.sees("You are signed out.")

	// The page that refuses a passkey offers passkeys too: with one that is touched all the
	// time it would ask again and again.
	offers := page.AddScriptToEvaluateOnNewDocumentParams{Source: "PublicKeyCredential.isConditionalMediationAvailable = undefined"}
	withoutOffers := command(p, "offering no passkeys", page.AddScriptToEvaluateOnNewDocument, offers)
	// refused tries it from the button: the page says that it is refused.
	refused := func(text string) {
		t.Helper()
		p.byButton(id)
		p.sees(text)
		p.present(id, false)
		p.seesNot("Hello " + email)
	}
	const unknown = "That passkey is not known here"
	yes := true
	for _, bits := range []webauthn.SetResponseOverrideBitsParams{{IsBadUV: &yes}, {IsBogusSignature: &yes}, {IsBadUP: &yes}} {
		bits.AuthenticatorID = id
		command(p, "answering wrongly", webauthn.SetResponseOverrideBits, bits)
		refused(unknown)
	}
	command(p, "answering rightly", webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: id})
	command(p, "a wrong PIN", webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id})
	refused("That did not work.")
	command(p, "the right PIN", webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: true})

	// A copy counts by itself, and comes behind.
	all := command(p, "reading the passkey", webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: id}).Credentials
	if len(all) != 1 || all[0].SignCount < 4 {
		t.Fatalf("%d passkeys: %+v", len(all), all)
	}
	owned := *all[0]
	setCount := func(count float64) {
		t.Helper()
		command(p, "removing the passkey", webauthn.RemoveCredential, webauthn.RemoveCredentialParams{AuthenticatorID: id, CredentialID: owned.CredentialID})
		add := cdp.Command[map[string]any, cdp.Empty]{Method: webauthn.CommandAddCredential}
		command(p, "adding the copy", add, map[string]any{"authenticatorId": id, "credential": map[string]any{
			"credentialId": owned.CredentialID, "isResidentCredential": true, "rpId": owned.RpID, "privateKey": owned.PrivateKey,
			"userHandle": owned.UserHandle, "signCount": count,
		}})
	}
	setCount(1)
	refused(unknown)
	setCount(owned.SignCount + 10)
	command(p, "offering passkeys", page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams(withoutOffers))
	p.present(id, true)
	p.open("/login")
	p.sees("Hello " + email)

	p.open("/security/passkeys")
	p.do("opening the passkey", chromedp.Click(`//a[contains(., "Change")]`))
	p.sees("Remove this passkey")
	p.screenshot("passkey")
	p.press("Remove this passkey")
	p.sees("Your passkey is removed.")
	p.press("Log out")
	p.sees("You are signed out.")
	command(p, "offering no passkeys", page.AddScriptToEvaluateOnNewDocument, offers)
	refused(unknown)
}
