//go:build pictures

package shot

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/rights"
	"github.com/doppio-sync/doppio/gui/start"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

var (
	out = flag.String("out", "../../docs/pictures", "the folder of the pictures that documents show")
	all = flag.String("all", "", "a folder for the dashboard in every theme, language and size; none: not drawn")
)

// The days that are lived through: a Thursday at noon until the Tuesday after it.
var (
	begin = time.Date(2026, time.November, 19, 12, 0, 0, 0, time.UTC)
	end   = time.Date(2026, time.November, 24, 12, 4, 0, 0, time.UTC)
)

const people = 12_000

// TestPictures draws the pictures that documents show. Nothing in them is made up: a workspace joins an imitated pair and
// runs its cycles of five minutes for five days of virtual time, while an office edits on both sides. The same seed makes
// the same days.
func TestPictures(t *testing.T) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, 1)
	var seen scenes
	synctest.Test(t, func(t *testing.T) { seen = live(t, home) })
	draw(t, seen)
}

// scenes is what was seen on those days.
type scenes struct {
	first, last app.Dashboard         // during the first sync, and in the end
	lists       map[string]start.View // by language
}

func live(t *testing.T, home string) (seen scenes) {
	now := clock()
	const name = "Acme B.V."
	a, pair := joined(t, home, name, sandbox.Options{People: people, Seed: 1, Latency: 180 * time.Millisecond, Now: now})
	if err := a.SetMode(t.Context(), name, record.Live); err != nil {
		t.Fatal(err)
	}
	running, err := a.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for p := seen.first.Running; p == nil || p.Phase != app.PhaseWrite || p.Done < p.Total/3; p = seen.first.Running {
		time.Sleep(100 * time.Millisecond) // the bubble's clock
		seen.first = board(t, running)
	}
	office(t, pair, now)
	seen.last = board(t, running)
	if err := running.Close(); err != nil {
		t.Fatal(err)
	}
	seen.lists = listed(t, a, now)
	return seen
}

// clock runs with the bubble's, from the begin on.
func clock() func() time.Time {
	shift := time.Until(begin)
	return func() time.Time { return time.Now().Add(shift).UTC() }
}

// joined is a workspace that is connected to an imitated pair, whose clock both go by.
func joined(t *testing.T, home, name string, o sandbox.Options) (*app.App, *sandbox.Pair) {
	t.Helper()
	pair, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	a, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Version: "pictures", Transport: pair.Transport(), Now: pair.Now})
	if err != nil {
		t.Fatal(err)
	}
	c := pair.Credentials()
	if err := a.NewWorkspace(t.Context(), name, false); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ConnectSalesforce(t.Context(), name, app.ConnectSalesforce{
		LoginURL: c.Salesforce.LoginURL, ClientID: c.Salesforce.ClientID, ClientSecret: c.Salesforce.ClientSecret,
		Flow: app.FlowRefreshToken, RefreshToken: c.Salesforce.RefreshToken,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ConnectMarketo(t.Context(), name, app.ConnectMarketo{
		BaseURL: c.Marketo.BaseURL, ClientID: c.Marketo.ClientID, ClientSecret: c.Marketo.ClientSecret,
	}); err != nil {
		t.Fatal(err)
	}
	return a, pair
}

// board is the dashboard at this moment.
func board(t *testing.T, running app.Running) (d app.Dashboard) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	if err := running.Watch(ctx, func(now app.Dashboard) { d = now; cancel() }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return d
}

// listed is what the start page shows of the workspace, and of one that was made and not connected, in each language.
func listed(t *testing.T, a *app.App, now func() time.Time) map[string]start.View {
	t.Helper()
	if err := a.NewWorkspace(t.Context(), "Client visit", true); err != nil {
		t.Fatal(err)
	}
	lists := map[string]start.View{}
	for _, language := range words.Languages() {
		ctx, cancel := context.WithCancel(t.Context())
		model := start.NewModel(words.For(language), a, now)
		if err := model.Watch(ctx, func(v start.View) {
			if v.State == start.Full {
				lists[language] = v
				cancel()
			}
		}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	return lists
}

// office works until the end: sales in Salesforce and campaigns in Marketo, most at ten and at three, little at night and
// at the weekend. Twice a data loader goes over many records in batches, and once both systems are in trouble.
func office(t *testing.T, pair *sandbox.Pair, now func() time.Time) {
	rng := rand.New(rand.NewPCG(1, 0x0ff1ce))
	edit := func(side record.Side, n int, fields ...string) {
		if n == 0 {
			return
		}
		if _, err := pair.Edit(sandbox.Edit{Sides: []record.Side{side}, People: n, Seed: rng.Uint64(), Fields: fields}); err != nil {
			t.Fatal(err)
		}
	}
	day := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.November, day, hour, minute, 0, 0, time.UTC)
	}
	during := func(from, until time.Time) bool { return !now().Before(from) && now().Before(until) }
	for now().Before(end) {
		time.Sleep(time.Minute) // the bubble's clock
		busy := activity(now())
		edit(record.Salesforce, rng.IntN(1+int(26*busy)))
		edit(record.Marketo, rng.IntN(1+int(18*busy)))
		switch {
		case during(day(20, 21, 30), day(20, 22, 10)):
			edit(record.Marketo, 40+rng.IntN(40), "leadScore")
		case during(day(24, 2, 45), day(24, 3, 50)):
			edit(record.Salesforce, 90+rng.IntN(90), "Title")
		}
		profile := "none"
		if during(day(23, 14, 50), day(23, 15, 40)) {
			profile = "rough"
		}
		if err := pair.Faults(profile); err != nil {
			t.Fatal(err)
		}
	}
}

// activity is how busy the office is, from 0 to 1.
func activity(at time.Time) float64 {
	hour := float64(at.Hour()) + float64(at.Minute())/60
	morning, afternoon := math.Exp(-math.Pow((hour-10)/1.6, 2)), math.Exp(-math.Pow((hour-15)/1.8, 2))
	busy := 0.1 + 0.9*max(morning, afternoon)
	if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
		busy *= 0.15
	}
	return busy
}

