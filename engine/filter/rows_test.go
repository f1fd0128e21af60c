package filter_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
)

var byName = cmp.Comparer(func(a, b filter.Column) bool { return a.Name == b.Name })

// TestRowsAndTextAgree draws filters and goes both ways round: from the filter over rows and text back to the filter, and from the text
// over rows and filter back to the text.
func TestRowsAndTextAgree(t *testing.T) {
	var columns []filter.Column
	for _, o := range small {
		if o.Name == record.Lead {
			for _, f := range o.Fields {
				if !f.Hidden && f.Label != "Score" {
					columns = append(columns, filter.Column{Name: f.Name, Field: f})
				}
			}
		}
	}
	d := &drawing{object: record.Lead, columns: columns, seen: map[string][]string{}}
	for seed := range uint64(1000) {
		d.Rand = rand.New(rand.NewPCG(seed, 5))
		drawn := filter.Filter{Leaving: filter.Leaving(d.IntN(2))}
		for range 1 + d.IntN(2) {
			drawn.Sentences = append(drawn.Sentences, filter.Sentence{Objects: []record.Object{record.Lead}, Where: d.expr(3)})
		}
		rows := filter.RowsOf(drawn)
		text := rows.Text()
		parsed, err := filter.Parse(text, small)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if diff := cmp.Diff(drawn, parsed, byName); diff != "" {
			t.Fatalf("seed %d: the rows' text is another filter (-drawn +read):\n%s\n%s", seed, text, diff)
		}
		read, err := filter.Read(text, small)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(rows, read); diff != "" {
			t.Fatalf("seed %d: the text gives other rows (-drawn +read):\n%s\n%s", seed, text, diff)
		}
		if again := filter.Format(parsed); again != text {
			t.Fatalf("seed %d: written again it is\n%s\nnot\n%s", seed, again, text)
		}
		for _, b := range rows.Blocks {
			each(b.Top, func(r filter.Row) {
				if wrong := small.Check(b.Objects, r); wrong != nil {
					t.Fatalf("seed %d: %s is refused: %v", seed, r.Text(), wrong)
				}
				o, known := small.Offer(b.Objects, r.Field)
				if !known || !slices.Contains(o.Asks, r.Ask) {
					t.Fatalf("seed %d: %s is not offered as %s", seed, r.Text(), r.Ask)
				}
			})
		}
	}
}

func each(n filter.Node, do func(filter.Row)) {
	if n.Join == filter.Alone {
		do(n.Row)
	}
	for _, part := range n.Nodes {
		each(part, do)
	}
}

// TestTextToRows reads texts as people write them: the rows write what Format does, and no remark is lost.
func TestTextToRows(t *testing.T) {
	for text, want := range map[string]string{
		`lead where NOT (Email = null or Country = "NL") and ((Employees > 5))`: `lead where not (Email is blank or Country is "NL") and Employees > 5`,
		"# who\nEmail is filled # reachable\n\n#\ncontact where not Birthdate before today; owner is inactive # gone\nwho leaves is unlinked # by Ada\n# end": "" +
			"# who\n# reachable\nEmail is filled\n#\n# gone\ncontact where not Birthdate before today\nowner is not active\nwho leaves is unlinked\n# by Ada\n# end",
		"Country is \"# 1\" # two":                           "# two\nCountry is \"# 1\"",
		"Country = NL\nwho leaves is marked in \"Kept Out\"": "Country is \"NL\"\nwho leaves is marked in \"Kept Out\"",
		"": "", "#a\n\n # b": "# a\n# b",
		"who leaves is unlinked": "who leaves is unlinked",
		`not not (Email is filled and not (Country = NL and Country = BE))`: `not not (Email is filled and not (Country is "NL" and Country is "BE"))`,
	} {
		rows, err := filter.Read(text, small)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := rows.Text(); got != want {
			t.Errorf("%s\nis written as\n%s\nwant\n%s", text, got, want)
		}
		again, err := filter.Read(rows.Text(), small)
		if diff := cmp.Diff(rows, again); diff != "" || err != nil {
			t.Errorf("%s: read again it is something else (%v):\n%s", text, err, diff)
		}
		f, err := filter.Parse(text, small)
		if len(rows.Blocks) == 0 && rows.Leaving == filter.Freeze {
			continue // no filter, which Parse does not take
		}
		if bare := strings.Join(slices.DeleteFunc(strings.Split(rows.Text(), "\n"), func(l string) bool { return strings.HasPrefix(l, "#") }), "\n"); err != nil || bare != filter.Format(f) {
			t.Errorf("%s: without remarks the rows say\n%s\nthe filter\n%s", text, bare, filter.Format(f))
		}
	}
}

