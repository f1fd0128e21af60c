package instance

import (
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// person is one person's cells, with those of its company in the company's fields. It is filled under the lock and can
// be read after it.
type person struct {
	id    uint64
	s     *schema
	ref   string // row of the company, "" for a person with a company of its own
	cells []table.Cell
}

// load reads a person; p is reused. It is called under the lock.
func (i *Instance) load(p *person, row table.Row) {
	width := i.schema.width()
	if cap(p.cells) < width {
		p.cells = make([]table.Cell, width)
	}
	p.cells = p.cells[:width]
	for n := range p.cells {
		p.cells[n] = table.Null
	}
	row.Each(func(col int, text string) { p.cells[col] = table.Cell{Text: text} })
	p.id, p.s, p.ref = row.ID(), i.schema, ""
	if c := p.cells[p.s.companyRef]; !c.Null {
		p.ref = c.Text
		if company, ok := i.companyRow(c.Text); ok {
			for _, f := range p.s.company {
				text, ok := company.Get(i.companies.byName[f.name].column)
				p.cells[f.column] = table.Cell{Text: text, Null: !ok}
			}
		}
	}
}

// companyRow finds the company that a person's hidden column names.
func (i *Instance) companyRow(ref string) (table.Row, bool) {
	n, err := strconv.ParseUint(ref, 10, 64)
	if err != nil {
		return table.Row{}, false
	}
	return i.companies.table.Get(n)
}

// value is a field's canonical text.
func (p *person) value(f *field) (text string, ok bool) {
	if f.column >= 0 {
		c := p.cells[f.column]
		if c.Null && f == p.s.partition {
			return "1", true
		}
		return c.Text, !c.Null
	}
	switch f.name {
	case "id", "leadPerson", "personPrimaryLeadInterest":
		return strconv.FormatUint(p.id, 10), true
	case "mktoName":
		name := p.fullName()
		return name, name != ""
	case "personType":
		return "contact", true
	case "isLead":
		return "true", true
	case "contactCompany": // a private company bears the person's number here
		if p.ref != "" {
			return p.ref, true
		}
		return strconv.FormatUint(p.id, 10), true
	}
	return "", false
}

func (p *person) fullName() string {
	var parts []string
	for _, f := range []*field{p.s.first, p.s.middle, p.s.last} {
		if c := p.cells[f.column]; !c.Null {
			parts = append(parts, c.Text)
		}
	}
	return strings.Join(parts, " ")
}

// appendPerson appends {"id":n,…} with the fields in their order.
func (p *person) appendJSON(b []byte, fields []*field) []byte {
	b = p.appendOpen(b, fields)
	return append(b, '}')
}

// appendOpen is appendJSON without the closing brace.
func (p *person) appendOpen(b []byte, fields []*field) []byte {
	b = append(b, `{"id":`...)
	b = strconv.AppendUint(b, p.id, 10)
	for _, f := range fields {
		if f.name == "id" {
			continue
		}
		b = append(append(b, ','), f.key...)
		text, ok := p.value(f)
		b = f.appendJSON(b, text, ok)
	}
	return b
}

// defaultLeadFields are what a read gives that names no fields (Marketo REST API, Get Leads by Filter Type), in the
// order in which instances were seen to write them.
var defaultLeadFields = []string{"updatedAt", "lastName", "email", "createdAt", "firstName"}

// leadFieldList takes the parameter "fields" apart.
func (c *call) leadFieldList() ([]*field, error) {
	names := defaultLeadFields
	if text := strings.TrimSpace(c.q.Get("fields")); text != "" {
		names = strings.Split(text, ",")
	}
	fields := make([]*field, 0, len(names))
	var err error
	c.i.db.View(func() {
		for _, name := range names {
			name = strings.TrimSpace(name)
			if name == "" || name == "ecids" {
				continue
			}
			f := c.i.schema.visible(name)
			if f == nil {
				err = fail(1006, "Field '"+name+"' not found")
				return
			}
			fields = append(fields, f)
		}
	})
	return fields, err
}
