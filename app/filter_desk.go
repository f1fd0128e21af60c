package app

import (
	"context"
	"errors"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// FilterDesk is a workspace's sync filter in the hands of somebody who edits it: it says what there is, and weighs what is typed. It works
// beside a running sync, and changes nothing. Close must follow.
type FilterDesk interface {
	// Sheet is what is set now. It makes no call.
	Sheet(ctx context.Context) (FilterSheet, error)
	// Weigh asks Salesforce what a filter would do in the place of the one that is set, and calls show with all that is known after
	// every answer. An empty text lets everybody take part. It waits, until ctx ends; one is weighed at a time.
	Weigh(ctx context.Context, text string, show func(FilterWeight)) error
	// Close lets go of the workspace.
	Close() error
}

// FilterSheet is what an editor of the filter begins with.
type FilterSheet struct {
	Kept     KeptFilter
	Former   []KeptFilter
	Language FilterLanguage
	Presets  []FilterPreset
	// Linked tells whether anybody is linked yet: before the first sync nobody is, and nobody can leave.
	Linked bool
}

type filterDesk struct {
	*session
	leave    func(context.Context) error
	language FilterLanguage
	presets  []FilterPreset
	zone     string
	oneByOne int // up to so many records are compared with the links one by one
}

// OpenFilter asks both sides what filters may speak of. Of Marketo only the checkboxes are asked in which people can be marked; where it
// does not answer, or is not connected, there are none.
func (n Named) OpenFilter(ctx context.Context) (FilterDesk, error) {
	s, leave, err := n.app.visit(ctx, n.name, record.Observe, (*session).connectOrg)
	if err != nil {
		return nil, err
	}
	d := &filterDesk{session: s, leave: leave, oneByOne: comparedOneByOne}
	if err := d.begin(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *filterDesk) begin(ctx context.Context) (err error) {
	if d.mapping, err = mappingOf(ctx, d.ws); err != nil { // for the objects that it has more than the usual ones
		return err
	}
	catalog, err := d.catalog(ctx, "")
	if err != nil {
		return err
	}
	if d.presets, err = d.session.presets(ctx, catalog); err != nil {
		return err
	}
	if d.zone, err = d.orgZone(ctx); err != nil {
		return err
	}
	if person, err := d.marks(ctx); err == nil {
		catalog = append(catalog, person)
	} else {
		d.app.log.Info("Marketo does not tell in which fields people can be marked", "error", err)
	}
	d.language = FilterLanguage{catalog}
	return ctx.Err()
}

func (d *filterDesk) marks(ctx context.Context) (person filter.Object, err error) {
	_, mk, err := d.connections(ctx)
	if err != nil {
		return person, err
	}
	if mk.BaseURL == "" {
		return person, errors.New("it is not connected yet")
	}
	if err := d.connectMarketo(ctx, mk); err != nil {
		return person, err
	}
	return d.markable(ctx)
}

func (d *filterDesk) Sheet(ctx context.Context) (s FilterSheet, err error) {
	s.Language, s.Presets = d.language, d.presets
	if s.Kept, err = keptFilter(ctx, d.ws); err != nil {
		return s, err
	}
	if s.Former, err = formerFilters(ctx, d.ws); err != nil {
		return s, err
	}
	counts, err := d.ws.Counts(ctx)
	s.Linked = counts.People()+counts.Filtered > 0
	return s, err
}

func (d *filterDesk) Close() error { return d.leave(context.Background()) }

// visit connects to a workspace beside whoever works in it. leave ends the visit, and keeps what the calls cost.
func (a *App) visit(ctx context.Context, name string, mode record.Mode, connect func(*session, context.Context) error) (s *session, leave func(context.Context) error, err error) {
	ws, err := a.readWorkspace(ctx, name, true)
	if err != nil {
		return nil, nil, err
	}
	if s, err = a.connected(ctx, name, ws, connect); err != nil {
		return nil, nil, errors.Join(err, a.world.files.close(ws))
	}
	s.mode.Store(uint32(mode))
	return s, func(ctx context.Context) error {
		err := a.world.files.close(ws)
		keepErr := a.within(ctx, name, func(ws *store.Workspace) error {
			s.ws = ws
			return errors.Join(s.restoreQuotas(ctx), s.keepQuotas(ctx)) // somebody may have counted meanwhile
		})
		if errors.Is(keepErr, ErrInUse) || errors.Is(keepErr, store.ErrReadOnly) {
			keepErr = nil // it only showed: a few calls are not worth refusing it
		}
		return errors.Join(err, keepErr)
	}, nil
}

// SetFilter changes the sync filter; a running cycle is ended for it.
func (n Named) SetFilter(ctx context.Context, c FilterChange) error {
	return n.locked(ctx, func() error {
		_, err := n.app.SetFilter(ctx, n.name, c, func(FilterPreview) (bool, error) { return true, nil })
		return err
	})
}
