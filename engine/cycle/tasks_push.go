package cycle

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// taskTypes are the types in which a task's fields are written.
var taskTypes = map[uint16]salesforce.Field{
	taskSubject:     {Name: "Subject", Type: record.Type{Kind: record.Text}},
	taskStatus:      {Name: "Status", Type: record.Type{Kind: record.Text}},
	taskDue:         {Name: "ActivityDate", Type: record.Type{Kind: record.Date}},
	taskDescription: {Name: "Description", Type: record.Type{Kind: record.TextArea}},
}

// sendTasks makes tasks. Where the org has a field for the activity's id nothing can be made twice; elsewhere a task whose answer was
// lost is looked for by what its description says.
func (r *run) sendTasks(ctx context.Context, rows []Row) ([]Answer, error) {
	ready, answers, people, err := r.recipients(ctx, rows)
	if err != nil || len(ready) == 0 {
		return append(answers, r.undone(ready)...), err
	}
	guids, err := r.visitsOf(ctx, ready)
	if err != nil {
		return append(answers, r.undone(ready)...), err
	}
	writes := make([]salesforce.Write, len(ready))
	for i, row := range ready {
		w := salesforce.Write{Key: row.ID, Object: record.Task}
		if r.Tasks.IDField != "" {
			w.UpsertField, w.UpsertValue = r.Tasks.IDField, guids[row.ID]
		}
		w.Fields = append(w.Fields, salesforce.Field{Name: "WhoId", Type: record.Type{Kind: record.Text}, Value: record.Of(string(people[row.ID]))})
		for _, c := range row.Fields {
			if f, known := taskTypes[c.Field]; known {
				f.Value = c.Value
				w.Fields = append(w.Fields, f)
			}
		}
		writes[i] = w
	}
	results, err := r.Salesforce.Write(ctx, record.Push, writes)
	more, err := answered(r, ready, results, err, func(row Row, res salesforce.Result) Answer { return r.accepted(row, res.ID, true) })
	return append(answers, more...), err
}

// visitsOf are the ids of the activities that rows make tasks of.
func (r *run) visitsOf(ctx context.Context, rows []Row) (map[int64]string, error) {
	links := make([]LinkID, len(rows))
	for i, row := range rows {
		links[i] = row.Link
	}
	known, err := r.Ledger.KnownLinks(context.WithoutCancel(ctx), links)
	guids := map[int64]string{}
	for i, k := range known {
		guids[rows[i].ID] = strings.TrimPrefix(string(k.Link.Marketo), madeTask)
	}
	return guids, err
}

// doubtfulTasks looks for tasks whose answers were lost.
func (r *run) doubtfulTasks(ctx context.Context, rows []Row) ([]Answer, error) {
	answers := make([]Answer, len(rows))
	for i, row := range rows {
		answers[i] = Answer{Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now(), Outcome: Postponed, Next: r.Now()}
	}
	if len(rows) == 0 {
		return answers, nil
	}
	guids, err := r.visitsOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	stands, err := r.standingTasks(ctx, rows, guids)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if id, ok := stands[guids[row.ID]]; ok {
			a := r.accepted(row, id, true)
			a.Events[len(a.Events)-1].Detail = "found after its answer was lost"
			answers[i] = a
		}
	}
	return answers, nil
}

// standingTasks finds the tasks of activities, by their ids. An upsert could be sent again without asking; but by then the feed has told of
// the task, which would be taken for somebody else's.
func (r *run) standingTasks(ctx context.Context, rows []Row, guids map[int64]string) (map[string]record.ID, error) {
	by, column := r.Tasks.IDField, record.Column{Name: r.Tasks.IDField, Type: record.Type{Kind: record.Text}}
	var values []string
	if by != "" {
		for _, row := range rows {
			values = append(values, guids[row.ID])
		}
	} else {
		by, column = "WhoId", record.Column{Name: "Description", Type: record.Type{Kind: record.TextArea}}
		ids := make([]record.ID, len(rows))
		for i, row := range rows {
			ids[i] = row.Source
		}
		known, err := r.Ledger.Known(ctx, record.Marketo, ids)
		if err != nil {
			return nil, err
		}
		for _, k := range known {
			if k.Link.Salesforce != "" {
				values = append(values, string(k.Link.Salesforce))
			}
		}
	}
	slices.Sort(values)
	found, err := r.Salesforce.FindBy(ctx, record.LookUp, record.Task, by, slices.Compact(values), []record.Column{column}, "")
	if err != nil {
		return nil, err
	}
	stands := map[string]record.ID{}
	for _, rec := range found {
		if rec.Err == nil && !rec.Deleted {
			first, _, _ := strings.Cut(rec.Values[0].Text(), "\n")
			stands[strings.TrimPrefix(strings.TrimSpace(first), marker(""))] = rec.ID
		}
	}
	return stands, nil
}

// How an activity tells what it is about.
const (
	changeAttribute = "Change"
	kindAttribute   = "Kind"
	changeLogged    = "Logged"
	changeUpdated   = "Updated"
)

// inDoubt is the cause of an activity that was not found in the log when it was first looked for: some show late.
const inDoubt = "IN_DOUBT"

// sendActivities adds activities that tell of tasks and events. They can never be taken back, so one whose answer was lost is looked
// for twice, some minutes apart, before it is sent again.
func (r *run) sendActivities(ctx context.Context, rows []Row) ([]Answer, error) {
	var answers []Answer
	var fresh, doubtful []Row
	for _, row := range rows {
		switch {
		case r.Tasks.Log.ID == 0: // the rule is gone
			answers = append(answers, r.void(row))
		case row.Cause == inDoubt:
			doubtful = append(doubtful, row)
		default:
			fresh = append(fresh, row)
		}
	}
	if len(doubtful) > 0 {
		found, missing, err := r.findActivities(ctx, doubtful)
		answers = append(answers, found...)
		if err != nil {
			return append(answers, r.undone(append(doubtful, fresh...))...), err
		}
		fresh = append(fresh, missing...)
	}
	for len(fresh) > 0 {
		n := min(len(fresh), marketo.MaxBatch)
		some, err := r.addActivities(ctx, fresh[:n])
		answers, fresh = append(answers, some...), fresh[n:]
		if err != nil {
			return append(answers, r.undone(fresh)...), err
		}
	}
	return answers, nil
}

