package storetest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
)

func newTicket(userID string, p ticket.Purpose) ticket.Ticket {
	t := ticket.Ticket{UserID: userID, Purpose: p, Address: userID + "@example.com", NewAddress: "new@example.com",
		CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
	rand.Read(t.Hash[:])
	rand.Read(t.CodeHash[:])
	return t
}

func getTicket(t *testing.T, s accounts.Store, hash [32]byte) ticket.Ticket {
	t.Helper()
	got, err := s.Ticket(t.Context(), "", hash, at)
	must(t, err)
	return got
}

// wantTickets checks which of the tickets are there.
func wantTickets(t *testing.T, what string, s accounts.Store, all []ticket.Ticket, there ...int) {
	t.Helper()
	want := map[int]bool{}
	for _, i := range there {
		want[i] = true
	}
	for i, k := range all {
		got, err := s.Ticket(t.Context(), k.Tenant, k.Hash, at)
		if !want[i] {
			wantError(t, err, ticket.ErrNone)
			if err == nil {
				t.Errorf("%s: ticket %d is there", what, i)
			}
			continue
		}
		must(t, err)
		same(t, what, got, k)
	}
}

func ticketsAreTakenOnce(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	k, other := newTicket(name("user"), ticket.Reset), newTicket(name("user"), ticket.Reset)
	must(t, s.PutTicket(ctx, k))
	must(t, s.PutTicket(ctx, other))
	for range 2 {
		same(t, "ticket", getTicket(t, s, k.Hash), k)
	}
	var taken ticket.Ticket
	won(t, race(20, func(int) error {
		got, err := s.TakeTicket(ctx, "", k.Hash, at)
		if err == nil {
			taken = got
		}
		return err
	}), ticket.ErrNone)
	same(t, "taken", taken, k)
	_, err := s.Ticket(ctx, "", k.Hash, at)
	wantError(t, err, ticket.ErrNone)
	same(t, "another ticket", getTicket(t, s, other.Hash), other)
}

func ticketsComeBack(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	for what, text := range odd {
		k := newTicket(name("user")+clipped(text), ticket.ChangeEmail)
		k.Tenant, k.Address, k.NewAddress = clipped(text), text, text
		must(t, s.PutTicket(ctx, k))
		got, err := s.Ticket(ctx, k.Tenant, k.Hash, at)
		must(t, err)
		same(t, what, got, k)
		got, err = s.TakeTicket(ctx, k.Tenant, k.Hash, at)
		must(t, err)
		same(t, what+", taken", got, k)
	}
	bare := ticket.Ticket{Hash: newTicket("", "").Hash, UserID: name("user"), Purpose: ticket.Confirm, ExpiresAt: at.Add(time.Hour)}
	must(t, s.PutTicket(ctx, bare))
	same(t, "one with little", getTicket(t, s, bare.Hash), bare)
}

// clipped returns texts that are longer than an ID may be as "".
func clipped(text string) string {
	if len(text) > 200 {
		return ""
	}
	return text
}

func ticketsExpire(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	k := newTicket(name("user"), ticket.Reset)
	must(t, s.PutTicket(ctx, k))
	_, err := s.Ticket(ctx, "", k.Hash, k.ExpiresAt.Add(-time.Millisecond))
	must(t, err)
	_, err = s.Ticket(ctx, "", k.Hash, k.ExpiresAt)
	wantError(t, err, ticket.ErrNone)
	_, err = s.TakeTicket(ctx, "", k.Hash, k.ExpiresAt)
	wantError(t, err, ticket.ErrNone)
	_, err = s.TakeTicket(ctx, "", k.Hash, k.ExpiresAt.Add(-time.Millisecond))
	must(t, err)
}

func ticketsReplace(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := name("user"), name("user")
	all := []ticket.Ticket{
		0: newTicket(u, ticket.Reset), 1: newTicket(u, ticket.Confirm), 2: newTicket(other, ticket.Reset),
		3: newTicket(u, ticket.UndoEmail), 4: newTicket(u, ticket.UndoEmail), 5: newTicket(u, ticket.Reset),
	}
	for _, k := range all[:5] {
		must(t, s.PutTicket(ctx, k))
	}
	wantTickets(t, "before", s, all, 0, 1, 2, 3, 4)
	all[5].Address, all[5].NewAddress, all[5].CodeHash = "x@example.com", "", [32]byte{}
	all[5].CreatedAt, all[5].ExpiresAt = at.Add(time.Minute), at.Add(2*time.Hour)
	must(t, s.PutTicket(ctx, all[5]))
	wantTickets(t, "after", s, all, 1, 2, 3, 4, 5)
	must(t, s.PutTicket(ctx, all[5])) // again
	wantTickets(t, "after that", s, all, 1, 2, 3, 4, 5)
}

func parallelTickets(t *testing.T, s accounts.Store) {
	u := name("user")
	all := make([]ticket.Ticket, 20)
	for i := range all {
		all[i] = newTicket(u, ticket.Reset)
	}
	for _, err := range race(len(all), func(i int) error { return s.PutTicket(t.Context(), all[i]) }) {
		must(t, err)
	}
	left := 0
	for _, k := range all {
		if got, err := s.TakeTicket(t.Context(), "", k.Hash, at); err == nil {
			same(t, "the ticket that stays", got, k)
			left++
		}
	}
	same(t, "tickets", left, 1)
}

func ticketsAreDeleted(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	all := []ticket.Ticket{
		0: newTicket(u.ID, ticket.Reset), 1: newTicket(u.ID, ticket.UndoEmail), 2: newTicket(u.ID, ticket.UndoEmail),
		3: newTicket(u.ID, ticket.ChangeEmail), 4: newTicket(other.ID, ticket.Reset),
	}
	all[1].CreatedAt = at.Add(-time.Minute)
	for _, tt := range []struct {
		what string
		f    ticket.Filter
		left []int
	}{
		{"of no user", ticket.Filter{}, []int{0, 1, 2, 3, 4}},
		{"of another tenant", ticket.Filter{Tenant: name("tenant"), UserID: u.ID}, []int{0, 1, 2, 3, 4}},
		{"of the user", ticket.Filter{UserID: u.ID}, []int{4}},
		{"of a purpose", ticket.Filter{UserID: u.ID, Only: ticket.Reset}, []int{1, 2, 3, 4}},
		{"of other purposes", ticket.Filter{UserID: u.ID, Except: ticket.UndoEmail}, []int{1, 2, 4}},
		{"since the last one", ticket.Filter{UserID: u.ID, Only: ticket.UndoEmail, Since: at}, []int{0, 1, 3, 4}},
		{"since later", ticket.Filter{UserID: u.ID, Since: at.Add(time.Millisecond)}, []int{0, 1, 2, 3, 4}},
		{"of one purpose but that one", ticket.Filter{UserID: u.ID, Only: ticket.Reset, Except: ticket.Reset}, []int{0, 1, 2, 3, 4}},
	} {
		for _, k := range all {
			must(t, s.PutTicket(ctx, k))
		}
		must(t, s.DeleteTickets(ctx, tt.f))
		wantTickets(t, tt.what, s, all, tt.left...)
	}
	must(t, s.DeleteUser(ctx, "", u.ID))
	wantTickets(t, "after the user", s, all, 4)
}

func ticketsStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		u := name("user")
		var all []ticket.Ticket
		for _, tenant := range tenants {
			k := newTicket(u, ticket.Reset)
			k.Tenant = tenant
			must(t, s.PutTicket(ctx, k))
			all = append(all, k)
		}
		wantTickets(t, "tickets of two tenants", s, all, 0, 1)
		_, err := s.Ticket(ctx, tenants[1], all[0].Hash, at)
		wantError(t, err, ticket.ErrNone)
		_, err = s.TakeTicket(ctx, tenants[1], all[0].Hash, at)
		wantError(t, err, ticket.ErrNone)
		must(t, s.DeleteTickets(ctx, ticket.Filter{Tenant: tenants[1], UserID: u}))
		wantTickets(t, "tickets of one tenant", s, all, 0)
	})
}
