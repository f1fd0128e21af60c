package rule_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
)

// agreed is a baseline of one value.
type agreed string

func (a agreed) Same(_ uint16, v record.Value) bool { return a != "" && v.Text() == string(a) }

func TestBand(t *testing.T) {
	rows := []struct {
		name, file string
		place      int
		from       record.Side
		in         string
		was        agreed
		want       string
	}{
		{"the preset", `"band"`, heat, record.Marketo, "37", "", "26-50"},
		{"its edges", `"band"`, heat, record.Marketo, "26", "", "26-50"},
		{"below all", `"band"`, heat, record.Marketo, "-4", "", "0-25"},
		{"above all", `"band"`, heat, record.Marketo, "412", "", "76-100"},
		{"a number field gets a number", `"band"`, score, record.Marketo, "37", "", "26"},
		{"it wavers about an edge", `"band"`, heat, record.Marketo, "52", "26-50", "26-50"},
		{"and from above", `"band"`, heat, record.Marketo, "49", "51-75", "51-75"},
		{"it is through", `"band"`, heat, record.Marketo, "53", "26-50", "51-75"},
		{"without a margin", `{"band":{"margin":0}}`, heat, record.Marketo, "51", "26-50", "51-75"},
		{"our own write", `"band"`, score, record.Salesforce, "51", "26", "51"},
		{"what is a band already", `"band"`, heat, record.Salesforce, "26-50", "51-75", "26-50"},
		{"no number", `"band"`, heat, record.Marketo, "hot", "", "hot"},
		{"nothing", `"band"`, heat, record.Marketo, "", "", ""},
		{"words of one's own", `{"band":{"bands":[{"band":"0-49","send":"cold"},{"band":"50-100","send":"hot"}]}}`, heat, record.Marketo, "50", "", "hot"},
		{"the upper end", `{"band":{"send":"high"}}`, score, record.Marketo, "30", "", "50"},
	}
	for _, row := range rows {
		field := lead.Fields[row.place].Salesforce
		o := compiled(t, with(field, row.file), rule.Org{})
		if got := o.Value(row.place, row.from, record.Of(row.in), nil, row.was).Text(); got != row.want {
			t.Errorf("%s: %q becomes %q, want %q", row.name, row.in, got, row.want)
		}
	}
}

// TestBandRests: however a number moves, the band that was sent for it stays for as long as the number is no further than the margin outside.
func TestBandRests(t *testing.T) {
	o := compiled(t, with("Score", `{"band":{"margin":3}}`), rule.Org{})
	low := map[string]int{"0": 0, "26": 26, "51": 51, "76": 76}
	high := map[string]int{"0": 25, "26": 50, "51": 75, "76": 100}
	rapid.Check(t, func(t *rapid.T) {
		was := agreed("")
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 100)).Draw(t, "numbers") {
			v, err := lead.Fields[score].Type.Canon(rapid.Just(itoa(n)).Draw(t, "n"))
			if err != nil {
				t.Fatal(err)
			}
			now := o.Value(score, record.Marketo, v, nil, was).Text()
			if was != "" && string(was) != now && n >= low[string(was)]-3 && n <= high[string(was)]+3 {
				t.Fatalf("%d left the band from %s for %s", n, was, now)
			}
			if n < low[now]-3 || n > high[now]+3 {
				t.Fatalf("%d was sent as %s", n, now)
			}
			if again := o.Value(score, record.Salesforce, record.Of(now), nil, agreed(now)).Text(); again != now {
				t.Fatalf("the band %s, read back, becomes %s", now, again)
			}
			was = agreed(now)
		}
	})
}

func TestBandTravelsOneWay(t *testing.T) {
	doc, err := rule.Parse([]byte(with("Score", `"band"`)))
	if err != nil {
		t.Fatal(err)
	}
	m := schema.Mapping{Objects: []schema.Object{lead}}
	r, err := rule.Compile(doc, m, rule.Org{})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Mapping(m).Objects[0].Fields[score].Direction; got != schema.ToSalesforce {
		t.Errorf("a banded number travels %v", got)
	}
	if got := m.Objects[0].Fields[score].Direction; got != schema.Both {
		t.Errorf("the mapping itself was changed: %v", got)
	}
}
