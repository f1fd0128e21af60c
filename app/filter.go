package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// FilterShown is the sync filter that is set, and those before it.
type FilterShown struct {
	KeptFilter
	English string       `json:"english"`
	Leaving string       `json:"leaving"`
	Former  []KeptFilter `json:"former"`
}

// ShowFilter tells the sync filter. It makes no call.
func (a *App) ShowFilter(ctx context.Context, name string) (s FilterShown, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		s.Former = []KeptFilter{}
		if s.KeptFilter, err = keptFilter(ctx, w); err != nil {
			return err
		}
		former, err := formerFilters(ctx, w)
		if err != nil {
			return err
		}
		s.Former = append(s.Former, former...)
		f, err := s.read()
		if err != nil {
			return err
		}
		s.English, s.Leaving = filter.English(f, s.Catalog), f.Leaving.String()
		s.Catalog, s.Canonical = nil, ""
		return nil
	})
	return s, err
}

// FilterError says which word of a filter is not understood. It is an ErrInput.
type FilterError struct{ *filter.ParseError }

// Is makes it an ErrInput.
func (FilterError) Is(target error) bool { return target == ErrInput }

// Unwrap gives the parser's own error.
func (e FilterError) Unwrap() error { return e.ParseError }

func parseFilter(text string, catalog filter.Catalog) (filter.Filter, error) {
	f, err := filter.Parse(text, catalog)
	return f, filterError(err)
}

func filterError(err error) error {
	var wrong *filter.ParseError
	if errors.As(err, &wrong) {
		return FilterError{wrong}
	}
	return err
}

// FilterTested is what a filter means.
type FilterTested struct {
	Filter   string             `json:"filter"`
	English  string             `json:"english"`
	Leaving  string             `json:"leaving"`
	Objects  []FilterTestedPart `json:"objects"`
	Warnings []string           `json:"warnings"`
}

// FilterTestedPart is what a filter means for one object. Records and Passes are counted only when asked for.
type FilterTestedPart struct {
	Object  record.Object `json:"object"`
	SOQL    string        `json:"soql"`
	Indexed bool          `json:"indexed"`
	Records *int          `json:"records,omitempty"`
	Passes  *int          `json:"passes,omitempty"`
}

// TestFilter says what a filter means, the one that is set when text is empty, and changes nothing. With count Salesforce is asked how
// many records pass. It works beside a running sync.
func (a *App) TestFilter(ctx context.Context, name, text string, count bool) (t FilterTested, err error) {
	err = a.asSyncUser(ctx, name, func(s *session) error {
		kept, err := keptFilter(ctx, s.ws)
		if err != nil {
			return err
		}
		if s.mapping, err = mappingOf(ctx, s.ws); err != nil {
			return err
		}
		zone := kept.Zone
		if text == "" {
			if text = kept.Text; text == "" {
				return inputf("no sync filter is set, so everybody takes part; try one out with --expr")
			}
		}
		catalog, err := s.catalog(ctx, text)
		if err != nil {
			return err
		}
		f, err := parseFilter(text, catalog)
		if err != nil {
			return err
		}
		if zone == "" {
			if zone, err = s.orgZone(ctx); err != nil {
				return err
			}
		}
		clock := filter.Clock{Now: s.app.world.now(), Zone: zoneOf(zone)}
		t = FilterTested{Filter: filter.Format(f), English: filter.English(f, catalog), Leaving: f.Leaving.String(), Objects: []FilterTestedPart{}, Warnings: []string{}}
		t.Warnings = append(t.Warnings, filter.Advice(f, catalog)...)
		var questions []string
		for _, object := range f.Objects() {
			where := filter.SOQL(f.On(object), object, clock)
			t.Objects = append(t.Objects, FilterTestedPart{Object: object, SOQL: where, Indexed: filter.Indexed(f.On(object), object)})
			questions = append(questions, countOf(object, ""), countOf(object, where))
		}
		if !count {
			return nil
		}
		answers, err := s.count(ctx, questions)
		if err != nil {
			return err
		}
		for i := range t.Objects {
			part := &t.Objects[i]
			part.Records, part.Passes = &answers[2*i], &answers[2*i+1]
			if part.Indexed, t.Warnings, err = s.indexed(ctx, f, part.Object, part.SOQL, catalog, t.Warnings); err != nil {
				return err
			}
		}
		return nil
	})
	return t, err
}

// FilterPresets are sentences to begin with, made for what the org has.
func (a *App) FilterPresets(ctx context.Context, name string) (presets []filter.Preset, err error) {
	err = a.asSyncUser(ctx, name, func(s *session) error {
		catalog, err := s.catalog(ctx, "")
		if err != nil {
			return err
		}
		presets, err = s.presets(ctx, catalog)
		return err
	})
	return presets, err
}

