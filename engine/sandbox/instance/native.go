package instance

import (
	"github.com/doppio-sync/doppio/engine/sandbox/people"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// crmManaged are the fields that the native sync keeps (Adobe, "Default Salesforce field mapping").
var crmManaged = []string{
	"annualRevenue", "city", "company", "country", "dateOfBirth", "mktoPersonNotes", "email", "fax", "firstName", "unsubscribed",
	"industry", "lastName", "leadSource", "leadScore", "mobilePhone", "numberOfEmployees", "phone", "postalCode", "rating", "salutation",
	"state", "leadStatus", "address", "title", "website", "sfdcType", "sfdcId", "sfdcLeadId", "sfdcContactId", "sfdcAccountId",
	"sfdcLeadOwnerId", "sfdcIsDeleted", "sfdcCreatedDate", "doNotCall",
}

type nativeSync struct{}

// fillCRM tells a seeded person which Salesforce record it is.
func (i *Instance) fillCRM(cells []table.Cell, p *people.Person) {
	set := func(name, text string) { cells[i.schema.byName[name].column] = table.Text(text) }
	switch {
	case p.Contact != 0:
		id := crmID("003", p.Contact)
		set("sfdcType", "Contact")
		set("sfdcId", id)
		set("sfdcContactId", id)
	case p.Lead != 0:
		id := crmID("00Q", p.Lead)
		set("sfdcType", "Lead")
		set("sfdcId", id)
		set("sfdcLeadId", id)
	default:
		return
	}
	cells[i.schema.byName["sfdcCreatedDate"].column] = unixCell(p.Created)
}
