package schema

import "github.com/doppio-sync/doppio/engine/record"

// pairing is one line of the standard mapping: which field of which side speaks of the same thing.
type pairing struct {
	salesforce, marketo string
	kind                record.Kind
	direction           Direction
	consent             bool
}

// standard is the default mapping of Marketo's own sync (Adobe: "Default Salesforce field mapping"), and the fields that
// Doppio itself needs. A field's place in its list is its number in every baseline: append, never reorder.
var standard = map[record.Object][]pairing{
	record.Lead: {
		{"FirstName", "firstName", record.Text, Both, false},
		{"LastName", "lastName", record.Text, Both, false},
		{"Email", "email", record.Email, Both, false},
		{"Company", "company", record.Text, Both, false},
		{"Title", "title", record.Text, Both, false},
		{"Phone", "phone", record.Phone, Both, false},
		{"MobilePhone", "mobilePhone", record.Phone, Both, false},
		{"Fax", "fax", record.Phone, Both, false},
		{"Website", "website", record.URL, Both, false},
		{"Street", "address", record.TextArea, Both, false},
		{"City", "city", record.Text, Both, false},
		{"State", "state", record.Text, Both, false},
		{"PostalCode", "postalCode", record.Text, Both, false},
		{"Country", "country", record.Text, Both, false},
		{"Industry", "industry", record.Picklist, Both, false},
		{"LeadSource", "leadSource", record.Picklist, Both, false},
		{"Rating", "rating", record.Picklist, Both, false},
		{"Salutation", "salutation", record.Picklist, Both, false},
		{"Status", "leadStatus", record.Picklist, Both, false},
		{"AnnualRevenue", "annualRevenue", record.Decimal, Both, false},
		{"NumberOfEmployees", "numberOfEmployees", record.Integer, Both, false},
		{"HasOptedOutOfEmail", "unsubscribed", record.Boolean, Both, true},
		{"DoNotCall", "doNotCall", record.Boolean, Both, true},
		{"Description", "mktoPersonNotes", record.TextArea, Both, false},
		{"Lead_Score__c", "leadScore", record.Integer, Both, false},
		{"Legacy_Number__c", "legacyNumber", record.Text, Both, false},
		{"Segment__c", "segment", record.Picklist, Both, false},
		{"OwnerId", "externalSalesPersonId", record.Reference, ToMarketo, false},
	},
	record.Contact: {
		{"FirstName", "firstName", record.Text, Both, false},
		{"LastName", "lastName", record.Text, Both, false},
		{"Email", "email", record.Email, Both, false},
		{"Title", "title", record.Text, Both, false},
		{"Phone", "phone", record.Phone, Both, false},
		{"MobilePhone", "mobilePhone", record.Phone, Both, false},
		{"Fax", "fax", record.Phone, Both, false},
		{"MailingStreet", "address", record.TextArea, Both, false},
		{"MailingCity", "city", record.Text, Both, false},
		{"MailingState", "state", record.Text, Both, false},
		{"MailingPostalCode", "postalCode", record.Text, Both, false},
		{"MailingCountry", "country", record.Text, Both, false},
		{"LeadSource", "leadSource", record.Picklist, Both, false},
		{"Salutation", "salutation", record.Picklist, Both, false},
		{"Department", "department", record.Text, Both, false},
		{"Birthdate", "dateOfBirth", record.Date, Both, false},
		{"HasOptedOutOfEmail", "unsubscribed", record.Boolean, Both, true},
		{"DoNotCall", "doNotCall", record.Boolean, Both, true},
		{"Description", "mktoPersonNotes", record.TextArea, Both, false},
		{"Lead_Score__c", "leadScore", record.Integer, Both, false},
		{"Legacy_Number__c", "legacyNumber", record.Text, Both, false},
		{"Segment__c", "segment", record.Picklist, Both, false},
		{"AccountId", "externalCompanyId", record.Reference, ToMarketo, false},
		{"OwnerId", "externalSalesPersonId", record.Reference, ToMarketo, false},
	},
	record.Account: {
		{"Name", "company", record.Text, ToMarketo, false},
		{"Website", "website", record.URL, ToMarketo, false},
		{"Industry", "industry", record.Picklist, ToMarketo, false},
		{"Phone", "mainPhone", record.Phone, ToMarketo, false},
		{"BillingStreet", "billingStreet", record.TextArea, ToMarketo, false},
		{"BillingCity", "billingCity", record.Text, ToMarketo, false},
		{"BillingState", "billingState", record.Text, ToMarketo, false},
		{"BillingPostalCode", "billingPostalCode", record.Text, ToMarketo, false},
		{"BillingCountry", "billingCountry", record.Text, ToMarketo, false},
		{"AnnualRevenue", "annualRevenue", record.Decimal, ToMarketo, false},
		{"NumberOfEmployees", "numberOfEmployees", record.Integer, ToMarketo, false},
		{"Sic", "sicCode", record.Text, ToMarketo, false},
		{"Site", "site", record.Text, ToMarketo, false},
		{"OwnerId", "externalSalesPersonId", record.Reference, ToMarketo, false},
	},
	record.User: {
		{"FirstName", "firstName", record.Text, ToMarketo, false},
		{"LastName", "lastName", record.Text, ToMarketo, false},
		{"Email", "email", record.Email, ToMarketo, false},
		{"Phone", "phone", record.Phone, ToMarketo, false},
		{"Title", "title", record.Text, ToMarketo, false},
	},
	// Not the description: Salesforce keeps 32,000 characters of it, Marketo refuses the whole opportunity beyond 2,000.
	record.Opportunity: {
		{"Name", "name", record.Text, ToMarketo, false},
		{"AccountId", "externalCompanyId", record.Reference, ToMarketo, false},
		{"OwnerId", "externalSalesPersonId", record.Reference, ToMarketo, false},
		{"StageName", "stage", record.Text, ToMarketo, false},
		{"Type", "type", record.Text, ToMarketo, false},
		{"Amount", "amount", record.Decimal, ToMarketo, false},
		{"Probability", "probability", record.Integer, ToMarketo, false},
		{"CloseDate", "closeDate", record.Date, ToMarketo, false},
		{"IsClosed", "isClosed", record.Boolean, ToMarketo, false},
		{"IsWon", "isWon", record.Boolean, ToMarketo, false},
		{"LeadSource", "source", record.Text, ToMarketo, false},
		{"NextStep", "nextStep", record.Text, ToMarketo, false},
		{"CreatedDate", "externalCreatedDate", record.DateTime, ToMarketo, false},
		{"ExpectedRevenue", "expectedRevenue", record.Decimal, ToMarketo, false},
		{"ForecastCategoryName", "forecastCategory", record.Text, ToMarketo, false},
		{"FiscalYear", "fiscalYear", record.Integer, ToMarketo, false},
		{"FiscalQuarter", "fiscalQuarter", record.Integer, ToMarketo, false},
		{"TotalOpportunityQuantity", "quantity", record.Decimal, ToMarketo, false},
	},
	record.OpportunityContactRole: {
		{"OpportunityId", "externalOpportunityId", record.Reference, ToMarketo, false},
		{"ContactId", "leadId", record.Reference, ToMarketo, false},
		{"Role", "role", record.Text, ToMarketo, false},
		{"IsPrimary", "isPrimary", record.Boolean, ToMarketo, false},
		{"CreatedDate", "externalCreatedDate", record.DateTime, ToMarketo, false},
	},
}

