package filter

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

// Path leads to a part of a filter: the number of its block, and then of each part within its group. A block alone is its top group.
type Path []int

// editor is a filter under a person's hands: rows and text, always of one meaning, and the way back. It is a value: an edit gives another.
type editor struct {
	language app.FilterLanguage
	now      state
	past     []state
	future   []state
	last     string // what was edited last, for typing to be one step
	at       time.Time
}

// state is what is gone back to.
type state struct {
	Rows app.FilterRows `json:"rows"`
	Text string         `json:"text"`
	// wrong is why Text was not understood; then Rows are those of before.
	wrong error
}

// together is how long typing in one place is one step.
const together = 2 * time.Second

// newEditor begins with a text.
func newEditor(language app.FilterLanguage, text string) editor {
	return editor{language: language, now: state{Text: text}.read(language)}
}

// read makes the rows of a text; where it is not understood they stay as they are.
func (s state) read(language app.FilterLanguage) state {
	rows, err := language.Read(s.Text)
	if s.wrong = err; err == nil {
		s.Rows = rows
	}
	return s
}

// to goes to a new state. Edits of the same place soon after each other are one step.
func (e editor) to(next state, place string, at time.Time) editor {
	if place == "" || place != e.last || at.Sub(e.at) > together || len(e.past) == 0 {
		e.past = append(slices.Clone(e.past), e.now)
	}
	e.now, e.future, e.last, e.at = next, nil, place, at
	return e
}

// undo goes a step back, redo one forth again.
func (e editor) undo() editor {
	if n := len(e.past); n > 0 {
		e.future, e.now, e.past, e.last = append(slices.Clone(e.future), e.now), e.past[n-1], e.past[:n-1:n-1], ""
	}
	return e
}

func (e editor) redo() editor {
	if n := len(e.future); n > 0 {
		e.past, e.now, e.future, e.last = append(slices.Clone(e.past), e.now), e.future[n-1], e.future[:n-1:n-1], ""
	}
	return e
}

// typed is the text edited.
func (e editor) typed(text string, at time.Time) editor {
	if text == e.now.Text {
		return e
	}
	return e.to(state{Rows: e.now.Rows, Text: text}.read(e.language), "text", at)
}

// change edits the rows; the text follows at once. What does not count yet is not in it. While the text is not understood nobody edits
// rows that may not be what is meant.
func (e editor) change(place string, at time.Time, do func(*app.FilterRows)) editor {
	if e.now.wrong != nil {
		return e
	}
	next := state{Rows: clone(e.now.Rows)}
	do(&next.Rows)
	next.Text = e.countable(next.Rows).Text()
	return e.to(next, place, at)
}

// countable leaves out the rows that are not whole, or that Salesforce would not understand.
func (e editor) countable(rows app.FilterRows) app.FilterRows {
	rows = clone(rows)
	for i := range rows.Blocks {
		objects := rows.Blocks[i].Objects
		var sieve func(*app.FilterNode)
		sieve = func(n *app.FilterNode) {
			if n.Join == app.FilterAlone && (!n.Row.Whole() || e.language.Check(objects, n.Row) != nil) {
				n.Row = app.FilterRow{}
			}
			for i := range n.Nodes {
				sieve(&n.Nodes[i])
			}
		}
		sieve(&rows.Blocks[i].Top)
	}
	return rows
}

// open counts the rows that do not count yet.
func (e editor) open() (n int) {
	for _, b := range e.now.Rows.Blocks {
		each(b.Top, func(r app.FilterRow) {
			if !r.Whole() || e.language.Check(b.Objects, r) != nil {
				n++
			}
		})
	}
	return n
}

func each(n app.FilterNode, do func(app.FilterRow)) {
	if n.Join == app.FilterAlone {
		do(n.Row)
	}
	for _, part := range n.Nodes {
		each(part, do)
	}
}

// setField asks another field; what is asked stays if it can be asked of that one too.
func (e editor) setField(p Path, field string, at time.Time) editor {
	return e.change("", at, func(rows *app.FilterRows) {
		n := find(rows, p)
		offer, _ := e.language.Offer(rows.Blocks[p[0]].Objects, field)
		before := n.Row
		n.Row = app.FilterRow{Field: field, Ask: before.Ask}
		if !slices.Contains(offer.Asks, before.Ask) && len(offer.Asks) > 0 {
			n.Row.Ask = offer.Asks[0]
		}
		if n.Row.Ask == before.Ask && len(offer.Picklist) == 0 {
			n.Row.Values = before.Values
		}
		n.Row.Values = begin(n.Row)
	})
}

