package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// staged is one record without its content.
type staged struct {
	place int64
	side  record.Side
	group []byte
}

// bucket is one bucket in the order of groups.
type bucket struct {
	n    int
	rows []staged
}

func (s *stage) sortBucket(t *tx, n int) (*bucket, error) {
	if s.bucket != nil && s.bucket.n == n {
		return s.bucket, nil
	}
	b := &bucket{n: n}
	err := t.query(`SELECT place, side, grouped FROM staged WHERE place >= ?1 AND place < ?2`, func(r row) error {
		b.rows = append(b.rows, staged{r.int(0), record.Side(r.int(1)), r.blob(2)})
		return nil
	}, int64(n)<<shelfBits, int64(n+1)<<shelfBits)
	slices.SortFunc(b.rows, func(x, y staged) int {
		if c := bytes.Compare(x.group, y.group); c != 0 {
			return c
		}
		return int(x.place - y.place)
	})
	s.bucket = b
	return b, err
}

// ByEmail gives all staged records grouped by address, ordered, after a position, about limit records a time; a group
// is never split. Records without an address come as groups of one. Addresses are compared without regard to case.
func (s *stage) ByEmail(ctx context.Context, after string, limit int) (groups []cycle.StagedGroup, next string, done bool, err error) {
	start, last := 0, []byte(nil)
	if after != "" {
		if last, err = hex.DecodeString(after); err != nil || len(last) != emailSize {
			return nil, "", false, fmt.Errorf("group what was read: the position %q is none", after)
		}
		start = bucketOf(last)
	}
	if err := s.order(ctx); err != nil {
		return nil, "", false, err
	}
	err = s.run(ctx, "group what was read", `BEGIN`, func(t *tx) error {
		var taken []staged
		for n := start; n < buckets; n++ {
			b, err := s.sortBucket(t, n)
			if err != nil {
				return err
			}
			rows := b.rows[firstAfter(b.rows, last):]
			for i := 0; i < len(rows); i++ {
				if len(taken) >= limit && !bytes.Equal(rows[i].group, taken[len(taken)-1].group) {
					groups, err = s.fetch(t, taken)
					next = hex.EncodeToString(taken[len(taken)-1].group)
					return err
				}
				taken = append(taken, rows[i])
			}
		}
		done = true
		groups, err = s.fetch(t, taken)
		if len(taken) > 0 {
			next = hex.EncodeToString(taken[len(taken)-1].group)
		}
		return err
	})
	return groups, next, done, err
}

func firstAfter(rows []staged, group []byte) int {
	i, _ := slices.BinarySearchFunc(rows, group, func(r staged, g []byte) int {
		if bytes.Compare(r.group, g) <= 0 && g != nil {
			return -1
		}
		return 1
	})
	return i
}

// fetch reads the records of whole groups, which stand one after the other.
func (s *stage) fetch(t *tx, taken []staged) ([]cycle.StagedGroup, error) {
	places := make([]int64, len(taken))
	for i, one := range taken {
		places[i] = one.place
	}
	records, err := s.records(t, places)
	if err != nil {
		return nil, err
	}
	var groups []cycle.StagedGroup
	for i, one := range taken {
		if i == 0 || !bytes.Equal(one.group, taken[i-1].group) {
			groups = append(groups, cycle.StagedGroup{})
		}
		g := &groups[len(groups)-1]
		if one.side == record.Salesforce {
			g.Salesforce = append(g.Salesforce, records[i])
		} else {
			g.Marketo = append(g.Marketo, records[i])
		}
	}
	return groups, nil
}

// records unseals records by their places, in the order given.
func (s *stage) records(t *tx, places []int64) ([]record.Record, error) {
	records := make([]record.Record, len(places))
	err := t.query(`SELECT j.key, s.place, s.record FROM json_each(?1) j CROSS JOIN staged s ON s.place = j.value`, func(r row) error {
		plain, err := s.w.keys.open(stageSeal, r.int(1), r.blob(2))
		if err == nil {
			records[r.int(0)], err = unpackRecord(plain)
		}
		return err
	}, numbers(places))
	return records, err
}

// ByID gives the pairs of which at least one carries the other's id, each once, ordered, after a position. First come
// those that carry each other's, so that nobody who is merely pointed at is taken from its pair.
func (s *stage) ByID(ctx context.Context, after string, limit int) (pairs []cycle.StagedGroup, next string, done bool, err error) {
	mutual, last := true, int64(-1)
	if after != "" {
		pass, place, ok := strings.Cut(after, ".")
		if last, err = strconv.ParseInt(place, 10, 64); err != nil || !ok {
			return nil, "", false, fmt.Errorf("pair what was read: the position %q is none", after)
		}
		mutual = pass == "1"
	}
	if err := s.order(ctx); err != nil {
		return nil, "", false, err
	}
	err = s.run(ctx, "pair what was read", `BEGIN`, func(t *tx) error {
		var places []int64
		seen := 0
		for {
			at, err := s.carriers(t, mutual, last, limit-seen, func(sf, mk int64) { places = append(places, sf, mk) })
			if err != nil {
				return err
			}
			seen += at.seen
			last = at.last
			if seen >= limit {
				break
			}
			if !mutual {
				done = true
				break
			}
			mutual, last = false, -1
		}
		pass := "2."
		if mutual {
			pass = "1."
		}
		next = pass + strconv.FormatInt(last, 10)
		records, err := s.records(t, places)
		for i := 0; err == nil && i < len(records); i += 2 {
			pairs = append(pairs, cycle.StagedGroup{Salesforce: records[i : i+1], Marketo: records[i+1 : i+2]})
		}
		return err
	})
	return pairs, next, done, err
}

// carried is how far a walk over the records that carry an id came.
type carried struct {
	seen int
	last int64
}

// carriers walks over at most limit records that carry an id of the other side. In the first pass it gives those whose
// other half carries theirs, by the Salesforce record; in the second the rest.
func (s *stage) carriers(t *tx, mutual bool, after int64, limit int, each func(salesforce, marketo int64)) (carried, error) {
	at := carried{last: after}
	err := t.query(`SELECT c.place, c.side, o.place, o.other IS c.id FROM (SELECT place, side, id, other FROM staged INDEXED BY staged_other WHERE other IS NOT NULL AND place > ?1 ORDER BY place LIMIT ?2) c
		LEFT JOIN staged o ON o.side = 3 - c.side AND o.id = c.other ORDER BY c.place`, func(r row) error {
		at.seen++
		at.last = r.int(0)
		both := r.int(3) != 0
		side := record.Side(r.int(1))
		switch {
		case r.null(2) || both != mutual || mutual && side == record.Marketo:
		case side == record.Salesforce:
			each(r.int(0), r.int(2))
		default:
			each(r.int(2), r.int(0))
		}
		return nil
	}, after, limit)
	return at, err
}
