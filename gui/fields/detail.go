package fields

import (
	"cmp"
	"slices"

	"github.com/doppio-sync/doppio/app"
)

// Deed is what the button of the chosen field does.
type Deed uint8

// The deeds.
const (
	NoDeed Deed = iota
	Accept
	Drop
	PutBack
)

// Detail is all about the chosen field. The zero Detail is of none.
type Detail struct {
	Title, Under string
	Wrong        []string // what is wrong with it, and what to do
	Stuck        string   // why it does not travel
	Reason       string   // why it is suggested, or not
	Losses       []string
	Facts        []string // how full and how restless it is, and what it costs
	Deed         Deed
	DeedText     string

	Mapped     bool // what follows can be chosen
	Directions []string
	Direction  int
	Policies   []string
	Policy     int
	Quiets     []string
	Quiet      int
	NeverBlank bool
	Checkbox   bool // it is one: it has consent to choose, others have never blank
	Consent    bool
	Nightly    bool
}

// The words that a mapping uses, in the order in which they are offered.
var (
	policies   = []string{"", "salesforce", "marketo", "newest", "hold"}
	quiets     = []string{"", "hour", "day"}
	directions = []string{"both", "to_marketo", "to_salesforce"}
)

func directionsOf(p pair) []string {
	if p.object.IsPerson() {
		return directions
	}
	return directions[1:2] // other records are never written in Salesforce
}

func (p *painter) detail(r Row) Detail {
	w := p.words
	d := Detail{Title: r.Salesforce + " " + r.Arrow + " " + r.Marketo, Under: r.SalesforceUnder + " · " + r.MarketoUnder, Wrong: r.wrong}
	if s := r.proposed; s != nil {
		d.Reason = p.sentences(s.Why)
		for _, l := range s.Losses {
			d.Losses = append(d.Losses, w.Sentence(app.LossSentence(l)))
		}
		d.Deed, d.DeedText = Accept, w.Say("fields.accept")
		if r.Standing == IsNot {
			d.DeedText = w.Say("fields.accept.anyway")
			if s.Direction == "" {
				d.Deed, d.DeedText = NoDeed, ""
			}
		}
		return d
	}
	m := r.field
	for _, l := range m.Losses {
		d.Losses = append(d.Losses, w.Sentence(app.LossSentence(l)))
	}
	if m.State != "" {
		d.Stuck = w.Say("fields.stuck." + string(m.State))
	}
	d.Facts = p.counted(r)
	if _, at := p.facts.made.Now.find(r.Pair); at < 0 {
		d.Deed, d.DeedText = PutBack, w.Say("fields.putback")
		return d
	}
	d.Deed, d.DeedText = Drop, w.Say("fields.drop")
	d.Mapped = true
	for _, word := range directionsOf(r.Pair) {
		d.Directions = append(d.Directions, w.Say("fields.direction."+word))
	}
	d.Direction = max(0, slices.Index(directionsOf(r.Pair), m.Direction))
	for _, word := range policies {
		d.Policies = append(d.Policies, w.Say("fields.policy."+cmp.Or(word, "setting")))
	}
	d.Policy = max(0, slices.Index(policies, m.Policy))
	for _, word := range quiets {
		d.Quiets = append(d.Quiets, w.Say("fields.quiet."+cmp.Or(word, "none")))
	}
	d.Quiet = max(0, slices.Index(quiets, m.Quiet))
	d.NeverBlank, d.Consent, d.Nightly = m.NeverBlank, m.Consent, m.Reread != ""
	d.Checkbox = m.Type == "checkbox"
	return d
}

// counted says how full a field is and what it costs, or that nobody knows yet.
func (p *painter) counted(r Row) (lines []string) {
	w, f := p.words, p.facts
	facts, ok := f.setup.Facts[string(r.Pair.object)+"."+r.Pair.salesforce]
	switch {
	case !f.setup.Kept && !ok: // nobody can know before a sync
	case !ok || facts.Filled == nil:
		lines = append(lines, w.Say("fields.facts.unknown"))
	case f.setup.Sampled:
		lines = append(lines, w.Count("fields.facts.sampled", facts.FilledOf, "share", r.Filled))
	default:
		lines = append(lines, w.Count("fields.facts.filled", facts.FilledOf, "share", r.Filled))
	}
	if !f.setup.Kept {
		return lines
	}
	if f.prices == nil {
		return append(lines, w.Say("fields.price.reckoning"))
	}
	price, known := f.prices[string(r.Pair.object)+"."+r.Pair.salesforce]
	switch {
	case known && price.Writes > 0:
		lines = append(lines, w.Count("fields.price", price.Writes, "days", w.Number(app.PriceDays), "calls", w.Number(price.Calls)))
		if price.Saved.Hide > 0 {
			lines = append(lines, w.Count("fields.price.hide", price.Saved.Hide))
		}
		if price.Saved.QuietDay > 0 {
			lines = append(lines, w.Count("fields.price.quiet", price.Saved.QuietDay))
		}
	case len(f.prices) > 0 || known:
		lines = append(lines, w.Say("fields.price.none", "days", w.Number(app.PriceDays)))
	default:
		lines = append(lines, w.Say("fields.price.unknown"))
	}
	return lines
}

// Question is a setting as a choice.
type Question struct {
	Key, Title string
	Options    []Option
}

// Option is one answer.
type Option struct {
	Word, Title, Means string
	Chosen             bool
}

// questions are who wins, in the order in which it comes to be asked.
func (p *painter) questions() (all []Question) {
	w := p.facts.made.Now.Winners
	for _, q := range winnerQuestions {
		one := Question{Key: q.key, Title: p.words.Say("fields.ask." + q.key)}
		for _, word := range q.words {
			key := "fields.answer." + q.key + "." + word
			one.Options = append(one.Options, Option{Word: word, Title: p.words.Say(key), Means: p.words.Say(key + ".means"), Chosen: q.get(w) == word})
		}
		all = append(all, one)
	}
	return all
}

var winnerQuestions = []struct {
	key   string
	words []string
	get   func(app.Winners) string
	set   func(*app.Winners, string)
}{
	{"first", policies[1:], func(w app.Winners) string { return w.FirstSync }, func(w *app.Winners, v string) { w.FirstSync = v }},
	{"leads", policies[1:], func(w app.Winners) string { return w.Leads }, func(w *app.Winners, v string) { w.Leads = v }},
	{"contacts", policies[1:], func(w app.Winners) string { return w.Contacts }, func(w *app.Winners, v string) { w.Contacts = v }},
	{"create", []string{"no", "yes"}, func(w app.Winners) string { return map[bool]string{false: "no", true: "yes"}[w.Create] }, func(w *app.Winners, v string) { w.Create = v == "yes" }},
	{"deletes", []string{"mark", "unlink", "delete"}, func(w app.Winners) string { return w.Deletes }, func(w *app.Winners, v string) { w.Deletes = v }},
	{"merges", []string{"hold", "marketo"}, func(w app.Winners) string { return w.Merges }, func(w *app.Winners, v string) { w.Merges = v }},
}
