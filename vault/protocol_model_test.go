package vault_test

// A model of how several processes lease and refresh one connection. It is
// explored to the end, within bounds, by TestProtocol in
// protocol_explore_test.go. docs/refresh.md explains both.
//
//	step         function
//	start        Vault.usable, access: reads the row, finds its access token ended or refused
//	lease        Vault.lease, Store.Lease: takes the lease and reads the row again, as one step
//	send         Vault.ask: the request leaves
//	answer       the provider takes a request and answers
//	no answer    Vault.ask: time-out or reset, whether or not the provider took the request
//	write        Vault.save, write, Store.UpdateAndRelease: fenced by the version; a write that succeeds may report a failure, and ends the lease in either case
//	reconcile    Vault.reconcile: the version had changed
//	read again   Vault.rotatedElsewhere: the row is read again before a rejection is believed
//	mark         Vault.failed, note: the status, fenced by the version, with the lease's end; over another row that holds the same refresh token
//	note         Vault.failed, note: the same for a transient failure
//	release      Vault.release, where nothing was written
//	crash        the process ends, and starts anew under another owner's name
//	late         a request of a process that has ended arrives later
//	expire       a lease's deadline passes
//	renew, keep  Vault.Renew: with a refresh token of a new grant, or without one
//	meet         Vault.RenewByLogIn: a log-in that renews the profile alone
//	check        Vault.Check: marks a connection whose token is refused
//	reseal       Vault.resealOne: under a lease of its own
//	remove       Vault.Disconnect, Store.Remove
//	revoke       Vault.revoke: the provider ends the removed row's token
//
// The process between lease and release holds one shared refresh (Vault.shareRefresh): callers
// in the same process wait for it, so a process is one thread here.

// A mtoken is a token: of a grant, and how often that was refreshed. Access
// tokens that came without a refresh count from 100.
type mtoken struct{ grant, n uint8 }

type pc uint8

const (
	idle pc = iota
	leasing
	sending
	waiting
	rejected
	writing
	reconciling
	marking
	noting
	releasing
)

type mrow struct {
	exists          bool
	version, gen    uint8
	access, refresh mtoken
	needs           bool // NeedsReauthorization
	lost            bool // LastError is lost_rotation, or unanswered
	owner           int8 // of the lease: a process, noOwner or dead
	expired         bool
	interrupted     bool
}

const (
	noOwner int8 = -1
	dead    int8 = -2
)

type mprocess struct {
	pc    pc
	saw   mtoken // the access token that is not good any more
	base  mrow   // the row as it was leased
	fence uint8  // the version that the write expects
	put   mtoken // the access token to write
	got   mtoken // what the provider gave
	tries uint8
}

// A budget bounds what may happen.
type budget struct{ starts, crashes, silences, renews, keeps, meets, checks, reseals, removes, faults uint8 }

type mstate struct {
	row      mrow
	process  [3]mprocess
	current  [2]uint8 // the provider: how often a grant was refreshed
	ended    [2]bool
	late     mtoken // a request on its way without a process that waits for it
	isLate   bool
	revoking bool // the removed row's token is still to be revoked
	removed  bool
	unknown  bool // an outcome was lost: a crash or silence after the request left
	reused   bool // a refresh token came twice to a grant that lived
	wronged  bool // a good refresh token was marked as rejected
	left     budget
}

// A weakness leaves a step of the protocol out.
type weakness struct {
	noLease, noReread, unfenced, believes, writeEndsLease, noExpiry, forgets, notesOnce, dropsToken, dropsStale, leasesRunOut bool
}

type edge struct {
	what  string
	to    mstate
	fault bool // no progress may depend on it
}

type model struct {
	processes int
	prompt    bool // a request arrives at once or never
	weak      weakness
}

// provide takes a refresh token as the provider does, and returns the next one.
func (s *mstate) provide(t mtoken) (mtoken, bool) {
	if s.ended[t.grant] {
		return mtoken{}, false
	}
	if s.current[t.grant] != t.n {
		s.reused, s.ended[t.grant] = true, true
		return mtoken{}, false
	}
	s.current[t.grant]++
	return mtoken{t.grant, t.n + 1}, true
}

func (s *mstate) revoke(t mtoken) {
	if s.current[t.grant] == t.n {
		s.ended[t.grant] = true
	}
}

func (s *mstate) good(t mtoken) bool { return !s.ended[t.grant] && s.current[t.grant] == t.n }

