package web

import (
	"context"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/vault"
)

// exampleButton is an example of a button with which templates are tried.
func exampleButton() button {
	b := exampleButtons()[0]
	return button{Button: b, Next: "/next", Connection: b.Connections[0], Label: "button.reconnect", RemovePage: "/remove"}
}

func exampleButtons() []social.Button {
	since := time.Unix(1, 0)
	b := social.Button{
		LoginURL: "/login/example", ConnectURL: "/connect/example", ReconnectURL: "/reconnect/example", RemoveAllURL: "/connect/example",
		VerifyURL: "/verify/example",
	}
	b.Provider.ID, b.Provider.Name, b.Provider.Revoke = "example", "Example", true
	for _, status := range []vault.Status{vault.NeedsReauthorization, vault.Failing, vault.Active} {
		b.Connections = append(b.Connections, social.ConnectionButton{RemoveURL: "/connect/example/1", CheckURL: "/connections/1/check", Connection: vault.Connection{
			ID: "1", UserID: "1", ProviderID: "example", ProviderUserID: "1", DisplayName: "ana", FullName: "Ana", Email: "ana@example.com",
			ProfileURL: "https://example.com/ana", ImageURL: "https://example.com/ana.png",
			RequestedScopes: []string{"email", "profile"}, Scopes: []string{"email"},
			Status: status, StatusSince: since, LastError: "revoked", CreatedAt: since, UpdatedAt: since, ExpiresAt: since,
		}})
	}
	other := b
	other.Provider.ID, other.Connections = "other", nil
	return []social.Button{b, other}
}

