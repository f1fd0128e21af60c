package instance

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// spareColumns are kept for fields that are made at run time; the first of them are indexed.
const (
	spareColumns = 32
	spareIndexed = 4
)

// schema is the fields of a person.
type schema struct {
	fields  []*field // in the order of describe
	byName  map[string]*field
	byID    map[int]*field
	columns int
	spare   int // next column for a field made at run time
	nextID  int
	company []*field // the fields of company type, but for externalCompanyId

	// Fields that the imitation itself works with.
	created, updated, email, first, middle, last, externalCompany, partition, score *field
	companyRef                                                                      int // hidden column: the company's row
}

// personFields are name|label|type|length|id|flags: r read-only, s searchable, c company type, i indexed, x computed,
// n with the native sync only. Ids, labels and lengths are those that a describe.json of an instance without a CRM
// was recorded with.
const personFields = `
company|Company Name|string|255|4|c
site|Site|string|255|5|c
billingStreet|Billing Address|text||6|c
billingCity|Billing City|string|255|7|c
billingState|Billing State|string|255|8|c
billingCountry|Billing Country|string|255|9|c
billingPostalCode|Billing Postal Code|string|255|10|c
website|Website|url|255|11|c
mainPhone|Main Phone|string|255|12|c
annualRevenue|Annual Revenue|currency||15|c
numberOfEmployees|Num Employees|integer||16|c
industry|Industry|string|255|17|c
sicCode|SIC Code|string|40|18|c
mktoCompanyNotes|Company Notes|text||20|c
externalCompanyId|External Company Id|string|100|41|i
id|Id|integer||44|rsx
mktoName|Full Name|string|255|45|rx
personType|Person Type|string|50|46|rx
mktoIsPartner|Is Partner|boolean||48|
isLead|Is Lead|boolean||49|rx
mktoIsCustomer|Is Customer|boolean||50|
isAnonymous|Is Anonymous|boolean||51|rx
salutation|Salutation|string|255|52|
firstName|First Name|string|255|53|
middleName|Middle Name|string|255|54|
lastName|Last Name|string|255|55|
email|Email Address|email|255|56|si
phone|Phone Number|phone|255|57|
mobilePhone|Mobile Phone Number|phone|255|58|
fax|Fax Number|phone|255|59|
title|Job Title|string|255|60|
contactCompany|Contact Company|reference||61|rx
dateOfBirth|Date of Birth|date||62|
address|Address|text||63|
city|City|string|255|64|
state|State|string|255|65|
country|Country|string|255|66|
postalCode|Postal Code|string|255|67|
personTimeZone|Person Time Zone|string|255|68|r
originalSourceType|Original Source Type|string|255|70|r
originalSourceInfo|Original Source Info|string|2000|71|r
registrationSourceType|Registration Source Type|string|255|72|
registrationSourceInfo|Registration Source Info|string|2000|73|
originalSearchEngine|Original Search Engine|string|255|74|r
originalSearchPhrase|Original Search Phrase|string|255|75|r
originalReferrer|Original Referrer|url|255|76|r
emailInvalid|Email Invalid|boolean||77|
emailInvalidCause|Email Invalid Cause|string|255|78|
unsubscribed|Unsubscribed|boolean||79|
unsubscribedReason|Unsubscribed Reason|string|2000|81|
doNotCall|Do Not Call|boolean||82|
mktoDoNotCallCause|Do Not Call Cause|string|255|83|
doNotCallReason|Do Not Call Reason|string|2000|84|
marketingSuspended|Marketing Suspended|boolean||85|
marketingSuspendedCause|Marketing Suspended Cause|string|255|86|
blackListed|Black Listed|boolean||87|
blackListedCause|Black Listed Cause|string|255|88|
mktoPersonNotes|Person Notes|text||89|
anonymousIP|Anonymous IP|string|255|103|
inferredCompany|Inferred Company|string|255|104|r
inferredCountry|Inferred Country|string|255|105|r
inferredCity|Inferred City|string|255|106|r
inferredStateRegion|Inferred State Region|string|255|107|r
inferredPostalCode|Inferred Postal Code|string|255|108|r
inferredMetropolitanArea|Inferred Metropolitan Area|string|255|109|r
inferredPhoneAreaCode|Inferred Phone Area Code|string|255|110|r
emailSuspended|Email Suspended|boolean||123|
emailSuspendedCause|Email Suspended Cause|string|255|124|
emailSuspendedAt|Email Suspended At|datetime||125|
department|Department|string|255|126|
createdAt|Created At|datetime||130|r
updatedAt|Updated At|datetime||131|r
cookies|Cookies|string|255|136|rs
externalSalesPersonId|External Sales Person Id|string|255|137|i
leadPerson|Lead Person|reference||141|rx
leadRole|Role|string|50|143|
leadSource|Lead Source|string|255|144|
leadStatus|Lead Status|string|255|145|
leadScore|Lead Score|score||146|
urgency|Urgency|float||147|
priority|Priority|integer||148|
relativeScore|Relative Score|integer||149|
relativeUrgency|Relative Urgency|integer||150|
rating|Lead Rating|string|255|160|
personPrimaryLeadInterest|Primary Lead Interest|reference||181|rx
jigsawContactId|Jigsaw Contact ID|string|255|302|
jigsawContactStatus|Jigsaw Contact Status|string|255|303|
facebookId|Facebook ID|string|255|410|rs
twitterId|Twitter ID|string|255|411|rs
linkedInId|LinkedIn ID|string|255|412|rs
leadPartitionId|Lead Partition Id|reference||479|rs
leadRevenueCycleModelId|Lead Revenue Cycle Model ID|integer||485|r
leadRevenueStageId|Lead Revenue Stage ID|integer||487|r
acquisitionProgramId|Acquisition Program|reference||625|
mktoAcquisitionDate|Acquisition Date|datetime||627|
sfdcType|SFDC Type|string|50|701|rn
sfdcId|SFDC Id|string|18|702|rni
sfdcLeadId|SFDC Lead Id|string|18|703|rsni
sfdcContactId|SFDC Contact Id|string|18|704|rsni
sfdcAccountId|SFDC Account Id|string|18|705|rsni
sfdcLeadOwnerId|SFDC Lead Owner Id|string|18|706|rsni
leadOwnerFirstName|Lead Owner First Name|string|255|707|rn
leadOwnerLastName|Lead Owner Last Name|string|255|708|rn
leadOwnerEmailAddress|Lead Owner Email Address|email|255|709|rn
sfdcIsDeleted|SFDC Is Deleted|boolean||710|rn
sfdcCreatedDate|SFDC Created Date|datetime||711|rn
`

