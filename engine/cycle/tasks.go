package cycle

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Tasks is what the task rules come to on this pair.
type Tasks struct {
	Rules rule.TaskRules
	// IDField is the external id on Task that carries the id of the activity, empty where the org has none.
	IDField string
	// Log is the activity type that tells of tasks and events; its zero value tells of none.
	Log marketo.CustomType
	// Since is when tasks and events began to be told of: older ones are not.
	Since time.Time
}

// logs reports whether tasks or events of that kind become activities.
func (t Tasks) logs(object record.Object) bool {
	return t.Log.ID != 0 && t.Rules.Log != nil && slices.Contains(t.Rules.Log.Objects, object)
}

// The fields of a task or an event. Those with a name in Marketo become attributes of the activity; the description is only written.
const (
	taskSubject uint16 = iota
	taskStatus
	taskPriority
	taskKind
	taskDue
	taskWho
	taskCreated
	taskDescription
	taskVisit // the activity that a task was made of, where the org has a field for it
)

// taskMapping is what is read of tasks, eventMapping what is read of events.
var (
	taskMapping  = activityMapping(record.Task, taskSubject, taskStatus, taskPriority, taskKind, taskDue, taskWho, taskCreated)
	eventMapping = activityMapping(record.Event, taskSubject, taskKind, taskDue, taskWho, taskCreated)
)

func activityMapping(object record.Object, numbers ...uint16) schema.Object {
	all := []schema.Field{
		{Salesforce: "Subject", Marketo: "Subject", Type: record.Type{Kind: record.Text}, Direction: schema.ToMarketo},
		{Salesforce: "Status", Marketo: "Status", Type: record.Type{Kind: record.Text}, Direction: schema.ToMarketo},
		{Salesforce: "Priority", Marketo: "Priority", Type: record.Type{Kind: record.Text}, Direction: schema.ToMarketo},
		{Salesforce: "Type", Marketo: "Type", Type: record.Type{Kind: record.Text}, Direction: schema.ToMarketo},
		{Salesforce: "ActivityDate", Marketo: "Due Date", Type: record.Type{Kind: record.Date}, Direction: schema.ToMarketo},
		{Salesforce: "WhoId", Type: record.Type{Kind: record.Text}},
		{Salesforce: "CreatedDate", Type: record.Type{Kind: record.DateTime}},
	}
	o := schema.Object{Name: object, Twin: record.Activity}
	for _, n := range numbers {
		f := all[n]
		f.Number = n
		o.Fields = append(o.Fields, f)
	}
	return o
}

// Ids under which activities are kept: those that became a task, and those that were made of one. Bare numbers are people's.
const (
	madeTask   = "a"
	madeOfTask = "l"
)

// taskPage plans a page of tasks or events: each of a linked person becomes an activity, once.
func (r *run) taskPage(ctx context.Context, object record.Object, records []record.Record) ([]Step, error) {
	mapping := r.object(object)
	ids, people := make([]record.ID, len(records)), make([]record.ID, len(records))
	for i, rec := range records {
		ids[i] = rec.ID
		if rec.Err == nil {
			people[i] = record.ID(rec.Values[mapping.Index(taskWho)].Text())
		}
	}
	known, err := r.Ledger.Known(ctx, record.Salesforce, ids)
	if err != nil {
		return nil, err
	}
	persons, err := r.Ledger.Known(ctx, record.Salesforce, people)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for i := range records {
		if rec := &records[i]; rec.Err == nil && !rec.Deleted {
			steps = appendStep(steps, r.logged(known[i], persons[i], rec))
		}
	}
	return steps, nil
}

