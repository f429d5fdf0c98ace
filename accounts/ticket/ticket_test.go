package ticket_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts/ticket"
)

func TestToken(t *testing.T) {
	t.Parallel()
	token, hash := ticket.NewToken()
	if got, err := ticket.HashOf(token); err != nil || got != hash {
		t.Errorf("%x, %v, want %x", got, err, hash)
	}
	other, otherHash := ticket.NewToken()
	if other == token || otherHash == hash || hash == ([32]byte{}) {
		t.Errorf("two tokens: %s and %s", token, other)
	}
	for _, wrong := range []string{"", "x", token[1:], token + "A", token + "=", strings.Repeat("!", len(token)),
		token[:42] + "\n", token[:40] + "\r\n", "-" + token[1:42] + "!", strings.Repeat("A", 42) + "B", strings.Repeat("x", 1<<20)} {
		if hash, err := ticket.HashOf(wrong); hash != ([32]byte{}) || !errors.Is(err, ticket.ErrNone) {
			t.Errorf("%.50q: %v", wrong, err)
		}
	}
}

func TestSlot(t *testing.T) {
	t.Parallel()
	a, b := ticket.Ticket{Hash: [32]byte{1}}, ticket.Ticket{Hash: [32]byte{2}}
	seen := map[string]bool{}
	for _, p := range []ticket.Purpose{ticket.Reset, ticket.Confirm, ticket.MagicLink, ticket.ChangeEmail, ticket.UndoEmail} {
		a.Purpose, b.Purpose = p, p
		if (a.Slot() == b.Slot()) == (p == ticket.UndoEmail) || seen[a.Slot()] {
			t.Errorf("%s: %q and %q", p, a.Slot(), b.Slot())
		}
		seen[a.Slot()] = true
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	if a, b := ticket.DecoyUserID("a@lp.com"), ticket.DecoyUserID("b@lp.com"); a == b || a != ticket.DecoyUserID("a@lp.com") || strings.Contains(a, "lp.com") || !strings.HasPrefix(a, "nobody:") {
		t.Errorf("%q and %q", a, b)
	}
}
