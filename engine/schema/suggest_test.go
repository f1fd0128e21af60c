package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// named describes a field by name, label and type; a name that begins with "-" is read-only.
func named(name, label, kind string) schema.Described {
	bare, readOnly := strings.CutPrefix(name, "-")
	return schema.Described{Name: bare, Label: label, Type: kind, Length: 100, Writable: !readOnly}
}

// org is a pair as one finds it: fields under all kinds of names.
func org() schema.Schemas {
	return schema.Schemas{
		record.Lead: {
			named("LastName", "Last Name", "string"), named("Email", "Email", "email"), named("Fax", "Fax", "phone"),
			named("Lead_Grade__c", "Grade", "string"), named("acme__Budget__c", "Budget", "double"), named("Zip__c", "Zip Code", "string"),
			named("Newsletter__c", "Newsletter", "boolean"), named("-Region__c", "Region", "string"), named("Product_Interest_Level__c", "Product Interest Level", "string"),
			with(named("Win_Rate__c", "Win Rate", "percent"), func(d *schema.Described) { d.Scale, d.Precision = 2, 5 }),
			named("CreatedDate", "Created Date", "datetime"), named("Marketo_Person_Id__c", "Marketo Person Id", "string"),
		},
		record.Contact: {named("LastName", "Last Name", "string"), named("Email", "Email", "email"), named("Industry__c", "Industry", "string")},
		record.Person: {
			named("lastName", "Last Name", "string"), named("email", "Email Address", "email"), named("fax", "Fax Number", "phone"),
			named("leadGrade", "Lead Grade", "string"), named("budget", "Planned Budget", "float"), named("postcode", "Postal Code", "string"),
			named("newsletter", "Newsletter", "string"), named("region", "Region", "string"), named("interestLevel", "Interest Level", "string"),
			named("winRate", "Win Rate", "percent"), named("-createdAt", "Created At", "datetime"), named("industry", "Industry", "string"),
			named("salesforceId", "Salesforce Id", "string"),
		},
		record.Company: {named("industry", "Industry", "string")},
	}
}

func TestSuggestions(t *testing.T) {
	all := org()
	m := schema.Begin(without(all, record.Lead, "Fax"), noon) // so that a pair of the standard mapping is not mapped
	var got []string
	for _, s := range m.Suggestions(all) {
		if !strings.HasSuffix(s.Reason, ".") {
			t.Errorf("%s is suggested because %q", s.Salesforce.Name, s.Reason)
		}
		got = append(got, fmt.Sprintf("%s %s.%s %s %s", s.Confidence, s.Object, s.Salesforce.Name, s.Direction, s.Marketo.Name))
	}
	want := []string{
		"sure Lead.Fax both fax",
		"sure Lead.Region__c to_marketo region",
		"sure Lead.Win_Rate__c to_marketo winRate", // what was rounded must not come back
		"sure Lead.Lead_Grade__c both leadGrade",
		"sure Lead.acme__Budget__c both budget",
		"likely Lead.Zip__c both postcode",
		"not Lead.Newsletter__c  newsletter", // a text cannot hold a checkbox
		"not Lead.Product_Interest_Level__c both interestLevel",
	}
	slices.Sort(want)
	sorted := slices.Sorted(slices.Values(got))
	if !slices.Equal(sorted, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(sorted, "\n"), strings.Join(want, "\n"))
	}
	if got[0] != "sure Lead.Fax both fax" {
		t.Errorf("the surest comes not first: %s", got[0])
	}
}