// logged plans the activity of one task or event, nil for none: it was made by us, it is older than the rule, nobody in Marketo is
// meant, or nothing of it changed that is told.
func (r *run) logged(k, person Known, rec *record.Record) *sheet {
	mapping := r.object(rec.Object)
	made, err := record.ParseTime(rec.Values[mapping.Index(taskCreated)].Text())
	switch {
	case strings.HasPrefix(string(k.Link.Marketo), madeTask), err != nil:
		return nil
	case k.Link.ID == 0 && ofVisit(mapping, rec): // made by us, though nothing here tells: a backup was put back
		return nil
	case k.Link.ID == 0 && made.Before(r.Tasks.Since):
		return nil
	case k.Link.State == Linked && !r.Tasks.Rules.Log.Updates:
		return nil
	case !person.Paired() && person.Link.State != Creating:
		return nil
	}
	s := r.newSheet(k, rec, nil)
	s.object = mapping
	link := &s.step.Link
	if k.Link.ID == 0 {
		*link = Link{Object: rec.Object, Salesforce: rec.ID, State: Creating}
		s.step.PutLink = true
	}
	if !person.Paired() { // its twin is being made
		link.State, s.step.PutLink = Alone, k.Link.ID == 0
		s.step.Follow = &[]record.ID{person.Link.Salesforce}
		return s
	}
	if link.State == Alone {
		link.State, s.step.PutLink, s.step.Follow = Creating, true, &[]record.ID{}
	}
	if link.State == Linked && r.told(mapping, k, rec) {
		return nil
	}
	row := s.row(record.Marketo)
	row.Source, row.Target = person.Link.Marketo, link.Marketo
	for i, f := range mapping.Fields {
		if f.Direction.Writes(record.Marketo) && (!rec.Values[i].IsBlank() || link.State == Linked) {
			row.Fields = append(row.Fields, Change{Field: f.Number, Value: rec.Values[i], At: at(rec)})
		}
	}
	if len(row.Fields) == 0 {
		row.Fields = []Change{{Field: taskSubject, Value: record.Of(string(rec.Object)), At: at(rec)}}
	}
	return s
}

// ofVisit reports whether a task names the activity that it was made of.
func ofVisit(mapping schema.Object, rec *record.Record) bool {
	i := mapping.Index(taskVisit)
	return i >= 0 && !rec.Values[i].IsBlank()
}

// told reports whether everything that is told of a task was told as it is.
func (r *run) told(mapping schema.Object, k Known, rec *record.Record) bool {
	for _, n := range []uint16{taskSubject, taskStatus} {
		if i := mapping.Index(n); i >= 0 && !k.Baseline.Same(n, rec.Values[i]) {
			return false
		}
	}
	return true
}

func at(rec *record.Record) time.Time {
	if rec.Edited.IsZero() {
		return rec.Modified
	}
	return rec.Edited
}

// tasksFeed is where the reading of activities stands that may become tasks.
const tasksFeed = "marketo.tasks"

// visitCursor is that place. From is since when the rules counted that were in force: when one reaches further back, so does the reading.
type visitCursor struct {
	marketoCursor
	From time.Time `json:"from,omitzero"`
}

// pullTasks reads the activities of which the task rules make tasks. It costs no call where there are none.
func (r *run) pullTasks(ctx context.Context) error {
	rules := r.Tasks.Rules
	if len(rules.Types) == 0 {
		return nil
	}
	stored, err := r.Ledger.Cursor(ctx, tasksFeed)
	if err != nil {
		return err
	}
	var at visitCursor
	if err := decodeCursor(stored, &at); err != nil {
		return err
	}
	token := at.Token
	again := pace.Over(r.Now(), at.Hourly, reach) || token == "" || rules.From().Before(at.From)
	if again {
		from := r.since(at.marketoCursor)
		if begun := rules.From(); begun.Before(from) && (token == "" || begun.Before(at.From)) {
			from = begun // a rule that reaches back
		}
		if token, err = r.Marketo.PagingToken(ctx, from); err != nil {
			return err
		}
		at.Hourly, at.From = r.Now(), rules.From()
	}
	for more := true; more; {
		page, err := r.Marketo.Activities(ctx, record.Feed, token, rules.Types)
		if err != nil {
			return err
		}
		token, more = page.Next, page.More
		at.Token = token
		if again {
			at.Server, again = page.Server, false
		}
		for _, c := range page.Changes {
			if c.At.After(at.At) {
				at.At = c.At
			}
		}
		if at.At.IsZero() {
			at.At = r.Now()
		}
		steps, err := r.planVisits(ctx, page.Changes)
		if err != nil {
			return err
		}
		to, err := encodeCursor(at)
		if err != nil {
			return err
		}
		if to != stored {
			if err := r.commit(ctx, Page{Feed: tasksFeed, From: stored, To: to, Steps: steps}); err != nil {
				return err
			}
		}
		stored = to
	}
	return nil
}

