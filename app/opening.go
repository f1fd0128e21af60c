package app

import (
	"context"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// ListWorkspaces gives the workspaces of this computer, by name, with how they stand.
func (a *App) ListWorkspaces(ctx context.Context) ([]WorkspaceCard, error) {
	list, err := a.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	cards := make([]WorkspaceCard, 0, len(list))
	for _, lookOnly := range []bool{false, true} {
		if typed, err := a.BegunSetup(ctx, lookOnly); err != nil {
			return nil, err
		} else if typed != nil {
			cards = append(cards, WorkspaceCard{LookOnly: lookOnly, Begun: true})
		}
	}
	for _, w := range list {
		card := WorkspaceCard{Name: w.Name, Mode: w.Mode, LookOnly: w.LookOnly, Salesforce: w.Salesforce, Marketo: w.Marketo, Trouble: w.trouble}
		if w.Problem == "" {
			if err := a.beside(ctx, w.Name, false, func(ws *store.Workspace) error {
				s, err := ws.Status(ctx)
				if err != nil {
					return err
				}
				card.Step, err = ws.Setting(ctx, metaSetupStep)
				card.Linked, card.Open = s.People(), s.Failures+s.Holds
				if s.Last != nil {
					card.LastCycle = s.Last.Started
				}
				return err
			}); err != nil {
				return nil, err
			}
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// sampleEvery is the rest between two cycles of the sample data: long enough to watch, short enough not to wait.
const sampleEvery = 15 * time.Second

// samplePeople is how many people the sample data has.
const samplePeople = 2000

// OpenDemo makes an imitated pair with people in it, connects a workspace that lives as long as the process, and runs it.
func (a *App) OpenDemo(ctx context.Context, progress func(Progress)) (_ Running, err error) {
	progress(Progress{Phase: PhaseSeed})
	s, err := openSample(context.WithoutCancel(ctx), samplePeople, 1, a.log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	progress(Progress{Phase: PhaseDescribe})
	if err := s.app.SetMode(ctx, sampleName, record.Live); err != nil {
		return nil, err
	}
	session, err := s.app.openSession(ctx, sampleName)
	if err != nil {
		return nil, err
	}
	return start(session, s.app.Named(sampleName), s.app.opener(sampleName), s.app.world.now, sampleEvery, s), nil
}

// Open runs a workspace that is connected.
func (a *App) Open(ctx context.Context, name string) (Running, error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return nil, err
	}
	r := start(s, a.Named(name), a.opener(name), a.world.now, s.settings.Every, nil)
	r.lookOnly = s.lookOnly
	return r, nil
}
