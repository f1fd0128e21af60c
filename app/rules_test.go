package app

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// desk is a pair in virtual time with one lead who is linked with one person, among others.
type desk struct {
	*testing.T
	a            *App
	pair         *sandbox.Pair
	line         *recorder
	lead, person string
}

const deskRules = `{"rules":[
	{"name":"countries","fields":["Lead.Country","Contact.MailingCountry"],"do":["trim","blank","country"]},
	{"name":"states","fields":["Lead.State","Contact.MailingState"],"do":["trim","blank","state"]},
	{"name":"phones","fields":["Lead.Phone"],"do":["phone"]},
	{"name":"score","fields":["Lead.Lead_Score__c"],"do":[{"band":{"margin":3}}]}
]}`

// newDesk makes the pair, connects it, and syncs until nothing moves. first are the fields of the lead and of the person as they were entered.
func newDesk(t *testing.T, home string, rules string, lead, person map[string]string) *desk {
	return newDeskIn(t, home, "", rules, lead, person)
}

func newDeskIn(t *testing.T, home, scenario, rules string, lead, person map[string]string) *desk {
	pair, err := sandbox.New(sandbox.Options{People: 40, Seed: 11, Scenario: scenario})
	must(t, err)
	t.Cleanup(pair.Close)
	d := &desk{T: t, pair: pair, line: &recorder{next: pair.Transport()}}
	d.a, err = New(Options{Home: home, Secrets: SecretsMemory, Version: "rules", Transport: d.line, Now: pair.Now})
	must(t, err, connectSample(t.Context(), d.a, pair.Credentials()))
	rehearse(t, d.a)
	lead["LastName"], lead["Company"], lead["Email"] = "Regel", "Regel B.V.", "regel@example.com"
	person["lastName"], person["company"], person["email"] = "Regel", "Regel B.V.", "regel@example.com"
	d.lead, err = pair.Org().Create("Lead", lead)
	must(t, err)
	d.person, err = pair.Instance().Create(person)
	must(t, err)
	if rules != "" {
		_, err = d.a.SetRules(t.Context(), sampleName, []byte(rules))
		must(t, err)
	}
	d.settles()
	return d
}

// quiet lets a field be written once a day.
func (d *desk) quiet(field string) {
	must(d.T, d.a.within(d.Context(), sampleName, func(w *store.Workspace) error {
		m, err := mappingOf(d.Context(), w)
		if err != nil {
			return err
		}
		for _, o := range m.Objects {
			for i := range o.Fields {
				if o.Fields[i].Salesforce == field {
					o.Fields[i].Quiet = schema.QuietDay
				}
			}
		}
		return keepMapping(d.Context(), w, m, nil)
	}))
}

// settles runs cycles until one writes nothing.
func (d *desk) settles() {
	d.Helper()
	for range 6 {
		if w := d.cycle(); w.Salesforce+w.Marketo == 0 {
			return
		}
	}
	d.Fatal("after six cycles something is still written")
}

// cycle runs one cycle, five minutes after the last.
func (d *desk) cycle() cycle.Counts {
	d.Helper()
	time.Sleep(5 * time.Minute)
	r, err := d.a.Sync(d.Context(), sampleName, SyncOptions{})
	must(d.T, err)
	return r.Cycle.Writes
}

// writes is a cycle that writes so many records to each side.
func (d *desk) writes(what string, salesforce, marketo int) {
	d.Helper()
	if got := d.cycle(); got.Salesforce != salesforce || got.Marketo != marketo {
		d.Errorf("%s: %d and %d records were written, want %d and %d", what, got.Salesforce, got.Marketo, salesforce, marketo)
	}
}

func (d *desk) salesforce(field string) (v string) {
	d.pair.Org().Look("Lead", d.lead, func(get func(string) (string, bool)) { v, _ = get(field) })
	return v
}

func (d *desk) marketo(field string) (v string) {
	d.pair.Instance().Look(record.Person, d.person, func(get func(string) (string, bool)) { v, _ = get(field) })
	return v
}

func (d *desk) has(side, field, want string) {
	d.Helper()
	get := d.salesforce
	if side == "Marketo" {
		get = d.marketo
	}
	if got := get(field); got != want {
		d.Errorf("%s has %s %q, want %q", side, field, got, want)
	}
}

