package price_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/price"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
)

var (
	monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	rates  = price.Rates{Write: map[record.Side]int{record.Salesforce: 2}, ReadBack: map[record.Side]int{}}
)

const (
	score uint16 = 1
	title uint16 = 2
)

func bands(_ record.Object, field uint16) (*rule.Bands, bool) {
	if field != score {
		return nil, false
	}
	return rule.Band(record.Type{Kind: record.Integer})
}

// story is a history being told: at hour h, in a cycle of its own, fields of one link are changed and written.
type story struct {
	lines []price.Line
}

func (s *story) write(link int64, hour int, values map[uint16]string) {
	at := monday.Add(time.Duration(hour) * time.Hour)
	for _, kind := range []price.Kind{price.Changed, price.Written} {
		for _, field := range []uint16{score, title} {
			if v, ok := values[field]; ok {
				side := record.Salesforce
				if kind == price.Changed {
					side = record.Marketo
				}
				s.lines = append(s.lines, price.Line{Link: link, Object: record.Lead, At: at, Cycle: int64(hour), Side: side, Kind: kind, Field: field, New: record.Of(v)})
			}
		}
	}
}

func (s *story) prices(since time.Time) map[uint16]price.Field {
	r := price.New(since, rates, bands)
	for _, l := range s.lines {
		r.Add(l)
	}
	out := map[uint16]price.Field{}
	for _, f := range r.Fields() {
		out[f.Number] = f
	}
	return out
}

func TestStory(t *testing.T) {
	s := &story{}
	s.write(7, 0, map[uint16]string{score: "10"})                 // its first: nobody knows in which band it was
	s.write(7, 1, map[uint16]string{score: "20"})                 // the same band
	s.write(7, 2, map[uint16]string{score: "27"})                 // within the margin
	s.write(7, 3, map[uint16]string{score: "40"})                 // the next band
	s.write(7, 4, map[uint16]string{score: "41", title: "Buyer"}) // the title would have been written anyway
	s.write(7, 5, map[uint16]string{score: "42"})                 // the same band; waits until Tuesday
	s.write(7, 20, map[uint16]string{title: "Head"})              // takes 42 along: it is Tuesday already, so it went at midnight
	s.write(7, 21, map[uint16]string{score: "43"})                // waits
	s.write(7, 22, map[uint16]string{score: "42"})                // and is back
	s.write(8, 22, map[uint16]string{score: "3"})                 // another person, in the same cycle
	got := s.prices(monday)
	if f := got[score]; f != (price.Field{Object: record.Lead, Number: score, Changes: 9, Writes: 9, Alone: 8, Calls: 7, Band: 5, QuietDay: 6, Hide: 8}) {
		t.Errorf("the score: %+v", f)
	}
	if f := got[title]; f.Writes != 2 || f.Alone != 1 || f.Hide != 1 || f.Band != 0 || f.Calls != 1 {
		t.Errorf("the title: %+v", f)
	}
	if f := s.prices(monday.Add(21 * time.Hour))[score]; f.Changes != 3 || f.Alone != 3 || f.Band != 2 || f.QuietDay != 2 {
		t.Errorf("the score since then: %+v", f)
	}
}

// What was there before the first change is known where the log told it; changes of one moment count each.
func TestWhatStoodBefore(t *testing.T) {
	s := &story{}
	s.write(7, 0, map[uint16]string{score: "12"})
	s.lines[0].Old, s.lines[0].Times = record.Of("10"), 4
	if f := s.prices(monday)[score]; f.Changes != 4 || f.Writes != 1 || f.Band != 1 {
		t.Errorf("the score: %+v", f)
	}
}

// TestQuietAgainstAClock holds the replay of a quiet day against a clock that goes through the same days hour by hour.
func TestQuietAgainstAClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type act struct {
			score string
			title bool
		}
		const hours = 24 * 6
		acts := map[int]act{}
		for range rapid.IntRange(1, 30).Draw(t, "writes") {
			a := act{score: strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "score")), title: rapid.IntRange(0, 4).Draw(t, "title") == 0}
			if a.title && rapid.Bool().Draw(t, "only the title") {
				a.score = ""
			}
			acts[rapid.IntRange(0, hours-1).Draw(t, "hour")] = a
		}
		s, alone := &story{}, 0
		stands, real, waiting, written := "", "", "", 0 // in Salesforce with a quiet time, and without; what waits; writes of the score alone with one
		for h := range hours + 24 {
			if waiting != "" && monday.Add(time.Duration(h)*time.Hour).Hour() == 0 {
				stands, waiting, written = waiting, "", written+1
			}
			a, ok := acts[h]
			if !ok || a.score == real && !a.title {
				continue
			}
			values := map[uint16]string{}
			if a.score != "" && a.score != real {
				values[score], real = a.score, a.score
			}
			if a.title {
				values[title] = strconv.Itoa(h)
			}
			s.write(1, h, values)
			v, scored := values[score]
			switch {
			case a.title && scored:
				stands, waiting = v, ""
			case a.title:
				if waiting != "" {
					stands, waiting = waiting, ""
				}
			default:
				alone++
				if waiting = v; v == stands {
					waiting = ""
				}
			}
		}
		if got := s.prices(monday)[score]; got.Alone != alone || got.QuietDay != alone-written {
			t.Fatalf("alone %d, saved %d; the clock says %d and %d", got.Alone, got.QuietDay, alone, alone-written)
		}
	})
}
