package filter

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

// picture says the facts.
func (m *Model) picture(f facts) View {
	w := m.words
	v := View{Rev: f.rev, Focus: f.focus, Which: f.which, Note: f.note, Setting: f.setting, Why: f.why}
	if f.failed != nil {
		told := w.Problem(f.failed)
		v.Problem = &told
	}
	if !f.opened {
		if f.failed != nil {
			v.State = Failed
		}
		return v
	}
	v.State = Full
	t := teller{w, f.sheet.Language}
	e := f.edit
	v.Lines, v.Text, v.Undo, v.Redo = lines(t, e), e.now.Text, len(e.past) > 0, len(e.future) > 0
	v.Said = t.filter(e.countable(e.now.Rows))
	v.Wrong = wrong(t, e)
	v.Means = t.means(f)
	v.Who, v.Empty = t.who(f)
	v.Past = t.versions(f)
	v.Notes = t.notes(f)
	v.Changed = f.changed()
	for _, p := range f.sheet.Presets {
		v.Presets = append(v.Presets, Preset{p.Sentence, w.Say("filter.preset." + p.Name), w.Say("filter.preset." + p.Name + ".about")})
	}
	v.Ready = v.Wrong == nil && e.open() == 0 && !f.setting && (!f.confirm || f.counted())
	if f.confirm {
		v.Confirm = t.confirm(f)
	}
	switch {
	case v.Wrong != nil:
		v.Note = w.Say("filter.foot.wrong")
	case e.open() > 0:
		v.Note = w.Count("filter.foot.open", e.open())
	case f.confirm:
	case !v.Changed && e.wanted() == "":
		v.Note = w.Say("filter.foot.none")
	}
	return v
}

// lines are the rows of the filter, from top to bottom; where there is no block yet, the head of the first one.
func lines(t teller, e editor) (list []Line) {
	rows := e.now.Rows
	blocks := rows.Blocks
	if len(blocks) == 0 {
		blocks = []app.FilterBlock{{Top: app.FilterNode{Join: app.FilterEachOf}}}
	}
	remarks := func(texts []string) {
		for _, r := range texts {
			list = append(list, Line{Kind: Remark, Text: "# " + r})
		}
	}
	for i, b := range blocks {
		remarks(b.Remarks)
		list = append(list, Line{Kind: Head, Path: Path{i}, Objects: b.Objects, About: t.about(b.Objects), Join: b.Top.Join, Only: len(blocks) == 1})
		if len(blocks) == 1 && len(b.Top.Nodes) == 0 {
			list = append(list, Line{Kind: Remark, Text: t.words.Say("filter.everybody")})
		}
		list = append(list, t.group(e, b, Path{i}, b.Top, 0)...)
	}
	remarks(rows.Remarks)
	return list
}

func (t teller) group(e editor, b app.FilterBlock, at Path, n app.FilterNode, depth int) (list []Line) {
	for i, part := range n.Nodes {
		path := append(slices.Clone(at), i)
		if part.Join != app.FilterAlone {
			list = append(list, Line{Kind: Group, Path: path, Depth: depth + 1, Join: part.Join, Objects: b.Objects})
			list = append(list, t.group(e, b, path, part, depth+1)...)
			continue
		}
		l := Line{Kind: RowLine, Path: path, Depth: depth, Objects: b.Objects, Row: part.Row, Label: t.label(b.Objects, part.Row.Field)}
		l.Offer, _ = t.language.Offer(b.Objects, part.Row.Field)
		if part.Row.Whole() {
			if err := t.language.Check(b.Objects, part.Row); err != nil {
				l.Open = t.wrongValue(part.Row)
			}
		} else if part.Row.Field != "" {
			l.Open = t.words.Say("filter.row.open")
		}
		list = append(list, l)
	}
	return append(list, Line{Kind: Add, Path: at, Depth: depth, Objects: b.Objects})
}

// wrongValue says what a row's values should be.
func (t teller) wrongValue(r app.FilterRow) string {
	switch r.Ask.Takes() {
	case app.FilterTakesNumber, app.FilterTakesNumbers:
		return t.words.Say("filter.row.wrong.number")
	case app.FilterTakesDay:
		return t.words.Say("filter.row.wrong.day")
	case app.FilterTakesStretch:
		return t.words.Say("filter.row.wrong.stretch")
	}
	return t.words.Say("filter.row.wrong")
}

// wrong shows the word that is not understood within its line.
func wrong(t teller, e editor) *Wrong {
	var err app.FilterError
	if !errors.As(e.now.wrong, &err) {
		return nil
	}
	text := e.now.Text
	from, to := min(err.Offset, len(text)), min(err.Offset+err.Length, len(text))
	begin := strings.LastIndexByte(text[:from], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[to:], '\n'); i >= 0 {
		end = to + i
	}
	w := &Wrong{Before: text[begin:from], Word: text[from:to], After: text[to:end], Why: t.why(err), Offset: from, Length: to - from, Meant: err.Suggestions}
	if r := []rune(w.Before); len(r) > 28 {
		w.Before = "… " + string(r[len(r)-26:])
	}
	if w.Word == "" {
		w.Word = "▏"
	}
	return w
}

// why says why a text is not understood.
func (t teller) why(err app.FilterError) string {
	args := make([]string, 0, 2*len(err.Args))
	for i, a := range err.Args {
		if key := whyKey(a); t.words.Has(key) { // what is needed
			a = t.words.Say(key)
		}
		args = append(args, strconv.Itoa(i+1), a)
	}
	return t.words.Say(whyKey(err.Reason), args...)
}

var letters = regexp.MustCompile("[a-z0-9]+")

// whyKey is the key of what a parser says: its words.
func whyKey(reason string) string {
	return "filter.why." + strings.Join(letters.FindAllString(strings.ToLower(reason), -1), "-")
}
