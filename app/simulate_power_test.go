package app

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// power is the computer's: once it fails, nothing more is kept and no call goes out until the next cycle begins.
type power struct {
	mu   sync.Mutex
	left int // how many more times something is kept, and one more; 0 for ever, -1 when it is gone
}

// lasts lets the power fail before something is kept for the n-th time; 0 lets it last.
func (p *power) lasts(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = n
}

var errPower = errors.New("the power failed")

// gone is errPower once it has failed.
func (p *power) gone() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < 0 {
		return errPower
	}
	return nil
}

// spend counts one keeping.
func (p *power) spend() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.left == 1:
		p.left = -1
	case p.left > 1:
		p.left--
	}
	if p.left < 0 {
		return errPower
	}
	return nil
}

// powered is a ledger on that computer.
type powered struct {
	cycle.Ledger
	power *power
}

func (l powered) CommitPage(ctx context.Context, p cycle.Page) error {
	return l.keep(func() error { return l.Ledger.CommitPage(ctx, p) }, p.Feed, len(p.Steps))
}

func (l powered) MarkSending(ctx context.Context, rows []int64) error {
	return l.keep(func() error { return l.Ledger.MarkSending(ctx, rows) }, rows)
}

func (l powered) Acknowledge(ctx context.Context, answers []cycle.Answer) error {
	return l.keep(func() error { return l.Ledger.Acknowledge(ctx, answers) }, answered(answers))
}

func (l powered) Forget(ctx context.Context, n int64) error {
	return l.keep(func() error { return l.Ledger.Forget(ctx, n) })
}

func (l powered) SetSetting(ctx context.Context, name, value string) error {
	return l.keep(func() error { return l.Ledger.SetSetting(ctx, name, value) })
}

func (l powered) EndCycle(ctx context.Context, r cycle.Report) error {
	return l.keep(func() error { return l.Ledger.EndCycle(ctx, r) })
}

// keep keeps something, unless the power is gone. It takes a while that follows from what is kept, so that what both sides keep at one
// time comes in an order that a seed repeats.
func (l powered) keep(something func() error, about ...any) error {
	text := fnv.New64a()
	fmt.Fprint(text, about...)
	time.Sleep(time.Duration(text.Sum64()%1_000) * time.Microsecond)
	if err := l.power.spend(); err != nil {
		return err
	}
	return something()
}

// answered says which links are answered about, and by whom.
func answered(answers []cycle.Answer) (out []string) {
	for _, a := range answers {
		out = append(out, fmt.Sprint(a.Side, a.Link, a.Outcome))
	}
	return out
}
