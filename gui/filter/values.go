package filter

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
)

// valuer edits the values of a row.
type valuer interface {
	content() fyne.CanvasObject
	set(l Line)
	able(on bool)
	keys() []fyne.Focusable
}

// valueKind is how a row's values are edited.
func valueKind(l Line) string {
	switch t := l.Row.Ask.Takes(); {
	case t == app.FilterTakesNothing:
		return "none"
	case t == app.FilterTakesTexts || t == app.FilterTakesNumbers:
		return "several"
	case t == app.FilterTakesDay:
		return "day"
	case t == app.FilterTakesStretch:
		return "stretch"
	case t == app.FilterTakesText && len(l.Offer.Picklist) > 0:
		return "choice"
	}
	return "text"
}

func (s *Screen) newValuer(kind string, edited func([]string), line func() Line) valuer {
	switch kind {
	case "none":
		return nothing{}
	case "text":
		v := &typedValue{field: s.newEntry()}
		v.field.SetPlaceHolder(s.words.Say("filter.value.type"))
		v.field.OnChanged = func(text string) {
			if !s.drawing {
				edited([]string{text})
			}
		}
		return v
	case "day", "stretch":
		return newCountedValue(s, kind == "day", edited)
	}
	v := &pickedValue{s: s}
	v.pick = look.NewPick(s.picks, func() (items []look.PickItem) {
		for _, value := range line().Offer.Picklist {
			items = append(items, look.PickItem{Value: value, Text: value})
		}
		return items
	}, edited)
	v.pick.Free, v.pick.Several = true, kind == "several"
	return v
}

// nothing is for what takes no value.
type nothing struct{}

func (nothing) content() fyne.CanvasObject { return container.NewWithoutLayout() }
func (nothing) set(Line)                   {}
func (nothing) able(bool)                  {}
func (nothing) keys() []fyne.Focusable     { return nil }

// typedValue is a text or a number.
type typedValue struct{ field *entry }

func (v *typedValue) content() fyne.CanvasObject { return look.Outline(v.field) }

func (v *typedValue) set(l Line) {
	text := ""
	if len(l.Row.Values) > 0 {
		text = l.Row.Values[0]
	}
	v.field.show(text)
}

func (v *typedValue) able(on bool)           { able(on, v.field) }
func (v *typedValue) keys() []fyne.Focusable { return []fyne.Focusable{v.field} }

// pickedValue is chosen from what the field offers, or typed.
type pickedValue struct {
	s    *Screen
	pick *look.Pick
}

func (v *pickedValue) content() fyne.CanvasObject { return v.pick }

func (v *pickedValue) set(l Line) {
	if len(l.Row.Values) == 0 {
		v.pick.Set(nil, v.s.words.Say("filter.value.choose"), look.Faint)
		return
	}
	v.pick.Set(l.Row.Values, strings.Join(l.Row.Values, ", "), look.Ink)
}

func (v *pickedValue) able(on bool)           { able(on, v.pick) }
func (v *pickedValue) keys() []fyne.Focusable { return []fyne.Focusable{v.pick} }

// countedValue is a day or a stretch of time: a number or a date, and of what.
type countedValue struct {
	s      *Screen
	day    bool
	form   string
	field  *entry
	number fyne.CanvasObject
	unit   *look.Pick
	box    *fyne.Container
}

func newCountedValue(s *Screen, day bool, edited func([]string)) *countedValue {
	v := &countedValue{s: s, day: day, field: s.newEntry()}
	compose := func() {
		if v.day {
			edited([]string{dayOf(v.form, v.field.Text)})
		} else {
			edited([]string{stretchOf(v.field.Text, v.form)})
		}
	}
	v.field.OnChanged = func(string) {
		if !s.drawing {
			compose()
		}
	}
	forms, prefix := units, "filter.unit."
	if day {
		forms, prefix = dayForms, "filter.dayform."
	}
	v.unit = look.NewPick(s.picks, func() (items []look.PickItem) {
		for _, f := range forms {
			items = append(items, look.PickItem{Value: f, Text: s.words.Say(prefix + f)})
		}
		return items
	}, func(values []string) {
		was := v.form
		if v.form = values[0]; v.day && (was == "date") != (v.form == "date") { // neither is a number a date nor the other way
			s.drawing = true
			v.field.SetText(map[bool]string{true: s.model.clock().Format("2006-01-02"), false: "30"}[v.form == "date"])
			s.drawing = false
		} else if v.field.Text == "" {
			s.drawing = true
			v.field.SetText("30")
			s.drawing = false
		}
		compose()
	})
	v.number = look.Outline(v.field)
	v.box = container.New(counted{v.field}, v.number, v.unit)
	return v
}

func (v *countedValue) content() fyne.CanvasObject { return v.box }

func (v *countedValue) set(l Line) {
	value := ""
	if len(l.Row.Values) > 0 {
		value = l.Row.Values[0]
	}
	var n, text string
	if v.day {
		v.form, n = dayForm(value)
		text = v.s.words.Say("filter.dayform." + v.form)
	} else {
		n, v.form = stretch(value)
		text = v.s.words.Say("filter.unit." + v.form)
	}
	v.field.show(n)
	v.unit.Set([]string{v.form}, text, look.Ink)
	look.Show(v.number, v.form != "today" && v.form != "yesterday" && v.form != "tomorrow")
	v.box.Refresh()
}

func (v *countedValue) able(on bool) { able(on, v.field, v.unit) }

func (v *countedValue) keys() []fyne.Focusable {
	if v.number.Visible() {
		return []fyne.Focusable{v.field, v.unit}
	}
	return []fyne.Focusable{v.unit}
}

// counted gives the number as much room as it takes, and what it counts the rest; all of it where there is no number.
type counted struct{ field *entry }

func (counted) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(100, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

func (c counted) Layout(o []fyne.CanvasObject, size fyne.Size) {
	wide := float32(0)
	if o[0].Visible() {
		letters := fyne.MeasureText(c.field.Text, c.field.Theme().Size(look.SizeText), fyne.TextStyle{}).Width
		wide = float32(int(min(max(letters+look.Large, 38), size.Width*0.6)))
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(fyne.NewSize(wide, size.Height))
		wide += look.Tiny
	}
	o[1].Move(fyne.NewPos(wide, 0))
	o[1].Resize(fyne.NewSize(size.Width-wide, size.Height))
}

// entry is a field whose Ctrl+Z goes back in the whole filter, not in itself alone.
type entry struct {
	look.Field
	s *Screen
}

func (s *Screen) newEntry() *entry {
	e := &entry{s: s}
	e.OnSubmitted = func(string) {}
	e.ExtendBaseWidget(e)
	return e
}

// show sets the text without telling that it was edited.
func (e *entry) show(text string) {
	if e.Text != text {
		was := e.s.drawing
		e.s.drawing = true
		e.SetText(text)
		e.s.drawing = was
	}
}

// TypedShortcut takes undo and redo to the page.
func (e *entry) TypedShortcut(shortcut fyne.Shortcut) {
	switch shortcut.(type) {
	case *fyne.ShortcutUndo:
		e.s.Undo()
	case *fyne.ShortcutRedo:
		e.s.Redo()
	default:
		e.Field.TypedShortcut(shortcut)
	}
}
