package salesforce

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// rawRow is a row as text by lower-case field name, nil for a row that is not there. Empty fields are "".
type rawRow map[string]string

// decodeRawRows reads a Collections read whose rows each have types of their own. names are the fields asked for; other
// members are skipped.
func decodeRawRows(dec *jsontext.Decoder, names []string) ([]rawRow, *Error, error) {
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[strings.ToLower(name)] = true
	}
	var rows []rawRow
	var refused []refusal
	err := eachElement(dec, func() error {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if value.Kind() == 'n' {
			rows = append(rows, nil)
			return nil
		}
		if len(rows) == 0 {
			if entry, ok := asRefusal(value); ok {
				refused = append(refused, entry)
				return nil
			}
		}
		row, err := decodeRawRow(value, wanted)
		rows = append(rows, row)
		return err
	})
	if err != nil || refused == nil {
		return rows, nil, err
	}
	if len(rows) > 0 {
		return nil, nil, errShape
	}
	return nil, oneError(0, refused), nil
}

func decodeRawRow(value jsontext.Value, wanted map[string]bool) (rawRow, error) {
	row := rawRow{}
	dec := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	err := eachMember(dec, func(name string) error {
		key := strings.ToLower(name)
		kind := dec.PeekKind()
		if !wanted[key] || kind == '{' || kind == '[' {
			return dec.SkipValue()
		}
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if kind == 'n' {
			row[key] = ""
			return nil
		}
		row[key] = token.String()
		return nil
	})
	return row, err
}
