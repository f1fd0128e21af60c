package instance

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// loadChunk is how many rows are loaded in one transaction: enough to be fast, few enough that their undo stays small.
const loadChunk = 20_000

// loadFields are the fields of a seeded person, in the order in which load fills them.
var loadFields = []string{
	"salutation", "firstName", "middleName", "lastName", "email", "title", "department", "phone", "mobilePhone", "fax", "website",
	"address", "city", "state", "postalCode", "country", "dateOfBirth", "leadSource", "leadStatus", "rating", "leadRole",
	"mktoPersonNotes", "company", "industry", "mainPhone", "sicCode", "site", "annualRevenue", "numberOfEmployees", "billingStreet",
	"billingCity", "billingState", "billingPostalCode", "billingCountry", "legacyNumber", "leadScore", "segment",
	"unsubscribedReason", "originalSourceType", "originalSourceInfo", "unsubscribed", "doNotCall", "emailInvalid", "createdAt",
	"updatedAt",
}

// inChunks runs take for every element, many in one transaction.
func inChunks[T any](i *Instance, rows iter.Seq[T], take func(*table.Tx, T) error) error {
	next, stop := iter.Pull(rows)
	defer stop()
	for more := true; more; {
		err := i.db.Update(func(tx *table.Tx) error {
			for range loadChunk {
				row, ok := next()
				if !ok {
					more = false
					return nil
				}
				if err := take(tx, row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// LoadPersons seeds people as they were before the instance opened: no rules, no journal. Of their past the log tells
// only their New Lead activities. It is called once, before anything else is written.
func (i *Instance) LoadPersons(rows iter.Seq[people.Person]) error {
	columns := make([]int, len(loadFields))
	for n, name := range loadFields {
		columns[n] = i.schema.byName[name].column
	}
	cells := make([]table.Cell, i.schema.width())
	err := inChunks(i, rows, func(tx *table.Tx, p people.Person) error {
		for n := range cells {
			cells[n] = table.Null
		}
		fillPerson(cells, columns, &p)
		if i.native {
			i.fillCRM(cells, &p)
		}
		id := uint64(p.Number)
		i.lastID = max(i.lastID, id)
		i.log.ancient = append(i.log.ancient, born{uint32(p.Created.Unix()), uint32(id)})
		return tx.InsertAt(i.people, id, cells, p.Updated.Unix())
	})
	if err != nil {
		return err
	}
	i.update(func(tx *table.Tx) {
		slices.SortFunc(i.log.ancient, func(a, b born) int {
			if a.at != b.at {
				return int(int64(a.at) - int64(b.at))
			}
			return int(int64(a.lead) - int64(b.lead))
		})
		i.seedMembers(tx.Now())
	})
	return nil
}

func fillPerson(cells []table.Cell, columns []int, p *people.Person) {
	flag := func(on bool) string {
		if on {
			return "true"
		}
		return ""
	}
	unix := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	for n, text := range [...]string{
		p.Salutation, p.FirstName, p.MiddleName, p.LastName, p.Email, p.Title, p.Department, p.Phone, p.MobilePhone, p.Fax, p.Website,
		p.Address.Street, p.Address.City, p.Address.State, p.Address.PostalCode, p.Address.Country, p.DateOfBirth, p.LeadSource,
		p.LeadStatus, p.Rating, p.LeadRole, p.Notes, p.Company, p.Industry, p.MainPhone, p.SicCode, p.Site, p.AnnualRevenue,
		p.NumberOfEmployees, p.Billing.Street, p.Billing.City, p.Billing.State, p.Billing.PostalCode, p.Billing.Country,
		p.LegacyNumber, p.Score, p.Segment, p.UnsubscribedReason, p.OriginalSourceType, p.OriginalSourceInfo,
		flag(p.Unsubscribed), flag(p.DoNotCall), flag(p.EmailInvalid), unix(p.Created), unix(p.Updated),
	} {
		if text != "" {
			cells[columns[n]] = table.Text(text)
		}
	}
}

// LoadCompanies seeds the companies that a native sync has brought over. It is called before LoadPersons. Such companies
// have no externalCompanyId: that is for companies made by API.
func (i *Instance) LoadCompanies(rows iter.Seq[people.Company]) error {
	o := i.companies
	column := func(name string) int { return o.byName[name].column }
	return inChunks(i, rows, func(tx *table.Tx, p people.Company) error {
		set := map[int]table.Cell{}
		for name, text := range map[string]string{
			"company": p.Name, "website": p.Website, "industry": p.Industry, "mainPhone": p.MainPhone, "sicCode": p.SicCode,
			"site": p.Site, "annualRevenue": p.AnnualRevenue, "numberOfEmployees": p.NumberOfEmployees, "mktoCompanyNotes": p.Notes,
			"billingStreet": p.Billing.Street, "billingCity": p.Billing.City, "billingState": p.Billing.State,
			"billingPostalCode": p.Billing.PostalCode, "billingCountry": p.Billing.Country,
		} {
			if text != "" {
				set[column(name)] = table.Text(text)
			}
		}
		now := unixCell(schemaBirth)
		set[column("createdAt")], set[column("updatedAt")] = now, now
		n := o.firstID + p.Account
		o.next = max(o.next, n+1)
		return tx.InsertAt(o.table, n, cellsOf(o, set), schemaBirth.Unix())
	})
}

// Each calls fn with every record of an object, by the name that record gives it, in the order of ids, until fn answers false. get reads
// a field by its REST name; ok is false for null. Companies are those that stand for themselves: a person without a
// company has its values on its own. What fn is given is read page by page, each under the lock.
func (i *Instance) Each(object record.Object, fn func(id string, get func(field string) (string, bool)) bool) {
	rows, fill := i.rowsOf(object)
	if rows == nil {
		return
	}
	after, done := uint64(0), false
	for !done {
		i.db.View(func() {
			seen := 0
			for row := range rows.ByID(after) {
				if seen++; seen > 1000 {
					return
				}
				after = row.ID()
				if !fn(strconv.FormatUint(row.ID(), 10), fill(row)) {
					break
				}
			}
			done = true
		})
	}
}

// objectKeys are the names under which the objects stand here.
var objectKeys = map[record.Object]string{
	record.Company: "company", record.MarketoOpportunity: "opportunity", record.OpportunityRole: "role", record.SalesPerson: "salesperson",
}

// rowsOf gives an object's rows and how to read them; nil for an object that there is not.
func (i *Instance) rowsOf(object record.Object) (*table.Table, func(table.Row) func(string) (string, bool)) {
	if object == record.Person {
		return i.people, i.personGetter
	}
	key, known := objectKeys[object]
	if !known {
		key = string(object)
	}
	o := i.objects[key]
	if o == nil {
		return nil, nil
	}
	return o.table, o.getter
}

// Look calls fn with one record, and reports whether there is one. get is as in Each.
func (i *Instance) Look(object record.Object, id string, fn func(get func(field string) (string, bool))) bool {
	n, err := strconv.ParseUint(id, 10, 64)
	rows, fill := i.rowsOf(object)
	if err != nil || rows == nil {
		return false
	}
	found := false
	i.db.View(func() {
		var row table.Row
		if row, found = rows.Get(n); found {
			fn(fill(row))
		}
	})
	return found
}

func (i *Instance) personGetter(row table.Row) func(string) (string, bool) {
	var p person
	i.load(&p, row)
	return func(name string) (string, bool) {
		f := i.schema.byName[name]
		if f == nil {
			return "", false
		}
		text, ok := p.value(f)
		return f.plain(text, ok)
	}
}

func (o *object) getter(row table.Row) func(string) (string, bool) {
	return func(name string) (string, bool) {
		f := o.byName[name]
		if f == nil {
			return "", false
		}
		text, ok := o.value(f, row)
		return f.plain(text, ok)
	}
}

// Counts are the numbers of records by object.
func (i *Instance) Counts() map[string]int {
	counts := map[string]int{}
	i.db.View(func() {
		counts["people"], counts["activities"] = i.people.Len(), i.log.end()
		for name, o := range i.objects {
			counts[name] = o.table.Len()
		}
	})
	return counts
}

// FirstID and LastID are the lowest and the highest id of a person; 0 when there is none.
func (i *Instance) FirstID() (id int64) {
	i.db.View(func() {
		if row, ok := i.people.First(); ok {
			id = int64(row.ID())
		}
	})
	return id
}

// LastID is the highest id of a person; 0 when there is none.
func (i *Instance) LastID() (id int64) {
	i.db.View(func() {
		if row, ok := i.people.Last(); ok {
			id = int64(row.ID())
		}
	})
	return id
}
