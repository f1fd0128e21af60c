package instance

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// pullPeople brings over what changed among leads or contacts: new people, changed values, conversions, deletions.
func (c *cycle) pullPeople(object string, from time.Time) {
	i := c.i
	if object == "Contact" && !c.s.joined {
		c.join()
	}
	rows := c.pull(object, from, "AccountId", "OwnerId", "CreatedDate", "IsConverted", "ConvertedContactId")
	i.update(func(tx *table.Tx) {
		for _, row := range rows {
			c.pullPerson(tx, object, row)
		}
	})
}

// join puts the contacts of the seed into the companies of their accounts, once and silently: the sync did so long ago.
func (c *cycle) join() {
	i := c.i
	c.s.joined = true
	accounts := map[string]string{}
	c.s.crm.Changed("Contact", time.Time{}, func(id string, deleted bool, get func(string) (string, bool)) bool {
		if account, ok := get("AccountId"); ok && !deleted {
			accounts[id] = account
		}
		return true
	})
	key := i.schema.byName["sfdcContactId"].column
	i.update(func(tx *table.Tx) {
		for id, account := range accounts {
			for row := range i.people.Find(key, id) {
				set := map[int]table.Cell{i.schema.byName["sfdcAccountId"].column: table.Text(account)}
				if n, known := i.companyOf(account); known {
					set[i.schema.companyRef] = table.Text(strconv.FormatUint(n, 10))
				}
				must(tx.Update(i.people, row.ID(), set))
				must(tx.SetStamp(i.people, row.ID(), row.Stamp()))
			}
		}
	})
}

func (c *cycle) pullPerson(tx *table.Tx, object string, row crmRow) {
	i := c.i
	var p person
	found := false
	for r := range i.people.Find(i.schema.byName["sfdc"+object+"Id"].column, row.id) {
		i.load(&p, r)
		found = true
		break
	}
	converted := row.values["IsConverted"] == "true"
	switch {
	case !found && (row.deleted || converted):
	case !found:
		changes := append(c.changes(object, row, nil), c.crmChanges(object, row)...)
		c.joinCompany(tx, i.create(tx, changes, origin{source: bySync.source}), row.values["AccountId"])
	case row.deleted: // the person stays and bears a mark
		i.change(tx, &p, []change{{i.schema.byName["sfdcIsDeleted"], table.Text("true")}}, bySync)
	case converted:
		c.convert(tx, &p, row)
	default:
		if current, _ := p.value(i.schema.byName["sfdcId"]); current != row.id {
			return // a lead that has become a contact, whose own record counts
		}
		i.change(tx, &p, append(c.changes(object, row, &p), c.crmChanges(object, row)...), bySync)
		c.joinCompany(tx, p.id, row.values["AccountId"])
	}
}

// joinCompany makes a person show the values of its account's company.
func (c *cycle) joinCompany(tx *table.Tx, lead uint64, account string) {
	n, known := c.i.companyOf(account)
	if !known {
		return
	}
	ref := strconv.FormatUint(n, 10)
	row, _ := c.i.people.Get(lead)
	if was, _ := row.Get(c.i.schema.companyRef); was != ref {
		must(tx.Update(c.i.people, lead, map[int]table.Cell{c.i.schema.companyRef: table.Text(ref)}))
	}
}

// changes are the mapped values of a record. Where Marketo has a change of its own that waits to be pushed, it wins on
// leads; on contacts Salesforce wins, and the waiting change is dropped.
func (c *cycle) changes(object string, row crmRow, p *person) []change {
	var changes []change
	for _, theirs := range slices.Sorted(maps.Keys(syncMappings[object])) {
		f := c.i.schema.byName[syncMappings[object][theirs]]
		if p != nil && f.company && p.ref != "" {
			continue // the account's values count
		}
		cell, ok := f.canon(raw{'"', row.values[theirs]})
		if !ok {
			continue
		}
		if p != nil && c.pending[p.id][f] {
			if object == "Lead" {
				continue
			}
			delete(c.pending[p.id], f)
		}
		changes = append(changes, change{f, cell})
	}
	return changes
}

// crmChanges are the fields that speak of Salesforce.
func (c *cycle) crmChanges(object string, row crmRow) []change {
	s := c.i.schema
	of := func(name, text string) change {
		return change{s.byName[name], table.Cell{Text: text, Null: text == ""}}
	}
	changes := []change{of("sfdcType", object), of("sfdcId", row.id), of("sfdc"+object+"Id", row.id)}
	if account := row.values["AccountId"]; object == "Contact" && account != "" {
		changes = append(changes, of("sfdcAccountId", account))
	}
	owner := row.values["OwnerId"]
	user := c.s.users[owner] // empty while a queue owns the lead
	changes = append(changes, of("sfdcLeadOwnerId", owner), of("leadOwnerFirstName", user[0]), of("leadOwnerLastName", user[1]), of("leadOwnerEmailAddress", user[2]))
	if at, ok := parseTime(row.values["CreatedDate"]); ok {
		changes = append(changes, change{s.byName["sfdcCreatedDate"], unixCell(at)})
	}
	return changes
}

// convert makes the person of a lead the person of the contact that the lead became, unless somebody is that already.
func (c *cycle) convert(tx *table.Tx, p *person, row crmRow) {
	s := c.i.schema
	contact := row.values["ConvertedContactId"]
	for other := range c.i.people.Find(s.byName["sfdcContactId"].column, contact) {
		if other.ID() != p.id {
			return
		}
	}
	if current, _ := p.value(s.byName["sfdcType"]); current == "Contact" || contact == "" {
		return
	}
	c.i.change(tx, p, []change{
		{s.byName["sfdcType"], table.Text("Contact")}, {s.byName["sfdcId"], table.Text(contact)}, {s.byName["sfdcContactId"], table.Text(contact)},
	}, bySync)
	c.i.write(&activity{at: tx.Now().Unix(), kind: typeConvertLead, lead: p.id, primary: int64(p.id), text: p.fullName(), attrs: []attr{
		common("Converted Status", "Closed - Converted"), flag("Send Notification Email", false),
	}})
}
