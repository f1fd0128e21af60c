package fields

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// Standing is how a pair of fields stands.
type Standing uint8

// The standings, as they are sorted where nothing else is asked for.
const (
	IsWrong Standing = iota
	IsSure
	IsLikely
	IsStuck // mapped, and a side does not let it travel
	IsNew
	IsChanged
	IsMapped
	IsOut // taken out, and not kept yet
	IsNot
)

// Row is a pair of fields in the list.
type Row struct {
	Pair            pair
	Standing        Standing
	Salesforce      string // label
	SalesforceUnder string // API name and type
	Arrow           string
	Losses          int
	Marketo         string
	MarketoUnder    string
	Filled, Changes string
	State, Wins     string

	filled   float64 // -1: nobody knows
	field    app.MappingField
	proposed *app.Suggested
	wrong    []string
}

// Wrong is what is wrong with it, and what to do.
func (r Row) Wrong() []string { return r.wrong }

// arrows draw where a field travels.
var arrows = map[string]string{"": "·", "both": "⇄", "to_marketo": "→", "to_salesforce": "←"}

// hardly is the share below which nobody uses a field.
const hardly = 0.01

// rows are all pairs of the object that is looked at.
func (p *painter) rows() (rows []Row) {
	f := p.facts
	o := f.look.object
	for _, m := range f.made.Now.object(o) {
		rows = append(rows, p.mapped(pairOf(o, m), m))
	}
	before := Edit{Mapping: f.setup.Mapping}
	for _, m := range before.object(o) {
		if _, at := f.made.Now.find(pairOf(o, m)); at < 0 {
			r := p.mapped(pairOf(o, m), m)
			if r.Standing != IsWrong {
				r.Standing = IsOut
			}
			rows = append(rows, r)
		}
	}
	for i, s := range f.setup.Suggested {
		if s.Object == o && f.free(s) {
			rows = append(rows, p.suggested(&f.setup.Suggested[i]))
		}
	}
	for i := range rows {
		rows[i].State = p.words.Say(standingKeys[rows[i].Standing])
	}
	return rows
}

var standingKeys = map[Standing]string{
	IsWrong: "fields.is.wrong", IsSure: "fields.is.sure", IsLikely: "fields.is.likely", IsStuck: "fields.is.stuck", IsNew: "fields.is.new",
	IsChanged: "fields.is.changed", IsMapped: "fields.is.mapped", IsOut: "fields.is.out", IsNot: "fields.is.not",
}

func (p *painter) mapped(at pair, m app.MappingField) Row {
	f, w := p.facts, p.words
	if now := (Edit{Mapping: f.change.Mapping}).object(at.object); now != nil { // as it would travel
		if i := slices.IndexFunc(now, func(x app.MappingField) bool { return pairOf(at.object, x) == at }); i >= 0 {
			m.Losses, m.Travels, m.State = now[i].Losses, now[i].Travels, now[i].State
		}
	}
	r := Row{Pair: at, Standing: IsMapped, field: m, Arrow: arrows[cmp.Or(m.Travels, m.Direction)], Losses: len(m.Losses), filled: -1}
	r.Salesforce, r.SalesforceUnder = p.named(m.Salesforce, m.Labels[0], m.Type)
	r.Marketo, r.MarketoUnder = p.named(m.Marketo, m.Labels[1], "")
	r.Wins = w.Say("fields.wins." + cmp.Or(m.Policy, "setting"))
	was, known := Edit{Mapping: f.setup.Mapping}.find(at)
	r.wrong = f.wrong(p.words, at)
	switch {
	case len(r.wrong) > 0:
		r.Standing = IsWrong
	case m.Number == nil:
		r.Standing = IsNew
	case known >= 0 && !same(was[known], m):
		r.Standing = IsChanged
	case m.State != "":
		r.Standing, r.Arrow = IsStuck, arrows[""]
	}
	p.facted(&r)
	return r
}