// twin says what a Salesforce object is in Marketo, and the field in which Marketo keeps its Salesforce id.
type twin struct {
	name, twin record.Object
	key        string
}

// twins are the objects that can be mapped, in the order in which they are.
var twins = []twin{
	{record.Lead, record.Person, ""},
	{record.Contact, record.Person, ""},
	{record.Account, record.Company, "externalCompanyId"},
	{record.User, record.SalesPerson, "externalSalesPersonId"},
	{record.Opportunity, record.MarketoOpportunity, "externalOpportunityId"},
	{record.OpportunityContactRole, record.OpportunityRole, ""},
}

// direction is where the object's fields may travel at all: only people are written in Salesforce.
func (t twin) direction() Direction {
	if t.name.IsPerson() {
		return Both
	}
	return ToMarketo
}

// reference is what a field of the standard mapping names, and what hangs on it; see Field.
type reference struct {
	to          record.Object
	needed, key bool
	blank       string
}

var references = map[record.Object]map[string]reference{
	record.Lead:    {"OwnerId": {to: record.User}},
	record.Contact: {"OwnerId": {to: record.User}, "AccountId": {to: record.Account}},
	record.Account: {"OwnerId": {to: record.User}},
	record.Opportunity: {
		"OwnerId": {to: record.User}, "AccountId": {to: record.Account},
	},
	record.OpportunityContactRole: {
		"OpportunityId": {to: record.Opportunity, needed: true, key: true},
		"ContactId":     {to: record.Contact, needed: true, key: true},
		"Role":          {key: true, blank: NoRole},
	},
}

// NoRole stands in Marketo for a contact role without a role: there a role is part of the key and is never empty.
const NoRole = "No role"

// Objects are the Salesforce objects that can be mapped, in the order in which they are.
func Objects() []record.Object {
	out := make([]record.Object, len(twins))
	for i, t := range twins {
		out[i] = t.name
	}
	return out
}

// Fields that the set-up makes on both sides: each record carries the other's id.
const (
	// MarketoIDField is the external id, unique, on Lead and Contact.
	MarketoIDField = "Marketo_Person_Id__c"
	// SalesforceIDField is the custom string field on the Marketo person.
	SalesforceIDField = "salesforceId"
	// GoneInMarketoField is the checkbox on Lead and Contact that says that the person was deleted in Marketo.
	GoneInMarketoField = "Deleted_in_Marketo__c"
	// GoneInSalesforceField is the custom boolean field on the Marketo person that says that the record was deleted in Salesforce.
	GoneInSalesforceField = "salesforceIsDeleted"
)

// StandardFields are the Salesforce fields of the standard mapping, by object.
func StandardFields() map[record.Object][]string {
	out := map[record.Object][]string{}
	for object, pairs := range standard {
		for _, p := range pairs {
			out[object] = append(out[object], p.salesforce)
		}
	}
	return out
}
