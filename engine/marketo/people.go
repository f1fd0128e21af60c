package marketo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Fields that are read of every person, whatever the mapping asks for.
const (
	idField      = "id"
	emailField   = "email"
	updatedField = "updatedAt"
	parentField  = "externalCompanyId"
)

// People reads people by id, at most MaxBatch. Whoever was deleted, merged or is out of sight is absent; the order is Marketo's.
func (c *Client) People(ctx context.Context, purpose record.Purpose, ids []record.ID, cols []record.Column, otherID string) ([]record.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > MaxBatch {
		return nil, localError(codeShape, fmt.Errorf("%d ids in one call", len(ids)))
	}
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = string(id)
	}
	return c.filtered(ctx, purpose, "/rest/v1/leads.json", idField, values, personLayout(cols, otherID))
}

// PeopleRange reads all people whose ids lie from first to last, at most MaxBatch ids.
func (c *Client) PeopleRange(ctx context.Context, purpose record.Purpose, first, last int64, cols []record.Column, otherID string) ([]record.Record, error) {
	if last < first {
		return nil, nil
	}
	ids := make([]record.ID, 0, last-first+1)
	for id := first; id <= last; id++ {
		ids = append(ids, record.MarketoID(id))
	}
	return c.People(ctx, purpose, ids, cols, otherID)
}

// PeopleBy finds people by a searchable field. Values are asked for MaxBatch at a time, and in smaller parts when more
// people match than one answer holds (Marketo REST API, Leads: at most 1,000 matches). Blank values find nobody; a value
// with a comma cannot be asked for at all and is an error.
func (c *Client) PeopleBy(ctx context.Context, purpose record.Purpose, field string, values []string, cols []record.Column, otherID string) ([]record.Record, error) {
	l := personLayout(cols, otherID)
	if field != idField && field != emailField && field != otherID {
		l.names = append(l.names, field)
	}
	return c.by(ctx, purpose, "/rest/v1/leads.json", field, values, l)
}

func (c *Client) by(ctx context.Context, purpose record.Purpose, path, field string, values []string, l *layout) ([]record.Record, error) {
	values = slices.Clone(values)
	slices.Sort(values)
	values = slices.DeleteFunc(slices.Compact(values), func(v string) bool { return strings.TrimSpace(v) == "" })
	for _, v := range values {
		if strings.Contains(v, ",") {
			return nil, localError(codeComma, nil)
		}
	}
	var all []record.Record
	for len(values) > 0 {
		n := min(len(values), MaxBatch)
		found, err := c.split(ctx, purpose, path, field, values[:n], l)
		if err != nil {
			return nil, err
		}
		all, values = append(all, found...), values[n:]
	}
	return all, nil
}

// split asks for values, and in two halves when too many records match.
func (c *Client) split(ctx context.Context, purpose record.Purpose, path, field string, values []string, l *layout) ([]record.Record, error) {
	found, err := c.filtered(ctx, purpose, path, field, values, l)
	var refused *Error
	if !errors.As(err, &refused) || refused.row.key != "many" || len(values) < 2 {
		return found, err
	}
	left, err := c.split(ctx, purpose, path, field, values[:len(values)/2], l)
	if err != nil {
		return nil, err
	}
	right, err := c.split(ctx, purpose, path, field, values[len(values)/2:], l)
	return append(left, right...), err
}