// planVisits makes tasks of what linked people did after they were linked.
func (r *run) planVisits(ctx context.Context, changes []marketo.Change) ([]Step, error) {
	type visit struct {
		marketo.Change
		subject string
	}
	var visits []visit
	var people, keys []record.ID
	for _, c := range changes {
		_, subject, ok := r.Tasks.Rules.Task(rule.Visit{Type: c.Type, Asset: c.AssetName, At: c.At})
		if ok && c.Person != "" && c.GUID != "" {
			visits, people, keys = append(visits, visit{c, subject}), append(people, c.Person), append(keys, record.ID(madeTask+c.GUID))
		}
	}
	if len(visits) == 0 {
		return nil, nil
	}
	persons, err := r.Ledger.Known(ctx, record.Marketo, people)
	if err != nil {
		return nil, err
	}
	known, err := r.Ledger.Known(ctx, record.Marketo, keys)
	if err != nil {
		return nil, err
	}
	links := make([]LinkID, len(persons))
	for i, p := range persons {
		links[i] = p.Link.ID
	}
	since, err := r.Ledger.LinkedSince(ctx, links)
	if err != nil {
		return nil, err
	}
	var steps []Step
	seen := map[record.ID]bool{}
	for i, v := range visits {
		if !persons[i].Paired() || known[i].Link.ID != 0 || seen[keys[i]] || v.At.Before(since[i]) {
			continue
		}
		seen[keys[i]] = true
		steps = append(steps, r.visitStep(v.Change, v.subject))
	}
	r.report.Pulled.Marketo += len(steps)
	return steps, nil
}

// visitStep plans one task.
func (r *run) visitStep(c marketo.Change, subject string) Step {
	key := record.ID(madeTask + c.GUID)
	row := Row{
		Side: record.Salesforce, Object: record.Task, Source: c.Person, Action: Create, State: Waiting, Lane: r.lane, Cycle: r.n, Since: r.Now(),
	}
	for _, f := range []struct {
		number uint16
		text   string
	}{
		{taskSubject, subject}, {taskStatus, "Completed"}, {taskDue, c.At.UTC().Format(time.DateOnly)}, {taskDescription, description(c)},
	} {
		row.Fields = append(row.Fields, Change{Field: f.number, Value: record.Of(f.text), At: c.At})
	}
	return Step{Link: Link{Object: record.Task, Marketo: key, State: Creating}, PutLink: true, Out: []Row{row}}
}

// description says where a task comes from; by its first line it is found again where the org has no field for that.
func description(c marketo.Change) string {
	lines := []string{marker(c.GUID), c.At.UTC().Format("2006-01-02 15:04 MST")}
	for _, d := range c.Details {
		switch d.Name {
		case "Link", "Referrer URL", "Webpage URL", "Description", "New Status":
			if !d.Value.IsBlank() {
				lines = append(lines, d.Name+": "+d.Value.Text())
			}
		}
	}
	text := []rune(strings.Join(lines, "\n"))
	return string(text[:min(len(text), 2000)])
}

func marker(guid string) string { return "Marketo activity " + guid }
