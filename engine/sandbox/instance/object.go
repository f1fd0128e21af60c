package instance

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// object is a kind of record other than people: companies, opportunities, roles, sales persons and custom objects share
// one interface (Marketo REST API, Lead Database).
type object struct {
	name, display, plural, about string
	path                         string // below /rest/v1
	read, write                  permission
	id                           string // id field: "id", a number, or "marketoGUID"
	dedupe                       []string
	searchable                   [][]string
	relations                    []relation
	custom                       bool
	allFields                    bool // a read without "fields" gives every filled one
	readsUnderCRM                bool // with the native sync it can still be read
	firstID                      uint64

	fields []*field
	byName map[string]*field
	table  *table.Table
	next   uint64
}

// relation is a link of a custom object to a Lead or a Company.
type relation struct{ field, to, toField string }

// Fields are name|label|type|length|id|flags: r read-only, i indexed. createdAt and updatedAt every object has.
const (
	companyFields = `
id|Id|integer||1|rx
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
externalCompanyId|External Company Id|string|100|4|i
company|Company Name|string|255|5|i
site|Site|string|255|6|
billingStreet|Billing Address|text||7|
billingCity|Billing City|string|255|8|
billingState|Billing State|string|255|9|
billingCountry|Billing Country|string|255|10|
billingPostalCode|Billing Postal Code|string|255|11|
website|Website|url|255|12|
mainPhone|Main Phone|string|255|13|
annualRevenue|Annual Revenue|currency||14|
numberOfEmployees|Num Employees|integer||15|
industry|Industry|string|255|16|
sicCode|SIC Code|string|40|17|
mktoCompanyNotes|Company Notes|text||18|
externalSalesPersonId|External Sales Person Id|string|255|19|i`
	opportunityFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
externalOpportunityId|SFDC Oppty Id|string|50|4|i
name|Name|string|255|5|
description|Description|string|2000|6|
type|Type|string|255|7|
stage|Stage|string|255|8|
amount|Amount|currency||9|
source|Source|string|255|10|
isClosed|Is Closed|boolean||11|
isWon|Is Won|boolean||12|
probability|Probability|integer||13|
closeDate|Close Date|date||14|
expectedRevenue|Expected Revenue|currency||15|
forecastCategory|Forecast Category|string|255|16|
fiscalYear|Fiscal Year|integer||17|
fiscalQuarter|Fiscal Quarter|integer||18|
lastActivityDate|Last Activity Date|date||19|
nextStep|Next Step|string|255|20|
quantity|Quantity|float||21|
externalCreatedDate|External Created Date|datetime||22|
externalCompanyId|External Company Id|string|100|23|i
externalSalesPersonId|External Sales Person Id|string|255|24|i`
	roleFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
externalOpportunityId|External Opportunity Id|string|50|4|i
leadId|Lead Id|integer||5|i
role|Role|string|50|6|
isPrimary|Is Primary|boolean||7|
externalCreatedDate|External Created Date|datetime||8|`
	salesPersonFields = `
id|Marketo Id|integer||1|rx
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
externalSalesPersonId|External Sales Person Id|string|255|4|i
email|Email|email|255|5|i
firstName|First Name|string|255|6|
lastName|Last Name|string|255|7|
phone|Phone|phone|255|8|
title|Job Title|string|255|9|`
	carFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
vin|VIN|string|255|4|i
owner|Owner|integer||5|i
brand|Brand|string|255|6|
year|Year|integer||7|
price|Price|currency||8|
electric|Electric|boolean||9|
bought|Bought On|date||10|`
	plantFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
externalCompanyId|Company|string|100|4|i
plantNumber|Plant Number|string|50|5|i
city|City|string|255|6|
opened|Opened|datetime||7|`
	subscriptionFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
salesforceId|Salesforce Id|string|18|4|i
personId|Person|integer||5|i
name|Name|string|255|6|
plan|Plan|string|255|7|
annualFee|Annual Fee|currency||8|
seats|Seats|integer||9|
startsOn|Starts On|date||10|
active|Active|boolean||11|`
	siteFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
salesforceId|Salesforce Id|string|18|4|i
company|Company|string|100|5|i
name|Name|string|255|6|
city|City|string|255|7|
employees|Employees|integer||8|
opened|Opened|datetime||9|`
	machineFields = `
marketoGUID|Marketo GUID|string|36|1|ri
createdAt|Created At|datetime||2|r
updatedAt|Updated At|datetime||3|r
salesforceId|Salesforce Id|string|18|4|i
siteId|Site|string|18|5|i
name|Name|string|255|6|
serialNumber|Serial Number|string|255|7|
model|Model|string|255|8|
hours|Hours|float||9|`
)

