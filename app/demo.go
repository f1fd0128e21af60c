package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// DemoOptions say what the demo shows.
type DemoOptions struct {
	People, Cycles int
	Seed           uint64
	Faults         string
	// Say is told each step in a sentence; Progress what a running cycle does. Either may be nil.
	Say      func(line string)
	Progress func(Doing)
	Log      *slog.Logger
}

// DemoCycle is one cycle of the demo.
type DemoCycle struct {
	N      int64        `json:"n"`
	TookMS int64        `json:"took_ms"`
	Calls  cycle.Counts `json:"calls"`
	Writes cycle.Counts `json:"writes"`
}

// DemoResult is what the demo ends with, as scripts read it.
type DemoResult struct {
	People    int         `json:"people"`
	Linked    int         `json:"linked"`
	FirstSync DemoCycle   `json:"first_sync"`
	Cycles    []DemoCycle `json:"cycles"`
	// Differences are mapped fields in which linked records differ without an open failure or hold that explains it.
	Differences int `json:"differences"`
	Failures    int `json:"failures"`
	Holds       int `json:"holds"`
}

// Demo is a demo that has ended.
type Demo struct {
	Result    DemoResult
	Dashboard Dashboard
}

// Lines say the result in English.
func (d Demo) Lines() []string {
	r := d.Result
	lines := []string{fmt.Sprintf("%d of %d people are linked.", r.Linked, r.People)}
	if r.Differences == 0 {
		lines = append(lines, "Both sides agree on every mapped field.")
	} else {
		lines = append(lines, fmt.Sprintf("%s, and nothing explains it.", count(r.Differences, "field still differs", "fields still differ")))
	}
	return append(lines, fmt.Sprintf("%s refused and %s for a person.", count(r.Failures, "write was", "writes were"), count(r.Holds, "decision waits", "decisions wait")))
}

// sample is the workspace of the sample data, in a folder of its own that goes with it.
type sample struct {
	app    *App
	pair   *sandbox.Pair
	server *sandbox.Server
	home   string
}

// sampleName is the workspace's name.
const sampleName = "Sample data"

// openSample makes an imitated pair, serves it on this machine, and connects a throw-away workspace to it.
func openSample(ctx context.Context, people int, seed uint64, log *slog.Logger) (_ *sample, err error) {
	s := &sample{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.home, err = os.MkdirTemp("", "doppio-sample-"); err != nil {
		return nil, fmt.Errorf("a folder for the sample data cannot be made: %w", err)
	}
	if s.pair, err = sandbox.New(sandbox.Options{People: people, Seed: seed}); err != nil {
		return nil, err
	}
	if s.server, err = s.pair.Listen(ctx, "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if s.app, err = New(Options{Home: s.home, Secrets: SecretsMemory, Version: "sample", Log: log, Now: s.pair.Now}); err != nil {
		return nil, err
	}
	return s, connectSample(ctx, s.app, s.pair.Credentials())
}

// connectSample makes the sample's workspace and connects it.
func connectSample(ctx context.Context, a *App, c ServedSandbox) error {
	if err := a.NewWorkspace(ctx, sampleName, false); err != nil {
		return err
	}
	if _, err := a.ConnectSalesforce(ctx, sampleName, ConnectSalesforce{
		LoginURL: c.Salesforce.LoginURL, ClientID: c.Salesforce.ClientID, ClientSecret: c.Salesforce.ClientSecret,
		Flow: FlowRefreshToken, RefreshToken: c.Salesforce.RefreshToken,
	}); err != nil {
		return err
	}
	_, err := a.ConnectMarketo(ctx, sampleName, ConnectMarketo{BaseURL: c.Marketo.BaseURL, ClientID: c.Marketo.ClientID, ClientSecret: c.Marketo.ClientSecret})
	return err
}

// close ends the pair and removes everything that the sample left on the disk.
func (s *sample) close() error {
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	if s.pair != nil {
		s.pair.Close()
	}
	if s.home != "" {
		errs = append(errs, os.RemoveAll(s.home))
	}
	return errors.Join(errs...)
}

// edit changes n people on each side as users would.
func (s *sample) edit(n int, seed uint64) (int, error) {
	edited, err := s.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: n, Seed: seed})
	return len(edited), err
}