// filtered reads all pages of one filter.
func (c *Client) filtered(ctx context.Context, purpose record.Purpose, path, field string, values []string, l *layout) ([]record.Record, error) {
	query := url.Values{
		"filterType": {field}, "filterValues": {strings.Join(values, ",")}, "fields": {strings.Join(l.names, ",")}, "batchSize": {strconv.Itoa(MaxBatch)},
	}
	var all []record.Record
	seen, rows := make(map[record.ID]bool, len(values)), &reader{layout: l}
	for {
		page := make([]record.Record, 0, len(values))
		env, err := c.get(ctx, purpose, path, query, func() { page = page[:0] }, func(dec *jsontext.Decoder) error {
			rec, err := rows.read(dec)
			page = append(page, rec)
			return err
		})
		if err != nil {
			return nil, err
		}
		full := len(page) >= MaxBatch
		page = slices.DeleteFunc(page, func(rec record.Record) bool { // pages may overlap
			before := seen[rec.ID]
			seen[rec.ID] = true
			return before
		})
		if all == nil {
			all = page
		} else {
			all = append(all, page...)
		}
		if env.next == "" || !env.more && !full {
			return all, nil
		}
		if err := turn(query, env.next); err != nil {
			return nil, err
		}
	}
}

// turn puts the place of the next page into a question. A page that leads to itself would be asked for without end.
func turn(query url.Values, next string) error {
	if query.Get("nextPageToken") == next {
		return localError(codeBroken, nil)
	}
	query.Set("nextPageToken", next)
	return nil
}

// get makes a reading call. fresh is called before each try, read with each element of result.
func (c *Client) get(ctx context.Context, purpose record.Purpose, path string, query url.Values, fresh func(), read func(dec *jsontext.Decoder) error) (env envelope, err error) {
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodGet, path: path, query: query, repeatable: true,
		decode: func(a *answer) error {
			if fresh != nil {
				fresh()
			}
			env, err = readEnvelope(a.body, read)
			env.server = a.server
			return err
		},
	})
	return env, err
}

// Clusters by which the newest person is looked for: 30 places of 10 neighbouring ids each fill one call, and a place
// counts as inhabited when one of its ids is. With one id in ten missing, an inhabited place looks empty once in 10^10.
const (
	clusters    = 30
	clusterSize = 10
)

// HighestID finds the highest id that a person has, in a dozen calls at most. 0 means that there is nobody.
func (c *Client) HighestID(ctx context.Context, purpose record.Purpose) (int64, error) {
	// First doubling distances, then always finer between the last inhabited place and the first empty one.
	low, places := int64(0), make([]int64, 0, clusters)
	for at := int64(1); len(places) < clusters; at = at*2 + clusterSize {
		places = append(places, at)
	}
	high := places[clusters-1] * 4
	for {
		found, err := c.inhabited(ctx, purpose, places)
		if err != nil {
			return 0, err
		}
		if found > low {
			low = found
		}
		for _, p := range places {
			if p > low && p < high {
				high = p
				break
			}
		}
		if high-low <= clusters*clusterSize {
			return c.last(ctx, purpose, low)
		}
		places = places[:0]
		for i := range int64(clusters) {
			places = append(places, low+1+(high-low)*i/clusters)
		}
	}
}

// inhabited is the highest id found at any of the places.
func (c *Client) inhabited(ctx context.Context, purpose record.Purpose, places []int64) (int64, error) {
	var ids []record.ID
	for _, p := range places {
		for i := range int64(clusterSize) {
			ids = append(ids, record.MarketoID(p+i))
		}
	}
	slices.Sort(ids)
	people, err := c.People(ctx, purpose, slices.Compact(ids), nil, "")
	if err != nil {
		return 0, err
	}
	return highest(people, 0)
}

// last walks on from an id in whole blocks until one is empty.
func (c *Client) last(ctx context.Context, purpose record.Purpose, from int64) (int64, error) {
	for next := from + 1; ; next += MaxBatch {
		people, err := c.PeopleRange(ctx, purpose, next, next+MaxBatch-1, nil, "")
		if err != nil {
			return 0, err
		}
		found, err := highest(people, from)
		if err != nil {
			return 0, err
		}
		if found < next { // nobody, or nobody whom we asked for
			return from, nil
		}
		from = found
	}
}

func highest(people []record.Record, least int64) (int64, error) {
	for _, p := range people {
		n, err := p.ID.Number()
		if err != nil {
			return 0, localError(codeShape, nil)
		}
		least = max(least, n)
	}
	return least, nil
}
