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
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/app"
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
	t.Run("no screen", func(t *testing.T) {
		var log bytes.Buffer
		window := opens(t.Context(), &log, program, "--home", t.TempDir(), "--secrets", "file")
		window.Env = append(window.Env, "DISPLAY=")
		if err := window.Run(); window.ProcessState.ExitCode() != app.ExitUsage || !strings.Contains(log.String(), "doppioctl") || strings.Contains(log.String(), "goroutine") {
			t.Errorf("it ended with %v\n%s", err, log.String())
		}
	})
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
			holdsDisplay(t)
			var log bytes.Buffer
			window := opens(ctx, &log, program, "--demo", "--theme", row.theme, "--home", home, "--secrets", "file")
			if err := window.Start(); err != nil {
				t.Fatal(err)
			}
			until(ctx, t, &log, func() bool { return covered(ctx, row.sidebar) > 10_000 })
			ended := make(chan error, 1)
			go func() { ended <- window.Wait() }()
			press := func() { // without a window manager the focus may be refused the first time
				if out, err := exec.CommandContext(ctx, "xdotool", "search", "--onlyvisible", "--name", "Doppio", "windowfocus", "key", "ctrl+q").CombinedOutput(); err != nil {
					t.Logf("close the window: %v: %s", err, out)
				}
			}
			if err := closed(ended, press); err != nil {
				t.Errorf("the app ended with %v\n%s", err, log.String())
			}
			if left, err := filepath.Glob(filepath.Join(home, "crash*")); err != nil || len(left) > 0 {
				t.Errorf("crash files: %v, %v", left, err)
			}
		})
	}
}

// TestEndsWhileBusy closes windows at the moment when other goroutines have most to show: each program ends, with 0, and nothing of it is left.
func TestEndsWhileBusy(t *testing.T) {
	holdsDisplay(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for range 4 {
				endsBusy(t)
			}
		})
	}
	all.Wait()
}

// endsBusy lets a program be closed that has much to show.
func endsBusy(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	home := t.TempDir()
	var log bytes.Buffer
	child := opens(ctx, &log, os.Args[0])
	child.Env = append(child.Env, "DOPPIO_TEST_BUSY_IN="+home)
	if err := child.Run(); err != nil {
		t.Errorf("it ended with %v\n%s", err, log.String())
	}
	if left, err := filepath.Glob(filepath.Join(home, "crash*")); err != nil || len(left) > 0 {
		t.Errorf("crash files: %v, %v", left, err)
	}
}

// holdsDisplay keeps a client on the display until release is called: Xvfb starts over when the last one leaves, and a program that comes
// in that moment finds no display.
func holdsDisplay(t *testing.T) (release func()) {
	t.Helper()
	client := exec.Command("xdotool", "sleep", "600")
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	release = sync.OnceFunc(func() {
		_ = client.Process.Kill() // it may have gone
		_ = client.Wait()
	})
	t.Cleanup(release)
	return release
}

// opens is a program with a window. When ctx ends before it does, it writes to log where it stands.
func opens(ctx context.Context, log *bytes.Buffer, program string, args ...string) *exec.Cmd {
	window := exec.CommandContext(ctx, program, args...)
	window.Stderr = log
	window.Env = append(os.Environ(), "LIBGL_ALWAYS_SOFTWARE=1", "LANG=en_US.UTF-8")
	window.Cancel = func() error { return window.Process.Signal(syscall.SIGQUIT) }
	window.WaitDelay = 10 * time.Second
	return window
}

// closed presses what closes a program that opens gave, until it has ended, and gives how it did.
func closed(ended <-chan error, press func()) error {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		press()
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
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