// setAsk asks something else; values that still fit stay.
func (e editor) setAsk(p Path, ask app.FilterAsk, at time.Time) editor {
	return e.change("", at, func(rows *app.FilterRows) {
		n := find(rows, p)
		was, will := n.Row.Ask.Takes(), ask.Takes()
		several := func(t app.FilterTakes) bool { return t == app.FilterTakesTexts || t == app.FilterTakesNumbers }
		words := func(t app.FilterTakes) bool { return t == app.FilterTakesText || t == app.FilterTakesTexts }
		numbers := func(t app.FilterTakes) bool { return t == app.FilterTakesNumber || t == app.FilterTakesNumbers }
		switch {
		case was == will:
		case words(was) && words(will), numbers(was) && numbers(will):
			if !several(will) && len(n.Row.Values) > 1 {
				n.Row.Values = n.Row.Values[:1]
			}
		default:
			n.Row.Values = nil
		}
		n.Row.Ask = ask
		n.Row.Values = begin(n.Row)
	})
}

// begin are the values of a row, or those that one begins with where they are of a form that one would not guess.
func begin(r app.FilterRow) []string {
	switch {
	case len(r.Values) > 0:
		return r.Values
	case r.Ask.Takes() == app.FilterTakesStretch:
		return []string{"12 months"}
	case r.Ask.Takes() == app.FilterTakesDay:
		return []string{"today"}
	}
	return nil
}

func (e editor) setValues(p Path, values []string, at time.Time) editor {
	return e.change("values", at, func(rows *app.FilterRows) { find(rows, p).Row.Values = values })
}

// add puts a row, or a group with one, at the end of a group. The new row's path is given.
func (e editor) add(group Path, join app.FilterJoin, at time.Time) (editor, Path) {
	var to Path
	e = e.change("", at, func(rows *app.FilterRows) {
		for len(rows.Blocks) <= group[0] {
			rows.Blocks = append(rows.Blocks, app.FilterBlock{Top: app.FilterNode{Join: app.FilterEachOf}})
		}
		n := find(rows, group)
		to = append(slices.Clone(group), len(n.Nodes))
		made := app.FilterNode{}
		if join != app.FilterAlone {
			made = app.FilterNode{Join: join, Nodes: []app.FilterNode{{}}}
			to = append(to, 0)
		}
		n.Nodes = append(n.Nodes, made)
	})
	return e, to
}

// addBlock puts a block for one kind of records at the end.
func (e editor) addBlock(objects []record.Object, at time.Time) (editor, Path) {
	n := len(e.now.Rows.Blocks)
	e = e.change("", at, func(rows *app.FilterRows) {
		rows.Blocks = append(rows.Blocks, app.FilterBlock{Objects: objects, Top: app.FilterNode{Join: app.FilterEachOf, Nodes: []app.FilterNode{{}}}})
	})
	return e, Path{n, 0}
}

// remove takes away a row, a group or a block, and with the last row of a group the group.
func (e editor) remove(p Path, at time.Time) editor {
	return e.change("", at, func(rows *app.FilterRows) { take(rows, p) })
}

func take(rows *app.FilterRows, p Path) app.FilterNode {
	if len(p) == 1 {
		top := rows.Blocks[p[0]].Top
		rows.Blocks = slices.Delete(rows.Blocks, p[0], p[0]+1)
		return top
	}
	group, i := find(rows, p[:len(p)-1]), p[len(p)-1]
	n := group.Nodes[i]
	group.Nodes = slices.Delete(group.Nodes, i, i+1)
	if len(group.Nodes) == 0 && (len(p) > 2 || len(rows.Blocks) > 1 && len(rows.Blocks[p[0]].Remarks) == 0) {
		take(rows, p[:len(p)-1])
	}
	return n
}

