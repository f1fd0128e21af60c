package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"github.com/doppio-sync/doppio/app"
)

// printJSON writes one JSON document. An unwritable standard output has nobody to be told about.
func printJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		fmt.Fprintln(os.Stderr, "doppioctl: the answer could not be printed:", err)
	}
}

// say prints a line for people, unless JSON was asked for.
func (s *shell) say(format string, args ...any) {
	if !s.JSON {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// answer prints a command's result: the document, or what text prints.
func (s *shell) answer(document any, text func()) {
	if s.JSON {
		printJSON(s.out, document)
		return
	}
	text()
}

// outcome prints what was done also when it ended with an error, which is given back. In JSON the error stands in the same document.
func (s *shell) outcome(document any, err error, text func()) error {
	if s.JSON && err != nil {
		done, encodeErr := json.Marshal(document)
		if encodeErr != nil {
			return errors.Join(err, encodeErr)
		}
		var keys map[string]json.RawMessage
		if encodeErr := json.Unmarshal(done, &keys); encodeErr != nil {
			return errors.Join(err, encodeErr)
		}
		why, encodeErr := json.Marshal(app.Say(err))
		if encodeErr != nil {
			return errors.Join(err, encodeErr)
		}
		keys["error"], keys["code"] = why, json.RawMessage(strconv.Itoa(app.ExitCode(err)))
		printJSON(s.out, keys)
		s.told = true
		return err
	}
	s.answer(document, text)
	return err
}

// table prints rows in columns, under a head if there is one.
func (s *shell) table(head []string, rows [][]string) {
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	if head != nil {
		fmt.Fprintln(w, strings.Join(head, "\t"))
	}
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(s.err, "doppioctl: the table could not be printed:", err)
	}
}

// asks reports whether somebody is there who can be asked.
func (s *shell) asks() bool {
	file, ok := s.in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// terminal reports whether progress may be drawn.
func (s *shell) terminal() bool {
	file, ok := s.err.(*os.File)
	return ok && !s.Quiet && term.IsTerminal(int(file.Fd()))
}

// progress draws what a running cycle does, on terminals only.
func (s *shell) progress() func(app.Doing) {
	if !s.terminal() {
		return nil
	}
	return func(d app.Doing) {
		line := d.Sentence()
		if d.Total > 0 {
			const width = 24
			filled := min(width, width*d.Done/d.Total)
			line += "  " + strings.Repeat("█", filled) + strings.Repeat("░", width-filled) + fmt.Sprintf(" %d %%", 100*d.Done/d.Total)
		}
		fmt.Fprintf(s.err, "\r\x1b[K%s", line)
	}
}

// clear ends the progress line.
func (s *shell) clear() {
	if s.terminal() {
		fmt.Fprint(s.err, "\r\x1b[K")
	}
}

// secret gives a secret: from the environment, else from a prompt on a terminal. It never comes from a flag.
func (s *shell) secret(variable, prompt string) (string, error) {
	if v := os.Getenv(variable); v != "" {
		return v, nil
	}
	if !s.asks() {
		return "", &app.InputError{Text: fmt.Sprintf("the %s is needed: set %s, or run this on a terminal to be asked for it", prompt, variable)}
	}
	fmt.Fprintf(s.err, "%s: ", prompt)
	typed, err := term.ReadPassword(int(s.in.(*os.File).Fd()))
	fmt.Fprintln(s.err)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", prompt, err)
	}
	return strings.TrimSpace(string(typed)), nil
}

// passphrase opens the sealed file of secrets.
func (s *shell) passphrase() (string, error) {
	return s.secret("DOPPIO_PASSPHRASE", "passphrase of the secrets")
}

// lines reads one entry a line from standard input.
func (s *shell) lines() ([]string, error) {
	var out []string
	scanner := bufio.NewScanner(s.in)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			out = append(out, line)
		}
	}
	return out, scanner.Err()
}
