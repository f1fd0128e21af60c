package main

import (
	"context"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/cmd/doppioctl/version"
	"github.com/doppio-sync/doppio/gui/shot"
)

type demoCommand struct {
	People int    `help:"Leads and Contacts in the imitated Salesforce." default:"2000"`
	Cycles int    `help:"Cycles after the first sync's rehearsal; edits are made before each but the last." default:"3"`
	Seed   uint64 `help:"Draws the people, the edits and the faults; the same seed gives the same." default:"1"`
	Faults string `help:"Make the imitated systems misbehave: ${enum}." enum:"none,rough,hostile" default:"none"`
	Shot   string `help:"Draw the dashboard into this picture." placeholder:"FILE.png" type:"path"`
}

func (c demoCommand) Run(ctx context.Context, s *shell) error {
	switch {
	case c.People < 1 || c.People > 1_000_000:
		return &app.InputError{Text: "--people takes a number from 1 to 1,000,000"}
	case c.Cycles < 1 || c.Cycles > 1000:
		return &app.InputError{Text: "--cycles takes a number from 1 to 1,000"}
	}
	say := func(line string) {
		if !s.JSON && !s.Quiet {
			s.clear()
			fmt.Fprintln(s.out, line)
		}
	}
	spareHeap(0)
	demo, err := app.RunDemo(ctx, app.DemoOptions{
		People: c.People, Cycles: c.Cycles, Seed: c.Seed, Faults: c.Faults, Say: say, Progress: s.progress(), Log: s.log(),
	})
	s.clear()
	if err != nil {
		return err
	}
	if c.Shot != "" {
		if err := c.draw(demo); err != nil {
			return err
		}
	}
	s.answer(demo.Result, func() {
		for _, line := range demo.Lines() {
			s.say("%s", line)
		}
		if c.Shot != "" {
			s.say("The dashboard is drawn in %s.", c.Shot)
		}
	})
	if demo.Result.Differences != 0 {
		s.code = app.ExitFailure
	}
	return nil
}

// draw puts the dashboard into a picture, whole or not at all.
func (c demoCommand) draw(demo app.Demo) (err error) {
	picture, err := shot.Dashboard(demo.Dashboard, shot.Options{Width: 1280, Height: 800})
	if err != nil {
		return fmt.Errorf("draw the dashboard: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(c.Shot), ".shot-*.png")
	if err != nil {
		return &app.InputError{Text: "the picture cannot be written there: " + err.Error()}
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the picture: %w", err)
			if removeErr := os.Remove(file.Name()); removeErr != nil {
				err = fmt.Errorf("%w (and %s is left behind)", err, file.Name())
			}
		}
	}()
	if err := png.Encode(file, picture); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), c.Shot)
}

type sandboxCommand struct {
	Listen     string        `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:0"`
	People     int           `help:"Leads and Contacts in the imitated Salesforce." default:"10000"`
	Seed       uint64        `help:"Draws the people; the same seed gives the same." default:"1"`
	Latency    time.Duration `help:"How long each answer takes at least." default:"0ms"`
	Faults     string        `help:"Make both systems misbehave: ${enum}." enum:"none,rough,hostile" default:"none"`
	NativeSync bool          `name:"native-sync" help:"Marketo's own sync with Salesforce is on."`
	Scenario   string        `placeholder:"NAME" help:"A pair in another state: bare is one that nobody has set up yet, strict one whose Salesforce has rules."`
	Unpaced    bool          `help:"Marketo takes any number of calls in 20 seconds: for measuring."`
	PrintJSON  bool          `name:"print-json" help:"Print addresses and credentials as one JSON object in the first line."`
}

func (c sandboxCommand) Run(ctx context.Context, s *shell) error {
	if c.People < 0 || c.People > 2_000_000 {
		return &app.InputError{Text: "--people takes a number from 0 to 2,000,000"}
	}
	spareHeap(c.People)
	return app.ServeSandbox(ctx, app.SandboxOptions{
		Listen: c.Listen, People: c.People, Seed: c.Seed, Latency: c.Latency, Faults: c.Faults, NativeSync: c.NativeSync, Scenario: c.Scenario, Unpaced: c.Unpaced,
	}, func(served app.ServedSandbox) {
		if c.PrintJSON || s.JSON {
			printJSON(s.out, served)
			return
		}
		s.say("Salesforce  %s\n  client id %s, secret %s\n  user %s, password %s\n  refresh token %s", served.Salesforce.LoginURL,
			served.Salesforce.ClientID, served.Salesforce.ClientSecret, served.Salesforce.Username, served.Salesforce.Password, served.Salesforce.RefreshToken)
		s.say("Marketo     %s\n  client id %s, secret %s", served.Marketo.BaseURL, served.Marketo.ClientID, served.Marketo.ClientSecret)
		s.say("Control     %s\nEnds with Ctrl+C.", served.ControlURL)
	})
}

type benchCommand struct {
	People int `help:"People in the measured pair." default:"20000"`
	Rounds int `help:"Interleaved rounds; the medians are compared." default:"3"`

	Clients string `help:"Folder of the program that syncs with jsforce and node-marketo-rest, to measure it as well: engine/sandbox/clients, after npm ci." placeholder:"DIR" type:"existingdir"`

	Part string `hidden:"" enum:"floor,clients,first,plain,sync," default:"" help:"Measure this part alone, against the pair on standard input."`
}

func (c benchCommand) Run(ctx context.Context, s *shell) error {
	if c.People < 100 || c.Rounds < 1 {
		return &app.InputError{Text: "--people takes 100 or more, --rounds 1 or more"}
	}
	if c.Part != "" {
		switch c.Part {
		case app.BenchFloor, app.BenchClients:
			spareHeap(0)
		default:
			spendHeap() // as sync does
		}
		measured, err := app.BenchPart(ctx, c.Part, c.Clients, s.in)
		if err != nil {
			return err
		}
		printJSON(s.out, measured)
		return nil
	}
	report, err := app.Bench(ctx, app.BenchOptions{People: c.People, Rounds: c.Rounds, Clients: c.Clients, Say: func(line string) {
		if !s.Quiet {
			fmt.Fprintln(s.err, line)
		}
	}})
	if err != nil {
		return err
	}
	s.answer(report, func() { s.table([]string{"MEASURED", "OURS", "LEAST", "RATIO", "AT MOST"}, report.Rows()) })
	return nil
}

type versionCommand struct{}

func (versionCommand) Run(s *shell) error {
	_, err := io.WriteString(s.out, version.Answer(s.JSON))
	return err
}
