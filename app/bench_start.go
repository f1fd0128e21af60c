package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// StartMeasured is what starts took, medians in seconds of processor and of time. Zero: there is no Go here to build an empty program with.
type StartMeasured struct {
	Empty, Version, Status Taken
}

// Taken is processor and time, in seconds.
type Taken struct {
	CPU  float64 `json:"cpu"`
	Wall float64 `json:"wall"`
}

// starts is how often each is started: the medians of fewer are not the same twice.
const starts = 100

// measureStart starts an empty Go program, version, and the status of a workspace, in turns.
func measureStart(ctx context.Context, home string) (done StartMeasured, err error) {
	compiler, err := exec.LookPath("go")
	if err != nil {
		return done, nil
	}
	program, err := os.Executable()
	if err != nil {
		return done, fmt.Errorf("the program cannot find itself: %w", err)
	}
	source, empty := filepath.Join(home, "empty.go"), filepath.Join(home, "empty")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return done, err
	}
	if out, err := exec.CommandContext(ctx, compiler, "build", "-o", empty, source).CombinedOutput(); err != nil {
		return done, fmt.Errorf("an empty program does not build: %w: %s", err, out)
	}
	commands := [][]string{{empty}, {program, "version"}, {program, "--home", home, "status", sampleName}}
	taken := make([][]Taken, len(commands))
	for range starts {
		for i, c := range commands {
			one, err := takenBy(ctx, c)
			if err != nil {
				return done, err
			}
			taken[i] = append(taken[i], one)
		}
	}
	return StartMeasured{Empty: middle(taken[0]), Version: middle(taken[1]), Status: middle(taken[2])}, nil
}

// takenBy is what one run of a command took.
func takenBy(ctx context.Context, command []string) (Taken, error) {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	began := time.Now()
	if err := c.Run(); err != nil { // what it says goes nowhere
		return Taken{}, fmt.Errorf("%v: %w", command, err)
	}
	return takenSince(began, c), nil
}

// takenSince is what a command took that has come to its end.
func takenSince(began time.Time, c *exec.Cmd) Taken {
	wall := time.Since(began)
	return Taken{(c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), wall.Seconds()}
}

// middle is the median of each.
func middle(all []Taken) Taken {
	of := func(figure func(Taken) float64) float64 {
		values := make([]float64, len(all))
		for i, t := range all {
			values[i] = figure(t)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return Taken{of(func(t Taken) float64 { return t.CPU }), of(func(t Taken) float64 { return t.Wall })}
}
