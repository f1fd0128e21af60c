package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/store"
)

// The settings under which the sync filter is kept: the one that counts, and those before it. Both are sealed, because a filter's text
// can hold names and addresses.
const (
	metaFilter        = "filter"
	metaFormerFilters = "filter.former"
)

// formerAtMost is how many earlier filters are kept.
const formerAtMost = 20

// KeptFilter is a sync filter as it was set: what, when, by whom, and why.
type KeptFilter struct {
	// Version rises with every change; 0 means that none was ever set.
	Version int `json:"version"`
	// Text is the filter as it was written; empty lets everybody take part.
	Text string    `json:"filter"`
	At   time.Time `json:"since,omitzero"`
	By   string    `json:"by,omitempty"`
	Why  string    `json:"why,omitempty"`
	// Canonical names its fields by their API names, Catalog tells what they were, so that a changed label changes nothing.
	Canonical string         `json:"canonical,omitempty"`
	Catalog   filter.Catalog `json:"catalog,omitempty"`
	// Mark is the checkbox in Marketo of those who leave, of this filter or of one before it.
	Mark string `json:"mark,omitempty"`
	// Zone is the org's time zone.
	Zone string `json:"zone,omitempty"`
}

// read gives the filter that is kept.
func (k KeptFilter) read() (filter.Filter, error) {
	if k.Text == "" {
		return filter.Filter{}, nil
	}
	f, err := filter.Parse(k.Canonical, k.Catalog)
	if err != nil {
		return f, fmt.Errorf("the sync filter that is set can no longer be read, so nothing was synced; set it again with doppioctl filter: %w", err)
	}
	return f, nil
}

// filtering is the filter as a cycle needs it.
func (k KeptFilter) filtering() (c cycle.Filtering, err error) {
	if k.Version == 0 {
		return c, nil
	}
	c.Version, c.Zone, c.Mark = strconv.Itoa(k.Version), zoneOf(k.Zone), k.Mark
	c.Filter, err = k.read()
	return c, err
}

// zoneOf is a time zone by its name; one that this computer does not know is UTC.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

func unsealed(ctx context.Context, w *store.Workspace, name string, into any) error {
	text, err := w.Setting(ctx, name)
	if err != nil {
		return err
	}
	plain, err := w.Unseal(name, text)
	if err != nil || plain == nil {
		return err
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("the kept %s cannot be read: %w", name, err)
	}
	return nil
}

func keptFilter(ctx context.Context, w *store.Workspace) (k KeptFilter, err error) {
	return k, unsealed(ctx, w, metaFilter, &k)
}

func formerFilters(ctx context.Context, w *store.Workspace) (former []KeptFilter, err error) {
	return former, unsealed(ctx, w, metaFormerFilters, &former)
}

// keepFilter puts a filter in the place of the one that counts, which joins the former ones; newest first.
func keepFilter(ctx context.Context, w *store.Workspace, k KeptFilter) error {
	was, err := keptFilter(ctx, w)
	if err != nil {
		return err
	}
	former, err := formerFilters(ctx, w)
	if err != nil {
		return err
	}
	if was.Version > 0 {
		was.Catalog, was.Canonical = nil, ""
		former = append([]KeptFilter{was}, former...)
	}
	k.Version = was.Version + 1
	settings := map[string]string{}
	for name, value := range map[string]any{metaFilter: k, metaFormerFilters: former[:min(len(former), formerAtMost)]} {
		plain, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("keep the filter: %w", err)
		}
		if settings[name], err = w.Seal(name, plain); err != nil {
			return err
		}
	}
	return w.SetSettings(ctx, settings)
}

// loadFilter reads the filter that counts. One that cannot be read keeps cycles from running, and not from setting another.
func (s *session) loadFilter(ctx context.Context) error {
	kept, err := keptFilter(ctx, s.ws)
	if err == nil {
		s.filter, s.broken = kept.filtering()
	}
	return err
}

// blameFilter says so where Salesforce refused to read because of a field that the filter asks for: who takes part cannot be told then,
// and nothing is synced. Other errors stay as they are.
func (s *session) blameFilter(ctx context.Context, err error) error {
	var refused *salesforce.Error
	if len(s.filter.Filter.Sentences) == 0 || !errors.As(err, &refused) || refused.Code() != "INVALID_FIELD" {
		return err
	}
	catalog, describeErr := s.catalog(ctx, filter.Canonical(s.filter.Filter))
	if describeErr != nil {
		return err
	}
	if _, gone := filter.Parse(filter.Canonical(s.filter.Filter), catalog); gone != nil {
		return &InputError{
			Text: fmt.Sprintf("The sync filter asks for something that is not there any more (%v). Nobody can tell who takes part, so nothing was synced: have the field shown to the sync user again, or set another filter.", gone),
			said: pace.Say("trouble.filter.gone", "The sync filter asks for something that is not there any more. Nobody can tell who takes part, so nothing was synced: have the field shown to the sync user again, or set another filter."),
		}
	}
	return err
}

// whoever is the name of who sits at this computer.
func whoever() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}
