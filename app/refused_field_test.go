package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// odd is a field of a lead and its person of which one side refuses a value.
type odd struct {
	lead, person string
	text         string
	at           record.Side // that refuses
	code         string
	refuses      func(*org.Org)
	takes        func(*org.Org)
}

// odds are refusals of both sides that name their field.
var odds = map[string]odd{
	"too long": {lead: "FirstName", person: "firstName", text: strings.Repeat("too long ", 5), at: record.Salesforce, code: "STRING_TOO_LONG",
		takes: func(o *org.Org) { o.AlterField("Lead.FirstName", org.Alteration{Length: 80}) }},
	"not in the picklist": {lead: "Segment__c", person: "segment", text: "Nowhere", at: record.Salesforce, code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
	"against a validation rule": {lead: "Title", person: "title", text: "Against the rule", at: record.Salesforce, code: "FIELD_CUSTOM_VALIDATION_EXCEPTION",
		refuses: func(o *org.Org) {
			o.SetRules(org.Rules{Validations: []org.Validation{{Object: "Lead", Field: "Title", Contains: "Against", Message: "No.", OnField: true}}})
		},
		takes: func(o *org.Org) { o.SetRules(org.Rules{}) }},
	"read only": {lead: "Title", person: "title", text: "Not to be edited", at: record.Salesforce, code: "INVALID_FIELD_FOR_INSERT_UPDATE",
		refuses: func(o *org.Org) { o.SetFieldAccess("Lead.Title", true, false) }},
	"longer than Marketo takes": {lead: "Title", person: "title", text: strings.Repeat("long", 100), at: record.Marketo, code: "1003",
		refuses: func(o *org.Org) { o.AlterField("Lead.Title", org.Alteration{Length: 500}) }},
}

// doubtful is a lead and its person in a town, one of whose fields is refused.
type doubtful struct {
	*town
	odd
	lead, person string
}

// enters has the odd value entered where it may be, and another one beside it.
func (d *doubtful) enters(text, city string) {
	d.t.Helper()
	if d.at == record.Salesforce {
		d.must(d.pair.Instance().Set(d.person, map[string]string{d.odd.person: text, "city": city}))
		return
	}
	d.must(d.pair.Org().Set(d.lead, map[string]string{d.odd.lead: text, "City": city}))
}

// stands fails unless the other side holds these.
func (d *doubtful) stands(text, city string) {
	d.t.Helper()
	is, _ := d.salesforce(d.lead, d.odd.lead)
	in, _ := d.salesforce(d.lead, "City")
	if d.at == record.Marketo {
		is, _ = d.marketo(d.person, d.odd.person)
		in, _ = d.marketo(d.person, "city")
	}
	if is != text || in != city {
		d.t.Errorf("%s has %q and %q, wanted %q and %q", d.at, is, in, text, city)
	}
}

// fails fails unless the field, and nothing else, is told as refused; or, without, unless nothing is.
func (d *doubtful) fails(refused bool) {
	d.t.Helper()
	ctx := d.t.Context()
	groups, err := d.a.Failures(ctx, sampleName, "")
	d.must(err)
	status, err := d.a.Status(ctx, sampleName)
	d.must(err)
	e, err := d.a.Explain(ctx, sampleName, d.lead)
	d.must(err)
	if !refused {
		if len(groups) != 0 || status.Failures != 0 || len(e.Waiting) != 0 {
			d.t.Errorf("refused still: %+v, %d in all, %+v", groups, status.Failures, e.Waiting)
		}
		return
	}
	name := d.odd.lead
	if d.at == record.Marketo {
		name = d.odd.person
	}
	if len(groups) != 1 || groups[0].Count != 1 || groups[0].Code != d.code || !slices.Equal(groups[0].Fields, []string{name}) || len(groups[0].Examples) != 1 || status.Failures != 1 {
		d.t.Errorf("the failures are %+v, %d in all", groups, status.Failures)
	}
	if status.Backlog.ToSalesforce+status.Backlog.ToMarketo != 0 {
		d.t.Errorf("%+v waits", status.Backlog)
	}
	if len(e.Waiting) != 1 || e.Waiting[0].State != "failed" || !slices.Equal(e.Waiting[0].Fields, []string{d.odd.lead}) || !strings.Contains(e.Sentence, d.odd.lead+" was refused by "+sideName(d.at)) {
		d.t.Errorf("explained as %q, %+v", e.Sentence, e.Waiting)
	}
}

// writes runs a cycle and fails unless it makes so many calls that write to the side that refuses.
func (d *doubtful) writes(calls int) {
	d.t.Helper()
	before := d.pair.Journal().Of(d.at).WriteCalls
	d.sync()
	if n := d.pair.Journal().Of(d.at).WriteCalls - before; n != calls {
		d.t.Errorf("%d calls write to %s, wanted %d", n, d.at, calls)
	}
}

func (o odd) story(t *testing.T, tell func(*doubtful)) {
	t.Helper()
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &doubtful{town: newTown(t, home, ""), odd: o}
		d.lead = d.make("Lead", map[string]string{"LastName": "Odd", "Company": "Odd GmbH", "Email": "odd@refused.example"})
		d.sync()
		d.sync()
		d.person, _ = d.salesforce(d.lead, "Marketo_Person_Id__c")
		if o.refuses != nil {
			o.refuses(d.pair.Org())
		}
		tell(d)
	})
}

