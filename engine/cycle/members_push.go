package cycle

import (
	"context"
	"errors"
	"slices"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// memberCall is what the rows of one call to Marketo have in common; without a status it takes people out.
type memberCall struct {
	program int64
	status  string
}

// sendMembers moves members in Marketo, or takes them out: one call for 300 people of one program on their way to one status.
func (r *run) sendMembers(ctx context.Context, rows []Row) ([]Answer, error) {
	var answers []Answer
	var order []memberCall
	groups := map[memberCall][]Row{}
	for _, row := range rows {
		program, _, ok := member.ParseKey(row.Target)
		if _, linked := r.pairOfProgram(program); !ok || !linked {
			answers = append(answers, r.void(row)) // no longer linked: nothing is to be written
			continue
		}
		call := memberCall{program: program}
		if row.Action != Delete {
			call.status = row.Fields[0].Value.Text()
		}
		if groups[call] == nil {
			order = append(order, call)
		}
		groups[call] = append(groups[call], row)
	}
	for n, call := range order {
		for batch := range slices.Chunk(groups[call], marketo.MaxBatch) {
			some, err := r.moveMembers(ctx, call, batch)
			answers = append(answers, some...)
			if err != nil {
				answers = append(answers, r.leftOver(groups, order[n:], answers)...)
				return answers, err
			}
		}
	}
	return answers, nil
}

// leftOver gives back the rows of calls that were not made.
func (r *run) leftOver(groups map[memberCall][]Row, calls []memberCall, answers []Answer) []Answer {
	answered := map[int64]bool{}
	for _, a := range answers {
		answered[a.Row] = true
	}
	var rest []Row
	for _, call := range calls {
		for _, row := range groups[call] {
			if !answered[row.ID] {
				rest = append(rest, row)
			}
		}
	}
	return r.undone(rest)
}

// void closes a row of which nothing needs to be sent.
func (r *run) void(row Row) Answer {
	return Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Void, Cycle: r.n, At: r.Now(), Then: r.leftOf(row)}
}

// moveMembers makes one call.
func (r *run) moveMembers(ctx context.Context, call memberCall, batch []Row) ([]Answer, error) {
	writes := make([]marketo.MemberWrite, len(batch))
	sent := await(batch)
	for i, row := range batch {
		_, person, _ := member.ParseKey(row.Target)
		writes[i] = marketo.MemberWrite{Key: row.ID, Person: person}
	}
	var results []marketo.Result
	var err error
	if call.status == "" {
		results, err = r.Marketo.RemoveMembers(ctx, record.Push, call.program, writes)
	} else {
		results, err = r.Marketo.SetProgress(ctx, record.Push, call.program, call.status, writes)
	}
	var refused *marketo.Error
	if errors.As(err, &refused) && (refused.Class() == pace.Config || refused.Class() == pace.Refused || programGone(err)) {
		// The status, or the program, is no more: every row of the call is refused, and the other calls go on.
		answers := make([]Answer, len(batch))
		for i, row := range batch {
			answers[i] = r.refused(row, refused)
		}
		return answers, nil
	}
	var answers []Answer
	var stuck []Row
	for _, res := range results {
		row := sent.take(res.Key)
		switch {
		case res.Err != nil && res.Err.Code() == alreadyThere:
			stuck = append(stuck, row)
		case res.Err != nil:
			answers = append(answers, r.refusal(row, res.Err))
		default:
			a := r.accepted(row, row.Target, res.Created)
			if row.Action == Update {
				a.Echo = &Echo{Cycle: r.n, Since: row.Since, Fields: row.Fields} // it tells what it passed over
			}
			answers = append(answers, a)
		}
	}
	answers = append(answers, r.unanswered(sent, err)...)
	if len(stuck) > 0 {
		more, stuckErr := r.inOrPast(ctx, call, stuck)
		return append(answers, more...), errors.Join(doubtless(err), stuckErr)
	}
	return answers, doubtless(err)
}

// alreadyThere is Marketo's word for a member that is in a status or past it.
const alreadyThere = "1037"

// inOrPast tells members that are in the status that was to be set from those that are past it: a write that arrived twice, from one
// that Marketo will never take.
func (r *run) inOrPast(ctx context.Context, call memberCall, rows []Row) ([]Answer, error) {
	pair, _ := r.pairOfProgram(call.program)
	people := make([]record.ID, len(rows))
	for i, row := range rows {
		_, people[i], _ = member.ParseKey(row.Target)
	}
	found, _, err := r.membersAmong(context.WithoutCancel(ctx), record.LookUp, pair, people)
	if err != nil {
		return r.undone(rows), err
	}
	answers := make([]Answer, len(rows))
	for i, row := range rows {
		rec := found[row.Target]
		switch {
		case rec == nil: // gone in between
			answers[i] = r.void(row)
			answers[i].Recheck = true
		case rec.Values[memberStatus].Text() == call.status:
			answers[i] = r.accepted(row, row.Target, false)
		default:
			answers[i] = r.refused(row, marketo.NewError(0, alreadyThere, ""))
		}
	}
	return answers, nil
}

// refused is the answer to a row that will not be taken as it is, whatever class the side's refusal has.
func (r *run) refused(row Row, failure pace.Failure) Answer {
	return Answer{
		Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now(), Outcome: Refused, Next: r.Now(), Cause: r.cause(row.Side, failure),
		Events: []Event{{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "failed", Field: NoField, Detail: failure.Code()}},
	}
}

