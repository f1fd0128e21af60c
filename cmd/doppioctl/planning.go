package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

// planning prints a plan write by write, as it comes: of a million people it does not fit into memory. In JSON it is the first key of the
// document.
type planning struct {
	s     *shell
	out   *bufio.Writer
	begun bool // the document
}

func (s *shell) planning() *planning { return &planning{s: s, out: bufio.NewWriter(s.out)} }

func (p *planning) each(w app.Planned) error {
	if !p.s.JSON {
		p.s.clear()
		_, err := fmt.Fprintf(p.out, "  %-7s %-10s %-9s %s  %s\n", w.Action, w.Side, w.Object, w.ID, strings.Join(w.FieldNames(), " "))
		return err
	}
	before := ","
	if !p.begun {
		before, p.begun = `{"plan":[`, true
	}
	text, err := json.Marshal(w)
	if err == nil {
		_, err = fmt.Fprintf(p.out, "%s%s", before, text)
	}
	return err
}

// end ends the plan; planned is set where one was to be made.
func (p *planning) end(planned bool, err error) error {
	if p.s.JSON && planned && err == nil && !p.begun {
		p.begun = true
		_, err = p.out.WriteString(`{"plan":[`)
	}
	return errors.Join(err, p.out.Flush())
}

// document ends the document with what else is to be told, and with the error, which is given back.
func (p *planning) document(rest any, err error) error {
	text, encodeErr := json.Marshal(rest)
	if encodeErr != nil {
		return errors.Join(err, encodeErr)
	}
	more := ""
	if err != nil {
		why, encodeErr := json.Marshal(app.Say(err))
		if encodeErr != nil {
			return errors.Join(err, encodeErr)
		}
		more = `,"error":` + string(why) + `,"code":` + strconv.Itoa(app.ExitCode(err))
		p.s.told = true
	}
	_, writeErr := fmt.Fprintf(p.s.out, "],%s%s}\n", strings.TrimSuffix(strings.TrimPrefix(string(text), "{"), "}"), more)
	return errors.Join(err, writeErr)
}
