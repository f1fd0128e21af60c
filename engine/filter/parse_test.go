package filter_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
)

// small is an org of a few fields.
var small = filter.Catalog{
	{Name: record.Lead, Label: "Lead", Plural: "Leads", Fields: append(shared(),
		filter.Field{Name: "Company", Label: "Company", Kind: record.Text},
		filter.Field{Name: "Description", Label: "Description", Kind: record.TextArea, Hidden: true})},
	{Name: record.Contact, Label: "Contact", Plural: "Contacts", Fields: append(shared(),
		filter.Field{Name: "AccountId", Label: "Account ID", Kind: record.Reference, Relationship: "Account", To: []record.Object{record.Account}},
		filter.Field{Name: "Birthdate", Label: "Birthdate", Kind: record.Date})},
	{Name: record.Account, Label: "Account", Plural: "Accounts", Fields: []filter.Field{
		{Name: "Name", Label: "Account Name", Kind: record.Text}, {Name: "Industry", Label: "Industry", Kind: record.Picklist},
		{Name: "BillingCountry", Label: "Billing Country", Kind: record.Text}}},
	{Name: "User", Label: "User", Plural: "Users", Fields: []filter.Field{
		{Name: "Name", Label: "Full Name", Kind: record.Text}, {Name: "IsActive", Label: "Active", Kind: record.Boolean}, {Name: "Email", Label: "Email", Kind: record.Email}}},
	{Name: "RecordType", Label: "Record Type", Plural: "Record Types", Fields: []filter.Field{{Name: "Name", Label: "Name", Kind: record.Text}}},
	{Name: record.Person, Label: "Person", Fields: []filter.Field{{Name: "keptOut", Label: "Kept Out", Kind: record.Boolean}, {Name: "city", Label: "City", Kind: record.Text}}},
	{Name: "Opportunity", Label: "Opportunity", Plural: "Opportunities", Fields: []filter.Field{
		{Name: "StageName", Label: "Stage", Kind: record.Picklist}, {Name: "CloseDate", Label: "Close Date", Kind: record.Date},
		{Name: "Amount", Label: "Amount", Kind: record.Decimal, Scale: 2}}},
}

func shared() []filter.Field {
	return []filter.Field{
		{Name: "Email", Label: "Email", Kind: record.Email}, {Name: "Country", Label: "Country", Kind: record.Text},
		{Name: "Do_Not_Sync_to_Marketo__c", Label: "Do Not Sync to Marketo", Kind: record.Boolean},
		{Name: "HasOptedOutOfEmail", Label: "Email Opt Out", Kind: record.Boolean},
		{Name: "CreatedDate", Label: "Created Date", Kind: record.DateTime}, {Name: "NumberOfEmployees", Label: "Employees", Kind: record.Integer},
		{Name: "Interests__c", Label: "Interests", Kind: record.MultiPicklist},
		{Name: "Score_A__c", Label: "Score", Kind: record.Decimal}, {Name: "Score_B__c", Label: "Score", Kind: record.Decimal},
		{Name: "OwnerId", Label: "Owner ID", Kind: record.Reference, Relationship: "Owner", To: []record.Object{"Group", "User"}},
		{Name: "RecordTypeId", Label: "Record Type ID", Kind: record.Reference, Relationship: "RecordType", To: []record.Object{"RecordType"}},
	}
}

var noon = filter.Clock{Now: time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC), Zone: time.FixedZone("CET", 3600)}