// RunDemo does the whole job on an imitated pair: connect, rehearse, first sync, edits on both sides, cycles until both agree.
func RunDemo(ctx context.Context, o DemoOptions) (demo Demo, err error) {
	say := o.Say
	if say == nil {
		say = func(string) {}
	}
	say(fmt.Sprintf("Making a Salesforce org and a Marketo instance with %d people (seed %d) …", o.People, o.Seed))
	s, err := openSample(ctx, o.People, o.Seed, o.Log)
	if err != nil {
		return Demo{}, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.rehearse(ctx, o, say); err != nil {
		return Demo{}, err
	}
	if err := s.pair.Faults(profile(o.Faults)); err != nil {
		return Demo{}, inputf("%v", err)
	}
	demo.Result.People = o.People
	if demo.Result.FirstSync, err = s.cycle(ctx, o, say, "First sync"); err != nil {
		return Demo{}, err
	}
	if err := s.cycles(ctx, o, say, &demo.Result); err != nil {
		return Demo{}, err
	}
	return demo, s.report(ctx, &demo)
}

func profile(name string) string {
	if name == "" {
		return "none"
	}
	return name
}

func (s *sample) rehearse(ctx context.Context, o DemoOptions, say func(string)) error {
	if err := s.app.SetMode(ctx, sampleName, record.Rehearse); err != nil {
		return err
	}
	writes, created := 0, 0
	_, err := s.app.Sync(ctx, sampleName, SyncOptions{Rehearse: true, Progress: o.Progress, Planned: func(p Planned) error {
		if writes++; p.Action == cycle.Create.String() {
			created++
		}
		return nil
	}})
	if err != nil {
		return err
	}
	say(fmt.Sprintf("Rehearsed: live would make %d writes, %d of them new records. Nothing was written.", writes, created))
	return s.app.SetMode(ctx, sampleName, record.Live)
}

// cycle runs one cycle and tells it. With faults on, a cycle may end early: the next one goes on.
func (s *sample) cycle(ctx context.Context, o DemoOptions, say func(string), label string) (DemoCycle, error) {
	r, err := s.app.Sync(ctx, sampleName, SyncOptions{Progress: o.Progress})
	c := DemoCycle{N: r.Cycle.N, TookMS: r.Cycle.TookMS, Calls: r.Cycle.Calls, Writes: r.Cycle.Writes}
	if err != nil && (ctx.Err() != nil || profile(o.Faults) == "none") {
		return c, err
	}
	line := fmt.Sprintf("%s: wrote %d records to Salesforce and %d to Marketo, with %d and %d calls, in %s s.", label,
		c.Writes.Salesforce, c.Writes.Marketo, c.Calls.Salesforce, c.Calls.Marketo, strconv.FormatFloat(float64(c.TookMS)/1000, 'f', 1, 64))
	if err != nil {
		line += " It ended early: " + Say(err)
	}
	say(line)
	return c, nil
}

// demoEvery is the time between two cycles on the pair's clock: nobody waits for it, and the records say it.
const demoEvery = 5 * time.Minute

// quietTries is how many more cycles may follow until one writes nothing.
const quietTries = 3

func (s *sample) cycles(ctx context.Context, o DemoOptions, say func(string), result *DemoResult) error {
	for i := range o.Cycles + quietTries {
		last := i >= o.Cycles-1
		s.pair.Advance(demoEvery)
		if !last {
			n, err := s.edit(max(1, o.People/20), o.Seed+uint64(i)+1)
			if err != nil {
				return err
			}
			say(fmt.Sprintf("Users edited %d records on both sides.", n))
		} else if err := s.settle(o, i); err != nil {
			return err
		}
		c, err := s.cycle(ctx, o, say, fmt.Sprintf("Cycle %d", i+1))
		if err != nil {
			return err
		}
		result.Cycles = append(result.Cycles, c)
		if last && c.Writes == (cycle.Counts{}) {
			return nil
		}
	}
	return nil
}

// settle ends the faults. What was committed late by then stands in Marketo's log under an older date, where only the reading
// that comes round every hour meets it: so an hour passes on the pair's clock.
func (s *sample) settle(o DemoOptions, cycle int) error {
	if cycle == o.Cycles-1 && profile(o.Faults) != "none" {
		s.pair.Advance(time.Hour + time.Minute)
	}
	return s.pair.Faults("none")
}

// report compares both sides with each other, past the engine, and leaves out what an open failure or hold explains.
func (s *sample) report(ctx context.Context, demo *Demo) error {
	return s.app.within(ctx, sampleName, func(ws *store.Workspace) error {
		unexplained, err := unexplained(ctx, ws, s.pair)
		if err != nil {
			return err
		}
		status, err := statusOf(ctx, ws, s.app.world.now())
		if err != nil {
			return err
		}
		demo.Result.Differences, demo.Result.Linked = len(unexplained), status.People.Linked
		demo.Result.Failures, demo.Result.Holds = status.Failures, status.Holds
		demo.Dashboard, err = dashboardOf(ctx, ws, &culprits{}, s.app.world.now())
		demo.Dashboard.Demo = true
		return err
	})
}

// unexplained are the differences between both sides that no open failure or hold of either record explains.
func unexplained(ctx context.Context, ws *store.Workspace, pair *sandbox.Pair) ([]sandbox.Difference, error) {
	var differences, rest []sandbox.Difference
	keep := func(d sandbox.Difference) bool { differences = append(differences, d); return true }
	pair.Compare(keep)
	pair.CompareMirrored(keep)
	for _, d := range differences {
		known, err := ws.Known(ctx, record.Salesforce, []record.ID{record.ID(d.SalesforceID)})
		if err != nil {
			return nil, err
		}
		explained := explains(known[0])
		if !explained && d.SalesforceField == sandbox.WholeRecord && known[0].Link.State == cycle.Alone { // it waits for what it names
			named, err := ws.Known(ctx, record.Salesforce, known[0].Follows)
			if err != nil {
				return nil, err
			}
			explained = slices.ContainsFunc(named, explains)
		}
		if !explained {
			rest = append(rest, d)
		}
	}
	return rest, nil
}

// explains tells whether an open failure or hold says why a pair is not in step.
func explains(k cycle.Known) bool {
	explained := len(k.Holds) > 0
	for _, row := range k.Out {
		explained = explained || row.Fails() || row.State == cycle.Held
	}
	return explained
}
