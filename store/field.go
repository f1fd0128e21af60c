package store

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// fieldDay is a field on a day.
type fieldDay struct {
	day    int64
	object record.Object
	field  uint16
}

// written are values of fields that were written.
type written map[fieldDay]int

// add counts the values that lines of history tell to have been written, of an object's mapping; of none where they are no changes.
func (w written) add(object record.Object, events []cycle.Event) {
	if object == "" {
		return
	}
	for i := range events {
		if e := &events[i]; e.Kind == "written" && e.Field != cycle.NoField {
			w[fieldDay{e.At.Unix() / 86400, object, e.Field}]++
		}
	}
}

// countAnswered counts the values that answers tell to have been written, by day, object and field.
func (p *pen) countAnswered(answers []cycle.Answer) error {
	w := written{}
	for i := range answers {
		w.add(answers[i].Mapped, answers[i].Events)
	}
	return p.countFields(w)
}

// countFound counts those whose answer was lost, and which a page found to stand.
func (p *pen) countFound(steps []cycle.Step) error {
	w := written{}
	for i := range steps {
		w.add(steps[i].Mapped, steps[i].Events)
	}
	return p.countFields(w)
}

func (p *pen) countFields(w written) error {
	for k, n := range w {
		object, err := objectNumber(k.object)
		if err != nil {
			return err
		}
		if _, err := p.exec(`INSERT INTO field_day(day, object, field, n) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(day, object, field) DO UPDATE SET n = n + excluded.n`,
			k.day, object, int64(k.field), n); err != nil {
			return err
		}
	}
	return nil
}

// Written is how many values of fields were written since a day began, by object and field number, and the first day of which
// there are figures; the zero time when there are none. They are kept as long as the numbers of cycles.
func (w *Workspace) Written(ctx context.Context, since time.Time) (values map[record.Object]map[uint16]int, first time.Time, err error) {
	values = map[record.Object]map[uint16]int{}
	err = w.read(ctx, "read what was written of fields", func(t *tx) error {
		err := t.query(`SELECT object, field, sum(n) FROM field_day WHERE day >= ?1 GROUP BY object, field`, func(r row) error {
			object := objectOf(r.int(0))
			if values[object] == nil {
				values[object] = map[uint16]int{}
			}
			values[object][uint16(r.int(1))] = int(r.int(2))
			return nil
		}, since.Unix()/86400)
		if err != nil {
			return err
		}
		_, err = t.first(`SELECT day FROM field_day ORDER BY day LIMIT 1`, func(r row) error {
			first = time.Unix(r.int(0)*86400, 0).UTC()
			return nil
		})
		return err
	})
	return values, first, err
}

// sampleParts is from how many places links are drawn for a sample, sampledAtOnce how many from each.
const (
	sampleParts   = 64
	sampledAtOnce = 200
)

// Sample gives linked pairs drawn evenly over all links, in the order of their numbers: all of them where there are few, else about
// 12,000, whatever the size of the workspace. whole tells that these are all.
func (w *Workspace) Sample(ctx context.Context) (known []cycle.Known, whole bool, err error) {
	var last int64
	if err := w.read(ctx, "draw a sample", func(t *tx) error {
		_, err := t.first(`SELECT coalesce(max(id), 0) FROM link`, func(r row) error { last = r.int(0); return nil })
		return err
	}); err != nil {
		return nil, false, err
	}
	whole = last <= sampleParts*sampledAtOnce
	stride := max(last/sampleParts, sampledAtOnce)
	for from := int64(0); from < last; from += stride {
		links, err := w.Links(ctx, cycle.LinkID(from), sampledAtOnce)
		if err != nil {
			return nil, false, err
		}
		var ids []cycle.LinkID
		for _, l := range links {
			if l.State == cycle.Linked && int64(l.ID) <= from+stride {
				ids = append(ids, l.ID)
			}
		}
		part, err := w.KnownLinks(ctx, ids)
		if err != nil {
			return nil, false, err
		}
		known = append(known, part...)
	}
	return known, whole, nil
}
