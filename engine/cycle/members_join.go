package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// pairCursor is how far the members of a pair that was just linked are compared: first those of the campaign, then those of the program.
type pairCursor struct {
	Salesforce salesforce.Position `json:"salesforce,omitzero"`
	Read       bool                `json:"read,omitempty"` // the campaign, whole
	Token      string              `json:"token,omitempty"`
	Done       bool                `json:"done,omitempty"`
}

func pairFeed(p member.Pair) string {
	return "pair." + strconv.FormatInt(p.Program, 10) + "." + string(p.Campaign) + "." + strconv.FormatInt(p.Since.Unix(), 10)
}

// pairOfProgram and pairOfCampaign find a linked pair.
func (e *Engine) pairOfProgram(program int64) (member.Pair, bool) {
	return e.pair(func(p member.Pair) bool { return p.Program == program })
}

func (e *Engine) pairOfCampaign(campaign record.ID) (member.Pair, bool) {
	return e.pair(func(p member.Pair) bool { return p.Campaign == campaign })
}

func (e *Engine) pair(is func(member.Pair) bool) (member.Pair, bool) {
	i := slices.IndexFunc(e.Pairs, is)
	if i < 0 {
		return member.Pair{}, false
	}
	return e.Pairs[i], true
}

// joinPairs compares the members of pairs that were linked since the last cycle, page by page: cut off anywhere it goes on there.
// What changes meanwhile comes with the feeds, which begin before.
func (r *run) joinPairs(ctx context.Context) error {
	for _, pair := range r.Pairs {
		stored, err := r.Ledger.Cursor(ctx, pairFeed(pair))
		if err != nil {
			return err
		}
		var at pairCursor
		if err := decodeCursor(stored, &at); err != nil {
			return err
		}
		for !at.Done {
			steps, next, err := r.joinMembers(ctx, pair, at)
			if err != nil {
				return fmt.Errorf("compare the members of program %d and its campaign: %w", pair.Program, err)
			}
			to, err := encodeCursor(next)
			if err != nil {
				return err
			}
			if err := r.commit(ctx, Page{Feed: pairFeed(pair), From: stored, To: to, Steps: steps}); err != nil {
				return err
			}
			stored, at = to, next
		}
	}
	return nil
}

// joinMembers plans the next page.
func (r *run) joinMembers(ctx context.Context, pair member.Pair, at pairCursor) ([]Step, pairCursor, error) {
	if !at.Read {
		return r.joinCampaign(ctx, pair, at)
	}
	return r.joinProgram(ctx, pair, at)
}

func (r *run) joinCampaign(ctx context.Context, pair member.Pair, at pairCursor) ([]Step, pairCursor, error) {
	pages, _, err := r.Salesforce.Feeds(ctx, record.FirstRead, []salesforce.Feed{{
		Object: record.CampaignMember, Columns: memberMapping.Columns(record.Salesforce), From: at.Salesforce, Where: among("CampaignId", pair.Campaign),
	}})
	if err != nil {
		return nil, at, err
	}
	page := pages[0]
	if page.Err != nil {
		return nil, at, page.Err
	}
	ids := make([]record.ID, len(page.Records))
	for i, rec := range page.Records {
		ids[i] = rec.ID
	}
	known, err := r.Ledger.Known(ctx, record.Salesforce, ids)
	if err != nil {
		return nil, at, err
	}
	var all []*membership
	for i := range page.Records {
		if rec := &page.Records[i]; !rec.Deleted && rec.Err == nil {
			all = append(all, &membership{pair: pair, known: known[i], sf: rec, anew: true})
		}
	}
	r.report.Pulled.Salesforce += len(all)
	steps, err := r.planMembers(ctx, all)
	at.Salesforce, at.Read = page.Next, !page.More
	return steps, at, err
}

