package instance

import (
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// reason is why one record was skipped.
type reason struct {
	code    int
	message string
}

// outcome is what became of one record.
type outcome struct {
	id      uint64
	status  string // created, updated, skipped
	reasons []reason
}

func skip(code int, message string) outcome {
	return outcome{status: "skipped", reasons: []reason{{code, message}}}
}

func appendReasons(b []byte, reasons []reason) []byte {
	if len(reasons) == 0 {
		return b
	}
	b = append(b, `,"reasons":[`...)
	for n, r := range reasons {
		if n > 0 {
			b = append(b, ',')
		}
		b = appendReason(b, r.code, r.message)
	}
	return append(b, ']')
}

// leadElement appends an element of Sync Leads: it carries no sequence number.
func (c *call) leadElement(o outcome) {
	c.element()
	c.buf = append(c.buf, '{')
	if o.id != 0 {
		c.buf = strconv.AppendUint(append(c.buf, `"id":`...), o.id, 10)
		c.buf = append(c.buf, ',')
	}
	c.buf = appendMember(c.buf, "", "status", o.status)
	c.buf = append(appendReasons(c.buf, o.reasons), '}')
}

// upsert is Sync Leads' order: what to do with records and how to find them.
type upsert struct {
	action    string
	lookup    *field
	partition string // id; "" when none was named
	origin    origin
	partial   bool // some records may be skipped by a fault
}

// syncLeads creates and changes people (Marketo REST API, Sync Leads).
func syncLeads(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	u, err := c.upsertOf(cmd)
	if err != nil {
		return err
	}
	for _, o := range c.i.upsertLeads(c, u, cmd.input) {
		c.leadElement(o)
	}
	return nil
}

// upsertOf checks what concerns the whole call.
func (c *call) upsertOf(cmd command) (upsert, error) {
	u := upsert{action: cmd.text("action"), origin: c.viaAPI("syncLead"), partial: true}
	switch u.action {
	case "":
		u.action = "createOrUpdate"
	case "createOrUpdate", "createOnly", "updateOnly", "createDuplicate":
	default:
		return u, fail(1003, "Action '"+u.action+"' is not supported")
	}
	name := cmd.text("lookupField")
	if name == "" {
		name = "email"
	}
	var err error
	c.i.db.View(func() {
		f := c.i.schema.visible(name)
		switch {
		case f == nil:
			err = fail(1006, "Field '"+name+"' not found")
		case !f.search || (f.name == "id" && u.action != "updateOnly"):
			err = fail(1011, "Lookup field '"+name+"' not supported")
		}
		u.lookup = f
	})
	if err != nil {
		return u, err
	}
	if partition := cmd.text("partitionName"); partition != "" {
		id, ok := partitionID(partition)
		if !ok {
			return u, fail(1008, "Access denied to partition '"+partition+"'")
		}
		if u.action == "updateOnly" || u.action == "createDuplicate" {
			return u, fail(1003, "partitionName cannot be used with action '"+u.action+"'")
		}
		u.partition = id
	}
	return u, nil
}

// upsertLeads works records off in their order, in one transaction. Each stands or is skipped by itself.
func (i *Instance) upsertLeads(c *call, u upsert, input []inputRecord) []outcome {
	out := make([]outcome, len(input))
	var created []uint64
	i.update(func(tx *table.Tx) {
		var p person
		own := map[uint64]bool{}
		for n, r := range input {
			if u.partial && i.dice.Roll(fault.PartialFailure) {
				out[n] = skip(611, "System error")
				continue
			}
			var wrote bool
			out[n], wrote = i.upsertLead(c, tx, u, r, &p, own)
			if wrote {
				c.wrote++
			}
			if out[n].status == "created" {
				created = append(created, out[n].id)
				own[out[n].id] = true
			}
		}
		i.flight.created(created)
	})
	return out
}

// upsertLead handles one record. own are the people whom this call has made: it sees those, but not the ones that
// another call has made since this one arrived.
func (i *Instance) upsertLead(c *call, tx *table.Tx, u upsert, r inputRecord, p *person, own map[uint64]bool) (outcome, bool) {
	key, ok := r.get(u.lookup.name)
	if (!ok || key.kind == 'n' || strings.TrimSpace(key.text) == "") && u.action != "createDuplicate" {
		return skip(1002, "Missing value for required parameter '"+u.lookup.name+"'"), false
	}
	if _, given := r.get("id"); given && (u.action != "updateOnly" || u.lookup.name != "id") {
		return skip(1003, "Field 'id' is not allowed with action '"+u.action+"' and lookupField '"+u.lookup.name+"'"), false
	}
	changes, refusal := i.changesOf(r)
	if refusal != nil {
		return outcome{status: "skipped", reasons: []reason{*refusal}}, false
	}
	var found []table.Row
	if u.action != "createDuplicate" {
		for row := range i.having(u.lookup, strings.TrimSpace(key.text)) {
			if !own[row.ID()] && i.flight.unseen(row.ID(), c.arrived) {
				continue
			}
			if found = append(found, row); len(found) > 1 {
				return skip(1007, "Multiple lead match lookup criteria"), false
			}
		}
	}
	switch {
	case len(found) == 0 && u.action == "updateOnly":
		return skip(1004, "Lead not found"), false
	case len(found) == 1 && u.action == "createOnly":
		return skip(1005, "Lead already exists"), false
	case len(found) == 0:
		if u.partition != "" && u.partition != "1" {
			changes = append(changes, change{i.schema.partition, table.Text(u.partition)})
		}
		if joins(i, changes) && hasCompanyField(changes) {
			return skip(1021, "Company update not allowed"), false
		}
		return outcome{id: i.create(tx, changes, u.origin), status: "created"}, true
	}
	i.load(p, found[0])
	if is, _ := p.value(i.schema.partition); u.partition != "" && is != u.partition {
		return skip(1010, "Partition update not allowed"), false
	}
	if p.ref != "" || joins(i, changes) {
		for _, ch := range changes {
			if ch.field.company && p.cells[ch.field.column] != ch.cell {
				return skip(1021, "Company update not allowed"), false
			}
		}
	}
	return outcome{id: p.id, status: "updated"}, i.change(tx, p, changes, u.origin)
}

// joins reports whether the changes make a person belong to a company.
func joins(i *Instance, changes []change) bool {
	for _, ch := range changes {
		if ch.field == i.schema.externalCompany {
			return !ch.cell.Null
		}
	}
	return false
}

func hasCompanyField(changes []change) bool {
	for _, ch := range changes {
		if ch.field.company && !ch.cell.Null {
			return true
		}
	}
	return false
}

// changesOf reads a record's members. One that cannot be taken refuses the whole record.
func (i *Instance) changesOf(r inputRecord) ([]change, *reason) {
	changes := make([]change, 0, len(r))
	for _, m := range r {
		f := i.schema.visible(m.name)
		if f == nil {
			return nil, &reason{1006, "Field '" + m.name + "' not found"}
		}
		if f.name == "id" {
			continue
		}
		if f.readOnly || f.column < 0 {
			return nil, &reason{1006, "Field '" + m.name + "' is read-only"}
		}
		cell, ok := f.canon(m.value)
		if !ok {
			return nil, &reason{1003, "Invalid value for field '" + m.name + "' and value '" + m.value.text + "'"}
		}
		switch f.name {
		case "externalCompanyId":
			if !cell.Null && i.refTo(cell).Null {
				return nil, &reason{1003, "Company with externalCompanyId '" + cell.Text + "' not found"}
			}
			if cell.Null { // the only way out of a company is into another one
				continue
			}
		case "externalSalesPersonId":
			if !cell.Null && !i.objects["salesperson"].has("externalSalesPersonId", cell.Text) {
				return nil, &reason{1003, "Sales person with externalSalesPersonId '" + cell.Text + "' not found"}
			}
		}
		changes = append(changes, change{f, cell})
	}
	return changes, nil
}