// same reports whether a person asks the same of two fields.
func same(a, b app.MappingField) bool {
	return a.Salesforce == b.Salesforce && a.Marketo == b.Marketo && a.Direction == b.Direction && a.Policy == b.Policy && a.NeverBlank == b.NeverBlank &&
		a.Consent == b.Consent && a.Rule == b.Rule && a.Quiet == b.Quiet && a.Reread == b.Reread && a.Why == b.Why && a.Owner == b.Owner
}

func (p *painter) suggested(s *app.Suggested) Row {
	r := Row{
		Pair: pair{s.Object, s.Salesforce, s.Marketo}, Arrow: arrows[s.Direction], Losses: len(s.Losses), filled: -1, proposed: s,
		Standing: map[Group]Standing{Sure: IsSure, Likely: IsLikely, Not: IsNot}[Group(s.Confidence)],
	}
	r.Salesforce, r.SalesforceUnder = p.named(s.Salesforce, s.Labels[0], s.Type)
	r.Marketo, r.MarketoUnder = p.named(s.Marketo, s.Labels[1], "")
	return r
}

// named is a field's label, and under it its API name with its type.
func (p *painter) named(name, label, kind string) (text, under string) {
	if kind != "" {
		name += " · " + p.kind(kind)
	}
	if label == "" {
		bare, _, _ := strings.Cut(name, " · ")
		label = words.Field(bare)
	}
	return label, name
}

func (p *painter) kind(kind string) string {
	key := "fields.kind." + strings.ReplaceAll(kind, " ", ".")
	if p.words.Has(key) {
		return p.words.Say(key)
	}
	return kind
}

// facted adds what was counted.
func (p *painter) facted(r *Row) {
	facts, ok := p.facts.setup.Facts[string(r.Pair.object)+"."+r.Pair.salesforce]
	if !ok {
		return
	}
	if facts.Filled != nil && facts.FilledOf > 0 {
		r.filled = *facts.Filled
		r.Filled = p.words.Percent(int(*facts.Filled*float64(facts.FilledOf)+0.5), facts.FilledOf)
	}
	if facts.ChangesPerWeek != nil {
		r.Changes = p.weekly(*facts.ChangesPerWeek)
	}
}

func (p *painter) weekly(n float64) string {
	switch {
	case n == 0:
		return p.words.Say("fields.weekly.none")
	case n < 1:
		return p.words.Say("fields.weekly.few")
	}
	return p.words.Say("fields.weekly", "n", p.words.Number(int(n+0.5)))
}

// in reports whether a row belongs to a group.
func (r Row) in(g Group) bool {
	switch g {
	case All:
		return true
	case Mapped:
		return r.Standing == IsMapped || r.Standing == IsNew || r.Standing == IsChanged || r.Standing == IsStuck || r.Standing == IsWrong && r.proposed == nil
	case Sure:
		return r.Standing == IsSure
	case Likely:
		return r.Standing == IsLikely
	case Not:
		return r.Standing == IsNot
	case Unused:
		return r.in(Mapped) && r.filled >= 0 && r.filled < hardly
	case Changed:
		return r.Standing == IsNew || r.Standing == IsChanged || r.Standing == IsOut
	}
	return r.Standing == IsWrong
}

func (r Row) matches(find string) bool {
	for _, word := range strings.Fields(strings.ToLower(find)) {
		if !strings.Contains(strings.ToLower(r.Salesforce+" "+r.SalesforceUnder+" "+r.Marketo+" "+r.MarketoUnder), word) {
			return false
		}
	}
	return true
}

