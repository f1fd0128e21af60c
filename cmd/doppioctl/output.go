package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
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

// table prints rows under a head, in columns.
func (s *shell) table(head []string, rows [][]string) {
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(s.err, "doppioctl: the table could not be printed:", err)
	}
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
	file, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", &app.InputError{Text: fmt.Sprintf("%s is needed: set %s, or run this on a terminal to be asked for it", prompt, variable)}
	}
	fmt.Fprintf(s.err, "%s: ", prompt)
	typed, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(s.err)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", prompt, err)
	}
	return strings.TrimSpace(string(typed)), nil
}

// passphrase opens the sealed file of secrets.
func (s *shell) passphrase() (string, error) {
	return s.secret("DOPPIO_PASSPHRASE", "Passphrase")
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

// helpWithExamples is kong's help, with the command's example at its end.
func helpWithExamples(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	path := "doppioctl"
	if ctx.Selected() != nil {
		path = ctx.Selected().Path()
	}
	if example := exampleOf(path); example != "" {
		_, err := fmt.Fprintf(ctx.Stdout, "\nExample:\n%s", example)
		return err
	}
	return nil
}
