package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// What a deletion does on the other side is as the workspace says: a flag that goes again when the record comes back, nothing, or a
// deletion, of people and leads but never of contacts.
func TestADeletionDoesWhatTheWorkspaceSays(t *testing.T) {
	for _, rule := range []string{"mark", "unlink", "delete"} {
		t.Run(rule, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := newTown(t, home, "deletes="+rule)
				s.must(s.pair.Instance().AddField(schema.GoneInSalesforceField, "SFDC Is Deleted", "boolean"))
				for _, object := range []string{"Lead", "Contact"} {
					s.pair.Org().SetFieldPresent(object+"."+schema.GoneInMarketoField, true)
				}
				here, there, stays := s.born(tale{}), s.born(tale{}), s.born(tale{second: "Contact"})
				s.sync()
				s.sync()
				for _, l := range []*life{here, there, stays} {
					l.find()
				}
				s.must(s.pair.Org().Delete(here.lead))
				s.must(s.pair.Instance().Delete(there.person))
				s.must(s.pair.Instance().Delete(stays.fellow))
				s.sync()
				flag, person := s.marketo(here.person, schema.GoneInSalesforceField)
				if want := rule != "delete"; person != want || person && (flag == "true") != (rule == "mark") {
					t.Errorf("the person of a deleted lead: there %v, flag %q", person, flag)
				}
				flag, lead := s.salesforce(there.lead, schema.GoneInMarketoField)
				if want := rule != "delete"; lead != want || lead && (flag == "true") != (rule == "mark") {
					t.Errorf("the lead of a deleted person: there %v, flag %q", lead, flag)
				}
				flag, contact := s.salesforce(stays.other, schema.GoneInMarketoField)
				if !contact || (flag == "true") == (rule == "unlink") {
					t.Errorf("the contact of a deleted person: there %v, flag %q", contact, flag)
				}
				time.Sleep(time.Hour) // the log of deletions is read again
				before := s.pair.Journal()
				s.sync()
				for _, side := range []record.Side{record.Salesforce, record.Marketo} {
					if n := s.pair.Journal().Of(side).Writes - before.Of(side).Writes; n != 0 {
						t.Errorf("what was deleted an hour ago made %d writes in %s", n, side)
					}
				}
				s.must(s.pair.Org().Undelete(here.lead))
				s.sync()
				s.sync()
				here.is, _ = s.salesforce(here.lead, schema.MarketoIDField)
				if k, _ := here.link(here.lead); string(k.Link.Marketo) != here.is || here.is == "" {
					t.Errorf("the lead that came back is linked with %q and names %q", k.Link.Marketo, here.is)
				}
				if flag, back := s.marketo(here.is, schema.GoneInSalesforceField); !back || flag == "true" {
					t.Errorf("the person of the lead that came back: there %v, flag %q", back, flag)
				}
			})
		})
	}
}

// Two people whose leads were merged are merged in Marketo too, where the workspace says so.
func TestPeopleAreMergedWhereTheWorkspaceSaysSo(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "merges=marketo")
		l := s.born(tale{second: "Lead"})
		s.sync()
		s.sync()
		l.find()
		s.set(l.lead, "Title", "Told early")
		s.sync()
		l.mergeInto(l.other)
		l.ids, l.is = append(l.ids, l.is), l.fellow
		before := s.pair.Journal().Of(record.Marketo).Writes
		for range 3 {
			s.sync()
		}
		if s.pair.Journal().Of(record.Marketo).Writes == before {
			t.Error("nobody was merged")
		}
		l.judge(t.Errorf)
	})
}
