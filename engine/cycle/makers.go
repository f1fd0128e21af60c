package cycle

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Maker is who or what made a change, as far as a side tells: "user 0055…", a Salesforce user by id; "campaign 1234", a smart campaign
// by id; "source Web form fillout", what Marketo's log calls the source; or one of the edits below. Empty: nobody knows.
type Maker string

// The edits of a workspace that make changes by themselves: a field that was mapped is compared on all pairs, another filter lets others take part.
const (
	MappingEdit Maker = "edit mapping"
	FilterEdit  Maker = "edit filter"
)

// Edited is what a person edited in the workspace, "" for all other makers.
func (m Maker) Edited() string {
	what, _ := strings.CutPrefix(string(m), "edit ")
	if what == string(m) {
		return ""
	}
	return what
}

// Cause is how much of what a cycle planned has one maker, or one field.
type Cause struct {
	To     record.Side   `json:"to"`     // where it is to be written
	Object record.Object `json:"object"` // the Salesforce object of the pair
	// Field is the field's Salesforce name; empty where the records of a maker are counted, By is empty where those of a field are.
	Field   string `json:"field,omitempty"`
	By      Maker  `json:"by,omitempty"`
	Records int    `json:"records"`
}

// causesKept is how many causes of each kind a cycle's report keeps.
const causesKept = 5

// makers counts who made what a cycle plans. The zero makers is ready to use.
type makers struct {
	counts map[Cause]int // Records is 0 in its keys
	people map[record.ID]Maker
}

// activities notes who changed the people of a stretch of Marketo's log.
func (m *makers) activities(changes []marketo.Change) {
	m.people = make(map[record.ID]Maker, len(changes))
	for _, c := range changes {
		switch {
		case c.Campaign != 0:
			m.people[c.Person] = Maker("campaign " + strconv.FormatInt(c.Campaign, 10))
		case isSource(c.Source):
			m.people[c.Person] = Maker("source " + c.Source)
		}
	}
}

// isSource reports whether a text is one of the names that Marketo's log has for sources, such as "Web form fillout".
func isSource(text string) bool {
	const mostSource = 40
	return text != "" && len(text) <= mostSource && !strings.ContainsFunc(text, func(c rune) bool {
		return c != ' ' && c != '.' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}

// maker is who made what a side says now.
func (s *sheet) maker(side record.Side) Maker {
	switch {
	case side == record.Salesforce && s.sf != nil && s.sf.Editor != "":
		return Maker("user " + s.sf.Editor)
	case side == record.Marketo && s.mk != nil:
		return s.run.makers.people[s.mk.ID]
	}
	return ""
}

// add counts a row that was planned. The first sync has no maker.
func (m *makers) add(mapping schema.Mapping, row *Row) {
	if row.First {
		return
	}
	if m.counts == nil {
		m.counts = map[Cause]int{}
	}
	name := MappedObject(mapping, *row)
	if row.By != "" {
		m.counts[Cause{To: row.Side, Object: name, By: row.By}]++
	}
	object, _ := mapping.Object(name)
	for _, c := range row.Fields {
		if i := object.Index(c.Field); i >= 0 {
			m.counts[Cause{To: row.Side, Object: name, Field: object.Fields[i].Salesforce}]++
		}
	}
}

// most are the largest causes, makers before fields.
func (m *makers) most() (out []Cause) {
	var by, fields []Cause
	for cause, n := range m.counts {
		if cause.Records = n; cause.By != "" {
			by = append(by, cause)
		} else {
			fields = append(fields, cause)
		}
	}
	for _, kind := range [][]Cause{by, fields} {
		SortCauses(kind)
		out = append(out, kind[:min(len(kind), causesKept)]...)
	}
	return out
}

// accuse names what most of a stopped cycle's changes are about, and who made them.
func (m *makers) accuse(stop *BrakeError) {
	fields, by := map[string]int{}, map[Maker]int{}
	for c, n := range m.counts {
		if c.To == stop.Side {
			fields[c.Field] += n
			by[c.By] += n
		}
	}
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		if f != "" && 2*fields[f] > stop.Updates && (stop.Field == "" || fields[f] > fields[stop.Field]) {
			stop.Field = f
		}
	}
	for maker, n := range by {
		if maker != "" && 2*n > stop.Updates {
			stop.By = maker
		}
	}
}

// SortCauses puts the largest first, and what is alike in an order of its own.
func SortCauses(causes []Cause) {
	slices.SortFunc(causes, func(a, b Cause) int {
		return cmp.Or(b.Records-a.Records, int(a.To)-int(b.To), strings.Compare(string(a.Object), string(b.Object)), strings.Compare(a.Field, b.Field), strings.Compare(string(a.By), string(b.By)))
	})
}