// unchanged reports whether what was written to the row since it was leased does
// not concern the refresh.
func (p *mprocess) unchanged(row *mrow) bool {
	return row.gen == p.base.gen && row.refresh == p.base.refresh && !row.needs
}

func (s *mstate) release(p int8) {
	if s.row.owner == p {
		s.row.owner, s.row.expired = noOwner, false
	}
}

// written changes the row as every write does; token says that it is one of a
// token.
func (m *model) written(s *mstate, token bool) {
	s.row.version++
	s.row.interrupted = s.row.interrupted && !token
	if m.weak.writeEndsLease {
		s.row.owner, s.row.expired = noOwner, false
	}
}

// steps lists what may happen next.
func (m *model) steps(s mstate) (next []edge) {
	can := func(what string, fault bool, change func(*mstate)) {
		to := s
		change(&to)
		next = append(next, edge{what, to, fault})
	}
	for i := range m.processes {
		m.process(&s, i, can)
	}
	m.others(&s, can)
	return next
}

func (m *model) process(s *mstate, i int, can func(string, bool, func(*mstate))) {
	p, me := s.process[i], int8(i)
	row := &s.row
	set := func(s *mstate, next pc) {
		if next == releasing { // what it knows is not used any more
			s.process[i] = mprocess{}
		}
		s.process[i].pc = next
	}
	again := func(s *mstate) {
		s.release(me)
		if s.process[i].tries++; s.process[i].tries < 3 {
			s.process[i] = mprocess{pc: leasing, saw: p.saw, tries: s.process[i].tries}
		} else {
			s.process[i] = mprocess{}
		}
	}
	switch p.pc {
	case idle:
		if row.exists && !row.needs && s.left.starts > 0 {
			can("start", true, func(s *mstate) {
				s.left.starts--
				s.process[i] = mprocess{pc: leasing, saw: row.access}
				if m.weak.noReread {
					s.process[i].base = *row
				}
			})
		}
	case leasing:
		free := row.owner == noOwner || row.owner == me || row.expired || m.weak.noLease
		if row.exists && !free {
			break
		}
		can("lease", false, func(s *mstate) {
			q := &s.process[i]
			if !row.exists {
				*q = mprocess{}
				return
			}
			s.row.interrupted = (row.interrupted || row.expired) && !m.weak.forgets
			s.row.owner, s.row.expired = me, false
			if !m.weak.noReread {
				q.base = s.row
			}
			switch {
			case m.weak.noReread:
				q.pc = sending
			case row.needs || row.access != p.saw:
				set(s, releasing)
			default:
				q.pc = sending
			}
		})
	case sending:
		can("send", false, func(s *mstate) { set(s, waiting) })
	case waiting:
		can("answer", false, func(s *mstate) {
			q := &s.process[i]
			t, ok := s.provide(p.base.refresh)
			if !ok {
				q.pc = rejected
				return
			}
			q.pc, q.got, q.put, q.fence = writing, t, t, p.base.version
		})
		if s.left.silences > 0 {
			can("no answer, not taken", true, func(s *mstate) { s.left.silences--; set(s, noting) })
			can("no answer, taken", true, func(s *mstate) {
				s.left.silences--
				s.unknown = true
				s.provide(p.base.refresh)
				set(s, noting)
			})
		}
	case writing:
		write := func(s *mstate) {
			s.row.exists = true
			s.row.access, s.row.refresh, s.row.needs, s.row.lost = p.put, p.got, false, false
			m.written(s, true)
			s.release(me)
		}
		same := row.exists && row.version == p.fence || m.weak.unfenced
		can("write", false, func(s *mstate) {
			if same {
				write(s)
				s.process[i] = mprocess{}
			} else {
				set(s, reconciling)
			}
		})
		if same && s.left.faults > 0 {
			can("write, reported as failed", true, func(s *mstate) { s.left.faults--; write(s) })
		}
	case reconciling:
		can("reconcile", false, func(s *mstate) { m.reconcile(s, i) })
	case rejected:
		can("read again", false, func(s *mstate) {
			switch {
			case m.weak.believes:
				set(s, marking)
			case !row.exists:
				s.process[i] = mprocess{}
			case row.refresh != p.base.refresh || row.gen != p.base.gen:
				again(s)
			default:
				set(s, marking)
			}
		})
	case marking:
		can("mark", false, func(s *mstate) {
			if !row.exists || !p.unchanged(row) && !m.weak.believes {
				again(s)
				return
			}
			s.wronged = s.wronged || s.good(row.refresh)
			s.row.needs, s.row.lost = true, p.base.interrupted || p.base.lost
			m.written(s, false)
			s.release(me)
			s.process[i] = mprocess{}
		})
	case noting:
		can("note", false, func(s *mstate) {
			if row.exists && (p.unchanged(row) && !m.weak.notesOnce || row.version == p.base.version) {
				s.row.lost = true
				m.written(s, false)
				s.release(me)
				s.process[i] = mprocess{}
			} else if row.exists {
				again(s)
			} else {
				set(s, releasing)
			}
		})
	case releasing:
		can("release", false, func(s *mstate) { s.release(me); s.process[i] = mprocess{} })
	}
	if p.pc != idle && s.left.crashes > 0 {
		crash := func(s *mstate) {
			s.left.crashes--
			if row.owner == me {
				s.row.owner = dead
			}
			s.unknown = s.unknown || p.pc == waiting || p.pc == writing || p.pc == reconciling
			s.process[i] = mprocess{}
		}
		can("crash", true, crash)
		if p.pc == waiting {
			can("crash, request taken", true, func(s *mstate) { crash(s); s.provide(p.base.refresh) })
		}
		if p.pc == waiting && !s.isLate && !m.prompt {
			can("crash, request on its way", true, func(s *mstate) { crash(s); s.late, s.isLate = p.base.refresh, true })
		}
	}
}

