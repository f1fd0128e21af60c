package salesforce

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// kind is what the rows of one chunk have in common.
type kind struct {
	object   record.Object
	verb     verb
	upsertOn string
	readBack bool
	// guarded rows are written one by one, each under its condition.
	guarded bool
}

type verb uint8

const (
	update verb = iota
	upsert
	create
)

// repeatable: absolute values may be set twice, an upsert on a unique key finds what it created. A creation may not.
func (k kind) repeatable() bool { return k.verb != create }

// heavy is how many of the five places for queries and Collections a chunk takes.
func (k kind) heavy() int {
	n := 0
	if k.readBack {
		n++
	}
	if !k.guarded {
		n++
	}
	return n
}

// most is how many rows a chunk holds.
func (k kind) most() int {
	if k.guarded {
		return mostParts - 1
	}
	return mostRows
}

// chunk is up to 200 rows of one kind: the write, and before it perhaps the read. Of guarded rows each has a write of its own.
type chunk struct {
	kind  kind
	rows  []int // indexes into the writer's rows
	parts []*part
	saved []Result // what the write answered, by place
	read  []rawRow // what the read answered, by place
	names []string // the fields read
	alone bool     // in a call of its own
	// generation is how many writes of each of its records go before it.
	generation int
}

// pack sorts rows into chunks. A record, or an upsert key, never occurs twice in one chunk: Salesforce refuses the
// second, with upserts both. Rows that cannot be sent are settled at once.
func (w *writer) pack() []*chunk {
	var order []kind
	groups := map[kind][][]int{}
	places := map[string]int{} // how often a target was seen: the n-th goes to the n-th generation of chunks
	for i, row := range w.rows {
		if err := checkWrite(row); err != nil {
			w.settle(i, Result{Err: err})
			continue
		}
		k := kindOf(row)
		target := string(k.object) + "/" + string(idKey(row.ID)) + "/" + strings.ToLower(row.UpsertField+"="+row.UpsertValue)
		generation := 0
		if k.verb != create {
			generation = places[target]
			places[target]++
		}
		if groups[k] == nil {
			order = append(order, k)
		}
		for len(groups[k]) <= generation {
			groups[k] = append(groups[k], nil)
		}
		groups[k][generation] = append(groups[k][generation], i)
	}
	var chunks []*chunk
	for generation := 0; len(order) > 0; generation++ {
		var left []kind
		for _, k := range order {
			if generation >= len(groups[k]) {
				continue
			}
			left = append(left, k)
			for rows := groups[k][generation]; len(rows) > 0; {
				n := min(len(rows), k.most())
				for _, ch := range w.fitting(k, rows[:n]) {
					ch.generation = generation
					chunks = append(chunks, ch)
				}
				rows = rows[n:]
			}
		}
		order = left
	}
	return chunks
}

// mostReadPath bounds the address of a read in front of a write: URL and headers together may have 16,384 bytes.
const mostReadPath = 15_000

// fitting makes one chunk of some rows, or several where they have so many fields that their read would not fit.
func (w *writer) fitting(k kind, rows []int) []*chunk {
	ch := w.chunk(k, rows, false)
	if !k.readBack || len(ch.parts[0].path) <= mostReadPath || len(rows) == 1 {
		return []*chunk{ch}
	}
	middle := len(rows) / 2
	return append(w.fitting(k, rows[:middle]), w.fitting(k, rows[middle:])...)
}

func kindOf(row Write) kind {
	k := kind{object: row.Object, verb: create}
	switch {
	case row.ID != "":
		k.verb, k.readBack, k.guarded = update, row.ReadBack, !row.Unmodified.IsZero()
	case row.UpsertField != "":
		k.verb, k.upsertOn = upsert, row.UpsertField
	}
	return k
}

// nextCall takes the head of the queue, and what else of it one composite holds: what does not fit is passed over, but never by a later
// write of the same record. Creations that cannot be repeated do not travel with what can.
func nextCall(queue []*chunk) (call, rest []*chunk) {
	heavy, parts := 0, 0
	for i, ch := range queue {
		if len(rest) > 0 && ch.generation > rest[0].generation {
			return call, append(rest, queue[i:]...)
		}
		if len(call) > 0 && (ch.alone || call[0].alone || heavy+ch.kind.heavy() > mostHeavy || parts+len(ch.parts) > mostParts || ch.kind.repeatable() != call[0].kind.repeatable()) {
			rest = append(rest, ch)
			continue
		}
		call = append(call, ch)
		heavy += ch.kind.heavy()
		parts += len(ch.parts)
	}
	return call, rest
}

// checkWrite finds what must not be sent.
func checkWrite(row Write) *Error {
	if !isName(string(row.Object)) || (row.UpsertField != "" && !isName(row.UpsertField)) {
		return localError(codeLocal, errors.New("not an API name"))
	}
	if row.ID != "" {
		if _, err := record.LongID(string(row.ID)); err != nil {
			return localError(codeLocal, err)
		}
	} else if row.UpsertField != "" && row.UpsertValue == "" {
		return localError(codeLocal, errors.New("an upsert without a key"))
	}
	for _, f := range row.Fields {
		if !isName(f.Name) || strings.Contains(f.Name, ".") {
			return localError(codeLocal, errors.New("not a field name"))
		}
		if _, err := jsonValue(f); err != nil {
			e := localError("INVALID_TYPE_ON_FIELD_IN_RECORD", err)
			e.Fields = []string{f.Name}
			return e
		}
	}
	return nil
}