// TestWith holds what a person may wish, and what is said to a wish that cannot be.
func TestWith(t *testing.T) {
	m := schema.Begin(org(), noon)
	lead, _ := m.Object(record.Lead)
	var asIs []schema.Wish
	for _, o := range m.Objects {
		for i, f := range o.All() {
			number := int(f.Number)
			asIs = append(asIs, schema.Wish{Line: i + 2, Object: string(o.Name), Number: &number, Salesforce: f.Salesforce, Marketo: f.Marketo, Direction: f.Direction.String(), Consent: f.Consent})
		}
	}
	same, changes, err := m.With(asIs, org(), noon)
	if err != nil || !changes.Empty() {
		t.Fatalf("the mapping as it is changes %+v, %v", changes, err)
	}
	if got, _ := same.Object(record.Lead); len(got.Fields) != len(lead.Fields) {
		t.Fatalf("of %d fields %d are left", len(lead.Fields), len(got.Fields))
	}

	grade := schema.Wish{Line: 99, Object: "lead", Salesforce: "lead_grade__c", Marketo: "leadGrade", Direction: "to_marketo", Policy: "newest", NeverBlank: true, Quiet: "day", Why: "routing", Owner: "Ops"}
	more, changes, err := m.With(append(slices.Clone(asIs), grade), org(), noon)
	if err != nil || !slices.Equal(changes.Added, []string{"Lead.Lead_Grade__c"}) || !slices.Equal(changes.Objects, []record.Object{record.Lead}) {
		t.Fatalf("a new field changes %+v, %v", changes, err)
	}
	f := field(t, more, record.Lead, "Lead_Grade__c")
	if f.Number != lead.Free() || f.Direction != schema.ToMarketo || f.Policy != schema.NewestWins || !f.NeverBlank || f.Quiet != schema.QuietDay || f.Entry.Why != "routing" || f.Entry.Owner != "Ops" || !f.Entry.Since.Equal(noon) {
		t.Errorf("the new field is %+v, %+v", f, f.Entry)
	}

	// Taken out, it keeps its number to itself; put in again, it has it back.
	less, changes, err := more.With(asIs, org(), noon)
	if err != nil || !slices.Equal(changes.Removed, []string{"Lead.Lead_Grade__c"}) {
		t.Fatalf("taking a field out changes %+v, %v", changes, err)
	}
	zip := schema.Wish{Object: "Lead", Salesforce: "Zip__c", Marketo: "postcode"}
	other, _, err := less.With(append(slices.Clone(asIs), zip), org(), noon)
	if err != nil || field(t, other, record.Lead, "Zip__c").Number != f.Number+1 {
		t.Errorf("another field got the number of one that was taken out: %v", err)
	}
	again, changes, err := less.With(append(slices.Clone(asIs), grade), org(), noon)
	if err != nil || field(t, again, record.Lead, "Lead_Grade__c").Number != f.Number || len(changes.Added) != 1 {
		t.Errorf("the field that is back has another number, or is not compared afresh: %+v, %v", changes, err)
	}

	refused := []struct {
		name, says string
		change     func(w *schema.Wish)
	}{
		{"no such object", "there are Lead, Contact, Account", func(w *schema.Wish) { w.Object = "Leed" }},
		{"half a pair", "name the field on both sides", func(w *schema.Wish) { w.Marketo = "" }},
		{"misspelt in Salesforce", "Did you mean Lead_Grade__c?", func(w *schema.Wish) { w.Salesforce = "Lead_Grad__c" }},
		{"a label in Marketo", "Did you mean leadGrade?", func(w *schema.Wish) { w.Marketo = "Lead Grade" }},
		{"types that do not fit", "a Marketo field of type boolean", func(w *schema.Wish) { w.Salesforce, w.Marketo = "Newsletter__c", "newsletter" }},
		{"mapped twice", "mapped already, on line 3", func(w *schema.Wish) { w.Marketo = "email" }},
		{"a wrong direction", "none of both, to_marketo, to_salesforce", func(w *schema.Wish) { w.Direction = "left" }},
		{"a wrong policy", "none of salesforce, marketo, newest, hold", func(w *schema.Wish) { w.Policy = "me" }},
		{"a wrong quiet time", "neither hour nor day", func(w *schema.Wish) { w.Quiet = "week" }},
		{"towards a side that is read-only", "neither side takes it", func(w *schema.Wish) {
			w.Salesforce, w.Marketo, w.Direction = "Region__c", "region", "to_salesforce"
		}},
		{"a number nobody has", "has the number 77", func(w *schema.Wish) { n := 77; w.Number = &n }},
		{"another's number", "both are there", func(w *schema.Wish) { n := 2; w.Number = &n }},
	}
	for _, row := range refused {
		t.Run(row.name, func(t *testing.T) {
			w := schema.Wish{Line: 99, Object: "Lead", Salesforce: "Lead_Grade__c", Marketo: "leadGrade"}
			row.change(&w)
			_, _, err := m.With(append(slices.Clone(asIs), w), org(), noon)
			if err == nil || !strings.Contains(err.Error(), row.says) || !strings.Contains(err.Error(), "line 99") {
				t.Errorf("refused with %v", err)
			}
		})
	}
	if _, _, err := m.With(asIs[:1], org(), noon); err == nil || !strings.Contains(err.Error(), "Lead.Email: records are found by it") {
		t.Errorf("a mapping without addresses: %v", err)
	}
}

