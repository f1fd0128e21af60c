package instance

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// CRM is the org that the native sync is tied to, as its sync user sees it. Texts are canonical: "true", RFC 3339.
type CRM interface {
	// Changed calls fn with the records of an object whose SystemModstamp is since or later, those in the recycle bin
	// too, in the order of their stamps, until fn answers false. fn does not call the CRM.
	Changed(object string, since time.Time, fn func(id string, deleted bool, get func(field string) (string, bool)) bool)
	// Set changes fields of a record; an empty text empties its field. A refusal is an error.
	Set(id string, values map[string]string) error
}

// syncRest is the pause between the end of a cycle and the next (Adobe, "Understanding the Salesforce Sync").
const syncRest = 5 * time.Minute

// syncOverlap is how far a pull looks back: a transaction commits after its stamp.
const syncOverlap = 2 * time.Minute

// nativeSync is Marketo's own Salesforce sync: a loop without a clock of its own, driven by Tick. Accounts and
// opportunities come over and never go back, leads and contacts go both ways. When both sides changed a field since the
// last cycle, Marketo wins on leads and Salesforce on contacts. It never creates a lead by itself, and what happens in it
// stands in no journal: nobody asked over HTTP.
//
// It does not do: flow steps that act at once, campaigns and their members, tasks and events, custom objects, person
// accounts, blocks of 10,000, or failures that are shown anywhere but in Failed.
type nativeSync struct {
	mu     sync.Mutex
	crm    CRM
	next   time.Time // when the rest is over
	since  time.Time // how far the last pull came
	pos    int       // how far the log was pushed
	joined bool      // contacts were joined to their companies once
	users  map[string][3]string
	failed int
}

// bySync is the origin of what the native sync changes.
var bySync = origin{source: "Salesforce Sync", reason: "Updated from Salesforce"}

// crmManaged are the fields that the native sync keeps (Adobe, "Default Salesforce field mapping").
var crmManaged = []string{
	"annualRevenue", "city", "company", "country", "dateOfBirth", "mktoPersonNotes", "email", "fax", "firstName", "unsubscribed",
	"industry", "lastName", "leadSource", "leadScore", "mobilePhone", "numberOfEmployees", "phone", "postalCode", "rating", "salutation",
	"state", "leadStatus", "address", "title", "website", "doNotCall", "sfdcType", "sfdcId", "sfdcLeadId", "sfdcContactId",
	"sfdcAccountId", "sfdcLeadOwnerId", "leadOwnerFirstName", "leadOwnerLastName", "leadOwnerEmailAddress", "sfdcIsDeleted", "sfdcCreatedDate",
}

// syncMappings are Salesforce's and Marketo's names of the same field, by object.
var syncMappings = map[string]map[string]string{
	"Lead": {
		"AnnualRevenue": "annualRevenue", "City": "city", "Company": "company", "Country": "country", "Description": "mktoPersonNotes",
		"Email": "email", "Fax": "fax", "FirstName": "firstName", "HasOptedOutOfEmail": "unsubscribed", "Industry": "industry",
		"LastName": "lastName", "LeadSource": "leadSource", "Lead_Score__c": "leadScore", "MobilePhone": "mobilePhone",
		"NumberOfEmployees": "numberOfEmployees", "Phone": "phone", "PostalCode": "postalCode", "Rating": "rating",
		"Salutation": "salutation", "State": "state", "Status": "leadStatus", "Street": "address", "Title": "title",
		"Website": "website", "DoNotCall": "doNotCall",
	},
	"Contact": {
		"Birthdate": "dateOfBirth", "MailingCity": "city", "MailingCountry": "country", "Description": "mktoPersonNotes", "Email": "email",
		"Fax": "fax", "FirstName": "firstName", "HasOptedOutOfEmail": "unsubscribed", "LastName": "lastName", "LeadSource": "leadSource",
		"Lead_Score__c": "leadScore", "MobilePhone": "mobilePhone", "Phone": "phone", "MailingPostalCode": "postalCode",
		"Salutation": "salutation", "MailingState": "state", "MailingStreet": "address", "Title": "title", "DoNotCall": "doNotCall",
	},
	"Account": {
		"AnnualRevenue": "annualRevenue", "BillingStreet": "billingStreet", "BillingCity": "billingCity", "BillingState": "billingState",
		"BillingPostalCode": "billingPostalCode", "BillingCountry": "billingCountry", "Description": "mktoCompanyNotes",
		"Industry": "industry", "Name": "company", "NumberOfEmployees": "numberOfEmployees", "Phone": "mainPhone", "Sic": "sicCode",
		"Site": "site", "Website": "website",
	},
}

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

// Connect ties the native sync to an org; from now on Tick has something to do. It is an error of the program on an
// instance without the native sync, and does nothing there.
func (i *Instance) Connect(crm CRM) {
	if !i.native {
		return
	}
	s := &i.sync
	s.mu.Lock()
	defer s.mu.Unlock()
	now := i.clock.Now()
	s.crm, s.since, s.next, s.users = crm, now, now.Add(syncRest), map[string][3]string{}
	i.db.View(func() { s.pos = i.log.end() })
}

// Failed counts the records that Salesforce has refused to take since the beginning.
func (i *Instance) Failed() int {
	i.sync.mu.Lock()
	defer i.sync.mu.Unlock()
	return i.sync.failed
}

// Tick lets the native sync work when its rest is over: at most one cycle, whatever time has passed. Whoever holds the
// pair calls it before a request to either side; it must not be called from within the CRM.
func (i *Instance) Tick(now time.Time) {
	s := &i.sync
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.crm == nil || now.Before(s.next) {
		return
	}
	c := &cycle{i: i, s: s, pending: map[uint64]map[*field]bool{}}
	c.collect()
	from := s.since.Add(-syncOverlap)
	s.since = now
	c.pullUsers(from)
	c.pullAccounts(from)
	c.pullPeople("Contact", from)
	c.pullPeople("Lead", from)
	c.push()
	s.next = now.Add(syncRest)
	i.db.View(func() { s.pos = i.log.end() })
}

