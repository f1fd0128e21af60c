package cycle

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// hurriedAtOnce is how many people are read, planned and written together when somebody asks for them.
const hurriedAtOnce = 600

// Person is what came of somebody who was asked for.
type Person struct {
	Text  string   // as it was asked for
	Links []LinkID // that are meant; none: nobody on either side
	// Written are the sides on which a record of this person was changed just now.
	Written []record.Side
}

// asking is what a run about some people alone keeps.
type asking struct {
	links   map[LinkID]bool // whose rows are sent: the people's, and the companies that they point at
	written map[LinkID]map[record.Side]bool
	again   map[LinkID]bool // to be read afresh before they are sent once more
}

// note keeps an answer. Both sides answer at the same time; the caller holds the lock.
func (a *asking) note(answer Answer) {
	if answer.Outcome == Accepted {
		if a.written[answer.Link] == nil {
			a.written[answer.Link] = map[record.Side]bool{}
		}
		a.written[answer.Link][answer.Side] = true
	}
	if answer.Recheck {
		a.again[answer.Link] = true
	}
}

// Hurry does some people at once, named by address or by an id of either side: it reads them on both sides, plans them, and in mode
// Live writes them, before everything that waits and without reading any feed. Whoever the ledger does not know is looked for on
// both sides. The people stand in the order asked; what is known of them is complete also when the error is not nil.
//
// More people than the brake allows to be changed are a *BrakeError, unless AllowBrake. Other errors are those of Once.
func (e *Engine) Hurry(ctx context.Context, texts []string) (Report, []Person, error) {
	people := make([]Person, len(texts))
	for i, text := range texts {
		people[i].Text = strings.TrimSpace(text)
	}
	report, err := e.run(ctx, NowLane, func(r *run, ctx context.Context) error {
		r.asked = &asking{links: map[LinkID]bool{}, written: map[LinkID]map[record.Side]bool{}, again: map[LinkID]bool{}}
		err := r.hurry(ctx, people)
		for i := range people {
			sides := map[record.Side]bool{}
			for _, link := range people[i].Links {
				maps.Copy(sides, r.asked.written[link])
			}
			people[i].Written = slices.Sorted(maps.Keys(sides))
		}
		return err
	})
	return report, people, err
}

func (r *run) hurry(ctx context.Context, people []Person) error {
	r.Progress(Progress{Phase: Reading})
	if _, err := r.Ledger.InDoubt(ctx, 1); err != nil { // what was under way when the power failed is in doubt from now on
		return err
	}
	for part := range slices.Chunk(people, hurriedAtOnce) {
		if err := r.look(ctx, part); err != nil {
			return err
		}
	}
	if r.Mode() != record.Live {
		return nil
	}
	links := slices.Sorted(maps.Keys(r.asked.links))
	if err := r.hurriedBrake(ctx, links); err != nil {
		return err
	}
	r.Progress(Progress{Phase: Pushing})
	return r.pushHurried(ctx, links)
}

// look finds people in the ledger, else on both sides, and plans them.
func (r *run) look(ctx context.Context, people []Person) error {
	met, err := r.recognise(ctx, people)
	if err != nil {
		return err
	}
	var known []LinkID
	var strangers []string
	for i, links := range met {
		familiar := false
		for _, l := range links {
			if l.State.single() { // its other half may have come since
				strangers = append(strangers, string(firstID(l)))
				continue
			}
			familiar, known = true, append(known, l.ID)
		}
		if !familiar {
			strangers = append(strangers, people[i].Text)
		}
	}
	if err := r.meet(ctx, strangers); err != nil {
		return err
	}
	if err := r.again(ctx, known); err != nil {
		return err
	}
	if met, err = r.recognise(ctx, people); err != nil {
		return err
	}
	var all []LinkID
	for i, links := range met {
		for _, l := range links {
			people[i].Links = append(people[i].Links, l.ID)
			r.asked.links[l.ID] = true
			all = append(all, l.ID)
		}
	}
	return r.namedFirst(ctx, all)
}

// again puts links first and reads them afresh on both sides; what is in doubt about them is cleared up before.
func (r *run) again(ctx context.Context, links []LinkID) error {
	slices.Sort(links)
	for part := range slices.Chunk(slices.Compact(links), hurriedAtOnce) {
		if err := r.againPart(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) againPart(ctx context.Context, links []LinkID) error {
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return err
	}
	var doubtful []Row
	for _, k := range known {
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			if row := k.Out[side]; row != nil && row.State == Sending {
				doubtful = append(doubtful, *row)
			}
		}
	}
	if len(doubtful) > 0 {
		if err := r.clearDoubt(ctx, doubtful); err != nil {
			return err
		}
	}
	if err := r.Ledger.Hurry(ctx, links); err != nil {
		return err
	}
	return r.readAfresh(ctx, links)
}

// namedRounds bounds how deep it is looked for what is named by what is named: a person's company, and the company's owner.
const namedRounds = 3

