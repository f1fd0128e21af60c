package marketo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Field is one value to write. A blank empties the field.
type Field struct {
	Name  string
	Type  record.Type
	Value record.Value
}

// Write is what to do to one record: change the person with ID, or create or update whoever has LookupValue in
// LookupField. A company is always named by LookupValue, its externalCompanyId.
type Write struct {
	Key                      int64 // the caller's, unique within a call
	ID                       record.ID
	LookupField, LookupValue string
	Fields                   []Field
}

// Result is what became of one Write.
type Result struct {
	Key     int64
	ID      record.ID
	Created bool
	Err     *Error
}

// Of is the Key of the Write that it is about.
func (r Result) Of() int64 { return r.Key }

// Refusal is Err, nil for a write that was taken.
func (r Result) Refusal() pace.Failure {
	if r.Err == nil {
		return nil
	}
	return r.Err
}

// mostBody is how large a body may be (Marketo REST API: 1 MB), less some room.
const mostBody = 1_000_000 - 10_000

// WritePeople creates and updates people, 300 and less than 1 MB a call, calls one after the other: two writes of one key
// in flight can make a duplicate (Marketo REST API, Sync Leads). Results stand in the order of rows.
//
// With a nil error there is a Result for every row, refused ones with Err. Otherwise rows without one were not written,
// except those that an *pace.InDoubt names: their answer was lost, and nobody knows.
func (c *Client) WritePeople(ctx context.Context, purpose record.Purpose, rows []Write) ([]Result, error) {
	w := &writer{client: c, purpose: purpose, path: "/rest/v1/leads.json", object: record.Person, rows: rows}
	for i := range rows {
		kind := batch{action: "updateOnly", lookup: idField}
		if rows[i].ID == "" {
			kind = batch{action: "createOrUpdate", lookup: rows[i].LookupField, partition: c.partition}
		}
		key := cmp.Or(string(rows[i].ID), rows[i].LookupValue)
		if key == "" { // Marketo skips whoever lacks the key (1002)
			w.result(i, Result{Err: localError(CodeKeyless, nil)})
			continue
		}
		w.add(kind, i, key)
	}
	return w.run(ctx)
}

// batch is what the rows of one call have in common.
type batch struct {
	action, lookup, partition string
	// dedupe is by what records other than people are told apart: dedupeFields or idField.
	dedupe  string
	deletes bool
}

// part is the rows of one call.
type part struct {
	kind batch
	rows []int
	keys map[string]bool
	size int
	json [][]byte
}

// writer carries one WritePeople, WriteRecords or DeleteRecords.
type writer struct {
	client  *Client
	purpose record.Purpose
	path    string
	object  record.Object
	rows    []Write
	parts   []*part
	results []*Result
	doubt   []int64
	split   int // how many calls were spent on finding a call's culprit
}

// add puts a row into a call that has room for it and does not hold its key yet.
func (w *writer) add(kind batch, i int, key string) {
	row := &w.rows[i]
	text, err := w.encode(kind, row, key)
	if err != nil {
		w.result(i, Result{Err: localError(codeShape, err)})
		return
	}
	folded := strings.ToLower(key)
	for _, p := range w.parts {
		if p.kind == kind && len(p.rows) < MaxBatch && p.size+len(text) < mostBody && !p.keys[folded] {
			p.rows, p.json, p.size, p.keys[folded] = append(p.rows, i), append(p.json, text), p.size+len(text)+1, true
			return
		}
	}
	w.parts = append(w.parts, &part{kind: kind, rows: []int{i}, json: [][]byte{text}, size: len(text), keys: map[string]bool{folded: true}})
}

// encode writes one element of input, each value in its field's type.
func (w *writer) encode(kind batch, row *Write, key string) ([]byte, error) {
	if key == "" {
		return nil, errors.New("a row without a key")
	}
	b := append(make([]byte, 0, 64+48*len(row.Fields)), '{')
	switch kind.lookup {
	case "": // the key is among the fields
	case idField:
		b = appendMember(b, Field{Name: kind.lookup, Type: record.Type{Kind: record.Integer}, Value: record.Of(key)})
	default:
		b = appendMember(b, Field{Name: kind.lookup, Value: record.Of(key)})
	}
	for _, f := range row.Fields {
		if strings.EqualFold(f.Name, kind.lookup) {
			continue // the key names itself once
		}
		b = appendMember(b, f)
	}
	return append(b, '}'), nil
}

