//go:build window

package main

import (
	"bytes"
	"context"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestRealWindow builds the app, opens its sample data on the display of the environment, finds the dashboard in a
// picture of the window, in both themes, and closes it as a person does: it ends with 0 and leaves no crash file.
// It wants xdotool and ImageMagick.
func TestRealWindow(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		t.Fatal("no display: run this under Xvfb")
	}
	program := filepath.Join(t.TempDir(), "doppio")
	if out, err := exec.Command("go", "build", "-tags", "migrated_fynedo,netgo,osusergo", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	rows := []struct {
		theme   string
		sidebar uint32 // no other screen has one
	}{
		{"light", 0xefe9e3},
		{"dark", 0x211c19},
	}
	for _, row := range rows {
		t.Run(row.theme, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			home := t.TempDir()
			var log bytes.Buffer
			window := exec.CommandContext(ctx, program, "--demo", "--theme", row.theme, "--home", home, "--secrets", "file")
			window.Stderr = &log
			window.Env = append(os.Environ(), "LIBGL_ALWAYS_SOFTWARE=1", "LANG=en_US.UTF-8")
			if err := window.Start(); err != nil {
				t.Fatal(err)
			}
			until(ctx, t, &log, func() bool { return covered(ctx, row.sidebar) > 10_000 })
			ended := make(chan error, 1)
			go func() { ended <- window.Wait() }()
			until(ctx, t, &log, func() bool { // without a window manager the focus may be refused the first time
				press := exec.CommandContext(ctx, "xdotool", "search", "--onlyvisible", "--name", "Doppio", "windowfocus", "key", "ctrl+q")
				if out, err := press.CombinedOutput(); err != nil {
					t.Logf("close the window: %v: %s", err, out)
				}
				return len(ended) > 0
			})
			if err := <-ended; err != nil {
				t.Errorf("the app ended with %v\n%s", err, log.String())
			}
			if left, err := filepath.Glob(filepath.Join(home, "crash*")); err != nil || len(left) > 0 {
				t.Errorf("crash files: %v, %v", left, err)
			}
		})
	}
}

// until asks again and again, because what happens in another process announces itself in no other way.
func until(ctx context.Context, t *testing.T, log *bytes.Buffer, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("it never came\n%s", log.String())
		case <-tick.C:
		}
	}
}

// covered counts the pixels of a colour on the screen.
func covered(ctx context.Context, rgb uint32) int {
	shot, err := exec.CommandContext(ctx, "import", "-silent", "-window", "root", "png:-").Output()
	if err != nil {
		return 0
	}
	picture, _, err := image.Decode(bytes.NewReader(shot))
	if err != nil {
		return 0
	}
	n := 0
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			if r>>8<<16|g>>8<<8|b>>8 == rgb {
				n++
			}
		}
	}
	return n
}