// examples returns a view of each page with everything in it, with which the pages'
// templates are tried.
func (w *Web) examples() map[string]any {
	buttons := exampleButtons()
	message := social.Text("text")
	l := layout{
		Site: w.opts.Site, Prefix: "/prefix", Base: "/base", Narrow: true, Inline: true, Registration: true,
		User: &user{"ana@example.com"}, Context: context.Background(), Flashes: []social.Flash{{Category: social.FlashError, Message: message}},
	}
	f := formPage{layout: l, Next: "/next", SignUpID: "1", Buttons: buttons, Form: form{
		Email: "ana@example.com", Remember: true, Message: message,
		Wrong: map[string]social.Message{"email": message, "password": message, "password_confirm": message},
	}}
	ask := passkeyForm{Does: "create", Action: "/security/passkeys", Options: "/security/passkeys/options", Label: "passkeys.add", Primary: true,
		Named: true, OrBefore: true, OrAfter: true, Like: "remember", Next: "/next", SignUpID: "1", Wrong: &message}
	known := accounts.Passkey{ID: "1", Name: "laptop", CreatedAt: time.Unix(1, 0), LastUsedAt: time.Unix(2, 0), BackupEligible: true, BackedUp: true}
	at := occasion{time.Unix(1, 0), "192.0.2.1"}
	return map[string]any{
		"home":  homeView{l},
		"login": loginView{formPage: f, Recovery: true, ByMail: true, Passkey: &ask, Pending: &signUp{&social.PendingSignUp{Provider: buttons[0].Provider}, connectedAccount(buttons[0].Connections[0].Connection)}},
		"register": registerView{formPage: f, Action: "/register", AsksUsername: true, NeedsUsername: true, PasswordMinLength: 8, SignUp: &signUp{
			&social.PendingSignUp{Provider: buttons[0].Provider}, connectedAccount(buttons[0].Connections[0].Connection),
		}},
		"profile": profileView{layout: l, Buttons: buttons, Here: "/profile", ChangeEmail: true, ChangeUsername: true, Form: f.Form, Language: w.texts.Default().Tag(), Languages: w.texts.Languages(), Account: account{
			Name: "ana", Email: "ana@example.com", Username: "ana", Roles: []string{"admin"}, LoginCount: 2, CurrentLogin: at, LastLogin: at,
		}},
		"connections": connectionsView{l, buttons, "/connections"},
		"disconnect": disconnectView{layout: l, Button: buttons[0], Connection: buttons[0].Connections[0], LastWayIn: true, Buttons: buttons,
			Here: "/connections/1/remove", Back: "/connections"},
		"connect": connectView{l, signUp{&social.PendingSignUp{Provider: buttons[0].Provider}, connectedAccount(buttons[0].Connections[0].Connection)}, "/connections/pending"},
		"password": passwordView{layout: l, Email: "ana@example.com", HasPassword: true, PasswordMinLength: 8, Form: form{
			Message: message, Wrong: map[string]social.Message{"password": message, "new_password": message, "new_password_confirm": message},
		}},
		"ask":    askView{formPage: f, Ask: "reset", Path: "/reset", Sent: &message, Code: true},
		"reset":  resetView{formPage: f, Action: "/reset/token", PasswordMinLength: 8},
		"verify": verifyView{f, true, true, &ask, true},
		"name":   nameView{f, "email", "/change-email", true},
		"link":   linkView{formPage: f, Kind: "confirm", Action: "/confirm/token", SignIn: "/login"},
		"sessions": sessionsView{layout: l, Here: "/sessions", Sessions: []sessionView{
			{ID: "1", Current: true, Device: "Firefox on Linux", Address: "192.0.2.1", Via: "Example", CreatedAt: at.At, LastSeen: at.At}, {ID: "2"},
		}},
		"security": securityView{layout: l, Here: "/security", Missing: []missing{{"security.missing.way", "#ways"}},
			Ways: waysSection{HasPassword: true, Passkeys: true, Own: 2, ByMail: "ana@example.com", Buttons: buttons},
			Factors: &factorsSection{HasFactor: true, HasTOTP: true, Required: true, RecoveryCodes: 2,
				Devices: []sessionView{{ID: "1", Current: true, Device: "Firefox on Linux", Address: "192.0.2.1", CreatedAt: at.At}}},
			Tokens: &tokensSection{1}, Sessions: sessionsSection{2, true}, Account: accountSection{true}},
		"activity": activityView{layout: l, Here: "/security/activity", Later: true, Older: "/security/activity?before=1", Entries: []activityEntry{
			{Text: "text", By: "by", At: at.At, Device: "Firefox on Linux", Address: "192.0.2.1"}, {Text: "text", At: at.At},
		}},
		"tokens": tokensView{formPage: f, Here: "/security/tokens", Name: "deploy", Tokens: []apitoken.Token{{ID: "1", Name: "deploy", Scopes: []string{"read"}, CreatedAt: at.At, ExpiresAt: at.At, LastUsedAt: at.At}, {ID: "2"}},
			Scopes: []tokenScope{{"read", "read all", true}, {}}, Lasts: []tokenTime{{3600, 1, true}, {}}},
		"token":         tokenView{l, "soc_1", "deploy", at.At, "/next"},
		"data_deletion": dataDeletionView{l, "Example", at.At, at.At},
		"deletion":      deletionView{f, true, at.At},
		"factor":        factorView{formPage: f, Code: true, Recovery: true, TrustDays: 30, Passkey: &ask},
		"totp": totpView{formPage: f, Active: true, Passkeys: true, Setup: true, Secret: "GEZD GNBV", URI: "otpauth://totp/x?secret=GEZDGNBV",
			QR: "<svg></svg>"},
		"passkeys": passkeysView{formPage: f, Here: "/security/passkeys", Passkeys: []accounts.Passkey{known, {ID: "2"}}, Required: true, Add: ask},
		"passkey":  passkeyView{l, "/security/passkeys/1", known},
		"recovery": recoveryView{layout: l, Codes: []string{"jbsw-y3dp-ehpk-3pxp"}, For: ".both", Next: "/next"},
		"problem": problemView{layout: l, Heading: "heading", Text: "text", Steps: []step{{"label", "/"}},
			Problem: social.Problem{Status: 500, Code: social.CodeInternal, RequestID: "request"}},
	}
}