// appendMember adds a field to an object.
func appendMember(b []byte, f Field) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	return appendValue(append(appendQuoted(b, f.Name), ':'), f)
}

// appendValue adds a value in its field's type: numbers and booleans bare, a blank as null.
func appendValue(b []byte, f Field) []byte {
	text := f.Value.Text()
	switch f.Type.Kind {
	case record.Boolean:
		return strconv.AppendBool(b, text == "true")
	case record.Integer, record.Decimal:
		if jsontext.Value(text).IsValid() {
			return append(b, text...)
		}
	}
	if text == "" {
		return append(b, "null"...)
	}
	return appendQuoted(b, text)
}

// appendQuoted adds a text. What is no UTF-8 in it is replaced.
func appendQuoted(b []byte, text string) []byte {
	quoted, err := jsontext.AppendQuote(b, text)
	if err != nil {
		quoted, err = jsontext.AppendQuote(b, strings.ToValidUTF8(text, "\uFFFD"))
	}
	if err != nil {
		return append(b, "null"...)
	}
	return quoted
}

func (w *writer) result(i int, r Result) {
	if w.results == nil {
		w.results = make([]*Result, len(w.rows))
	}
	r.Key = w.rows[i].Key
	if r.Err != nil {
		named := *r.Err
		named.Object, named.ID = w.object, w.rows[i].ID
		r.Err = &named
	}
	w.results[i] = &r
}

// run sends the calls one after the other. A call whose answer was lost leaves its rows in doubt; the others go on, since
// no key stands in two of them at once.
func (w *writer) run(ctx context.Context) ([]Result, error) {
	if w.results == nil {
		w.results = make([]*Result, len(w.rows))
	}
	var failed, cause error
	for queue := w.parts; len(queue) > 0; {
		p := queue[0]
		halves, err := w.send(ctx, p)
		queue = append(halves, queue[1:]...)
		var refused *Error
		switch {
		case err == nil:
			continue
		case errors.As(err, &refused) && refused.doubtful(), ctx.Err() != nil && !isQuota(err):
			for _, i := range p.rows {
				w.doubt = append(w.doubt, w.rows[i].Key)
			}
			cause = err
		default:
			failed = err
		}
		if failed != nil || ctx.Err() != nil {
			break
		}
	}
	var done []Result
	for _, r := range w.results {
		if r != nil {
			done = append(done, *r)
		}
	}
	if len(w.doubt) > 0 {
		cause = &pace.InDoubt{Keys: w.doubt, Cause: cause}
	}
	switch {
	case failed != nil && len(w.doubt) > 0:
		return done, errors.Join(cause, failed)
	case failed != nil:
		return done, failed
	case len(w.doubt) > 0:
		return done, cause
	}
	return done, nil
}

func isQuota(err error) bool {
	var mode *pace.ModeError
	return errors.Is(err, pace.ErrQuota) || errors.As(err, &mode)
}

// send makes one call. What it gives back is to be sent instead: halves of a call that was refused as a whole.
func (w *writer) send(ctx context.Context, p *part) ([]*part, error) {
	body, err := p.body()
	if err != nil {
		return nil, localError(codeShape, err)
	}
	var elements []element
	err = w.client.send(ctx, &request{
		purpose: w.purpose, method: http.MethodPost, path: w.path, body: body, write: true,
		decode: func(a *answer) error {
			elements = make([]element, 0, len(p.rows))
			_, err := readEnvelope(a.body, func(dec *jsontext.Decoder) error {
				var e element
				if err := json.UnmarshalDecode(dec, &e, jsontext.AllowDuplicateNames(true)); err != nil {
					return err
				}
				elements = append(elements, e)
				return nil
			})
			return err
		},
	})
	var refused *Error
	if errors.As(err, &refused) && aboutRecord(refused) {
		return w.refusedCall(p, refused)
	}
	if err != nil {
		return nil, err
	}
	if len(elements) != len(p.rows) {
		return nil, localError(codeBroken, nil) // who is who cannot be told any more
	}
	for at, e := range elements {
		if p.kind.dedupe != "" && e.Seq != nil {
			if at = *e.Seq; at < 0 || at >= len(p.rows) {
				return nil, localError(codeBroken, nil)
			}
		}
		w.result(p.rows[at], e.result(p.kind.deletes))
	}
	return nil, nil
}

