// Command doppio is the desktop app: flags, logging, a file for the case of a crash, and then the window.
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

	fyneapp "fyne.io/fyne/v2/app"
	"github.com/alecthomas/kong"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui"
	"github.com/doppio-sync/doppio/gui/look"
)

// version is set by the linker.
var version = "dev"

// id names the app to the operating system.
const id = "io.github.doppio-sync.doppio" // as in FyneApp.toml

// flags are the command line.
type flags struct {
	Home     string           `help:"Folder of the workspaces." env:"DOPPIO_HOME" placeholder:"DIR" type:"path"`
	Secrets  string           `help:"Where secrets are kept: the keychain of the operating system, or a file sealed with DOPPIO_PASSPHRASE." enum:"keychain,file" default:"keychain"`
	Demo     bool             `help:"Go straight to the sample data."`
	Theme    string           `help:"Colours: those of the system, light or dark." enum:"system,light,dark" default:"system"`
	Language string           `help:"Language of the window, en or nl; without it the system's." placeholder:"LANG"`
	LogLevel string           `help:"Least level that is logged on standard error." enum:"debug,info,warn,error" default:"warn"`
	Version  kong.VersionFlag `help:"Print the version."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("doppio"), kong.Description("Marketo and Salesforce, in step. Everything stays on this computer."), kong.Vars{"version": version})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, f, os.Stderr, end)
	stop()
	end(err)
}

// end ends the program, with a sentence when it did not go well.
func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "doppio: "+app.Say(err))
	}
	os.Exit(app.ExitCode(err))
}

// run shows the window. When it is closed, and all is put away, ended learns how that went; an error that run returns kept it from opening.
func run(ctx context.Context, f flags, stderr io.Writer, ended func(error)) (err error) {
	log, err := logger(f.LogLevel, stderr)
	if err != nil {
		return err
	}
	crash, err := watchForCrash(f.Home)
	if err != nil { // a missing crash file is no reason not to work
		log.Warn("no crash file", "error", err)
	}
	backend, err := app.New(app.Options{
		Home: f.Home, Secrets: app.SecretsKind(f.Secrets), Version: version, Log: log,
		Passphrase: func() (string, error) { return os.Getenv("DOPPIO_PASSPHRASE"), nil },
	})
	if err != nil {
		return errors.Join(err, crash.End())
	}
	defer func() { // Fyne has no other way to say it
		cause := recover()
		if said, ok := cause.(error); ok && strings.HasPrefix(said.Error(), "NotInitialized:") {
			err = errors.Join(errNoScreen, backend.Close(), crash.End())
		} else if cause != nil {
			panic(cause)
		}
	}()
	gui.Run(ctx, fyneapp.NewWithID(id), backend, gui.Options{
		Demo: f.Demo, Theme: theme(f.Theme), Language: f.Language, Log: log,
		Browser: func(address string) error { return app.OpenBrowser(ctx, address) },
	}, func() { ended(errors.Join(backend.Close(), crash.End())) })
	return nil
}

// errNoScreen is a program with a window on a computer that shows none.
var errNoScreen = &app.InputError{Text: "no window can be opened: this session has no screen, or none that may be used (DISPLAY). Start doppio on the desktop, or use doppioctl, which does all of it in a terminal."}

func logger(level string, to io.Writer) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, &app.InputError{Text: err.Error()}
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: l})), nil
}

func theme(name string) look.Theme {
	switch name {
	case "light":
		return look.Light()
	case "dark":
		return look.Dark()
	}
	return look.Theme{}
}