// TestRulesOnTheWay: both sides keep their spelling, the other gets what the rules make of it, and nothing echoes.
func TestRulesOnTheWay(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, home, deskRules,
			map[string]string{"Country": "Netherlands", "State": "Noord-Holland", "Phone": "020 123 4567", "Lead_Score__c": "26"},
			map[string]string{"country": "Holland", "state": "NH", "phone": "+31 20 1234567", "leadScore": "30"})
		d.has("Salesforce", "Country", "Netherlands")
		d.has("Salesforce", "State", "Noord-Holland")
		d.has("Marketo", "country", "Holland")
		d.has("Marketo", "state", "NH")
		d.has("Marketo", "phone", "+31 20 1234567")
		d.has("Marketo", "leadScore", "30")
		d.writes("nothing happened", 0, 0)

		must(t, d.pair.Instance().Set(d.person, map[string]string{"phone": "020 123 4567"}))
		d.writes("the same number, as one dials it there", 0, 0)
		must(t, d.pair.Org().Set(d.lead, map[string]string{"Phone": "020 765 4321"}))
		d.writes("another number", 0, 1)
		d.writes("what it replaced was known, though nobody told its country", 0, 0)
		d.has("Marketo", "phone", "+31207654321")

		must(t, d.pair.Instance().Set(d.person, map[string]string{"country": "Deutschland", "state": "Bayern"}))
		d.writes("a form was filled in", 1, 0)
		d.has("Salesforce", "Country", "Germany")
		d.has("Salesforce", "State", "Bavaria")
		d.has("Marketo", "country", "Deutschland")
		d.writes("its echo", 0, 0)

		n := len(d.line.after(0))
		must(t, d.pair.Instance().Set(d.person, map[string]string{"state": "NRW"}))
		d.writes("the state alone", 1, 0)
		d.has("Salesforce", "State", "North Rhine-Westphalia")
		together := false
		for _, call := range d.line.after(n) {
			together = together || strings.Contains(call, `"State":"North Rhine-Westphalia"`) && strings.Contains(call, `"Country":"Germany"`)
		}
		if !together {
			t.Error("the state went without its country")
		}

		must(t, d.pair.Org().Set(d.lead, map[string]string{"Country": "USA", "State": "calif."}))
		d.writes("a rep moved it", 0, 1)
		d.has("Marketo", "country", "United States")
		d.has("Marketo", "state", "California")
		d.has("Salesforce", "Country", "USA")
		d.writes("its echo", 0, 0)

		must(t, d.pair.Instance().Set(d.person, map[string]string{"country": "U.S.A.", "phone": "n/a", "leadScore": "48"}))
		d.writes("spelled otherwise, and no number", 1, 0)
		d.has("Salesforce", "Country", "USA")
		d.has("Salesforce", "Phone", "n/a") // no rule of phones empties it here
		for _, step := range []struct {
			score, band string
			writes      int
		}{{"52", "26", 0}, {"53", "26", 0}, {"54", "51", 1}, {"49", "51", 0}, {"47", "26", 1}, {"999", "76", 1}} {
			must(t, d.pair.Instance().Set(d.person, map[string]string{"leadScore": step.score}))
			d.writes("score "+step.score, step.writes, 0)
			d.has("Salesforce", "Lead_Score__c", step.band)
			d.has("Marketo", "leadScore", step.score)
		}
		must(t, d.pair.Org().Set(d.lead, map[string]string{"Lead_Score__c": "3"}))
		d.settles()
		d.has("Marketo", "leadScore", "999") // nobody makes a number of a band
	})
}

