package org

import (
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// staff are the users whom every org has, by 18-character id: those who own records come with the seed.
type staff struct {
	admin, sync, private, locked, inactive, queue string
}

// Row numbers of the staff and of setup rows lie above those that a seed uses for its users.
const staffRow = 9000

// seedStaff makes the organisation, its licences, profiles and users.
func (o *Org) seedStaff() {
	user, profile := o.object("User"), o.object("Profile")
	name := func(n uint64) string { return user.longID(staffRow + n) }
	o.people = staff{admin: name(1), sync: name(2), private: name(3), locked: name(4), inactive: name(5), queue: o.object("Group").longID(1)}
	c := o.internal()
	err := o.update(c, func() error {
		p := planter{o, c, time.Date(2019, 3, 4, 9, 0, 0, 0, time.UTC), nil}
		p.put("Organization", orgRow, fields{
			"Name": "Acme", "OrganizationType": "Enterprise Edition", "IsSandbox": "true", "InstanceName": "CS5",
			"LanguageLocaleKey": "en_US", "TimeZoneSidKey": "America/Los_Angeles", "DefaultLocaleSidKey": "en_US",
		})
		p.put("UserLicense", 1, fields{"Name": "Salesforce", "LicenseDefinitionKey": "SFDC", "Status": "Active"})
		p.put("UserLicense", 2, fields{"Name": "Salesforce Integration", "LicenseDefinitionKey": "INTEGRATION", "Status": "Active"})
		for i, title := range []string{"System Administrator", "Standard User", "Marketing Sync"} {
			licence := uint64(1)
			if i == 2 {
				licence = 2
			}
			p.put("Profile", uint64(i+1), fields{"Name": title, "UserType": "Standard", "UserLicenseId": o.object("UserLicense").longID(licence)})
		}
		for i, u := range []struct {
			first, last, alias, title string
			profile                   uint64
			active                    bool
		}{
			{"Ada", "Keller", "akell", "Salesforce Administrator", 1, true}, {"Doppio", "Sync", "doppio", "Integration", 3, true},
			{"Paul", "Private", "ppriv", "Board", 2, true}, {"Lena", "Locked", "llock", "Legal", 2, true},
			{"Ivan", "Inactive", "iinac", "Former employee", 2, false},
		} {
			p.put("User", staffRow+uint64(i+1), fields{
				"Username": u.alias + "@acme.example", "FirstName": u.first, "LastName": u.last, "Name": u.first + " " + u.last,
				"Email": u.alias + "@acme.example", "Alias": u.alias, "Title": u.title, "IsActive": strconv.FormatBool(u.active),
				"UserType": "Standard", "ProfileId": profile.longID(u.profile), "UserPermissionsMarketingUser": "true",
				"LanguageLocaleKey": "en_US", "LocaleSidKey": "en_US", "TimeZoneSidKey": "America/Los_Angeles",
			})
		}
		p.put("Group", 1, fields{"Name": "Inbound Leads", "DeveloperName": "Inbound_Leads", "Type": "Queue", "Email": "inbound@acme.example"})
		return p.err
	})
	if err != nil {
		panic("org: the staff cannot be seeded: " + err.Error())
	}
	o.grants[o.people.admin] = o.everything()
	o.grants[o.people.admin].editConverted = false
	o.grants[o.people.sync] = o.syncRights()
	standard := o.everything()
	standard.modifyAll, standard.viewSetup, standard.hardDelete, standard.setAudit = false, false, false, false
	standard.modifyMetadata = false
	for _, id := range []string{o.people.private, o.people.locked, o.people.inactive} {
		o.grants[id] = standard
	}
	o.writeGrants()
}

// orgRow is the row number behind the organisation's id.
const orgRow = 1

// fields are texts by API name; an empty one is null.
type fields map[string]string

// planter writes rows as they were before the org opened: no rules, stamps of the past.
type planter struct {
	o   *Org
	c   *call
	at  time.Time
	err error
}

// put writes one row, with the system fields at the planter's time unless fields name them.
func (p *planter) put(object string, n uint64, values fields) {
	if p.err != nil {
		return
	}
	obj := p.o.object(object)
	cells := make([]table.Cell, obj.width)
	for _, f := range obj.fields {
		if f.column >= 0 {
			text := values[f.name]
			cells[f.column] = table.Cell{Text: text, Null: text == "" || (f.kind == "boolean" && text == "false")}
		}
	}
	when := table.Text(stampText(p.at.Unix()))
	for f, cell := range map[*field]table.Cell{
		obj.created: when, obj.modified: when, obj.createdBy: table.Text(p.o.people.admin), obj.modifiedBy: table.Text(p.o.people.admin),
	} {
		if f != nil && cells[f.column].Null {
			cells[f.column] = cell
		}
	}
	p.err = p.c.tx.InsertAt(obj.table, n, cells, p.at.Unix())
	obj.nextRow = max(obj.nextRow, n)
}

// internal is a call of the org itself: the admin's, with all rights and no answer.
func (o *Org) internal() *call {
	return &call{session: &session{user: o.people.admin}, rights: o.everything(), version: strconv.Itoa(newestVersion) + ".0", major: newestVersion}
}

// SyncUser is the id of the user whose credentials the sync holds.
func (o *Org) SyncUser() string { return o.people.sync }
