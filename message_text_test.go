package social_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

// Every code has a sentence in English, which names the provider where it is about one.
func TestEveryCodeHasAText(t *testing.T) {
	t.Parallel()
	about := func(arg string, codes ...string) map[string]string {
		m := map[string]string{}
		for _, code := range codes {
			m[code] = arg
		}
		return m
	}
	all := about("", social.CodeSignedOut, social.CodeSignedIn, social.CodeNotSignedIn, social.CodeBadCredentials, social.CodeAccountCreated,
		social.CodeNoConnection, social.CodeLastWayIn, social.CodePasswordWrong, social.CodeWeakPassword, social.CodePasswordChanged,
		social.CodeReauthenticationRequired, social.CodeSessionEnded, social.CodeProfileChanged, social.CodeSessionsEnded, social.CodeTrustEnded, social.CodeNoSession, social.CodeOtherAccount, social.CodeNoToken, social.CodeTokenEnded, social.CodeTooManyTokens, social.CodeNoSignUp,
		social.CodeLoginMissing, social.CodePasswordMissing, social.CodePasswordsDiffer, social.CodeWrongType, social.CodeNotFound, social.CodeUnknownProvider,
		social.CodeMethodNotAllowed, social.CodeCrossSite, social.CodeMalformed, social.CodeTooLarge, social.CodeThrottled, social.CodeBusy, social.CodeInternal)
	maps.Copy(all, about(social.ArgProvider, social.CodeAccessDenied, social.CodeUnknownAccount, social.CodeSignInFirst, social.CodeConnected,
		social.CodeConnectedAlready, social.CodeConnectionTaken, social.CodeConnectionRenewed, social.CodeConnectionDifferent, social.CodeConnectionGone,
		social.CodeConnectionRemoved, social.CodeConnectionsRemoved, social.CodeConnectionWorks, social.CodeNeedsReauthorization,
		social.CodeAccountConnected, social.CodeProviderFailed, social.CodeEmailSignInFirst))
	maps.Copy(all, about("reason", social.CodeCallbackRefused))
	var seen []string
	for code, arg := range all {
		args := map[string]string{social.ArgProvider: "PROVIDER", "reason": "REASON"}
		text := social.Message{Code: code, Args: args}.Text()
		if len(text) < 10 || strings.ContainsAny(text, "{}") || arg != "" && !strings.Contains(text, args[arg]) || slices.Contains(seen, text) {
			t.Errorf("%s: %q", code, text)
		}
		seen = append(seen, text)
	}
	// What has another text where a user connects or removes.
	for code, flow := range map[string]string{social.CodeAccessDenied: social.FlowConnect, social.CodeNoConnection: social.FlowRemove} {
		args := map[string]string{social.ArgProvider: "PROVIDER", social.ArgFlow: flow}
		if text := (social.Message{Code: code, Args: args}).Text(); !strings.Contains(text, "PROVIDER") || slices.Contains(seen, text) {
			t.Errorf("%s of %s: %q", code, flow, text)
		}
	}
}

// refused is a refusal with a code and arguments of its own.
type refused struct{ codedError }

func (refused) Refusal() string { return "Apples are out" }

// A refusal's message has its text beside its code and arguments.
func TestRefusalMessage(t *testing.T) {
	t.Parallel()
	m := social.RefusalMessage(refused{codedError{errors.New("an error")}})
	if got := fmt.Sprint(m.Code, " ", m.Args); got != "apples_out map[count:3 text:Apples are out]" || m.Text() != "Apples are out" {
		t.Errorf("%s: %q", got, m.Text())
	}
}
