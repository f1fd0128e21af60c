package overview

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/chart"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// backlogCard shows what waited, for a day or for five.
type backlogCard struct {
	content   fyne.CanvasObject
	text      *look.Text
	empty     *look.Text // in the place of the chart while there is nothing to draw
	chart     *chart.Chart
	day, five *look.Button
}

func newBacklog(w *words.Words, choose func(five bool)) backlogCard {
	c := backlogCard{text: look.Explain("", 2), chart: chart.New(fyne.NewSize(240, 150))}
	c.day = look.NewButton(look.Choice, w.Say("backlog.day"), func() { choose(false) })
	c.five = look.NewButton(look.Choice, w.Say("backlog.five"), func() { choose(true) })
	head := look.Column(2, cardHead(w.Say("backlog.title"), look.Row(2, c.day, c.five)), c.text)
	legend := look.Row(look.Medium, mark(look.Salesforce, w.Say("side.to.marketo")), mark(look.Marketo, w.Say("side.to.salesforce")))
	c.empty = look.Explain("", 2)
	c.empty.Align = fyne.TextAlignCenter
	room := container.NewStack(look.Pad(0, look.Small, c.chart), container.New(halfway{}, c.empty))
	c.content = look.Card(container.NewBorder(head, legend, nil, nil, room))
	return c
}

// cardHead is the title of a card, with what can be chosen about it at the right; as high with a choice as without.
func cardHead(title string, choice fyne.CanvasObject) fyne.CanvasObject {
	return container.New(slot(22), look.Ends(look.Title(title), choice))
}

// mark is an entry of a legend.
func mark(color fyne.ThemeColorName, text string) fyne.CanvasObject {
	return look.Row(6, look.Dot(color), look.SoftText(text))
}

func (c *backlogCard) show(w *words.Words, v View, five bool) {
	c.day.Select(!five)
	c.five.Select(five)
	text := v.DayText
	if five {
		text = v.FiveText
	}
	c.text.Set(text)
	plot := backlogPlot(w, v, five)
	c.empty.Set("")
	if plot.Empty() && v.State != Loading && v.State != Failed {
		c.empty.Set(w.Say("backlog.empty"))
	}
	c.chart.Set(plot)
}

// failuresCard shows open failures over five days, and their largest causes.
type failuresCard struct {
	content fyne.CanvasObject
	text    *look.Text
	chart   *chart.Chart
	causes  *fyne.Container
	shown   []Cause
}

func newFailures(w *words.Words) failuresCard {
	c := failuresCard{text: look.Explain("", 2), chart: chart.New(fyne.NewSize(160, 120)), causes: container.New(lines{})}
	head := look.Column(2, cardHead(w.Say("failures.title"), look.Row(0)), c.text)
	legend := container.New(flow{}, small(look.BarBad, w.Say("failures.bad")), small(look.BarWarning, w.Say("failures.warning")), small(look.BarOther, w.Say("failures.other")))
	body := container.New(causesBelow{}, look.Pad(0, look.Small, c.chart), legend, c.causes)
	c.content = look.Card(container.NewBorder(head, nil, nil, nil, body))
	return c
}

// small is an entry of a legend in a narrow card.
func small(color fyne.ThemeColorName, text string) fyne.CanvasObject {
	return look.Row(4, look.Dot(color), look.Caption(text))
}

var classColors = map[app.CauseClass]fyne.ThemeColorName{
	app.CauseBad: look.BarBad, app.CauseWarning: look.BarWarning, app.CauseOther: look.BarOther,
}

func (c *failuresCard) show(w *words.Words, v View) {
	c.text.Set(v.FailuresText)
	c.chart.Set(failuresPlot(w, v))
	if slices.Equal(v.Causes, c.shown) {
		return
	}
	c.shown = v.Causes
	c.causes.RemoveAll()
	for i, cause := range v.Causes {
		text := look.NewText(cause.Text)
		text.Lines, text.Shrinks = 1, true
		line := container.NewBorder(nil, nil, look.Pad(0, 0, look.Dot(classColors[cause.Class])), nil, look.Pad(look.Small, 0, text))
		row := look.Pad(look.Small, 0, look.Ends(line, look.NewText(cause.Open)))
		if i > 0 {
			row = container.NewStack(container.NewVBox(look.Rule()), row)
		}
		c.causes.Add(row)
	}
	c.causes.Refresh()
}

