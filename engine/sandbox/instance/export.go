package instance

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// separators of the formats; SSV is taken as semicolon-separated.
var separators = map[string]byte{"CSV": ',', "TSV": '\t', "SSV": ';'}

// rowWriter writes the rows of a bulk file: RFC 4180, and the four letters null for an empty value (Marketo REST API,
// Bulk Extract).
type rowWriter struct {
	out     *spool
	comma   byte
	records int64
	line    []byte
	cells   int
}

func (w *rowWriter) cell(text string, ok bool) {
	if w.cells++; w.cells > 1 {
		w.line = append(w.line, w.comma)
	}
	switch {
	case !ok:
		w.line = append(w.line, "null"...)
	case strings.IndexByte(text, w.comma) >= 0 || strings.ContainsAny(text, "\"\r\n"):
		w.line = append(w.line, '"')
		w.line = append(w.line, strings.ReplaceAll(text, `"`, `""`)...)
		w.line = append(w.line, '"')
	default:
		w.line = append(w.line, text...)
	}
}

func (w *rowWriter) end() {
	w.line = append(w.line, '\n')
	w.out.Write(w.line) // a spool takes everything
	w.line, w.cells = w.line[:0], 0
	w.records++
}

func (w *rowWriter) header(names []string) {
	for _, name := range names {
		w.cell(name, true)
	}
	w.end()
	w.records = 0
}

// exportOrder is the body that defines an extract.
type exportOrder struct {
	Fields  []string          `json:"fields"`
	Format  string            `json:"format"`
	Headers map[string]string `json:"columnHeaderNames"`
	Filter  exportFilter      `json:"filter"`
}

type dateRange struct {
	StartAt string `json:"startAt"`
	EndAt   string `json:"endAt"`
}

type exportFilter struct {
	CreatedAt      *dateRange `json:"createdAt"`
	UpdatedAt      *dateRange `json:"updatedAt"`
	StaticListID   *int       `json:"staticListId"`
	StaticListName string     `json:"staticListName"`
	SmartListID    *int       `json:"smartListId"`
	SmartListName  string     `json:"smartListName"`
	ActivityTypes  []int      `json:"activityTypeIds"`
	PrimaryIDs     []int64    `json:"primaryAttributeValueIds"`
	PrimaryValues  []string   `json:"primaryAttributeValues"`
	ProgramID      *int       `json:"programId"`
	ProgramIDs     []int      `json:"programIds"`
	Exhausted      *bool      `json:"isExhausted"`
	Cadence        string     `json:"nurtureCadence"`
	Statuses       []string   `json:"statusNames"`
}

func (c *call) exportOrder() (exportOrder, error) {
	o := exportOrder{}
	if len(bytes.TrimSpace(c.body)) == 0 {
		return o, errJSON
	}
	if err := c.decode(&o); err != nil {
		return o, err
	}
	if o.Format == "" {
		o.Format = "CSV"
	}
	if separators[o.Format] == 0 {
		return o, fail(1003, "Invalid format '"+o.Format+"'")
	}
	return o, nil
}

// headers are the names of the columns.
func (o exportOrder) headers(names []string) []string {
	out := slices.Clone(names)
	for n, name := range out {
		if other, ok := o.Headers[name]; ok {
			out[n] = other
		}
	}
	return out
}

// span checks a range: at most 31 days, both ends inclusive, whole seconds.
func (r *dateRange) span() (from, to int64, err error) {
	a, err := parameterTime(r.StartAt)
	if err != nil {
		return 0, 0, err
	}
	b, err := parameterTime(r.EndAt)
	if err != nil {
		return 0, 0, err
	}
	if b.Before(a) || b.Sub(a) > exportRange {
		return 0, 0, fail(1003, "The date range exceeds 31 days")
	}
	return a.Unix(), b.Unix(), nil
}

