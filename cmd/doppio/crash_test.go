package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test's own program die in a child process.
func TestMain(m *testing.M) {
	if home := os.Getenv("DOPPIO_TEST_CRASH_IN"); home != "" {
		if _, err := watchForCrash(home); err != nil {
			panic(err)
		}
		go func() { panic("as wanted") }()
		select {}
	}
	os.Exit(m.Run())
}

// TestCrashIsWritten kills a child by a panic on a goroutine, which no recover sees, and finds its stack in the file;
// the next start keeps it under its date, and a start that ends well leaves nothing.
func TestCrashIsWritten(t *testing.T) {
	home := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "DOPPIO_TEST_CRASH_IN="+home)
	if err := child.Run(); err == nil {
		t.Fatal("the child did not die")
	}
	text, err := os.ReadFile(filepath.Join(home, "crash.txt"))
	if err != nil || !strings.Contains(string(text), "as wanted") || !strings.Contains(string(text), "goroutine") {
		t.Fatalf("crash file: %v: %q", err, text)
	}
	c, err := watchForCrash(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.End(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(home, "*"))
	if err != nil || len(files) != 1 || !strings.HasPrefix(filepath.Base(files[0]), "crash-") {
		t.Errorf("left: %v, %v", files, err)
	}
}
