// Package app is what people do with Doppio, one use case a file: make and forget a workspace, connect a side, check it,
// run the sync, see how it stands, decide a hold, explain a person, try it all on sample data. The window and doppioctl
// share it; nothing here draws.
//
// In flow what a person typed or clicked; out flow plain values and errors with a sentence. Secrets go to the Vault,
// everything else to the workspace's file.
package app

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/app/keychain"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/store"
)

// SecretsKind says where secrets are kept.
type SecretsKind string

// The kinds.
const (
	SecretsKeychain SecretsKind = "keychain"
	SecretsFile     SecretsKind = "file"
	// SecretsMemory forgets them with the process: for the demo.
	SecretsMemory SecretsKind = "memory"
)

// Options are what an App is made of.
type Options struct {
	// Home is the folder of the workspaces; empty means the operating system's configuration folder + "doppio".
	Home    string
	Secrets SecretsKind
	// Passphrase is asked for when a sealed file of secrets is first opened.
	Passphrase func() (string, error)
	Version    string
	Log        *slog.Logger
	// Transport carries the calls to both systems; nil is the network.
	Transport http.RoundTripper
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// App is Doppio without a face. It is safe for concurrent use.
type App struct {
	home    string
	version string
	log     *slog.Logger
	world   world
	open    func() (Vault, error)

	mu     sync.Mutex
	vault  Vault
	priced map[string]priced // by workspace

	resting resting
}

// ErrInUse is found when another process works in the workspace.
var ErrInUse = store.ErrInUse

// New makes an App. It touches neither disk nor keychain.
func New(o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Home == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return nil, inputf("there is no configuration folder here (%v); say --home DIR", err)
		}
		o.Home = filepath.Join(config, "doppio")
	}
	a := &App{
		home: o.Home, version: o.Version, log: o.Log,
		world: world{transport: o.Transport, now: o.Now, jitter: rand.Float64, files: files{store.Open, store.OpenReadOnly, (*store.Workspace).Close}},
	}
	switch o.Secrets {
	case SecretsMemory:
		a.open = func() (Vault, error) { return keychain.NewMemory(), nil }
	case SecretsFile:
		a.open = func() (Vault, error) { return keychain.OpenFile(filepath.Join(o.Home, "secrets.age"), o.Passphrase) }
	case SecretsKeychain, "":
		a.open = func() (Vault, error) { return keychain.OpenOS() }
	default:
		return nil, inputf("%q is not a place for secrets: keychain, file", o.Secrets)
	}
	return a, nil
}

// Close ends what the App holds open.
func (a *App) Close() error { return nil }

// secrets opens the vault when it is first needed: commands that only show never unseal anything.
func (a *App) secrets() (Vault, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.vault == nil {
		v, err := a.open()
		if err != nil {
			return nil, err
		}
		a.vault = v
	}
	return a.vault, nil
}

// keys are the keys of a workspace's file.
func (a *App) keys(ctx context.Context, name string) (store.Keys, error) {
	v, err := a.secrets()
	if err != nil {
		return store.Keys{}, err
	}
	master, ok, err := v.Get(ctx, name, secretDatabase)
	if err != nil {
		return store.Keys{}, err
	}
	if !ok {
		return store.Keys{}, input(pace.Say("trouble.key.elsewhere", "the key of workspace \"%1\" is not here: it was made on another computer, or with another --secrets; open it there", name))
	}
	return store.NewKeys(master)
}

// openWorkspace opens a workspace for writing and holds its lock until it is closed.
func (a *App) openWorkspace(ctx context.Context, name string) (*store.Workspace, error) {
	path, err := a.existing(name)
	if err != nil {
		return nil, err
	}
	keys, err := a.keys(ctx, name)
	if err != nil {
		return nil, err
	}
	w, err := a.world.files.open(ctx, path, keys, store.Options{Now: a.world.now})
	if err != nil || !w.Restored {
		return w, err
	}
	if err := a.distrust(ctx, w); err != nil {
		return nil, errors.Join(err, a.world.files.close(w))
	}
	return w, nil
}

// readWorkspace opens a workspace for showing, beside whoever writes. Without keys nothing is unsealed.
func (a *App) readWorkspace(ctx context.Context, name string, unseal bool) (*store.Workspace, error) {
	path, err := a.existing(name)
	if err != nil {
		return nil, err
	}
	var keys store.Keys
	if unseal {
		if keys, err = a.keys(ctx, name); err != nil {
			return nil, err
		}
	}
	return a.world.files.read(ctx, path, keys, store.Options{Now: a.world.now})
}

// within opens a workspace for writing, works in it, and closes it.
func (a *App) within(ctx context.Context, name string, work func(*store.Workspace) error) error {
	w, err := a.openWorkspace(ctx, name)
	if err != nil {
		return err
	}
	return errors.Join(work(w), a.world.files.close(w))
}

// beside opens a workspace for showing, looks, and closes it.
func (a *App) beside(ctx context.Context, name string, unseal bool, look func(*store.Workspace) error) error {
	w, err := a.readWorkspace(ctx, name, unseal)
	if err != nil {
		return err
	}
	return errors.Join(look(w), a.world.files.close(w))
}