// presets asks the org for its record types, and makes sentences for it.
func (s *session) presets(ctx context.Context, catalog filter.Catalog) ([]filter.Preset, error) {
	for row, err := range s.sf.Query(ctx, record.Check, "SELECT Name FROM RecordType WHERE IsActive = true AND SobjectType IN ('Lead','Contact')") {
		if err != nil {
			return nil, err
		}
		for i, o := range catalog {
			for j, f := range o.Fields {
				if o.Name == "RecordType" && f.Name == "Name" {
					catalog[i].Fields[j].Picklist = append(catalog[i].Fields[j].Picklist, row.Get("Name"))
				}
			}
		}
	}
	return filter.Presets(catalog), nil
}

// FilterChange is a new sync filter.
type FilterChange struct {
	// Text is the filter; None takes the filter away instead, and Back puts the one of this version back, the last one when it is -1.
	Text string
	None bool
	Back int
	Why  string
	// Values names the people of the examples.
	Values bool
	// Seen says that what it does was weighed before: it is not counted again, and confirm is shown what the filter says alone.
	Seen bool
}

// SetFilter changes the sync filter. confirm is shown what that does, and nothing changes unless it says yes; nil asks nobody and
// changes nothing. Everybody whom the change concerns is planned afresh in the next cycle, once.
func (a *App) SetFilter(ctx context.Context, name string, c FilterChange, confirm func(FilterPreview) (bool, error)) (p FilterPreview, err error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	was, err := keptFilter(ctx, s.ws)
	if err != nil {
		return p, err
	}
	if c.Text, err = s.wanted(ctx, c); err != nil {
		return p, err
	}
	now := KeptFilter{Text: strings.TrimSpace(c.Text), At: s.app.world.now().UTC().Truncate(time.Second), By: whoever(), Why: c.Why}
	err = s.counted(ctx, func(ctx context.Context) error {
		catalog, err := s.catalog(ctx, now.Text)
		if err != nil {
			return err
		}
		var f filter.Filter
		if now.Text != "" {
			if f, err = parseFilter(now.Text, catalog); err != nil {
				return err
			}
		}
		if now.Mark = f.MarkField(); now.Mark == "" {
			now.Mark = was.Mark
		}
		if now.Zone, err = s.orgZone(ctx); err != nil {
			return err
		}
		now.Canonical, now.Catalog = filter.Canonical(f), filter.Used(f, catalog)
		if _, err := now.read(); now.Text != "" && err != nil {
			return &InputError{Text: fmt.Sprintf("the filter cannot be kept by the names of its fields (%v); name them as Salesforce's API does", err), said: pace.Say("trouble.filter.names", "the filter cannot be kept by the names of its fields; name them as Salesforce's API does")}
		}
		if c.Seen {
			p = FilterPreview{Filter: filter.Format(f), English: filter.English(f, catalog), Leaving: f.Leaving.String()}
			return nil
		}
		p, err = s.previewFilter(ctx, was, now, f, catalog, c.Values)
		return err
	})
	if err != nil || confirm == nil {
		return p, err
	}
	yes, err := confirm(p)
	if err != nil || !yes {
		return p, err
	}
	p.Set = true
	return p, keepFilter(ctx, s.ws, now)
}

// wanted is the text that a change asks for.
func (s *session) wanted(ctx context.Context, c FilterChange) (string, error) {
	switch {
	case c.None:
		return "", nil
	case c.Back == 0:
		if strings.TrimSpace(c.Text) == "" {
			return "", inputf("the filter is empty; say --none to let everybody take part")
		}
		return c.Text, nil
	}
	former, err := formerFilters(ctx, s.ws)
	if err != nil {
		return "", err
	}
	for _, k := range former {
		if c.Back < 0 || k.Version == c.Back {
			return k.Text, nil
		}
	}
	if c.Back < 0 {
		return "", input(pace.Say("trouble.filter.first", "there was no filter before this one"))
	}
	return "", input(pace.Say("trouble.filter.version", "there is no version %1 any more; doppioctl filter NAME show lists them", strconv.Itoa(c.Back)))
}

// countOf asks how many records of an object fit a condition; converted leads are leads no more.
func countOf(object record.Object, where string) string {
	return "SELECT COUNT() FROM " + whereOf(object, where)
}

func whereOf(object record.Object, where string) string {
	q := string(object)
	if object == record.Lead {
		if where != "" {
			where = "(" + where + ") AND "
		}
		where += "IsConverted = false"
	}
	if where != "" {
		q += " WHERE " + where
	}
	return q
}

// count asks several questions at once. One that the org refuses ends it: its sentence says why.
func (s *session) count(ctx context.Context, questions []string) ([]int, error) {
	answers, err := s.sf.Counts(ctx, record.Check, questions)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(answers))
	for i, a := range answers {
		if a.Err != nil {
			return nil, fmt.Errorf("count in Salesforce: %w", a.Err)
		}
		counts[i] = a.N
	}
	return counts, nil
}