// TestUnfinishedRows leaves out of the text what is not whole, and groups of nothing; a group of one says what that says.
func TestUnfinishedRows(t *testing.T) {
	good := filter.Node{Row: filter.Row{Field: "Email", Ask: filter.AskFilled}}
	open := filter.Node{Row: filter.Row{Field: "Country", Ask: filter.AskIn, Values: []string{"NL", " "}}}
	group := func(j filter.Join, nodes ...filter.Node) filter.Node { return filter.Node{Join: j, Nodes: nodes} }
	for _, row := range []struct {
		top  filter.Node
		want string
	}{
		{group(filter.EachOf), ""},
		{group(filter.EachOf, open, filter.Node{}), ""},
		{group(filter.EachOf, good, open), "Email is filled"},
		{group(filter.EachOf, good, group(filter.AnyOf, open)), "Email is filled"},
		{group(filter.EachOf, good, group(filter.AnyOf, open, good)), "Email is filled and Email is filled"},
		{group(filter.NoneOf, group(filter.AnyOf, good, open)), "not Email is filled"},
		{group(filter.AnyOf, good, group(filter.EachOf, group(filter.AnyOf, good, good))), "Email is filled or (Email is filled or Email is filled)"},
		{group(filter.NotEachOf, good), "not Email is filled"},
	} {
		rows := filter.Rows{Blocks: []filter.Block{{Top: row.top}}}
		if got := rows.Text(); got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
		if row.want != "" {
			if _, err := filter.Parse(row.want, small); err != nil {
				t.Errorf("%s: %v", row.want, err)
			}
		}
	}
}

// TestCheck refuses values that would make more or something else of a row than it is.
func TestCheck(t *testing.T) {
	for _, row := range []struct {
		field string
		ask   filter.Ask
		value string
		good  bool
	}{
		{"Employees", filter.AskEqual, "5", true}, {"Employees", filter.AskEqual, "5.5", false}, {"Employees", filter.AskEqual, "many", false},
		{"Employees", filter.AskEqual, "5 or Email is filled", false}, {"Employees", filter.AskAmong, "5) or Employees in (6", false},
		{"Country", filter.AskIs, `"; who leaves is unlinked`, true}, {"Country", filter.AskIs, "two\nlines", false},
		{"CreatedDate", filter.AskOn, "30 days ago", true}, {"CreatedDate", filter.AskOn, "today and Email is filled", false}, {"CreatedDate", filter.AskWithin, "24", false},
		{"Emial", filter.AskIs, "x", false}, {"Email", filter.AskLess, "5", false}, {"owner", filter.AskActive, "", true}, {"Email", filter.AskActive, "", false},
	} {
		r := filter.Row{Field: row.field, Ask: row.ask, Values: []string{row.value}}
		if wrong := small.Check(nil, r); (wrong == nil) != row.good {
			t.Errorf("%s: %v", r.Text(), wrong)
		}
	}
	if wrong := small.Check([]record.Object{"Nothing"}, filter.Row{Field: "Email", Ask: filter.AskFilled}); wrong == nil {
		t.Error("an object that is not there has fields")
	}
}

// TestOffers offers each field once, by a name that a sentence understands, and none that not all objects have.
func TestOffers(t *testing.T) {
	for _, row := range []struct {
		objects  []record.Object
		has, not string
	}{
		{nil, "Email Do_Not_Sync_to_Marketo Score_A__c owner owner.Email", "Company Description account.Industry Birthdate"},
		{[]record.Object{record.Contact}, "account account.Industry account.BillingCountry Birthdate", "Company"},
		{[]record.Object{record.Lead}, "Company \"record type\"", "Birthdate"},
	} {
		offers := small.Offers(row.objects)
		names := map[string]bool{}
		for _, o := range offers {
			if names[o.API] {
				t.Errorf("%s is offered twice", o.API)
			}
			names[o.API], names[o.Name] = true, true
			again, ok := small.Offer(row.objects, o.Name)
			if !ok || again.API != o.API || len(o.Asks) == 0 || o.Label == "" {
				t.Errorf("%s leads to %+v", o.Name, again)
			}
		}
		for _, want := range strings.Fields(strings.ReplaceAll(row.has, `"record type"`, "")) {
			if !names[want] {
				t.Errorf("about %v: %s is not offered", row.objects, want)
			}
		}
		for _, not := range strings.Fields(row.not) {
			if names[not] {
				t.Errorf("about %v: %s is offered", row.objects, not)
			}
		}
	}
}
