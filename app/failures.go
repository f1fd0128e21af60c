package app

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/store"
)

// Failure is the open refusals of one cause.
type Failure struct {
	ID     string        `json:"group"`
	Side   record.Side   `json:"side"` // that refused
	Object record.Object `json:"object"`
	Code   string        `json:"code"`
	Fields []string      `json:"fields,omitempty"`
	Count  int           `json:"count"`
	Share  float64       `json:"share"` // percent of all refused writes that are open; one that was refused for several causes counts for each
	First  time.Time     `json:"first"`
	Last   time.Time     `json:"last"`
	Who    string        `json:"who"`   // can end it, in the words of the catalogue
	Fixer  Fixer         `json:"fixer"` // the same as a person of the house
	Step   string        `json:"step"`  // that ends it
	Title  string        `json:"title"`
	Advice string        `json:"advice,omitempty"`
	// Examples are a few of the refused records; with a single group asked for, up to a page of them.
	Examples []Refused `json:"examples,omitempty"`
	// Why is what the side says about the examples without a write, where it was asked.
	Why []Reason `json:"why,omitempty"`
}

// Refused is one record whose write was refused.
type Refused struct {
	Object record.Object `json:"object"`
	Source record.ID     `json:"source"`
	Target record.ID     `json:"target,omitempty"`
}

// How many records of each group are listed, and of one that is asked for.
const (
	failureExamples = 3
	refusedAtMost   = 200
)

// causeOf takes a stored cause apart: a code, then the fields that the side named.
func causeOf(cause string) (code string, fields []string) {
	code, names, named := strings.Cut(cause, ":")
	if named {
		fields = strings.Split(names, ",")
	}
	return code, fields
}

// explainCause gives a stored cause its meaning back.
func explainCause(side record.Side, object record.Object, cause string) pace.Failure {
	code, fields := causeOf(cause)
	if side == record.Salesforce {
		e := salesforce.NewError(0, code, "", fields...)
		e.Object = object
		return e
	}
	e := marketo.NewError(0, code, "")
	e.Object, e.Fields = object, fields
	return e
}

// Failures lists open refusals, the largest group first; with a group only that one, and its records.
func (a *App) Failures(ctx context.Context, name, group string) (list []Failure, err error) {
	err = a.beside(ctx, name, false, func(w *store.Workspace) error {
		list, err = failuresOf(ctx, w, group)
		return err
	})
	return list, err
}

func failuresOf(ctx context.Context, w *store.Workspace, group string) ([]Failure, error) {
	examples := failureExamples
	if group != "" {
		examples = 0 // its records are listed
	}
	groups, err := w.FailureGroups(ctx, examples)
	if err != nil {
		return nil, err
	}
	list := make([]Failure, 0, len(groups))
	for _, g := range groups {
		id := strconv.FormatInt(g.ID, 10)
		if group != "" && id != group {
			continue
		}
		meaning := explainCause(g.Side, g.Object, g.Cause)
		code, fields := causeOf(g.Cause)
		f := Failure{
			ID: id, Side: g.Side, Object: g.Object, Code: code, Fields: fields, Count: g.Open, First: g.First.UTC(), Last: g.Last.UTC(),
			Who: meaning.Who().String(), Title: meaning.Sentence().Text, Share: math.Round(1000*g.Share) / 10,
		}
		remedy := remedyOf(g.Side, meaning)
		f.Fixer, f.Step = remedy.Fixer, remedy.Step
		if len(fields) > 0 {
			f.Advice = "Fields: " + strings.Join(fields, ", ") + "."
		}
		for _, e := range g.Examples {
			f.Examples = append(f.Examples, Refused{g.Object, e.Source, e.Target})
		}
		if group != "" {
			rows, err := w.FailedRows(ctx, g.ID, 0, refusedAtMost)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				f.Examples = append(f.Examples, Refused{r.Object, r.Source, r.Target})
			}
		}
		list = append(list, f)
	}
	if group != "" && len(list) == 0 {
		return nil, inputf("there is no open group %q; doppioctl failures lists them", group)
	}
	return list, nil
}

// Retried says which refused writes are tried again: of one group, of one record, or, where nothing is said, all.
type Retried struct {
	Group  string
	Record string // an id of either side, or an address
	// AllowBrake lets them be more than the brake allows.
	AllowBrake bool
}

// Retry tries refused writes again, at once. It gives how many were tried, and the cycle that tried them. They count for the
// brake as others do.
func (a *App) Retry(ctx context.Context, name string, what Retried) (n int, r SyncResult, err error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return 0, SyncResult{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if n, err = s.again(ctx, what); err != nil {
		return 0, SyncResult{}, err
	}
	if s.Mode() != record.Live {
		return n, SyncResult{}, inputf("%d writes wait to be tried again; workspace %q is in mode %s, and only live writes", n, name, s.Mode())
	}
	r, err = s.once(ctx, SyncOptions{AllowBrake: what.AllowBrake})
	return n, r, err
}

// again lets refused writes wait once more, first of all.
func (s *session) again(ctx context.Context, what Retried) (n int, err error) {
	switch {
	case what.Record != "":
		return s.againRecord(ctx, what.Record)
	case what.Group == "":
		return s.ws.RetryAll(ctx)
	}
	id, err := strconv.ParseInt(what.Group, 10, 64)
	if err != nil {
		return 0, inputf("%q is not the number of a group; doppioctl failures lists them", what.Group)
	}
	n, err = s.ws.RetryGroup(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return 0, inputf("there is no open group %q; doppioctl failures lists them", what.Group)
	}
	return n, err
}

func (s *session) againRecord(ctx context.Context, who string) (n int, err error) {
	links, err := s.ws.FindPerson(ctx, who)
	if err != nil {
		return 0, err
	}
	ids := make([]cycle.LinkID, len(links))
	for i, l := range links {
		ids[i] = l.ID
	}
	known, err := s.ws.KnownLinks(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, k := range known {
		for _, row := range k.Out {
			if !row.Fails() {
				continue
			}
			if err := s.ws.RetryRow(ctx, row.ID); err != nil {
				return n, err
			}
			n++
		}
	}
	if n == 0 {
		return 0, inputf("no write of that record is refused at the moment; doppioctl explain says how it stands")
	}
	return n, nil
}
