package instance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Marketo REST API, Limits: 300 records a call.
const maxRecords = 300

// member is one field of a record as it was sent.
type member struct {
	name  string
	value raw
}

// record is one element of "input".
type inputRecord []member

func (r inputRecord) get(name string) (raw, bool) {
	for _, m := range r {
		if m.name == name {
			return m.value, true
		}
	}
	return raw{}, false
}

// command is a body of the form {"action":…,"input":[{…},…]}.
type command struct {
	params map[string]raw
	input  []inputRecord
}

func (c command) text(name string) string {
	v := c.params[name]
	if v.kind == 'n' {
		return ""
	}
	return v.text
}

var errJSON = fail(609, "Invalid JSON")

// readCommand takes a body apart without building maps for the records.
func readCommand(body []byte) (command, error) {
	c := command{params: map[string]raw{}}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return c, errJSON
	}
	for d.PeekKind() == '"' {
		t, err := d.ReadToken()
		if err != nil {
			return c, errJSON
		}
		name := t.String()
		if name == "input" && d.PeekKind() == '[' {
			if err := c.readInput(d); err != nil {
				return c, err
			}
			continue
		}
		v, err := readRaw(d)
		if err != nil {
			return c, err
		}
		c.params[name] = v
	}
	if t, err := d.ReadToken(); err != nil || t.Kind() != '}' {
		return c, errJSON
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return c, errJSON
	}
	return c, nil
}

func (c *command) readInput(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return errJSON
	}
	for d.PeekKind() == '{' {
		if _, err := d.ReadToken(); err != nil {
			return errJSON
		}
		var r inputRecord
		if n := len(c.input); n > 0 {
			r = make(inputRecord, 0, len(c.input[n-1]))
		}
		for d.PeekKind() == '"' {
			t, err := d.ReadToken()
			if err != nil {
				return errJSON
			}
			name := t.String()
			v, err := readRaw(d)
			if err != nil {
				return err
			}
			r = append(r, member{name, v})
		}
		if t, err := d.ReadToken(); err != nil || t.Kind() != '}' {
			return errJSON
		}
		c.input = append(c.input, r)
	}
	if t, err := d.ReadToken(); err != nil || t.Kind() != ']' {
		return errJSON
	}
	return nil
}

func readRaw(d *jsontext.Decoder) (raw, error) {
	switch k := d.PeekKind(); k {
	case '{', '[':
		v, err := d.ReadValue()
		if err != nil {
			return raw{}, errJSON
		}
		return raw{byte(k), string(v)}, nil
	default:
		t, err := d.ReadToken()
		if err != nil {
			return raw{}, errJSON
		}
		v := raw{kind: byte(t.Kind()), text: t.String()}
		if v.kind == '}' || v.kind == ']' {
			return raw{}, errJSON
		}
		return v, nil
	}
}

// records reads the body of a write: at least one and at most 300 of them.
func (c *call) records() (command, error) {
	cmd, err := readCommand(c.body)
	if err != nil {
		return cmd, err
	}
	if len(cmd.input) == 0 {
		return cmd, missing("input")
	}
	if len(cmd.input) > maxRecords {
		return cmd, fail(1003, "The number of records in input exceeds the limit of 300")
	}
	return cmd, nil
}

// decode reads a small body into a struct.
func (c *call) decode(into any) error {
	if err := json.Unmarshal(c.body, into); err != nil {
		return errJSON
	}
	return nil
}

// ids reads person ids: the parameter "id" repeated or with commas, or a body {"input":[{"id":n},…]}.
func (c *call) ids(parameter string) ([]uint64, error) {
	var ids []uint64
	add := func(text string) error {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fail(1001, "Invalid value '"+text+"'. Required of type 'Integer'")
		}
		ids = append(ids, n)
		return nil
	}
	for text := range splitIDs(c.q[parameter]) {
		if err := add(text); err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 && len(bytes.TrimSpace(c.body)) > 0 {
		cmd, err := readCommand(c.body)
		if err != nil {
			return nil, err
		}
		for _, r := range cmd.input {
			v, ok := r.get(parameter)
			if !ok {
				return nil, missing(parameter)
			}
			if err := add(v.text); err != nil {
				return nil, err
			}
		}
	}
	if len(ids) == 0 {
		return nil, missing(parameter)
	}
	if len(ids) > maxRecords {
		return nil, fail(1003, "The number of ids exceeds the limit of 300")
	}
	return ids, nil
}
