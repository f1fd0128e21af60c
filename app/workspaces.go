package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// The settings under which a workspace keeps what it is.
const (
	metaName     = "name"
	metaCreated  = "created"
	metaMode     = "mode"
	metaLookOnly = "look_only"
	metaSettings = "settings"
)

const databaseFile = "workspace.db"

// Workspace is a workspace as it is listed.
type Workspace struct {
	Name       string      `json:"name"`
	Mode       record.Mode `json:"mode"`
	LookOnly   bool        `json:"look_only"`
	Salesforce string      `json:"salesforce,omitempty"` // the org's host
	Marketo    string      `json:"marketo,omitempty"`    // the instance's host
	Created    time.Time   `json:"created,omitzero"`
	// Problem says why the workspace cannot be read, in a sentence.
	Problem string `json:"problem,omitempty"`

	trouble Sentence // the same, for other languages
}

// validName checks a workspace's name: 1 to 64 characters, no path separators.
func validName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n < 1 || n > 64:
		return input(pace.Say("trouble.name.length", "a workspace's name has 1 to 64 characters, this has %1", strconv.Itoa(n)))
	case !utf8.ValidString(name):
		return input(pace.Say("trouble.name.text", "a workspace's name is text in UTF-8"))
	case strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl):
		return input(pace.Say("trouble.name.signs", "a workspace's name has no path separators and no control characters"))
	case strings.TrimSpace(name) != name || strings.Trim(name, ".") == "":
		return input(pace.Say("trouble.name.ends", "a workspace's name has no blanks at its ends and is not made of dots"))
	}
	return nil
}

// folder is the workspace's folder: its name, with what some file system forbids written as %XX.
func (a *App) folder(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_.&'()+,=@", r) {
			fmt.Fprintf(&b, "%%%02X", r)
			continue
		}
		b.WriteRune(r)
	}
	return filepath.Join(a.home, "workspaces", b.String())
}

func (a *App) database(name string) string { return filepath.Join(a.folder(name), databaseFile) }

// existing is the path of a workspace's file, which must be there.
func (a *App) existing(name string) (string, error) {
	if err := validName(name); err != nil {
		return "", err
	}
	path := a.database(name)
	if _, err := os.Stat(path); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("the workspace %q cannot be reached: %w", name, err)
		}
		if aside := setAside(a.folder(name)); aside != "" {
			return "", &told{ErrNoWorkspace, pace.Say("trouble.workspace.aside", "the file of workspace \"%1\" was damaged and set aside as %2; put a backup in its place, as %3, or make the workspace anew (doppioctl workspace new) and connect it again", name, aside, path)}
		}
		return "", &told{ErrNoWorkspace, pace.Say("trouble.workspace.none", "no such workspace \"%1\"; doppioctl workspace list shows those that exist", name)}
	}
	return path, nil
}

// setAside is the newest damaged file of a workspace that was moved out of the way, or "".
func setAside(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "" // there is no workspace, which is said anyway
	}
	newest := ""
	for _, e := range entries { // by name, which ends in the time
		if store.IsAside(e.Name()) {
			newest = filepath.Join(folder, e.Name())
		}
	}
	return newest
}

