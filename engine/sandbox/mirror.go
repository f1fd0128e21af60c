package sandbox

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Mirrored is how an object of which Marketo is only given twins stands on both sides.
type Mirrored struct {
	Salesforce  int `json:"salesforce"` // records that ought to have a twin: everything that they hang on is in Marketo
	Marketo     int `json:"marketo"`
	Missing     int `json:"missing"`     // records without one
	Surplus     int `json:"surplus"`     // twins of records that there are no more
	Differences int `json:"differences"` // fields in which a record and its twin differ
}

// WholeRecord stands in a Difference for the field where a twin as a whole is missing or too many.
const WholeRecord = "(record)"

// reflection says how an object of Salesforce stands in Marketo. It stands here a second time on purpose: what the product makes is
// judged against it.
type reflection struct {
	object, twin record.Object
	// key are the twin's fields by which it is known; the first is the Salesforce id unless own says that it is a reference.
	key    []string
	fields []mapped
	// refs are the fields that name other records, by their Salesforce names. Of several with one Marketo name the filled one counts.
	refs []referring
}

// referring is a field that names a record of another object.
type referring struct {
	mapped
	to     record.Object
	needed bool
}

func ref(salesforce, marketo string, to record.Object, needed bool) referring {
	return referring{mapped{salesforce, marketo, record.Reference}, to, needed}
}

var reflections = []reflection{
	{record.User, record.SalesPerson, []string{"externalSalesPersonId"}, []mapped{
		{"FirstName", "firstName", record.Text}, {"LastName", "lastName", record.Text}, {"Email", "email", record.Email}, {"Title", "title", record.Text},
	}, nil},
	{record.Account, record.Company, []string{companyIDField}, nil, []referring{ref("OwnerId", "externalSalesPersonId", record.User, false)}},
	{record.Opportunity, record.MarketoOpportunity, []string{"externalOpportunityId"}, []mapped{
		{"Name", "name", record.Text}, {"StageName", "stage", record.Text}, {"Type", "type", record.Text}, {"Amount", "amount", record.Decimal},
		{"Probability", "probability", record.Integer}, {"CloseDate", "closeDate", record.Date}, {"IsClosed", "isClosed", record.Boolean},
		{"IsWon", "isWon", record.Boolean}, {"LeadSource", "source", record.Text}, {"NextStep", "nextStep", record.Text},
		{"CreatedDate", "externalCreatedDate", record.DateTime}, {"ExpectedRevenue", "expectedRevenue", record.Decimal},
		{"ForecastCategoryName", "forecastCategory", record.Text}, {"FiscalYear", "fiscalYear", record.Integer},
		{"FiscalQuarter", "fiscalQuarter", record.Integer}, {"TotalOpportunityQuantity", "quantity", record.Decimal},
	}, []referring{ref("AccountId", companyIDField, record.Account, false), ref("OwnerId", "externalSalesPersonId", record.User, false)}},
	{record.OpportunityContactRole, record.OpportunityRole, []string{"externalOpportunityId", "leadId", "role"}, []mapped{
		{"IsPrimary", "isPrimary", record.Boolean},
	}, []referring{ref("OpportunityId", "externalOpportunityId", record.Opportunity, true), ref("ContactId", "leadId", record.Contact, true)}},
	{"Subscription__c", "subscription_c", []string{"salesforceId"}, []mapped{
		{"Name", "name", record.Text}, {"Plan__c", "plan", record.Text}, {"Annual_Fee__c", "annualFee", record.Decimal}, {"Seats__c", "seats", record.Integer},
		{"Starts_On__c", "startsOn", record.Date}, {"Active__c", "active", record.Boolean},
	}, []referring{ref("Contact__c", "personId", record.Contact, true), ref("Lead__c", "personId", record.Lead, true)}},
	{"Site__c", "site_c", []string{"salesforceId"}, []mapped{
		{"Name", "name", record.Text}, {"City__c", "city", record.Text}, {"Employees__c", "employees", record.Integer}, {"Opened__c", "opened", record.DateTime},
	}, []referring{ref("Account__c", "company", record.Account, true)}},
	{"Machine__c", "machine_c", []string{"salesforceId"}, []mapped{
		{"Name", "name", record.Text}, {"Serial_Number__c", "serialNumber", record.Text}, {"Model__c", "model", record.Text}, {"Hours__c", "hours", record.Decimal},
	}, []referring{ref("Site__c", "siteId", "Site__c", true)}},
}

