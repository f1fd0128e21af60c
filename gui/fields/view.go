// Package fields is the page on which a person decides what takes part: objects, the fields of each, and who wins.
//
// What both sides have and what is mapped flows in from the workspace; an Edit is made of it here, tried with every step, and flows out as a
// whole when it is kept.
package fields

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// State is which of the page's faces is shown.
type State uint8

// The faces.
const (
	Loading State = iota
	Failed
	Full
)

// Part is what of the page is looked at.
type Part uint8

// The parts, in the order in which one decides.
const (
	Objects Part = iota
	Fields
	Pairing
	Winners
)

// Group narrows the fields that are shown.
type Group string

// The groups.
const (
	All     Group = ""
	Mapped  Group = "mapped"
	Sure    Group = "sure"
	Likely  Group = "likely"
	Not     Group = "not"
	Unused  Group = "unused" // mapped, and filled in hardly any record
	Changed Group = "changed"
	Wrong   Group = "wrong"
)

var groups = []Group{All, Mapped, Sure, Likely, Not, Unused, Changed, Wrong}

// looking is what a person looks at: it is no part of the edit.
type looking struct {
	part   Part
	object record.Object
	find   string
	group  Group
	sort   int // column, -1 for the page's own order
	down   bool
	chosen pair
	sides  [2]string // with Pairing: what is searched in each half
	pick   [2]string // and chosen
}

// View is one picture of the page.
type View struct {
	State        State
	Heading, Sub string
	Note         string // what was done last, or what stands in the way
	Busy         bool
	Problem      *words.Told
	Part         Part
	CanUndo      bool
	Changed      bool // something was made that is not kept
	Ready        bool // it can be kept: something is new and nothing is wrong

	Cards   []Card
	Names   []string // of the objects that take part
	Object  int      // the chosen one among them
	Groups  []Tab
	Rows    []Row
	Chosen  int
	All     string // what the button for the whole group says; empty for none
	Sort    int
	Down    bool
	Empty   string // what stands there instead of rows
	Detail  Detail
	Halves  [2]Half // Salesforce's and Marketo's
	Pair    string  // what would become of the two, or what stands in the way
	CanPair bool
	Winners []Question
}

// Tab is a choice of groups.
type Tab struct {
	Group  Group
	Text   string
	Chosen bool
}

// Card is an object.
type Card struct {
	Object       record.Object
	Title, Means string
	Counts       string
	Taking       bool
	Switch       string // what the button says that lets it take part or not; empty: it always does
}

// Half is one side's list of fields that are not mapped.
type Half struct {
	Names  []string
	Labels []string
	Under  []string
	Chosen int
}

// picture is the view of the facts.
func picture(w *words.Words, f facts) View {
	v := View{State: Loading, Heading: w.Say("fields.heading"), Sub: w.Say("fields.reading"), Busy: f.Busy, Note: f.Note, Part: f.look.part, Chosen: -1}
	if f.Failed != nil {
		told := w.Problem(f.Failed)
		v.Problem = &told
		v.State, v.Sub = Failed, w.Say("fields.failed")
	}
	if f.setup == nil {
		return v
	}
	v.State = Full
	v.CanUndo, v.Changed = f.made.CanUndo(), f.changed()
	v.Ready = !f.Busy && len(f.mistakes) == 0 && (v.Changed || !f.setup.Kept)
	p := &painter{words: w, facts: f}
	v.Heading, v.Sub = p.heading()
	if v.Note == "" && len(f.mistakes) > 0 {
		v.Note = w.Count("fields.wrong", len(f.mistakes))
	}
	v.Cards = p.cards()
	for _, o := range f.setup.Objects {
		if len(f.made.Now.object(o.Salesforce)) > 0 {
			if o.Salesforce == f.look.object {
				v.Object = len(v.Names)
			}
			v.Names = append(v.Names, p.objectName(o))
		}
	}
	p.table(&v)
	p.sides(&v)
	v.Winners = p.questions()
	return v
}