// Workspaces lists all workspaces, by name. One that cannot be read is listed with its problem.
func (a *App) Workspaces(ctx context.Context) ([]Workspace, error) {
	entries, err := os.ReadDir(filepath.Join(a.home, "workspaces"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder of the workspaces cannot be read: %w", err)
	}
	list := []Workspace{}
	for _, entry := range entries {
		name, err := url.PathUnescape(entry.Name())
		if err != nil || a.folder(name) != filepath.Join(a.home, "workspaces", entry.Name()) {
			continue // none of ours
		}
		path, err := a.existing(name)
		if err != nil && setAside(a.folder(name)) == "" {
			continue
		}
		w := Workspace{Name: name}
		if err == nil {
			w, err = a.readMeta(ctx, path)
		}
		if err != nil {
			w = Workspace{Name: name, Problem: Say(err), trouble: Told(err)}
		}
		list = append(list, w)
	}
	slices.SortFunc(list, func(x, y Workspace) int { return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
	return list, nil
}

func (a *App) readMeta(ctx context.Context, path string) (w Workspace, err error) {
	ws, err := store.OpenReadOnly(ctx, path, store.Keys{}, store.Options{Now: a.world.now})
	if err != nil {
		return Workspace{}, err
	}
	defer func() { err = errors.Join(err, ws.Close()) }()
	return metaOf(ctx, ws)
}

func metaOf(ctx context.Context, ws *store.Workspace) (Workspace, error) {
	facts, err := ws.Settings(ctx, "")
	if err != nil {
		return Workspace{}, err
	}
	w := Workspace{Name: facts[metaName], LookOnly: facts[metaLookOnly] == "true"}
	if facts[metaMode] != "" {
		if w.Mode, err = record.ParseMode(facts[metaMode]); err != nil {
			return Workspace{}, err
		}
	}
	if facts[metaCreated] != "" {
		if w.Created, err = time.Parse(time.RFC3339, facts[metaCreated]); err != nil {
			return Workspace{}, fmt.Errorf("the day the workspace was made cannot be read: %w", err)
		}
	}
	var sf SalesforceConnection
	var mk MarketoConnection
	if err := errors.Join(decodeFact(facts[metaSalesforce], &sf), decodeFact(facts[metaMarketo], &mk)); err != nil {
		return Workspace{}, err
	}
	w.Salesforce, w.Marketo = hostOf(sf.LoginURL), hostOf(mk.BaseURL)
	return w, nil
}

func decodeFact(text string, into any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("a setting of the workspace cannot be read: %w", err)
	}
	return nil
}

func encodeFact(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("keep a setting: %w", err)
	}
	return string(text), nil
}

func hostOf(address string) string {
	_, host, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	return host
}

// Workspace shows one workspace.
func (a *App) Workspace(ctx context.Context, name string) (Workspace, error) {
	path, err := a.existing(name)
	if err != nil {
		return Workspace{}, err
	}
	return a.readMeta(ctx, path)
}

// NewWorkspace makes a workspace. With lookOnly it can never leave Observe.
func (a *App) NewWorkspace(ctx context.Context, name string, lookOnly bool) error {
	if err := validName(name); err != nil {
		return err
	}
	if a.made(ctx, name) {
		return input(pace.Say("trouble.workspace.twice", "there is a workspace \"%1\" already", name))
	}
	vault, err := a.secrets()
	if err != nil {
		return err
	}
	// The key first: a file whose key was lost is worth nothing, a key without a file does no harm. A key that is there
	// opens a damaged file that was set aside, or its backup, so it stays.
	if _, ok, err := vault.Get(ctx, name, secretDatabase); err != nil {
		return err
	} else if !ok {
		master, err := store.NewMaster()
		if err != nil {
			return err
		}
		if err := vault.Set(ctx, name, secretDatabase, master); err != nil {
			return err
		}
	}
	return a.create(ctx, name, func(w *store.Workspace) error {
		return w.SetSettings(ctx, map[string]string{
			metaName: name, metaCreated: a.world.now().UTC().Format(time.RFC3339), metaMode: record.Observe.String(), metaLookOnly: fmt.Sprint(lookOnly),
		})
	})
}

// made reports whether a workspace is there. A file that says nothing of itself is left from one whose making was cut off.
func (a *App) made(ctx context.Context, name string) bool {
	info, err := os.Stat(a.database(name))
	if err != nil || info.Size() == 0 {
		return false
	}
	w, err := a.readMeta(ctx, a.database(name))
	return err != nil || w.Name != ""
}

// create is within for a file that need not exist yet.
func (a *App) create(ctx context.Context, name string, work func(*store.Workspace) error) error {
	keys, err := a.keys(ctx, name)
	if err != nil {
		return err
	}
	w, err := store.Open(ctx, a.database(name), keys, store.Options{Now: a.world.now})
	if err != nil {
		return err
	}
	return errors.Join(work(w), w.Close())
}

// Forget removes a workspace from this computer: file, companions, files set aside, and secrets. Both systems keep
// their data. It waits for nobody: a workspace in use is ErrInUse. What was cut off before all was gone, it finishes when it is asked again.
func (a *App) Forget(ctx context.Context, name string) error {
	_, missing := a.existing(name)
	if setAside(a.folder(name)) != "" {
		missing = nil
	}
	vault, err := a.secrets()
	if err != nil {
		return err
	}
	_, kept, err := vault.Get(ctx, name, secretDatabase)
	switch {
	case missing != nil && !kept:
		return missing
	case err != nil: // what cannot be forgotten whole is not begun
		return err
	}
	if _, err := os.Stat(a.folder(name)); err == nil {
		if err := store.Remove(a.database(name)); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(a.folder(name)); err != nil {
		return fmt.Errorf("the folder of workspace %q could not be removed whole; remove %s by hand: %w", name, a.folder(name), err)
	}
	return vault.Forget(ctx, name)
}

// SetMode sets how far Doppio may go. Live needs both connections, no native sync, and a workspace that is not look-only.
func (a *App) SetMode(ctx context.Context, name string, mode record.Mode) error {
	w, err := a.Workspace(ctx, name)
	if err != nil {
		return err
	}
	if w.LookOnly && mode != record.Observe {
		return input(pace.Say("trouble.mode.looking", "workspace \"%1\" is look-only: it can never leave observe", name))
	}
	if mode != record.Observe && (w.Salesforce == "" || w.Marketo == "") {
		return input(pace.Say("trouble.mode.unconnected", "%1 needs both connections; connect Salesforce and Marketo first", mode.String()))
	}
	if mode == record.Live {
		if err := a.refuseNativeSync(ctx, name); err != nil {
			return err
		}
	}
	return a.within(ctx, name, func(ws *store.Workspace) error { return ws.SetSetting(ctx, metaMode, mode.String()) })
}

// ChangedSettings are all settings as they are after a change.
type ChangedSettings struct {
	Settings
	// Entering counts the people whom Marketo alone has, where making leads of them was just turned on: the cycles to come look at them.
	Entering int
}

// EnterAtMost is how many of them one cycle looks at.
const EnterAtMost = cycle.ShareAtMost

// ChangeSettings changes settings given as KEY=VALUE, if any, and gives all of them as they are then.
func (a *App) ChangeSettings(ctx context.Context, name string, assignments ...string) (s ChangedSettings, err error) {
	if len(assignments) == 0 {
		err := a.beside(ctx, name, false, func(w *store.Workspace) (err error) {
			s.Settings, err = settingsOf(ctx, w)
			return err
		})
		return s, err
	}
	err = a.within(ctx, name, func(w *store.Workspace) (err error) {
		if s.Settings, err = settingsOf(ctx, w); err != nil {
			return err
		}
		before := s.CreateInSalesforce
		if err := s.Set(assignments...); err != nil {
			return err
		}
		if s.CreateInSalesforce && !before {
			counts, err := w.Counts(ctx)
			if err != nil {
				return err
			}
			s.Entering = counts.Alone[record.Marketo]
		}
		return keepSettings(ctx, w, s.Settings)
	})
	return s, err
}

func keepSettings(ctx context.Context, w *store.Workspace, s Settings) error {
	text, err := encodeFact(s)
	if err != nil {
		return err
	}
	return w.SetSetting(ctx, metaSettings, text)
}

// settingsOf reads a workspace's settings over the defaults.
func settingsOf(ctx context.Context, w *store.Workspace) (Settings, error) {
	s := DefaultSettings()
	text, err := w.Setting(ctx, metaSettings)
	if err != nil {
		return s, err
	}
	return s, decodeFact(text, &s)
}
