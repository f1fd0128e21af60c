package instance

import (
	"maps"
	"slices"
	"strconv"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// planMembers plans an extract of program members: fields of people and of memberships, filters joined by AND.
func planMembers(c *call, o exportOrder) (func(*rowWriter), error) {
	f, i := o.Filter, c.i
	if len(o.Fields) == 0 {
		return nil, missing("fields")
	}
	ids := f.ProgramIDs
	if f.ProgramID != nil {
		ids = append(ids, *f.ProgramID)
	}
	if len(ids) == 0 || len(ids) > 10 || (f.ProgramID != nil && len(f.ProgramIDs) > 0) {
		return nil, fail(1003, "Either programId or up to 10 programIds are required")
	}
	var err error
	i.db.View(func() { err = i.checkMembersOrder(o, ids) })
	if err != nil {
		return nil, err
	}
	from, to := int64(0), int64(1)<<62
	if f.UpdatedAt != nil {
		if from, to, err = f.UpdatedAt.span(); err == nil {
			err = i.corona()
		}
		if err != nil {
			return nil, err
		}
	}
	columns := slices.Clone(o.Fields)
	if f.ProgramID == nil && !slices.Contains(columns, "programId") {
		columns = append([]string{"programId"}, columns...)
	}
	return func(w *rowWriter) {
		w.header(o.headers(columns))
		i.db.View(func() {
			for _, id := range ids {
				one := i.programs.get(strconv.Itoa(id))
				if one == nil {
					continue // deleted since
				}
				for _, lead := range slices.Sorted(maps.Keys(one.members)) {
					m := one.members[lead]
					at := m.updated.Unix()
					if at < from || at > to || (len(f.Statuses) > 0 && !slices.Contains(f.Statuses, m.status.name)) || (f.Exhausted != nil && *f.Exhausted) {
						continue
					}
					i.memberRow(w, columns, one, m, lead)
				}
			}
		})
	}, nil
}

// checkMembersOrder refuses programs, statuses and fields that do not exist.
func (i *Instance) checkMembersOrder(o exportOrder, ids []int) error {
	known := map[string]bool{}
	for _, id := range ids {
		one := i.programs.get(strconv.Itoa(id))
		if one == nil {
			return fail(1013, "Program '"+strconv.Itoa(id)+"' not found")
		}
		for _, s := range one.channel.steps {
			known[s.name] = true
		}
	}
	for _, s := range o.Filter.Statuses {
		if !known[s] {
			return fail(1003, "Status '"+s+"' not found in the programs")
		}
	}
	for _, name := range o.Fields {
		if memberFieldsByName[name] == nil && i.schema.visible(name) == nil {
			return fail(1006, "Field '"+name+"' not found")
		}
	}
	return nil
}

func (i *Instance) memberRow(w *rowWriter, columns []string, one *program, m *membership, lead uint64) {
	row, ok := i.people.Get(lead)
	if !ok {
		return
	}
	var p person
	i.load(&p, row)
	for _, name := range columns {
		if f := memberFieldsByName[name]; f != nil {
			cell := m.cell(f, lead, one)
			w.cell(f.plain(cell.Text, !cell.Null))
			continue
		}
		f := i.schema.byName[name]
		w.cell(f.plain(p.value(f)))
	}
	w.end()
}

// planCustom plans an extract of custom object records, which hang on people: by their last change, or by a list of
// those people.
func planCustom(c *call, o exportOrder) (func(*rowWriter), error) {
	obj, i := c.i.objects[c.vars[0]], c.i
	if obj == nil || !obj.custom {
		return nil, fail(1013, "Object '"+c.vars[0]+"' not found")
	}
	if len(obj.relations) == 0 || obj.relations[0].to != "Lead" {
		return nil, fail(1003, "Only objects that are linked to leads can be exported")
	}
	if len(o.Fields) == 0 {
		return nil, missing("fields")
	}
	fields, err := obj.fieldList(o.Fields)
	if err != nil {
		return nil, err
	}
	write := func(w *rowWriter, row table.Row) {
		for _, f := range fields {
			w.cell(f.plain(obj.value(f, row)))
		}
		w.end()
	}
	if o.Filter.UpdatedAt != nil {
		from, to, err := o.Filter.UpdatedAt.span()
		if err != nil {
			return nil, err
		}
		return func(w *rowWriter) {
			w.header(o.headers(o.Fields))
			i.db.View(func() {
				for row := range obj.table.ByStamp(from-1, ^uint64(0)) {
					if row.Stamp() > to {
						return
					}
					write(w, row)
				}
			})
		}, nil
	}
	if o.Filter.CreatedAt != nil {
		return nil, fail(1035, "Unsupported filter type for target subscription")
	}
	each, err := c.leadsOf(o.Filter)
	if err != nil {
		return nil, err
	}
	link := obj.byName[obj.relations[0].field]
	return func(w *rowWriter) {
		w.header(o.headers(o.Fields))
		each(func(lead table.Row) {
			for row := range obj.table.Find(link.column, strconv.FormatUint(lead.ID(), 10)) {
				write(w, row)
			}
		})
	}, nil
}
