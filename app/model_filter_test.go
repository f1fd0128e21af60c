package app

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
)

// passes tells whether the sync filter lets a record of Salesforce take part.
func (m *model) passes(r *modelRecord) bool { return m.settings.leaving == "" || !r.out }

// sieve freezes pairs whose record no longer passes, or parts them, and takes up again those whose record does. Nothing is believed of what
// parted halves once agreed upon.
func (m *model) sieve() {
	for _, p := range m.pairs {
		if !p.linked {
			continue
		}
		switch passes := m.passes(p.salesforce); {
		case passes && p.frozen:
			p.frozen, p.loose = false, true
		case passes || p.frozen:
		case m.settings.leaving == "frozen":
			p.frozen, p.held = true, map[string]modelHold{}
		default:
			p.linked, p.marketo, p.held, p.left = false, nil, nil, nil
		}
	}
	for _, r := range m.records {
		r.alone = r.alone && m.passes(r)
	}
}

// keptOut tells whether a person belongs to somebody whom the filter keeps out.
func (m *model) keptOut(person *modelRecord) bool {
	for _, r := range m.records {
		if !r.gone && r.object != record.Person && !m.passes(r) && m.pairOf(r) == nil && (r.carries == person || person.email() != "" && r.email() == person.email()) {
			return true
		}
	}
	return false
}

// filter sets a sync filter, or takes it away.
func (s *trial) filter(t *rapid.T) {
	s.rest(t)
	change := FilterChange{None: true}
	leaving := rapid.SampledFrom([]string{"", "frozen", "unlinked"}).Draw(t, "who leaves is")
	if leaving != "" {
		change = FilterChange{Text: "Do_Not_Sync_to_Marketo is not true\nwho leaves is " + leaving}
	}
	if leaving == s.settings.leaving {
		t.Skip("it is set already")
	}
	if _, err := s.a.SetFilter(t.Context(), sampleName, change, agree); err != nil {
		t.Fatal(Say(err))
	}
	s.settings.leaving = leaving
	t.Logf("who leaves is %q", leaving)
	s.rest(t)
}

// keepOut ticks the checkbox at which the filter looks, or unticks it.
func (s *trial) keepOut(t *rapid.T) {
	r := one(t, s.settled(record.Lead, record.Contact), "record")
	time.Sleep(time.Minute) // what is a whole cycle apart is so on both clocks
	if err := s.set(r, map[string]string{doNotSync: fmt.Sprint(!r.out)}); err != nil {
		t.Fatal(err)
	}
	s.goes(r)
	r.out, r.at = !r.out, s.pair.Now()
	t.Logf("%s %s is kept out: %t", r.object, r.id, r.out)
}
