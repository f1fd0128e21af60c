package instance

import (
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// written is what became of one record of an object.
type written struct {
	id      string
	status  string
	reasons []reason
}

func leave(code int, message string) written {
	return written{status: "skipped", reasons: []reason{{code, message}}}
}

// syncObject creates and changes records (Marketo REST API, Lead Database: common pattern).
func syncObject(c *call, o *object) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	action, by := cmd.text("action"), cmd.text("dedupeBy")
	switch action {
	case "":
		action = "createOrUpdate"
	case "createOrUpdate", "createOnly", "updateOnly":
	default:
		return fail(1003, "Action '"+action+"' is not supported")
	}
	key := o.dedupe
	switch by {
	case "", "dedupeFields":
	case "idField":
		if action != "updateOnly" {
			return fail(1003, "dedupeBy 'idField' is only supported with action 'updateOnly'")
		}
		key = []string{o.id}
	default:
		return fail(1003, "dedupeBy '"+by+"' is not supported")
	}
	c.i.update(func(tx *table.Tx) {
		// An unknown sales person fails the whole call of opportunities.
		if o == c.i.objects["opportunity"] {
			for _, r := range cmd.input {
				if v, ok := r.get("externalSalesPersonId"); ok && v.text != "" && v.kind != 'n' && !c.i.objects["salesperson"].has("externalSalesPersonId", v.text) {
					err = fail(718, "ExternalSalesPersonID '"+v.text+"' not found")
					return
				}
			}
		}
		seen := map[string]bool{}
		for seq, r := range cmd.input {
			w := c.syncRecord(tx, o, action, key, r, seen)
			c.objectElement(o, seq, w.id, w.status, w.reasons)
		}
	})
	return err
}

// keyOf reads the key's values out of a record.
func (o *object) keyOf(key []string, r inputRecord) ([]string, *reason) {
	texts := make([]string, len(key))
	for n, name := range key {
		v, ok := r.get(name)
		texts[n] = strings.TrimSpace(v.text)
		if !ok || v.kind == 'n' || texts[n] == "" {
			return nil, &reason{1002, "Missing value for required parameter '" + name + "'"}
		}
	}
	return texts, nil
}

func (c *call) syncRecord(tx *table.Tx, o *object, action string, key []string, r inputRecord, seen map[string]bool) written {
	texts, refusal := o.keyOf(key, r)
	if refusal != nil {
		return written{status: "skipped", reasons: []reason{*refusal}}
	}
	joined := strings.ToLower(strings.Join(texts, "\x00"))
	if seen[joined] {
		return leave(1036, "Duplicate object found in input")
	}
	seen[joined] = true
	if c.i.dice.Roll(fault.PartialFailure) {
		return leave(611, "System error")
	}
	found := o.findKey(key, texts)
	set := map[int]table.Cell{}
	for _, m := range r {
		f := o.byName[m.name]
		if f == nil {
			return leave(1006, "Field '"+m.name+"' not found")
		}
		if f.name == o.id || f.column < 0 {
			continue
		}
		if f.readOnly {
			return leave(1006, "Field '"+m.name+"' is read-only")
		}
		cell, ok := f.canon(m.value)
		if !ok {
			return leave(1001, "Invalid value '"+m.value.text+"'. Required of type '"+f.kind.wanted()+"'")
		}
		set[f.column] = cell
	}
	if refusal := c.i.linksOf(o, r); refusal != nil {
		return written{status: "skipped", reasons: []reason{*refusal}}
	}
	switch {
	case len(found) == 0 && action == "updateOnly":
		return leave(1013, "Object not found")
	case len(found) > 0 && action == "createOnly":
		return leave(1017, "Object already exists")
	case len(found) > 0:
		return c.changeRecord(tx, o, found[0], set)
	}
	if name := o.byName["name"]; name != nil {
		if cell, given := set[name.column]; !given || cell.Null {
			return leave(1002, "Missing value for required parameter 'name'")
		}
	}
	return c.createRecord(tx, o, set)
}

func (c *call) changeRecord(tx *table.Tx, o *object, row table.Row, set map[int]table.Cell) written {
	id, _ := o.value(o.byName[o.id], row)
	for col, cell := range set {
		if text, ok := row.Get(col); ok != cell.Null && text == cell.Text {
			delete(set, col)
		}
	}
	for _, name := range o.dedupe { // the key does not change: at most its letters' case differs
		delete(set, o.byName[name].column)
	}
	if len(set) > 0 {
		set[o.byName["updatedAt"].column] = unixCell(tx.Now())
		must(tx.Update(o.table, row.ID(), set))
		c.wrote++
	}
	return written{id: id, status: "updated"}
}