// table fills in the list of fields, its groups, and the detail of the chosen one.
func (p *painter) table(v *View) {
	f, w := p.facts, p.words
	all := p.rows()
	for _, g := range groups {
		n := 0
		for _, r := range all {
			if r.in(g) {
				n++
			}
		}
		if n == 0 && g != f.look.group && (g == Unused || g == Changed || g == Wrong || g == Not) {
			continue
		}
		v.Groups = append(v.Groups, Tab{Group: g, Text: w.Say("fields.group."+cmp.Or(string(g), "all"), "n", w.Number(n)), Chosen: g == f.look.group})
	}
	inGroup := 0
	for _, r := range all {
		if r.in(f.look.group) {
			inGroup++
			if r.matches(f.look.find) {
				v.Rows = append(v.Rows, r)
			}
		}
	}
	v.Sort, v.Down = f.look.sort, f.look.down
	slices.SortStableFunc(v.Rows, func(a, b Row) int { return order(a, b, f.look.sort, f.look.down) })
	v.Chosen = slices.IndexFunc(v.Rows, func(r Row) bool { return r.Pair == f.look.chosen })
	if v.Chosen >= 0 {
		v.Detail = p.detail(v.Rows[v.Chosen])
	}
	if n := len(v.Rows); n > 0 {
		switch f.look.group {
		case Sure, Likely:
			v.All = w.Count("fields.accept.all", n)
		case Unused:
			v.All = w.Count("fields.drop.all", n)
		}
	}
	switch {
	case len(v.Rows) > 0:
	case f.look.find != "":
		v.Empty = w.Say("fields.empty.find", "find", f.look.find)
	case inGroup == 0 && w.Has("fields.empty."+string(f.look.group)):
		v.Empty = w.Say("fields.empty." + string(f.look.group))
	default:
		v.Empty = w.Say("fields.empty")
	}
}

// The columns of the list.
const (
	columnSalesforce = iota
	columnArrow
	columnMarketo
	columnState
	columnFilled
)

func order(a, b Row, column int, down bool) int {
	n := 0
	switch column {
	case columnSalesforce:
		n = strings.Compare(strings.ToLower(a.Salesforce), strings.ToLower(b.Salesforce))
	case columnMarketo:
		n = strings.Compare(strings.ToLower(a.Marketo), strings.ToLower(b.Marketo))
	case columnFilled:
		n = cmp.Compare(a.filled, b.filled)
	case columnArrow:
		n = strings.Compare(a.Arrow, b.Arrow)
	default:
		n = cmp.Compare(a.Standing, b.Standing)
	}
	if down {
		return -n
	}
	return n
}

func (p *painter) sentences(all []app.Sentence) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = p.words.Sentence(s)
	}
	return strings.Join(texts, " ")
}

// halves are the sides in the order in which they stand.
var halves = [2]record.Side{record.Salesforce, record.Marketo}

// sides are the fields of both sides that are not mapped, for setting two of them beside each other.
func (p *painter) sides(v *View) {
	f := p.facts
	i := slices.IndexFunc(f.setup.Objects, func(o app.FieldObject) bool { return o.Salesforce == f.look.object })
	if i < 0 {
		return
	}
	for n, side := range halves {
		h := Half{Chosen: -1}
		for _, x := range f.setup.Objects[i].Fields[side] {
			label, under := p.named(x.Name, x.Label, x.Type)
			if x.Own || f.made.Now.has(f.look.object, side, x.Name) || !(Row{Salesforce: label, SalesforceUnder: under}).matches(f.look.sides[n]) {
				continue
			}
			if x.Name == f.look.pick[n] {
				h.Chosen = len(h.Names)
			}
			if !x.Writable {
				under += " · " + p.words.Say("fields.readonly")
			}
			h.Names, h.Labels, h.Under = append(h.Names, x.Name), append(h.Labels, label), append(h.Under, under)
		}
		v.Halves[n] = h
	}
	s, k := f.look.pick[0], f.look.pick[1]
	switch {
	case s == "" || k == "":
		v.Pair = p.words.Say("fields.pair.choose")
	default:
		field, why := f.setup.Pair(f.look.object, s, k)
		if v.Pair, v.CanPair = p.sentences(why), len(why) == 0; v.CanPair {
			r := p.mapped(pairOf(f.look.object, field), field)
			v.Pair = p.words.Say("fields.pair.would", "salesforce", r.Salesforce, "arrow", r.Arrow, "marketo", r.Marketo)
			for _, l := range field.Losses {
				v.Pair += " " + p.words.Sentence(app.LossSentence(l))
			}
		}
	}
}
