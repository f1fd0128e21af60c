package cycle

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/record"
)

// nextRows gives rows that are to be sent next, at most so many: none twice, and none that is under way.
type nextRows func(ctx context.Context, most int) ([]Row, error)

// batch is rows that were sent together, and what is known of them.
type batch struct {
	rows    []Row
	answers []Answer
}

// moves reports whether anything but postponing rows came of it.
func (b batch) moves() bool {
	for _, a := range b.answers {
		if a.Outcome != Postponed {
			return true
		}
	}
	return false
}

// pushSide sends a side's due rows.
func (r *run) pushSide(ctx context.Context, side record.Side) (int, error) {
	return r.pushRows(ctx, side, func(ctx context.Context, most int) ([]Row, error) { return r.due(ctx, side, most) })
}

// pushRows sends rows to a side, a batch after the other. Each is marked as being sent before it leaves. Its answers are kept before the
// next one is chosen; where very much waits, while that is on its way: the side and the ledger would each wait for the other.
func (r *run) pushRows(ctx context.Context, side record.Side, next nextRows) (sent int, err error) {
	defer func() { r.unkept[side] = batch{} }()
	keep := func(b batch) error {
		// What is known is kept, also when the call as a whole failed or the user stopped it.
		if err := r.Ledger.Acknowledge(context.WithoutCancel(ctx), b.answers); err != nil {
			return err
		}
		for _, a := range b.answers {
			r.count(a)
		}
		sent += len(b.answers)
		return nil
	}
	var told batch // not kept yet
	for {
		rows, more, err := r.depart(ctx, side, next)
		var keeping errgroup.Group
		kept := len(told.rows) > 0
		if kept {
			last := told
			keeping.Go(func() error { return keep(last) })
		}
		r.unkept[side], told = told, batch{rows: rows}
		if err == nil && len(rows) > 0 {
			told.answers, err = r.exchange(ctx, side, rows)
		}
		if err = errors.Join(err, keeping.Wait()); err == nil && more && told.moves() {
			continue
		}
		if len(rows) > 0 {
			err = errors.Join(err, keep(told))
		}
		// After nothing but postponed rows the next pass, or the next cycle, has more luck. What was kept just now may have planned more.
		if err != nil || !told.moves() && (len(rows) > 0 || !kept) {
			return sent, err
		}
		told = batch{}
	}
}

// depart marks the next rows as being sent and gives them; none when nothing is due. more says that as many were due as may go together.
func (r *run) depart(ctx context.Context, side record.Side, next nextRows) (rows []Row, more bool, err error) {
	most := r.atOnce(side)
	for len(rows) == 0 {
		due, err := next(ctx, most)
		if err != nil || len(due) == 0 {
			return nil, false, err
		}
		if rows, err = r.stillMissing(ctx, side, due); err != nil {
			return nil, false, err
		}
		more = len(due) == most
	}
	rows = filled(side, rows, most)
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	if err := r.Ledger.MarkSending(ctx, ids); err != nil {
		return nil, false, err
	}
	return rows, more, nil
}

// atOnce is how many rows of a side are marked as being sent together.
func (r *run) atOnce(side record.Side) int {
	switch {
	case r.AtOnce > 0:
		return r.AtOnce
	case side == record.Marketo:
		return marketoAtOnce
	}
	return salesforceAtOnce
}

// exchange sends rows and gives what became of them.
func (r *run) exchange(ctx context.Context, side record.Side, rows []Row) ([]Answer, error) {
	rows, answers, err := r.travelling(ctx, rows)
	if err != nil || len(rows) == 0 {
		return answers, err
	}
	send := r.sendToMarketo
	if side == record.Salesforce {
		send = r.sendToSalesforce
	}
	sent, err := send(ctx, rows)
	if err != nil {
		err = fmt.Errorf("write to %s: %w", side, err)
	}
	if len(answers) == 0 {
		return sent, err
	}
	return append(answers, sent...), err
}
