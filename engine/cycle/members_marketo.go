package cycle

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
)

// changeProgression is the activity that tells of a member's status (Marketo REST API, activity types).
const changeProgression = 104

// activityTypes are the activities that are read: of people, and of members where programs are linked.
func (e *Engine) activityTypes() []int {
	if len(e.Pairs) == 0 {
		return personTypes
	}
	return append(slices.Clone(personTypes), changeProgression)
}

// ofPeople are the activities that are about people themselves.
func ofPeople(changes []marketo.Change) []marketo.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c marketo.Change) bool { return c.Type == changeProgression })
}

// memberNews is what a stretch of the log says about one member.
type memberNews struct {
	pair   member.Pair
	person record.ID
	moves  []marketo.Change
	merged bool
}

// memberActivities plans what a stretch of the log tells of linked programs. The log only says who moved: it may be read a second
// time, later, so that how members stand is asked for. The echo of our own writes needs no asking.
func (r *run) memberActivities(ctx context.Context, changes []marketo.Change) ([]Step, error) {
	if len(r.Pairs) == 0 {
		return nil, nil
	}
	news, keys := r.memberNews(changes)
	known, err := r.Ledger.Known(ctx, record.Marketo, keys)
	if err != nil {
		return nil, err
	}
	var steps []Step
	unread := map[int64][]Known{}
	for i, k := range known {
		n := news[keys[i]]
		steps = append(steps, r.movedUnseen(k, n)...)
		if !n.merged && k.Link.State == Linked && r.settledAt(k, n.moves[len(n.moves)-1].New) {
			continue
		}
		k.Link.Marketo = keys[i]
		unread[n.pair.Program] = append(unread[n.pair.Program], k)
	}
	for _, pair := range r.Pairs {
		more, err := r.readAndPlan(ctx, record.Feed, pair, unread[pair.Program])
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return mergeSteps(steps), nil
}

// memberNews sorts activities by member. A merge moves the losers' memberships to the winner, without a word of its own.
func (r *run) memberNews(changes []marketo.Change) (news map[record.ID]*memberNews, keys []record.ID) {
	news = map[record.ID]*memberNews{}
	at := func(pair member.Pair, person record.ID) *memberNews {
		key := member.Key(pair.Program, person)
		if news[key] == nil {
			news[key], keys = &memberNews{pair: pair, person: person}, append(keys, key)
		}
		return news[key]
	}
	for _, c := range changes {
		switch c.Type {
		case changeProgression:
			if pair, linked := r.pairOfProgram(c.Asset); linked && c.Person != "" {
				n := at(pair, c.Person)
				n.moves = append(n.moves, c)
			}
		case mergeLeads:
			for _, pair := range r.Pairs {
				for _, person := range append([]record.ID{c.Person}, c.Losers...) {
					at(pair, person).merged = true
				}
			}
		}
	}
	return news, keys
}

// settledAt reports whether a status is the one that both sides agreed upon, with nothing on its way that says otherwise.
func (r *run) settledAt(k Known, status string) bool {
	if !r.agreed(k) || !k.Baseline.Same(memberStatus, record.Of(status)) || len(k.Holds) > 0 {
		return false
	}
	return len(k.Out) == 0
}

// leftBetween tells whether somebody took the member out of the program between two times.
func (n *memberNews) leftBetween(from, to time.Time) bool {
	return slices.ContainsFunc(n.moves, func(c marketo.Change) bool {
		_, was := n.pair.Step(c.Old)
		_, is := n.pair.Step(c.New)
		return was && !is && !c.At.Before(from) && !c.At.After(to)
	})
}

// movedUnseen tells of statuses that our own write to Marketo passed over: somebody moved the member while it was on its way. Marketo's
// log keeps them, and ours names them (promise 6).
func (r *run) movedUnseen(k Known, n *memberNews) []Step {
	st := Step{Link: k.Link}
	for _, echo := range k.Echoes {
		sent, since := echo.Fields[0], echo.Since.Add(r.ahead-2*time.Second)
		ours := func(c marketo.Change) bool { return c.New == sent.Value.Text() && !c.At.Before(since) }
		if slices.ContainsFunc(n.moves, ours) {
			r.hear(echo, func(Change) bool { return true })
		}
		for _, c := range n.moves {
			old := record.Of(c.Old)
			if !ours(c) || old == sent.Value || unsurprising(sent, old, k.Baseline) {
				continue
			}
			if _, was := n.pair.Step(c.Old); was {
				st.Events = append(st.Events, r.overwrote(record.Marketo, memberStatus, old, sent.Value))
				break
			}
			if n.leftBetween(since, c.At) { // else nobody was in the program, and nothing was passed over
				e := r.overwrote(record.Marketo, memberStatus, record.Value{}, sent.Value)
				e.Detail = "removed"
				st.Events = append(st.Events, e)
				break
			}
		}
	}
	if len(st.Events) == 0 {
		return nil
	}
	return []Step{st}
}

// readAndPlan asks a program how some members stand, and plans them.
func (r *run) readAndPlan(ctx context.Context, purpose record.Purpose, pair member.Pair, known []Known) ([]Step, error) {
	if len(known) == 0 {
		return nil, nil
	}
	people := make([]record.ID, len(known))
	for i, k := range known {
		_, people[i], _ = member.ParseKey(k.Link.Marketo)
	}
	found, there, err := r.membersAmong(ctx, purpose, pair, people)
	if err != nil || !there {
		return nil, err
	}
	var all []*membership
	for _, k := range known {
		m := &membership{pair: pair, known: k, mk: found[k.Link.Marketo]}
		if m.goneMK = m.mk == nil; m.goneMK && k.Link.ID == 0 {
			continue // came and went before it was seen
		}
		all = append(all, m)
	}
	r.report.Pulled.Marketo += len(all)
	return r.planMembers(ctx, all)
}
