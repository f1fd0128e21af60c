package cycle

import (
	"context"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// What hangs on people and has two sides, or happens once: members of campaigns, tasks, events. They are read with the other feeds of
// Salesforce and wait in the same outbox, but each is planned and sent in its own way.

// accompanies tells these objects.
func accompanies(o record.Object) bool {
	switch o {
	case record.CampaignMember, record.Task, record.Event:
		return true
	}
	return false
}

// withMembers adds to a mapping what is read of these objects, as far as somebody asked for them.
func (c Config) withMembers(m schema.Mapping) schema.Mapping {
	m.Objects = slices.Clone(m.Objects)
	if len(c.Pairs) > 0 {
		m.Objects = append(m.Objects, memberMapping)
	}
	for _, o := range []schema.Object{taskMapping, eventMapping} {
		if !c.Tasks.logs(o.Name) {
			continue
		}
		if o.Name == record.Task && c.Tasks.IDField != "" {
			o.Fields = append(slices.Clone(o.Fields), schema.Field{Number: taskVisit, Salesforce: c.Tasks.IDField, Type: record.Type{Kind: record.Text}})
		}
		m.Objects = append(m.Objects, o)
	}
	return m
}

// Shown adds to a mapping the objects that no mapping is about, so that what waits, failed or happened can be named by its fields.
func Shown(m schema.Mapping) schema.Mapping {
	m.Objects = append(slices.Clone(m.Objects), memberMapping, taskMapping, eventMapping)
	return m
}

// accompanyingWhere is the condition under which such records are read.
func (e *Engine) accompanyingWhere(object record.Object) string {
	switch object {
	case record.CampaignMember:
		return e.memberWhere()
	case record.Task, record.Event:
		return "WhoId != null"
	}
	return ""
}

// accompany plans what comes after the people: the members of pairs that were just linked, those that Marketo may have lost, and the
// tasks that activities become. Feeds that were asked for since the last cycle begin here.
func (r *run) accompany(ctx context.Context) error {
	if err := r.beginFeeds(ctx); err != nil {
		return err
	}
	if err := r.joinPairs(ctx); err != nil {
		return err
	}
	if err := r.sweepPairs(ctx); err != nil {
		return err
	}
	if err := r.pullTasks(ctx); err != nil {
		return fmt.Errorf("read what becomes a task: %w", err)
	}
	return r.recheck(ctx)
}

// beginFeeds sets the feeds of these objects to now, by the org's clock: what was there before is not read by them, but for tasks and events
// since the rule about them was set: cycles that were cut off may lie between.
func (r *run) beginFeeds(ctx context.Context) error {
	for _, o := range r.Mapping.Objects {
		if !accompanies(o.Name) {
			continue
		}
		feed := salesforceFeed(o.Name)
		stored, err := r.Ledger.Cursor(ctx, feed)
		if err != nil {
			return err
		}
		if stored != "" || r.known.IsZero() {
			continue
		}
		from := r.known
		if since := r.Tasks.Since.Add(-overlap); o.Name != record.CampaignMember && since.Before(from) {
			from = since
		}
		to, err := feedCursor{Stamp: from, Through: r.known}.encode()
		if err != nil {
			return err
		}
		if err := r.commit(ctx, Page{Feed: feed, To: to}); err != nil {
			return err
		}
	}
	return nil
}

// recheckBeside plans such records afresh.
func (r *run) recheckBeside(ctx context.Context, known []Known, sf map[record.ID]*record.Record) ([]Step, error) {
	var members []Known
	var steps []Step
	byObject := map[record.Object][]record.Record{}
	for _, k := range known {
		rec := sf[k.Link.Salesforce]
		switch {
		case k.Link.Object == record.CampaignMember:
			members = append(members, k)
		case rec != nil && r.Tasks.logs(k.Link.Object):
			byObject[k.Link.Object] = append(byObject[k.Link.Object], *rec)
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
		default:
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
		}
	}
	for object, records := range inOrder(byObject) {
		more, err := r.taskPage(ctx, object, records)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	more, err := r.recheckMembers(ctx, members, sf)
	return append(steps, more...), err
}

// clearUpBeside clears up the rows of such records whose answers were lost; rest are the others.
func (r *run) clearUpBeside(ctx context.Context, rows []Row) (answers []Answer, rest []Row, err error) {
	var members, tasks, activities []Row
	for _, row := range rows {
		a := Answer{Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now(), Outcome: Postponed, Next: r.Now()}
		switch {
		case row.Object == record.CampaignMember && row.Action == Create:
			members = append(members, row)
		case row.Object == record.CampaignMember, row.Object == record.ProgramMember:
			a.Recheck = row.Action != Delete // what stands there now decides
			answers = append(answers, a)
		case row.Object == record.Task:
			tasks = append(tasks, row)
		case row.Object == record.Activity:
			activities = append(activities, row)
		default:
			rest = append(rest, row)
		}
	}
	for _, look := range []struct {
		rows []Row
		at   func(context.Context, []Row) ([]Answer, error)
	}{
		{members, func(ctx context.Context, rows []Row) ([]Answer, error) {
			return r.memberStands(ctx, rows, func(row Row) Answer { return r.undone([]Row{row})[0] })
		}},
		{tasks, r.doubtfulTasks},
		{activities, r.doubtfulActivities},
	} {
		some, err := look.at(ctx, look.rows)
		if err != nil {
			return nil, nil, err
		}
		answers = append(answers, some...)
	}
	return answers, rest, nil
}

// sendToMarketo sends rows to Marketo: people and what they belong to first.
func (r *run) sendToMarketo(ctx context.Context, rows []Row) ([]Answer, error) {
	return r.inTurn(ctx, rows, r.sendMarketo, map[record.Object]sender{record.ProgramMember: r.sendMembers, record.Activity: r.sendActivities})
}

// sendToSalesforce sends rows to Salesforce. A change of a member's status goes the way of any other change.
func (r *run) sendToSalesforce(ctx context.Context, rows []Row) ([]Answer, error) {
	return r.inTurn(ctx, rows, r.sendSalesforce, map[record.Object]sender{record.CampaignMember: r.sendCampaignMembers, record.Task: r.sendTasks})
}

type sender = func(context.Context, []Row) ([]Answer, error)

// inTurn sends the rows of some objects by their own senders, after all others.
func (r *run) inTurn(ctx context.Context, rows []Row, others sender, own map[record.Object]sender) ([]Answer, error) {
	rest, beside := part(rows, func(row *Row) bool {
		return own[row.Object] == nil || row.Object == record.CampaignMember && row.Action == Update
	})
	apart := map[record.Object][]Row{}
	for _, row := range beside {
		apart[row.Object] = append(apart[row.Object], row)
	}
	var answers []Answer
	var err error
	if len(rest) > 0 {
		answers, err = others(ctx, rest)
	}
	for _, object := range []record.Object{record.ProgramMember, record.CampaignMember, record.Task, record.Activity} {
		if len(apart[object]) == 0 {
			continue
		}
		var some []Answer
		if err != nil {
			some = r.undone(apart[object])
		} else {
			some, err = own[object](ctx, apart[object])
		}
		answers = append(answers, some...)
	}
	return answers, err
}
