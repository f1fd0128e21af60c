package app

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// An audit finds what the feeds missed, says so, and has it repaired; it happens once a day, between cycles only, and finds nothing on a
// pair that is in step.
func TestAnAuditFindsWhatNobodyToldOf(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		missed, known := s.born(tale{}), s.born(tale{})
		cycle := func(spare bool) *AuditResult {
			t.Helper()
			session, err := s.a.openSession(t.Context(), sampleName)
			s.must(err)
			_, err = session.once(t.Context(), SyncOptions{Spare: spare})
			s.must(errors.Join(err, session.Close()))
			time.Sleep(betweenCycles)
			status, err := s.a.Status(t.Context(), sampleName)
			s.must(err)
			return status.Audit
		}
		cycle(true) // the first sync is no time for it
		if a := cycle(false); a != nil {
			t.Errorf("a single cycle audited %+v", a)
		}
		missed.find()
		known.find()
		time.Sleep(time.Hour)
		first := cycle(true)
		if first == nil || first.Pairs < 25 || first.Clean != first.Pairs {
			t.Fatalf("a pair in step: %+v", first)
		}
		s.set(missed.lead, "Title", "Missed")
		s.blind()
		if a := cycle(true); *a != *first {
			t.Errorf("an audit on the same day: %+v, it was %+v", a, first)
		}
		time.Sleep(25 * time.Hour)
		s.set(known.lead, "Title", "Told in time")
		a := cycle(true)
		if dirty := a.Pairs - a.Clean; dirty != 1 {
			t.Errorf("%d pairs differed of %d", dirty, a.Pairs)
		}
		cycle(false)
		if title, _ := s.marketo(missed.person, "title"); title != "Missed" {
			t.Errorf("Marketo holds %q", title)
		}
		e, err := s.a.Explain(t.Context(), sampleName, missed.email)
		s.must(err)
		told := false
		for _, h := range e.History {
			told = told || h.Kind == "audited" && h.Field == "Title"
		}
		if !told {
			t.Error("the history does not tell of it")
		}
	})
}
