package filter

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestEditsKeepInStep edits at random, in rows and in text: after each edit the text is what the rows that count say and the text is read
// as them, or it is not understood and the rows are those of before. Everything can be undone and done again.
func TestEditsKeepInStep(t *testing.T) {
	language := fake.Org()
	for seed := range uint64(40) {
		d := rand.New(rand.NewPCG(seed, 9))
		now := fake.Noon
		e := newEditor(language, "")
		states := []state{e.now}
		for n := range 60 {
			now = now.Add(3 * time.Second)
			before := e
			e = randomEdit(d, e, now)
			if e.now.wrong != nil {
				if diff := cmp.Diff(before.now.Rows, e.now.Rows); diff != "" {
					t.Fatalf("seed %d, edit %d: a text that is not understood changed the rows:\n%s", seed, n, diff)
				}
			} else {
				counts := e.countable(e.now.Rows)
				read, err := language.Read(e.now.Text)
				if err != nil || read.Text() != counts.Text() {
					t.Fatalf("seed %d, edit %d: the text is\n%s\nthe rows say\n%s\n%v", seed, n, e.now.Text, counts.Text(), err)
				}
			}
			if len(e.past) == len(states) {
				states = append(states, e.now)
			} else if len(e.past) < len(states)-1 {
				t.Fatalf("seed %d: an edit took steps away", seed)
			}
		}
		all := e
		for i := len(states) - 2; i >= 0; i-- {
			if e = e.undo(); e.now.Text != states[i].Text {
				t.Fatalf("seed %d: undone %d is\n%s\nwas\n%s", seed, i, e.now.Text, states[i].Text)
			}
		}
		for range states[1:] {
			e = e.redo()
		}
		if diff := cmp.Diff(all.now.Rows, e.now.Rows); diff != "" || e.now.Text != all.now.Text {
			t.Fatalf("seed %d: done again it is something else:\n%s", seed, diff)
		}
	}
}

// paths are those of all groups and of all rows.
func paths(rows app.FilterRows) (groups, leaves []Path) {
	var walk func(Path, app.FilterNode)
	walk = func(p Path, n app.FilterNode) {
		if n.Join == app.FilterAlone {
			leaves = append(leaves, p)
			return
		}
		groups = append(groups, p)
		for i, part := range n.Nodes {
			walk(append(slices.Clone(p), i), part)
		}
	}
	for i, b := range rows.Blocks {
		walk(Path{i}, b.Top)
	}
	return groups, leaves
}

func randomEdit(d *rand.Rand, e editor, now time.Time) editor {
	groups, leaves := paths(e.now.Rows)
	pick := func(list []Path) Path { return list[d.IntN(len(list))] }
	switch k := d.IntN(12); {
	case len(groups) == 0 || k == 0:
		e, _ = e.addBlock([][]record.Object{nil, {record.Lead}, {record.Contact}}[d.IntN(3)], now)
	case k == 1:
		e, _ = e.add(pick(groups), app.FilterJoin(d.IntN(5)), now)
	case k == 2:
		e = e.setJoin(pick(groups), app.FilterJoin(1+d.IntN(4)), now)
	case k == 3:
		texts := []string{"", "Email is filled", "Emial is filled", "lead where Company is filled and (", "# who\nEmail is filled or Country is Sweden", e.now.Text + " "}
		e = e.typed(texts[d.IntN(len(texts))], now)
	case k == 4 && e.now.wrong != nil:
		e = e.typed("Email is filled", now)
	case k == 5:
		e = e.setLeaving(app.FilterLeaving(d.IntN(2)), "", now)
	case len(leaves) == 0:
	case k == 6:
		e = e.remove(pick(slices.Concat(groups, leaves)), now)
	case k == 7:
		e, _ = e.move(pick(leaves), d.IntN(2) == 0, now)
	case k < 10:
		p := pick(leaves)
		offers := e.language.Offers(e.now.Rows.Blocks[p[0]].Objects)
		e = e.setField(p, offers[d.IntN(len(offers))].Name, now)
	default:
		p := pick(leaves)
		if e.now.wrong != nil {
			return e
		}
		row := find(&e.now.Rows, p).Row
		if offer, ok := e.language.Offer(e.now.Rows.Blocks[p[0]].Objects, row.Field); ok && d.IntN(2) == 0 {
			return e.setAsk(p, offer.Asks[d.IntN(len(offer.Asks))], now)
		}
		values := []string{"Sweden", "5", "5.5", "", `a "quoted" one`, "30 days ago", "24 months", "2026-01-31", "Golf;Tea"}
		e = e.setValues(p, []string{values[d.IntN(len(values))]}, now)
	}
	return e
}

