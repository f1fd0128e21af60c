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

// bucket is one bucket in the order of groups.
type bucket struct {
	n    int
	rows []staged
}

func (s *stage) sortBucket(t *tx, n int) (*bucket, error) {
	if s.bucket != nil && s.bucket.n == n {
		return s.bucket, nil
	}
	s.bucket = nil // two at once would be too much
	b := &bucket{n: n}
	err := t.query(`SELECT h.place, h.records FROM json_each(?1) j CROSS JOIN shelf h ON h.n = j.value`, func(r row) error {
		return s.shelf(r.int(0), r.blob(1), func(one staged) error {
			last, err := s.last(one)
			if last {
				b.rows = append(b.rows, one)
			}
			return err
		})
	}, numbers(s.shelves[n]))
	slices.SortFunc(b.rows, func(x, y staged) int {
		if c := bytes.Compare(x.group, y.group); c != 0 {
			return c
		}
		return int(x.n - y.n)
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
	err = s.run(ctx, "group what was read", `BEGIN`, func(t *tx) error {
		s.seen = nil // all came
		taken := 0
		for n := start; n < buckets; n++ {
			b, err := s.sortBucket(t, n)
			if err != nil {
				return err
			}
			for _, one := range b.rows[firstAfter(b.rows, last):] {
				if begins := taken == 0 || !bytes.Equal(one.group, last); begins {
					if taken >= limit {
						return nil
					}
					groups, last = append(groups, cycle.StagedGroup{}), bytes.Clone(one.group)
				}
				taken++
				if err := take(&groups[len(groups)-1], one); err != nil {
					return err
				}
			}
		}
		done = true
		return nil
	})
	return groups, hex.EncodeToString(last), done, err
}

// take adds a record to a group.
func take(g *cycle.StagedGroup, one staged) error {
	r, err := unpackRecord(one.packed)
	if one.side == record.Salesforce {
		g.Salesforce = append(g.Salesforce, r)
	} else {
		g.Marketo = append(g.Marketo, r)
	}
	return err
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

// order makes the table of who carries whose id.
func (s *stage) order(t *tx) error {
	if s.ordered {
		return nil
	}
	if err := t.query(`SELECT place, records FROM shelf`, func(r row) error {
		place := r.int(0)
		return s.shelf(place, r.blob(1), func(one staged) error {
			last, err := s.last(one)
			if err != nil || !last {
				return err
			}
			rec, err := unpackRecord(one.packed)
			if err == nil {
				_, err = t.exec(`INSERT INTO carrier(n, side, id, other, place) VALUES(?1, ?2, ?3, ?4, ?5)`, one.n, int64(one.side), string(rec.ID), textOrNull(string(rec.OtherID)), place)
			}
			return err
		})
	}); err != nil {
		return err
	}
	for _, index := range []string{`CREATE INDEX carrier_id ON carrier(id, side)`, `CREATE INDEX carrier_other ON carrier(place, n) WHERE other IS NOT NULL`} {
		if _, err := t.exec(index); err != nil {
			return err
		}
	}
	s.ordered = true
	return s.keepProgress(t)
}

// disorder takes that table away, as more is about to come.
func (s *stage) disorder(t *tx) error {
	if !s.ordered {
		return nil
	}
	for _, statement := range []string{`DROP INDEX IF EXISTS carrier_id`, `DROP INDEX IF EXISTS carrier_other`, `DELETE FROM carrier`} {
		if _, err := t.exec(statement); err != nil {
			return err
		}
	}
	s.ordered = false
	return nil
}

// lying is where a record lies.
type lying struct{ place, n int64 }

// ByID gives the pairs of which at least one carries the other's id, each once, ordered, after a position. First come
// those that carry each other's, so that nobody who is merely pointed at is taken from its pair.
func (s *stage) ByID(ctx context.Context, after string, limit int) (pairs []cycle.StagedGroup, next string, done bool, err error) {
	mutual, last := true, lying{-1, -1}
	if after != "" {
		if mutual, last, err = readPosition(after); err != nil {
			return nil, "", false, err
		}
	}
	err = s.run(ctx, "pair what was read", `BEGIN IMMEDIATE`, func(t *tx) error {
		if s.carrying == 0 {
			done = true
			return nil
		}
		if err := s.order(t); err != nil {
			return err
		}
		var found [][2]lying
		for seen := 0; ; mutual, last = false, (lying{-1, -1}) {
			n, at, err := s.carriers(t, mutual, last, limit-seen, func(sf, mk lying) { found = append(found, [2]lying{sf, mk}) })
			if err != nil {
				return err
			}
			seen, last = seen+n, at
			if done = !mutual && seen < limit; done || seen >= limit {
				break
			}
		}
		next = position(mutual, last)
		pairs, err = s.fetch(t, found)
		return err
	})
	return pairs, next, done, err
}

func position(mutual bool, at lying) string {
	pass := 2
	if mutual {
		pass = 1
	}
	return fmt.Sprintf("%d.%d.%d", pass, at.place, at.n)
}

func readPosition(text string) (mutual bool, at lying, err error) {
	parts := strings.Split(text, ".")
	if len(parts) == 3 {
		at.place, err = strconv.ParseInt(parts[1], 10, 64)
		if err == nil {
			at.n, err = strconv.ParseInt(parts[2], 10, 64)
		}
	}
	if len(parts) != 3 || err != nil {
		return false, at, fmt.Errorf("pair what was read: the position %q is none", text)
	}
	return parts[0] == "1", at, nil
}

// carriers walks over at most limit records that carry an id of the other side, in the order in which they lie. In the first pass it
// gives those whose other half carries theirs, by the Salesforce record; in the second the rest.
func (s *stage) carriers(t *tx, mutual bool, after lying, limit int, each func(salesforce, marketo lying)) (seen int, last lying, err error) {
	last = after
	err = t.query(`SELECT c.place, c.n, c.side, o.place, o.n, o.other IS c.id FROM
		(SELECT place, n, side, id, other FROM carrier INDEXED BY carrier_other WHERE other IS NOT NULL AND (place, n) > (?1, ?2) ORDER BY place, n LIMIT ?3) c
		LEFT JOIN carrier o ON o.side = 3 - c.side AND o.id = c.other ORDER BY c.place, c.n`, func(r row) error {
		seen++
		last = lying{r.int(0), r.int(1)}
		side, other, both := record.Side(r.int(2)), lying{r.int(3), r.int(4)}, r.int(5) != 0
		switch {
		case r.null(3) || both != mutual || mutual && side == record.Marketo:
		case side == record.Salesforce:
			each(last, other)
		default:
			each(other, last)
		}
		return nil
	}, after.place, after.n, limit)
	return seen, last, err
}

// fetch reads the records of pairs. Both halves mostly have one address and lie in one bucket: every shelf is opened once.
func (s *stage) fetch(t *tx, found [][2]lying) ([]cycle.StagedGroup, error) {
	wanted := map[lying][]int{}
	places := map[int64]bool{}
	for i, pair := range found {
		for _, at := range pair {
			wanted[at], places[at.place] = append(wanted[at], i), true
		}
	}
	list := make([]int64, 0, len(places))
	for place := range places {
		list = append(list, place&(1<<shelfBits-1))
	}
	slices.Sort(list)
	pairs := make([]cycle.StagedGroup, len(found))
	err := t.query(`SELECT h.place, h.records FROM json_each(?1) j CROSS JOIN shelf h ON h.n = j.value`, func(r row) error {
		place := r.int(0)
		return s.shelf(place, r.blob(1), func(one staged) error {
			for _, i := range wanted[lying{place, one.n}] {
				if err := take(&pairs[i], one); err != nil {
					return err
				}
			}
			return nil
		})
	}, numbers(list))
	return pairs, err
}
