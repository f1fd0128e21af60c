package cycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// CompareAfresh is the ledger's setting that has pairs compared afresh on both sides, because a field was mapped that they
// never agreed upon. It holds an Afresh.
const CompareAfresh = "afresh"

// Afresh says which pairs are still to be compared afresh. It outlives the process: a cycle takes up where the last one stopped.
type Afresh struct {
	Objects []record.Object `json:"objects"`
	After   LinkID          `json:"after"` // links up to this one are done
}

// With are these objects as well, all of their pairs.
func (a Afresh) With(objects []record.Object) Afresh {
	a.Objects, a.After = slices.Clone(a.Objects), 0
	for _, o := range objects {
		if !slices.Contains(a.Objects, o) {
			a.Objects = append(a.Objects, o)
		}
	}
	return a
}

// ReadAfresh reads the setting; done is true when nothing is to be compared.
func ReadAfresh(text string) (a Afresh, done bool, err error) {
	if text == "" {
		return a, true, nil
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, false, fmt.Errorf("what is to be compared afresh cannot be read: %w", err)
	}
	return a, false, nil
}

// Text is the setting's form.
func (a Afresh) Text() (string, error) {
	text, err := json.Marshal(a)
	return string(text), err
}

// ShareAtMost bounds how many links one cycle reads again, so that everything else goes on beside it: about 22 calls to
// Salesforce and 70 to Marketo.
const ShareAtMost = 20_000

// share gives page the links after one, a page at a time, and keeps the place, until a cycle's share was read, as page counts, or the quota
// has nothing to spare, which ends the share and not the cycle. It is done when no link is left.
func (r *run) share(ctx context.Context, after LinkID, page func(context.Context, []Link) (int, error), keep func(LinkID) error) (done bool, err error) {
	later := func() (bool, error) {
		r.Log.Info("looking at the other links again waits for quota", "after", after)
		return false, nil
	}
	for seen := 0; seen < ShareAtMost; {
		if r.Spare != nil && (!r.Spare(record.Salesforce) || !r.Spare(record.Marketo)) {
			return later()
		}
		links, err := r.Ledger.Links(ctx, after, afreshAtOnce)
		if err != nil || len(links) == 0 {
			return err == nil, err
		}
		n, err := page(ctx, links)
		if errors.Is(err, pace.ErrQuota) {
			return later()
		}
		if err != nil {
			return false, err
		}
		seen += n
		after = links[len(links)-1].ID
		if err := keep(after); err != nil {
			return false, err
		}
	}
	return false, nil
}

// compareAfresh reads a share of the pairs that have a field on which they never agreed, and plans them.
func (r *run) compareAfresh(ctx context.Context) error {
	text, err := r.Ledger.Setting(ctx, CompareAfresh)
	if err != nil {
		return err
	}
	todo, done, err := ReadAfresh(text)
	if err != nil || done {
		return err
	}
	page := func(ctx context.Context, links []Link) (int, error) { return r.afreshPage(ctx, links, todo.Objects) }
	done, err = r.share(ctx, todo.After, page, func(after LinkID) error {
		todo.After = after
		text, err := todo.Text()
		if err != nil {
			return err
		}
		return r.Ledger.SetSetting(ctx, CompareAfresh, text)
	})
	if err != nil {
		return fmt.Errorf("compare newly mapped fields: %w", err)
	}
	if done {
		return r.Ledger.SetSetting(ctx, CompareAfresh, "")
	}
	return nil
}

// afreshPage compares the pairs among links that are of one of the objects, and counts them.
func (r *run) afreshPage(ctx context.Context, links []Link, objects []record.Object) (int, error) {
	r.edit = MappingEdit
	defer func() { r.edit = "" }()
	var ids []LinkID
	for _, l := range links {
		if l.State == Linked && slices.Contains(objects, l.Object) {
			ids = append(ids, l.ID)
		}
	}
	return len(ids), r.readAfresh(ctx, ids)
}
