package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
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
	// Clients is the folder of the program that syncs with jsforce and node-marketo-rest; empty leaves it out.
	Clients string
	Say     func(line string)
}

// BenchLine is one measured figure beside the least that is possible, or beside the same figure of a smaller pair.
type BenchLine struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Ours  float64 `json:"ours"`
	Floor float64 `json:"floor"`
	Ratio float64 `json:"ratio"`
	Most  float64 `json:"most,omitempty"` // what the ratio may be, 0 where nothing is promised
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
		number := func(v float64) string { return strings.TrimSpace(figures(v) + " " + l.Unit) }
		most := ""
		if l.Most > 0 {
			most = strconv.FormatFloat(l.Most, 'f', -1, 64)
		}
		rows[i] = []string{l.Name, number(l.Ours), number(l.Floor), fmt.Sprintf("%.2f", l.Ratio), most}
	}
	return rows
}

// figures writes a number with three digits that count, and whole ones whole.
func figures(v float64) string {
	switch {
	case v == math.Trunc(v) || v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// smallest is the fewest people of the smaller pair: enough for a cycle of so many changes.
const smallest = 4000

// benchRound is what one round measured: the least, a pair, and a pair of a tenth of the people, and against pairs of their own a program
// made of others' clients, and both again where every call takes a while.
type benchRound struct {
	floor         FloorMeasured
	big, small    SyncMeasured
	clients, slow ClientsMeasured
	slowed        SyncMeasured
}

// benchLatency is how long a call takes where every call takes a while.
const benchLatency = 100 * time.Millisecond

// Bench measures whole cycles against imitated pairs in processes of their own, beside a program that does the least that
// any sync must. Marketo's limit of 100 calls in 20 seconds is lifted: waiting costs nothing, and takes long.
func Bench(ctx context.Context, o BenchOptions) (BenchReport, error) {
	var rounds []benchRound
	for i := range o.Rounds {
		o.Say(fmt.Sprintf("Round %d of %d: %d people, and %d …", i+1, o.Rounds, o.People, max(o.People/10, smallest)))
		var r benchRound
		err := withPair(ctx, o.People, 0, func(pair ServedSandbox) error {
			return errors.Join(runPart(ctx, BenchFloor, pair, &r.floor), runPart(ctx, BenchSync, pair, &r.big))
		})
		if err == nil {
			err = withPair(ctx, max(o.People/10, smallest), 0, func(pair ServedSandbox) error { return runPart(ctx, BenchSync, pair, &r.small) })
		}
		if err == nil && o.Clients != "" {
			err = r.beside(ctx, o)
		}
		if err != nil {
			return BenchReport{}, err
		}
		rounds = append(rounds, r)
	}
	var once benchOnce
	if o.People < manyPeople {
		o.Say(fmt.Sprintf("Without bulk jobs, with %d people …", o.People))
		if err := withPair(ctx, o.People, 0, func(pair ServedSandbox) error { return runPart(ctx, BenchPlain, pair, &once.plain) }); err != nil {
			return BenchReport{}, err
		}
		o.Say(fmt.Sprintf("Memory with %d people …", 2*o.People))
		if err := withPair(ctx, 2*o.People, 0, func(pair ServedSandbox) error { return runPart(ctx, BenchFirst, pair, &once.twice) }); err != nil {
			return BenchReport{}, err
		}
	}
	return benchReport(o, rounds, once), nil
}

// manyPeople is from how many people on bulk jobs are not left away, and memory is compared with that of a tenth of them: it would take very long.
const manyPeople = 500_000

// benchOnce is what is measured once: a first sync without bulk jobs, and one of twice as many people.
type benchOnce struct{ plain, twice SyncMeasured }

// beside measures the program made of others' clients, and both where every call takes a while.
func (r *benchRound) beside(ctx context.Context, o BenchOptions) error {
	clients := func(into *ClientsMeasured) func(ServedSandbox) error {
		return func(pair ServedSandbox) (err error) {
			*into, err = measureClients(ctx, o.Clients, pair)
			return err
		}
	}
	if err := withPair(ctx, o.People, 0, clients(&r.clients)); err != nil {
		return err
	}
	if err := withPair(ctx, o.People, benchLatency, clients(&r.slow)); err != nil {
		return err
	}
	return withPair(ctx, o.People, benchLatency, func(pair ServedSandbox) error { return runPart(ctx, BenchFirst, pair, &r.slowed) })
}

func benchReport(o BenchOptions, rounds []benchRound, once benchOnce) BenchReport {
	report := BenchReport{People: o.People, Rounds: o.Rounds}
	add := func(name, unit string, most float64, ours, floor func(benchRound) float64) {
		a, b := median(rounds, ours), median(rounds, floor)
		report.Lines = append(report.Lines, BenchLine{name, unit, a, b, a / max(b, 1e-9), most})
	}
	calls := func(name string, made func(benchRound) BenchCalls) {
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			least := func(r benchRound) float64 { return float64(made(r).Least[side.String()]) }
			most := median(rounds, func(r benchRound) float64 { return made(r).Most[side.String()] / max(least(r), 1) })
			add(name+": calls to "+sideName(side), "", math.Floor(100*most)/100, func(r benchRound) float64 { return float64(made(r).Made[side.String()]) }, least)
		}
	}
	only := func(applies bool, most float64) float64 {
		if applies {
			return most
		}
		return 0
	}
	first := fmt.Sprintf("first sync of %d", o.People)
	add(first+": processor", "s", 2.5, func(r benchRound) float64 { return r.big.First.CPU }, func(r benchRound) float64 { return r.floor.CPU })
	add(first+": time", "s", 0, func(r benchRound) float64 { return r.big.First.Wall }, func(r benchRound) float64 { return r.floor.Wall })
	if o.Clients != "" {
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			add(first+": records written to "+sideName(side)+", to jsforce and node-marketo-rest", "", 0,
				func(r benchRound) float64 { return float64(r.big.First.Written[side.String()]) }, func(r benchRound) float64 { return float64(r.clients.Written[side.String()]) })
		}
		add(first+": processor, to jsforce and node-marketo-rest", "s", 0, func(r benchRound) float64 { return r.big.First.CPU }, func(r benchRound) float64 { return r.clients.CPU })
		add(first+": time, to jsforce and node-marketo-rest", "s", 1.25, func(r benchRound) float64 { return r.big.First.Wall }, func(r benchRound) float64 { return r.clients.Wall })
		add(fmt.Sprintf("%s: the same, every call taking %v", first, benchLatency), "s", 0.6, func(r benchRound) float64 { return r.slowed.First.Wall }, func(r benchRound) float64 { return r.slow.Wall })
	}
	calls(first, func(r benchRound) BenchCalls { return r.big.First.Calls })
	if once.plain.First.CPU > 0 {
		plain := first + " without bulk jobs"
		calls(plain, func(benchRound) BenchCalls { return once.plain.First.Calls })
		for _, part := range []struct {
			name string
			of   BenchCalls
		}{{"people", once.plain.First.People}, {"companies, opportunities and all else", once.plain.First.Others}} {
			figure := func(of map[string]int) func(benchRound) float64 {
				return func(benchRound) float64 { return float64(of["marketo"]) }
			}
			add(plain+": calls to Marketo for "+part.name, "", only(o.People >= 100_000, 1.1), // with fewer, the last call for each object weighs much
				figure(part.of.Made), figure(part.of.Least))
		}
	}
	memory := func(r benchRound) float64 { return r.big.Memory }
	add(first+": memory, to 120 MB", "MB", 1, memory, func(benchRound) float64 { return 120 })
	if rounds[0].big.Rest > 0 {
		add("at rest after it: memory, to 80 MB", "MB", 1, func(r benchRound) float64 { return r.big.Rest }, func(benchRound) float64 { return 80 })
	}
	if o.People < manyPeople {
		add(fmt.Sprintf("first sync of %d: memory, to that of %d", 2*o.People, o.People), "MB", only(o.People >= 100_000, 1.1), // below, the caches are not full yet
			func(benchRound) float64 { return once.twice.Memory }, memory)
	} else {
		add(fmt.Sprintf("%s: memory, to that of %d", first, o.People/10), "MB", 1.15, memory, func(r benchRound) float64 { return r.small.Memory })
	}
	changes := fmt.Sprintf("cycle of %.0f changes a side", median(rounds, func(r benchRound) float64 { return float64(r.big.Edited) }))
	calls(changes, func(r benchRound) BenchCalls { return r.big.Changes.Calls })
	smaller := fmt.Sprintf(": processor, to that with %d people", max(o.People/10, smallest))
	add(changes+smaller, "s", only(o.People >= 1_000_000, 1.6), func(r benchRound) float64 { return r.big.Changes.CPU }, func(r benchRound) float64 { return r.small.Changes.CPU })
	if rounds[0].big.Many.Calls.Made != nil {
		calls(fmt.Sprintf("cycle of %d changes a side", manyEdits), func(r benchRound) BenchCalls { return r.big.Many.Calls })
		calls("the cycle after it", func(r benchRound) BenchCalls { return r.big.Echo.Calls })
	}
	idle := func(r benchRound) float64 { return r.big.Idle.CPU }
	calls("idle cycle", func(r benchRound) BenchCalls { return r.big.Idle.Calls })
	add("idle cycle"+smaller, "s", 0, idle, func(r benchRound) float64 { return r.small.Idle.CPU })
	add("idle cycle: processor, to a hundredth of a first sync of "+strconv.Itoa(o.People), "s", 1, idle, func(r benchRound) float64 { return r.big.First.CPU / 100 })
	for _, s := range []struct {
		name  string
		most  float64
		taken func(StartMeasured) Taken
	}{
		{"version", 6, func(s StartMeasured) Taken { return s.Version }},
		{fmt.Sprintf("status with %d people", o.People), 15, func(s StartMeasured) Taken { return s.Status }},
	} {
		if rounds[0].big.Start.Empty.CPU == 0 {
			break
		}
		add(s.name+": processor, to an empty program", "s", s.most, func(r benchRound) float64 { return s.taken(r.big.Start).CPU }, func(r benchRound) float64 { return r.big.Start.Empty.CPU })
		add(s.name+": time, to an empty program", "s", s.most, func(r benchRound) float64 { return s.taken(r.big.Start).Wall }, func(r benchRound) float64 { return r.big.Start.Empty.Wall })
	}
	return report
}

