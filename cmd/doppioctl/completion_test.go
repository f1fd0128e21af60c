package main

import (
	"os/exec"
	"strings"
	"testing"
)

// What bash offers after a press of TAB, asked of bash itself.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	script, err := exec.CommandContext(t.Context(), binary, "completion", "bash").Output()
	if err != nil {
		t.Fatal(err)
	}
	const ask = `eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _doppioctl; echo "${COMPREPLY[*]}"`
	for _, c := range []struct{ typed, offers string }{
		{"wo", "workspace"},
		{"workspace ", "list new show forget --help"},
		{"workspace new acme --l", "--log-level --log-format --look-only"},
		{"connect salesforce acme --f", "--flow"},
		{"connect salesforce acme --flow ", "browser refresh-token client-credentials jwt"},
		{"connect salesforce acme --flow j", "jwt"},
		{"mode acme ", "observe rehearse live --help"},
		{"settings acme s", "show set"},
		{"completion ", "bash zsh fish --help"},
		{"--secrets ", "keychain file"},
		{"--json --log-level debug sync acme --on", "--once"},
		{"sync acme --every ", ""},
		{"status acme --js", "--json"},
	} {
		args := append([]string{"-c", ask, "bash", string(script), "doppioctl"}, strings.Split(c.typed, " ")...)
		out, err := exec.CommandContext(t.Context(), "bash", args...).CombinedOutput()
		offered := strings.TrimSpace(string(out))
		if err != nil || !strings.HasPrefix(offered, c.offers) || c.offers == "" && offered != "" {
			t.Errorf("%q offers %q, %v; want %q", c.typed, offered, err, c.offers)
		}
	}
}

// Every command has help with an example, and every command and flag stands in the scripts of all shells.
func TestHelp(t *testing.T) {
	t.Parallel()
	for path, page := range manual {
		args := append(strings.Fields(path), "--help")
		out, err := exec.CommandContext(t.Context(), binary, args...).Output()
		if err != nil || !strings.HasPrefix(string(out), "Usage: doppioctl") || !strings.HasSuffix(string(out), "Example:\n"+page.example) || page.example == "" {
			t.Errorf("the help of %q: %v\n%s", path, err, out)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, err := exec.CommandContext(t.Context(), binary, "completion", shell).Output()
		if err != nil {
			t.Fatal(err)
		}
		for path := range manual {
			for _, word := range strings.Fields(path) {
				if !strings.Contains(string(script), word) {
					t.Errorf("%s does not complete %q", shell, word)
				}
			}
		}
	}
	for _, args := range [][]string{{}, {"help"}, {"help", "sync"}} {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); !strings.Contains(string(out), "Usage: doppioctl") || (code == 2) != (len(args) == 0) {
			t.Errorf("doppioctl %v ended with %d, %v: %s", args, code, err, out)
		}
	}
}