// TestSentences shows what sentences mean: how they are written again, what Salesforce is asked, how they are said. An
// empty column is not looked at.
func TestSentences(t *testing.T) {
	for _, row := range []struct{ text, format, soql, prose string }{
		{`lead where Do_Not_Sync_to_Marketo is not true and Email is filled and Country in ("NL", "BE")`,
			`lead where Do_Not_Sync_to_Marketo is not true and Email is filled and Country in ("NL", "BE")`,
			`Do_Not_Sync_to_Marketo__c != true AND Email != null AND Country IN ('NL','BE')`,
			`Do Not Sync to Marketo is not ticked, Email is filled, and Country is “NL” or “BE”`},
		{`"Email Opt Out" = false`, `"Email Opt Out" is not true`, `HasOptedOutOfEmail != true`, `Email Opt Out is not ticked`},
		{`EMAIL IS NOT BLANK AND country IS "nl"`, `EMAIL is filled and country is "nl"`, `Email != null AND Country = 'nl'`, ``},
		{`Email = null or not (Country is "NL" and Employees >= 250)`, `Email is blank or not (Country is "NL" and Employees >= 250)`,
			`Email = null OR (Country != 'NL' OR (NumberOfEmployees = null OR NumberOfEmployees < 250))`, ``},
		{`(Email is filled or Country is "NL") and Employees < 5`, `(Email is filled or Country is "NL") and Employees < 5`,
			`(Email != null OR Country = 'NL') AND NumberOfEmployees < 5`, `(either Email is filled or Country is “NL”) and Employees is less than 5`},
		{`Email is filled or Country is "NL" and Employees < 5`, `Email is filled or (Country is "NL" and Employees < 5)`, ``, ``},
		{`lead where Company contains "50% of_f's \\ "`, `lead where Company contains "50% of_f's \\ "`, `Company LIKE '%50\% of\_f\'s \\ %'`, ``},
		{`lead where not Company starts with “Test”`, `lead where not Company starts with "Test"`, `(Company = null OR (NOT Company LIKE 'Test%'))`, ``},
		{`CreatedDate within 24 months`, `CreatedDate within 24 months`, `(CreatedDate >= 2024-11-25T11:00:00Z AND CreatedDate < 2026-11-25T23:00:00Z)`,
			`Created Date lies within the last 24 months`},
		{`CreatedDate in the last 30 days`, `CreatedDate within 30 days`, `(CreatedDate >= 2026-10-26T11:00:00Z AND CreatedDate < 2026-11-25T23:00:00Z)`, ``},
		{`CreatedDate is before today`, `CreatedDate before today`, `CreatedDate < 2026-11-24T23:00:00Z`, ``},
		{`CreatedDate = 2026-01-31`, `CreatedDate on 2026-01-31`, `(CreatedDate >= 2026-01-30T23:00:00Z AND CreatedDate < 2026-01-31T23:00:00Z)`, ``},
		{`CreatedDate after 2026-01-31T12:00:00+0200`, `CreatedDate after 2026-01-31T10:00:00Z`, `CreatedDate >= 2026-01-31T10:00:01Z`, ``},
		{`CreatedDate older than 2 years`, `CreatedDate older than 2 years`, `CreatedDate < 2024-11-25T11:00:00Z`, `Created Date is more than 2 years ago`},
		{`CreatedDate is not newer than 1 week`, `not CreatedDate newer than 1 week`, `(CreatedDate = null OR CreatedDate < 2026-11-18T11:00:00Z)`, ``},
		{`contact where Birthdate on or before 18 years ago`, `contact where Birthdate on or before 18 years ago`, `Birthdate < 2008-11-26`, ``},
		{`contact where Birthdate in the next 2 days`, `contact where Birthdate in the next 2 days`, `(Birthdate >= 2026-11-25 AND Birthdate < 2026-11-28)`, ``},
		{`contact where account.Industry is "Banking"`, `contact where account.Industry is "Banking"`, `Account.Industry = 'Banking'`, `Account's Industry is “Banking”`},
		{`contact where account."Billing Country" is not filled`, `contact where account."Billing Country" is blank`, `Account.BillingCountry = null`, ``},
		{`owner is active`, `owner is active`, `Owner.IsActive = true`, `Owner is active`},
		{`owner is inactive`, `owner is not active`, `Owner.IsActive != true`, `Owner is not active`},
		{`owner is "Anna de Vries"`, `owner is "Anna de Vries"`, `Owner.Name = 'Anna de Vries'`, `Owner is “Anna de Vries”`},
		{`record type in (Partner, "Key Account")`, `record type in ("Partner", "Key Account")`, `RecordType.Name IN ('Partner','Key Account')`, ``},
		{`Interests includes ("Golf;Tea", Bonsai)`, `Interests includes ("Golf;Tea", "Bonsai")`, `Interests__c INCLUDES ('Golf;Tea','Bonsai')`, ``},
		{`Interests does not include Golf`, `Interests excludes ("Golf")`, `(Interests__c = null OR Interests__c EXCLUDES ('Golf'))`, `Interests does not include “Golf”`},
		{`Email ends with "@example.com" # only ours`, `Email ends with "@example.com"`, `Email LIKE '%@example.com'`, ``},
		{`OwnerId is 0055f000000KxRp`, `OwnerId is "0055f000000KxRp"`, `OwnerId = '0055f000000KxRp'`, ``},
	} {
		f, err := filter.Parse(row.text, small)
		if err != nil {
			t.Errorf("%s: %v", row.text, err)
			continue
		}
		object := f.Objects()[0]
		for what, pair := range map[string][2]string{
			"written": {filter.Format(f), row.format}, "SOQL": {filter.SOQL(f.On(object), object, noon), row.soql}, "said": {filter.Prose(f.On(object), object), row.prose},
		} {
			if pair[1] != "" && pair[0] != pair[1] {
				t.Errorf("%s\n%s %s\nwant %s", row.text, what, pair[0], pair[1])
			}
		}
	}
}

