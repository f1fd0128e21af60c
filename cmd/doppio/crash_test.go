package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// dies ends the program in the worst way: with a secret and somebody's value in its hands, and both in what it cries out.
func dies(secret pace.Secret, value record.Value) {
	panic(fmt.Sprintf("as wanted: %v, %+v", secret, map[string]record.Value{"Email": value}))
}

// TestCrashIsWritten kills a child by a panic on a goroutine, which no recover sees, and finds its stack in the file, and neither secrets nor people;
// the next start keeps it under its date, and a start that ends well leaves nothing.
func TestCrashIsWritten(t *testing.T) {
	home := t.TempDir()
	child := exec.Command(os.Args[0])
	const secret = "anna.visser@kade12.example"
	child.Env = append(os.Environ(), "DOPPIO_TEST_CRASH_IN="+home, "DOPPIO_TEST_SECRET="+secret)
	if err := child.Run(); err == nil {
		t.Fatal("the child did not die")
	}
	text, err := os.ReadFile(filepath.Join(home, "crash.txt"))
	if err != nil || !strings.Contains(string(text), "as wanted") || !strings.Contains(string(text), "goroutine") {
		t.Fatalf("crash file: %v: %q", err, text)
	}
	if strings.Contains(string(text), secret) || strings.Contains(string(text), fmt.Sprintf("%x", secret)) {
		t.Error("the crash file tells what the program held in its hands")
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