// TestARefusedFieldHoldsBackNothingElse: whichever side refuses one field, the other fields of the record go in the same cycle, with one call
// more. The refused one waits as one failure that names it, costs nothing while nothing happens, and goes as soon as it is corrected.
func TestARefusedFieldHoldsBackNothingElse(t *testing.T) {
	for name, o := range odds {
		t.Run(name, func(t *testing.T) {
			o.story(t, func(d *doubtful) {
				d.enters(o.text, "Bonn")
				d.writes(2)
				d.stands("", "Bonn")
				if o.code == "INVALID_FIELD_FOR_INSERT_UPDATE" { // the next cycle knows that it may not be written
					d.writes(0)
					d.enters("Something else", "Ulm")
					d.writes(1)
					d.stands("", "Ulm")
					d.fails(false)
					return
				}
				d.fails(true)
				d.writes(0)
				d.enters(o.text, "Ulm") // the odd one as it is
				d.writes(1)
				d.stands("", "Ulm")
				d.sync()
				d.writes(0)
				d.fails(true)
				d.enters("", "Ulm")
				d.sync()
				d.fails(false)
				d.enters("Fine", "Ulm")
				if o.code != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" {
					d.sync()
					d.stands("Fine", "Ulm")
					d.fails(false)
				}
			})
		})
	}
}

// TestARefusedFieldHeals: what was refused is sent again when somebody asks for it, by group, record, person or altogether, and when its target
// changes, which may be why it is taken now; and it goes together with what waits beside it.
func TestARefusedFieldHeals(t *testing.T) {
	retries := func(what Retried) func(*doubtful) {
		return func(d *doubtful) {
			if what.Record != "" {
				what.Record = d.lead
			}
			if what.Group != "" {
				groups, err := d.a.Failures(d.t.Context(), sampleName, "")
				d.must(err)
				what.Group = groups[0].ID
			}
			n, _, err := d.a.Retry(d.t.Context(), sampleName, what)
			if d.must(err); n != 1 {
				d.t.Errorf("%d are tried again", n)
			}
		}
	}
	for name, heal := range map[string]func(*doubtful){
		"asked for all":      retries(Retried{}),
		"asked for a group":  retries(Retried{Group: "it"}),
		"asked for a record": retries(Retried{Record: "it"}),
		"wanted at once": func(d *doubtful) {
			_, err := d.a.Sync(d.t.Context(), sampleName, SyncOptions{Now: []string{d.lead}, NowOnly: true})
			d.must(err)
		},
		"its target changes": func(d *doubtful) { d.set(d.lead, "Phone", "+49 30 1"); d.sync() },
		"the lead is converted, which takes it": func(d *doubtful) {
			made, err := d.pair.Org().ConvertInto(d.lead, org.Conversion{})
			d.must(err)
			d.sync()
			d.lead = made.Contact
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := odds["against a validation rule"]
			o.story(t, func(d *doubtful) {
				d.enters(o.text, "Bonn")
				d.sync()
				d.fails(true)
				o.takes(d.pair.Org())
				heal(d)
				d.sync()
				groups, err := d.a.Failures(d.t.Context(), sampleName, "")
				d.must(err)
				object := record.Lead
				if strings.HasPrefix(d.lead, "003") {
					object = record.Contact
				}
				title := ""
				d.pair.Org().Look(string(object), d.lead, func(get func(string) (string, bool)) { title, _ = get("Title") })
				if title != o.text || len(groups) != 0 {
					d.t.Errorf("the title is %q, and is refused: %+v", title, groups)
				}
			})
		})
	}
}