func (r *run) joinProgram(ctx context.Context, pair member.Pair, at pairCursor) ([]Step, pairCursor, error) {
	page, err := r.Marketo.ProgramMembers(ctx, record.FirstRead, pair.Program, at.Token)
	var refused *marketo.Error
	switch {
	case programGone(err):
		at.Done = true
		return nil, at, nil
	case at.Token != "" && errors.As(err, &refused) && !refused.Retryable(): // the place is no longer known there
		at.Token = ""
		return nil, at, nil
	case err != nil:
		return nil, at, err
	}
	keys := make([]record.ID, len(page.Members))
	for i, m := range page.Members {
		keys[i] = member.Key(pair.Program, m.Person)
	}
	known, err := r.Ledger.Known(ctx, record.Marketo, keys)
	if err != nil {
		return nil, at, err
	}
	var all []*membership
	for i, m := range page.Members {
		if state := known[i].Link.State; state == Linked || state == Creating {
			continue // it was met in the campaign
		}
		known[i].Link.Marketo = keys[i]
		rec := programMember(keys[i], m.Status)
		rec.Modified = m.Updated
		all = append(all, &membership{pair: pair, known: known[i], mk: rec, anew: true})
	}
	r.report.Pulled.Marketo += len(page.Members)
	steps, err := r.planMembers(ctx, all)
	at.Token, at.Done = page.Next, !page.More
	return steps, at, err
}

// campaignsAtMost is how many campaigns are named in a feed's question. With more, members of all campaigns are read, and those of
// others are left out here.
const campaignsAtMost = 400

// memberWhere limits the feed of members to the linked campaigns.
func (e *Engine) memberWhere() string {
	if len(e.Pairs) > campaignsAtMost {
		return ""
	}
	ids := make([]record.ID, len(e.Pairs))
	for i, p := range e.Pairs {
		ids[i] = p.Campaign
	}
	return among("CampaignId", ids...)
}

// among is the condition that a field holds one of some ids of Salesforce.
func among(field string, ids ...record.ID) string {
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = "'" + string(id) + "'"
	}
	return field + " IN (" + strings.Join(quoted, ",") + ")"
}

// sweepCursor is how far the members of a pair were asked for that Marketo may have lost without a word.
type sweepCursor struct {
	Began time.Time `json:"began"`
	After record.ID `json:"after,omitempty"` // empty: the last sweep is through
}

const (
	// sweepEvery is how often that happens: who is taken out of a program by the API leaves no activity.
	sweepEvery = 24 * time.Hour
	// sweepCalls bounds what a cycle spends on it.
	sweepCalls = 10
)

// sweepPairs asks, once a day and a part a cycle, whether members are still in their programs.
func (r *run) sweepPairs(ctx context.Context) error {
	calls := 0
	for _, pair := range r.Pairs {
		name := "sweep." + strconv.FormatInt(pair.Program, 10)
		stored, err := r.Ledger.Cursor(ctx, name)
		if err != nil {
			return err
		}
		var at sweepCursor
		if err := decodeCursor(stored, &at); err != nil {
			return err
		}
		if at.Began.IsZero() { // the joining has just read them all
			at.Began = r.Now()
		} else if at.After == "" && !pace.Over(r.Now(), at.Began, sweepEvery) {
			continue
		} else if at.After == "" {
			at = sweepCursor{Began: r.Now(), After: member.Key(pair.Program, "")}
		}
		for first := true; first || at.After != "" && calls < sweepCalls; first = false {
			var steps []Step
			if at.After != "" {
				calls++
				if steps, at.After, err = r.sweepPair(ctx, pair, at.After); err != nil {
					return err
				}
			}
			to, err := encodeCursor(at)
			if err != nil {
				return err
			}
			if err := r.commit(ctx, Page{Feed: name, From: stored, To: to, Steps: steps}); err != nil {
				return err
			}
			stored = to
		}
	}
	return nil
}

func (r *run) sweepPair(ctx context.Context, pair member.Pair, after record.ID) (steps []Step, next record.ID, err error) {
	links, err := r.Ledger.KeyedLinks(ctx, member.Key(pair.Program, ""), after, marketo.MaxBatch)
	if err != nil || len(links) == 0 {
		return nil, "", err
	}
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return nil, "", err
	}
	var members []Known
	for _, k := range known {
		next = max(next, k.Link.Marketo)
		if k.Link.State == Linked {
			members = append(members, k)
		}
	}
	if len(links) < marketo.MaxBatch {
		next = ""
	}
	steps, err = r.readAndPlan(ctx, record.Reread, pair, members)
	return steps, next, err
}