// TestPlacesOfAPicklist: an org with State and Country/Territory Picklists gets its own entries, both together, and nothing that it would
// refuse the whole record for.
func TestPlacesOfAPicklist(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskIn(t, home, sandbox.Strict, deskRules, map[string]string{"CountryCode": "NL"}, map[string]string{"country": "Holland"})
		for _, step := range []struct{ country, state, label, of string }{
			{"U.S.A.", "Calif.", "United States", "California"},
			{"", "TX", "United States", "Texas"}, // the state alone: its country goes with it
			{"Kanada", "Québec", "Canada", "Quebec"},
			{"South Korea", "", "Korea, Republic of", ""}, // as the org calls it
			{"Deutschland", "Bayern", "Germany", ""},      // no states are offered there
			{"usa", "ny", "United States", "New York"},
		} {
			fields := map[string]string{"state": step.state}
			if step.country != "" {
				fields["country"] = step.country
			}
			must(t, d.pair.Instance().Set(d.person, fields))
			d.writes(step.country+" "+step.state, 1, 0)
			d.has("Salesforce", "Country", step.label)
			d.has("Salesforce", "State", step.of)
			if k := linkOf(t, d.a, d.lead); len(k.Out) > 0 || len(k.Holds) > 0 {
				t.Errorf("%s %s is not over: %v %v", step.country, step.state, k.Out, k.Holds)
			}
			d.writes("its echo", 0, 0)
		}
		d.has("Salesforce", "StateCode", "NY")
	})
}

// TestANewRuleIsForWhatChanges: nothing is written because a rule was set, what was refused is tried again by it, and a mistake keeps the
// rules that were there.
func TestANewRuleIsForWhatChanges(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		d := newDesk(t, home, "", map[string]string{"Country": "usa", "Title": "Buyer"}, map[string]string{"country": "usa", "title": "Buyer"})
		_, err := d.a.SetRules(ctx, sampleName, []byte(deskRules))
		must(t, err)
		d.writes("a rule was set", 0, 0)
		must(t, d.pair.Org().Set(d.lead, map[string]string{"Title": "Head of buying"}))
		d.writes("another field changed", 0, 1)
		d.has("Marketo", "country", "usa")
		must(t, d.pair.Org().Set(d.lead, map[string]string{"Country": "u.s.a."}))
		d.writes("the country is typed anew", 0, 1)
		d.has("Marketo", "country", "United States")

		if _, err := d.a.SetRules(ctx, sampleName, []byte(`{"rules":[{"name":"x","fields":["Lead.Nope"],"do":["trim"]}]}`)); err == nil || !strings.Contains(err.Error(), "rules[0].fields[0]") {
			t.Errorf("a wrong file gives %v", err)
		}
		list, err := d.a.Rules(ctx, sampleName)
		must(t, err)
		if len(list.Rules) < 4 || list.Rules[0].Name != "countries" || len(list.Rules[0].Fields) != 2 {
			t.Errorf("the rules are %+v", list)
		}
		p, err := d.a.PreviewRules(ctx, sampleName, []byte(deskRules), true)
		must(t, err)
		changed := 0
		for _, r := range p.Rules {
			changed += r.Changed
			if len(r.Examples) == 0 && r.Changed > 0 || r.Changed > r.Values {
				t.Errorf("the preview says %+v", r)
			}
		}
		if changed == 0 || p.Read[record.Salesforce] == 0 || p.Read[record.Marketo] == 0 {
			t.Errorf("the preview saw nothing: %+v", p)
		}
	})
}

// TestARuleDecides: what is held because both sides spell it otherwise is one by a rule that is set since, and nobody has to decide.
func TestARuleDecides(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		d := newDesk(t, home, "", map[string]string{"Country": "France"}, map[string]string{"country": "France"})
		_, err := d.a.ChangeSettings(ctx, sampleName, "conflicts=hold")
		must(t, err)
		must(t, d.pair.Org().Set(d.lead, map[string]string{"Country": "Germany"}))
		must(t, d.pair.Instance().Set(d.person, map[string]string{"country": "Deutschland"}))
		d.settles()
		if holds, err := d.a.Holds(ctx, sampleName); err != nil || len(holds) != 1 {
			t.Fatalf("held are %+v, %v", holds, err)
		}
		_, err = d.a.SetRules(ctx, sampleName, []byte(deskRules))
		must(t, err)
		d.settles()
		if holds, err := d.a.Holds(ctx, sampleName); err != nil || len(holds) != 0 {
			t.Errorf("still held are %+v, %v", holds, err)
		}
		d.has("Marketo", "country", "Deutschland")
	})
}

