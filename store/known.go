package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Known tells what is remembered about records of one side, in the order of ids; a record never seen gives a Known
// whose Link.ID is 0.
func (w *Workspace) Known(ctx context.Context, side record.Side, ids []record.ID) ([]cycle.Known, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var known []cycle.Known
	err := w.look(ctx, "read what is known", func(t *tx) error {
		owners, err := t.owners(side, ids)
		if err == nil {
			known, err = t.known(w.keys, owners)
		}
		return err
	})
	return known, err
}

// Owners are the links that ids of a side lead to, in their order; 0 for none.
func (w *Workspace) Owners(ctx context.Context, side record.Side, ids []record.ID) (owners []cycle.LinkID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = w.look(ctx, "see what is known", func(t *tx) error {
		owners, err = t.owners(side, ids)
		return err
	})
	return owners, err
}

// Standing is the little of Known that tells where records of Salesforce stand in Marketo, in the order of ids.
func (w *Workspace) Standing(ctx context.Context, ids []record.ID) ([]cycle.Standing, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("list ids: %w", err)
	}
	stands := make([]cycle.Standing, len(ids))
	err = w.look(ctx, "see where records stand", func(t *tx) error {
		if err := t.catchUp(); err != nil {
			return err
		}
		return t.query(`SELECT j.key, l.id, l.state, l.marketo, l.state = 2 AND EXISTS (SELECT 1 FROM outbox o WHERE o.link = l.id AND o.side = 2 AND o.state = 4)
			FROM json_each(?1) j CROSS JOIN salesforce s ON s.id = j.value CROSS JOIN link l ON l.id = s.link`, func(r row) error {
			stands[r.int(0)] = cycle.Standing{Link: cycle.LinkID(r.int(1)), State: cycle.LinkState(r.int(2)), Marketo: r.marketoID(3), Failed: r.int(4) != 0}
			return nil
		}, string(list))
	})
	return stands, err
}

// KnownLinks is Known by link. A link that is gone gives a Known whose Link.ID is 0.
func (w *Workspace) KnownLinks(ctx context.Context, links []cycle.LinkID) (known []cycle.Known, err error) {
	if len(links) == 0 {
		return nil, nil
	}
	err = w.look(ctx, "read what is known", func(t *tx) error {
		known, err = t.known(w.keys, links)
		return err
	})
	return known, err
}

// Agreed is the little of KnownLinks that tells what links are and agreed upon.
func (w *Workspace) Agreed(ctx context.Context, links []cycle.LinkID) (known []cycle.Known, err error) {
	if len(links) == 0 {
		return nil, nil
	}
	err = w.look(ctx, "read what is agreed upon", func(t *tx) error {
		found, _, err := t.agreed(w.keys, links)
		known = inOrderOf(links, found)
		return err
	})
	return known, err
}

// Links gives links by their number, after one, at most limit.
func (w *Workspace) Links(ctx context.Context, after cycle.LinkID, limit int) (links []cycle.Link, err error) {
	err = w.look(ctx, "go through the links", func(t *tx) error {
		return t.query(`SELECT id, object, state, salesforce, marketo, NULL, NULL FROM link WHERE id > ?1 ORDER BY id LIMIT ?2`, func(r row) error {
			links = append(links, r.link().link)
			return nil
		}, int64(after), limit)
	})
	return links, err
}

// owners are the links that ids of a side lead to, in their order; 0 for none.
func (t *tx) owners(side record.Side, ids []record.ID) ([]cycle.LinkID, error) {
	if err := t.catchUp(); err != nil {
		return nil, err
	}
	owners := make([]cycle.LinkID, len(ids))
	tables := map[string][]any{}
	places := map[string][]int{}
	for i, id := range ids {
		table, key := idTable(side, id)
		tables[table], places[table] = append(tables[table], key), append(places[table], i)
	}
	for table, keys := range tables {
		list, err := json.Marshal(keys)
		if err != nil {
			return nil, fmt.Errorf("list ids: %w", err)
		}
		found := func(r row) error {
			owners[places[table][r.int(0)]] = cycle.LinkID(r.int(1))
			return nil
		}
		err = t.query(`SELECT j.key, s.link FROM json_each(?1) j CROSS JOIN `+table+` s ON s.id = j.value`, found, string(list))
		if err == nil {
			err = t.ownersBehind(side, string(list), found)
		}
		if err != nil {
			return nil, err
		}
	}
	return owners, nil
}

