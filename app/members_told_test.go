package app

import (
	"fmt"

	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

func (e *event) cycles(n int) {
	e.t.Helper()
	cycles(e.t, e.a, n)
}

// member makes a linked lead a member on both sides.
func (e *event) member(status string) (lead, person string) {
	e.t.Helper()
	lead, person = e.couple()
	e.invites(lead, status)
	e.cycles(1)
	e.sees("at first", lead, person, status+"/"+status)
	return lead, person
}

func (e *event) settings(assign ...string) {
	e.t.Helper()
	_, err := e.a.ChangeSettings(e.t.Context(), sampleName, assign...)
	must(e.t, err)
}

// twin is the person of Marketo that a lead carries.
func (e *event) twin(lead string) (person string) {
	e.office.pair.Org().Look("Lead", lead, func(get func(string) (string, bool)) { person, _ = get("Marketo_Person_Id__c") })
	return person
}

// history fails unless the story of a lead's membership has a line of a kind.
func (e *event) history(lead, kind string) {
	e.t.Helper()
	e.told(lead, kind, "with what lost", func(line store.Event) bool { return !line.Old.IsBlank() })
}

// removalTold fails unless it says that a removal lost.
func (e *event) removalTold(lead string) {
	e.t.Helper()
	e.told(lead, "overwrote", "that says a removal lost", func(line store.Event) bool { return line.Old.IsBlank() && line.Detail == "removed" })
}

// overwritten is what the story of a person's membership tells of as overwritten.
func (e *event) overwritten(person string) (lost []string) {
	e.t.Helper()
	must(e.t, e.a.beside(e.t.Context(), sampleName, true, func(w *store.Workspace) error {
		known, err := w.Known(e.t.Context(), record.Marketo, []record.ID{member.Key(int64(e.pair.Program), record.ID(person))})
		if err != nil {
			return err
		}
		events, err := w.EventsOf(e.t.Context(), known[0].Link.ID, 50)
		for _, line := range events {
			if line.Kind == "overwrote" {
				lost = append(lost, line.Old.Text())
			}
		}
		return err
	}))
	return lost
}

func (e *event) told(lead, kind, what string, fits func(store.Event) bool) {
	e.t.Helper()
	var member string
	e.office.pair.Org().Each("CampaignMember", func(id string, get func(string) (string, bool)) bool {
		if who, _ := get("LeadId"); who == lead {
			if campaign, _ := get("CampaignId"); campaign == e.pair.Campaign {
				member = id
			}
		}
		return true
	})
	must(e.t, e.a.beside(e.t.Context(), sampleName, true, func(w *store.Workspace) error {
		known, err := w.Known(e.t.Context(), record.Salesforce, []record.ID{record.ID(member)})
		if err != nil {
			return err
		}
		events, err := w.EventsOf(e.t.Context(), known[0].Link.ID, 50)
		for _, line := range events {
			if line.Kind == kind && fits(line) {
				return err
			}
		}
		e.t.Errorf("the history of the member has no line %q %s", kind, what)
		return err
	}))
}

func (e *event) pairAgain() {
	e.t.Helper()
	_, err := e.a.LinkPair(e.t.Context(), sampleName, fmt.Sprint(e.pair.Program), e.pair.Campaign, func(PairPreview) (bool, error) { return true, nil })
	must(e.t, err)
}