// customFields are those that the set-up has made; salesforceId is missing in the scenario "bare".
const customFields = `
legacyNumber|Legacy Number|string|255|800|si
segment|Segment|string|255|801|s
salesforceId|Salesforce Id|string|255|802|si
`

func newSchema(setUp, native bool) *schema {
	s := &schema{byName: map[string]*field{}, byID: map[int]*field{}, nextID: 900}
	for line := range strings.SplitSeq(strings.TrimSpace(personFields), "\n") {
		s.define(line, native, false)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(customFields), "\n") {
		if setUp || !strings.HasPrefix(line, "salesforceId") {
			s.define(line, native, true)
		}
	}
	s.companyRef = s.columns
	s.columns++
	s.spare = s.columns
	for name, at := range map[string]**field{
		"createdAt": &s.created, "updatedAt": &s.updated, "email": &s.email, "firstName": &s.first, "middleName": &s.middle,
		"lastName": &s.last, "externalCompanyId": &s.externalCompany, "leadPartitionId": &s.partition, "leadScore": &s.score,
	} {
		*at = s.byName[name]
	}
	if native {
		for _, name := range crmManaged {
			s.byName[name].crm = true
		}
	}
	return s
}

// parseField reads one line of a table of fields.
func parseField(line string) (f *field, flags string) {
	parts := strings.Split(line, "|")
	f = &field{name: parts[0], label: parts[1], column: -1, key: []byte(`"` + parts[0] + `":`)}
	for k, name := range kindNames {
		if name == parts[2] {
			f.kind = kind(k)
		}
	}
	// An empty length is none; the tables are constants.
	f.length, _ = strconv.Atoi(parts[3])
	f.id, _ = strconv.Atoi(parts[4])
	flags = parts[5]
	f.readOnly, f.search = strings.Contains(flags, "r"), strings.Contains(flags, "s")
	f.company, f.indexed = strings.Contains(flags, "c"), strings.Contains(flags, "i")
	return f, flags
}

