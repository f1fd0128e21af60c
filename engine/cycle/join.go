package cycle

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/match"
	"github.com/doppio-sync/doppio/engine/record"
)

// joinedAtOnce is about how many staged records are planned in one transaction.
const joinedAtOnce = 3000

// joinStage moves through the stage: accounts and pairs that carry each other's id, then everybody by address. At the end the
// feeds' cursors go over into the ledger.
func (r *run) joinStage(ctx context.Context, stage Stage) error {
	r.Progress(Progress{Phase: Matching})
	if err := r.joinPages(ctx, joinByID, stage.ByID, r.joinStored); err != nil {
		return err
	}
	var err error
	if r.nobody, err = r.knowsNobody(ctx); err != nil {
		return err
	}
	if err := r.joinPages(ctx, joinByEmail, stage.ByEmail, r.joinGroups); err != nil {
		return err
	}
	r.nobody = false
	for _, object := range []record.Object{record.Account, record.Contact, record.Lead} {
		text, err := stage.Cursor(ctx, salesforceFeed(object))
		if err != nil {
			return err
		}
		var at stageCursor
		if err := decodeCursor(text, &at); err != nil {
			return err
		}
		if text == "" {
			continue
		}
		cursor, err := at.encode()
		if err != nil {
			return err
		}
		if err := r.handOver(ctx, salesforceFeed(object), cursor); err != nil {
			return err
		}
	}
	token, err := stage.Cursor(ctx, stageToken)
	if err != nil {
		return err
	}
	if err := r.handOver(ctx, marketoFeed, token); err != nil {
		return err
	}
	return r.handOver(ctx, marketoDeletedFeed, token)
}

// knowsNobody reports whether the ledger knows nobody who can be staged: its only links are those of users.
func (r *run) knowsNobody(ctx context.Context) (bool, error) {
	for after := LinkID(0); ; {
		links, err := r.Ledger.Links(ctx, after, usersAtOnce)
		if err != nil || len(links) == 0 {
			return err == nil, err
		}
		if slices.ContainsFunc(links, func(l Link) bool { return l.Object != record.User }) {
			return false, nil
		}
		after = links[len(links)-1].ID
	}
}

// usersAtOnce is how many links are looked at together: hardly any org has as many users.
const usersAtOnce = 1000

func (r *run) handOver(ctx context.Context, feed string, to Cursor) error {
	from, err := r.Ledger.Cursor(ctx, feed)
	if err != nil || from == to {
		return err
	}
	return r.commit(ctx, Page{Feed: feed, From: from, To: to})
}

// stagedPage is what one reading of the stage gave.
type stagedPage struct {
	groups []StagedGroup
	next   string
	done   bool
	err    error
}

// joinPages moves through the stage by one of its orders. While a page is planned the next one is read and the one before it kept: where
// each address comes once, what is planned of a page does not follow from another (locate waits where it does).
func (r *run) joinPages(ctx context.Context, feed string, read func(context.Context, string, int) ([]StagedGroup, string, bool, error), plan func(context.Context, []StagedGroup) ([]Step, error)) (err error) {
	stored, err := r.Ledger.Cursor(ctx, feed)
	if err != nil {
		return err
	}
	if stored == joined {
		return nil
	}
	pages := make(chan stagedPage, 1)
	ahead := func(after string) {
		var p stagedPage
		p.groups, p.next, p.done, p.err = read(ctx, after, joinedAtOnce)
		pages <- p
	}
	apart := r.nobody && feed == joinByEmail
	reading := sync.WaitGroup{}
	defer reading.Wait()
	var keeping errgroup.Group
	r.kept = keeping.Wait
	defer func() {
		if keepErr := keeping.Wait(); err == nil {
			err = keepErr
		}
		r.spare, r.kept = nil, nil
	}()
	reading.Go(func() { ahead(string(stored)) })
	for done, count := false, 0; !done; {
		page := <-pages
		if page.err != nil {
			return fmt.Errorf("read the scratch file of the first sync: %w", page.err)
		}
		to := Cursor(page.next)
		if done = page.done; done {
			to = joined
		} else {
			reading.Go(func() { ahead(page.next) })
		}
		steps, err := plan(ctx, page.groups)
		if err != nil {
			return err
		}
		p := Page{Feed: feed, From: stored, To: to, Steps: steps, Apart: apart}
		if err := r.endPage(ctx, &p); err != nil {
			return err
		}
		if err := keeping.Wait(); err != nil {
			return err
		}
		keeping.Go(func() error { return r.Ledger.CommitPage(ctx, p) })
		if !apart {
			if err := keeping.Wait(); err != nil {
				return err
			}
		}
		stored = to
		count += len(page.groups)
		r.Progress(Progress{Phase: Matching, Done: count})
	}
	return nil
}

// joined is the cursor of a join that came to its end.
const joined Cursor = "joined"