func (r *run) addActivities(ctx context.Context, rows []Row) ([]Answer, error) {
	links := make([]LinkID, len(rows))
	for i, row := range rows {
		links[i] = row.Link
	}
	known, err := r.Ledger.KnownLinks(context.WithoutCancel(ctx), links)
	if err != nil {
		return r.undone(rows), err
	}
	var answers []Answer
	var writes []marketo.ActivityWrite
	sent := make([]Row, 0, len(rows))
	for i, row := range rows {
		if known[i].Link.Salesforce == "" { // the task turned out to be one that was made of an activity
			answers = append(answers, r.void(row))
			continue
		}
		writes, sent = append(writes, r.activityOf(row, known[i].Link)), append(sent, row)
	}
	if len(writes) == 0 {
		return answers, nil
	}
	results, err := r.Marketo.AddActivities(ctx, record.Push, writes)
	more, err := answered(r, sent, results, err, func(row Row, res marketo.Result) Answer { return r.added(row, res.ID) })
	return append(answers, more...), err
}

// added is the answer to an activity that stands in the log.
func (r *run) added(row Row, guid record.ID) Answer {
	a := r.accepted(row, "", true)
	if row.Action == Create {
		a.Target = madeOfTask + guid
	}
	return a
}

// activityOf is the client's form of a row. Attributes that the type does not have are left out.
func (r *run) activityOf(row Row, link Link) marketo.ActivityWrite {
	w := marketo.ActivityWrite{Key: row.ID, Person: row.Source, Type: r.Tasks.Log.ID, At: r.Now(), Primary: record.Of(string(link.Salesforce))}
	change := changeLogged
	if row.Action != Create {
		change = changeUpdated
	}
	add := func(name string, typ record.Type, value record.Value) {
		if slices.Contains(r.Tasks.Log.Attributes, name) {
			w.Attributes = append(w.Attributes, marketo.Field{Name: name, Type: typ, Value: value})
		}
	}
	add(changeAttribute, record.Type{}, record.Of(change))
	add(kindAttribute, record.Type{}, record.Of(string(link.Object)))
	object := r.object(link.Object)
	for _, c := range row.Fields {
		if i := object.Index(c.Field); i >= 0 {
			add(object.Fields[i].Marketo, object.Fields[i].Type, c.Value)
			if at := c.At; at.After(time.Time{}) && at.Before(w.At) {
				w.At = at
			}
		}
	}
	return w
}

// doubtfulActivities looks for activities whose answers were lost. What is not there may still turn up: it is looked for once more
// before it is sent.
func (r *run) doubtfulActivities(ctx context.Context, rows []Row) ([]Answer, error) {
	answers, missing, err := r.findActivities(ctx, rows)
	if err != nil {
		return nil, err
	}
	for _, row := range missing {
		answers = append(answers, Answer{
			Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now(), Outcome: Postponed, Next: r.Now().Add(max(r.Policy.Interval, time.Minute)), Cause: inDoubt,
		})
	}
	return answers, nil
}

// findActivities looks for activities in the log, by the task that they tell of and what became of it.
func (r *run) findActivities(ctx context.Context, rows []Row) (found []Answer, missing []Row, err error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	if r.Tasks.Log.ID == 0 {
		return nil, nil, errors.New("bug: activities are looked for without their type")
	}
	links := make([]LinkID, len(rows))
	for i, row := range rows {
		links[i] = row.Link
	}
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return nil, nil, err
	}
	since, looked := rows[0].Since, make([]marketo.ActivityWrite, len(rows))
	for i, row := range rows { // they have the time of what they tell of, which may be long before it was met
		looked[i] = r.activityOf(row, known[i].Link)
		for _, at := range []time.Time{row.Since, looked[i].At} {
			if at.Before(since) {
				since = at
			}
		}
	}
	token, err := r.Marketo.PagingToken(ctx, since.Add(-reach))
	if err != nil {
		return nil, nil, err
	}
	stand := map[string]record.ID{}
	for more := true; more; {
		page, err := r.Marketo.Activities(ctx, record.LookUp, token, []int{r.Tasks.Log.ID})
		if err != nil {
			return nil, nil, err
		}
		for _, c := range page.Changes {
			stand[trace(c)] = record.ID(c.GUID)
		}
		token, more = page.Next, page.More
	}
	for i, row := range rows {
		w := looked[i]
		c := marketo.Change{Person: w.Person, AssetName: w.Primary.Text()}
		for _, a := range w.Attributes {
			c.Details = append(c.Details, marketo.Detail{Name: a.Name, Value: a.Value})
		}
		if guid, ok := stand[trace(c)]; ok {
			found = append(found, r.added(row, guid))
		} else {
			missing = append(missing, row)
		}
	}
	return found, missing, nil
}

// trace is what an activity is known by in the log: the task, and what of it was told.
func trace(c marketo.Change) string {
	parts := []string{string(c.Person), c.AssetName}
	for _, name := range []string{changeAttribute, "Status", "Subject"} {
		value := ""
		for _, d := range c.Details {
			if d.Name == name {
				value = d.Value.Text()
			}
		}
		parts = append(parts, value)
	}
	return strings.Join(parts, "\x00")
}
