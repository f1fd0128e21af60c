package salesforce

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

const (
	// mostReadIDs is the most ids of one Collections read by POST (REST API Developer Guide, sObject Collections).
	mostReadIDs = 2000
	// mostQuery bounds the URL of one look-up query. URL and headers together may have 16,384 bytes.
	mostQuery = 12_000
)

// Get reads records by id, 2,000 a call. Ids that are unknown, deleted or out of sight are absent from the result; the
// rest stand in the order asked.
func (c *Client) Get(ctx context.Context, purpose record.Purpose, object record.Object, ids []record.ID, cols []record.Column, otherID string) ([]record.Record, error) {
	l, err := newLayout(object, cols, otherID)
	if err != nil {
		return nil, err
	}
	if len(l.nested) > 0 {
		return nil, localError(codeLocal, errors.New("reads by id know no parents' fields"))
	}
	records := make([]record.Record, 0, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), mostReadIDs)
		if records, err = c.collection(ctx, purpose, l, ids[:n], records); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return records, nil
}

func (c *Client) collection(ctx context.Context, purpose record.Purpose, l *layout, ids []record.ID, records []record.Record) ([]record.Record, error) {
	body, err := json.Marshal(struct {
		IDs    []record.ID `json:"ids"`
		Fields []string    `json:"fields"`
	}{ids, l.names()})
	if err != nil {
		return nil, localError(codeLocal, err)
	}
	before := len(records)
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodPost, path: c.data("/composite/sobjects/" + string(l.object)), body: body, repeatable: true,
		decode: func(a *answer) error {
			records = records[:before]
			return decodeJSON(a.body, func(dec *jsontext.Decoder) error {
				places := 0
				refused, err := decodeCollection(dec, l, func(r record.Record, found bool) error {
					places++
					if found {
						records = append(records, r)
					}
					return nil
				})
				switch {
				case err != nil:
					return err
				case refused != nil:
					return refused
				case places != len(ids):
					return errShape
				}
				return nil
			})
		},
	})
	return records, err
}

// FindBy reads the records whose field is one of values, deleted ones left out, in no order. Text compares without
// regard to case. Values that are blank find nothing; up to five queries of some hundred values go in one call.
func (c *Client) FindBy(ctx context.Context, purpose record.Purpose, object record.Object, name string, values []string, cols []record.Column, otherID string) ([]record.Record, error) {
	l, err := newLayout(object, cols, otherID)
	if err != nil {
		return nil, err
	}
	if !isName(name) {
		return nil, localError(codeLocal, errors.New("not a field name"))
	}
	return c.findAll(ctx, purpose, l, c.lookUps("/query?q=", l, name, values))
}

// findAll runs queries, as many in a call as go.
func (c *Client) findAll(ctx context.Context, purpose record.Purpose, l *layout, paths []string) ([]record.Record, error) {
	var records []record.Record
	for len(paths) > 0 {
		n := min(len(paths), mostHeavy)
		found, err := c.find(ctx, purpose, l, paths[:n])
		if err != nil {
			return nil, err
		}
		records = append(records, found...)
		paths = paths[n:]
	}
	return records, nil
}

// Fates reads what became of records by their ids, deleted ones included: of a lead the contact that it became, of the loser of a
// merge the winner. Only the system's fields are read. A record that left the recycle bin, or is out of sight, is absent.
func (c *Client) Fates(ctx context.Context, purpose record.Purpose, object record.Object, ids []record.ID) ([]record.Record, error) {
	l, err := newLayout(object, nil, "")
	if err != nil {
		return nil, err
	}
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = string(id)
	}
	return c.findAll(ctx, purpose, l, c.lookUps("/queryAll?q=", l, "Id", values))
}

// lookUps packs the values into as few queries as their URLs allow.
func (c *Client) lookUps(resource string, l *layout, name string, values []string) []string {
	head := c.data(resource + escapeQuery("SELECT "+strings.Join(l.names(), ",")+" FROM "+string(l.object)+" WHERE "+name+" IN ("))
	tail := escapeQuery(")")
	var paths []string
	var path strings.Builder
	seen := map[string]bool{}
	for _, value := range values {
		if strings.TrimSpace(value) == "" || seen[value] {
			continue
		}
		seen[value] = true
		item := escapeQuery(Literal(value))
		if path.Len() > 0 && path.Len()+len(item)+len(tail) > mostQuery {
			paths = append(paths, path.String()+tail)
			path.Reset()
		}
		if path.Len() == 0 {
			path.WriteString(head)
		} else {
			path.WriteString(escapeQuery(","))
		}
		path.WriteString(item)
	}
	if path.Len() > 0 {
		paths = append(paths, path.String()+tail)
	}
	return paths
}

// find runs up to five queries in one call, and follows those that have more pages.
func (c *Client) find(ctx context.Context, purpose record.Purpose, l *layout, paths []string) ([]record.Record, error) {
	type found struct {
		records []record.Record
		result  queryResult
	}
	answers := make([]found, len(paths))
	parts := make([]*part, len(paths))
	for i, path := range paths {
		f := &answers[i]
		parts[i] = &part{method: http.MethodGet, path: path, read: func(dec *jsontext.Decoder) (_ *Error, err error) {
			if dec.PeekKind() == '[' {
				return readRefusals(dec)
			}
			f.records = nil
			f.result, err = decodeQuery(dec, l, func(r record.Record) error {
				f.records = append(f.records, r)
				return nil
			})
			return nil, err
		}}
	}
	if _, err := c.read(ctx, purpose, parts); err != nil {
		return nil, err
	}
	var records []record.Record
	for i, p := range parts {
		if p.refused != nil {
			return nil, p.refused.about(l.object, "")
		}
		all, err := c.follow(ctx, purpose, l, answers[i].records, answers[i].result)
		if err != nil {
			return nil, err
		}
		records = append(records, all...)
	}
	return records, nil
}

// follow reads the further pages of a query, and believes its end only when as many records came as were announced.
func (c *Client) follow(ctx context.Context, purpose record.Purpose, l *layout, records []record.Record, result queryResult) ([]record.Record, error) {
	for !result.done {
		before, next := len(records), result.next
		err := c.queryPage(ctx, purpose, next, func(dec *jsontext.Decoder) (err error) {
			records = records[:before]
			result, err = decodeQuery(dec, l, func(r record.Record) error {
				records = append(records, r)
				return nil
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(records) == before && !result.done {
			return nil, localError(codeShortPage, nil)
		}
	}
	if len(records) != result.total {
		return nil, localError(codeShortPage, nil)
	}
	return records, nil
}
