package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// Cause is who made a part of what waits, or which field did.
type Cause struct {
	To     record.Side   `json:"to"`
	Object record.Object `json:"object"`
	Field  string        `json:"field,omitempty"`
	// By is "user 0055…", "campaign 1234", "source Web form fillout", or "edit mapping" or "edit filter" of this workspace; Name is what that is called, where it may be shown.
	By      cycle.Maker `json:"by,omitempty"`
	Name    string      `json:"name,omitempty"`
	Records int         `json:"records"`
}

// Sentence says it in English.
func (c Cause) Sentence() string {
	if c.Field != "" {
		return fmt.Sprintf("%s.%s: %s on the way to %s", c.Object, c.Field, count(c.Records, "change", "changes"), sideName(c.To))
	}
	return fmt.Sprintf("%s: %s on the way to %s", named{c.By: c.Name}.of(c.By), count(c.Records, "record", "records"), sideName(c.To))
}

// madeUntil is what made the backlog of a cycle, the largest part first: what was planned in it, and in those before it back to the last
// one that left nothing waiting. The newest cycle comes first.
func madeUntil(cycles []store.Cycle, at int) []cycle.Cause {
	counts := map[cycle.Cause]int{}
	for i := at; i < len(cycles) && (i == at || cycles[i].Backlog.Sum() > 0); i++ {
		for _, c := range cycles[i].Made {
			n := c.Records
			c.Records = 0
			counts[c] += n
		}
	}
	causes := make([]cycle.Cause, 0, len(counts))
	for c, n := range counts {
		c.Records = n
		causes = append(causes, c)
	}
	cycle.SortCauses(causes)
	return causes
}

// largest are the maker and the field with the largest part over all objects, if that is at least so many records.
func largest(causes []cycle.Cause, least float64) (by cycle.Maker, field string) {
	makers, fields := map[cycle.Maker]int{}, map[string]int{}
	for _, c := range causes {
		makers[c.By] += c.Records
		fields[c.Field] += c.Records
	}
	delete(makers, "")
	delete(fields, "")
	for m, n := range makers {
		if float64(n) >= least && (n > makers[by] || n == makers[by] && m < by) {
			by = m
		}
	}
	for f, n := range fields {
		if float64(n) >= least && (n > fields[field] || n == fields[field] && f < field) {
			field = f
		}
	}
	return by, field
}

// causesOf says what made what waits at this moment, by the cycles of a day. Without keys names are left out.
func causesOf(ctx context.Context, w *store.Workspace, cycles []store.Cycle) ([]Cause, error) {
	names, err := makerNames(ctx, w)
	if err != nil {
		return nil, err
	}
	var out []Cause
	for _, c := range madeUntil(cycles, 0) {
		out = append(out, Cause{To: c.To, Object: c.Object, Field: c.Field, By: c.By, Name: names[c.By], Records: c.Records})
	}
	return out, nil
}

// named are the names of makers. Users are people: names are sealed at rest.
type named map[cycle.Maker]string

// metaMakers is the setting that holds them.
const metaMakers = "makers"

// of is a maker's name, or what stands for it, in English.
func (n named) of(m cycle.Maker) string { return n.tell(m).Text }

// tell is of with a key for other languages, where it is not a name.
func (n named) tell(m cycle.Maker) Sentence {
	if name := n[m]; name != "" {
		return Sentence{Text: name}
	}
	kind, rest, _ := strings.Cut(string(m), " ")
	switch {
	case m == cycle.MappingEdit:
		return pace.Say("maker.mapping", "the change of the mapping")
	case m == cycle.FilterEdit:
		return pace.Say("maker.filter", "the change of the filter")
	case kind == "user":
		return pace.Say("maker.user", "Salesforce user %1", rest)
	case kind == "campaign":
		return pace.Say("maker.campaign", "Marketo campaign %1", rest)
	}
	return Sentence{Text: rest}
}

// makerNames are the names that are known; none without keys.
func makerNames(ctx context.Context, w *store.Workspace) (named, error) {
	text, err := w.Setting(ctx, metaMakers)
	if err != nil || text == "" {
		return named{}, err
	}
	plain, err := w.Unseal(metaMakers, text)
	if errors.Is(err, store.ErrNoKey) {
		return named{}, nil
	}
	if err != nil {
		return nil, err
	}
	names := named{}
	return names, decodeFact(string(plain), &names)
}

// makersKept bounds how many names are remembered.
const makersKept = 500

// nameMakers asks what the makers of a large part of a cycle are called, unless that is known. They are few, and asked for once.
func (s *session) nameMakers(ctx context.Context, made []cycle.Cause) error {
	names, err := makerNames(ctx, s.ws)
	if err != nil {
		return err
	}
	records := map[cycle.Maker]int{}
	for _, c := range made {
		records[c.By] += c.Records
	}
	var users []record.ID
	var campaigns []int64
	for by, n := range records {
		if _, known := names[by]; known || n < peakLeast {
			continue
		}
		kind, rest, _ := strings.Cut(string(by), " ")
		switch kind {
		case "user":
			users = append(users, record.ID(rest))
		case "campaign":
			if id, err := strconv.ParseInt(rest, 10, 64); err == nil {
				campaigns = append(campaigns, id)
			}
		}
	}
	if len(users)+len(campaigns) == 0 {
		return nil
	}
	slices.Sort(users)
	people, err := s.sf.UserNames(ctx, record.LookUp, users)
	if err != nil {
		return err
	}
	slices.Sort(campaigns)
	flows, err := s.mk.CampaignNames(ctx, record.LookUp, campaigns)
	if err != nil {
		return err
	}
	if len(names) > makersKept {
		clear(names)
	}
	for _, id := range users { // also those out of sight: they are not asked for again
		names[cycle.Maker("user "+id)] = people[id].Text()
	}
	for _, id := range campaigns {
		names[cycle.Maker("campaign "+strconv.FormatInt(id, 10))] = flows[id]
	}
	text, err := encodeFact(names)
	if err != nil {
		return err
	}
	sealed, err := s.ws.Seal(metaMakers, []byte(text))
	if err != nil {
		return err
	}
	return s.ws.SetSetting(ctx, metaMakers, sealed)
}