// chunk builds the subrequests of some rows.
func (w *writer) chunk(k kind, rows []int, alone bool) *chunk {
	ch := &chunk{kind: k, rows: rows, alone: alone}
	if k.readBack {
		ch.parts = append(ch.parts, w.readPart(ch))
	}
	if !k.guarded {
		ch.parts = append(ch.parts, w.writePart(ch))
		return ch
	}
	for _, i := range rows {
		ch.parts = append(ch.parts, w.guardedPart(w.rows[i]))
	}
	return ch
}

// readPart reads the union of the rows' fields, by GET, which is what a composite takes.
func (w *writer) readPart(ch *chunk) *part {
	seen := map[string]bool{"id": true, "lastmodifieddate": true}
	ch.names = []string{"Id", "LastModifiedDate"}
	ids := make([]string, len(ch.rows))
	for place, i := range ch.rows {
		ids[place] = string(w.rows[i].ID)
		for _, f := range w.rows[i].Fields {
			if key := strings.ToLower(f.Name); !seen[key] {
				seen[key] = true
				ch.names = append(ch.names, f.Name)
			}
		}
	}
	path := w.client.data("/composite/sobjects/" + string(ch.kind.object) + "?ids=" + strings.Join(ids, ",") + "&fields=" + strings.Join(ch.names, ","))
	return &part{method: http.MethodGet, path: path, read: func(dec *jsontext.Decoder) (refused *Error, err error) {
		ch.read, refused, err = decodeRawRows(dec, ch.names)
		if err == nil && refused == nil && len(ch.read) != len(ch.rows) {
			err = errShape
		}
		return refused, err
	}}
}

func (w *writer) writePart(ch *chunk) *part {
	p := &part{method: http.MethodPatch, path: w.client.data("/composite/sobjects")}
	switch {
	case ch.kind.verb == create:
		p.method = http.MethodPost
	case ch.kind.verb == upsert:
		p.path += "/" + string(ch.kind.object) + "/" + ch.kind.upsertOn
	}
	if ch.kind.verb == update || w.client.noAssignment {
		p.header = map[string]string{"Sforce-Auto-Assign": "FALSE"}
	}
	p.body = w.body(ch)
	p.read = func(dec *jsontext.Decoder) (refused *Error, err error) {
		ch.saved, refused, err = decodeSaved(dec)
		if err == nil && refused == nil && len(ch.saved) != len(ch.rows) {
			err = errShape
		}
		return refused, err
	}
	return p
}

// body writes {"allOrNone":false,"records":[…]}. The rows were checked, so nothing can go wrong but memory.
func (w *writer) body(ch *chunk) jsontext.Value {
	b := []byte(`{"allOrNone":false,"records":[`)
	for place, i := range ch.rows {
		if place > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"attributes":{"type":"`...)
		b = append(b, ch.kind.object...)
		b = append(b, `"}`...)
		row := w.rows[i]
		switch ch.kind.verb {
		case update:
			b = append(b, `,"id":"`...)
			b = append(b, row.ID...)
			b = append(b, '"')
		case upsert:
			b = appendMember(b, ch.kind.upsertOn, quote(row.UpsertValue))
		}
		for _, f := range row.Fields {
			if ch.kind.verb == upsert && strings.EqualFold(f.Name, ch.kind.upsertOn) {
				continue
			}
			if value, err := jsonValue(f); err == nil {
				b = appendMember(b, f.Name, value)
			}
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}

func appendMember(b []byte, name string, value jsontext.Value) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	b = append(b, `":`...)
	return append(b, value...)
}

func quote(text string) jsontext.Value {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil { // not UTF-8: the bad bytes were replaced, and jsonValue has refused the row before
		return quoted
	}
	return quoted
}

var (
	blankValue = jsontext.Value("null")
	falseValue = jsontext.Value("false")
)

// jsonValue gives a canonical value the JSON type that its field takes: the org's parser refuses a whole request for a
// number in quotes.
func jsonValue(f Field) (jsontext.Value, error) {
	content := f.Value.Text()
	switch f.Type.Kind {
	case record.Boolean:
		switch content {
		case "true":
			return jsontext.Value("true"), nil
		case "false", "":
			return falseValue, nil
		}
		return nil, errors.New("neither true nor false")
	case record.Integer, record.Decimal:
		if content == "" {
			return blankValue, nil
		}
		number := jsontext.Value(content)
		if number.Kind() != '0' || !number.IsValid() {
			return nil, errors.New("not a number")
		}
		return number, nil
	}
	if content == "" {
		return blankValue, nil
	}
	quoted, err := jsontext.AppendQuote(nil, content)
	if err != nil {
		return nil, errors.New("the text is not UTF-8")
	}
	return quoted, nil
}

// before gives a row's values as they were, canonical; nil if one of them could not be read.
func (ch *chunk) before(place int, row Write) ([]record.Value, time.Time) {
	raw := ch.read[place]
	if raw == nil {
		return nil, zeroTime
	}
	edited, err := parseStamp(raw["lastmodifieddate"])
	if err != nil {
		return nil, zeroTime
	}
	values := make([]record.Value, len(row.Fields))
	for n, f := range row.Fields {
		content, ok := raw[strings.ToLower(f.Name)]
		if !ok {
			return nil, edited
		}
		if values[n], err = f.Type.Canon(content); err != nil {
			return nil, edited
		}
	}
	return values, edited
}