// painter says facts in words.
type painter struct {
	words *words.Words
	facts facts
}

func (p *painter) heading() (heading, sub string) {
	f, w := p.facts, p.words
	travel, people := 0, 0
	for _, o := range f.made.Now.Mapping.Objects {
		travel += len(o.Fields)
	}
	sure, likely := 0, 0
	for _, s := range f.setup.Suggested {
		if !f.free(s) {
			continue
		}
		switch Group(s.Confidence) {
		case Sure:
			sure++
		case Likely:
			likely++
		}
	}
	for _, o := range f.setup.Objects {
		if o.Salesforce.IsPerson() {
			people += o.Linked
		}
	}
	heading = w.Count("fields.heading.travel", travel)
	switch {
	case len(f.mistakes) > 0:
		heading = w.Count("fields.heading.wrong", len(f.mistakes))
	case sure > 0:
		heading += " " + w.Count("fields.heading.sure", sure)
	case likely > 0:
		heading += " " + w.Count("fields.heading.likely", likely)
	}
	switch {
	case !f.setup.Kept:
		sub = w.Say("fields.sub.new")
	case f.changed():
		sub = w.Say("fields.sub.changed", "added", w.Number(len(f.change.Added)), "changed", w.Number(len(f.change.Changed)), "removed", w.Number(len(f.change.Removed)))
	default:
		sub = w.Count("fields.sub.kept", people)
	}
	return heading, sub
}

// objectName is an object in both systems' words: "Leads and people".
func (p *painter) objectName(o app.FieldObject) string {
	if key := "fields.object." + string(o.Salesforce); p.words.Has(key) {
		return p.words.Say(key)
	}
	return words.Field(string(o.Salesforce))
}

func (p *painter) cards() (cards []Card) {
	w, f := p.words, p.facts
	for _, o := range f.setup.Objects {
		n := len(f.made.Now.object(o.Salesforce))
		c := Card{Object: o.Salesforce, Title: p.objectName(o), Taking: n > 0}
		key := "fields.means." + string(o.Salesforce)
		if !w.Has(key) {
			key = "fields.means.custom"
		}
		c.Means = w.Say(key, "twin", words.Field(strings.TrimSuffix(string(o.Marketo), "_c")))
		suggested := 0
		for _, s := range f.setup.Suggested {
			if s.Object == o.Salesforce && Group(s.Confidence) != Not && f.free(s) {
				suggested++
			}
		}
		counts := []string{w.Count("fields.count.travel", n)}
		if suggested > 0 && n > 0 {
			counts = append(counts, w.Count("fields.count.suggested", suggested))
		}
		if o.Linked > 0 {
			counts = append(counts, w.Count("fields.count.linked", o.Linked))
		}
		if n == 0 {
			counts = []string{w.Say("fields.count.out")}
		}
		c.Counts = strings.Join(counts, " · ")
		switch {
		case o.Salesforce.IsPerson():
		case n > 0:
			c.Switch = w.Say("fields.leave")
		case len(o.Begin) > 0:
			c.Switch = w.Say("fields.take")
		}
		cards = append(cards, c)
	}
	return cards
}

// free reports that neither field of a suggestion is mapped by now.
func (f facts) free(s app.Suggested) bool {
	return !f.made.Now.has(s.Object, record.Salesforce, s.Salesforce) && !f.made.Now.has(s.Object, record.Marketo, s.Marketo)
}

// wrong are the mistakes of a field.
func (f facts) wrong(w *words.Words, p pair) (texts []string) {
	for _, m := range f.mistakes {
		if strings.EqualFold(m.Field, string(p.object)+"."+p.salesforce) {
			texts = append(texts, w.Whole(m.Said))
		}
	}
	return texts
}

func (f facts) twin(o record.Object) record.Object {
	i := slices.IndexFunc(f.setup.Objects, func(x app.FieldObject) bool { return x.Salesforce == o })
	if i < 0 {
		return ""
	}
	return f.setup.Objects[i].Marketo
}