// TestMoves takes a row past its neighbours, into a group and out of it again.
func TestMoves(t *testing.T) {
	e := newEditor(fake.Org(), `Email is filled and (Country is "Sweden" or Country is "Belgium") and Employees > 5`)
	at := Path{0, 0}
	for _, step := range []struct {
		up   bool
		want Path
		text string
	}{
		{false, Path{0, 0, 0}, `(Email is filled or Country is "Sweden" or Country is "Belgium") and Employees > 5`},
		{false, Path{0, 0, 1}, `(Country is "Sweden" or Email is filled or Country is "Belgium") and Employees > 5`},
		{false, Path{0, 0, 2}, `(Country is "Sweden" or Country is "Belgium" or Email is filled) and Employees > 5`},
		{false, Path{0, 1}, `(Country is "Sweden" or Country is "Belgium") and Email is filled and Employees > 5`},
		{false, Path{0, 2}, `(Country is "Sweden" or Country is "Belgium") and Employees > 5 and Email is filled`},
		{false, Path{0, 2}, `(Country is "Sweden" or Country is "Belgium") and Employees > 5 and Email is filled`},
		{true, Path{0, 1}, `(Country is "Sweden" or Country is "Belgium") and Email is filled and Employees > 5`},
		{true, Path{0, 0, 2}, `(Country is "Sweden" or Country is "Belgium" or Email is filled) and Employees > 5`},
	} {
		e, at = e.move(at, step.up, fake.Noon)
		if !slices.Equal(at, step.want) || e.now.Text != step.text {
			t.Errorf("at %v it is\n%s\nwant %v\n%s", at, e.now.Text, step.want, step.text)
		}
	}
	alone := newEditor(fake.Org(), `Email is filled and not Country is "Sweden"`)
	for _, up := range []bool{true, false} {
		moved, to := alone.move(Path{0, 1, 0}, up, fake.Noon)
		if want := map[bool]string{true: `Email is filled and Country is "Sweden"`, false: `Email is filled and Country is "Sweden"`}[up]; moved.now.Text != want || !slices.Equal(to, Path{0, 1}) {
			t.Errorf("out of a group of one: %s at %v", moved.now.Text, to)
		}
	}
}

// TestSteps makes one step of what is typed in one go.
func TestSteps(t *testing.T) {
	e := newEditor(fake.Org(), "")
	for i, text := range []string{"E", "Em", "Email", "Email is filled"} {
		e = e.typed(text, fake.Noon.Add(time.Duration(i)*time.Second))
	}
	if e = e.typed("Email is blank", fake.Noon.Add(time.Minute)); len(e.past) != 2 {
		t.Errorf("%d steps", len(e.past))
	}
	if e = e.undo(); e.now.Text != "Email is filled" {
		t.Errorf("undone: %s", e.now.Text)
	}
	if e = e.undo(); e.now.Text != "" || len(e.now.Rows.Blocks) != 0 {
		t.Errorf("undone twice: %+v", e.now)
	}
	if e = e.mend(0, 0, "Email Opt Out", fake.Noon); e.now.Text != `"Email Opt Out"` {
		t.Errorf("mended: %s", e.now.Text)
	}
}

// TestDays takes days and stretches apart and puts them together again.
func TestDays(t *testing.T) {
	for _, v := range []string{"today", "yesterday", "tomorrow", "2026-01-31", "30 days ago", "1 week ago", "2 months from now", " days ago", " years from now", "2026-01-31T10:00:00Z"} {
		form, n := dayForm(v)
		if got := dayOf(form, n); got != v || !slices.Contains(dayForms, form) {
			t.Errorf("%q is %s %s, together %q", v, form, n, got)
		}
	}
	for _, v := range []string{"24 months", "1 year", " days"} {
		n, unit := stretch(v)
		if got := stretchOf(n, unit); got != v || !slices.Contains(units, unit) {
			t.Errorf("%q is %s %s, together %q", v, n, unit, got)
		}
	}
}

// TestReasonsAreTranslated reads the parser's source for all that it says of a text: every language has it.
func TestReasonsAreTranslated(t *testing.T) {
	files, err := filepath.Glob("../../engine/filter/*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile("(?:fail|newError)\\((?:[^\"`\n]|\\{[^}]*\\})*?(\"[^\"\\n]*\"|`[^`]*`)|expected\\((\"[^\"\\n]*\"|`[^`]*`)|reason :?= (\"[^\"\\n]*\")")
	n := 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(source), -1) {
			reason, err := strconv.Unquote(m[1] + m[2] + m[3])
			if err != nil {
				t.Fatalf("%s: %q", f, m[0])
			}
			n++
			for _, language := range words.Languages() {
				if !words.For(language).Has(whyKey(reason)) {
					t.Errorf("%s has no %s", language, whyKey(reason))
				}
			}
		}
	}
	if n < 55 {
		t.Errorf("only %d reasons were found", n)
	}
	e := newEditor(fake.Org(), "Emial is filled")
	if w := wrong(teller{words.For("nl"), fake.Org()}, e); w.Why != "leads hebben geen veld Emial (zonder objectwoord gaat een zin over leads en contactpersonen)" {
		t.Errorf("in Dutch: %s", w.Why)
	}
	e = e.typed("Email is filled and Email", fake.Noon)
	if w := wrong(teller{words.For("nl"), fake.Org()}, e); w.Why != "de zin houdt hier op; nodig is nog wat van het veld gevraagd wordt (is, in, contains, =, …)" {
		t.Errorf("in Dutch: %s", w.Why)
	}
}
