package rules

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
)

// tasksPart says which activities become tasks, and whether tasks become activities.
type tasksPart struct {
	page                 *Page
	preset, log, updates *look.Check
	own, all             *fyne.Container
	shape                []string
	values               []func(TasksView)
	count                *look.Button
	told                 *fyne.Container
	texts                []string
	content              fyne.CanvasObject
}

func newTasks(p *Page) *tasksPart {
	w := p.words
	t := &tasksPart{page: p, own: look.Column(look.Small), told: look.Column(look.Small)}
	check := func(key string, set func(*app.TaskRules, bool)) *look.Check {
		return look.NewCheck(w.Say(key), func(on bool) { p.do(func() { p.model.Task(func(x *app.TaskRules) { set(x, on) }) }) })
	}
	t.preset = look.NewCheck(w.Say("rules.tasks.preset"), func(on bool) { p.do(func() { p.model.Preset(on) }) })
	t.log = check("rules.tasks.log", func(x *app.TaskRules, on bool) { x.ToMarketo = map[bool]*app.LogRule{true: {}}[on] })
	t.updates = check("rules.tasks.updates", func(x *app.TaskRules, on bool) {
		if x.ToMarketo != nil {
			log := *x.ToMarketo
			log.Updates = on
			x.ToMarketo = &log
		}
	})
	more := look.NewButton(look.Outlined, w.Say("rules.tasks.add"), func() {
		p.do(func() {
			p.model.Task(func(x *app.TaskRules) {
				x.ToSalesforce = append(x.ToSalesforce, app.TaskRule{Name: "tasks-" + strconv.Itoa(len(x.ToSalesforce)+1), Activity: p.view.Tasks.Activities[0]})
			})
		})
	})
	t.count = look.NewButton(look.Outlined, w.Say("rules.tasks.count", "days", w.Number(taskDays)), func() { p.work.Do(p.model.Count) })
	sentence := func(key string, lines int) fyne.CanvasObject { return look.Explain(w.Say(key), lines) }
	left := look.Column(look.Small, look.Title(w.Say("rules.tasks.to.salesforce")), sentence("rules.tasks.to.salesforce.means", 2), t.preset, t.own, look.Row(0, more))
	right := look.Column(look.Medium,
		look.Card(look.Column(look.Small, look.Title(w.Say("rules.tasks.counts")), sentence("rules.tasks.counts.means", 3), look.Row(0, t.count), t.told)),
		look.Card(look.Column(look.Small, look.Title(w.Say("rules.tasks.to.marketo")), sentence("rules.tasks.to.marketo.means", 3), t.log, t.updates)))
	t.all = look.Halves(container.NewBorder(look.Card(left), nil, nil, nil), container.NewBorder(right, nil, nil, nil))
	t.content = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), t.all))
	return t
}

func (t *tasksPart) show(v View) {
	x := v.Tasks
	t.preset.SetChecked(x.Preset)
	t.log.SetChecked(x.Log)
	t.updates.SetChecked(x.Updates)
	look.Enable(t.updates, x.Log)
	look.Enable(t.count, x.CanCount)
	shape := []string{strconv.Itoa(len(x.Own))}
	shape = append(shape, x.Activities...)
	higher := !slices.Equal(shape, t.shape)
	if higher {
		t.shape = shape
		t.build(x)
	}
	for _, set := range t.values {
		set(x)
	}
	if tell(t.told, &t.texts, x.Counted, look.Ink, x.Wrong) || higher {
		t.all.Refresh()
	}
}

// build makes the forms of the workspace's own rules.
func (t *tasksPart) build(x TasksView) {
	p, w := t.page, t.page.words
	t.own.RemoveAll()
	t.values = nil
	for i := range x.Own {
		set := func(how func(*app.TaskRule)) {
			p.do(func() { p.model.Task(func(x *app.TaskRules) { how(&x.ToSalesforce[i]) }) })
		}
		entry := func(get func(TaskView) string, put func(*app.TaskRule, string)) *look.Field {
			e := look.NewField(func() {})
			e.OnChanged = func(text string) { set(func(r *app.TaskRule) { put(r, text) }) }
			t.values = append(t.values, func(x TasksView) {
				if text := get(x.Own[i]); text != e.Text && !focused(e) {
					e.SetText(text)
				}
			})
			return e
		}
		activity := look.NewSelect(x.Activities, nil)
		activity.OnChanged = func(string) {
			if n := activity.SelectedIndex(); n >= 0 {
				set(func(r *app.TaskRule) { r.Activity = x.Activities[n] })
			}
		}
		backfill := look.NewSelect([]string{"0", "7", "30", "90"}, func(text string) {
			if n, err := strconv.Atoi(text); err == nil {
				set(func(r *app.TaskRule) { r.BackfillDays = n })
			}
		})
		t.values = append(t.values, func(x TasksView) {
			if x.Own[i].Activity >= 0 {
				activity.SetSelectedIndex(x.Own[i].Activity)
			}
			days := strconv.Itoa(x.Own[i].Backfill)
			if !slices.Contains(backfill.Options, days) {
				backfill.SetOptions(append(backfill.Options, days))
			}
			backfill.SetSelected(days)
		})
		name := entry(func(x TaskView) string { return x.Name }, func(r *app.TaskRule, text string) { r.Name = text })
		asset := entry(func(x TaskView) string { return x.Asset }, func(r *app.TaskRule, text string) { r.Asset = text })
		asset.SetPlaceHolder(w.Say("rules.tasks.asset.all"))
		subject := entry(func(x TaskView) string { return x.Subject }, func(r *app.TaskRule, text string) { r.Subject = text })
		subject.SetPlaceHolder("{activity}: {asset}")
		label := func(key string) fyne.CanvasObject { return look.Caption(w.Say(key)) }
		remove := look.NewButton(look.Link, w.Say("rules.remove"), func() {
			p.do(func() {
				p.model.Task(func(x *app.TaskRules) { x.ToSalesforce = slices.Delete(x.ToSalesforce, i, i+1) })
			})
		})
		t.own.Add(look.Inset(look.Column(look.Tiny,
			look.Ends(label("rules.name"), remove), name, label("rules.tasks.activity"), look.Outline(activity), label("rules.tasks.asset"), asset,
			label("rules.tasks.subject"), subject, label("rules.tasks.backfill"), look.Outline(backfill))))
	}
}