func (i *Instance) bulkRoutes(root *node, get adder) {
	add := func(base, kind string, needs permission, plan func(*call, exportOrder) (func(*rowWriter), error)) {
		// Export jobs change no data.
		job := func(path string, json bool, h func(*call) error) {
			root.add(http.MethodPost, base+path, &route{needs: needs, json: json, serve: h})
		}
		job("/create", true, createExport(kind, plan))
		job("/{id}/enqueue", false, enqueueExport(kind))
		job("/{id}/cancel", false, cancelExport(kind))
		get(base+"/{id}/status", needs, exportStatus(kind))
		get(base+"/{id}/file", needs, exportFile(kind))
		get(base, needs, listExports(kind))
	}
	add("/bulk/v1/leads/export", "leads", readLead, planLeads)
	add("/bulk/v1/activities/export", "activities", readActivity, planActivities)
	add("/bulk/v1/program/members/export", "members", readLead, planMembers)
	add("/bulk/v1/customobjects/{id}/export", "custom", readCustomObject, planCustom)
	i.importRoutes(root, get)
}

// planLeads plans an extract of people. Exactly one filter; updatedAt looks at the last change of any field.
func planLeads(c *call, o exportOrder) (func(*rowWriter), error) {
	if len(o.Fields) == 0 {
		return nil, missing("fields")
	}
	c.q.Set("fields", strings.Join(o.Fields, ","))
	fields, err := c.leadFieldList()
	if err != nil {
		return nil, err
	}
	each, err := c.leadsOf(o.Filter)
	if err != nil {
		return nil, err
	}
	i := c.i
	return func(w *rowWriter) {
		w.header(o.headers(o.Fields))
		var p person
		each(func(row table.Row) {
			i.load(&p, row)
			for _, f := range fields {
				w.cell(f.plain(p.value(f)))
			}
			w.end()
		})
	}, nil
}

// leadsOf gives the people of a filter; each row is shown under the lock.
func (c *call) leadsOf(f exportFilter) (func(func(table.Row)), error) {
	i := c.i
	filters := 0
	for _, on := range []bool{
		f.CreatedAt != nil, f.UpdatedAt != nil, f.StaticListID != nil, f.StaticListName != "", f.SmartListID != nil, f.SmartListName != "",
	} {
		if on {
			filters++
		}
	}
	if filters != 1 {
		return nil, fail(1003, "Exactly one filter is required")
	}
	switch {
	case f.CreatedAt != nil:
		from, to, err := f.CreatedAt.span()
		if err != nil {
			return nil, err
		}
		created := i.schema.created.column
		return i.eachPerson(func(row table.Row) bool {
			text, _ := row.Get(created)
			at := unixOf(text).Unix()
			return at >= from && at <= to
		}), nil
	case f.UpdatedAt != nil:
		from, to, err := f.UpdatedAt.span()
		if err != nil {
			return nil, err
		}
		return i.eachUpdated(from, to), i.corona()
	case f.StaticListID != nil || f.StaticListName != "":
		var one *staticList
		i.db.View(func() {
			for _, l := range i.lists.all {
				if (f.StaticListID != nil && l.id == *f.StaticListID) || (f.StaticListName != "" && l.name == f.StaticListName) {
					one = l
				}
			}
		})
		if one == nil {
			return nil, fail(1013, "List not found")
		}
		return func(fn func(table.Row)) {
			i.db.View(func() {
				for _, id := range slices.Sorted(maps.Keys(one.members)) {
					if row, ok := i.people.Get(id); ok {
						fn(row)
					}
				}
			})
		}, nil
	}
	country := i.schema.byName["country"].column
	return i.eachPerson(func(row table.Row) bool { // the one smart list of the seed: people without a country
		_, ok := row.Get(country)
		return !ok
	}), i.corona()
}

// corona refuses filters that this subscription does not have.
func (i *Instance) corona() (err error) {
	i.db.View(func() {
		if !i.updatedAt {
			err = fail(1035, "Unsupported filter type for target subscription")
		}
	})
	return err
}

// eachPerson walks through everybody in portions, so that writers need not wait for the whole walk.
func (i *Instance) eachPerson(keep func(table.Row) bool) func(func(table.Row)) {
	return func(fn func(table.Row)) {
		after, more := uint64(0), true
		for more {
			i.db.View(func() {
				seen := 0
				for row := range i.people.ByID(after) {
					if seen++; seen > 5000 {
						return
					}
					after = row.ID()
					if keep(row) {
						fn(row)
					}
				}
				more = false
			})
		}
	}
}

func (i *Instance) eachUpdated(from, to int64) func(func(table.Row)) {
	return func(fn func(table.Row)) {
		i.db.View(func() {
			for row := range i.people.ByStamp(from-1, ^uint64(0)) {
				if row.Stamp() > to {
					return
				}
				fn(row)
			}
		})
	}
}