// owned are the references of people.
var owned = []referring{ref("OwnerId", "externalSalesPersonId", record.User, false), ref("AccountId", companyIDField, record.Account, false)}

// noRole stands in Marketo for a contact role that has none.
const noRole = "No role"

// CompareMirrored calls fn with every difference between records and their twins until fn answers false: fields, twins that are missing
// and twins of records that are gone (both with WholeRecord for the field), and the owners and companies of people who carry each
// other's ids.
func (p *Pair) CompareMirrored(fn func(Difference) bool) { p.mirrored(fn) }

func (p *Pair) mirrored(fn func(Difference) bool) map[record.Object]Mirrored {
	m := &mirroring{pair: p, fn: fn, twins: map[record.Object]map[string]string{}, counts: map[record.Object]Mirrored{}, peopled: map[string]bool{}}
	m.people()
	for _, r := range reflections {
		if m.fn == nil {
			break
		}
		m.object(r)
	}
	return m.counts
}

// mirroring is one comparison. twins lead from Salesforce ids to what Marketo calls these records.
type mirroring struct {
	pair   *Pair
	fn     func(Difference) bool // nil once it answered false
	twins  map[record.Object]map[string]string
	counts map[record.Object]Mirrored
	// peopled are the companies to which somebody in Marketo belongs: such a company stays when its account goes.
	peopled map[string]bool
}

func (m *mirroring) tell(d Difference) {
	c := m.counts[d.Object]
	switch {
	case d.SalesforceField != WholeRecord:
		c.Differences++
	case d.MarketoID == "":
		c.Missing++
	default:
		c.Surplus++
	}
	m.counts[d.Object] = c
	if m.fn != nil && !m.fn(d) {
		m.fn = nil
	}
}

// people notes who carries whose id, and the keys of companies and sales persons, then compares people's owners and companies.
func (m *mirroring) people() {
	for _, r := range reflections[:2] { // people name these
		m.twins[r.object] = map[string]string{}
		m.pair.instance.Each(r.twin, func(_ string, get func(string) (string, bool)) bool {
			if key, ok := get(r.key[0]); ok {
				m.twins[r.object][key] = key
			}
			return true
		})
	}
	carries, living := map[string]string{}, map[string]bool{}
	m.pair.instance.Each(record.Person, func(id string, get func(string) (string, bool)) bool {
		living[id] = true
		if long, err := record.LongID(text(get, salesforceIDField)); err == nil {
			carries[string(long)] = id
		}
		m.peopled[text(get, companyIDField)] = true
		return true
	})
	type owning struct {
		object     record.Object
		id, person string
		texts      []string
	}
	var all []owning
	for _, object := range []record.Object{record.Lead, record.Contact} {
		m.twins[object] = map[string]string{}
		m.pair.org.Each(string(object), func(id string, get func(string) (string, bool)) bool {
			person, carried := carries[id], text(get, marketoIDField)
			if person == "" && living[carried] { // one side may have refused to carry the id
				person = carried
			}
			if converted, _ := get("IsConverted"); person == "" || converted == "true" || carried != "" && carried != person {
				return true
			}
			m.twins[object][id] = person
			one := owning{object, id, person, nil}
			for _, r := range owned {
				one.texts = append(one.texts, m.twins[r.to][text(get, r.salesforce)])
			}
			all = append(all, one)
			return true
		})
	}
	for _, one := range all {
		var there []string
		m.pair.instance.Look(record.Person, one.person, func(get func(string) (string, bool)) {
			for _, r := range owned {
				there = append(there, text(get, r.marketo))
			}
		})
		for i := range there {
			if r := owned[i]; there[i] != one.texts[i] && !(one.object == record.Lead && r.to == record.Account) {
				m.tell(Difference{one.object, one.id, one.person, r.salesforce, r.marketo, one.texts[i], there[i]})
			}
		}
	}
}

