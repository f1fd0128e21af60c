package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// Explanation is what became of a person, and why.
type Explanation struct {
	Person   ExplainedPerson  `json:"person"`
	Linked   bool             `json:"linked"`
	Filter   ExplainedFilter  `json:"filter"`
	Waiting  []ExplainedWait  `json:"waiting"`
	History  []ExplainedEvent `json:"history"`
	Sentence string           `json:"sentence"`
	// Programs are the memberships in linked programs and campaigns.
	Programs []ExplainedMember `json:"programs,omitempty"`
	// Left is what a person left alone, and nothing waits for any more.
	Left []ExplainedLeft `json:"left_alone,omitempty"`
}

// ExplainedLeft is a decision that was left alone: both sides keep what they have.
type ExplainedLeft struct {
	Field    string    `json:"field,omitempty"` // empty: who the record is
	Values   *Values   `json:"values,omitempty"`
	Since    time.Time `json:"since"`
	Sentence string    `json:"sentence"`
}

// ExplainedMember is a person in a linked program and campaign.
type ExplainedMember struct {
	Program  string           `json:"program"`
	Campaign string           `json:"campaign"`
	Member   bool             `json:"member"` // on both sides, or about to be
	Waiting  []ExplainedWait  `json:"waiting,omitempty"`
	History  []ExplainedEvent `json:"history,omitempty"`
}

// ExplainedPerson names the records.
type ExplainedPerson struct {
	Object     record.Object `json:"object,omitempty"`
	Salesforce record.ID     `json:"salesforce,omitempty"`
	Marketo    record.ID     `json:"marketo,omitempty"`
}

// ExplainedFilter says whether the person takes part.
type ExplainedFilter struct {
	Passes  bool   `json:"passes"`
	Because string `json:"because"`
}

// ExplainedWait is one thing that the person waits for.
type ExplainedWait struct {
	Side     record.Side `json:"side,omitempty"`
	Fields   []string    `json:"fields,omitempty"`
	State    string      `json:"state"`
	Until    time.Time   `json:"until,omitzero"` // the end of the quiet time of which it waits
	Sentence string      `json:"sentence"`
}

// ExplainedEvent is one line of the person's history.
type ExplainedEvent struct {
	ID       int64       `json:"id"`
	At       time.Time   `json:"at"`
	Cycle    int64       `json:"cycle"`
	Side     record.Side `json:"side"`
	Kind     string      `json:"kind"`
	Field    string      `json:"field,omitempty"`
	Old      string      `json:"old,omitempty"`
	New      string      `json:"new,omitempty"`
	Sentence string      `json:"sentence"`
}

// eventsAtMost is how many lines of history are told.
const eventsAtMost = 100

// Explain says of a person, named by address or id: linked or not, what waits, what happened.
func (a *App) Explain(ctx context.Context, name, who string) (e Explanation, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		e, err = explain(ctx, w, who, a.world.now())
		return err
	})
	return e, err
}

func explain(ctx context.Context, w *store.Workspace, who string, now time.Time) (Explanation, error) {
	links, err := w.FindPerson(ctx, who)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Waiting: []ExplainedWait{}, History: []ExplainedEvent{}, Filter: ExplainedFilter{Passes: true, Because: "no sync filter is set"}}
	if len(links) == 0 {
		e.Filter = ExplainedFilter{Because: "nobody is known by this address or id"}
		e.Sentence = "Nobody is known by this address or id. Either the person is in neither system, or no cycle has run since it came."
		return e, nil
	}
	link := links[0]
	for _, l := range links { // several share an address: the linked one is meant first
		if l.State == cycle.Linked && link.State != cycle.Linked || l.State == cycle.Frozen && link.State != cycle.Linked {
			link = l
		}
	}
	known, err := w.KnownLinks(ctx, []cycle.LinkID{link.ID})
	if err != nil {
		return Explanation{}, err
	}
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return Explanation{}, err
	}
	mapping = cycle.Shown(mapping)
	makers, err := makerNames(ctx, w)
	if err != nil {
		return Explanation{}, err
	}
	k := known[0]
	e.Person = ExplainedPerson{link.Object, link.Salesforce, link.Marketo}
	e.Linked = link.State == cycle.Linked
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if row := k.Out[side]; row != nil {
			e.Waiting = append(e.Waiting, explainRow(*row, func(n uint16) string { return fieldName(mapping, link.Object, n) })...)
		}
	}
	for _, h := range k.Holds {
		switch d := describeHold(h, link, mapping, makers); {
		case h.Cause == cycle.Separate:
		case h.Skipped:
			e.Left = append(e.Left, leftAlone(d))
		default:
			e.Waiting = append(e.Waiting, ExplainedWait{State: "held", Sentence: d.Sentence})
		}
	}
	if err := e.addWhy(ctx, w, k, now); err != nil {
		return Explanation{}, err
	}
	events, err := w.EventsOf(ctx, link.ID, eventsAtMost)
	if err != nil {
		return Explanation{}, err
	}
	kept, err := keptFilter(ctx, w)
	if err != nil {
		return Explanation{}, err
	}
	e.Filter = explainFilter(kept, link, events)
	moved := map[int64]bool{} // the cycles that linked the person with what its record became
	for _, event := range events {
		if event.Kind == "linked" && linkedBecause[event.Detail] != "" {
			moved[event.Cycle] = true
		}
	}
	for _, event := range events {
		if event.Kind == "held" && event.Detail == "taken" && moved[event.Cycle] {
			continue // the record was read before what it came from: nobody could have decided
		}
		object := link.Object
		if event.Object != "" { // it was a lead then
			object = event.Object
		}
		e.History = append(e.History, explainEvent(event, fieldName(mapping, object, event.Field)))
	}
	if e.Programs, err = explainMembers(ctx, w, link); err != nil {
		return Explanation{}, err
	}
	settings, err := settingsOf(ctx, w)
	if err != nil {
		return Explanation{}, err
	}
	e.Sentence = e.say(link, len(links), k.Follows, settings.CreateInSalesforce)
	return e, nil
}

