package app

import (
	"reflect"
	"slices"
	"strings"
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
			if (got == nil) != (row.want == nil) || got != nil && !reflect.DeepEqual(got, row.want) {
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

// TestBacklog runs a first sync, quiet cycles, and one with an edit of one field of many people: the first sync is shown until
// there is something else to see, and each peak knows what made it and how soon it was gone.
func TestBacklog(t *testing.T) {
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
	var known culprits
	sync := func() (d Dashboard) {
		t.Helper()
		if _, err := s.app.Sync(ctx, sampleName, SyncOptions{}); err != nil {
			t.Fatal(err)
		}
		s.pair.Advance(5 * time.Minute)
		if err := s.app.within(ctx, sampleName, func(ws *store.Workspace) (err error) {
			d, err = dashboardOf(ctx, ws, &known, s.app.world.now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for n := range 3 {
		peak := sync().Backlog.DayPeak
		if peak == nil || !peak.First || peak.Records < 300 || peak.Gone <= 0 || peak.Gone > time.Minute || peak.Field != "" {
			t.Fatalf("after %d cycles: %+v", n+1, peak)
		}
	}
	edit := sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 80, Seed: 7, Fields: []string{"Title"}}
	if _, err := s.pair.Edit(edit); err != nil {
		t.Fatal(err)
	}
	for range youngCycles + 2 { // the last ones are drawn of what the store sums up
		b := sync().Backlog
		peak := b.DayPeak
		if peak == nil || peak.First || peak.Field != "Title" || peak.By.Text == "" || strings.Contains(peak.By.Text, "005") || peak.Gone <= 0 || peak.Gone > time.Minute {
			t.Fatalf("after the edit: %+v", peak)
		}
		if last := b.Day[len(b.Day)-1]; last.Sum() != 0 {
			t.Fatalf("in the end %+v waits", last)
		}
	}
}

// TestMakers: what waits knows who made it: the user whose job changed many records in Salesforce, by name, and the smart campaign
// that changed scores in Marketo; without the key, as in status, the user's id stands for the name. The names lie sealed.
func TestMakers(t *testing.T) {
	ctx := t.Context()
	s, err := openSample(ctx, 400, 1, nil)
	must(t, err)
	defer func() { must(t, s.close()) }()
	must(t, s.app.SetMode(ctx, sampleName, record.Live))
	for range 3 {
		_, err := s.app.Sync(ctx, sampleName, SyncOptions{})
		must(t, err)
		s.pair.Advance(5 * time.Minute)
	}
	must(t, s.app.SetMode(ctx, sampleName, record.Rehearse)) // so that it stays waiting
	_, err = s.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 120, Seed: 7, Fields: []string{"Title"}})
	must(t, err)
	_, err = s.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Marketo}, People: 150, Seed: 7, Fields: []string{"leadScore"}})
	must(t, err)
	_, err = s.app.Sync(ctx, sampleName, SyncOptions{})
	must(t, err)
	s.pair.Advance(5 * time.Minute)
	_, err = s.app.Sync(ctx, sampleName, SyncOptions{}) // a quiet cycle in between forgets nothing
	must(t, err)
	status, err := s.app.Status(ctx, sampleName)
	must(t, err)
	var d Dashboard
	must(t, s.app.within(ctx, sampleName, func(ws *store.Workspace) (err error) {
		d, err = dashboardOf(ctx, ws, &culprits{}, s.app.world.now())
		return err
	}))
	byField, byMaker := map[string]int{}, map[string]Cause{}
	for i, c := range d.Backlog.Made {
		byField[c.To.String()+" "+c.Field] += c.Records
		kind, _, _ := strings.Cut(string(c.By), " ")
		if _, larger := byMaker[kind]; !larger {
			byMaker[kind] = c
		}
		if said := status.Backlog.Made[i]; said.Name != "" || said.By != c.By || said.Records != c.Records {
			t.Errorf("status says %+v, the dashboard %+v", said, c)
		}
	}
	if n := byField["marketo Title"]; n < 100 || n > 120 {
		t.Errorf("%d changes of Title: %+v", n, d.Backlog.Made)
	}
	if u := byMaker["user"]; u.To != record.Marketo || u.Name == "" || u.Records < peakLeast {
		t.Errorf("users: %+v", u)
	}
	if c := byMaker["campaign"]; c.To != record.Salesforce || c.Name == "" || c.Records < peakLeast {
		t.Errorf("campaigns: %+v", d.Backlog.Made)
	}
	must(t, s.app.beside(ctx, sampleName, false, func(ws *store.Workspace) error {
		kept, err := ws.Setting(ctx, metaMakers)
		if kept == "" || strings.Contains(kept, byMaker["user"].Name) {
			t.Error("the names of users are not sealed")
		}
		return err
	}))
}

// TestLasting is a backlog that no cycle has worked off: it has no cause yet.
func TestLasting(t *testing.T) {
	ctx := t.Context()
	s, err := openSample(ctx, 60, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.app.SetMode(ctx, sampleName, record.Rehearse); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.Sync(ctx, sampleName, SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.app.within(ctx, sampleName, func(ws *store.Workspace) error {
		var known culprits
		for range 2 { // the second time from memory
			peak := Peak{At: s.app.world.now(), Records: 113}
			if err := known.name(ctx, ws, &peak); err != nil {
				return err
			}
			if peak.Gone != 0 || peak.Field != "" || !peak.First {
				t.Errorf("%+v", peak)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestLive adds what waits while a cycle runs, and nothing once that cycle is kept.
func TestLive(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	seven := Sides{ToMarketo: 7}
	for name, row := range map[string]struct {
		kept, want []BacklogPoint
		waiting    Sides
	}{
		"the first cycle": {nil, []BacklogPoint{{At: at(10)}, {at(11), seven}}, seven},
		"a later one":     {[]BacklogPoint{{At: at(5)}}, []BacklogPoint{{At: at(5)}, {at(11), seven}}, seven},
		"while it reads":  {[]BacklogPoint{{At: at(5)}}, []BacklogPoint{{At: at(5)}}, Sides{}},
		"one that ended":  {[]BacklogPoint{{At: at(5)}, {At: at(10)}}, []BacklogPoint{{At: at(5)}, {At: at(10)}}, seven},
	} {
		b := Backlog{Day: slices.Clone(row.kept)}
		if b.live(at(10), at(11), row.waiting); !slices.Equal(b.Day, row.want) {
			t.Errorf("%s: %+v, want %+v", name, b.Day, row.want)
		}
	}
}
