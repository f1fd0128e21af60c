package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// What is spent of the allowances is kept in the workspace's file, so that processes that follow one another count on
// (promise 7): the day's calls of both sides, and for Marketo, which counts calls in 20 seconds, when the last ones ended.

const (
	// metaRecent is the setting that holds when Marketo's last calls ended, in Unix milliseconds.
	metaRecent = "recent_calls"
	// keptEvery is how often that is written down while a cycle runs.
	keptEvery = 5 * time.Second
)

// setPace gives both pacers the limits of the moment: the first sync may go faster than what follows.
func (s *session) setPace(ctx context.Context) error {
	first, err := s.ws.Setting(ctx, "first_sync")
	if err != nil {
		return err
	}
	sf, mk := s.settings.limits(first != "done", s.app.world.now())
	if s.app.world.unpaced {
		mk.PerWindow = 0
	}
	s.sfPace.SetLimits(sf)
	s.mkPace.SetLimits(mk)
	return nil
}

// restoreQuotas tells the pacers what was spent before this process began.
func (s *session) restoreQuotas(ctx context.Context) error {
	for side, p := range map[record.Side]*pace.Pacer{record.Salesforce: s.sfPace, record.Marketo: s.mkPace} {
		day := p.Usage().Day
		used, err := s.ws.CallsOn(ctx, side, day)
		if err != nil {
			return err
		}
		p.Restore(day, used)
	}
	text, err := s.ws.Setting(ctx, metaRecent)
	if err != nil {
		return err
	}
	var ends []int64
	if err := decodeFact(text, &ends); err != nil {
		return err
	}
	recent := make([]time.Time, len(ends))
	for i, at := range ends {
		recent[i] = time.UnixMilli(at)
	}
	s.mkPace.Resume(recent)
	return nil
}

// keepQuotas remembers what was spent, and what the sides said of their allowances.
func (s *session) keepQuotas(ctx context.Context) error { return s.keepSpent(ctx, 0) }

// keepSpent remembers what was spent, and so many calls to Marketo more.
func (s *session) keepSpent(ctx context.Context, more int) error {
	sf, mk := s.sfPace.Usage(), s.mkPace.Usage()
	mk.Today += more
	spent := map[record.Side]store.Calls{}
	for side, u := range map[record.Side]pace.Usage{record.Salesforce: sf, record.Marketo: mk} {
		spent[side] = store.Calls{Day: u.Day, Used: u.Today, Limit: u.Limit, Share: u.Share, ByPurpose: u.ByPurpose}
	}
	var ends []int64
	for _, at := range s.mkPace.Recent() {
		ends = append(ends, at.UnixMilli()+1) // rounded up
	}
	for range more {
		ends = append(ends, s.app.world.now().Add(keptEvery).UnixMilli())
	}
	text, err := encodeFact(ends)
	if err != nil {
		return err
	}
	facts := map[string]string{metaRecent: text}
	if c := s.renewed.Load(); c != nil {
		if facts[metaSalesforce], err = encodeFact(c); err != nil {
			return err
		}
	}
	return s.ws.KeepCalls(ctx, spent, facts)
}

// counted runs a cycle and writes down what it spends meanwhile, ahead by as many calls as can follow until the next
// time: of a process that is killed rather too much is remembered than too little. What was spent is kept also when the
// cycle was interrupted.
func (s *session) counted(ctx context.Context, cycle func(context.Context) error) error {
	if err := s.setPace(ctx); err != nil {
		return err
	}
	_, mk := s.settings.limits(true, s.app.world.now())
	ahead := mk.PerWindow * int(keptEvery) / int(mk.Window)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		tick := time.NewTicker(keptEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := s.keepSpent(ctx, ahead); err != nil && ctx.Err() == nil {
					stopped <- fmt.Errorf("remember what was spent: %w", err)
					return
				}
			case <-stop:
				stopped <- nil
				return
			}
		}
	}()
	err := cycle(ctx)
	close(stop)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, <-stopped, s.keepQuotas(last))
}
