package sandbox

import "github.com/doppio-sync/doppio/engine/record"

// mapped is a pair of fields that speak of the same thing.
type mapped struct {
	salesforce, marketo string
	kind                record.Kind
}

// defaultMapping is the mapping by which Truth compares linked records: that of Marketo's own sync (Adobe, "Default
// Salesforce field mapping") and the fields of the sandbox's set-up. It stands here a second time on purpose: what the
// product maps is judged against it.
var defaultMapping = map[record.Object][]mapped{
	record.Lead: {
		{"FirstName", "firstName", record.Text}, {"LastName", "lastName", record.Text}, {"Email", "email", record.Email},
		{"Company", "company", record.Text}, {"Title", "title", record.Text}, {"Phone", "phone", record.Phone},
		{"MobilePhone", "mobilePhone", record.Phone}, {"Fax", "fax", record.Phone}, {"Website", "website", record.URL},
		{"Street", "address", record.TextArea}, {"City", "city", record.Text}, {"State", "state", record.Text},
		{"PostalCode", "postalCode", record.Text}, {"Country", "country", record.Text}, {"Industry", "industry", record.Picklist},
		{"LeadSource", "leadSource", record.Picklist}, {"Rating", "rating", record.Picklist},
		{"Salutation", "salutation", record.Picklist}, {"Status", "leadStatus", record.Picklist},
		{"AnnualRevenue", "annualRevenue", record.Decimal}, {"NumberOfEmployees", "numberOfEmployees", record.Integer},
		{"HasOptedOutOfEmail", "unsubscribed", record.Boolean}, {"DoNotCall", "doNotCall", record.Boolean},
		{"Description", "mktoPersonNotes", record.TextArea}, {"Lead_Score__c", "leadScore", record.Integer},
		{"Legacy_Number__c", "legacyNumber", record.Text}, {"Segment__c", "segment", record.Picklist},
	},
	record.Contact: {
		{"FirstName", "firstName", record.Text}, {"LastName", "lastName", record.Text}, {"Email", "email", record.Email},
		{"Title", "title", record.Text}, {"Phone", "phone", record.Phone}, {"MobilePhone", "mobilePhone", record.Phone},
		{"Fax", "fax", record.Phone}, {"MailingStreet", "address", record.TextArea}, {"MailingCity", "city", record.Text},
		{"MailingState", "state", record.Text}, {"MailingPostalCode", "postalCode", record.Text},
		{"MailingCountry", "country", record.Text}, {"LeadSource", "leadSource", record.Picklist},
		{"Salutation", "salutation", record.Picklist}, {"Department", "department", record.Text},
		{"Birthdate", "dateOfBirth", record.Date}, {"HasOptedOutOfEmail", "unsubscribed", record.Boolean},
		{"DoNotCall", "doNotCall", record.Boolean}, {"Description", "mktoPersonNotes", record.TextArea},
		{"Lead_Score__c", "leadScore", record.Integer}, {"Legacy_Number__c", "legacyNumber", record.Text},
		{"Segment__c", "segment", record.Picklist},
	},
	record.Account: {
		{"Name", "company", record.Text}, {"Website", "website", record.URL}, {"Industry", "industry", record.Picklist},
		{"Phone", "mainPhone", record.Phone}, {"BillingStreet", "billingStreet", record.TextArea},
		{"BillingCity", "billingCity", record.Text}, {"BillingState", "billingState", record.Text},
		{"BillingPostalCode", "billingPostalCode", record.Text}, {"BillingCountry", "billingCountry", record.Text},
		{"AnnualRevenue", "annualRevenue", record.Decimal}, {"NumberOfEmployees", "numberOfEmployees", record.Integer},
		{"Sic", "sicCode", record.Text}, {"Site", "site", record.Text},
	},
}

// The fields in which each side carries the other's id.
const (
	marketoIDField    = "Marketo_Person_Id__c"
	salesforceIDField = "salesforceId"
	companyIDField    = "externalCompanyId"
)