// known gathers what is remembered of links, in the order given. A link named twice is the same Known twice.
func (t *tx) known(k Keys, links []cycle.LinkID) ([]cycle.Known, error) {
	found, list, err := t.agreed(k, links)
	if err == nil && list != "" {
		err = t.waiting(k, list, found)
	}
	if err != nil {
		return nil, err
	}
	return inOrderOf(links, found), nil
}

// agreed reads links and what they agreed upon; list names them for json_each, "" where there are none.
func (t *tx) agreed(k Keys, links []cycle.LinkID) (found map[cycle.LinkID]*cycle.Known, list string, err error) {
	found = make(map[cycle.LinkID]*cycle.Known, len(links))
	wanted := sorted(links)
	if len(wanted) == 0 {
		return found, "", nil
	}
	list = numbers(wanted)
	err = t.query(`SELECT l.id, l.object, l.state, l.salesforce, l.marketo, NULL, NULL, b.prints FROM json_each(?1) j CROSS JOIN link l ON l.id = j.value LEFT JOIN baseline b ON b.link = l.id`, func(r row) error {
		link := r.link().link
		packed, err := readPrints(r.blob(7))
		found[link.ID] = &cycle.Known{Link: link, Baseline: baseline{packed, k.link(int64(link.ID))}}
		return err
	}, list)
	return found, list, err
}

// inOrderOf gives what was found in the order of links.
func inOrderOf(links []cycle.LinkID, found map[cycle.LinkID]*cycle.Known) []cycle.Known {
	known := make([]cycle.Known, len(links))
	for i, id := range links {
		if one := found[id]; one != nil {
			known[i] = *one
		} else {
			known[i].Baseline = noBaseline{}
		}
	}
	return known
}

// rowsOf gives the outbox rows of links, bare ones too.
func (t *tx) rowsOf(k Keys, list string, each func(*cycle.Row)) error {
	var rows []*cycle.Row
	err := t.query(selectRow+`json_each(?1) j CROSS JOIN outbox o ON o.link = j.value`, func(r row) error {
		out, err := r.outboxRow(k)
		rows = append(rows, &out)
		return err
	}, list)
	if err == nil {
		err = t.bareOf(k, list, func(out cycle.Row) error { rows = append(rows, &out); return nil })
	}
	if err == nil && len(rows) > 0 {
		err = t.markFlying(rows)
	}
	for _, out := range rows {
		each(out)
	}
	return err
}

// Towards gives the outbox rows towards a side of the links that ids of the other side lead to, in the order of ids; nil where there is none.
func (w *Workspace) Towards(ctx context.Context, side record.Side, ids []record.ID) ([]*cycle.Row, error) {
	rows := make([]*cycle.Row, len(ids))
	if len(ids) == 0 {
		return rows, nil
	}
	err := w.look(ctx, "read what is to be sent", func(t *tx) error {
		clear(rows)
		if err := t.bareTowards(w.keys, side, ids, rows); err != nil {
			return err
		}
		var rest []record.ID
		var places []int
		for i, r := range rows {
			if r == nil {
				rest, places = append(rest, ids[i]), append(places, i)
			}
		}
		if len(rest) == 0 {
			return nil
		}
		owners, err := t.owners(side.Other(), rest)
		if err != nil {
			return err
		}
		of := map[cycle.LinkID]*cycle.Row{}
		if err := t.rowsOf(w.keys, numbers(sorted(owners)), func(r *cycle.Row) {
			if r.Side == side {
				of[r.Link] = r
			}
		}); err != nil {
			return err
		}
		for i, owner := range owners {
			rows[places[i]] = of[owner]
		}
		return nil
	})
	return rows, err
}