func (c *call) createRecord(tx *table.Tx, o *object, set map[int]table.Cell) written {
	n := o.next
	o.next++
	now := unixCell(tx.Now())
	set[o.byName["createdAt"].column], set[o.byName["updatedAt"].column] = now, now
	id := strconv.FormatUint(n, 10)
	if f := o.byName["marketoGUID"]; f != nil {
		id = c.i.guid(o, n)
		set[f.column] = table.Text(id)
	}
	must(tx.Insert(o.table, n, cellsOf(o, set)))
	c.wrote++
	c.i.log.settle(tx.Now().Unix())
	switch o {
	case c.i.objects["car_c"]:
		if owner, err := strconv.ParseUint(set[o.byName["owner"].column].Text, 10, 64); err == nil {
			c.i.write(&activity{at: tx.Now().Unix(), kind: typeAddToObject, lead: owner, text: set[o.byName["vin"].column].Text, attrs: []attr{
				text("Marketo GUID", id), text("Brand", set[o.byName["brand"].column].Text),
			}})
		}
	case c.i.objects["role"]:
		if lead, err := strconv.ParseUint(set[o.byName["leadId"].column].Text, 10, 64); err == nil {
			c.i.write(&activity{at: tx.Now().Unix(), kind: 34, lead: lead, primary: int64(n), attrs: []attr{
				flag("Is Primary", !set[o.byName["isPrimary"].column].Null), text("Role", set[o.byName["role"].column].Text),
			}})
		}
	}
	return written{id: id, status: "created"}
}

// cellsOf lays out a new row; a column that set lacks is null.
func cellsOf(o *object, set map[int]table.Cell) []table.Cell {
	cells := make([]table.Cell, len(o.fields))
	for col := range cells {
		cell, given := set[col]
		if !given {
			cell = table.Null
		}
		cells[col] = cell
	}
	if o.byName["id"] != nil { // it has no column
		cells = cells[:len(cells)-1]
	}
	return cells
}

// linksOf checks what a record points to.
func (i *Instance) linksOf(o *object, r inputRecord) *reason {
	for _, m := range r {
		if m.value.kind == 'n' || m.value.text == "" {
			continue
		}
		switch {
		case m.name == "leadId" || o.leadsTo(m.name, "Lead"):
			n, err := strconv.ParseUint(m.value.text, 10, 64)
			if _, ok := i.people.Get(n); err != nil || !ok {
				return &reason{1004, "Lead not found"}
			}
		case m.name == "externalOpportunityId" && o == i.objects["role"]:
			if !i.objects["opportunity"].has("externalOpportunityId", m.value.text) {
				return &reason{1013, "Opportunity not found"}
			}
		case m.name == "externalCompanyId" && o != i.companies || o.leadsTo(m.name, "Company"):
			if !i.companies.has("externalCompanyId", m.value.text) {
				return &reason{1013, "Company not found"}
			}
		case o.leadsTo(m.name, "site_c"):
			if !i.objects["site_c"].has("salesforceId", m.value.text) {
				return &reason{1013, "Site not found"}
			}
		case m.name == "externalSalesPersonId" && o == i.companies:
			if !i.objects["salesperson"].has("externalSalesPersonId", m.value.text) {
				return &reason{1013, "Sales person not found"}
			}
		}
	}
	return nil
}

// leadsTo reports whether a field hangs the record on one of another object.
func (o *object) leadsTo(field, object string) bool {
	return slices.ContainsFunc(o.relations, func(r relation) bool { return r.field == field && r.to == object })
}

// deleteObject removes records for good.
func deleteObject(c *call, o *object) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	key := o.dedupe
	switch by := cmd.text("deleteBy"); by {
	case "", "dedupeFields":
	case "idField":
		key = []string{o.id}
	default:
		return fail(1003, "deleteBy '"+by+"' is not supported")
	}
	c.i.update(func(tx *table.Tx) {
		for seq, r := range cmd.input {
			w := c.deleteRecord(tx, o, key, r)
			c.objectElement(o, seq, w.id, w.status, w.reasons)
		}
	})
	return nil
}

func (c *call) deleteRecord(tx *table.Tx, o *object, key []string, r inputRecord) written {
	texts, refusal := o.keyOf(key, r)
	if refusal != nil {
		return written{status: "skipped", reasons: []reason{*refusal}}
	}
	found := o.findKey(key, texts)
	if len(found) == 0 {
		return leave(1013, "Record not found")
	}
	id, _ := o.value(o.byName[o.id], found[0])
	if c.i.used(o, found[0]) {
		w := leave(1022, "Object in use")
		w.id = id
		return w
	}
	must(tx.Delete(o.table, found[0].ID()))
	c.wrote++
	return written{id: id, status: "deleted"}
}

// used reports whether other records point to this one. Adobe does not say what becomes of the people of a deleted
// company; here it cannot be deleted while it has any.
func (i *Instance) used(o *object, row table.Row) bool {
	text := func(name string) string { t, _ := o.value(o.byName[name], row); return t }
	switch o {
	case i.companies:
		for range i.people.Find(i.schema.companyRef, strconv.FormatUint(row.ID(), 10)) {
			return true
		}
	case i.objects["site_c"]:
		return i.objects["machine_c"].has("siteId", text("salesforceId"))
	case i.objects["opportunity"]:
		return i.objects["role"].has("externalOpportunityId", text("externalOpportunityId"))
	case i.objects["salesperson"]:
		id := text("externalSalesPersonId")
		for range i.people.Find(i.schema.byName["externalSalesPersonId"].column, id) {
			return true
		}
		return i.companies.has("externalSalesPersonId", id) || i.objects["opportunity"].has("externalSalesPersonId", id)
	}
	return false
}
