package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// NowState is what came of a person who was asked for.
type NowState string

// The states, the one that needs somebody first: of a person with several records it is the first that applies.
const (
	NowFailed   NowState = "failed"
	NowHeld     NowState = "held"
	NowWaiting  NowState = "waiting"
	NowWritten  NowState = "written"
	NowFiltered NowState = "filtered"
	NowNothing  NowState = "nothing to do"
	NowUnknown  NowState = "unknown"
)

var nowOrder = []NowState{NowFailed, NowHeld, NowWaiting, NowWritten, NowFiltered, NowNothing, NowUnknown}

// NowPerson is one person who was asked for, and what came of it.
type NowPerson struct {
	Person     string      `json:"person"` // as it was asked for
	State      NowState    `json:"state"`
	Salesforce []record.ID `json:"salesforce,omitempty"` // the records that are meant
	Marketo    []record.ID `json:"marketo,omitempty"`
	Sentence   string      `json:"sentence"`
}

// hurry does the people who were asked for, before anything else.
func (s *session) hurry(ctx context.Context, o SyncOptions) (SyncResult, error) {
	if s.broken != nil {
		return SyncResult{}, s.broken
	}
	var report cycle.Report
	var people []cycle.Person
	err := s.counted(ctx, func(ctx context.Context) (err error) {
		report, people, err = s.engine(o, o.Progress).Hurry(pace.Urgent(ctx), o.Now)
		return err
	})
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	r, err := s.result(last, report, err)
	if report.N == 0 {
		return r, err
	}
	now, sayErr := s.nowPeople(last, people, err == nil)
	if r.Now = now; sayErr == nil && o.Told != nil {
		o.Told(now)
	}
	return r, errors.Join(err, sayErr)
}

// nowPeople says of each person what came of it; complete tells that all of them were looked for.
func (s *session) nowPeople(ctx context.Context, people []cycle.Person, complete bool) ([]NowPerson, error) {
	list := make([]NowPerson, len(people))
	for i, p := range people {
		known, err := s.ws.KnownLinks(ctx, p.Links)
		if err != nil {
			return nil, err
		}
		if list[i], err = s.nowPerson(ctx, p, known); err != nil {
			return nil, err
		}
		if len(p.Links) == 0 && !complete {
			list[i].State, list[i].Sentence = NowWaiting, "The work ended before this person was looked for."
		}
	}
	return list, nil
}

func (s *session) nowPerson(ctx context.Context, p cycle.Person, known []cycle.Known) (NowPerson, error) {
	out := NowPerson{Person: p.Text, State: NowUnknown, Sentence: "Nobody with this address or id was found on either side."}
	for _, k := range known {
		if k.Link.Salesforce != "" {
			out.Salesforce = append(out.Salesforce, k.Link.Salesforce)
		}
		if k.Link.Marketo != "" {
			out.Marketo = append(out.Marketo, k.Link.Marketo)
		}
		state, sentence := nowState(p, k, s.Mode(), s.mapping)
		if k.Link.State == cycle.Filtered || k.Link.State == cycle.Frozen {
			kept, err := keptFilter(ctx, s.ws)
			if err != nil {
				return out, err
			}
			events, err := s.ws.EventsOf(ctx, k.Link.ID, eventsAtMost)
			if err != nil {
				return out, err
			}
			state, sentence = NowFiltered, "The sync filter keeps this record out: "+explainFilter(kept, k.Link, events).Because+"."
		}
		if slices.Index(nowOrder, state) < slices.Index(nowOrder, out.State) {
			out.State, out.Sentence = state, sentence
		}
	}
	return out, nil
}

// nowState says how one link of a person stands.
func nowState(p cycle.Person, k cycle.Known, mode record.Mode, m schema.Mapping) (NowState, string) {
	name := func(n uint16) string { return fieldName(m, k.Link.Object, n) }
	switch k.Link.State {
	case cycle.Filtered:
		return NowFiltered, "The sync filter keeps the record out; explain says which part of it."
	case cycle.Frozen:
		return NowFiltered, "Frozen: the record does not pass the sync filter, and nothing travels until it does. explain says which part of it decided."
	}
	var waiting string
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		row := k.Out[side]
		switch {
		case row == nil:
		case row.Fails():
			return NowFailed, explainRow(*row, name)[0].Sentence
		case waiting == "":
			waiting = explainRow(*row, name)[0].Sentence
			if mode != record.Live {
				waiting += fmt.Sprintf(" The workspace is in mode %s, and only live writes.", mode)
			}
		}
	}
	switch {
	case len(k.Open()) > 0:
		return NowHeld, describeHold(k.Open()[0], k.Link, m, nil).Sentence
	case waiting != "":
		return NowWaiting, waiting
	case len(p.Written) > 0:
		sides := make([]string, len(p.Written))
		for i, side := range p.Written {
			sides[i] = sideName(side)
		}
		return NowWritten, fmt.Sprintf("Written to %s just now; both sides agree.", strings.Join(sides, " and "))
	case k.Link.State == cycle.Linked:
		return NowNothing, "Both sides agree already."
	case k.Link.State == cycle.Alone && k.Link.Salesforce == "":
		return NowNothing, "Only Marketo has this person, and the settings make no lead of it (create_in_salesforce)."
	}
	return NowNothing, "Nothing is to be written for this record."
}

// sideName is a side as a sentence says it.
func sideName(s record.Side) string {
	if s == record.Salesforce {
		return "Salesforce"
	}
	return "Marketo"
}
