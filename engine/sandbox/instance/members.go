package instance

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// memberFields are the fields of a program member, as an instance was recorded: name|label|type|length|id|flags.
var memberFields = func() []*field {
	var fields []*field
	for line := range strings.SplitSeq(`acquiredBy|acquiredBy|boolean||1|
attendanceLikelihood|attendanceLikelihood|integer||2|r
createdAt|createdAt|datetime||3|r
isExhausted|isExhausted|boolean||4|r
leadId|leadId|integer||5|rs
membershipDate|membershipDate|datetime||6|r
nurtureCadence|nurtureCadence|string|4|7|r
program|program|string|255|8|r
programId|programId|integer||9|r
reachedSuccess|reachedSuccess|boolean||10|rs
reachedSuccessDate|reachedSuccessDate|datetime||11|r
registrationLikelihood|registrationLikelihood|integer||12|r
statusName|statusName|string|255|13|rs
statusReason|statusReason|string|255|14|
trackName|trackName|string|255|15|r
updatedAt|updatedAt|datetime||16|r
waitlistPriority|waitlistPriority|integer||17|r
registrationCode|registrationCode|string|100|18|
webinarUrl|webinarUrl|string|2000|19|`, "\n") {
		f, _ := parseField(line)
		fields = append(fields, f)
	}
	return fields
}()

var memberFieldsByName = func() map[string]*field {
	byName := map[string]*field{}
	for _, f := range memberFields {
		byName[f.name] = f
	}
	return byName
}()

func (i *Instance) programRoutes(get, post adder) {
	get("/rest/v1/programs/members/describe", readLead, describeMembers)
	get("/rest/v1/program/members/describe", readLead, describeMembersOld)
	get("/rest/v1/programs/{id}/members", readLead, programMembers)
	post("/rest/v1/programs/{id}/members", writeLead, changeMembers)
	post("/rest/v1/programs/{id}/members/status", writeLead, changeStatus)
	post("/rest/v1/programs/{id}/members/delete", writeLead, deleteMembers)
	get("/rest/v1/leads/programs/{id}", readLead, programLeads)
}

func appendMemberFields(b []byte) []byte {
	b = append(b, `"fields":[`...)
	for n, f := range memberFields {
		if n > 0 {
			b = append(b, ',')
		}
		b = f.describe2(b, !f.readOnly)
	}
	return append(b, ']')
}

func describeMembers(c *call) error {
	c.element()
	b := append(c.buf, `{"name":"API Program Membership","description":"Map for API program membership fields","createdAt":`...)
	b = appendTime(b, schemaBirth)
	b = appendTime(append(b, `,"updatedAt":`...), schemaBirth)
	b = append(b, `,"dedupeFields":["leadId","programId"],"searchableFields":[["leadId"],["reachedSuccess"],["statusName"]],`...)
	c.buf = append(appendMemberFields(b), '}')
	return nil
}

func describeMembersOld(c *call) error {
	c.element()
	c.buf = append(appendMemberFields(append(c.buf, `{"name":"API Program Membership",`...)), '}')
	return nil
}

// onProgram finds the program of the path. fn runs under the lock; with write, as the only writer.
func (c *call) onProgram(write bool, fn func(one *program, now time.Time)) error {
	var err error
	find := func(now time.Time) {
		one := c.i.programs.get(c.vars[0])
		if one == nil {
			err = fail(1013, "Program '"+c.vars[0]+"' not found")
			return
		}
		fn(one, now)
	}
	if write {
		c.i.update(func(tx *table.Tx) {
			c.i.log.settle(tx.Now().Unix())
			find(tx.Now())
		})
	} else {
		c.i.db.View(func() { find(c.now) })
	}
	return err
}

