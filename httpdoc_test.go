package social_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

var (
	codeConstant = regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`)
	codeRow      = regexp.MustCompile("(?m)^\\| `(\\w+)`.*? \\| [^|]* \\| ([^|]*) \\|")
)

// The table of failures has every code, with its message.
func TestHTTPPageHasTheCodes(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(read(t, "docs/http.md"), "## Failures")
	table, _, _ = strings.Cut(table, "## Below the prefix")
	written := map[string]string{}
	for _, row := range codeRow.FindAllStringSubmatch(table, -1) {
		written[row[1]] = row[2]
	}
	// Messages that are no failures, or say what is wrong with a field.
	others := strings.Fields("account_created signed_out connected connected_already connection_renewed connection_removed connections_removed " +
		"connection_works login_missing password_missing passwords_differ wrong_type account_connected email_sign_in_first text " +
		"reset_sent change_email_sent email_changed email_undone username_changed profile_changed magic_link_sent password_reset confirm_sent confirm_again email_confirmed password_wrong password_changed code_missing factor_added factor_removed passkey_added passkey_renamed passkey_removed session_ended sessions_ended trust_ended " +
		"deletion_requested account_kept token_ended")
	codes := []string{social.CodeNotSignedIn, social.CodeNeedsReauthorization}
	for _, constant := range codeConstant.FindAllStringSubmatch(read(t, "message.go"), -1) {
		codes = append(codes, constant[1])
	}
	if len(codes) < 30 {
		t.Fatalf("%d codes", len(codes))
	}
	for _, code := range codes {
		if slices.Contains(others, code) {
			continue
		}
		message, ok := written[code]
		if !ok {
			t.Errorf("the table lacks %s", code)
		}
		for _, flow := range []string{"", social.FlowConnect, social.FlowRemove} {
			m := social.Message{Code: code, Args: map[string]string{"provider": "NAME", "reason": "REASON", "flow": flow}}
			if !strings.Contains(message, m.Text()) {
				t.Errorf("%s: the table says %q, the message %q", code, message, m.Text())
			}
		}
	}
}