func (m *model) reconcile(s *mstate, i int) {
	p, row := &s.process[i], &s.row
	switch {
	case !row.exists:
		if !m.weak.dropsToken {
			s.revoke(p.got)
		}
		*p = mprocess{}
	case row.access == p.got && row.refresh == p.got || m.weak.dropsStale:
		*p = mprocess{pc: releasing}
	case row.gen != p.base.gen && row.refresh == p.base.refresh:
		p.pc, p.fence, p.put = writing, row.version, row.access
	case row.gen == p.base.gen && row.access == p.base.access && row.refresh == p.base.refresh:
		p.pc, p.fence, p.put = writing, row.version, p.got
	default:
		if row.gen != p.base.gen && row.refresh != p.got {
			s.revoke(p.got)
		}
		*p = mprocess{pc: releasing}
	}
}

// others lists what may happen besides refreshes.
func (m *model) others(s *mstate, can func(string, bool, func(*mstate))) {
	row, left := &s.row, &s.left
	if s.isLate {
		can("late", false, func(s *mstate) { s.provide(s.late); s.late, s.isLate = mtoken{}, false })
		can("never", false, func(s *mstate) { s.late, s.isLate = mtoken{}, false })
	}
	if s.revoking {
		can("revoke", false, func(s *mstate) { s.revoke(row.refresh); s.revoking = false })
	}
	if (row.owner == dead || row.owner >= 0 && m.weak.leasesRunOut) && !row.expired && !m.weak.noExpiry {
		can("expire", false, func(s *mstate) { s.row.expired = true })
	}
	if !row.exists {
		return
	}
	if left.renews > 0 {
		can("renew", true, func(s *mstate) {
			s.left.renews--
			s.row.access, s.row.refresh = mtoken{1, 0}, mtoken{1, 0}
			s.row.gen++
			s.row.needs, s.row.lost = false, false
			m.written(s, true)
		})
	}
	if left.keeps > 0 {
		can("keep", true, func(s *mstate) {
			s.left.keeps--
			s.row.access = mtoken{row.refresh.grant, 100 + row.gen}
			s.row.gen++
			s.row.needs, s.row.lost = false, false
			m.written(s, true)
		})
	}
	if left.meets > 0 {
		can("meet", true, func(s *mstate) { s.left.meets--; m.written(s, false) })
	}
	if left.checks > 0 {
		can("check", true, func(s *mstate) { s.left.checks--; s.row.needs = true; m.written(s, false) })
	}
	if left.reseals > 0 && (row.owner == noOwner || row.expired) {
		can("reseal", true, func(s *mstate) {
			s.left.reseals--
			s.row.lost = row.lost || row.interrupted || row.expired
			m.written(s, true)
			s.row.owner, s.row.expired = noOwner, false
		})
	}
	if left.removes > 0 {
		can("remove", true, func(s *mstate) {
			s.left.removes--
			s.removed, s.revoking = true, true
			s.row.exists = false
		})
	}
}