// schemaBirth is when the instance's objects were made.
var schemaBirth = time.Date(2021, 3, 20, 1, 24, 34, 0, time.UTC)

func (i *Instance) defineObjects() {
	i.objects = map[string]*object{}
	for _, d := range []struct {
		key, fields string
		o           object
	}{
		{"company", companyFields, object{
			name: "Company", display: "Company", plural: "Companies", about: "Company", path: "companies", read: readCompany, write: writeCompany,
			id: "id", firstID: 50_000_001, dedupe: []string{"externalCompanyId"}, readsUnderCRM: true,
			searchable: [][]string{{"externalCompanyId"}, {"id"}, {"company"}},
		}},
		{"opportunity", opportunityFields, object{
			name: "opportunity", display: "Opportunity", plural: "Opportunities", about: "Opportunity", path: "opportunities",
			read: readOpportunity, write: writeOpportunity, id: "marketoGUID", dedupe: []string{"externalOpportunityId"}, readsUnderCRM: true,
			searchable: [][]string{{"externalOpportunityId"}, {"marketoGUID"}},
		}},
		{"role", roleFields, object{
			name: "opportunityRole", display: "Opportunity Role", plural: "Opportunity Roles", about: "Opportunity Role",
			path: "opportunities/roles", read: readOpportunity, write: writeOpportunity, id: "marketoGUID",
			dedupe:     []string{"externalOpportunityId", "leadId", "role"},
			searchable: [][]string{{"externalOpportunityId", "leadId", "role"}, {"marketoGUID"}, {"leadId"}, {"externalOpportunityId"}},
		}},
		{"salesperson", salesPersonFields, object{
			name: "SalesPerson", display: "Sales Person", plural: "Sales People", about: "Sales person", path: "salespersons",
			read: readSalesPerson, write: writeSalesPerson, id: "id", firstID: 1001, dedupe: []string{"externalSalesPersonId"},
			searchable: [][]string{{"email"}, {"id"}, {"externalSalesPersonId"}}, allFields: true, readsUnderCRM: true,
		}},
		{"car_c", carFields, object{
			name: "car_c", display: "Car", plural: "Cars", about: "A car that a person owns", custom: true,
			path: "customobjects/car_c", read: readCustomObject, write: writeCustomObject, id: "marketoGUID", dedupe: []string{"vin"},
			searchable: [][]string{{"vin"}, {"marketoGUID"}, {"owner"}}, relations: []relation{{"owner", "Lead", "Id"}},
		}},
		{"plant_c", plantFields, object{
			name: "plant_c", display: "Plant", plural: "Plants", about: "A site of a company", custom: true,
			path: "customobjects/plant_c", read: readCustomObject, write: writeCustomObject, id: "marketoGUID",
			dedupe:     []string{"externalCompanyId", "plantNumber"},
			searchable: [][]string{{"externalCompanyId", "plantNumber"}, {"marketoGUID"}, {"externalCompanyId"}},
			relations:  []relation{{"externalCompanyId", "Company", "externalCompanyId"}},
		}},
		{"subscription_c", subscriptionFields, ofSalesforce("subscription_c", "Subscription", "Subscriptions", "What a person subscribes to", relation{"personId", "Lead", "Id"})},
		{"site_c", siteFields, ofSalesforce("site_c", "Site", "Sites", "Where a company works", relation{"company", "Company", "externalCompanyId"})},
		{"machine_c", machineFields, ofSalesforce("machine_c", "Machine", "Machines", "What stands at a site", relation{"siteId", "site_c", "salesforceId"})},
	} {
		o := d.o
		o.define(i, d.fields)
		i.objects[d.key] = &o
	}
	i.companies = i.objects["company"]
}

// customNames are the custom objects in the order in which they are listed.
var customNames = []string{"car_c", "plant_c", "subscription_c", "site_c", "machine_c"}

// ofSalesforce is a custom object that somebody made for records of Salesforce: it is known by their ids.
func ofSalesforce(name, display, plural, about string, to relation) object {
	return object{
		name: name, display: display, plural: plural, about: about, custom: true, path: "customobjects/" + name,
		read: readCustomObject, write: writeCustomObject, id: "marketoGUID", dedupe: []string{"salesforceId"},
		searchable: [][]string{{"salesforceId"}, {"marketoGUID"}, {to.field}}, relations: []relation{to},
	}
}

func (o *object) define(i *Instance, lines string) {
	o.byName = map[string]*field{}
	var lookup []int
	columns := 0
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		f, flags := parseField(line)
		if !strings.Contains(flags, "x") {
			f.column = columns
			columns++
		}
		if f.indexed {
			lookup = append(lookup, f.column)
		}
		f.crm = i.native && !o.custom
		o.fields, o.byName[f.name] = append(o.fields, f), f
	}
	o.table = i.db.Create(table.Spec{Name: o.name, Columns: columns, Lookup: lookup})
	o.next = max(o.firstID, 1)
}