func (s *schema) define(line string, native, custom bool) {
	f, flags := parseField(line)
	if strings.Contains(flags, "n") && !native {
		return
	}
	f.custom = custom
	if !custom && f.id != 0 {
		f.soap = strings.ToUpper(f.name[:1]) + f.name[1:]
	}
	if !strings.Contains(flags, "x") {
		f.column = s.columns
		s.columns++
	}
	s.put(f)
	if f.company {
		s.company = append(s.company, f)
	}
}

func (s *schema) put(f *field) {
	s.fields = append(s.fields, f)
	s.byName[f.name], s.byID[f.id] = f, f
}

// width is the number of columns of the people's table.
func (s *schema) width() int { return s.columns + spareColumns }

// indexed are the columns by which people are found.
func (s *schema) indexed() []int {
	columns := []int{s.companyRef}
	for _, f := range s.fields {
		if f.indexed {
			columns = append(columns, f.column)
		}
	}
	for n := range spareIndexed {
		columns = append(columns, s.spare+n)
	}
	return columns
}

// visible finds a field that the API shows; nil for none.
func (s *schema) visible(name string) *field {
	if f := s.byName[name]; f != nil && !f.hidden {
		return f
	}
	return nil
}

// errSchema tells why a field cannot be made; the text is what the API says.
type errSchema string

func (e errSchema) Error() string { return string(e) }

// create makes a custom field.
func (s *schema) create(name, label string, k kind, about string) (*field, error) {
	if s.byName[name] != nil {
		return nil, errSchema("Field with name '" + name + "' already exists")
	}
	for _, f := range s.fields {
		if strings.EqualFold(f.label, label) {
			return nil, errSchema("Field with displayName '" + label + "' already exists")
		}
	}
	for n := range len(name) {
		c := name[n]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (n == 0 || (c != '_' && (c < '0' || c > '9'))) {
			return nil, errSchema("Invalid field name '" + name + "'")
		}
	}
	if name == "" || label == "" {
		return nil, errSchema("name and displayName are required")
	}
	if s.spare == s.columns+spareColumns {
		return nil, errSchema("The limit of fields that can be created is reached")
	}
	f := &field{
		id: s.nextID, name: name, label: label, kind: k, custom: true, byAPI: true, about: about, column: s.spare,
		indexed: s.spare < s.columns+spareIndexed, key: []byte(`"` + name + `":`),
	}
	switch k {
	case kindString, kindEmail, kindInteger: // Marketo REST API, Leads: custom fields of these types are filter types
		f.search = true
	}
	if k == kindString || k == kindEmail || k == kindPhone || k == kindURL {
		f.length = 255
	}
	s.nextID++
	s.spare++
	s.put(f)
	return f, nil
}

// AddField makes a custom person field, as an admin does in Field Management. dataType is one of describe's.
func (i *Instance) AddField(name, label, dataType string) error {
	for k, known := range kindNames {
		if known == dataType {
			var err error
			i.update(func(*table.Tx) { _, err = i.schema.create(name, label, kind(k), "") })
			return err
		}
	}
	return fmt.Errorf("%q is not a field type", dataType)
}

// RenameField gives a person field another label; activities.json shows it at once, also for what lies in the past.
func (i *Instance) RenameField(name, label string) error {
	return i.changeField(name, func(f *field) { f.label = label })
}

// HideField takes a person field out of describe and of every call, or puts it back; its values stay.
func (i *Instance) HideField(name string, hidden bool) error {
	return i.changeField(name, func(f *field) { f.hidden = hidden })
}

func (i *Instance) changeField(name string, change func(*field)) error {
	err := fmt.Errorf("a person has no field %q", name)
	i.update(func(*table.Tx) {
		if f := i.schema.byName[name]; f != nil {
			change(f)
			err = nil
		}
	})
	return err
}
