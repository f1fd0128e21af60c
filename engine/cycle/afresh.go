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

// afreshAtMost bounds how many links one cycle compares afresh, so that everything else goes on beside it: about 22 calls to
// Salesforce and 70 to Marketo.
const afreshAtMost = 20_000

// compareAfresh reads a share of the pairs that have a field on which they never agreed, and plans them. Used up quota ends
// the share, not the cycle.
func (r *run) compareAfresh(ctx context.Context) error {
	text, err := r.Ledger.Setting(ctx, CompareAfresh)
	if err != nil {
		return err
	}
	todo, done, err := ReadAfresh(text)
	if err != nil || done {
		return err
	}
	for seen := 0; seen < afreshAtMost; {
		if r.Spare != nil && (!r.Spare(record.Salesforce) || !r.Spare(record.Marketo)) {
			r.Log.Info("the comparison of newly mapped fields waits for quota", "after", todo.After)
			return nil
		}
		links, err := r.Ledger.Links(ctx, todo.After, afreshAtOnce)
		if err != nil {
			return err
		}
		if len(links) == 0 {
			return r.Ledger.SetSetting(ctx, CompareAfresh, "")
		}
		err = r.afreshPage(ctx, links, todo.Objects)
		if errors.Is(err, pace.ErrQuota) {
			r.Log.Info("the comparison of newly mapped fields waits for quota", "after", todo.After)
			return nil
		}
		if err != nil {
			return fmt.Errorf("compare newly mapped fields: %w", err)
		}
		seen += len(links)
		todo.After = links[len(links)-1].ID
		if text, err = todo.Text(); err != nil {
			return err
		}
		if err := r.Ledger.SetSetting(ctx, CompareAfresh, text); err != nil {
			return err
		}
	}
	return nil
}

// afreshPage compares the pairs among links that are of one of the objects.
func (r *run) afreshPage(ctx context.Context, links []Link, objects []record.Object) error {
	r.edit = MappingEdit
	defer func() { r.edit = "" }()
	var ids []LinkID
	for _, l := range links {
		if l.State == Linked && slices.Contains(objects, l.Object) {
			ids = append(ids, l.ID)
		}
	}
	return r.readAfresh(ctx, ids)
}
