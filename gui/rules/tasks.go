package rules

import (
	"slices"

	"github.com/doppio-sync/doppio/app"
)

// taskDays is over how many days task rules are counted.
const taskDays = 30

// TasksView is what becomes of activities and tasks.
type TasksView struct {
	Preset     bool // forms and clicks become tasks
	Own        []TaskView
	Activities []string
	Log        bool // tasks and events become activities
	Updates    bool
	Wrong      []string
	Counted    []string // what the last days would have made; empty while nobody asked
	CanCount   bool
}

// TaskView is one task rule of the workspace's own.
type TaskView struct {
	Name, Asset, Subject string
	Activity             int
	Backfill             int
}

func (p *painter) tasks() (v TasksView) {
	f, w := p.facts, p.words
	v.Activities = f.setup.Activities
	v.Wrong = p.mistakes(f.under("tasks"))
	if t := f.made.Now.Sheet.Tasks; t != nil {
		v.Preset, v.Log, v.Updates = t.Preset != "", t.ToMarketo != nil, t.ToMarketo != nil && t.ToMarketo.Updates
		for _, r := range t.ToSalesforce {
			if !slices.Contains(v.Activities, r.Activity) { // a type of the subscription's own, by its number
				v.Activities = append(slices.Clone(v.Activities), r.Activity)
			}
		}
		for _, r := range t.ToSalesforce {
			v.Own = append(v.Own, TaskView{r.Name, r.Asset, r.Subject, slices.Index(v.Activities, r.Activity), r.BackfillDays})
		}
		v.CanCount = !f.Busy && !f.counting && len(v.Wrong) == 0 && (t.Preset != "" || len(t.ToSalesforce) > 0)
	}
	switch {
	case f.counting:
		v.Counted = []string{w.Say("rules.tasks.counting")}
	case f.countErr != nil:
		v.Counted = []string{w.Problem(f.countErr).What}
	case f.counted != nil:
		v.Counted = p.counted(*f.counted)
	}
	return v
}

func (p *painter) counted(c app.TaskPreview) (lines []string) {
	w := p.words
	for _, r := range c.Rules {
		lines = append(lines, w.Count("rules.tasks.counted", r.Tasks, "rule", r.Rule, "activities", w.Number(r.Activities), "calls", w.Number(r.Calls), "storage", w.Number(r.StorageKB), "days", w.Number(c.Days)))
	}
	if c.Partial {
		lines = append(lines, w.Count("rules.tasks.partial", c.Days))
	}
	return append(lines, w.Count("rules.tasks.spent", c.CallsSpent))
}
