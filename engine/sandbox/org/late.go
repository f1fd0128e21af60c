package org

import (
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// lateCommits are edits of other users whose transactions are still open: each took its stamp at the time of the save
// and becomes visible later, as the commit of a slow trigger or a bulk load does.
type lateCommits struct {
	mu      sync.Mutex
	pending []lateCommit // in the order in which they were begun
}

type lateCommit struct {
	object  *object
	row     uint64
	stamp   int64
	visible time.Time
	set     map[int]table.Cell
}

// open begins a transaction that will commit later.
func (l *lateCommits) open(commit lateCommit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, commit)
}

// holds reports whether an open transaction has locked the row.
func (l *lateCommits) holds(obj *object, row uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.pending {
		if p.object == obj && p.row == row {
			return true
		}
	}
	return false
}

// oldest is the stamp of the oldest open transaction; ok is false when none is open.
func (l *lateCommits) oldest() (stamp int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.pending {
		if !ok || p.stamp < stamp {
			stamp, ok = p.stamp, true
		}
	}
	return stamp, ok
}

// commit makes the edit visible under its old stamp. The lock keeps other saves away, but not what happens to a row
// through its parent: a row that went to the bin meanwhile stays as it is, one that moved is stamped anew.
func (p lateCommit) commit(tx *table.Tx) error {
	row, ok := p.object.table.Get(p.row)
	if !ok || p.object.isDeleted(row) {
		return nil
	}
	if err := tx.Update(p.object.table, p.row, p.set); err != nil || row.Stamp() > p.stamp {
		return err
	}
	return tx.SetStamp(p.object.table, p.row, p.stamp)
}

// settle commits what is due. Every request begins with it.
func (l *lateCommits) settle(o *Org) {
	now := o.clock.Now()
	l.mu.Lock()
	due := false
	for _, p := range l.pending {
		due = due || !p.visible.After(now)
	}
	l.mu.Unlock()
	if !due {
		return
	}
	err := o.db.Update(func(tx *table.Tx) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		open := l.pending[:0:0]
		for _, p := range l.pending {
			if p.visible.After(now) {
				open = append(open, p)
				continue
			}
			if err := p.commit(tx); err != nil {
				return err
			}
		}
		l.pending = open
		return nil
	})
	if err != nil {
		panic("org: a row under an open transaction is gone: " + err.Error())
	}
}

// settle does what has become due since the last request: transactions that commit late, and bulk jobs.
func (o *Org) settle() {
	o.late.settle(o)
	o.bulk.settle(o)
}