func median(rounds []benchRound, figure func(benchRound) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = figure(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// withPair runs do with an imitated pair in a process of its own, so that its work is not ours.
func withPair(ctx context.Context, people int, latency time.Duration, do func(ServedSandbox) error) (err error) {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the program cannot find itself: %w", err)
	}
	command := exec.CommandContext(ctx, program, "sandbox", "--people", strconv.Itoa(people), "--print-json", "--unpaced", "--latency", latency.String())
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("the sandbox cannot be started: %w", err)
	}
	defer func() { err = errors.Join(err, interrupt(command)) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	var pair ServedSandbox
	if err == nil {
		err = json.Unmarshal([]byte(line), &pair)
	}
	if err != nil {
		return errors.Join(errors.New("the sandbox did not say where it is"), err)
	}
	return do(pair)
}

func interrupt(command *exec.Cmd) error {
	if err := command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, command.Process.Kill())
	}
	var ended *exec.ExitError
	if err := command.Wait(); err != nil && !errors.As(err, &ended) {
		return err
	}
	return nil
}

// runPart measures one part in a process of its own: what it holds at most is not what others have held before. The
// pair's credentials go over standard input, as they would show among the processes.
func runPart(ctx context.Context, part string, pair ServedSandbox, into any) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the program cannot find itself: %w", err)
	}
	credentials, err := json.Marshal(pair)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, "bench", "--part", part)
	var said bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(credentials), &said
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("measure %s: %w: %s", part, err, strings.TrimSpace(said.String()))
	}
	return json.Unmarshal(out, into)
}

// BenchPart measures one part of a bench against the pair whose credentials stand in the reader; clients is the folder of BenchClients.
func BenchPart(ctx context.Context, part, clients string, in io.Reader) (any, error) {
	var pair ServedSandbox
	if err := json.NewDecoder(in).Decode(&pair); err != nil {
		return nil, inputf("--part takes what sandbox --print-json prints on standard input: %v", err)
	}
	switch part {
	case BenchFloor:
		return measureFloor(ctx, pair)
	case BenchClients:
		return measureClients(ctx, clients, pair)
	}
	return measureSync(ctx, pair, part)
}
