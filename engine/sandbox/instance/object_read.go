package instance

import (
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// query is what a read of objects asks for: by parameters, or by a JSON body for compound keys.
type query struct {
	names  []string   // fields of the key
	keys   [][]string // values of each wanted key
	fields []string
	size   int
	from   int
}

func readObject(c *call, o *object) error {
	q, err := c.queryOf(o)
	if err != nil {
		return err
	}
	fields, err := o.fieldList(q.fields)
	if err != nil {
		return err
	}
	var rows []table.Row
	total := 0
	c.i.db.View(func() {
		seen := map[uint64]bool{}
		for _, key := range q.keys {
			for _, row := range o.findKey(q.names, key) {
				if seen[row.ID()] {
					continue
				}
				seen[row.ID()] = true
				if total >= q.from && len(rows) < q.size {
					rows = append(rows, row)
				}
				total++
			}
		}
	})
	for seq, row := range rows {
		c.element()
		shown := fields
		if o.allFields && len(q.fields) == 0 {
			shown = slices.DeleteFunc(slices.Clone(o.fields), func(f *field) bool {
				_, ok := o.value(f, row)
				return !ok
			})
		}
		c.buf = o.appendRow(c.buf, seq, row, shown)
	}
	if q.from+len(rows) < total {
		c.page(c.i.token(place{offsetToken, uint64(q.from + len(rows))}), true)
	}
	return nil
}

// fieldList resolves names; none gives the id, the key, createdAt and updatedAt.
func (o *object) fieldList(names []string) ([]*field, error) {
	if len(names) == 0 {
		names = append(slices.Clone(o.dedupe), "createdAt", "updatedAt")
	}
	var fields []*field
	for _, name := range names {
		f := o.byName[strings.TrimSpace(name)]
		if f == nil {
			return nil, fail(1006, "Field '"+name+"' not found")
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// keyFields resolves filterType: a searchable field, or the alias idField or dedupeFields.
func (o *object) keyFields(filter string) ([]string, error) {
	switch filter {
	case "":
		return nil, missing("filterType")
	case "idField":
		return []string{o.id}, nil
	case "dedupeFields":
		return o.dedupe, nil
	}
	for _, names := range o.searchable {
		if len(names) == 1 && names[0] == filter {
			return names, nil
		}
	}
	return nil, fail(1011, "Filter type '"+filter+"' not supported")
}

func (c *call) queryOf(o *object) (query, error) {
	if len(c.body) > 0 && c.r.Method == "POST" {
		return c.compoundQuery(o)
	}
	q := query{}
	var err error
	if q.names, err = o.keyFields(c.q.Get("filterType")); err != nil {
		return q, err
	}
	if len(q.names) > 1 {
		return q, fail(1003, "Compound keys need a POST with _method=GET")
	}
	if c.q.Get("filterValues") == "" {
		return q, missing("filterValues")
	}
	for value := range strings.SplitSeq(c.q.Get("filterValues"), ",") {
		q.keys = append(q.keys, []string{strings.TrimSpace(value)})
	}
	if text := c.q.Get("fields"); text != "" {
		q.fields = strings.Split(text, ",")
	}
	if q.size, err = c.batchSize(); err != nil {
		return q, err
	}
	return q, q.check(c, c.q.Get("nextPageToken"))
}

func (q *query) check(c *call, token string) error {
	if len(q.keys) > maxValues {
		return fail(1003, "The number of filterValues exceeds the limit of 300")
	}
	if token != "" {
		at, ok := c.i.readToken(token)
		if !ok || at.kind != offsetToken {
			return errToken
		}
		q.from = int(at.at)
	}
	return nil
}

// compoundQuery reads {"filterType":"dedupeFields","fields":[…],"input":[{…},…]}.
func (c *call) compoundQuery(o *object) (query, error) {
	var body struct {
		FilterType    string   `json:"filterType"`
		Fields        []string `json:"fields"`
		BatchSize     int      `json:"batchSize"`
		NextPageToken string   `json:"nextPageToken"`
	}
	q := query{}
	if err := c.decode(&body); err != nil {
		return q, err
	}
	cmd, err := readCommand(c.body)
	if err != nil {
		return q, err
	}
	if q.names, err = o.keyFields(body.FilterType); err != nil {
		return q, err
	}
	for _, r := range cmd.input {
		key := make([]string, len(q.names))
		for n, name := range q.names {
			v, ok := r.get(name)
			if !ok {
				return q, missing(name)
			}
			key[n] = strings.TrimSpace(v.text)
		}
		q.keys = append(q.keys, key)
	}
	q.fields, q.size = body.Fields, maxPage
	if body.BatchSize > 0 {
		q.size = min(body.BatchSize, maxPage)
	}
	return q, q.check(c, body.NextPageToken)
}

// objectElement appends {"seq":n,"id":…,"status":…}.
func (c *call) objectElement(o *object, seq int, id string, status string, reasons []reason) {
	c.element()
	c.buf = strconv.AppendInt(append(c.buf, `{"seq":`...), int64(seq), 10)
	if id != "" {
		f := o.byName[o.id]
		c.buf = f.appendJSON(append(append(c.buf, ','), f.key...), id, true)
	}
	c.buf = appendMember(c.buf, ",", "status", status)
	c.buf = append(appendReasons(c.buf, reasons), '}')
}