// bareTowards finds bare rows towards a side by the ids of the other one: nearly all of those that Towards is asked for after a first sync.
func (t *tx) bareTowards(k Keys, side record.Side, ids []record.ID, rows []*cycle.Row) error {
	if n, err := t.number(bareTally); err != nil || n == 0 || !k.have() {
		return err
	}
	if err := t.catchUp(); err != nil {
		return err
	}
	table, _ := idTable(side.Other(), ids[0])
	keys := make([]any, len(ids))
	for i, id := range ids {
		if of, key := idTable(side.Other(), id); of == table {
			keys[i] = key
		}
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return fmt.Errorf("list ids: %w", err)
	}
	var found []*cycle.Row
	err = t.query(bareColumns+`, j.key FROM json_each(?1) j CROSS JOIN `+table+` i ON i.id = j.value
		CROSS JOIN outbox_first o ON o.id = ?2 + i.link CROSS JOIN link l ON l.id = i.link`, func(r row) error {
		one, err := r.bareRow(k)
		rows[r.int(8)] = &one
		found = append(found, &one)
		return err
	}, string(list), int64(newQueue(side, turnPerson)))
	if err == nil && len(found) > 0 {
		err = t.markFlying(found)
	}
	return err
}

// waiting adds the outbox rows and open holds of links.
func (t *tx) waiting(k Keys, list string, found map[cycle.LinkID]*cycle.Known) error {
	err := t.rowsOf(k, list, func(out *cycle.Row) {
		if one := found[out.Link]; one != nil {
			if one.Out == nil {
				one.Out = make(map[record.Side]*cycle.Row, 2)
			}
			one.Out[out.Side] = out
		}
	})
	if err == nil {
		err = t.echoes(k, list, found)
	}
	if err != nil {
		return err
	}
	if err := t.followed(list, found); err != nil {
		return err
	}
	return t.query(selectHold+`json_each(?1) j CROSS JOIN hold h ON h.link = j.value ORDER BY h.id`, func(r row) error {
		h, err := r.hold(k)
		if one := found[h.Link]; one != nil {
			one.Holds = append(one.Holds, h)
		}
		return err
	}, list)
}

// ByEmail finds the links that carry an address on either side, in the order of emails; blank addresses find nothing.
func (w *Workspace) ByEmail(ctx context.Context, emails []record.Value) ([][]cycle.Link, error) {
	links := make([][]cycle.Link, len(emails))
	if !w.keys.have() {
		return nil, fmt.Errorf("look an address up: %w", ErrNoKey)
	}
	hashes := make([]string, 0, len(emails))
	places := make([]int, 0, len(emails))
	for i, e := range emails {
		if !e.IsBlank() {
			hashes, places = append(hashes, fmt.Sprintf("%x", w.keys.email(e))), append(places, i)
		}
	}
	if len(hashes) == 0 {
		return links, nil
	}
	list, err := json.Marshal(hashes)
	if err != nil {
		return nil, fmt.Errorf("look an address up: %w", err)
	}
	err = w.look(ctx, "look an address up", func(t *tx) error {
		return t.query(`SELECT l.id, l.object, l.state, l.salesforce, l.marketo, NULL, NULL, j.key
			FROM json_each(?1) j CROSS JOIN email e ON e.hash = unhex(j.value) CROSS JOIN link l ON l.id = e.link ORDER BY j.key, l.id`, func(r row) error {
			i := places[r.int(7)]
			links[i] = append(links[i], r.link().link)
			return nil
		}, string(list))
	})
	return links, err
}

// sorted gives the links that are not 0, ascending, each once.
func sorted(links []cycle.LinkID) []cycle.LinkID {
	out := make([]cycle.LinkID, 0, len(links))
	for _, id := range links {
		if id != 0 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
