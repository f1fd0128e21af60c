package instance

import (
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// partitions of the instance, by id.
var partitions = []struct{ id, name, about string }{
	{"1", "Default", "Default lead partition"},
	{"2", "Europe", "People of the European workspace"},
}

func partitionID(name string) (string, bool) {
	for _, p := range partitions {
		if strings.EqualFold(p.name, name) {
			return p.id, true
		}
	}
	return "", false
}

func partitionName(id int64) string {
	for _, p := range partitions {
		if p.id == strconv.FormatInt(id, 10) {
			return p.name
		}
	}
	return ""
}

func leadPartitions(c *call) error {
	for _, p := range partitions {
		c.element()
		c.buf = append(append(c.buf, `{"id":`...), p.id...)
		c.buf = append(appendMember(appendMember(c.buf, ",", "name", p.name), ",", "description", p.about), '}')
	}
	return nil
}

// changePartitions moves people into other partitions.
func changePartitions(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	c.i.update(func(tx *table.Tx) {
		var p person
		for _, r := range cmd.input {
			c.leadElement(c.changePartition(tx, r, &p))
		}
	})
	return nil
}

func (c *call) changePartition(tx *table.Tx, r inputRecord, p *person) outcome {
	id, _ := r.get("id")
	name, ok := r.get("partitionName")
	if !ok {
		return skip(1009, "Partition name must be specified")
	}
	to, ok := partitionID(name.text)
	if !ok {
		return skip(1008, "Access denied to partition '"+name.text+"'")
	}
	n, err := strconv.ParseUint(id.text, 10, 64)
	row, found := c.i.people.Get(n)
	if err != nil || !found {
		return skip(1004, "Lead not found")
	}
	c.i.load(p, row)
	if c.i.change(tx, p, []change{{c.i.schema.partition, table.Text(to)}}, c.viaAPI("updateLeadPartition")) {
		c.wrote++
	}
	return outcome{id: n, status: "updated"}
}

// deleteLeads removes people for good.
func deleteLeads(c *call) error {
	ids, err := c.ids("id")
	if err != nil {
		return err
	}
	c.i.update(func(tx *table.Tx) {
		for _, id := range ids {
			o := outcome{id: id, status: "deleted"}
			if c.i.remove(tx, id) {
				c.wrote++
			} else {
				o = skip(1004, "Lead not found")
				o.id = id
			}
			c.leadElement(o)
		}
	})
	return nil
}

// mergeLeads merges people into a winner, which keeps its values unless they are empty. Losers vanish without a type 37:
// the 32 on the winner names them. With the native sync a record that is in Salesforce beats one that is not, and a
// contact beats a lead, whatever the caller asked (Marketo REST API, Merge Leads).
func mergeLeads(c *call) error {
	winner, err := strconv.ParseUint(c.vars[0], 10, 64)
	if err != nil {
		return fail(1001, "Invalid value '"+c.vars[0]+"'. Required of type 'Integer'")
	}
	losers, err := c.ids("leadIds")
	if c.q.Get("leadId") != "" {
		losers, err = c.ids("leadId")
	}
	if err != nil {
		return err
	}
	if len(losers) > 25 {
		return fail(1080, "The number of leads to merge exceeds the limit of 25")
	}
	if slices.Contains(losers, winner) {
		return fail(1003, "The winner cannot be among the losers")
	}
	if c.q.Get("mergeInCRM") == "true" && !c.i.native {
		return fail(1003, "mergeInCRM is not supported: no CRM is connected")
	}
	c.noResult = true
	c.i.update(func(tx *table.Tx) {
		for _, id := range append([]uint64{winner}, losers...) {
			if _, ok := c.i.people.Get(id); !ok {
				err = fail(1004, "Lead '"+strconv.FormatUint(id, 10)+"' not found")
				return
			}
		}
		winner, losers = c.i.trueWinner(winner, losers)
		c.i.merge(tx, winner, losers)
		c.wrote += 1 + len(losers)
	})
	return err
}

// trueWinner is who wins on an instance with the native sync.
func (i *Instance) trueWinner(winner uint64, losers []uint64) (uint64, []uint64) {
	if !i.native {
		return winner, losers
	}
	kind := i.schema.byName["sfdcType"]
	rank := func(id uint64) int {
		row, _ := i.people.Get(id)
		text, _ := row.Get(kind.column)
		return slices.Index([]string{"", "Lead", "Contact"}, text)
	}
	all := append([]uint64{winner}, losers...)
	best := winner
	for _, id := range all {
		if rank(id) > rank(best) {
			best = id
		}
	}
	return best, slices.DeleteFunc(all, func(id uint64) bool { return id == best })
}

func (i *Instance) merge(tx *table.Tx, winner uint64, losers []uint64) {
	i.log.settle(tx.Now().Unix())
	var p, loser person
	row, _ := i.people.Get(winner)
	i.load(&p, row)
	set := map[int]table.Cell{}
	for _, id := range losers {
		row, _ := i.people.Get(id)
		i.load(&loser, row)
		for _, f := range i.schema.fields {
			if f.column < 0 || f.kind == kindBoolean || (f.company && p.ref != "") || !p.cells[f.column].Null || loser.cells[f.column].Null {
				continue
			}
			p.cells[f.column] = loser.cells[f.column]
			set[f.column] = loser.cells[f.column]
		}
		if c := loser.cells[i.schema.companyRef]; p.ref == "" && !c.Null {
			p.ref, set[i.schema.companyRef] = c.Text, c
		}
		must(tx.Delete(i.people, id))
		i.lists.replace(id, winner)
		i.programs.replace(id, winner)
		i.moveRecords(tx, id, winner)
	}
	set[i.schema.updated.column] = unixCell(tx.Now())
	must(tx.Update(i.people, winner, set))
	i.write(&activity{at: tx.Now().Unix(), kind: typeMergeLeads, lead: winner, primary: int64(winner), text: p.fullName(), attrs: []attr{
		flag("Master Updated", len(set) > 1), {name: attrOf("Merge IDs"), kind: attrNumbers, nums: losers},
		common("Merge Source", "leaddb"), flag("Merged in Sales", false),
	}})
}

// pushLeads upserts people into a program.
func pushLeads(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	program := c.i.programs.byName(cmd.text("programName"))
	if cmd.text("programName") == "" {
		return missing("programName")
	}
	if program == nil {
		return fail(1013, "Program '"+cmd.text("programName")+"' not found")
	}
	u, err := c.upsertOf(command{params: map[string]raw{"lookupField": cmd.params["lookupField"], "partitionName": cmd.params["partitionName"]}})
	if err != nil {
		return err
	}
	u.origin = c.viaAPI("pushLead")
	outcomes := c.i.upsertLeads(c, u, cmd.input)
	c.i.update(func(tx *table.Tx) {
		for _, o := range outcomes {
			if o.id != 0 {
				c.i.write(&activity{at: tx.Now().Unix(), kind: typePushLead, lead: o.id, primary: int64(program.id), text: program.name, attrs: u.origin.trace([]attr{
					common("Source", cmd.text("source")), common("Reason", cmd.text("reason")),
				})})
				c.i.programs.push(c.i, tx, program, o.id, cmd.text("programStatus"))
			}
			c.leadElement(o)
		}
	})
	return nil
}