// joinStored links the pairs that carry each other's id.
func (r *run) joinStored(ctx context.Context, groups []StagedGroup) ([]Step, error) {
	fresh, err := r.fresh(ctx, groups)
	if err != nil {
		return nil, err
	}
	var steps []Step
	claimed := map[record.ID]bool{}
	for _, g := range fresh {
		if len(g.Salesforce) != 1 || len(g.Marketo) != 1 || claimed[g.Salesforce[0].ID] || claimed[g.Marketo[0].ID] {
			continue
		}
		sf, mk := &g.Salesforce[0], &g.Marketo[0]
		if !takesPart(sf) {
			continue
		}
		claimed[sf.ID], claimed[mk.ID] = true, true
		if !r.passes(sf) {
			steps = append(steps, r.joinsOut(sf, mk)...)
			continue
		}
		steps = r.planned(steps, r.join(arrival{record: sf}, Known{}, sf, mk))
	}
	return steps, nil
}

// joinGroups applies the rule of one to one to everybody who is not linked yet.
func (r *run) joinGroups(ctx context.Context, groups []StagedGroup) ([]Step, error) {
	fresh, err := r.fresh(ctx, groups)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, 0, len(fresh)+len(fresh)/8) // some share an address, and steps are large: growing would copy them all
	for _, g := range fresh {
		steps = r.joinGroup(steps, g)
	}
	return steps, nil
}

// joinGroup adds the steps of those who share an address.
func (r *run) joinGroup(steps []Step, g StagedGroup) []Step {
	records := make(map[record.ID]*record.Record, len(g.Salesforce)+len(g.Marketo))
	sf, mk := make([]record.Ref, 0, len(g.Salesforce)), make([]record.Ref, 0, len(g.Marketo))
	out := false // somebody of this address is kept out
	for i := range g.Salesforce {
		rec := &g.Salesforce[i]
		switch {
		case rec.Object == record.Account && takesPart(rec) && !r.passes(rec):
			steps = r.planned(steps, r.mirrorOut(Known{}, rec))
		case rec.Object == record.Account:
			if takesPart(rec) {
				steps = r.planned(steps, r.creation(Known{}, rec))
			}
		case takesPart(rec) && !r.passes(rec):
			out = true
			steps = append(steps, r.excluded(Known{}, rec)...)
		case takesPart(rec):
			records[rec.ID] = rec
			sf = append(sf, rec.Ref())
		}
	}
	for i := range g.Marketo {
		records[g.Marketo[i].ID] = &g.Marketo[i]
		mk = append(mk, g.Marketo[i].Ref())
	}
	taken := map[record.ID]bool{}
	for _, d := range match.Group(sf, mk) {
		rec := records[d.Record.ID]
		taken[d.Record.ID] = true
		var s *sheet
		switch {
		case rec.Err != nil:
			s = r.unreadable(Known{}, rec)
		case d.Verdict == match.Pair:
			taken[d.Partner.ID] = true
			s = r.join(arrival{record: rec}, Known{}, rec, records[d.Partner.ID])
		case d.Verdict == match.New && (rec.Object != record.Person || r.Policy.CreateInSalesforce && (!out || rec.Email.IsBlank())):
			s = r.creation(Known{}, rec)
		case d.Verdict == match.New:
			s = r.alone(Known{}, rec, nil)
		case d.Verdict == match.Shadowed:
			s = r.alone(Known{}, rec, &Hold{Cause: "contact-has-address", Candidates: d.Candidates})
		default:
			s = r.alone(Known{}, rec, &Hold{Cause: "ambiguous", Candidates: d.Candidates})
		}
		steps = r.planned(steps, s)
	}
	for i := range g.Marketo {
		if rec := &g.Marketo[i]; !taken[rec.ID] {
			steps = r.planned(steps, r.alone(Known{}, rec, nil))
		}
	}
	return steps
}

// takesPart tells whether a Salesforce record is to be synced at all.
func takesPart(rec *record.Record) bool { return !rec.Deleted && !rec.Converted }

// fresh are the groups without whoever the ledger knows already, ready to be planned.
func (r *run) fresh(ctx context.Context, groups []StagedGroup) ([]StagedGroup, error) {
	fresh, err := r.unknown(ctx, groups)
	if err != nil {
		return nil, err
	}
	pages := make([][]record.Record, len(fresh))
	for i, g := range fresh {
		pages[i] = g.Salesforce
	}
	return fresh, r.locate(ctx, pages...)
}

// unknown leaves out of the groups whoever the ledger knows already.
func (r *run) unknown(ctx context.Context, groups []StagedGroup) ([]StagedGroup, error) {
	if r.nobody {
		return groups, nil
	}
	var ids [2][]record.ID
	for _, g := range groups {
		for i, records := range [2][]record.Record{g.Salesforce, g.Marketo} {
			for _, rec := range records {
				ids[i] = append(ids[i], rec.ID)
			}
		}
	}
	seen := map[record.ID]bool{}
	for i, side := range []record.Side{record.Salesforce, record.Marketo} {
		owners, err := r.Ledger.Owners(ctx, side, ids[i])
		if err != nil {
			return nil, err
		}
		for j, owner := range owners {
			seen[ids[i][j]] = owner != 0
		}
	}
	var out []StagedGroup
	for _, g := range groups {
		left := StagedGroup{Salesforce: left(g.Salesforce, seen), Marketo: left(g.Marketo, seen)}
		if len(left.Salesforce)+len(left.Marketo) > 0 {
			out = append(out, left)
		}
	}
	return out, nil
}

func left(records []record.Record, seen map[record.ID]bool) []record.Record {
	var out []record.Record
	for _, rec := range records {
		if !seen[rec.ID] {
			out = append(out, rec)
		}
	}
	return out
}
