package app

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
)

// TaskPreview is what task rules would have made of the last days.
type TaskPreview struct {
	Days  int               `json:"days"`
	Rules []TaskRulePreview `json:"rules"`
	// Partial says that the log was longer than a preview reads: Days are those that it read.
	Partial bool `json:"partial,omitempty"`
	// CallsSpent is what this preview took.
	CallsSpent int `json:"calls_spent"`
}

// IsZero reports that there were no rules to try.
func (p TaskPreview) IsZero() bool { return p.Rules == nil }

// TaskRulePreview is what one rule would have made.
type TaskRulePreview struct {
	Rule       string `json:"rule"`
	Activities int    `json:"activities"` // that the rule is about
	Tasks      int    `json:"tasks"`      // of linked people
	Calls      int    `json:"calls"`      // of Salesforce, a cycle every few minutes
	StorageKB  int    `json:"storage_kb"`
}

const (
	// taskStorageKB is about what a task takes of an org's storage (Salesforce: 2 KB a record).
	taskStorageKB = 2
	// tasksPerCall is how many tasks go into one call: five Collections of 200.
	tasksPerCall = 1000
	// previewPages bounds what a preview spends on reading Marketo's log.
	previewPages = 400
)

// PreviewTasks says what the task rules of a file would have made of the last days: per rule the tasks, the calls and the storage. A nil
// file takes the rules that are kept. Nothing is kept and nothing is written.
func (a *App) PreviewTasks(ctx context.Context, name string, file []byte, days int) (p TaskPreview, err error) {
	var doc rule.Document
	if file != nil {
		if doc, err = rule.Parse(file); err != nil {
			return p, misread(err)
		}
		if doc.Tasks == nil {
			return p, nil
		}
	}
	err = a.asSyncUser(ctx, name, func(s *session) error {
		if file == nil {
			if doc, err = rulesOf(ctx, s.ws); err != nil {
				return err
			}
		}
		rules, err := doc.Tasks.Compile(nil)
		if err != nil {
			return misread(err)
		}
		p = TaskPreview{Days: days, Rules: []TaskRulePreview{}}
		for _, r := range doc.Tasks.All() {
			p.Rules = append(p.Rules, TaskRulePreview{Rule: r.Name})
		}
		if len(rules.Types) == 0 {
			return nil
		}
		return s.previewTasks(ctx, rules, &p)
	})
	return p, err
}

func (s *session) previewTasks(ctx context.Context, rules rule.TaskRules, p *TaskPreview) error {
	now := s.app.world.now()
	from := now.AddDate(0, 0, -p.Days)
	token, err := s.mk.PagingToken(ctx, from)
	if err != nil {
		return err
	}
	p.CallsSpent++
	inCycle := make([]map[int64]int, len(p.Rules)) // tasks by the cycle that would have sent them
	for i := range inCycle {
		inCycle[i] = map[int64]int{}
	}
	last, more := from, true
	for page := (marketo.ActivityPage{}); more && p.CallsSpent <= previewPages; more = page.More {
		if page, err = s.mk.Activities(ctx, record.Check, token, rules.Types); err != nil {
			return err
		}
		p.CallsSpent++
		token = page.Next
		if err := s.countTasks(ctx, rules, page.Changes, p, inCycle); err != nil {
			return err
		}
		for _, c := range page.Changes {
			if c.At.After(last) {
				last = c.At
			}
		}
	}
	if more {
		p.Partial, p.Days = true, int(last.Sub(from)/(24*time.Hour))
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		r.StorageKB = r.Tasks * taskStorageKB
		for _, n := range inCycle[i] {
			r.Calls += (n + tasksPerCall - 1) / tasksPerCall
		}
	}
	return nil
}

// countTasks counts a page's tasks, rule by rule.
func (s *session) countTasks(ctx context.Context, rules rule.TaskRules, changes []marketo.Change, p *TaskPreview, inCycle []map[int64]int) error {
	var people []record.ID
	var of []int
	var at []time.Time
	for _, c := range changes {
		name, _, ok := rules.Task(rule.Visit{Type: c.Type, Asset: c.AssetName, At: c.At})
		if !ok {
			continue
		}
		i := slices.IndexFunc(p.Rules, func(r TaskRulePreview) bool { return r.Rule == name })
		p.Rules[i].Activities++
		people, of, at = append(people, c.Person), append(of, i), append(at, c.At)
	}
	known, err := s.ws.Known(ctx, record.Marketo, people)
	if err != nil {
		return err
	}
	for n, k := range known {
		if k.Paired() {
			p.Rules[of[n]].Tasks++
			inCycle[of[n]][at[n].Unix()/int64(s.settings.Every/time.Second)]++
		}
	}
	return nil
}