// sendCampaignMembers creates members of campaigns and takes them out.
func (r *run) sendCampaignMembers(ctx context.Context, rows []Row) ([]Answer, error) {
	var created, removed []Row
	for _, row := range rows {
		if row.Action == Delete {
			removed = append(removed, row)
		} else {
			created = append(created, row)
		}
	}
	answers, err := r.removeRecords(ctx, record.CampaignMember, removed)
	if err != nil {
		return append(answers, r.undone(created)...), err
	}
	more, err := r.createCampaignMembers(ctx, created)
	return append(answers, more...), err
}

// removeRecords puts records of one object into Salesforce's recycle bin.
func (r *run) removeRecords(ctx context.Context, object record.Object, rows []Row) ([]Answer, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	removals := make([]salesforce.Removal, len(rows))
	for i, row := range rows {
		removals[i] = salesforce.Removal{Key: row.ID, ID: row.Target}
	}
	results, err := r.Salesforce.Delete(ctx, record.Push, object, removals)
	return answered(r, rows, results, err, func(row Row, _ salesforce.Result) Answer { return r.accepted(row, row.Target, false) })
}

// createCampaignMembers puts people into campaigns. Salesforce keeps a person from being in one twice: whoever turns out to be there
// already is taken for the one that was to be made.
func (r *run) createCampaignMembers(ctx context.Context, rows []Row) ([]Answer, error) {
	ready, answers, people, err := r.recipients(ctx, rows)
	if err != nil || len(ready) == 0 {
		return append(answers, r.undone(ready)...), err
	}
	// Members of one campaign lock it: they follow each other in one call rather than meet in two.
	slices.SortStableFunc(ready, func(a, b Row) int {
		programA, _, _ := member.ParseKey(a.Source)
		programB, _, _ := member.ParseKey(b.Source)
		return int(programA - programB)
	})
	writes := make([]salesforce.Write, len(ready))
	sent := await(ready)
	for i, row := range ready {
		program, _, _ := member.ParseKey(row.Source)
		pair, _ := r.pairOfProgram(program)
		text := func(name string, value record.ID) salesforce.Field {
			return salesforce.Field{Name: name, Type: record.Type{Kind: record.Text}, Value: record.Of(string(value))}
		}
		writes[i] = salesforce.Write{Key: row.ID, Object: record.CampaignMember, Fields: []salesforce.Field{
			text("CampaignId", pair.Campaign), text(string(objectOf(people[row.ID]))+"Id", people[row.ID]),
			{Name: "Status", Type: record.Type{Kind: record.Text}, Value: row.Fields[0].Value},
		}}
	}
	results, err := r.Salesforce.Write(ctx, record.Push, writes)
	var taken []Row
	for _, res := range results {
		row := sent.take(res.Key)
		switch {
		case res.Err != nil && res.Err.Class() == pace.Duplicate:
			taken = append(taken, row)
		case res.Err != nil:
			answers = append(answers, r.refusal(row, res.Err))
		default:
			answers = append(answers, r.accepted(row, res.ID, true))
		}
	}
	answers = append(answers, r.unanswered(sent, err)...)
	more, findErr := r.memberStands(context.WithoutCancel(ctx), taken, func(row Row) Answer {
		return r.refused(row, salesforce.NewError(400, "DUPLICATE_VALUE", "Already a campaign member."))
	})
	return append(answers, more...), errors.Join(doubtless(err), findErr)
}

// recipients finds whom rows mean that name a person of Marketo. Rows whose person is no longer linked are closed: they are planned
// anew when it is. people are the Salesforce ids by row.
func (r *run) recipients(ctx context.Context, rows []Row) (ready []Row, answers []Answer, people map[int64]record.ID, err error) {
	ids := make([]record.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.Source
		if _, person, ok := member.ParseKey(row.Source); ok {
			ids[i] = person
		}
	}
	known, err := r.Ledger.Known(context.WithoutCancel(ctx), record.Marketo, ids)
	if err != nil {
		return rows, nil, nil, err
	}
	people = map[int64]record.ID{}
	for i, row := range rows {
		linked := true
		if program, _, ok := member.ParseKey(row.Source); ok {
			_, linked = r.pairOfProgram(program)
		}
		if !known[i].Paired() || !linked {
			a := r.void(row)
			a.Recheck = true
			answers = append(answers, a)
			continue
		}
		ready, people[row.ID] = append(ready, row), known[i].Link.Salesforce
	}
	return ready, answers, people, nil
}

// memberStands looks whether the members stand in the campaigns that rows were to make; otherwise is the answer for those that do not.
func (r *run) memberStands(ctx context.Context, rows []Row, otherwise func(Row) Answer) ([]Answer, error) {
	var all []*membership
	for _, row := range rows {
		program, _, _ := member.ParseKey(row.Source)
		pair, _ := r.pairOfProgram(program)
		all = append(all, &membership{pair: pair, known: Known{Link: Link{Marketo: row.Source}}})
	}
	if err := r.identify(ctx, all); err != nil {
		return r.undone(rows), err
	}
	if err := r.findMembers(ctx, all); err != nil {
		return r.undone(rows), err
	}
	var answers []Answer
	for i, row := range rows {
		if all[i].sf == nil {
			answers = append(answers, otherwise(row))
			continue
		}
		// It is there. What it holds is read afresh rather than assumed.
		answers = append(answers, Answer{
			Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now(), Outcome: Accepted, Target: all[i].sf.ID, Recheck: true,
			Events: append(r.tookAll(row), Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "created", Field: NoField, Detail: "found there"}),
		})
	}
	return answers, nil
}
