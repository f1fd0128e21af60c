package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// SandboxOptions say what pair is imitated.
type SandboxOptions struct {
	Listen     string
	People     int
	Seed       uint64
	Latency    time.Duration
	Faults     string
	NativeSync bool
	Unpaced    bool // Marketo takes any number of calls in 20 seconds
	Scenario   string
}

// ServedSandbox is where an imitated pair is reached, and with which credentials.
type ServedSandbox = sandbox.Credentials

// ServeSandbox serves an imitated pair over TCP until ctx ends. ready is called once it answers.
func ServeSandbox(ctx context.Context, o SandboxOptions, ready func(ServedSandbox)) error {
	pair, err := sandbox.New(sandbox.Options{
		People: o.People, Seed: o.Seed, Latency: o.Latency, Faults: o.Faults, NativeSync: o.NativeSync, Scenario: o.Scenario, Unpaced: o.Unpaced,
	})
	if err != nil {
		return inputf("%v", err)
	}
	defer pair.Close()
	server, err := pair.Listen(ctx, o.Listen)
	if err != nil {
		return inputf("%v", err)
	}
	ready(pair.Credentials())
	if err := server.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the sandbox ended: %w", err)
	}
	return nil
}