// cell is a member's value.
func (m *membership) cell(f *field, lead uint64, one *program) table.Cell {
	flag := func(on bool) table.Cell {
		if on {
			return table.Text("true")
		}
		return table.Null
	}
	text := func(t string) table.Cell { return table.Cell{Text: t, Null: t == ""} }
	switch f.name {
	case "acquiredBy":
		return flag(m.acquired)
	case "createdAt", "membershipDate":
		return unixCell(m.since)
	case "leadId":
		return table.Text(strconv.FormatUint(lead, 10))
	case "nurtureCadence":
		if one.kind == "Engagement" {
			return table.Text("norm")
		}
	case "program":
		return table.Text(one.name)
	case "programId":
		return table.Text(strconv.Itoa(one.id))
	case "reachedSuccess":
		return flag(!m.reached.IsZero())
	case "reachedSuccessDate":
		if !m.reached.IsZero() {
			return unixCell(m.reached)
		}
	case "statusName":
		return table.Text(m.status.name)
	case "statusReason":
		return text(m.reason)
	case "updatedAt":
		return unixCell(m.updated)
	case "registrationCode":
		return text(m.code)
	case "webinarUrl":
		return text(m.registrationPage)
	}
	return table.Null
}

// defaultMemberFields are what a read of members gives that names none.
var defaultMemberFields = []string{"acquiredBy", "leadId", "membershipDate", "programId", "reachedSuccess"}

func programMembers(c *call) error {
	filter := c.q.Get("filterType")
	keep := func(*membership, uint64) bool { return true }
	values := slices.Collect(splitIDs(c.q["filterValues"]))
	switch filter {
	case "":
		return missing("filterType")
	case "updatedAt":
		from, err := parameterTime(c.q.Get("startAt"))
		if err != nil {
			return err
		}
		to, err := parameterTime(c.q.Get("endAt"))
		if err != nil {
			return err
		}
		if to.Sub(from) > 7*24*time.Hour {
			return fail(1003, "The range of updatedAt exceeds 7 days")
		}
		keep = func(m *membership, _ uint64) bool { return !m.updated.Before(from) && !m.updated.After(to) }
	case "leadId", "statusName", "reachedSuccess":
		if len(values) == 0 {
			return missing("filterValues")
		}
		if len(values) > maxValues {
			return fail(1003, "The number of filterValues exceeds the limit of 300")
		}
		f := memberFieldsByName[filter]
		keep = func(m *membership, lead uint64) bool {
			cell := m.cell(f, lead, &program{})
			text, _ := f.plain(cell.Text, !cell.Null)
			return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, text) })
		}
	default:
		return fail(1011, "Filter type '"+filter+"' not supported")
	}
	names := defaultMemberFields
	if text := c.q.Get("fields"); text != "" {
		names = strings.Split(text, ",")
	}
	var fields []*field
	for _, name := range names {
		f := memberFieldsByName[strings.TrimSpace(name)]
		if f == nil {
			return fail(1006, "Field '"+name+"' not found")
		}
		fields = append(fields, f)
	}
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	after, err := c.idPage()
	if err != nil {
		return err
	}
	return c.onProgram(false, func(one *program, _ time.Time) {
		last, more := after, false
		for _, lead := range slices.Sorted(maps.Keys(one.members)) {
			m := one.members[lead]
			if lead <= after || !keep(m, lead) {
				continue
			}
			if more = c.elements == size; more {
				break
			}
			last = lead
			c.element()
			c.buf = strconv.AppendInt(append(c.buf, `{"seq":`...), int64(c.elements-1), 10)
			for _, f := range fields {
				cell := m.cell(f, lead, one)
				c.buf = f.appendJSON(append(append(c.buf, ','), f.key...), cell.Text, !cell.Null)
			}
			c.buf = append(c.buf, '}')
		}
		c.more = &more
		if more {
			c.token = c.i.token(place{idToken, last})
		}
	})
}

// memberInput runs fn for every record, which names a person by leadId.
func (c *call) memberInput(cmd command, fn func(one *program, now time.Time, lead uint64, r inputRecord) (string, *reason)) error {
	return c.onProgram(true, func(one *program, now time.Time) {
		for seq, r := range cmd.input {
			id, _ := r.get("leadId")
			lead, err := strconv.ParseUint(id.text, 10, 64)
			status, refusal := "skipped", &reason{1004, "Lead not found"}
			if _, ok := c.i.people.Get(lead); ok && err == nil {
				status, refusal = fn(one, now, lead, r)
			}
			c.element()
			c.buf = strconv.AppendInt(append(c.buf, `{"seq":`...), int64(seq), 10)
			c.buf = appendMember(c.buf, ",", "status", status)
			c.buf = strconv.AppendUint(append(c.buf, `,"leadId":`...), lead, 10)
			if refusal != nil {
				c.buf = appendReasons(c.buf, []reason{*refusal})
			}
			c.buf = append(c.buf, '}')
		}
	})
}

