package org

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Picklists of a Developer Edition org, as recorded describe answers list them.
var (
	salutations = []string{"Mr.", "Ms.", "Mrs.", "Dr.", "Prof."}
	sources     = []string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"}
	ratings     = []string{"Hot", "Warm", "Cold"}
	statuses    = []string{"Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"}
	segments    = []string{"Enterprise", "Mid-Market", "Small Business", "Partner"}
	interests   = []string{"Analytics", "Events", "Security", "Training"}
	industries  = []string{
		"Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
		"Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance", "Food & Beverage",
		"Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit",
		"Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation", "Utilities", "Other",
	}
	accountTypes = []string{
		"Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Installation Partner",
		"Technology Partner", "Other",
	}
)

// definePeople makes Account, Contact and Lead with the fields of the default mapping and the org's own.
func (o *Org) definePeople() {
	o.define("Account", "Account", "Accounts", "001", merging, join(
		head("Account"),
		[]*field{
			reference("MasterRecordId", "Master Record ID", "MasterRecord", "Account").readOnly().system(),
			accountName(),
			pick("Type", "Account Type", accountTypes...),
			reference("ParentId", "Parent Account ID", "Parent", "Account").searched(),
		},
		addressFields("Billing", "Billing"),
		addressFields("Shipping", "Shipping"),
		[]*field{
			phone("Phone", "Account Phone"), phone("Fax", "Account Fax"),
			text("AccountNumber", "Account Number", 40), url255("Website", "Website"), photo(),
			text("Sic", "SIC Code", 20), pick("Industry", "Industry", industries...),
			number("currency", "AnnualRevenue", "Annual Revenue", 18, 0), whole("NumberOfEmployees", "Employees", 8),
			pick("Ownership", "Ownership", "Public", "Private", "Subsidiary", "Other"),
			text("TickerSymbol", "Ticker Symbol", 20), area("Description", "Account Description", 32000),
			pick("Rating", "Account Rating", ratings...), text("Site", "Account Site", 80),
			owner("User"),
		},
		tail(), viewed(),
		[]*field{
			pick("AccountSource", "Account Source", sources...), text("SicDesc", "SIC Description", 80),
			text("Legacy_Number__c", "Legacy Number", 20).uniqueID(),
		},
	))
	o.define("Contact", "Contact", "Contacts", "003", merging, join(
		head("Contact"),
		[]*field{
			reference("MasterRecordId", "Master Record ID", "MasterRecord", "Contact").readOnly().system(),
			reference("AccountId", "Account ID", "Account", "Account").searched(),
		},
		personName(),
		addressFields("Other", "Other"),
		addressFields("Mailing", "Mailing"),
		[]*field{
			phone("Phone", "Business Phone"), phone("Fax", "Business Fax"), phone("MobilePhone", "Mobile Phone"),
			phone("HomePhone", "Home Phone"), phone("OtherPhone", "Other Phone"), phone("AssistantPhone", "Asst. Phone"),
			reference("ReportsToId", "Reports To ID", "ReportsTo", "Contact"),
			email("Email", "Email").lookup(), text("Title", "Title", 128), text("Department", "Department", 80),
			text("AssistantName", "Assistant's Name", 40), pick("LeadSource", "Lead Source", sources...),
			date("Birthdate", "Birthdate"), area("Description", "Contact Description", 32000),
			owner("User"),
			checkbox("HasOptedOutOfEmail", "Email Opt Out"), checkbox("HasOptedOutOfFax", "Fax Opt Out"), checkbox("DoNotCall", "Do Not Call"),
		},
		tail(), viewed(),
		bounced(), []*field{checkbox("IsEmailBounced", "Is Email Bounced").computed(isBounced).system(), photo()},
		custom("MailingCountry"),
	))
	o.define("Lead", "Lead", "Leads", "00Q", merging, join(
		head("Lead"),
		[]*field{reference("MasterRecordId", "Master Record ID", "MasterRecord", "Lead").readOnly().system()},
		personName(),
		[]*field{text("Title", "Title", 128), text("Company", "Company", 255).required()},
		addressFields("", ""),
		[]*field{
			phone("Phone", "Phone"), phone("MobilePhone", "Mobile Phone"), phone("Fax", "Fax"),
			email("Email", "Email").lookup(), url255("Website", "Website"), photo(),
			area("Description", "Description", 32000), pick("LeadSource", "Lead Source", sources...),
			pick("Status", "Status", statuses...).required().byDefault(statuses[0]),
			pick("Industry", "Industry", industries...), pick("Rating", "Rating", ratings...),
			number("currency", "AnnualRevenue", "Annual Revenue", 18, 0), whole("NumberOfEmployees", "Employees", 8),
			owner("Group", "User"),
			checkbox("HasOptedOutOfEmail", "Email Opt Out"), checkbox("HasOptedOutOfFax", "Fax Opt Out"), checkbox("DoNotCall", "Do Not Call"),
			checkbox("IsConverted", "Converted").onCreate().system(),
			date("ConvertedDate", "Converted Date").readOnly().system(),
			reference("ConvertedAccountId", "Converted Account ID", "ConvertedAccount", "Account").readOnly().system(),
			reference("ConvertedContactId", "Converted Contact ID", "ConvertedContact", "Contact").readOnly().system(),
			reference("ConvertedOpportunityId", "Converted Opportunity ID", "ConvertedOpportunity", "Opportunity").readOnly().system(),
			checkbox("IsUnreadByOwner", "Unread By Owner").system().byDefault("true"),
		},
		tail(), viewed(),
		bouncedLater(),
		custom("Country"),
	))
}

