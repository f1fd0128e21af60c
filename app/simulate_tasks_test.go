package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// done is what somebody did, or what sales noted, which the other side is to hear of once.
type done struct {
	at      time.Time
	side    record.Side // where it was done
	who     string      // the lead, contact or person
	subject string      // of the task that is made of it, or of the task that an activity is made of
}

func (o *office) setsTaskRules() {
	_, err := o.a.SetRules(o.t.Context(), sampleName, []byte(taskRules))
	o.diary("task rules are set: %v", err)
	if err == nil {
		o.ruled = o.pair.Now()
	}
}

// keepsBusy has a person fill in a form or click, or sales make a task or an event, or go on with one.
func (o *office) keepsBusy() {
	o.count++
	switch o.rng.IntN(5) {
	case 0, 1:
		who, _ := o.anyone(record.Marketo, record.Person)
		if who == "" {
			return
		}
		kind, subject := 2, "Filled out form: Form %d"
		if o.rng.IntN(2) == 0 {
			kind, subject = 11, "Clicked link in e-mail: Form %d"
		}
		err := o.pair.Instance().Act(who, kind, 7, fmt.Sprintf("Form %d", o.count))
		o.diary("person %s fills in or clicks Form %d: %v", who, o.count, err)
		o.done = append(o.done, done{o.pair.Now(), record.Marketo, who, fmt.Sprintf(subject, o.count)})
	case 2, 3:
		who, _ := o.anyone(record.Salesforce, []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)])
		if who == "" {
			return
		}
		object, subject := []string{"Task", "Event"}[o.rng.IntN(2)], fmt.Sprintf("Call %d", o.count)
		id, err := o.pair.Org().Create(object, map[string]string{"WhoId": who, "Subject": subject})
		o.diary("%s %s about %s, %s: %v", object, id, who, subject, err)
		if err == nil {
			o.done = append(o.done, done{o.pair.Now(), record.Salesforce, who, subject})
		}
	case 4:
		o.sets(record.Task, map[string]string{"Status": "Completed"})
	}
}

// tasksMade holds what was done against what the other side heard of it: once, if it was a linked person after the rules were set.
func (o *office) tasksMade(ctx context.Context, w *store.Workspace, wrong func(string, ...any)) error {
	heard := map[string]int{}
	o.pair.Org().Each("Task", func(_ string, get func(string) (string, bool)) bool {
		subject, _ := get("Subject")
		heard[subject]++
		return true
	})
	o.pair.Instance().Logged(100003, func(_, _ string, attributes map[string]string) {
		if attributes["Change"] == "Logged" {
			heard["told of "+attributes["Subject"]]++
		}
	})
	for _, d := range o.done {
		n := heard[d.subject]
		if d.side == record.Salesforce {
			n = heard["told of "+d.subject]
		}
		if n > 1 && !o.historyLost(d.at) { // what a log that nothing is taken back from was told, and a backup knows nothing of, is told again
			wrong("promise 3: %q of %s was heard of %d times", d.subject, d.who, n)
		}
		known, err := w.Known(ctx, d.side, []record.ID{record.ID(d.who)})
		if err != nil {
			return err
		}
		link := known[0].Link
		if n > 0 || !known[0].Paired() || o.ruled.IsZero() || d.at.Before(o.ruled.Add(time.Second)) || // activities tell the second alone
			o.moved[d.who] || o.moved[string(link.On(d.side.Other()))] {
			continue
		}
		events, err := w.EventsOf(ctx, link.ID, 10_000)
		if err != nil {
			return err
		}
		if met, _ := met(events); d.at.Truncate(time.Second).Before(met) {
			continue
		}
		if wasFrozen(events) || o.historyLost(d.at) { // nobody is told of who is kept out
			continue
		}
		if refused, err := o.refused(ctx, w, d.subject); err != nil || refused {
			return err
		}
		wrong("promise 1: nobody heard of %q of %s at %s", d.subject, d.who, d.at.Format(time.TimeOnly))
	}
	return nil
}

// refused tells whether a task or an activity of this subject stands among the failures.
func (o *office) refused(ctx context.Context, w *store.Workspace, subject string) (bool, error) {
	rows, err := w.RowsAfter(ctx, 0, 10_000)
	for _, row := range rows {
		for _, f := range row.Fields {
			if (row.State == cycle.Failed || row.State == cycle.Held) && strings.Contains(f.Value.Text(), subject) && slices.Contains([]record.Object{record.Task, record.Activity}, row.Object) {
				return true, nil
			}
		}
	}
	return false, err
}
