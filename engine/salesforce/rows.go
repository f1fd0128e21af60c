package salesforce

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// queryResult is what stands around the rows of a query page.
type queryResult struct {
	total int
	done  bool
	next  string // path of the next page
}

// decodeQuery reads {"totalSize", "done", "nextRecordsUrl", "records"} and hands out each row as it comes.
func decodeQuery(dec *jsontext.Decoder, l *layout, row func(record.Record) error) (queryResult, error) {
	rows := newRowDecoder(l)
	return decodeResult(dec, func() error {
		r, found, err := rows.row(dec)
		if err != nil {
			return err
		}
		if !found {
			return errShape
		}
		return row(r)
	})
}

// decodeResult reads the envelope of a query page; row must consume one row.
func decodeResult(dec *jsontext.Decoder, row func() error) (queryResult, error) {
	var result queryResult
	seen := 0
	err := eachMember(dec, func(name string) error {
		switch name {
		case "totalSize":
			seen++
			return json.UnmarshalDecode(dec, &result.total)
		case "done":
			seen++
			return json.UnmarshalDecode(dec, &result.done)
		case "nextRecordsUrl":
			return json.UnmarshalDecode(dec, &result.next)
		case "records":
			seen++
			return eachElement(dec, row)
		}
		return dec.SkipValue()
	})
	if err == nil && seen != 3 {
		err = errShape
	}
	return result, err
}

// decodeCollection reads the answer of a Collections read: an array of rows with null for what is missing, or an array
// of refusals. row is called for every place, found or not.
func decodeCollection(dec *jsontext.Decoder, l *layout, row func(r record.Record, found bool) error) (*Error, error) {
	rows := newRowDecoder(l)
	var refused []refusal
	first := true
	err := eachElement(dec, func() error {
		if !first && refused == nil {
			r, found, err := rows.row(dec)
			if err != nil {
				return err
			}
			return row(r, found)
		}
		first = false
		value, err := dec.ReadValue() // rows and refusals differ only inside
		if err != nil {
			return err
		}
		if entry, ok := asRefusal(value); ok {
			refused = append(refused, entry)
			return nil
		}
		if refused != nil {
			return errShape
		}
		again := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		r, found, err := rows.row(again)
		if err != nil {
			return err
		}
		return row(r, found)
	})
	if err != nil || refused == nil {
		return nil, err
	}
	return oneError(0, refused), nil
}

func asRefusal(value jsontext.Value) (refusal, bool) {
	var r refusal
	if value.Kind() != '{' || json.Unmarshal(value, &r, lenient) != nil {
		return r, false
	}
	return r, r.ErrorCode != ""
}
