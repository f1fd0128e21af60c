package app

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// trail is what stood in people's fields when, on both sides: that of Salesforce is looked at after each call, that of Marketo is in its log.
type trail struct {
	pair *sandbox.Pair
	mu   sync.Mutex
	upTo time.Time
	gone map[string]bool               // fields that Salesforce does not have for the moment, as Lead.Title
	org  map[string]map[string][]stood // by record and field
	log  map[string]map[string][]stood // likewise, read once
}

// stood is what stands in a field from a moment on.
type stood struct {
	at   time.Time
	text string
}

// trailed are the fields of Salesforce that are followed.
var trailed = []string{
	"FirstName", "LastName", "Company", "Title", "Phone", "MobilePhone", "Fax", "Website", "Street", "City", "State", "PostalCode", "Country", "Industry",
	"LeadSource", "Rating", "Salutation", "Status", "AnnualRevenue", "NumberOfEmployees", "DoNotCall", "Description", "Lead_Score__c", "Segment__c",
	"MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry", "Department", "Birthdate", "HasOptedOutOfEmail", "Region__c", "AssistantName",
}

// lateAtMost is how long a change can be under way in Salesforce: it stands under its date only then.
const lateAtMost = 3 * time.Minute

// follow looks at what was changed in Salesforce since it looked last.
func (t *trail) follow() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.org == nil {
		t.org = map[string]map[string][]stood{}
	}
	now := t.pair.Now()
	for _, object := range []string{"Lead", "Contact"} {
		t.pair.Org().Changed(object, t.upTo, func(id string, _ bool, get func(string) (string, bool)) bool {
			all := t.org[id]
			if all == nil {
				all = map[string][]stood{}
				t.org[id] = all
			}
			for _, field := range trailed {
				if t.gone[object+"."+field] {
					continue
				}
				text, _ := get(field)
				if was := all[field]; len(was) == 0 || was[len(was)-1].text != text {
					all[field] = append(was, stood{now, text})
				}
			}
			return true
		})
	}
	t.upTo = now.Add(-lateAtMost)
}

// present says whether Salesforce has a field from now on.
func (t *trail) present(field string, is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone == nil {
		t.gone = map[string]bool{}
	}
	t.gone[field] = !is
}

// of is what stood in a field of a record, the earliest first.
func (t *trail) of(side record.Side, id, field string) []stood {
	if side == record.Salesforce {
		return t.org[id][field]
	}
	if t.log == nil {
		t.log = map[string]map[string][]stood{}
		t.pair.Instance().Changes(func(at time.Time, person, field, old, now string) {
			all := t.log[person]
			if all == nil {
				all = map[string][]stood{}
				t.log[person] = all
			}
			if len(all[field]) == 0 {
				all[field] = []stood{{text: old}}
			}
			all[field] = append(all[field], stood{at, now})
		})
	}
	return t.log[id][field]
}

// reached tells whether what somebody entered came to the other side before Doppio wrote something else in its place, or stands where it was
// entered still, or gave way to another edit of that side.
func (o *office) reached(n *noted, i int, value record.Value) bool {
	e := n.edits[i]
	if o.stands(n, e.side) == value {
		return true
	}
	same := func(text string) bool { v, err := n.field.Type.Canon(text); return err == nil && v == value }
	here := o.line.trail.of(e.side, e.id, n.field.On(e.side))
	var gone time.Time
	entered := slices.IndexFunc(here, func(s stood) bool { return !s.at.Before(e.at.Truncate(time.Second)) && same(s.text) })
	for _, s := range here[max(entered, 0):] {
		if !same(s.text) && (entered >= 0 || s.at.After(e.at)) {
			gone = s.at
			break
		}
	}
	if gone.IsZero() || slices.ContainsFunc(n.edits[i+1:], func(x edit) bool { return x.side == e.side && !x.at.After(gone.Add(time.Second)) }) {
		return true
	}
	other := e.side.Other()
	there := o.line.trail.of(other, string(n.link.On(other)), n.field.On(other))
	for k, s := range there {
		over := k+1 < len(there) && there[k+1].at.Before(e.at.Truncate(time.Second))
		if (same(s.text) || o.isOne(n, e.side, e.text, s.text)) && !over && !s.at.After(gone.Add(time.Second)) {
			return true
		}
	}
	if len(there) == 0 { // nothing was changed there: it holds what it was made with
		made := o.stands(n, other)
		return made == value || o.isOne(n, e.side, e.text, made.Text())
	}
	return false
}

// lastAgreed is what both sides held when they held the same for the last time before a moment; ok is false where they never did.
func (o *office) lastAgreed(n *noted, until time.Time) (v record.Value, ok bool) {
	sides := map[record.Side][]stood{}
	var when []time.Time
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		sides[side] = o.line.trail.of(side, string(n.link.On(side)), n.field.On(side))
		if len(sides[side]) == 0 {
			sides[side] = []stood{{text: o.stands(n, side).Text()}}
		}
		for _, s := range sides[side] {
			when = append(when, s.at)
		}
	}
	holds := func(side record.Side, at time.Time) (v record.Value) {
		for _, s := range sides[side] {
			if canon, err := n.field.Type.Canon(s.text); err == nil && !s.at.After(at) {
				v = canon
			}
		}
		return v
	}
	slices.SortFunc(when, time.Time.Compare)
	for _, at := range when {
		if at.Before(until) && holds(record.Salesforce, at) == holds(record.Marketo, at) {
			v, ok = holds(record.Marketo, at), true
		}
	}
	return v, ok
}

// isOne tells whether a rule that the field had on this day takes what one side says for what the other one does.
func (o *office) isOne(n *noted, side record.Side, here, there string) bool {
	name := fmt.Sprintf("%s.%s", n.link.Object, n.field.Salesforce)
	if _, ruled := o.edicts[name]; !ruled {
		return false
	}
	if side == record.Marketo {
		here, there = there, here
	}
	return slices.ContainsFunc(edicts, func(e edict) bool { return slices.Contains(e.fields, name) && e.alike(here, there) })
}