// TestARefusedFieldSurvivesAnInterruption cuts a cycle off around each call that it makes, the refused one and the one that follows it among
// them: the rest arrives all the same, and the refused field is neither forgotten nor told twice.
func TestARefusedFieldSurvivesAnInterruption(t *testing.T) {
	o := odds["too long"]
	o.story(t, func(d *doubtful) {
		for at := 8; at <= 9; at++ { // the calls of a cycle that write
			for _, before := range []bool{true, false} {
				ctx, cancel := context.WithCancel(d.t.Context())
				city := []string{"Bonn", "Ulm"}[at%2] + map[bool]string{true: " before", false: " after"}[before]
				d.enters(o.text+city, city)
				cut := map[int][]func(){at: {cancel}}
				if before {
					d.line.expect(cut, nil)
				} else {
					d.line.expect(nil, cut)
				}
				_, _ = d.a.Sync(ctx, sampleName, SyncOptions{}) // cut off, or not
				cancel()
				d.line.expect(nil, nil)
				d.sync()
				d.sync()
				d.stands("", city)
				d.fails(true)
			}
		}
		d.enters("Fine", "Bonn")
		d.sync()
		d.stands("Fine", "Bonn")
		d.fails(false)
	})
}

// TestARecordThatIsRefusedForTwoCausesStandsUnderBoth: whoever can end one of them finds it there, and it stays under the other one.
func TestARecordThatIsRefusedForTwoCausesStandsUnderBoth(t *testing.T) {
	rule, long := odds["against a validation rule"], odds["too long"]
	rule.story(t, func(d *doubtful) {
		d.must(d.pair.Instance().Set(d.person, map[string]string{rule.person: rule.text, long.person: long.text}))
		d.sync()
		d.sync()
		ctx := d.t.Context()
		under := func(want ...odd) (ids []string) {
			d.t.Helper()
			groups, err := d.a.Failures(ctx, sampleName, "")
			d.must(err)
			status, err := d.a.Status(ctx, sampleName)
			if d.must(err); status.Failures != min(len(want), 1) || len(groups) != len(want) {
				d.t.Fatalf("%d failures, %+v", status.Failures, groups)
			}
			for _, o := range want {
				i := slices.IndexFunc(groups, func(f Failure) bool { return f.Code == o.code })
				if i < 0 || groups[i].Count != 1 || groups[i].Share != 100 || !slices.Equal(groups[i].Fields, []string{o.lead}) {
					d.t.Fatalf("of %s the failures say %+v", o.lead, groups)
				}
				one, err := d.a.Failures(ctx, sampleName, groups[i].ID)
				if d.must(err); len(one) != 1 || len(one[0].Examples) != 1 || string(one[0].Examples[0].Target) != d.lead {
					d.t.Errorf("of %s the group has %+v", o.lead, one)
				}
				ids = append(ids, groups[i].ID)
			}
			return ids
		}
		groups := under(long, rule)
		rule.takes(d.pair.Org())
		if n, _, err := d.a.Retry(ctx, sampleName, Retried{Group: groups[1]}); err != nil || n != 1 {
			d.t.Errorf("%d are tried again (%v)", n, err)
		}
		title, _ := d.salesforce(d.lead, rule.lead)
		if left := under(long); title != rule.text || left[0] != groups[0] {
			d.t.Errorf("the title is %q, and the group %q became %q", title, groups[0], left[0])
		}
		long.takes(d.pair.Org())
		if n, _, err := d.a.Retry(ctx, sampleName, Retried{Group: groups[0]}); err != nil || n != 1 {
			d.t.Errorf("%d are tried again (%v)", n, err)
		}
		under()
	})
}

// TestAStateIsRefusedWithItsCountry: Salesforce takes neither without the other, so neither is written where one is refused, and both when it is taken.
func TestAStateIsRefusedWithItsCountry(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskIn(t, home, sandbox.Strict, deskRules, map[string]string{"CountryCode": "NL"}, map[string]string{"country": "Holland"})
		d.pair.Org().SetRules(org.Rules{Validations: []org.Validation{{Object: "Lead", Field: "State", Contains: "Texas", Message: "No.", OnField: true}}})
		must(t, d.pair.Instance().Set(d.person, map[string]string{"country": "usa", "state": "TX", "title": "Sheriff"}))
		d.writes("the rest", 1, 0)
		d.has("Salesforce", "Title", "Sheriff")
		d.has("Salesforce", "Country", "Netherlands")
		must(t, d.pair.Instance().Set(d.person, map[string]string{"title": "Mayor"}))
		d.writes("another title", 1, 0)
		d.has("Salesforce", "Country", "Netherlands")
		if e, err := d.a.Explain(t.Context(), sampleName, d.lead); err != nil || len(e.Waiting) != 1 || !strings.Contains(e.Sentence, "State, Country were refused by Salesforce") {
			t.Errorf("explained as %q, %+v (%v)", e.Sentence, e.Waiting, err)
		}
		d.pair.Org().SetRules(org.Rules{})
		n, _, err := d.a.Retry(t.Context(), sampleName, Retried{Record: d.lead})
		if must(t, err); n != 1 {
			t.Errorf("%d are tried again", n)
		}
		d.has("Salesforce", "Country", "United States")
		d.has("Salesforce", "State", "Texas")
	})
}