// has reports whether a record with a text in an indexed field exists. It is called under the lock.
func (o *object) has(name, text string) bool {
	for range o.table.Find(o.byName[name].column, text) {
		return true
	}
	return false
}

// value is a field's canonical text in a row.
func (o *object) value(f *field, row table.Row) (string, bool) {
	if f.column < 0 { // id
		return strconv.FormatUint(row.ID(), 10), true
	}
	return row.Get(f.column)
}

// guid is the marketoGUID of a new record.
func (i *Instance) guid(o *object, n uint64) string {
	x := (n*0x9e3779b97f4a7c15 ^ i.seed) * 0xbf58476d1ce4e5b9
	y := (x ^ uint64(len(o.name))<<32) * 0x94d049bb133111eb
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(x), x>>48, y>>52, x>>36&0xfff, y&0xffff_ffff_ffff^n)
}

// find gives the records that a field's text names; f is indexed or the id.
func (o *object) find(f *field, text string) iter.Seq[table.Row] {
	if f.column >= 0 {
		return o.table.Find(f.column, text)
	}
	return func(yield func(table.Row) bool) {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return
		}
		if row, ok := o.table.Get(n); ok {
			yield(row)
		}
	}
}

// findKey gives the records that hold all texts of a compound key: the first field is looked up, the others compared.
func (o *object) findKey(names []string, texts []string) (found []table.Row) {
	for row := range o.find(o.byName[names[0]], texts[0]) {
		same := true
		for n := 1; n < len(names); n++ {
			text, _ := o.value(o.byName[names[n]], row)
			same = same && strings.EqualFold(text, texts[n])
		}
		if same {
			found = append(found, row)
		}
	}
	return found
}

// appendRow appends {"seq":n,"id":…,…}.
func (o *object) appendRow(b []byte, seq int, row table.Row, fields []*field) []byte {
	b = strconv.AppendInt(append(b, `{"seq":`...), int64(seq), 10)
	id := o.byName[o.id]
	text, ok := o.value(id, row)
	b = id.appendJSON(append(append(b, ','), id.key...), text, ok)
	for _, f := range fields {
		if f == id {
			continue
		}
		text, ok := o.value(f, row)
		b = f.appendJSON(append(append(b, ','), f.key...), text, ok)
	}
	return append(b, '}')
}

// describe appends the object's metadata; without fields it is an element of the list of custom objects.
func (o *object) describe(b []byte, withFields bool) []byte {
	b = appendMember(append(b, '{'), "", "name", o.name)
	b = appendMember(b, ",", "apiName", o.name)
	b = appendMember(b, ",", "displayName", o.display)
	b = appendMember(b, ",", "pluralName", o.plural)
	b = appendMember(b, ",", "description", o.about)
	b = appendTime(append(b, `,"createdAt":`...), schemaBirth)
	b = appendTime(append(b, `,"updatedAt":`...), schemaBirth)
	b = append(b, `,"state":"approved","status":"approved","version":"approved"`...)
	b = appendMember(b, ",", "idField", o.id)
	b = appendNames(append(b, `,"dedupeFields":`...), o.dedupe)
	b = append(b, `,"searchableFields":[`...)
	for n, names := range o.searchable {
		if n > 0 {
			b = append(b, ',')
		}
		b = appendNames(b, names)
	}
	b = append(b, `],"relationships":[`...)
	for n, r := range o.relations {
		if n > 0 {
			b = append(b, ',')
		}
		b = appendMember(append(b, '{'), "", "field", r.field)
		b = appendMember(b, ",", "type", "child")
		b = appendMember(append(b, `,"relatedTo":{`...), "", "name", r.to)
		b = append(appendMember(b, ",", "field", r.toField), `}}`...)
	}
	b = append(b, ']')
	if withFields {
		b = append(b, `,"fields":[`...)
		for n, f := range o.fields {
			if n > 0 {
				b = append(b, ',')
			}
			b = f.describe2(b, !f.readOnly)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendNames(b []byte, names []string) []byte {
	b = append(b, '[')
	for n, name := range names {
		if n > 0 {
			b = append(b, ',')
		}
		b = appendText(b, name)
	}
	return append(b, ']')
}

// underCRM refuses what the native sync disables (Marketo REST API; release of May 2022): all writes, and roles.
func (o *object) underCRM(i *Instance, write bool) error {
	if i.native && !o.custom && (write || !o.readsUnderCRM) {
		return errCRM
	}
	return nil
}
