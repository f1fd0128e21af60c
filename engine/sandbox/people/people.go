// Package people invents the world that both imitated systems start with: companies, the people who work there, what
// is being sold to them, the campaigns that reach them, and who of them each system knows, and how well.
//
// A World is a pure function of its Options: the same ones give the same records in the same order. Records are made
// while they are ranged over; nothing of the world's size is ever held. They carry numbers, not ids: the first contact
// is number 1, and an org or instance makes its own ids of them.
//
// An empty text is a field that is empty. Numbers and dates are texts in canonical form ("125000", "1969-07-20"). No
// address leads anywhere: domains end in .example, example.com, example.org or example.net.
package people

import "time"

// Address is a postal address.
type Address struct{ Street, City, State, PostalCode, Country string }

// Audit says when a record was made and last changed, and by whom: the numbers of users.
type Audit struct {
	Created, Modified     time.Time
	CreatedBy, ModifiedBy uint64
}

// User owns records in Salesforce. One of them is inactive and still owns some.
type User struct {
	Number                                      uint64
	FirstName, LastName, Email, Username, Title string
	Active                                      bool
	Audit                                       Audit
}

// Account is a company in Salesforce.
type Account struct {
	Number                                   uint64
	Name, Type, Phone, Fax, AccountNumber    string
	Website, Sic, SicDesc, Industry, Site    string
	AnnualRevenue, NumberOfEmployees         string
	Ownership, TickerSymbol, Rating          string
	AccountSource, Description, LegacyNumber string
	Billing, Shipping                        Address
	Parent                                   uint64 // an account's number, 0 for none
	Owner                                    uint64
	Audit                                    Audit
}

// Contact is a person in Salesforce who belongs to an account.
type Contact struct {
	Number                                    uint64
	Account                                   uint64 // 0 for none
	Salutation, FirstName, LastName           string
	Title, Department, Email                  string
	Phone, MobilePhone, Fax, HomePhone        string
	Birthdate, LeadSource, Description        string
	AssistantName                             string
	LegacyNumber, Score, Segment              string
	OptedOutOfEmail, OptedOutOfFax, DoNotCall bool
	DoNotSync                                 bool // Do_Not_Sync_to_Marketo__c
	Mailing, Other                            Address
	ReportsTo                                 uint64 // a contact's number, 0 for none
	Owner                                     uint64
	Audit                                     Audit
}

// Lead is a person in Salesforce who belongs to no account yet.
type Lead struct {
	Number                                    uint64
	Salutation, FirstName, LastName           string
	Title, Company, Email                     string
	Phone, MobilePhone, Fax, Website          string
	Description, LeadSource, Status           string
	Industry, Rating                          string
	AnnualRevenue, NumberOfEmployees          string
	LegacyNumber, Score, Segment              string
	OptedOutOfEmail, OptedOutOfFax, DoNotCall bool
	DoNotSync                                 bool
	Address                                   Address
	Queue                                     bool // a queue owns the lead, Owner is 0
	Owner                                     uint64
	// ConvertedContact is the number of the contact that the lead became, 0 for a lead that is still one; the account
	// and opportunity (0 for none) that conversion made or chose stand beside it.
	ConvertedContact, ConvertedAccount, ConvertedOpportunity uint64
	Converted                                                time.Time
	Audit                                                    Audit
}

// Opportunity is a sale in progress or past.
type Opportunity struct {
	Number                                      uint64
	Account                                     uint64
	Name, Stage, Type, LeadSource, NextStep     string
	Amount, Probability, CloseDate, Description string
	Campaign                                    uint64 // 0 for none
	Owner                                       uint64
	Audit                                       Audit
}

// OpportunityContactRole says what a contact has to do with an opportunity.
type OpportunityContactRole struct {
	Number, Opportunity, Contact uint64
	Role                         string
	Primary                      bool
	Audit                        Audit
}

// Campaign is a Salesforce campaign.
type Campaign struct {
	Number                                    uint64
	Name, Type, Status, StartDate, EndDate    string
	BudgetedCost, ActualCost, ExpectedRevenue string
	Description                               string
	Active                                    bool
	Parent                                    uint64 // 0 for none
	Owner                                     uint64
	Audit                                     Audit
}

// CampaignMemberStatus is one of the statuses that a campaign's members may have.
type CampaignMemberStatus struct {
	Number, Campaign   uint64
	Label              string
	SortOrder          int
	Default, Responded bool
	Audit              Audit
}

// CampaignMember is a lead or a contact in a campaign: one of Lead and Contact is 0.
type CampaignMember struct {
	Number, Campaign, Lead, Contact uint64
	Status                          string
	FirstResponded                  string // a date
	Audit                           Audit
}

// Person is a Marketo person. Number is its Marketo id: dense but for at most one in ten.
type Person struct {
	Number                                      int64
	Salutation, FirstName, MiddleName, LastName string
	Email, Title, Department                    string
	Phone, MobilePhone, Fax, Website            string
	Address                                     Address
	DateOfBirth, LeadSource, LeadStatus         string
	Rating, LeadRole, Notes                     string
	Company, Industry, MainPhone, SicCode, Site string
	AnnualRevenue, NumberOfEmployees            string
	Billing                                     Address
	LegacyNumber, Score, Segment                string
	Unsubscribed, DoNotCall, EmailInvalid       bool
	UnsubscribedReason                          string
	OriginalSourceType, OriginalSourceInfo      string
	Created, Updated                            time.Time
	// Lead or Contact is the Salesforce record that is the same human being, 0 for none. Only a native sync would know.
	Lead, Contact uint64
}

// Company is a Marketo company: one for every account that a native sync has brought over.
type Company struct {
	Account                            uint64
	Name, Website, Industry, MainPhone string
	SicCode, Site, AnnualRevenue       string
	NumberOfEmployees, Notes           string
	Billing                            Address
}