// namedFirst puts first what people name and what is not in Marketo yet, such as their company: Marketo takes nobody before. An account
// that no cycle has seen yet is read.
func (r *run) namedFirst(ctx context.Context, links []LinkID) error {
	for range namedRounds {
		ids, err := r.namedBy(ctx, links)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := r.readAccounts(ctx, ids); err != nil {
			return err
		}
		standings, err := r.Ledger.Standing(ctx, ids)
		if err != nil {
			return err
		}
		links = links[:0]
		for _, s := range standings {
			if s.place() == coming && !r.asked.links[s.Link] {
				r.asked.links[s.Link] = true
				links = append(links, s.Link)
			}
		}
		slices.Sort(links)
		if err := r.Ledger.Hurry(ctx, links); err != nil {
			return err
		}
	}
	return nil
}

// namedBy are the records that rows towards Marketo name.
func (r *run) namedBy(ctx context.Context, links []LinkID) ([]record.ID, error) {
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	var ids []record.ID
	for _, k := range known {
		row := k.Out[record.Marketo]
		if row == nil || row.State != Waiting {
			continue
		}
		object := r.objectOfRow(*row)
		for _, c := range row.Fields {
			if _, id := reference(object, &c); id != "" {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// readAccounts reads and plans those accounts among ids that the ledger does not know.
func (r *run) readAccounts(ctx context.Context, ids []record.ID) error {
	mapped, ok := r.Mapping.Object(record.Account)
	if !ok {
		return nil
	}
	owners, err := r.Ledger.Owners(ctx, record.Salesforce, ids)
	if err != nil {
		return err
	}
	var unknown []record.ID
	for i, owner := range owners {
		if owner == 0 && strings.HasPrefix(string(ids[i]), "001") {
			unknown = append(unknown, ids[i])
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	found, err := r.Salesforce.Get(ctx, record.LookUp, record.Account, unknown, mapped.Columns(record.Salesforce), "")
	if err != nil {
		return err
	}
	steps, err := r.planSalesforce(ctx, record.Account, found)
	if err != nil {
		return err
	}
	return r.commit(ctx, Page{Steps: steps})
}

// hurriedBrake holds those who were asked for against the brake: whoever names half of the people changes half of them.
func (r *run) hurriedBrake(ctx context.Context, links []LinkID) error {
	if r.AllowBrake {
		return nil
	}
	counts, err := r.Ledger.BrakeCounts(ctx)
	if err != nil {
		return err
	}
	counts.Updates, counts.Deletes, counts.Removals = map[record.Side]int{}, map[record.Side]int{}, 0
	for part := range slices.Chunk(links, hurriedAtOnce) {
		known, err := r.Ledger.KnownLinks(ctx, part)
		if err != nil {
			return err
		}
		for _, k := range known {
			for side, row := range k.Out {
				switch {
				case row.State != Waiting || row.First || !row.Object.IsPerson():
				case row.Action == Update:
					counts.Updates[side]++
				case row.Action == Delete:
					counts.Deletes[side]++
				}
			}
		}
	}
	if stop := r.within(counts); stop != nil {
		return stop
	}
	return nil
}

// due are the rows of a side whose time has come: in a run about some people theirs alone, and before them what they name.
func (r *run) due(ctx context.Context, side record.Side, atMost int) ([]Row, error) {
	if r.asked == nil {
		var but []record.Object
		if side == record.Marketo && r.held != nil { // people wait for what an import brings
			but = append(but, record.Person)
		}
		return r.Ledger.Due(ctx, side, r.Now(), atMost, but...)
	}
	known, err := r.Ledger.KnownLinks(ctx, slices.Sorted(maps.Keys(r.asked.links)))
	if err != nil {
		return nil, err
	}
	var named, people []Row
	for _, k := range known {
		row := k.Out[side]
		switch {
		case row == nil || row.State != Waiting || row.Next.After(r.Now()):
		case row.Object.IsPerson():
			people = append(people, *row)
		default:
			named = append(named, *row)
		}
	}
	rows := append(named, people...)
	if side == record.Marketo && r.held != nil { // who is in an import waits for what it brings
		rows = slices.DeleteFunc(rows, func(row Row) bool {
			_, in := r.held[row.ID]
			return row.Object == record.Person && in
		})
	}
	return rows[:min(len(rows), atMost)], nil
}

// pushHurried writes what waits for some links, in a few passes: a creation's answer plans the writing of its id, a lock may be
// gone a moment later, a lost answer is cleared up. What is left waits for the next cycle, still before everything else.
func (r *run) pushHurried(ctx context.Context, links []LinkID) error {
	for range pushPasses {
		sent, err := r.pushOnce(ctx)
		if err != nil {
			return err
		}
		known, err := r.Ledger.KnownLinks(ctx, links)
		if err != nil {
			return err
		}
		again := slices.Collect(maps.Keys(r.asked.again))
		r.asked.again = map[LinkID]bool{}
		var next time.Time
		for _, k := range known {
			for _, row := range k.Out {
				switch {
				case row.State == Sending:
					again = append(again, k.Link.ID)
				case row.State == Waiting && row.Next.After(r.Now()) && (next.IsZero() || row.Next.Before(next)):
					next = row.Next
				}
			}
		}
		if err := r.again(ctx, again); err != nil {
			return err
		}
		waited, err := r.waitFor(ctx, next)
		if err != nil || sent == 0 && !waited && len(again) == 0 {
			return err
		}
	}
	return nil
}
