package org

import (
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// operand is something a filter, an order or a group looks at, over rows or over groups of rows.
type operand[R any] struct {
	// get is the canonical text (see field), ok false for null.
	get  func(R) (text string, ok bool)
	kind string
	name string // as refusals name it
	pos  soql.Pos
	// At most one of these is set, for the two fields that every feed filters and sorts by: they compare as numbers.
	stamp func(R) int64  // SystemModstamp in unix seconds
	row   func(R) uint64 // Id as the row's number
	// object is whose ids row counts; nil without row.
	object *object
	field  *field // nil for functions
}

// scope resolves the names of one SELECT: which object, seen by whom.
type scope struct {
	o     *Org
	c     *call
	obj   *object
	q     *soql.Query
	now   time.Time
	zone  *time.Location
	alias string
}

func (s *scope) refuse(pos soql.Pos, code, message string) *soql.Error {
	return s.q.At(pos, code, message)
}

// names is a path without the object's own name or alias before it: l.Email and Lead.Email are Email.
func (s *scope) names(p soql.Path) []string {
	if len(p.Names) > 1 {
		first := p.Names[0]
		if strings.EqualFold(first, s.alias) || strings.EqualFold(first, s.obj.name) && s.obj.byRelationship(first) == nil {
			return p.Names[1:]
		}
	}
	return p.Names
}

// readable finds a field that the user may read.
func (s *scope) readable(obj *object, name string) *field {
	f := obj.field(name)
	if f == nil || !s.c.rights.reads(f) {
		return nil
	}
	return f
}

// step is one relationship of a path: the reference that leads on.
type step struct{ field *field }

// maxSteps is how many relationships a path may go up (SOQL and SOSL Reference, relationship query limits).
const maxSteps = 5

// resolve follows a path to its field. A polymorphic relationship leads to whichever of its objects has the next name:
// the field that is returned stands for its namesakes on the others.
func (s *scope) resolve(p soql.Path) ([]step, *field, error) {
	names := s.names(p)
	objects := []*object{s.obj}
	var steps []step
	for _, name := range names[:len(names)-1] {
		via := s.relationship(objects, name)
		if via == nil || len(steps) == maxSteps {
			return nil, nil, s.refuse(p.Pos, soql.InvalidField, soql.NoSuchRelationship(name))
		}
		steps = append(steps, step{via})
		objects = s.parents(via)
	}
	last := names[len(names)-1]
	for _, obj := range objects {
		if f := s.readable(obj, last); f != nil {
			return steps, f, nil
		}
	}
	return nil, nil, s.refuse(p.Pos, soql.InvalidField, soql.NoSuchColumn(last, objects[0].name))
}

func (s *scope) relationship(objects []*object, name string) *field {
	for _, obj := range objects {
		if f := obj.byRelationship(name); f != nil && s.c.rights.reads(f) && len(s.parents(f)) > 0 {
			return f
		}
	}
	return nil
}

// parents are the objects to which a reference may point, as far as the user sees them.
func (s *scope) parents(f *field) (objects []*object) {
	for _, name := range f.references {
		if obj := s.o.object(name); obj != nil && s.c.rights.sees(obj) {
			objects = append(objects, obj)
		}
	}
	return objects
}

// climb goes from a row up the steps of a path; ok is false where a reference is null or points to nothing.
func (s *scope) climb(row table.Row, steps []step) (obj *object, at table.Row, ok bool) {
	obj, at = s.obj, row
	for _, st := range steps {
		via := st.field
		if via.object != obj { // the namesake on another object of a polymorphic relationship
			if via = obj.byRelationship(via.relationship); via == nil {
				return nil, at, false
			}
		}
		if obj, at, ok = s.o.parent(s.c, via, at); !ok {
			return nil, at, false
		}
	}
	return obj, at, true
}

// operand resolves a field or a function of one for use outside the select list.
func (s *scope) operand(o soql.Operand) (operand[table.Row], error) {
	if o.IsAggregate() {
		return operand[table.Row]{}, s.refuse(o.Pos, soql.MalformedQuery, "Aggregate expressions belong into SELECT, HAVING and ORDER BY of a grouped query")
	}
	steps, f, err := s.resolve(o.Path)
	if err != nil {
		return operand[table.Row]{}, err
	}
	x := operand[table.Row]{kind: f.kind, name: o.Path.Last(), pos: o.Pos, field: f, get: s.getter(steps, f)}
	if o.Func != "" {
		return s.function(x, o)
	}
	if len(steps) == 0 {
		switch {
		case f == s.obj.id:
			x.object, x.row = s.obj, table.Row.ID
		case f.name == "SystemModstamp" && f.compute != nil:
			x.stamp = table.Row.Stamp
		}
	}
	return x, nil
}

// getter reads a field at the end of a path.
func (s *scope) getter(steps []step, f *field) func(table.Row) (string, bool) {
	if len(steps) == 0 {
		return func(row table.Row) (string, bool) { return s.o.value(f, row) }
	}
	return func(row table.Row) (string, bool) {
		obj, at, ok := s.climb(row, steps)
		if !ok {
			return "", false
		}
		own := f
		if obj != f.object {
			if own = obj.field(f.name); own == nil {
				return "", false
			}
		}
		return s.o.value(own, at)
	}
}

// dateParts are the functions that take a number out of a date (SOQL and SOSL Reference, date functions). Fiscal years
// are calendar years; a week of a month or of a year begins with its first day.
var dateParts = map[string]func(time.Time) int{
	"CALENDAR_YEAR": time.Time.Year, "FISCAL_YEAR": time.Time.Year,
	"CALENDAR_QUARTER": quarter, "FISCAL_QUARTER": quarter,
	"CALENDAR_MONTH": func(t time.Time) int { return int(t.Month()) }, "FISCAL_MONTH": func(t time.Time) int { return int(t.Month()) },
	"DAY_IN_MONTH": time.Time.Day, "DAY_IN_YEAR": time.Time.YearDay,
	"DAY_IN_WEEK":   func(t time.Time) int { return int(t.Weekday()) + 1 },
	"HOUR_IN_DAY":   time.Time.Hour,
	"WEEK_IN_MONTH": func(t time.Time) int { return (t.Day()-1)/7 + 1 },
	"WEEK_IN_YEAR":  func(t time.Time) int { return (t.YearDay()-1)/7 + 1 },
}

func quarter(t time.Time) int { return (int(t.Month())-1)/3 + 1 }

// function wraps an operand in a function: parts of dates become numbers, the others keep the value.
func (s *scope) function(x operand[table.Row], o soql.Operand) (operand[table.Row], error) {
	x.field = nil
	inner, kind := x.get, x.kind
	isDate := kind == "date" || kind == "datetime"
	zone := time.UTC
	if o.Local {
		zone = s.zone
	}
	part := dateParts[o.Func]
	switch {
	case part != nil && isDate && (o.Func != "HOUR_IN_DAY" || kind == "datetime"):
		x.kind = "int"
		x.get = func(row table.Row) (string, bool) {
			at, ok := moment(inner, row, zone)
			if !ok {
				return "", false
			}
			return strconv.Itoa(part(at)), true
		}
	case o.Func == "DAY_ONLY" && kind == "datetime":
		x.kind = "date"
		x.get = func(row table.Row) (string, bool) {
			at, ok := moment(inner, row, zone)
			if !ok {
				return "", false
			}
			return at.Format(time.DateOnly), true
		}
	case part != nil || o.Func == "DAY_ONLY":
		return x, s.refuse(o.Pos, soql.MalformedQuery, "The function "+o.Func+" does not take the field "+o.Path.Last())
	case o.Func == "TOLABEL" && x.kind != "picklist" && x.kind != "multipicklist":
		return x, s.refuse(o.Pos, soql.InvalidField, "toLabel function is not supported on this field: "+o.Path.Last())
	case o.Func == "FORMAT":
		x.kind = "string"
	}
	return x, nil
}

func moment(get func(table.Row) (string, bool), row table.Row, zone *time.Location) (time.Time, bool) {
	text, ok := get(row)
	if !ok {
		return time.Time{}, false
	}
	layout := time.RFC3339
	if len(text) == len(time.DateOnly) {
		layout, zone = time.DateOnly, time.UTC
	}
	at, err := time.Parse(layout, text)
	return at.In(zone), err == nil
}

// longForm is the 18-character form of an id that a filter may give with 15 characters. What is no id stays as it is.
func longForm(id string) string {
	if long, err := record.LongID(id); err == nil {
		return string(long)
	}
	return id
}

func isLetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
