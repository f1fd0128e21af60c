package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// BenchOptions say what is measured.
type BenchOptions struct {
	People, Rounds int
	Say            func(line string)
}

// BenchLine is one measured figure beside its floor.
type BenchLine struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Ours  float64 `json:"ours"`
	Floor float64 `json:"floor"`
	Ratio float64 `json:"ratio"`
}

// BenchReport is what was measured, medians of interleaved rounds. Figures hold for this machine at this moment; the
// ratios are what to compare.
type BenchReport struct {
	People int         `json:"people"`
	Rounds int         `json:"rounds"`
	Lines  []BenchLine `json:"lines"`
}

// Rows are the figures, as a table shows them.
func (r BenchReport) Rows() [][]string {
	rows := make([][]string, len(r.Lines))
	for i, l := range r.Lines {
		number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + " " + l.Unit }
		rows[i] = []string{l.Name, number(l.Ours), number(l.Floor), fmt.Sprintf("%.2f", l.Ratio)}
	}
	return rows
}

// benchRound is what one round measured.
type benchRound struct {
	floorCPU, syncCPU   time.Duration
	floorWall, syncWall time.Duration
	first, idle         CycleResult
	memory              int64
}

// Bench measures a first sync and an idle cycle against an imitated pair in a process of its own, beside a program that
// does the least that any sync must: read the same pages, look at every field, keep 8 bytes of each.
func Bench(ctx context.Context, o BenchOptions) (BenchReport, error) {
	var rounds []benchRound
	for i := range o.Rounds {
		o.Say(fmt.Sprintf("Round %d of %d, %d people …", i+1, o.Rounds, o.People))
		r, err := benchOnce(ctx, o.People)
		if err != nil {
			return BenchReport{}, err
		}
		rounds = append(rounds, r)
	}
	report := BenchReport{People: o.People, Rounds: o.Rounds}
	add := func(name, unit string, ours, floor func(benchRound) float64) {
		a, b := median(rounds, ours), median(rounds, floor)
		report.Lines = append(report.Lines, BenchLine{name, unit, a, b, a / max(b, 1e-9)})
	}
	seconds := func(d func(benchRound) time.Duration) func(benchRound) float64 {
		return func(r benchRound) float64 { return float64(d(r).Milliseconds()) / 1000 }
	}
	add("first sync, CPU", "s", seconds(func(r benchRound) time.Duration { return r.syncCPU }), seconds(func(r benchRound) time.Duration { return r.floorCPU }))
	add("first sync, wall", "s", seconds(func(r benchRound) time.Duration { return r.syncWall }), seconds(func(r benchRound) time.Duration { return r.floorWall }))
	add("first sync, Salesforce calls", "", func(r benchRound) float64 { return float64(r.first.Calls.Salesforce) }, func(r benchRound) float64 {
		return float64((o.People+1999)/2000 + (r.first.Writes.Salesforce+999)/1000)
	})
	add("first sync, Marketo calls", "", func(r benchRound) float64 { return float64(r.first.Calls.Marketo) }, func(r benchRound) float64 {
		return float64((r.first.Pulled.Marketo+299)/300 + (r.first.Writes.Marketo+299)/300)
	})
	add("idle cycle, Salesforce calls", "", func(r benchRound) float64 { return float64(r.idle.Calls.Salesforce) }, func(benchRound) float64 { return 1 })
	add("idle cycle, Marketo calls", "", func(r benchRound) float64 { return float64(r.idle.Calls.Marketo) }, func(benchRound) float64 { return 2 })
	add("peak memory against the promise", "MB", func(r benchRound) float64 { return float64(r.memory >> 20) }, func(benchRound) float64 { return 150 })
	return report, nil
}

func median(rounds []benchRound, figure func(benchRound) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = figure(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func benchOnce(ctx context.Context, people int) (r benchRound, err error) {
	pair, err := startSandbox(ctx, people)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, pair.stop()) }()
	home, err := os.MkdirTemp("", "doppio-bench-")
	if err != nil {
		return r, fmt.Errorf("a folder for the measurement cannot be made: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	began, cpu := time.Now(), processorTime()
	if err := floor(ctx, pair.ServedSandbox, home); err != nil {
		return r, err
	}
	r.floorCPU, r.floorWall = processorTime()-cpu, time.Since(began)
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "bench"})
	if err != nil {
		return r, err
	}
	if err := connectSample(ctx, a, pair.ServedSandbox); err != nil {
		return r, err
	}
	if err := a.SetMode(ctx, sampleName, record.Live); err != nil {
		return r, err
	}
	began, cpu = time.Now(), processorTime()
	first, err := a.Sync(ctx, sampleName, SyncOptions{})
	if err != nil {
		return r, err
	}
	r.syncCPU, r.syncWall, r.first = processorTime()-cpu, time.Since(began), first.Cycle
	for range 5 { // until the echo of our own writes was read
		again, err := a.Sync(ctx, sampleName, SyncOptions{})
		if err != nil {
			return r, err
		}
		if r.idle = again.Cycle; again.Cycle.Pulled.Salesforce == 0 && again.Cycle.Pulled.Marketo == 0 {
			break
		}
	}
	r.memory = peakMemory()
	return r, nil
}

// benchSandbox is an imitated pair in a process of its own, so that its work is not ours.
type benchSandbox struct {
	ServedSandbox
	command *exec.Cmd
}

func startSandbox(ctx context.Context, people int) (*benchSandbox, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the program cannot find itself: %w", err)
	}
	b := &benchSandbox{command: exec.CommandContext(ctx, program, "sandbox", "--people", strconv.Itoa(people), "--print-json")}
	out, err := b.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.command.Start(); err != nil {
		return nil, fmt.Errorf("the sandbox cannot be started: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(strings.TrimSpace(line)), &b.ServedSandbox)
	}
	if err != nil {
		return nil, errors.Join(errors.New("the sandbox did not say where it is"), err, b.stop())
	}
	return b, nil
}

func (b *benchSandbox) stop() error {
	if err := b.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, b.command.Process.Kill())
	}
	var ended *exec.ExitError
	if err := b.command.Wait(); err != nil && !errors.As(err, &ended) {
		return err
	}
	return nil
}
