//go:build clients

// Package clients holds the imitated systems against clients that other people wrote: jsforce, go-salesforce and
// node-marketo-rest. What they send and how they read answers was not decided here, so a shape that only our own clients
// accept is found. The build tag keeps the test out where their packages cannot be fetched.
package clients

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

func TestClients(t *testing.T) {
	fetch(t)
	for _, client := range []struct {
		name, folder string
		command      []string
	}{
		{"jsforce", ".", []string{"node", "salesforce.mjs"}},
		{"node-marketo-rest", ".", []string{"node", "marketo.mjs"}},
		{"go-salesforce", "gosalesforce", []string{"go", "run", "."}},
	} {
		t.Run(client.name, func(t *testing.T) {
			pair := served(t, 6000)
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				t.Fatal(err)
			}
			pair.Org().TrustKey(&key.PublicKey)
			credentials, err := json.Marshal(struct {
				sandbox.Credentials
				Key string `json:"key"` // of the certificate that the org trusts
			}{pair.Credentials(), string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))})
			if err != nil {
				t.Fatal(err)
			}
			run(t, credentials, client.folder, client.command...)
		})
	}
}

// served is a pair that listens until the test has ended.
func served(t *testing.T, people int) *sandbox.Pair {
	t.Helper()
	pair, err := sandbox.New(sandbox.Options{People: people, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	server, err := pair.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return pair
}

// fetch brings the packages of package-lock.json here, unless they are.
func fetch(t *testing.T) {
	t.Helper()
	wanted, err := os.Stat("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if have, err := os.Stat("node_modules/.package-lock.json"); err != nil || have.ModTime().Before(wanted.ModTime()) {
		run(t, nil, ".", "npm", "ci", "--prefer-offline", "--loglevel=error")
	}
}

// run runs a program to its end; what it says is shown when it fails.
func run(t *testing.T, input []byte, folder string, command ...string) {
	t.Helper()
	program := exec.CommandContext(t.Context(), command[0], command[1:]...)
	program.Dir, program.Stdin, program.WaitDelay = folder, bytes.NewReader(input), 5*time.Second
	if out, err := program.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
}
