package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/store"
)

// metaAudited is the setting that holds when the last audit was.
const metaAudited = "audited"

const (
	auditEvery = 24 * time.Hour
	// auditLeast and auditMost bound the slice: at least two calls to Marketo, at most 34.
	auditLeast, auditMost = 600, 10_000
	// auditPart is the part of what is left of a day's calls that an audit may take: a hundredth.
	auditPart = 100
	// auditedFor is how far back the share found clean counts.
	auditedFor = 30 * 24 * time.Hour
)

// AuditResult is what the audits of the last 30 days found.
type AuditResult struct {
	Pairs int `json:"pairs"`
	Clean int `json:"clean"`
}

// audit compares a random slice of the linked pairs with what they agreed upon, once a day, with calls that nobody else needs. It runs
// between cycles; that it fails is no reason to stop anything.
func (s *session) audit(ctx context.Context, last cycle.Report) {
	if err := s.auditOnce(ctx, last); err != nil && ctx.Err() == nil {
		s.app.log.Warn("the day's audit did not end; the next one goes on", "err", err)
	}
}

func (s *session) auditOnce(ctx context.Context, last cycle.Report) error {
	text, err := s.ws.Setting(ctx, metaAudited)
	if err != nil {
		return err
	}
	var before time.Time
	if err := decodeFact(text, &before); err != nil {
		return err
	}
	now := s.app.world.now()
	n := s.auditSize()
	if !pace.Over(now, before, auditEvery) || last.Backlog.Sum() > 0 || last.First || n == 0 {
		return nil
	}
	if text, err = encodeFact(now); err != nil {
		return err
	}
	if err := s.ws.SetSetting(ctx, metaAudited, text); err != nil {
		return err
	}
	links, err := s.auditSlice(ctx, n)
	if err != nil || len(links) == 0 {
		return err
	}
	var found cycle.Audited
	err = s.counted(ctx, func(ctx context.Context) (err error) {
		// What changed while the last cycle ran, or up to ten minutes before it, its feeds may still have to tell.
		found, err = s.engine(SyncOptions{}, nil).Audit(ctx, links, last.N, last.Started.Add(-10*time.Minute))
		return err
	})
	if errors.Is(err, pace.ErrQuota) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("compare a slice of the pairs: %w", err)
	}
	s.app.log.Info("a slice of the pairs was compared", "pairs", found.Pairs, "dirty", found.Dirty)
	return s.ws.AddAudit(ctx, now, found.Pairs, found.Dirty)
}

// auditSize is how many pairs the spare quota allows: a Marketo call reads 300 people.
func (s *session) auditSize() int {
	spare := func(u pace.Usage) int {
		if u.Share == 0 {
			return auditMost
		}
		return (u.Share - u.Today) / auditPart
	}
	calls := min(spare(s.mkPace.Usage()), spare(s.sfPace.Usage()))
	if n := min(calls*300, auditMost); n >= auditLeast {
		return n
	}
	return 0
}

// auditSlice draws neighbours from a random link on, and from the first one on where the end is reached.
func (s *session) auditSlice(ctx context.Context, n int) ([]cycle.LinkID, error) {
	last, err := s.ws.LastLink(ctx)
	if err != nil || last == 0 {
		return nil, err
	}
	from := cycle.LinkID(rand.Int64N(int64(last) + 1))
	links, err := s.ws.LinkedAfter(ctx, from, n)
	if err != nil {
		return nil, err
	}
	if missing := n - len(links); missing > 0 {
		more, err := s.ws.LinkedAfter(ctx, 0, missing)
		if err != nil {
			return nil, err
		}
		for _, l := range more {
			if l.ID <= from {
				links = append(links, l)
			}
		}
	}
	var ids []cycle.LinkID
	for _, l := range links {
		if l.Object.IsPerson() {
			ids = append(ids, l.ID)
		}
	}
	return ids, nil
}

// auditOf is what the audits found.
func auditOf(ctx context.Context, w *store.Workspace, now time.Time) (*AuditResult, error) {
	pairs, dirty, err := w.Audited(ctx, now.Add(-auditedFor))
	if err != nil || pairs == 0 {
		return nil, err
	}
	return &AuditResult{pairs, pairs - dirty}, nil
}