func explainEvent(e store.Event, field string) ExplainedEvent {
	out := ExplainedEvent{ID: e.ID, At: e.At.UTC(), Cycle: e.Cycle, Side: e.Side, Kind: e.Kind, Old: e.Old.Text(), New: e.New.Text()}
	if e.Field != cycle.NoField {
		out.Field = field
	}
	in := sideName(e.Side)
	switch e.Kind {
	case "linked":
		out.Sentence = linkedBecause[e.Detail]
		if out.Sentence == "" {
			out.Sentence = "Linked."
		}
	case "created":
		out.Sentence = fmt.Sprintf("Created in %s.", in)
	case "changed":
		out.Sentence = fmt.Sprintf("%s was changed in %s.", out.Field, in)
	case "written":
		out.Sentence = fmt.Sprintf("%s was written to %s.", out.Field, in)
	case "overwrote":
		out.Sentence = fmt.Sprintf("%s in %s was overwritten; the value that was there is kept here.", out.Field, in)
	case "audited":
		out.Sentence = fmt.Sprintf("An audit found that %s differed without a reason; it was to be written to %s.", out.Field, in)
		if out.Field == "" {
			out.Sentence = fmt.Sprintf("An audit found that the record in %s had lost the id of its twin.", in)
		}
	case "undone":
		out.Sentence = fmt.Sprintf("%s was put back: change %s was taken back by a person.", out.Field, e.Detail)
	case "planned":
		out.Sentence = fmt.Sprintf("%s is to be put back in %s.", out.Field, in)
	case "resolved":
		out.Sentence = "A person left the decision alone."
		switch {
		case e.Detail == "left alone" && e.Field != cycle.NoField:
			out.Sentence = fmt.Sprintf("A person left %s alone: what Salesforce had was not written to Marketo, nor the other way round.", out.Field)
		case e.Detail == "left alone":
		case e.Field == cycle.NoField:
			out.Sentence = "A person decided who it is."
		default:
			out.Sentence = fmt.Sprintf("A person decided about %s: it is to be written to %s.", out.Field, in)
		}
	case "held":
		out.Sentence = "It waited for a person's decision: " + CauseSentence(e.Detail).Text
	case "failed":
		out.Sentence = explainCause(e.Side, "", e.Detail).Sentence().Text
		if out.Field != "" {
			out.Sentence = fmt.Sprintf("%s was refused by %s: %s", out.Field, in, out.Sentence)
		}
	case "filtered":
		out.Sentence = "The sync filter keeps the record out."
	case "frozen":
		out.Sentence = "Frozen: the record no longer passes the sync filter. The link is kept, and nothing travels until it passes again."
	case "thawed":
		out.Sentence = "The record passes the sync filter again; both sides were compared afresh."
	case "unlinked":
		out.Sentence = "Unlinked."
		if e.Detail == "decided" {
			out.Sentence = "Unlinked: a person linked its twin with another record."
		}
		if _, _, byFilter := cycle.Because(e.Detail); byFilter {
			out.Sentence = "Unlinked: the record no longer passes the sync filter. Both records stay as they are."
		}
	case "deleted":
		out.Sentence = fmt.Sprintf("The record in %s is gone: %s.", in, e.Detail)
	case "dropped":
		out.Sentence = fmt.Sprintf("The change of %s was not written to %s: a contact has no such field.", out.Field, in)
	case "merged":
		out.Sentence = fmt.Sprintf("Merged in %s %s.", in, e.Detail)
	case "joined":
		out.Sentence = fmt.Sprintf("%s became part of this record in %s; what happened to it before is told under that id.", e.Detail, in)
	case "ticked":
		out.Sentence = "Ticked in Marketo as one whom the sync filter keeps out."
	case "unticked":
		out.Sentence = "No longer ticked in Marketo as one whom the sync filter keeps out."
	case "marked":
		out.Sentence = fmt.Sprintf("Marked in %s: the record on the other side is gone.", in)
		if e.Detail == "false" {
			out.Sentence = fmt.Sprintf("No longer marked in %s: the record on the other side is back.", in)
		}
	default:
		out.Sentence = e.Kind + "."
	}
	return out
}

