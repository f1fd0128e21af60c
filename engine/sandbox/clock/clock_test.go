package clock_test

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/clock"
)

func TestAdvance(t *testing.T) {
	base := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	c := clock.New(func() time.Time { return base })
	if got := c.Now(); !got.Equal(base) || got.Location() != time.UTC {
		t.Errorf("Now is %v, want %v in UTC", got, base)
	}
	c.Advance(time.Hour)
	c.Advance(-time.Minute)
	base = base.Add(time.Second)
	if got, want := c.Now(), base.Add(time.Hour); !got.Equal(want) {
		t.Errorf("after an hour's advance Now is %v, want %v", got, want)
	}
}