// aboutRecord reports whether a refusal of a whole call, of which nothing was written then, may be about one of its records: a value,
// a key, a field that only some of them have, or a body that one of them spoils.
func aboutRecord(e *Error) bool {
	if e.row.treat != tell {
		return false
	}
	switch e.code {
	case "609", "612", "1006", "HTTP_413":
		return true
	}
	return e.row.class == pace.Refused || e.row.class == pace.Duplicate
}

// mostSplits bounds the calls spent on finding culprits in one go: nine halvings find one among 300.
const mostSplits = 24

// refusedCall halves a call that was refused as a whole until the record at fault is alone.
func (w *writer) refusedCall(p *part, refused *Error) ([]*part, error) {
	if len(p.rows) > 1 && w.split < mostSplits {
		w.split++
		middle := len(p.rows) / 2
		return []*part{p.piece(0, middle), p.piece(middle, len(p.rows))}, nil
	}
	switch saved := slices.ContainsFunc(w.results, func(r *Result) bool { return r != nil && r.Err == nil }); {
	case len(p.rows) > 1 && saved:
		// Too many are at fault to find all of them now: the others are sent again without those that were found.
		refused = localError(codeNeighbour, nil)
	case len(p.rows) > 1 && refused.row.class != pace.Refused && refused.row.class != pace.Duplicate:
		return nil, refused // nobody was taken: it is the set-up
	}
	for _, i := range p.rows {
		w.result(i, Result{Err: refused})
	}
	return nil, nil
}

// piece is a part of a call's rows.
func (p *part) piece(from, to int) *part {
	return &part{kind: p.kind, rows: p.rows[from:to], json: p.json[from:to]}
}

func (p *part) body() ([]byte, error) {
	head := map[string]any{"action": p.kind.action}
	switch {
	case p.kind.deletes:
		delete(head, "action")
		if p.kind.dedupe != "" {
			head["deleteBy"] = p.kind.dedupe
		}
	case p.kind.dedupe != "":
		head["dedupeBy"] = p.kind.dedupe
	default:
		head["lookupField"] = p.kind.lookup
	}
	if p.kind.partition != "" {
		head["partitionName"] = p.kind.partition
	}
	head["input"] = jsontext.Value("[]")
	body, err := json.Marshal(head, json.Deterministic(true))
	// The rows are JSON already, and large: put in as they are.
	before, after, _ := bytes.Cut(body, []byte(`"input":[]`))
	return bytes.Join([][]byte{before, []byte(`"input":[`), bytes.Join(p.json, []byte(",")), []byte("]"), after}, nil), err
}

// element is what became of one record. People carry no seq, all other objects do; a failed element usually has no id,
// and some calls say errors or reason where others say reasons.
type element struct {
	Seq     *int           `json:"seq"`
	GUID    string         `json:"marketoGUID"`
	ID      jsontext.Value `json:"id"`
	Status  string         `json:"status"`
	Reasons []refusal      `json:"reasons"`
	Errors  []refusal      `json:"errors"`
	Reason  *refusal       `json:"reason"`
}

func (e element) result(deletes bool) Result {
	r := Result{ID: record.ID(plain(e.ID)), Created: e.Status == "created"}
	if e.GUID != "" {
		r.ID = record.ID(strings.TrimSpace(e.GUID)) // it comes padded in places
	}
	reasons := append(e.Reasons, e.Errors...)
	if e.Reason != nil {
		reasons = append(reasons, *e.Reason)
	}
	switch {
	case deletes && (e.Status == "deleted" || len(reasons) > 0 && (reasons[0].Code == "1013" || reasons[0].Code == "1004")):
	case len(reasons) > 0:
		r.Err = NewError(0, string(reasons[0].Code), reasons[0].Message)
	case e.Status != "created" && e.Status != "updated":
		r.Err = NewError(0, "SKIPPED", "")
	}
	return r
}