// TestQuietField: ten changes of a quiet field are one write, when its day is over; another change takes it along at once; who asks now
// does not wait.
func TestQuietField(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		d := newDesk(t, home, "", map[string]string{"Lead_Score__c": "1"}, map[string]string{"leadScore": "1"})
		d.quiet("Lead_Score__c")
		score := func(n string) { must(t, d.pair.Instance().Set(d.person, map[string]string{"leadScore": n})) }
		for _, n := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
			score(n)
			d.writes("score "+n, 0, 0)
		}
		e, err := d.a.Explain(ctx, sampleName, d.lead)
		must(t, err)
		if len(e.Waiting) != 1 || e.Waiting[0].State != "resting" || !strings.Contains(e.Waiting[0].Sentence, "waits until") || !e.Waiting[0].Until.After(d.pair.Now()) {
			t.Errorf("explain says %+v", e.Waiting)
		}
		midnight := e.Waiting[0].Until
		time.Sleep(midnight.Sub(d.pair.Now()) - 6*time.Minute)
		score("12") // a field that never stops is written all the same
		d.writes("just before midnight", 0, 0)
		d.writes("the day is over", 1, 0)
		d.has("Salesforce", "Lead_Score__c", "12")

		score("13")
		d.writes("the next day", 0, 0)
		must(t, d.pair.Instance().Set(d.person, map[string]string{"title": "Buyer"}))
		d.writes("another field takes it along", 1, 0)
		d.has("Salesforce", "Lead_Score__c", "13")

		score("14")
		d.writes("again", 0, 0)
		score("13")
		d.writes("and back", 0, 0)
		if s, err := d.a.Status(ctx, sampleName); err != nil || s.Backlog.sum() != 0 {
			t.Errorf("what went back still waits: %+v, %v", s.Backlog, err)
		}

		score("15")
		d.writes("once more", 0, 0)
		_, err = d.a.Sync(ctx, sampleName, SyncOptions{Now: []string{d.lead}, NowOnly: true})
		must(t, err)
		d.has("Salesforce", "Lead_Score__c", "15")
	})
}

// TestQuietFieldIsPutRight: what one side changed in vain is put right by the rules, also where the other one, which says what it said before
// there were any, is read before that is written.
func TestQuietFieldIsPutRight(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, home, "", map[string]string{"Lead_Score__c": "30"}, map[string]string{"leadScore": "30"})
		_, err := d.a.SetRules(t.Context(), sampleName, []byte(deskRules))
		must(t, err)
		d.quiet("Lead_Score__c")
		must(t, d.pair.Org().Set(d.lead, map[string]string{"Lead_Score__c": "168"}))
		d.writes("a rep changed it", 0, 0)
		must(t, d.pair.Instance().Set(d.person, map[string]string{"title": "Buyer"}))
		d.writes("another field takes it along", 1, 0)
		d.has("Salesforce", "Lead_Score__c", "26")
	})
}

// TestQuietMassChangeTripsTheBrake: that a change would be written later makes it no smaller. It waits for a person's word like any other.
func TestQuietMassChangeTripsTheBrake(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		d := newDesk(t, home, "", map[string]string{}, map[string]string{})
		d.quiet("Lead_Score__c")
		_, err := d.a.ChangeSettings(ctx, sampleName, "brake_records=10")
		must(t, err)
		var everybody []string
		d.pair.Instance().Each(record.Person, func(id string, _ func(string) (string, bool)) bool {
			everybody = append(everybody, id)
			return true
		})
		for _, id := range everybody {
			must(t, d.pair.Instance().Set(id, map[string]string{"leadScore": "77"}))
		}
		for range 2 {
			time.Sleep(5 * time.Minute)
			before := d.pair.Journal().Salesforce.Writes
			var brake *cycle.BrakeError
			if _, err := d.a.Sync(ctx, sampleName, SyncOptions{}); !errors.As(err, &brake) || d.pair.Journal().Salesforce.Writes != before {
				t.Fatalf("a mass change of a quiet field ends with %v", err)
			}
		}
		_, err = d.a.Sync(ctx, sampleName, SyncOptions{Resume: true})
		must(t, err)
		d.has("Salesforce", "Lead_Score__c", "77")
	})
}