// leftAlone says what was left alone, and until when.
func leftAlone(h Hold) ExplainedLeft {
	l := ExplainedLeft{Field: h.Field, Values: h.Values, Since: h.Since}
	since := h.Since.Local().Format("15:04 on 2 January")
	if h.Cause == cycle.KeptID {
		l.Sentence = h.Sentence
		return l
	}
	if l.Sentence = fmt.Sprintf("A person left it alone at %s: %s", since, h.Sentence); h.Field != "" {
		l.Sentence = fmt.Sprintf("%s was left alone by a person at %s: Salesforce keeps %q and Marketo %q until one of them is changed again.", h.Field, since, h.Values.Salesforce, h.Values.Marketo)
	}
	return l
}

// linkedBecause says why a link came about, by the detail of its event.
var linkedBecause = map[string]string{
	"converted": "The lead was converted; the person is linked with the contact now.",
	"merged":    "Records were merged; the person is linked with the one that remained.",
	"undeleted": "The record was taken back; the person is linked with it again.",
}

// say is the one sentence. enters tells whether leads are made of people who are in Marketo only.
func (e Explanation) say(l cycle.Link, sharing int, follows []record.ID, enters bool) string {
	if !l.Object.IsPerson() {
		return e.sayTwin(l, follows)
	}
	var s string
	switch l.State {
	case cycle.Linked:
		s = fmt.Sprintf("%s %s and Marketo person %s are linked", l.Object, l.Salesforce, l.Marketo)
	case cycle.Creating:
		s = fmt.Sprintf("%s %s is to be created in the other system", l.Object, firstID(l))
	case cycle.Frozen:
		s = fmt.Sprintf("%s %s and Marketo person %s are linked, and frozen by the sync filter: nothing travels, because %s", l.Object, l.Salesforce, l.Marketo, e.Filter.Because)
	case cycle.Filtered:
		s = fmt.Sprintf("%s %s takes no part: the sync filter keeps it out, because %s", l.Object, l.Salesforce, e.Filter.Because)
	case cycle.Ended:
		s = e.ended(l)
	default:
		s = fmt.Sprintf("%s %s is in %s only", l.Object, firstID(l), sideName(l.Object.Side()))
		if l.Salesforce == "" && !enters && len(e.Waiting) == 0 && sharing == 1 {
			s += ": this workspace makes no leads of such people (create_in_salesforce), and links a record that comes with the same address"
		}
	}
	switch n := len(e.Waiting); {
	case n == 0 && l.State == cycle.Linked:
		s += ", and nothing waits."
		if len(e.Left) > 0 {
			s += " " + e.Left[0].Sentence
		}
	case n == 0:
		s += "."
	default:
		s += ". " + e.Waiting[0].Sentence
	}
	if sharing > 1 {
		s += fmt.Sprintf(" The address is on %d records.", sharing)
	}
	return s
}

// sayTwin is the one sentence about a record that Marketo is only given. follows are the records that it depends on.
func (e Explanation) sayTwin(l cycle.Link, follows []record.ID) string {
	s := fmt.Sprintf("%s %s", l.Object.Words(), firstID(l))
	switch l.State {
	case cycle.Linked:
		s += " is in Marketo"
	case cycle.Creating:
		s += " is about to be created in Marketo"
	case cycle.Ended:
		s += " was removed in Salesforce, and what stood for it in Marketo goes with it"
	default:
		s += " is not in Marketo"
		if len(follows) > 0 {
			names := make([]string, len(follows))
			for i, id := range follows {
				names[i] = string(id)
			}
			s += fmt.Sprintf(": it waits until what it belongs to is there (%s)", strings.Join(names, ", "))
		}
	}
	if len(e.Waiting) > 0 {
		return s + ". " + e.Waiting[0].Sentence
	}
	return s + "."
}

// ended says why a pair is none any more.
func (e Explanation) ended(l cycle.Link) string {
	switch {
	case l.Salesforce == "":
		return fmt.Sprintf("Marketo person %s was linked until its record in Salesforce became another one", l.Marketo)
	case l.Marketo == "":
		return fmt.Sprintf("%s %s was linked until its person in Marketo was deleted or merged; it stays in Salesforce and is not made again", l.Object, l.Salesforce)
	}
	return fmt.Sprintf("%s %s was linked until it was deleted or merged in Salesforce", l.Object, l.Salesforce)
}