// draw makes the pictures.
func draw(t *testing.T, seen scenes) {
	drawn := func(d app.Dashboard, o Options) image.Image {
		picture, err := Dashboard(d, o)
		if err != nil {
			t.Fatal(err)
		}
		return picture
	}
	keep(t, *out, "overview", drawn(seen.last, Options{Zone: time.UTC}))
	keep(t, *out, "overview-dark-dutch", drawn(seen.last, Options{Zone: time.UTC, Dark: true, Language: "nl", FiveDays: true}))
	keep(t, *out, "first-sync", drawn(seen.first, Options{Zone: time.UTC}))
	keep(t, *out, "start", seen.start(Options{Height: 640}))
	each(t, "0-start", seen.start)
	if *all == "" {
		return
	}
	for _, language := range words.Languages() {
		for _, size := range [][2]int{{1280, 800}, {1920, 1080}} {
			for _, dark := range []bool{false, true} {
				name := fmt.Sprintf("%s-%d-dark-%v", language, size[0], dark)
				keep(t, *all, name, drawn(seen.last, Options{Width: size[0], Height: size[1], Dark: dark, Language: language, Zone: time.UTC, FiveDays: dark}))
			}
		}
	}
}

// start is the first page.
func (seen scenes) start(o Options) image.Image {
	o = o.filled()
	w := o.enter()
	screen := start.New(w, nil, nil, start.Ways{})
	screen.Show(seen.lists[w.Language()])
	return o.stage(screen.Content()).Capture()
}

// TestPermissionsPicture draws what the sync user may do in an org that nobody has set up yet.
func TestPermissionsPicture(t *testing.T) {
	home := t.TempDir()
	var picture image.Image
	synctest.Test(t, func(t *testing.T) {
		a, _ := joined(t, home, "Acme B.V.", sandbox.Options{People: 50, Seed: 1, Scenario: sandbox.Bare, Now: clock()})
		r, err := a.Rights(t.Context(), "Acme B.V.")
		if err != nil {
			t.Fatal(err)
		}
		o := Options{}.filled()
		w := o.enter()
		entry := wizard.Entry{Key: "rights", New: func(at wizard.At) wizard.Page {
			page := rights.New(w, at, rights.Ways{})
			page.Show(rights.Picture(w, r))
			return page
		}}
		side := frame.NewSidebar(wizard.Places(w, "rights", nil), frame.Place{Text: w.Say("overview.all")})
		side.Set("Acme B.V.", w.Say("mode.observe"))
		picture = o.stage(wizard.NewPlace(w, side, entry, "Acme B.V.", still{}).Content()).Capture()
	})
	keep(t, *out, "permissions", picture)
}

// each draws a page of the set-up in both themes and languages for the documents; where all is asked for, in a small window too.
func each(t *testing.T, name string, draw func(Options) image.Image) {
	t.Helper()
	every(func(suffix string, o Options) {
		if o.Width == 0 {
			keep(t, filepath.Join(*out, "set-up"), name+suffix, draw(o))
		} else if *all != "" {
			keep(t, *all, name+suffix, draw(o))
		}
	})
}

// every gives both themes and languages, in a window of the usual size and in a small one.
func every(draw func(suffix string, o Options)) {
	for _, language := range words.Languages() {
		for theme, dark := range map[string]bool{"light": false, "dark": true} {
			suffix := "-" + theme + "-" + language
			draw(suffix, Options{Dark: dark, Language: language})
			draw("-small"+suffix, Options{Width: 1024, Height: 640, Dark: dark, Language: language})
		}
	}
}

func keep(t *testing.T, folder, name string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := errors.Join(encoder.Encode(file, fewer(picture)), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// fewer gives each pixel the nearest of 256 colours, the picture's commonest that are far enough from each other: what is drawn has few hues,
// and the file is a third as long.
func fewer(picture image.Image) image.Image {
	b, count := picture.Bounds(), map[color.NRGBA]int{}
	at := func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA) }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	common := slices.SortedFunc(maps.Keys(count), func(a, b color.NRGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B)) // always the same
	})
	var palette color.Palette
	for apart := 12; len(palette) < min(256, len(common)) && apart >= 0; apart -= 4 {
		for _, c := range common {
			if len(palette) < 256 && !slices.ContainsFunc(palette, func(p color.Color) bool { return distance(c, p.(color.NRGBA)) <= apart }) {
				palette = append(palette, c)
			}
		}
	}
	out, nearest := image.NewPaletted(b, palette), map[color.NRGBA]uint8{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			n, known := nearest[c]
			if !known {
				n = uint8(palette.Index(c))
				nearest[c] = n
			}
			out.SetColorIndex(x, y, n)
		}
	}
	return out
}

// distance is how far two colours are apart in the channel that differs most.
func distance(a, b color.NRGBA) int {
	d := func(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }
	return max(d(a.R, b.R), d(a.G, b.G), d(a.B, b.B))
}