// accountName is shaped so that person accounts could switch it.
func accountName() *field {
	f := text("Name", "Account Name", 255).required().naming().part("Name")
	f.extra = "switchablepersonname"
	return f
}

// personName are the parts of a person's name and the compound made of them.
func personName() []*field {
	name := text("Name", "Full Name", 121).person().naming().computed(fullName)
	name.nillable, name.compound = false, ""
	return []*field{
		text("LastName", "Last Name", 80).required().person(), text("FirstName", "First Name", 40).person(),
		pick("Salutation", "Salutation", salutations...).person(), name,
	}
}

// addressFields are the parts of an address and the compound made of them.
func addressFields(prefix, label string) []*field {
	compound, title := prefix+"Address", "Address"
	if label != "" {
		label += " "
		title = label + "Address"
	}
	return append([]*field{
		area(prefix+"Street", label+"Street", 255).part(compound), text(prefix+"City", label+"City", 40).part(compound),
		text(prefix+"State", label+"State/Province", 80).part(compound), text(prefix+"PostalCode", label+"Zip/Postal Code", 20).part(compound),
		text(prefix+"Country", label+"Country", 80).part(compound), address(compound, title, prefix),
	}, placeFields(prefix, label)...)
}

// bounced are the marks of an address that bounced; leads take them on update only.
func bounced() []*field {
	return []*field{
		text("EmailBouncedReason", "Email Bounced Reason", 255).system(), datetime("EmailBouncedDate", "Email Bounced Date").system(),
	}
}

func bouncedLater() []*field {
	marks := bounced()
	for _, f := range marks {
		f.onUpdate()
	}
	return marks
}

func photo() *field {
	f := url255("PhotoUrl", "Photo URL").system().computed(photoURL)
	f.extra = "imageurl"
	return f
}

// custom are the fields that this org made for itself, the same on leads and contacts.
func custom(country string) []*field {
	region := text("Region__c", "Region", 1300).formula(regionSource(country),
		func(o *Org, f *field, row table.Row) (string, bool) {
			return o.formula.region(row.Get(f.object.byName[strings.ToLower(country)].column))
		})
	return []*field{
		text(marketoIDField, "Marketo Person Id", 40).uniqueID(),
		text("Legacy_Number__c", "Legacy Number", 20).uniqueID(),
		number("double", "Lead_Score__c", "Lead Score", 10, 0),
		pick("Segment__c", "Segment", segments...).ofLength(255).restrict(),
		checkbox("Do_Not_Sync_to_Marketo__c", "Do Not Sync to Marketo"), checkbox(goneField, "Deleted in Marketo"),
		multiple("Interests__c", "Interests", interests...),
		region,
	}
}