func text(get func(string) (string, bool), field string) string {
	t, _ := get(field)
	return t
}

// expected is a twin as it ought to be.
type expected struct {
	id     string // in Salesforce
	values map[string]string
}

// object compares one object.
func (m *mirroring) object(r reflection) {
	want := map[string]expected{}
	m.twins[r.object] = map[string]string{}
	m.pair.org.Each(string(r.object), func(id string, get func(string) (string, bool)) bool {
		if r.object == record.User && text(get, "UserType") != "Standard" {
			return true
		}
		if e, ok := m.expect(r, id, get); ok {
			want[r.keyOf(e.values)] = e
		}
		return true
	})
	c := m.counts[r.object]
	c.Salesforce = len(want)
	m.counts[r.object] = c
	met := map[string]bool{}
	m.pair.instance.Each(r.twin, func(id string, get func(string) (string, bool)) bool {
		values := map[string]string{}
		for _, name := range r.names() {
			values[name] = text(get, name)
		}
		key := r.keyOf(values)
		if strings.Trim(key, "\x00") == "" { // somebody else's
			return true
		}
		c := m.counts[r.object]
		c.Marketo++
		m.counts[r.object] = c
		m.twins[r.object][values[r.key[0]]] = values[r.key[0]]
		e, ok := want[key]
		if !ok || met[key] {
			if r.object != record.Account || !m.peopled[values[r.key[0]]] {
				m.tell(Difference{r.object, values[r.key[0]], id, WholeRecord, WholeRecord, "", key})
			}
			return m.fn != nil
		}
		met[key] = true
		for _, f := range r.all() {
			if is := canonical(f.kind, values[f.marketo]); is != e.values[f.marketo] {
				m.tell(Difference{r.object, e.id, id, f.salesforce, f.marketo, e.values[f.marketo], is})
			}
		}
		return m.fn != nil
	})
	for key, e := range want {
		if !met[key] && m.fn != nil {
			m.tell(Difference{r.object, e.id, "", WholeRecord, WholeRecord, key, ""})
		}
	}
}

// expect is the twin that a record ought to have; ok is false while something is not in Marketo without which it cannot be.
func (m *mirroring) expect(r reflection, id string, get func(string) (string, bool)) (e expected, ok bool) {
	e = expected{id, map[string]string{}}
	if len(r.key) == 1 {
		e.values[r.key[0]] = id
	}
	for _, f := range r.fields {
		e.values[f.marketo] = canonical(f.kind, text(get, f.salesforce))
	}
	if r.object == record.OpportunityContactRole {
		if e.values["role"] = text(get, "Role"); e.values["role"] == "" {
			e.values["role"] = noRole
		}
	}
	missing := map[string]bool{}
	for _, f := range r.refs {
		if e.values[f.marketo] != "" {
			continue
		}
		e.values[f.marketo] = m.twins[f.to][text(get, f.salesforce)]
		missing[f.marketo] = f.needed && e.values[f.marketo] == ""
	}
	for _, lacks := range missing {
		if lacks {
			return e, false
		}
	}
	return e, true
}

func (r reflection) keyOf(values map[string]string) string {
	parts := make([]string, len(r.key))
	for i, name := range r.key {
		parts[i] = strings.ToLower(values[name])
	}
	return strings.Join(parts, "\x00")
}

// all are the fields that are compared: those that name other records first, each Marketo name once.
func (r reflection) all() []mapped {
	var all []mapped
	seen := map[string]bool{}
	for _, f := range r.refs {
		if !seen[f.marketo] {
			seen[f.marketo], all = true, append(all, f.mapped)
		}
	}
	return append(all, r.fields...)
}

// names are the twin's fields to look at.
func (r reflection) names() []string {
	names := append([]string(nil), r.key...)
	for _, f := range r.all() {
		names = append(names, f.marketo)
	}
	return names
}