// cyclesCard lists the last cycles.
type cyclesCard struct {
	content fyne.CanvasObject
	table   *look.Table
	empty   *look.Text
}

func newCycles(w *words.Words) cyclesCard {
	number := func(key string, weight float32) look.ColumnSpec {
		return look.ColumnSpec{Heading: w.Say(key), Weight: weight, Number: true}
	}
	c := cyclesCard{empty: look.Explain("", 1), table: look.NewTable(
		look.ColumnSpec{Heading: w.Say("cycles.started"), Weight: 1.2},
		number("cycles.took", 1.2), number("cycles.read", 1), number("cycles.written", 1.2), number("cycles.failed", 0.8), number("cycles.calls", 1.1),
	)}
	c.content = look.Card(container.NewBorder(look.Title(w.Say("cycles.title")), nil, nil, nil, container.NewStack(c.table, container.NewVBox(c.empty))))
	return c
}

func (c *cyclesCard) show(v View) {
	c.empty.Set(v.CyclesText)
	if len(v.Cycles) == 0 {
		c.table.Hide()
		return
	}
	c.table.Show()
	rows := make([][]look.Cell, len(v.Cycles))
	for i, cycle := range v.Cycles {
		for n, text := range cycle.Cells {
			cell := look.Cell{Text: text}
			if n == 4 && cycle.Failed {
				cell.Color = look.Bad
			}
			rows[i] = append(rows[i], cell)
		}
	}
	c.table.Set(rows)
}

// quotaCard shows what of each side's allowance is used.
type quotaCard struct {
	content fyne.CanvasObject
	rows    map[record.Side]quotaRow
	text    *look.Text
	spent   *look.Table
	short   [2]*look.Text // instead of both, where there is no room for them: what is most of it, and what has to be said
}

type quotaRow struct {
	text *look.Text
	bar  *look.Bar
}

func newQuota(w *words.Words) quotaCard {
	c := quotaCard{rows: map[record.Side]quotaRow{}, text: look.Explain("", 2), short: [2]*look.Text{look.Explain("", 1), look.Explain("", 1)}}
	c.short[0].Shrinks, c.short[1].Shrinks = true, true
	list := look.Column(look.Small, look.Title(w.Say("quota.title")))
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		row := quotaRow{text: look.Explain("", 1), bar: look.NewBar(sideColors[side], 8)}
		row.text.Align, row.text.Shrinks = fyne.TextAlignTrailing, true
		c.rows[side] = row
		list.Add(look.Column(look.Tiny, container.NewBorder(nil, nil, look.NewText(w.Say("side."+side.String())), nil, row.text), row.bar))
	}
	c.spent = look.NewTable(
		look.ColumnSpec{Heading: w.Say("quota.spent"), Weight: 2.4},
		look.ColumnSpec{Heading: w.Say("side.salesforce"), Weight: 1, Number: true}, look.ColumnSpec{Heading: w.Say("side.marketo"), Weight: 1, Number: true},
	)
	full := container.NewBorder(look.Column(look.Small, c.text, look.Row(0)), nil, nil, nil, c.spent)
	c.content = look.Card(container.NewBorder(look.Column(look.Small, list, look.Row(0)), nil, nil, nil, container.New(byHeight(spentLeast), full, c.short[0], c.short[1])))
	return c
}

// spentLeast is the least height for the list of what calls were spent on, under its sentence and with two lines of it.
const spentLeast = 150

var sideColors = map[record.Side]fyne.ThemeColorName{record.Salesforce: look.Salesforce, record.Marketo: look.Marketo}

func (c *quotaCard) show(v View) {
	c.text.Set(v.QuotaText)
	c.short[0].Set(strings.TrimSpace(v.QuotaText + " " + v.MostText))
	c.short[1].Set(v.QuotaText)
	for _, q := range v.Quotas {
		row := c.rows[q.Side]
		row.text.Set(q.Text)
		row.bar.Set(q.Share)
	}
	lines := make([][]look.Cell, len(v.Spent))
	for i, line := range v.Spent {
		lines[i] = []look.Cell{{Text: line[0]}, {Text: line[1]}, {Text: line[2]}}
	}
	c.spent.Set(lines)
}
