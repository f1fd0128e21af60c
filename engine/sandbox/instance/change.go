package instance

import (
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// origin says who changes something; it becomes the attributes of the activities.
type origin struct {
	source, reason        string
	method, user, request string // of API writes
	campaign              int    // of flow steps
	list                  string // of imports
}

// viaAPI is the origin of what a custom service writes: its API user's login tells whose write it was.
func (c *call) viaAPI(method string) origin {
	return origin{source: "Web service API", reason: "Web service API", method: method, user: c.service.user, request: c.id}
}

// trace are the attributes that API writes leave on newer instances.
func (o origin) trace(attrs []attr) []attr {
	if o.method == "" {
		return attrs
	}
	return append(attrs, common("API Method Name", o.method), common("Modifying User", o.user), common("Request Id", o.request))
}

// change is a new value of one field.
type change struct {
	field *field
	cell  table.Cell
}

// write puts an activity into the log. Where faults say so it becomes visible late, under its old date.
func (i *Instance) write(a *activity) int {
	pos := i.log.add(a)
	if i.dice.Roll(fault.LateCommit) {
		i.log.hide(pos, a.at+5+int64(i.dice.Pick(fault.LateCommit, 100)))
	}
	return pos
}

// newLead makes the activity that tells of a person's creation.
func (i *Instance) newLead(a *activity, p *person, o origin) {
	*a = activity{kind: typeNewLead, lead: p.id, primary: int64(p.id), text: p.fullName(), attrs: a.attrs[:0]}
	if o.source != "" {
		a.attrs = append(a.attrs, common("Source Type", o.source))
	}
	if o.list != "" {
		a.attrs = append(a.attrs, common("List Name", o.list))
	}
	if f := i.schema.byName["leadSource"]; !p.cells[f.column].Null {
		a.attrs = append(a.attrs, common("Lead Source", p.cells[f.column].Text))
	}
	a.attrs = o.trace(a.attrs)
}

// create makes a person. The initial values leave no Change Data Value (Marketo REST API, Activities).
func (i *Instance) create(tx *table.Tx, changes []change, o origin) uint64 {
	i.log.settle(tx.Now().Unix())
	i.lastID++
	p := person{id: i.lastID, s: i.schema, cells: make([]table.Cell, i.schema.width())}
	for n := range p.cells {
		p.cells[n] = table.Null
	}
	for _, ch := range changes {
		p.cells[ch.field.column] = ch.cell
		if ch.field == i.schema.externalCompany {
			p.cells[i.schema.companyRef] = i.refTo(ch.cell)
		}
	}
	now := tx.Now()
	p.cells[i.schema.created.column], p.cells[i.schema.updated.column] = unixCell(now), unixCell(now)
	sourceType := i.schema.byName["originalSourceType"]
	if p.cells[sourceType.column].Null {
		p.cells[sourceType.column] = table.Text(o.source)
		p.cells[i.schema.byName["registrationSourceType"].column] = table.Text(o.source)
	}
	must(tx.Insert(i.people, p.id, p.cells))
	var a activity
	i.newLead(&a, &p, o)
	a.at = now.Unix()
	a.attrs = append(a.attrs, text("Created Date", now.In(central).Format(time.DateOnly)))
	i.write(&a)
	return p.id
}

// refTo is the hidden cell that joins a person to a company, by the company's external id.
func (i *Instance) refTo(external table.Cell) table.Cell {
	if external.Null {
		return table.Null
	}
	for row := range i.companies.table.Find(i.companies.byName["externalCompanyId"].column, external.Text) {
		return table.Text(strconv.FormatUint(row.ID(), 10))
	}
	return table.Null
}

// change applies values to a person that p holds. Values that stand there already are passed over: they leave no
// activity and do not touch the person. It reports whether anything changed.
func (i *Instance) change(tx *table.Tx, p *person, changes []change, o origin) bool {
	i.log.settle(tx.Now().Unix())
	set := map[int]table.Cell{}
	now := tx.Now()
	standard := false
	for _, ch := range changes {
		f := ch.field
		old := p.cells[f.column]
		if old == ch.cell || (f == i.schema.partition && old.Null && ch.cell.Text == "1") {
			continue
		}
		set[f.column] = ch.cell
		standard = standard || !f.custom
		if f == i.schema.externalCompany {
			set[i.schema.companyRef] = i.refTo(ch.cell)
		}
		i.tell(p.id, f, old, ch.cell, now.Unix(), o)
	}
	if len(set) == 0 {
		return false
	}
	if standard { // the visible updatedAt reacts to standard fields only (Marketo REST API, Bulk Lead Extract)
		set[i.schema.updated.column] = unixCell(now)
	}
	must(tx.Update(i.people, p.id, set))
	for col, cell := range set {
		p.cells[col] = cell
	}
	return true
}

// tell writes the activities of one changed value: 13, a 22 in front of it for a score that a flow has changed, and 100
// in its place for a partition.
func (i *Instance) tell(lead uint64, f *field, old, new table.Cell, at int64, o origin) {
	switch {
	case f == i.schema.partition:
		was := int64(1)
		if n, err := strconv.ParseInt(old.Text, 10, 64); err == nil {
			was = n
		}
		is, err := strconv.ParseInt(new.Text, 10, 64)
		if err != nil {
			is = 1
		}
		i.write(&activity{at: at, kind: typeChangePartition, lead: lead, primary: is, text: partitionName(is), attrs: []attr{
			number("Old Partition ID", was), common("Reason", o.reason),
		}})
		return
	case f.kind == kindScore && o.campaign != 0:
		i.write(&activity{at: at, kind: typeChangeScore, lead: lead, campaign: o.campaign, primary: int64(f.id), attrs: []attr{
			text("Change Value", delta(old, new)), text("New Value", new.Text), text("Old Value", old.Text), common("Reason", o.reason),
		}})
	}
	attrs := []attr{
		text("New Value", f.logged(new)), text("Old Value", f.logged(old)), common("Reason", o.reason), common("Source", o.source),
	}
	i.write(&activity{at: at, kind: typeChangeDataValue, lead: lead, campaign: o.campaign, primary: int64(f.id), attrs: o.trace(attrs)})
}

// delta is how a score changed: "+10", "-3".
func delta(old, new table.Cell) string {
	value := func(c table.Cell) int64 {
		n, err := strconv.ParseInt(c.Text, 10, 64)
		if err != nil {
			return 0 // an empty score counts as none
		}
		return n
	}
	d := value(new) - value(old)
	if d < 0 {
		return strconv.FormatInt(d, 10)
	}
	return "+" + strconv.FormatInt(d, 10)
}

// remove deletes a person for good and everything that hangs on it.
func (i *Instance) remove(tx *table.Tx, id uint64) bool {
	i.log.settle(tx.Now().Unix())
	row, ok := i.people.Get(id)
	if !ok {
		return false
	}
	var p person
	i.load(&p, row)
	must(tx.Delete(i.people, id))
	i.lists.forget(id)
	i.programs.forget(id)
	i.dropRecords(tx, id)
	i.write(&activity{at: tx.Now().Unix(), kind: typeDeleteLead, lead: id, primary: int64(id), text: p.fullName()})
	return true
}