// TestRetypedIsMappedAnew: what was agreed of a text says nothing about a number, so a field that became one gets another number when it is
// mapped again.
func TestRetypedIsMappedAnew(t *testing.T) {
	m := schema.Begin(org(), noon)
	before := field(t, m, record.Lead, "Fax")
	numbers := without(org(), record.Lead, "Fax")
	numbers = plus(without(numbers, record.Person, "fax"), record.Lead, named("Fax", "Fax", "double"))
	numbers = plus(numbers, record.Person, named("fax", "Fax", "float"))
	m = m.Refresh(numbers, noon)
	if state := field(t, m, record.Lead, "Fax").Entry.State; state != schema.Retyped {
		t.Fatalf("the field that became a number is %q", state)
	}
	var rest []schema.Wish
	for _, o := range m.Objects {
		for _, f := range o.All() {
			if f.Salesforce != "Fax" {
				rest = append(rest, schema.Wish{Object: string(o.Name), Salesforce: f.Salesforce, Marketo: f.Marketo})
			}
		}
	}
	out, _, err := m.With(rest, numbers, noon)
	if err != nil {
		t.Fatal(err)
	}
	in, _, err := out.With(append(rest, schema.Wish{Object: "Lead", Salesforce: "Fax", Marketo: "fax"}), numbers, noon)
	if err != nil {
		t.Fatal(err)
	}
	if again := field(t, in, record.Lead, "Fax"); again.Number == before.Number || again.Entry.State != schema.Travels {
		t.Errorf("mapped again it has number %d, %d before, and is %q", again.Number, before.Number, again.Entry.State)
	}
}

// TestNotices: what changes on a side is told once, stays told as long as it holds, and is never silent.
func TestNotices(t *testing.T) {
	begin := schema.Begin(org(), noon)
	change := func(object record.Object, name string, change func(*schema.Described)) schema.Schemas {
		out := without(org(), object, "")
		for i := range out[object] {
			if out[object][i].Name == name {
				change(&out[object][i])
			}
		}
		return out
	}
	rows := []struct {
		name string
		to   schema.Schemas
		kind schema.NoticeKind
		says string
	}{
		{"hidden in Salesforce", without(org(), record.Lead, "Fax"), schema.NoticeGone, "Lead.Fax (fax in Marketo) is not shown"},
		{"hidden in Marketo", without(org(), record.Person, "fax"), schema.NoticeGone, "nothing that was agreed is forgotten"},
		{"another label", change(record.Lead, "Fax", func(d *schema.Described) { d.Label = "Telefax" }), schema.NoticeRenamed, `is called "Telefax" in Salesforce now, no longer "Fax"`},
		{"shortened", change(record.Lead, "Fax", func(d *schema.Described) { d.Length = 20 }), schema.NoticeShortened, "takes 20 characters in Salesforce now, no longer 100"},
		{"another type that fits", change(record.Lead, "Fax", func(d *schema.Described) { d.Type = "string" }), schema.NoticeRetyped, "it goes on"},
		{"another type that does not", change(record.Lead, "Fax", func(d *schema.Described) { d.Type = "double" }), schema.NoticeRetyped, "does not travel"},
		{"read-only in Salesforce", change(record.Lead, "Fax", func(d *schema.Described) { d.Writable = false }), schema.NoticeDirection, "can no longer be written in Salesforce"},
		{"new", plus(org(), record.Lead, named("Brand_New__c", "Brand New", "string")), schema.NoticeNew, "has a new field Brand_New__c"},
		{"renamed", plus(without(org(), record.Lead, "Fax"), record.Lead, named("Fax__c", "Fax", "phone")), schema.NoticeNew, "It looks like Fax, which is gone"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			after := begin.Refresh(row.to, noon)
			found := slices.ContainsFunc(after.Notices, func(n schema.Notice) bool { return n.Kind == row.kind && strings.Contains(n.Sentence, row.says) })
			if !found {
				t.Fatalf("noticed: %+v", after.Notices)
			}
			if again := after.Refresh(row.to, noon.Add(5)); len(again.Notices) != len(after.Notices) {
				t.Errorf("told again: %+v", again.Notices)
			}
			later := after.Refresh(row.to, noon.AddDate(0, 2, 0))
			if stays := slices.ContainsFunc(later.Notices, func(n schema.Notice) bool { return n.Kind == row.kind }); stays != strings.Contains("hidden another type that does not", strings.Split(row.name, " in ")[0]) {
				t.Errorf("two months later: %+v", later.Notices)
			}
		})
	}
	back := begin.Refresh(without(org(), record.Lead, "Fax"), noon).Refresh(org(), noon)
	if len(back.Notices) != 1 || back.Notices[0].Kind != schema.NoticeBack {
		t.Errorf("a field that is back leaves %+v", back.Notices)
	}
}