func TestSeveralSentences(t *testing.T) {
	const text = `
# who takes part
leads and contacts where Email is filled
contact where account.Industry is filled; opportunity where Amount >= 1000.50
owner is active.
who leaves is unlinked`
	f, err := filter.Parse(text, small)
	if err != nil {
		t.Fatal(err)
	}
	want := "lead, contact where Email is filled\ncontact where account.Industry is filled\nopportunity where Amount >= 1000.50\nowner is active\nwho leaves is unlinked"
	if got := filter.Format(f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for object, soql := range map[record.Object]string{
		record.Lead:    `Email != null AND Owner.IsActive = true`,
		record.Contact: `Email != null AND Account.Industry != null AND Owner.IsActive = true`,
		"Opportunity":  `Amount >= 1000.50`,
		record.Account: ``,
	} {
		if got := filter.SOQL(f.On(object), object, noon); got != soql {
			t.Errorf("%s: %s, want %s", object, got, soql)
		}
	}
	english := filter.English(f, small)
	for _, part := range []string{"Leads and contacts take part if Email is filled.", "Opportunities take part if Amount is at least 1000.50.", "is unlinked"} {
		if !strings.Contains(english, part) {
			t.Errorf("%q is not in\n%s", part, english)
		}
	}
	again, err := filter.Parse(filter.Canonical(f), small)
	if err != nil || filter.SOQL(again.On(record.Contact), record.Contact, noon) != filter.SOQL(f.On(record.Contact), record.Contact, noon) {
		t.Errorf("by API names it means something else: %s (%v)", filter.Canonical(f), err)
	}
}

// TestErrorsPointAtTheWord breaks sentences at one word, marked with ‹›, and looks whether the error is there.
func TestErrorsPointAtTheWord(t *testing.T) {
	for _, row := range []struct{ text, suggests string }{
		{`lead where ‹Emial› is filled`, "Email"},
		{`lead where Email is filled and ‹Contry› in ("NL")`, "Country"},
		{`‹leed› where Email is filled`, "lead"},
		{`lead ‹wher› Email is filled`, "where"},
		{`lead where Email ‹iss› filled`, "is"},
		{`lead where Email is ‹fille› and Country = NL`, "filled"},
		{`lead where CreatedDate is ‹fild›`, "filled"},
		{`lead where Email is filled ‹adn› Country = NL`, "and"},
		{`lead where (Email is filled or Country = NL‹›`, ""},
		{`lead where Email is filled‹)›`, ""},
		{`lead where Country in ‹"NL"›`, ""},
		{`lead where Country in ("NL" ‹"BE"›)`, ""},
		{`lead where Country in ("NL", ‹)›`, ""},
		{`lead where Country contains ‹"NL›`, ""},
		{`lead where Country ‹<› "NL"`, ""},
		{`lead where Employees > ‹many›`, ""},
		{`lead where Employees = ‹2.5›`, ""},
		{`lead where "Email Opt Out" is ‹maybe›`, ""},
		{`lead where "Email Opt Out" is ‹filled›`, ""},
		{`lead where ‹Email Opt Out› is true`, "Email Opt Out"},
		{`lead where ‹Score› > 5`, "Score_A__c"},
		{`lead where ‹Description› contains x`, ""},
		{`lead where ‹account›.Industry is filled`, ""},
		{`contact where acount.Industry is filled`, ""},
		{`contact where account.‹Industri› is filled`, "Industry"},
		{`contact where account.Name.‹First› is filled`, ""},
		{`‹Company› is filled`, ""},
		{`CreatedDate within ‹x› months`, ""},
		{`CreatedDate within 24 ‹moths›`, "months"},
		{`CreatedDate within ‹2400› months`, ""},
		{`CreatedDate = ‹2026-02-30›`, ""},
		{`CreatedDate before ‹tody›`, "today"},
		{`Email ‹within› 3 days`, ""},
		{`Email ‹before› today`, ""},
		{`Interests ‹contains› Golf`, "includes"},
		{`Interests ‹in› (Golf)`, "includes"},
		{`Country ‹includes› NL`, "contains"},
		{`OwnerId is ‹12›`, ""},
		{`Country is ‹""›`, ""},
		{`Country = NL ‹Email› is filled`, ""},
		{"Country = NL\n‹Emial› is filled", "Email"},
		{"Country = NL\nwho leaves is ‹gone›", ""},
		{"Country = NL\nwho leaves is marked in ‹keptOt›", "keptOut"},
		{"Country = NL\nwho leaves is marked in ‹city›", ""},
		{"‹person› where City is filled", ""},
		{"who leaves is frozen\n‹who› leaves is frozen", ""},
		{`lead, ‹lead› where Email is filled`, ""},
		{`lead and ‹kontact› where Email is filled`, "contact"},
		{`‹›`, ""},
		{`not ‹›`, ""},
		{`Email ‹~› x`, ""},
		{`Email is filled and ‹and› Country = NL`, ""},
		{`Country is ‹and›`, ""},
	} {
		text := strings.NewReplacer("‹", "", "›", "").Replace(row.text)
		begin := strings.Index(row.text, "‹")
		if begin < 0 { // a relationship that is mistyped is pointed at as well
			begin = strings.Index(text, "acount")
		}
		_, err := filter.Parse(text, small)
		var wrong *filter.ParseError
		if !errors.As(err, &wrong) {
			t.Errorf("%s was understood", text)
			continue
		}
		if wrong.Offset != begin {
			t.Errorf("%s\n%v\npoints at %d, not at %d\n%s", text, err, wrong.Offset, begin, wrong.Caret())
		}
		if end := strings.Index(row.text, "›"); end > 0 && wrong.Length > 0 && wrong.Offset+wrong.Length != end-len("‹") {
			t.Errorf("%s\nmarks %d bytes: %s", text, wrong.Length, wrong.Caret())
		}
		if row.suggests != "" && !slices.Contains(wrong.Suggestions, row.suggests) {
			t.Errorf("%s: suggests %v, not %s", text, wrong.Suggestions, row.suggests)
		}
	}
}

// TestEveryWordIsGuarded puts nonsense in the place of each word of good sentences in turn: what does not fit is found at
// that word, or at the first one that no longer fits together with it.
func TestEveryWordIsGuarded(t *testing.T) {
	for _, text := range []string{
		`lead where Do_Not_Sync_to_Marketo is not true and Email is filled and Country in ("NL", "BE")`,
		`contact where not (account.Industry is "Banking" or CreatedDate within 24 months) and owner is active`,
		`opportunity where CloseDate before today and Amount >= 10`,
	} {
		words := strings.Fields(text)
		at := 0
		for i, w := range words {
			at += strings.Index(text[at:], w)
			word := strings.Trim(w, `(),"`)
			if word == w && word != "not" { // whole words; a "not" may go without harm
				broken := text[:at] + "qqqqqq" + text[at+len(w):]
				_, err := filter.Parse(broken, small)
				var wrong *filter.ParseError
				switch {
				case !errors.As(err, &wrong):
					t.Errorf("word %d: understood %s", i, broken)
				case wrong.Offset != at:
					t.Errorf("word %d: %s", i, wrong.Caret())
				}
			}
			at += len(w)
		}
	}
}

func TestCaret(t *testing.T) {
	_, err := filter.Parse("Email is filled\n\tÉté is filled", small)
	var wrong *filter.ParseError
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	if want := "\tÉté is filled\n\t^^^"; wrong.Caret() != want || wrong.Line != 2 || wrong.Column != 2 {
		t.Errorf("line %d, column %d\n%s\nwant\n%s", wrong.Line, wrong.Column, wrong.Caret(), want)
	}
}

func TestWhy(t *testing.T) {
	f, err := filter.Parse(`Email is filled and (Country = NL or Country = BE)`, small)
	if err != nil {
		t.Fatal(err)
	}
	rule := filter.Compile(f.On(record.Lead), record.Lead, noon)
	for _, row := range []struct {
		email, country string
		passes         bool
		because        string
	}{
		{"a@b.example", "nl", true, `Email is filled and (Country is "NL" or Country is "BE")`},
		{"", "NL", false, `Email is filled`},
		{"a@b.example", "DE", false, `Country is "NL" or Country is "BE"`},
	} {
		passes, by := rule.Why([]record.Value{record.Of(row.email), record.Of(row.country)})
		if passes != row.passes || filter.FormatExpr(by) != row.because {
			t.Errorf("%s %s: %v because %s", row.email, row.country, passes, filter.FormatExpr(by))
		}
	}
	if !filter.Compile(nil, record.Lead, noon).Passes(nil) {
		t.Error("no rule does not let everybody pass")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`lead where Do_Not_Sync_to_Marketo is not true and Email is filled and Country in ("NL", "BE")`, `"Email Opt Out" = false`,
		"contact where account.Industry = Banking; owner is active.\nwho leaves is unlinked", `Interests includes ("a;b", c) or not (CreatedDate within 24 months)`,
		"Country = NL\nwho leaves is marked in \"Kept Out\"", `CreatedDate on or after 2026-01-31T12:00:00Z`, `0A-000A-!`, `record type is “x” # y`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text, small)
		var wrong *filter.ParseError
		if errors.As(err, &wrong) {
			if wrong.Offset < 0 || wrong.Offset+wrong.Length > len(text) || wrong.Line < 1 || wrong.Column < 1 || wrong.Caret() == "" {
				t.Errorf("%q: %d+%d", text, wrong.Offset, wrong.Length)
			}
			return
		}
		for _, write := range []func(filter.Filter) string{filter.Format, filter.Canonical} {
			again, err := filter.Parse(write(parsed), small)
			if err != nil {
				t.Fatalf("%q is written as %q: %v", text, write(parsed), err)
			}
			if diff := cmp.Diff(parsed, again, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Written" }, cmp.Ignore())); diff != "" {
				t.Fatalf("%q is written as %q, which is something else:\n%s", text, write(parsed), diff)
			}
		}
	})
}
