package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/schema"
)

// readWishes reads a mapping that a person wrote, as document shows it. What is shown besides and not to be edited is passed
// over; any other key is a mistake. Each error names the line.
func readWishes(text []byte) ([]schema.Wish, error) {
	r := &wishReader{text: text, dec: jsontext.NewDecoder(bytes.NewReader(text))}
	err := r.members(map[string]func() error{"objects": func() error { return r.elements(r.object) }}, "notices", "missing", "workspace")
	switch {
	case err != nil:
		return nil, r.explain(err)
	case len(r.wishes) == 0:
		return nil, inputf(`the mapping has no fields. It wants {"objects": [{"salesforce": "Lead", "fields": [{"salesforce": "Rating", "marketo": "rating"}]}]}, as doppioctl mapping show --json prints it`)
	}
	return r.wishes, nil
}

type wishReader struct {
	text   []byte
	dec    *jsontext.Decoder
	wishes []schema.Wish
}

// wishKeys is a field as it is written; the keys that only show are read over.
type wishKeys struct {
	Number     *int           `json:"number"`
	Salesforce string         `json:"salesforce"`
	Marketo    string         `json:"marketo"`
	Direction  string         `json:"direction"`
	Policy     string         `json:"policy"`
	NeverBlank bool           `json:"never_blank"`
	Consent    bool           `json:"consent"`
	Rule       string         `json:"rule"`
	Quiet      string         `json:"quiet"`
	Reread     string         `json:"reread"`
	Why        string         `json:"why"`
	Owner      string         `json:"owner"`
	Labels     jsontext.Value `json:"labels"`
	Type       jsontext.Value `json:"type"`
	Length     jsontext.Value `json:"length"`
	Travels    jsontext.Value `json:"travels"`
	State      jsontext.Value `json:"state"`
	Since      jsontext.Value `json:"since"`
	Losses     jsontext.Value `json:"losses"`
}

// object reads the fields of one object.
func (r *wishReader) object() error {
	name, from := "", len(r.wishes)
	err := r.members(map[string]func() error{
		"salesforce": func() error { return json.UnmarshalDecode(r.dec, &name) },
		"fields":     func() error { return r.elements(r.field) },
	}, "marketo")
	for i := range r.wishes[from:] {
		r.wishes[from+i].Object = name
	}
	if err == nil && name == "" {
		return r.at(r.dec.InputOffset(), `an object lacks its name, as "salesforce": "Lead"`)
	}
	return err
}

func (r *wishReader) field() error {
	value, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	from := r.dec.InputOffset() - int64(len(value))
	var keys wishKeys
	if err := json.Unmarshal(value, &keys, json.RejectUnknownMembers(true)); err != nil {
		return r.wrong(from, err)
	}
	if keys.Reread != "" && keys.Reread != rereadNightly {
		return r.at(from, `%s: reread %q is not "nightly"; leave it empty to read the field when its record changes`, keys.Salesforce, keys.Reread)
	}
	r.wishes = append(r.wishes, schema.Wish{
		Line: r.line(from), Number: keys.Number, Salesforce: keys.Salesforce, Marketo: keys.Marketo, Direction: keys.Direction, Policy: keys.Policy,
		NeverBlank: keys.NeverBlank, Consent: keys.Consent, Rule: keys.Rule, Quiet: keys.Quiet, Nightly: keys.Reread == rereadNightly, Why: keys.Why, Owner: keys.Owner,
	})
	return nil
}

// members walks an object: known keys are read, shown ones passed over, others refused.
func (r *wishReader) members(known map[string]func() error, shown ...string) error {
	if kind := r.dec.PeekKind(); kind != '{' {
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
		return r.at(r.dec.InputOffset(), "an object {…} is wanted here")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for r.dec.PeekKind() == '"' {
		token, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		key := token.String()
		if read := known[key]; read != nil {
			err = read()
		} else if strings.Contains(" "+strings.Join(shown, " ")+" ", " "+key+" ") {
			err = r.dec.SkipValue()
		} else {
			return r.at(r.dec.InputOffset(), "there is no key %q here", key)
		}
		if err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// elements walks a list.
func (r *wishReader) elements(read func() error) error {
	if kind := r.dec.PeekKind(); kind != '[' {
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
		return r.at(r.dec.InputOffset(), "a list […] is wanted here")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for kind := r.dec.PeekKind(); kind != ']' && kind != 0; kind = r.dec.PeekKind() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// line is the line of a place in the text, from 1.
func (r *wishReader) line(offset int64) int {
	return 1 + bytes.Count(r.text[:min(int(offset), len(r.text))], []byte("\n"))
}

func (r *wishReader) at(offset int64, format string, args ...any) error {
	return inputf("line %d: %s", r.line(offset), fmt.Sprintf(format, args...))
}

// wrong says what is wrong with a value that begins at a place.
func (r *wishReader) wrong(from int64, err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return err
	}
	key := string(semantic.JSONPointer.LastToken())
	if errors.Is(err, json.ErrUnknownName) {
		return r.at(from+semantic.ByteOffset, "a field has no key %q", key)
	}
	return r.at(from+semantic.ByteOffset, "%s takes %s", key, wantedJSON(semantic))
}

// wantedJSON says in words which kind of value was wanted.
func wantedJSON(e *json.SemanticError) string {
	if e.GoType == nil {
		return "another kind of value"
	}
	switch e.GoType.Kind().String() {
	case "bool":
		return "true or false"
	case "string":
		return `a text in "quotes"`
	case "int", "ptr":
		return "a whole number"
	}
	return "another kind of value"
}

// explain makes a sentence of what the JSON itself is wrong in.
func (r *wishReader) explain(err error) error {
	var input *InputError
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &input):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.at(int64(len(r.text)), "the text ends in the middle; it has to be JSON, as doppioctl mapping show --json prints it")
	case errors.As(err, &syntax):
		return r.at(syntax.ByteOffset, "this is not JSON: %v", syntax.Err)
	case errors.As(err, &semantic):
		return r.wrong(0, err)
	}
	return inputf("the mapping cannot be read: %v", err)
}
