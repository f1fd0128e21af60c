package shot_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/shot"
)

// TestDashboard draws the picture in both themes, both languages and two sizes, and looks for what must be in it: the
// window's colour, ink, and both sides' colours in the chart.
func TestDashboard(t *testing.T) {
	keep := os.Getenv("DOPPIO_KEEP_PICTURES")
	rows := []struct {
		name    string
		options shot.Options
	}{
		{"light-en", shot.Options{Zone: time.UTC}},
		{"dark-nl", shot.Options{Zone: time.UTC, Dark: true, Language: "nl_NL.UTF-8"}},
		{"large-light-nl", shot.Options{Zone: time.UTC, Width: 1920, Height: 1080, Language: "nl"}},
		{"dense-dark-en", shot.Options{Zone: time.UTC, Density: 2, Dark: true}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			picture, err := shot.Dashboard(fake.Dashboard(), row.options)
			if err != nil {
				t.Fatal(err)
			}
			seen := colours(picture)
			want := map[string]uint32{"background": 0xf6f3ef, "panel": 0xffffff, "ink": 0x2b211b, "salesforce": 0x1b74c5, "marketo": 0x6b4fa8, "bad": 0xc4473d}
			if row.options.Dark {
				want = map[string]uint32{"background": 0x1c1815, "panel": 0x26211d, "ink": 0xf1ebe5, "salesforce": 0x5aa9ec, "marketo": 0xa78bea, "bad": 0xc4473d}
			}
			for name, rgb := range want {
				if seen[rgb] < 40 {
					t.Errorf("%s #%06x covers %d pixels", name, rgb, seen[rgb])
				}
			}
			if keep != "" {
				f, err := os.Create(filepath.Join(keep, row.name+".png"))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if err := shot.WritePNG(f, fake.Dashboard(), row.options); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func colours(picture image.Image) map[uint32]int {
	seen := map[uint32]int{}
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, blue, _ := picture.At(x, y).RGBA()
			seen[r>>8<<16|g>>8<<8|blue>>8]++
		}
	}
	return seen
}
