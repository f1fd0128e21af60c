package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Acknowledge records what became of rows that were sent: each row's end, the baseline that it establishes, history and
// what is planned next, all in one transaction. Only here does a written value become a baseline: a value that nobody
// accepted is not agreed upon (promise 2).
//
// A row that was replaced while it was being sent is gone; what its answer says of the link counts all the same.
func (w *Workspace) Acknowledge(ctx context.Context, answers []cycle.Answer) error {
	if len(answers) == 0 {
		return nil
	}
	return w.write(ctx, "keep the answers", func(t *tx) error {
		if err := w.landed(t, answers); err != nil {
			return err
		}
		return w.pen(t).answers(answers)
	})
}

// answers carries out answers in the order of their links.
func (p *pen) answers(answers []cycle.Answer) error {
	if err := p.carriedOut(answers); err != nil {
		return err
	}
	answers, arrived := bared(answers)
	order := make([]int, len(answers))
	var ended []int64
	var changed, agreed, planned []cycle.LinkID
	for i, a := range answers {
		order[i] = i
		if a.Target != "" && !(a.Same && isBareID(a.Row)) || a.Email != nil {
			changed = append(changed, a.Link)
		}
		if len(a.Agreed) > 0 {
			agreed = append(agreed, a.Link)
		}
		if a.Outcome == cycle.Accepted || a.Outcome == cycle.Void {
			ended = append(ended, a.Row)
		} else {
			planned = append(planned, a.Link)
		}
		if len(a.Then) > 0 {
			planned = append(planned, a.Link)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareLinks(answers[a].Link, answers[b].Link) })
	// All rows are closed before anything new is planned, so that the closed ones are deleted in one go.
	closed, err := p.finish(ended, arrived)
	if err != nil || len(answers) == 0 {
		return err
	}
	for i := range answers { // of a bare row whose record is the same still, nothing has to be read: else it would be none any more
		if a := &answers[i]; a.Same && isBareID(a.Row) && closed[a.Row] != nil {
			closed[a.Row].action, closed[a.Row].target = cycle.Update, a.Target
		}
	}
	for _, h := range closed {
		if h.action == cycle.Create || isBareID(h.id) && h.action != cycle.Update {
			changed = append(changed, h.link)
		}
	}
	if err := p.load(changed, agreed, planned); err != nil {
		return err
	}
	for _, h := range closed {
		if s := p.links[h.link]; isBareID(h.id) && h.action != cycle.Update && s != nil {
			if h.action, h.target = cycle.Update, s.link.On(h.side); h.target == "" {
				h.action = cycle.Create
			}
		}
	}
	if err := p.meetTargets(answers); err != nil {
		return err
	}
	for _, i := range order {
		a := &answers[i]
		if h := p.heads[slot{a.Link, a.Side}]; h != nil && h.id == a.Row {
			closed[a.Row] = h
		}
		if err := p.closeRow(closed[a.Row], a); err != nil {
			return err
		}
	}
	for _, i := range order {
		if err := p.answer(closed[answers[i].Row], &answers[i]); err != nil {
			return err
		}
	}
	if err := p.countAnswered(answers); err != nil {
		return err
	}
	return p.end()
}

// meetTargets notes which of the ids that records got are nobody's yet.
func (p *pen) meetTargets(answers []cycle.Answer) error {
	for _, side := range sides {
		var ids []record.ID
		for _, a := range answers {
			if s := p.links[a.Link]; a.Side == side && a.Outcome == cycle.Accepted && a.Target != "" && s != nil && s.link.On(side) != a.Target {
				ids = append(ids, a.Target)
			}
		}
		if len(ids) == 0 {
			continue
		}
		owners, err := p.owners(side, ids)
		if err != nil {
			return err
		}
		for i, owner := range owners {
			p.free[claim{side, ids[i]}] = owner == 0
		}
	}
	return nil
}

