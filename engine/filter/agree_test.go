package filter_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
)

var (
	filters    = flag.Int("filters", 1000, "how many filters are held against the sandbox's own evaluation of their SOQL")
	filterSeed = flag.Uint64("filter-seed", 1, "seed of the first filter")
)

// TestSOQLAgreesWithEvaluation draws filters, asks the sandbox for the records that fit each one's SOQL, and decides every
// record here: both must name the same. The opposite must name all others. Each filter is written and read back on the way.
func TestSOQLAgreesWithEvaluation(t *testing.T) {
	s := newSide(t, 60)
	s.unsettle()
	catalog := s.catalog(record.Lead, record.Contact, record.Account, "User", "Group")
	pairs := 0
	for _, object := range []record.Object{record.Lead, record.Contact} {
		d := &drawing{object: object, columns: columnsOf(catalog, object), seen: map[string][]string{}}
		read := make([]record.Column, len(d.columns))
		for i, c := range d.columns {
			read[i] = record.Column{Name: c.Name, Type: record.Type{Kind: c.Field.Kind, Scale: c.Field.Scale}}
		}
		records := s.read(object, read)
		for _, values := range records {
			for i, v := range values {
				if !v.IsBlank() {
					d.seen[read[i].Name] = append(d.seen[read[i].Name], v.Text())
				}
			}
		}
		for n := range *filters / 2 {
			d.Rand = rand.New(rand.NewPCG(*filterSeed+uint64(n), uint64(len(object))))
			drawn := filter.Filter{Sentences: []filter.Sentence{{Objects: []record.Object{object}, Where: d.expr(3)}}}
			text := filter.Format(drawn)
			parsed, err := filter.Parse(text, catalog)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", *filterSeed+uint64(n), err, text)
			}
			if diff := cmp.Diff(drawn, parsed, cmp.Comparer(func(a, b filter.Column) bool { return a.Name == b.Name })); diff != "" {
				t.Fatalf("seed %d: %s\nis read back as something else (-drawn +read):\n%s", *filterSeed+uint64(n), text, diff)
			}
			pairs += len(records)
			s.compare(object, parsed.On(object), d, records)
		}
	}
	t.Logf("%d filters, %d filters × records", *filters, pairs)
}

var zones = []string{"UTC", "America/Los_Angeles", "Europe/Amsterdam", "Asia/Kolkata", "Pacific/Auckland"}

func (s *side) compare(object record.Object, e filter.Expr, d *drawing, records map[string][]record.Value) {
	s.t.Helper()
	zone, err := time.LoadLocation(zones[d.IntN(len(zones))])
	if err != nil {
		s.t.Fatal(err)
	}
	clock := filter.Clock{Now: opening.Add(time.Duration(d.IntN(48)) * time.Hour), Zone: zone}
	rule := filter.Compile(e, object, clock)
	places := map[string]int{}
	for i, c := range d.columns {
		places[c.Name] = i
	}
	for _, opposite := range []bool{false, true} {
		where := filter.SOQL(e, object, clock)
		if opposite {
			where = filter.NotSOQL(e, object, clock)
		}
		fits := map[string]bool{}
		for _, row := range s.query("SELECT Id FROM " + string(object) + " WHERE " + where) {
			fits[row["Id"].(string)] = true
		}
		for id, all := range records {
			values := make([]record.Value, len(rule.Columns()))
			for i, c := range rule.Columns() {
				values[i] = all[places[c.Name]]
			}
			if passes := rule.Passes(values) != opposite; passes != fits[id] {
				s.t.Fatalf("%s\n%s\nSalesforce %v, here %v, for %v", filter.FormatExpr(e), where, fits[id], passes, texts(values))
			}
		}
	}
}

func texts(values []record.Value) (out []string) {
	for _, v := range values {
		out = append(out, v.Text())
	}
	return out
}

// columnsOf are the fields that can be filtered by, related ones among them.
func columnsOf(catalog filter.Catalog, object record.Object) (columns []filter.Column) {
	o, _ := catalog.Object(object)
	usable := func(f filter.Field) bool { return f.Kind != 0 && !f.Hidden }
	for _, f := range o.Fields {
		if usable(f) {
			columns = append(columns, filter.Column{Name: f.Name, Field: f})
		}
	}
	for _, via := range o.Fields {
		if via.Relationship != "Account" && via.Relationship != "Owner" {
			continue
		}
		to := record.Object("User")
		if via.Relationship == "Account" {
			to = record.Account
		}
		target, _ := catalog.Object(to)
		for _, f := range target.Fields {
			// A queue has neither: what it answers there is no user's.
			if usable(f) && (to == record.Account || f.Name == "IsActive" || f.Name == "Name" || f.Name == "Email") {
				columns = append(columns, filter.Column{Name: via.Relationship + "." + f.Name, Field: f})
			}
		}
	}
	return columns
}

// unsettle gives some records what the seeded ones lack: blanks, signs that mean something to SOQL, several values.
func (s *side) unsettle() {
	s.t.Helper()
	for _, object := range []record.Object{record.Lead, record.Contact} {
		for i, row := range s.query("SELECT Id FROM " + string(object)) {
			body := map[string]any{}
			if n := i % 7; n < len(odd) {
				body["Title"] = odd[n]
			}
			body["Interests__c"] = []any{nil, "Events", "Events;Security", "Security;Training;Analytics"}[i%4]
			body["Do_Not_Sync_to_Marketo__c"] = i%3 == 0
			if i%5 == 0 {
				body["Email"], body["LeadSource"], body["Phone"] = nil, nil, nil
			}
			if i%4 == 1 {
				body["Lead_Score__c"] = i - 20
			}
			text, err := json.Marshal(body)
			if err != nil {
				s.t.Fatal(err)
			}
			s.send("PATCH", "sobjects/"+string(object)+"/"+row["Id"].(string), string(text), nil)
		}
	}
}

var odd = []any{nil, "50% off_now", `O'Neil \ "Sons"`, "Directeur Général", "ÇA VA, Straße", "a”b"}