func changeStatus(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	name := cmd.text("statusName")
	if name == "" {
		return missing("statusName")
	}
	unknown := false
	err = c.onProgram(false, func(one *program, _ time.Time) {
		_, known := one.channel.status(name)
		unknown = !known
	})
	if err != nil {
		return err
	}
	if unknown {
		return fail(1025, "Program status '"+name+"' not found")
	}
	return c.memberInput(cmd, func(one *program, now time.Time, lead uint64, _ inputRecord) (string, *reason) {
		to, _ := one.channel.status(name)
		status, moved := c.i.setStatus(now, one, lead, to, "Web service API")
		if !moved {
			return status, &reason{1037, "Lead skipped because it is already in or past this status"}
		}
		c.wrote++
		return status, nil
	})
}

func changeMembers(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	return c.memberInput(cmd, func(one *program, now time.Time, lead uint64, r inputRecord) (string, *reason) {
		m := one.members[lead]
		if m == nil {
			return "skipped", &reason{1013, "Membership not found"}
		}
		for _, v := range r {
			f := memberFieldsByName[v.name]
			if f == nil {
				return "skipped", &reason{1006, "Field '" + v.name + "' not found"}
			}
			if f.readOnly && v.name != "leadId" {
				return "skipped", &reason{1006, "Field '" + v.name + "' is read-only"}
			}
			if _, ok := f.canon(v.value); !ok {
				return "skipped", &reason{1001, "Invalid value '" + v.value.text + "'. Required of type '" + f.kind.wanted() + "'"}
			}
		}
		for _, v := range r {
			c.changeMember(now, one, m, lead, v)
		}
		return "updated", nil
	})
}

// changeMember sets one value and tells of it by type 123, if it differs.
func (c *call) changeMember(now time.Time, one *program, m *membership, lead uint64, v member) {
	f := memberFieldsByName[v.name]
	old := m.cell(f, lead, one)
	cell, _ := f.canon(v.value)
	if old == cell || v.name == "leadId" {
		return
	}
	switch v.name {
	case "acquiredBy":
		m.acquired = !cell.Null
	case "statusReason":
		m.reason = cell.Text
	case "registrationCode":
		m.code = cell.Text
	case "webinarUrl":
		m.registrationPage = cell.Text
	}
	m.updated = now
	c.wrote++
	c.i.write(&activity{at: now.Unix(), kind: typeChangeMember, lead: lead, primary: int64(one.id), text: one.name, attrs: []attr{
		text("Attribute Name", f.name), text("Attribute Display Name", f.label), text("New Value", f.logged(cell)),
		text("Old Value", f.logged(old)), common("Reason", "Web service API"), common("Source", "Web service API"),
	}})
}

func deleteMembers(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	return c.memberInput(cmd, func(one *program, _ time.Time, lead uint64, _ inputRecord) (string, *reason) {
		if one.members[lead] == nil {
			return "skipped", &reason{1037, "Lead not in program"}
		}
		delete(one.members, lead)
		c.wrote++
		return "deleted", nil
	})
}

// programLeads reads a program's members as people; its token comes without moreResult.
func programLeads(c *call) error {
	fields, err := c.leadFieldList()
	if err != nil {
		return err
	}
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	after, err := c.idPage()
	if err != nil {
		return err
	}
	return c.onProgram(false, func(one *program, _ time.Time) {
		c.members(slices.Sorted(maps.Keys(one.members)), after, size, func(p *person) {
			m := one.members[p.id]
			c.buf = p.appendOpen(c.buf, fields)
			c.buf = strconv.AppendInt(append(c.buf, `,"membership":{"id":`...), int64(m.number), 10)
			c.buf = append(m.append(append(c.buf, ',')), `}}`...)
		})
	})
}
