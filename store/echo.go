package store

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// echo keeps what was written to a link's person until the activities have told of it; nil keeps nothing.
func (p *pen) echo(link cycle.LinkID, e *cycle.Echo) error {
	if e == nil || len(e.Fields) == 0 || p.absorbed[link] {
		return nil
	}
	id, err := p.next("echo")
	if err != nil {
		return err
	}
	p.packed = appendFields(p.packed[:0], p.keys.priors(link, e.Fields))
	sealed, err := p.seal(echoSeal, id, p.packed)
	if err != nil {
		return err
	}
	return p.append(intoEcho, id, int64(link), e.Cycle, stamp(e.Since), sealed)
}

// echoes adds to links what their people were written.
func (t *tx) echoes(k Keys, list string, found map[cycle.LinkID]*cycle.Known) error {
	return t.query(`SELECT e.id, e.link, e.cycle, e.since, e.fields FROM json_each(?1) j CROSS JOIN outbox_echo e ON e.link = j.value ORDER BY e.id`, func(r row) error {
		one := found[cycle.LinkID(r.int(1))]
		if one == nil || !k.have() {
			return nil
		}
		plain, err := k.open(echoSeal, r.int(0), r.blob(4))
		if err != nil {
			return err
		}
		e := cycle.Echo{ID: r.int(0), Cycle: r.int(2), Since: unstamp(r.int(3))}
		e.Fields, _, err = unpackFields(plain)
		one.Echoes = append(one.Echoes, e)
		return err
	}, list)
}

// heard takes off echoes what the activities have told of.
func (p *pen) heard(echoes []cycle.Echo) error {
	var whole []int64
	for _, e := range echoes {
		if len(e.Fields) == 0 {
			whole = append(whole, e.ID)
			continue
		}
		sealed, err := p.keys.seal(echoSeal, e.ID, packFields(e.Fields))
		if err == nil {
			_, err = p.exec(`UPDATE outbox_echo SET fields = ?2 WHERE id = ?1`, e.ID, sealed)
		}
		if err != nil {
			return err
		}
	}
	if len(whole) == 0 {
		return nil
	}
	_, err := p.exec(`DELETE FROM outbox_echo WHERE id IN (SELECT value FROM json_each(?1))`, numbers(whole))
	return err
}

// Forget removes the echoes of cycles before n: no activity will tell of them any more.
func (w *Workspace) Forget(ctx context.Context, n int64) error {
	const atOnce = 5000
	for {
		var old, gone int64
		err := w.look(ctx, "see what was sent", func(t *tx) error {
			_, err := t.first(`SELECT 1 FROM outbox_echo WHERE cycle < ?1`, func(r row) error { old = r.int(0); return nil }, n)
			return err
		})
		if err != nil || old == 0 {
			return err
		}
		err = w.write(ctx, "forget what was sent", func(t *tx) (err error) {
			gone, err = t.exec(`DELETE FROM outbox_echo WHERE id IN (SELECT id FROM outbox_echo WHERE cycle < ?1 LIMIT ?2)`, n, atOnce)
			return err
		})
		if err != nil || gone < atOnce {
			return err
		}
	}
}
