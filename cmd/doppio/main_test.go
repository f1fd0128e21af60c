package main

import (
	"context"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// TestMain lets the test's own program be a child process that dies, or that is closed while it has much to do.
func TestMain(m *testing.M) {
	if home := os.Getenv("DOPPIO_TEST_CRASH_IN"); home != "" {
		if _, err := watchForCrash(home); err != nil {
			panic(err)
		}
		go dies(pace.Secret(os.Getenv("DOPPIO_TEST_SECRET")), record.Of(os.Getenv("DOPPIO_TEST_SECRET")))
		select {}
	}
	if home := os.Getenv("DOPPIO_TEST_BUSY_IN"); home != "" {
		for range 4 {
			go busy()
		}
		go closes()
		end(run(context.Background(), flags{Home: home, Secrets: "file", LogLevel: "warn"}, os.Stderr, end))
	}
	os.Exit(m.Run())
}

// busy keeps the UI thread busy as many screens at once would, until the program ends.
func busy() {
	defer func() { _ = recover() }() // Fyne's queue is closed while others write to it
	opened()
	for {
		fyne.Do(func() {})
		time.Sleep(50 * time.Microsecond)
	}
}

// closes closes the window soon after it is shown.
func closes() {
	opened()
	fyne.DoAndWait(func() {})
	time.Sleep(300 * time.Millisecond)
	fyne.Do(func() {
		for _, w := range fyne.CurrentApp().Driver().AllWindows() {
			w.Close()
		}
	})
}

func opened() {
	for fyne.CurrentApp() == nil {
		time.Sleep(time.Millisecond)
	}
}