// finish deletes rows that are done with, those of them that are still there, and gives their heads, and bare rows of which nothing else is
// to be said.
func (p *pen) finish(rows, arrived []int64) (map[int64]*head, error) {
	heads := make(map[int64]*head, len(rows))
	slices.Sort(rows)
	rows, bare := partBare(rows)
	if err := p.finishBare(bare, arrived, heads); err != nil || len(rows) == 0 {
		return heads, err
	}
	if err := p.query(`DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1)) RETURNING id, link, side, object, action, state, first, target, failure`, func(r row) error {
		h := r.head()
		heads[h.id] = h
		return nil
	}, numbers(rows)); err != nil {
		return nil, err
	}
	for _, h := range heads {
		if isBareID(h.id) {
			continue
		}
		p.weigh(h, -1)
		if err := p.leaveFailure(h); err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// answer records what an answer says of the link; h is the row that it closed, nil when that was replaced meanwhile.
func (p *pen) answer(h *head, a *cycle.Answer) error {
	if p.absorbed[a.Link] {
		return nil
	}
	if a.Outcome == cycle.Accepted {
		if err := p.arrived(h, a); err != nil {
			return err
		}
	}
	if s := p.links[a.Link]; a.Email != nil && s != nil {
		emails := s.emails
		if emails[a.Side] = nil; !a.Email.IsBlank() {
			emails[a.Side] = p.keys.email(*a.Email)
		}
		if err := p.putLink(s.link, emails); err != nil {
			return err
		}
	}
	if a.Ended {
		if err := p.endLink(a.Link); err != nil {
			return err
		}
	}
	if err := p.agree(a.Link, a.Agreed); err != nil {
		return err
	}
	if len(a.Follow) > 0 {
		if err := p.followToo(a.Link, a.Follow); err != nil {
			return err
		}
	}
	if err := p.echo(a.Link, a.Echo); err != nil {
		return err
	}
	for i := range a.Then {
		if then := &a.Then[i]; then.ID != 0 && then.ID == a.Row && h == nil {
			continue // what is left of a row in whose place another one stands
		}
		if err := p.putRow(a.Link, &a.Then[i]); err != nil {
			return err
		}
	}
	if err := p.holds(a.Link, a.Holds); err != nil {
		return err
	}
	if err := p.events(a.Link, a.Events); err != nil {
		return err
	}
	return p.recheck(a.Link, a.Recheck, false)
}

// closeRow moves a row to where its answer puts it; h is nil when the row is gone.
func (p *pen) closeRow(h *head, a *cycle.Answer) error {
	if a.Outcome == cycle.Refused {
		if err := p.countRefusal(a); err != nil {
			return err
		}
	}
	if h == nil {
		return nil
	}
	switch a.Outcome {
	case cycle.Void, cycle.Accepted:
		return p.removeRow(h.slot) // of what is finished nothing is left there
	case cycle.Refused:
		before, err := p.causes(h) // of what was refused of it by its name
		if err != nil {
			return err
		}
		return p.moveRow(h, cycle.Failed, func() error {
			if err := p.joinFailure(h, stamp(a.At), append(before, a.Cause)...); err != nil {
				return err
			}
			_, err := p.exec(`UPDATE outbox SET state = 4, tries = tries + 1, next = ?2, cause = ?3, failure = ?4 WHERE id = ?1`, h.id, stamp(a.Next), textOrNull(a.Cause), h.failure)
			return err
		})
	case cycle.Postponed:
		return p.moveRow(h, cycle.Waiting, func() error {
			_, err := p.exec(`UPDATE outbox SET state = 1, tries = tries + 1, next = ?2, cause = ?3, failure = ?4 WHERE id = ?1`, h.id, stamp(a.Next), textOrNull(a.Cause), numberOrNull(h.failure))
			return err
		})
	}
	return fmt.Errorf("bug: an answer with outcome %d", a.Outcome)
}

// moveRow changes a row's state, the numbers with it. One that goes on waiting stays in the group for whose cause something of it was refused.
func (p *pen) moveRow(h *head, to cycle.RowState, save func() error) error {
	if isBareID(h.id) {
		if err := p.dress(h); err != nil {
			return err
		}
	}
	p.weigh(h, -1)
	if to == cycle.Failed || h.state == cycle.Failed {
		if err := p.leaveFailure(h); err != nil {
			return err
		}
	}
	h.state = to
	p.weigh(h, 1)
	return save()
}

// arrived makes a link a pair when the record that was created for it is there.
func (p *pen) arrived(h *head, a *cycle.Answer) error {
	if h != nil && h.action == cycle.Delete && !objectOf(h.object).IsPerson() {
		return p.removed(a.Link)
	}
	if h != nil && h.action != cycle.Create && (a.Target == "" || a.Target == h.target) {
		return nil // an update: the link knows its record already
	}
	s, err := p.link(a.Link)
	if err != nil || s == nil {
		return err
	}
	link := s.link
	if a.Target != "" && link.On(a.Side) != a.Target {
		taken, err := p.makeRoom(a, link)
		if err != nil || taken {
			return err
		}
		if link, err = p.refreshed(link.ID); err != nil {
			return err
		}
		if a.Side == record.Salesforce {
			link.Salesforce = a.Target
		} else {
			link.Marketo = a.Target
		}
	}
	if link.State == cycle.Creating || link.State == cycle.Alone || link.State == cycle.Filtered {
		link.State = cycle.Linked
	}
	if link == s.link {
		return nil
	}
	return p.putLink(link, p.links[link.ID].emails)
}

// removed leaves a record alone whose twin in Marketo is gone: its key changed, or what it hung on went. Of a record that is gone itself
// nothing is left to say.
func (p *pen) removed(id cycle.LinkID) error {
	s, err := p.link(id)
	if err != nil || s == nil || s.link.State == cycle.Ended {
		return err
	}
	link := s.link
	link.State, link.Marketo = cycle.Alone, ""
	return p.putLink(link, s.emails)
}

// makeRoom frees the id of a record that turned out to exist already. Known alone, it was the other half all along. In
// another pair, it is nobody's to take: the link stays alone and a person decides.
func (p *pen) makeRoom(a *cycle.Answer, link cycle.Link) (taken bool, err error) {
	if c := (claim{a.Side, a.Target}); p.free[c] && !p.claimed[c] {
		return false, nil
	}
	owner, err := p.owner(a.Side, a.Target)
	if err != nil || owner == 0 || owner == link.ID {
		return false, err
	}
	other, err := p.link(owner)
	if err != nil || other == nil {
		return false, err
	}
	switch {
	case other.link.State == cycle.Ended:
		return false, nil
	case other.link.On(a.Side.Other()) == "":
		if _, err = p.absorb(owner, link.ID); err == nil && p.links[link.ID].emails[a.Side] == nil {
			emails := p.links[link.ID].emails
			emails[a.Side] = other.emails[a.Side]
			err = p.putLink(link, emails)
		}
		return false, err
	}
	link.State = cycle.Alone
	if err := p.putLink(link, p.links[link.ID].emails); err != nil {
		return true, err
	}
	if !link.Object.IsPerson() { // both say the same, and Marketo keeps it once: for as long as the other one is there
		return true, p.followToo(link.ID, []record.ID{other.link.Salesforce})
	}
	object := other.link.Object
	if a.Side == record.Marketo {
		object = record.Person
	}
	return true, p.holds(link.ID, []cycle.Hold{{Field: cycle.NoField, Cause: "taken", Candidates: []record.Ref{{Object: object, ID: a.Target}}, Since: a.At}})
}

func (p *pen) refreshed(id cycle.LinkID) (cycle.Link, error) {
	s, err := p.link(id)
	if err != nil || s == nil {
		return cycle.Link{}, err
	}
	return s.link, nil
}

// endLink closes a link whose record is gone: nothing more is sent or asked for it, and its addresses find nobody.
func (p *pen) endLink(id cycle.LinkID) error {
	if err := p.clear(id); err != nil {
		return err
	}
	s, err := p.link(id)
	if err != nil || s == nil {
		return err
	}
	link := s.link
	link.State = cycle.Ended
	return p.putLink(link, [3][]byte{})
}

// countRefusal adds to the hour's number of refused writes.
func (p *pen) countRefusal(a *cycle.Answer) error {
	_, err := p.exec(`INSERT INTO refusal(hour, side, cause, n) VALUES(?1, ?2, ?3, 1) ON CONFLICT(hour, side, cause) DO UPDATE SET n = n + 1`,
		a.At.Unix()/3600, int64(a.Side), a.Cause)
	return err
}
