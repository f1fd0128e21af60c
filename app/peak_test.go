package app

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

func waits(sums ...int) (points []BacklogPoint) {
	for i, n := range sums {
		points = append(points, BacklogPoint{At: time.Unix(int64(i)*300, 0), Sides: Sides{ToMarketo: n / 2, ToSalesforce: n - n/2}})
	}
	return points
}

func TestPeakOf(t *testing.T) {
	for name, row := range map[string]struct {
		sums []int
		want *Peak
	}{
		"nothing":             {nil, nil},
		"always as much":      {[]int{200, 210, 190, 205}, nil},
		"high, but few":       {[]int{0, 0, 49, 0, 0}, nil},
		"gone after two":      {[]int{1, 2, 900, 500, 3, 1}, &Peak{At: time.Unix(600, 0), Records: 900, Gone: 10 * time.Minute}},
		"a tenth is gone":     {[]int{1, 2, 900, 90, 80, 70, 1, 1}, &Peak{At: time.Unix(600, 0), Records: 900, Gone: 5 * time.Minute}},
		"it still lasts":      {[]int{1, 2, 1, 900}, &Peak{At: time.Unix(900, 0), Records: 900}},
		"no more than usual":  {[]int{100, 900, 100, 100, 120}, &Peak{At: time.Unix(300, 0), Records: 900, Gone: 5 * time.Minute}},
		"the first of equals": {[]int{0, 60, 0, 60, 0}, &Peak{At: time.Unix(300, 0), Records: 60, Gone: 5 * time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			got := peakOf(waits(row.sums...))
			if (got == nil) != (row.want == nil) || got != nil && *got != *row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		points := waits(rapid.SliceOf(rapid.IntRange(0, 1000)).Draw(t, "sums")...)
		p := peakOf(points)
		if p == nil {
			return
		}
		for _, at := range points {
			if at.Sum() > p.Records {
				t.Fatalf("%d waited, and the peak is %d", at.Sum(), p.Records)
			}
		}
		if p.Gone < 0 || p.Gone > points[len(points)-1].At.Sub(p.At) {
			t.Fatalf("gone after %v", p.Gone)
		}
	})
}

// TestCulprit edits one field of many people after the first sync, and asks which field the cycle then wrote.
func TestCulprit(t *testing.T) {
	ctx := t.Context()
	s, err := openSample(ctx, 300, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.app.SetMode(ctx, sampleName, record.Live); err != nil {
		t.Fatal(err)
	}
	sync := func() {
		t.Helper()
		if _, err := s.app.Sync(ctx, sampleName, SyncOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	sync()
	peak := Peak{At: s.app.world.now(), Records: 80}
	edit := sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 80, Seed: 7, Fields: []string{"Title"}}
	if _, err := s.pair.Edit(edit); err != nil {
		t.Fatal(err)
	}
	sync()
	peak.Gone = s.app.world.now().Sub(peak.At) + time.Second
	if err := s.app.within(ctx, sampleName, func(ws *store.Workspace) error {
		var c culprits
		lasting := peak
		lasting.Gone = 0
		for range 2 { // the second time from memory
			if err := errors.Join(c.name(ctx, ws, &peak), c.name(ctx, ws, &lasting), c.name(ctx, ws, nil)); err != nil {
				return err
			}
			if peak.Field != "Title" || lasting.Field != "" {
				t.Errorf("got %q, and %q while it lasts", peak.Field, lasting.Field)
			}
			peak.Field = ""
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
