package salesforce

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Row is one row of a query that no mapping describes: of settings, permissions, counts. Parents' fields are named with
// a dot. It is not for people: their values go through Column and Value.
type Row struct {
	fields map[string]string // lower-case name -> text; a null is absent
}

// Text is a field's text; false for null and for fields that were not asked for. Names are case-insensitive.
func (r Row) Text(name string) (string, bool) {
	text, ok := r.fields[strings.ToLower(name)]
	return text, ok
}

// Get is Text without the distinction.
func (r Row) Get(name string) string { return r.fields[strings.ToLower(name)] }

// Is reports whether a checkbox is ticked.
func (r Row) Is(name string) bool { return r.Get(name) == "true" }

// Query runs any query and yields its rows page by page; an error ends it. Each page of up to 2,000 rows is one call.
func (c *Client) Query(ctx context.Context, purpose record.Purpose, soql string) iter.Seq2[Row, error] {
	return c.rows(ctx, purpose, c.data("/query?q="+escapeQuery(soql)))
}

// QueryTooling runs a query on the Tooling API, which describes the org's automation. It needs "View Setup and
// Configuration".
func (c *Client) QueryTooling(ctx context.Context, purpose record.Purpose, soql string) iter.Seq2[Row, error] {
	return c.rows(ctx, purpose, c.data("/tooling/query?q="+escapeQuery(soql)))
}

func (c *Client) rows(ctx context.Context, purpose record.Purpose, path string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for path != "" {
			var page []Row
			var result queryResult
			err := c.queryPage(ctx, purpose, path, func(dec *jsontext.Decoder) (err error) {
				page = page[:0]
				result, err = decodeRows(dec, func(r Row) { page = append(page, r) })
				return err
			})
			if err == nil && !result.done && (len(page) == 0 || result.next == "") {
				err = localError(codeShortPage, nil)
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			path = result.next
		}
	}
}

// Count runs a query that counts: SELECT COUNT() …, or one with a single aggregate.
func (c *Client) Count(ctx context.Context, soql string) (int, error) {
	count := 0
	err := c.queryPage(ctx, record.Check, c.data("/query?q="+escapeQuery(soql)), func(dec *jsontext.Decoder) error {
		var rows []Row
		result, err := decodeRows(dec, func(r Row) { rows = append(rows, r) })
		if err != nil {
			return err
		}
		count = result.total
		if len(rows) == 0 {
			return nil
		}
		if len(rows) != 1 || len(rows[0].fields) != 1 {
			return localError(codeLocal, errors.New("the query does not count"))
		}
		for _, text := range rows[0].fields {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return errShape
			}
			count = int(n)
		}
		return nil
	})
	return count, err
}

// queryPage reads one page. next is a path, of the first page or from nextRecordsUrl; it must stay in the API.
func (c *Client) queryPage(ctx context.Context, purpose record.Purpose, next string, read func(dec *jsontext.Decoder) error) error {
	if !strings.HasPrefix(next, "/services/data/") {
		return localError(codeMalformed, errors.New("the next page has no usable address"))
	}
	return c.send(ctx, &request{
		purpose: purpose, method: http.MethodGet, path: next, repeatable: true,
		decode: func(a *answer) error { return decodeJSON(a.body, read) },
	})
}

func decodeRows(dec *jsontext.Decoder, row func(Row)) (queryResult, error) {
	return decodeResult(dec, func() error {
		r := Row{fields: map[string]string{}}
		if err := r.read(dec, ""); err != nil {
			return err
		}
		row(r)
		return nil
	})
}

func (r Row) read(dec *jsontext.Decoder, prefix string) error {
	return eachMember(dec, func(name string) error {
		switch dec.PeekKind() {
		case '{':
			if name == "attributes" {
				return dec.SkipValue()
			}
			return r.read(dec, prefix+strings.ToLower(name)+".")
		case '[', 'n':
			return dec.SkipValue()
		}
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		r.fields[prefix+strings.ToLower(name)] = token.String()
		return nil
	})
}