// cycle is one round of the native sync.
type cycle struct {
	i       *Instance
	s       *nativeSync
	pending map[uint64]map[*field]bool // what people, forms and services changed in Marketo since the last cycle
}

// collect reads the log of changes: fields that the sync manages, changed by anybody but the sync.
func (c *cycle) collect() {
	i := c.i
	i.db.View(func() {
		var a activity
		for pos := max(c.s.pos, len(i.log.ancient)); pos < i.log.end(); pos++ {
			if _, kind, _ := i.log.head(pos); kind != typeChangeDataValue {
				continue
			}
			i.log.get(pos, &a)
			f := i.schema.byID[int(a.primary)]
			if f == nil || !f.crm || slices.ContainsFunc(a.attrs, func(at attr) bool { return at.text == bySync.source }) {
				continue
			}
			if c.pending[a.lead] == nil {
				c.pending[a.lead] = map[*field]bool{}
			}
			c.pending[a.lead][f] = true
		}
	})
}

func (c *cycle) pullUsers(from time.Time) {
	if len(c.s.users) == 0 {
		from = time.Time{}
	}
	c.s.crm.Changed("User", from, func(id string, _ bool, get func(string) (string, bool)) bool {
		first, _ := get("FirstName")
		last, _ := get("LastName")
		email, _ := get("Email")
		c.s.users[id] = [3]string{first, last, email}
		return true
	})
}

// crmRow is a record as it was pulled, with the fields that matter.
type crmRow struct {
	id      string
	deleted bool
	values  map[string]string
}

// pull reads what changed, so that nothing of ours is locked while the org is.
func (c *cycle) pull(object string, from time.Time, more ...string) []crmRow {
	var rows []crmRow
	c.s.crm.Changed(object, from, func(id string, deleted bool, get func(string) (string, bool)) bool {
		row := crmRow{id: id, deleted: deleted, values: map[string]string{}}
		for name := range syncMappings[object] {
			row.values[name], _ = get(name)
		}
		for _, name := range more {
			row.values[name], _ = get(name)
		}
		rows = append(rows, row)
		return true
	})
	return rows
}

// companyOf is the row of an account's company: those of the seed bear its number.
func (i *Instance) companyOf(account string) (uint64, bool) {
	n, ok := crmNumber("001", account)
	if !ok {
		return 0, false
	}
	_, known := i.companies.table.Get(i.companies.firstID + n)
	return i.companies.firstID + n, known
}

func (c *cycle) pullAccounts(from time.Time) {
	i, o := c.i, c.i.companies
	rows := c.pull("Account", from)
	i.update(func(tx *table.Tx) {
		for _, row := range rows {
			n, known := i.companyOf(row.id)
			if row.deleted || n == 0 {
				continue
			}
			set := map[int]table.Cell{}
			for theirs, ours := range syncMappings["Account"] {
				if cell, ok := o.byName[ours].canon(raw{'"', row.values[theirs]}); ok {
					set[o.byName[ours].column] = cell
				}
			}
			set[o.byName["updatedAt"].column] = unixCell(tx.Now())
			if known {
				must(tx.Update(o.table, n, set))
				continue
			}
			set[o.byName["createdAt"].column] = unixCell(tx.Now())
			must(tx.Insert(o.table, n, cellsOf(o, set)))
			o.next = max(o.next, n+1)
		}
	})
}

// crmNumber is the number that crmID made an id of.
func crmNumber(prefix, id string) (uint64, bool) {
	if len(id) < 15 || !strings.HasPrefix(id, prefix) {
		return 0, false
	}
	n := uint64(0)
	for _, d := range []byte(id[6:15]) {
		at := strings.IndexByte(base62, d)
		if at < 0 {
			return 0, false
		}
		n = n*62 + uint64(at)
	}
	return n - firstInOrg, n > firstInOrg
}

// push sends what was changed in Marketo and not overruled: at most one write a record.
func (c *cycle) push() {
	i := c.i
	type order struct {
		lead   uint64
		id     string
		values map[string]string
	}
	var orders []order
	i.db.View(func() {
		var p person
		for _, lead := range slices.Sorted(maps.Keys(c.pending)) {
			row, ok := i.people.Get(lead)
			if !ok {
				continue
			}
			i.load(&p, row)
			id, inCRM := p.value(i.schema.byName["sfdcId"])
			_, gone := p.value(i.schema.byName["sfdcIsDeleted"])
			object, _ := p.value(i.schema.byName["sfdcType"])
			if !inCRM || gone {
				continue // the sync never creates by itself
			}
			o := order{lead, id, map[string]string{}}
			for theirs, ours := range syncMappings[object] {
				if f := i.schema.byName[ours]; c.pending[lead][f] {
					o.values[theirs], _ = f.plain(p.value(f))
				}
			}
			if len(o.values) > 0 {
				orders = append(orders, o)
			}
		}
	})
	slices.SortFunc(orders, func(a, b order) int { return cmp.Compare(a.lead, b.lead) })
	for _, o := range orders {
		if err := c.s.crm.Set(o.id, o.values); err != nil {
			c.s.failed++
			continue
		}
		i.update(func(tx *table.Tx) {
			i.log.settle(tx.Now().Unix())
			i.write(&activity{at: tx.Now().Unix(), kind: typeSyncUpdates, lead: o.lead, primary: int64(o.lead), text: strconv.FormatUint(o.lead, 10)})
		})
	}
}