// move takes a row or a group one place up or down: past its neighbour, into a neighbouring group, and at the end of its own group out of
// it. The path that it has then is given.
func (e editor) move(p Path, up bool, at time.Time) (editor, Path) {
	if len(p) < 2 {
		return e, p
	}
	to := slices.Clone(p)
	last := len(p) - 1
	e2 := e.change("", at, func(rows *app.FilterRows) {
		group := find(rows, p[:last])
		next := p[last] + 1
		if up {
			next = p[last] - 1
		}
		switch {
		case next < 0 || next >= len(group.Nodes): // out of the group
			if len(p) == 2 {
				return
			}
			n := group.Nodes[p[last]]
			outer, place := find(rows, p[:last-1]), p[last-1]
			if !up {
				place++
			}
			group.Nodes = slices.Delete(group.Nodes, p[last], p[last]+1)
			empty := len(group.Nodes) == 0
			outer.Nodes = slices.Insert(outer.Nodes, place, n)
			to = append(slices.Clone(p[:last-1]), place)
			if empty {
				gone := p[last-1]
				if up {
					gone++
				} else {
					to[len(to)-1]--
				}
				outer.Nodes = slices.Delete(outer.Nodes, gone, gone+1)
			}
		case group.Nodes[next].Join != app.FilterAlone: // into the neighbour
			n := group.Nodes[p[last]]
			into := &group.Nodes[next]
			place := 0
			if up {
				place = len(into.Nodes)
			}
			into.Nodes = slices.Insert(into.Nodes, place, n)
			group.Nodes = slices.Delete(group.Nodes, p[last], p[last]+1)
			if next > p[last] {
				next--
			}
			to = append(slices.Clone(p[:last]), next, place)
		default:
			group.Nodes[p[last]], group.Nodes[next] = group.Nodes[next], group.Nodes[p[last]]
			to[last] = next
		}
	})
	if slices.Equal(to, p) {
		return e, p
	}
	return e2, to
}

func (e editor) setJoin(p Path, join app.FilterJoin, at time.Time) editor {
	return e.change("", at, func(rows *app.FilterRows) { find(rows, p).Join = join })
}

func (e editor) setObjects(block int, objects []record.Object, at time.Time) editor {
	return e.change("", at, func(rows *app.FilterRows) { rows.Blocks[block].Objects = objects })
}

func (e editor) setLeaving(l app.FilterLeaving, mark string, at time.Time) editor {
	return e.change("", at, func(rows *app.FilterRows) { rows.Leaving, rows.Mark = l, mark })
}

// addPreset adds what a preset says: to the rows about the same records where they all have to hold, else as blocks of its own.
func (e editor) addPreset(sentence string, at time.Time) editor {
	more, err := e.language.Read(sentence)
	if err != nil {
		return e
	}
	return e.change("", at, func(rows *app.FilterRows) {
		for _, b := range more.Blocks {
			i := slices.IndexFunc(rows.Blocks, func(other app.FilterBlock) bool {
				return slices.Equal(other.Objects, b.Objects) && other.Top.Join == app.FilterEachOf
			})
			if i < 0 || b.Top.Join != app.FilterEachOf {
				rows.Blocks = append(rows.Blocks, b)
				continue
			}
			top := &rows.Blocks[i].Top
			top.Nodes = append(slices.DeleteFunc(top.Nodes, func(n app.FilterNode) bool { return n.Join == app.FilterAlone && n.Row.Field == "" }), b.Top.Nodes...)
		}
	})
}

// find is the part that a path leads to.
func find(rows *app.FilterRows, p Path) *app.FilterNode {
	n := &rows.Blocks[p[0]].Top
	for _, i := range p[1:] {
		n = &n.Nodes[i]
	}
	return n
}

// clone copies rows so that nothing of them is shared.
func clone(rows app.FilterRows) app.FilterRows {
	rows.Blocks = slices.Clone(rows.Blocks)
	var copied func(n app.FilterNode) app.FilterNode
	copied = func(n app.FilterNode) app.FilterNode {
		n.Nodes = slices.Clone(n.Nodes)
		for i := range n.Nodes {
			n.Nodes[i] = copied(n.Nodes[i])
		}
		return n
	}
	for i := range rows.Blocks {
		rows.Blocks[i].Top = copied(rows.Blocks[i].Top)
	}
	return rows
}

// wanted is the filter's text without blanks around it; "" lets everybody take part, as remarks alone do.
func (e editor) wanted() string {
	if e.now.wrong == nil && e.now.Rows.Leaving == app.FilterFreeze && !slices.ContainsFunc(e.now.Rows.Blocks, func(b app.FilterBlock) bool { return b.Text() != "" }) {
		return ""
	}
	return strings.TrimSpace(e.now.Text)
}

// mend puts what was meant in the place of a word that was not understood.
func (e editor) mend(offset, length int, meant string, at time.Time) editor {
	if strings.ContainsFunc(meant, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '/' }) {
		meant = `"` + meant + `"`
	}
	text := e.now.Text
	return e.typed(text[:offset]+meant+text[offset+length:], at.Add(together))
}
