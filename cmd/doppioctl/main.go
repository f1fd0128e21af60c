// Command doppioctl does without a window what the app does with one: the same use cases, for scripts, servers and
// people who like a prompt. It builds without a C compiler and needs no display.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/doppio-sync/doppio/app"
	_ "github.com/doppio-sync/doppio/cmd/doppioctl/garbage"
	"github.com/doppio-sync/doppio/cmd/doppioctl/version"
	_ "github.com/doppio-sync/doppio/gui/locale" // before Fyne, which draws the demo's picture
)

// clock is nil, for this computer's own. A build that tests what a wrong one does sets it.
var clock func() time.Time

// globals are the flags that every command takes.
type globals struct {
	Home      string `help:"Folder of the workspaces." env:"DOPPIO_HOME" placeholder:"DIR" type:"path"`
	Secrets   string `help:"Where secrets are kept: keychain, that of the operating system, or file, sealed with DOPPIO_PASSPHRASE." enum:"keychain,file" default:"keychain"`
	JSON      bool   `name:"json" help:"Print one JSON document on standard output and nothing else there."`
	Quiet     bool   `short:"q" help:"Print no progress."`
	LogLevel  string `help:"Least level that is logged on standard error: ${enum}." enum:"debug,info,warn,error" default:"warn"`
	LogFormat string `help:"Form of the log: ${enum}." enum:"text,json" default:"text"`
}

// cli is the whole command line.
type cli struct {
	globals
	Demo       demoCommand       `cmd:"" help:"Watch people flow between two imitated systems."`
	Sandbox    sandboxCommand    `cmd:"" help:"Serve an imitated Salesforce and an imitated Marketo."`
	Workspace  workspaceCommand  `cmd:"" help:"List, make, show and forget workspaces."`
	Connect    connectCommand    `cmd:"" help:"Connect a workspace to Salesforce or to Marketo."`
	Check      checkCommand      `cmd:"" help:"Check both connections and what their users may do."`
	Setup      setupCommand      `cmd:"" help:"Say what Salesforce has to grant, ask the admin for it, or deploy it."`
	Mode       modeCommand       `cmd:"" help:"Set how far Doppio may go: observe, rehearse, live."`
	Settings   settingsCommand   `cmd:"" help:"Show or change a workspace's settings."`
	Mapping    mappingCommand    `cmd:"" help:"Show, suggest or change which fields travel, and link programs with campaigns."`
	Rules      rulesCommand      `cmd:"" help:"Show or change the rules that rewrite values on their way."`
	Filter     filterCommand     `cmd:"" help:"Say who takes part in the sync: show, change or try out the filter."`
	Price      priceCommand      `cmd:"" help:"Say what each field costs, and what a band, a quiet day or hiding would save."`
	Fields     fieldsCommand     `cmd:"" help:"Print the data dictionary: every mapped field, how full it is and how often it changes."`
	Sync       syncCommand       `cmd:"" help:"Run the sync: one cycle, or one every few minutes."`
	Rehearsal  rehearsalCommand  `cmd:"" help:"Show the last rehearsal, and what became of it."`
	Status     statusCommand     `cmd:"" help:"Say how a workspace stands."`
	Failures   failuresCommand   `cmd:"" help:"List refused writes, grouped by cause."`
	Retry      retryCommand      `cmd:"" help:"Try refused writes again."`
	Holds      holdsCommand      `cmd:"" help:"List changes that wait for your decision."`
	Resolve    resolveCommand    `cmd:"" help:"Decide a hold."`
	Undo       undoCommand       `cmd:"" help:"Put values back that Doppio wrote over: one, a person's, or a whole cycle's."`
	Explain    explainCommand    `cmd:"" help:"Say what became of a person, and why."`
	Whatif     whatifCommand     `cmd:"" help:"Say what a change of many records would cost, and whom it would keep waiting."`
	Bench      benchCommand      `cmd:"" help:"Measure whole cycles against the sandbox, as ratios to a floor."`
	Completion completionCommand `cmd:"" help:"Print the completion script of a shell."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings handed in.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	switch {
	case len(args) == 0: // nothing was asked for: the help, as an answer to a mistake
		run(ctx, []string{"--help"}, stdin, stderr, stderr)
		return app.ExitUsage
	case args[0] == "help":
		args = append(args[1:], "--help")
	}
	var c cli
	ended := false
	parser, err := kong.New(&c,
		kong.Name("doppioctl"),
		kong.Description("Marketo and Salesforce, in step. Everything stays on this computer.\n\nTry it without an account: doppioctl demo"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { ended = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(help),
	)
	if err != nil {
		return fail(stderr, false, stdout, fmt.Errorf("the command line is built wrongly: %w", err))
	}
	parsed, err := parser.Parse(args)
	switch {
	case ended: // help was asked for and printed
		return app.ExitDone
	case err != nil:
		return fail(stderr, wantsJSON(args), stdout, misuse(err))
	}
	s := &shell{globals: c.globals, in: stdin, out: stdout, err: stderr, parser: parser}
	s.app, err = app.New(app.Options{
		Home: c.Home, Secrets: app.SecretsKind(c.Secrets), Version: version.Number, Log: s.log(), Passphrase: s.passphrase, Now: clock,
	})
	if err == nil {
		parsed.BindTo(ctx, (*context.Context)(nil))
		err = parsed.Run(s)
		err = errors.Join(err, s.app.Close())
	}
	return s.fail(err)
}

// misuse says what is wrong with a command line, and whose help tells how it is right.
func misuse(err error) error {
	text, command := err.Error(), "doppioctl"
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		for _, step := range parse.Context.Path {
			if step.Command != nil {
				command = step.Command.FullPath()
			}
		}
	}
	if missing, ok := strings.CutPrefix(text, "expected "); ok {
		text = command + " needs " + strings.NewReplacer(`"<`, "<", `>"`, ">").Replace(missing)
	}
	return &app.InputError{Text: text + "; " + command + " --help says more"}
}

func wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "--json" {
			return true
		}
	}
	return false
}

// shell is what a command works with.
type shell struct {
	globals
	in       io.Reader
	out, err io.Writer
	parser   *kong.Kong
	app      *app.App
	code     int  // of a command that did its work, when not 0
	told     bool // the document on standard output says how it ended
}

func (s *shell) log() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelWarn
	}
	o := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(s.err, o))
	}
	return slog.New(slog.NewTextHandler(s.err, o))
}

// fail prints an error as a sentence and gives the exit code.
func (s *shell) fail(err error) int {
	if err == nil {
		return s.code
	}
	return fail(s.err, s.JSON && !s.told, s.out, err)
}

func fail(stderr io.Writer, asJSON bool, stdout io.Writer, err error) int {
	code := app.ExitCode(err)
	sentence := app.Say(err)
	if asJSON {
		printJSON(stdout, map[string]any{"error": sentence, "code": code})
	}
	if _, writeErr := fmt.Fprintln(stderr, "doppioctl: "+sentence); writeErr != nil {
		return app.ExitFailure
	}
	return code
}
