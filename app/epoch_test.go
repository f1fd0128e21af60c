package app

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// When the cursors no longer tell the whole story, everybody is compared afresh: what changed unseen arrives, who went unseen is noticed, and
// where Salesforce may be the older one, nothing is overwritten without a word.
func TestEverybodyIsComparedAfreshWhenTheCursorsDoNotTell(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(s *town)
		old     bool // Salesforce may be older than what was agreed upon
	}{
		"Marketo forgot its tokens": {happens: func(s *town) { s.pair.Instance().ForgetTokens() }},
		"a long pause":              {happens: func(s *town) { time.Sleep(20 * 24 * time.Hour) }},
		"a long pause of Salesforce alone": {happens: func(s *town) {
			time.Sleep(20 * 24 * time.Hour)
			s.readMarketoUntil(s.pair.Now())
		}},
		"a backup was put back": {happens: func(s *town) { s.within(func(w *store.Workspace) error { return s.a.distrust(s.t.Context(), w) }) }},
		"a cursor in the future": {old: true, happens: func(s *town) {
			s.forge("salesforce.Lead", `{"stamp":"`+s.pair.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`)
		}},
		"another org": {old: true, happens: func(s *town) {
			s.within(func(w *store.Workspace) error { return w.SetSetting(s.t.Context(), metaOrg, "00D000000000001EAA") })
			if _, err := s.a.Sync(s.t.Context(), sampleName, SyncOptions{}); !errors.Is(err, ErrOtherOrg) || ExitCode(err) != ExitBrake {
				s.t.Errorf("another org: %v", err)
			}
			if _, err := s.a.Sync(s.t.Context(), sampleName, SyncOptions{Resume: true}); err != nil {
				s.t.Error(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := newTown(t, home, "")
				unseen, gone, edited := s.born(tale{}), s.born(tale{}), s.born(tale{})
				s.sync()
				s.sync()
				for _, l := range []*life{unseen, gone, edited} {
					l.find()
				}
				s.set(unseen.lead, "Title", "Seen by nobody")
				s.must(s.pair.Instance().Delete(gone.person))
				s.setPerson(edited.person, "title", "Typed in Marketo")
				s.blind() // the feeds are past all that
				c.happens(s)
				for range 3 {
					s.sync()
				}
				if title, _ := s.salesforce(edited.lead, "Title"); title != "Typed in Marketo" {
					t.Errorf("an edit in Marketo: Salesforce holds %q", title)
				}
				sales, _ := s.salesforce(unseen.lead, "Title")
				marketing, _ := s.marketo(unseen.person, "title")
				_, events := unseen.link(unseen.lead)
				told := false
				for _, e := range events {
					told = told || e.Kind == "overwrote" && e.Old.Text() == "Seen by nobody"
				}
				if kept := sales == "Seen by nobody" && marketing == sales; kept == c.old || told != c.old {
					t.Errorf("an edit in Salesforce: %q there and %q in Marketo, told as overwritten: %v", sales, marketing, told)
				}
				if k, _ := gone.link(gone.lead); k.Link.State != cycle.Ended {
					t.Errorf("the link of a person who is gone is in state %d", k.Link.State)
				}
				before := s.pair.Journal()
				s.sync()
				for _, side := range []record.Side{record.Salesforce, record.Marketo} {
					if n := s.pair.Journal().Of(side).Writes - before.Of(side).Writes; n != 0 {
						t.Errorf("a quiet pair was written to: %d records in %s", n, side)
					}
				}
			})
		})
	}
}

func (s *town) within(do func(*store.Workspace) error) {
	s.t.Helper()
	s.must(s.a.within(s.t.Context(), sampleName, do))
}

// forge puts a feed's cursor elsewhere.
func (s *town) forge(feed, cursor string) {
	s.t.Helper()
	s.within(func(w *store.Workspace) error {
		from, err := w.Cursor(s.t.Context(), feed)
		if err != nil {
			return err
		}
		return w.CommitPage(s.t.Context(), cycle.Page{Feed: feed, From: from, To: cycle.Cursor(cursor)})
	})
}

// blind moves the feeds past what happened, as if they had been read.
func (s *town) blind() {
	s.t.Helper()
	time.Sleep(time.Minute)
	stamp := s.pair.Now().UTC().Format(time.RFC3339)
	for _, object := range []record.Object{record.Lead, record.Contact} {
		s.forge("salesforce."+string(object), `{"stamp":"`+stamp+`","through":"`+stamp+`"}`)
	}
	s.readMarketoUntil(s.pair.Now())
	time.Sleep(10 * time.Minute)
}

// readMarketoUntil moves the feeds of Marketo to a time, as if they had been read up to there.
func (s *town) readMarketoUntil(at time.Time) {
	s.t.Helper()
	stamp, token := at.UTC().Format(time.RFC3339), s.token(at)
	for _, feed := range []string{"marketo.people", "marketo.deleted"} {
		s.forge(feed, `{"token":"`+token+`","at":"`+stamp+`","hourly":"`+stamp+`","server":"`+stamp+`"}`)
	}
}

// token is the place of a time in Marketo's log.
func (s *town) token(at time.Time) (token string) {
	s.t.Helper()
	session, err := s.a.openSession(s.t.Context(), sampleName)
	s.must(err)
	token, err = session.mk.PagingToken(s.t.Context(), at)
	s.must(errors.Join(err, session.Close()))
	return token
}
