package org

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// loadChunk is how many rows are loaded in one transaction: enough to be fast, few enough that their undo stays small.
const loadChunk = 20_000

// filler fills the cells of one row, in the order in which the loader names its fields.
type filler struct {
	o       *Org
	columns []int
	cells   []table.Cell
	next    int
}

// put sets the next fields; an empty text is null.
func (f *filler) put(texts ...string) {
	for _, text := range texts {
		text = strings.TrimSpace(text) // as a save would have
		f.cells[f.columns[f.next]] = table.Cell{Text: text, Null: text == ""}
		f.next++
	}
}

func (f *filler) flags(flags ...bool) {
	for _, yes := range flags {
		text := ""
		if yes {
			text = "true"
		}
		f.put(text)
	}
}

func (f *filler) address(a people.Address) { f.put(a.Street, a.City, a.State, a.PostalCode, a.Country) }

// id sets the next field to the id of row n of an object; 0 is null.
func (f *filler) id(obj *object, n uint64) {
	if n == 0 {
		f.put("")
		return
	}
	f.put(obj.longID(n))
}

// owner sets the next field to the id of a user; who is not named is the admin.
func (f *filler) owner(n uint64) {
	if n == 0 {
		f.put(f.o.people.admin)
		return
	}
	f.id(f.o.byName["user"], n)
}

func (f *filler) audit(a people.Audit) {
	f.put(stampText(a.Created.Unix()))
	f.owner(a.CreatedBy)
	f.put(stampText(a.Modified.Unix()))
	f.owner(a.ModifiedBy)
}

var (
	auditNames   = []string{"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
	addressParts = []string{"Street", "City", "State", "PostalCode", "Country"}
)

func prefixed(prefix string) []string {
	names := make([]string, len(addressParts))
	for i, part := range addressParts {
		names[i] = prefix + part
	}
	return names
}

// load writes rows as they were before the org opened: no rules, no journal, stamps of the past.
func load[T any](o *Org, objectName string, rows iter.Seq[T], names [][]string, fill func(*filler, T) (n uint64, stamp time.Time)) error {
	obj := o.object(objectName)
	f := &filler{o: o, cells: make([]table.Cell, obj.width)}
	for _, group := range names {
		for _, name := range group {
			f.columns = append(f.columns, obj.byName[strings.ToLower(name)].column)
		}
	}
	next, stop := iter.Pull(rows)
	defer stop()
	for more := true; more; {
		err := o.db.Update(func(tx *table.Tx) error {
			for range loadChunk {
				row, ok := next()
				if !ok {
					more = false
					return nil
				}
				for i := range f.cells {
					f.cells[i] = table.Null
				}
				f.next = 0
				n, stamp := fill(f, row)
				if err := tx.InsertAt(obj.table, n, f.cells, stamp.Unix()); err != nil {
					return err
				}
				obj.nextRow = max(obj.nextRow, n)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// LoadUsers seeds those who own records. Their numbers lie below those of the org's staff.
func (o *Org) LoadUsers(rows iter.Seq[people.User]) error {
	profile := o.object("Profile").longID(2)
	names := [][]string{{
		"FirstName", "LastName", "Name", "Email", "Username", "Title", "Alias", "IsActive", "UserType", "ProfileId",
		"LanguageLocaleKey", "LocaleSidKey", "TimeZoneSidKey",
	}, auditNames}
	return load(o, "User", rows, names, func(f *filler, u people.User) (uint64, time.Time) {
		alias := u.LastName[:min(len(u.LastName), 5)] + strconv.FormatUint(u.Number%1000, 10)
		f.put(u.FirstName, u.LastName, u.FirstName+" "+u.LastName, u.Email, u.Username, u.Title, alias)
		f.flags(u.Active)
		f.put("Standard", profile, "en_US", "en_US", "America/Los_Angeles")
		f.audit(u.Audit)
		return u.Number, u.Audit.Modified
	})
}

// LoadAccounts seeds accounts.
func (o *Org) LoadAccounts(rows iter.Seq[people.Account]) error {
	accounts := o.object("Account")
	names := [][]string{{
		"Name", "Type", "Phone", "Fax", "AccountNumber", "Website", "Sic", "SicDesc", "Industry", "Site", "AnnualRevenue",
		"NumberOfEmployees", "Ownership", "TickerSymbol", "Rating", "AccountSource", "Description", "Legacy_Number__c",
		"ParentId", "OwnerId",
	}, prefixed("Billing"), prefixed("Shipping"), auditNames}
	return load(o, "Account", rows, names, func(f *filler, a people.Account) (uint64, time.Time) {
		f.put(a.Name, a.Type, a.Phone, a.Fax, a.AccountNumber, a.Website, a.Sic, a.SicDesc, a.Industry, a.Site, a.AnnualRevenue)
		f.put(a.NumberOfEmployees, a.Ownership, a.TickerSymbol, a.Rating, a.AccountSource, a.Description, a.LegacyNumber)
		f.id(accounts, a.Parent)
		f.owner(a.Owner)
		f.address(a.Billing)
		f.address(a.Shipping)
		f.audit(a.Audit)
		return a.Number, a.Audit.Modified
	})
}

// LoadContacts seeds contacts.
func (o *Org) LoadContacts(rows iter.Seq[people.Contact]) error {
	contacts, accounts := o.object("Contact"), o.object("Account")
	names := [][]string{{
		"AccountId", "Salutation", "FirstName", "LastName", "Title", "Department", "Email", "Phone", "MobilePhone", "Fax",
		"HomePhone", "Birthdate", "LeadSource", "Description", "AssistantName", "Legacy_Number__c", "Lead_Score__c",
		"Segment__c", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "Do_Not_Sync_to_Marketo__c", "ReportsToId", "OwnerId",
	}, prefixed("Mailing"), prefixed("Other"), auditNames}
	return load(o, "Contact", rows, names, func(f *filler, p people.Contact) (uint64, time.Time) {
		f.id(accounts, p.Account)
		f.put(p.Salutation, p.FirstName, p.LastName, p.Title, p.Department, p.Email, p.Phone, p.MobilePhone, p.Fax)
		f.put(p.HomePhone, p.Birthdate, p.LeadSource, p.Description, p.AssistantName, p.LegacyNumber, p.Score, p.Segment)
		f.flags(p.OptedOutOfEmail, p.OptedOutOfFax, p.DoNotCall, p.DoNotSync)
		f.id(contacts, p.ReportsTo)
		f.owner(p.Owner)
		f.address(p.Mailing)
		f.address(p.Other)
		f.audit(p.Audit)
		return p.Number, p.Audit.Modified
	})
}

// LoadLeads seeds leads, converted ones among them.
func (o *Org) LoadLeads(rows iter.Seq[people.Lead]) error {
	accounts, contacts, opportunities := o.object("Account"), o.object("Contact"), o.object("Opportunity")
	names := [][]string{{
		"Salutation", "FirstName", "LastName", "Title", "Company", "Email", "Phone", "MobilePhone", "Fax", "Website",
		"Description", "LeadSource", "Status", "Industry", "Rating", "AnnualRevenue", "NumberOfEmployees", "Legacy_Number__c",
		"Lead_Score__c", "Segment__c", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "Do_Not_Sync_to_Marketo__c",
		"OwnerId", "IsConverted", "ConvertedDate", "ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId",
	}, prefixed(""), auditNames}
	return load(o, "Lead", rows, names, func(f *filler, p people.Lead) (uint64, time.Time) {
		f.put(p.Salutation, p.FirstName, p.LastName, p.Title, p.Company, p.Email, p.Phone, p.MobilePhone, p.Fax, p.Website)
		f.put(p.Description, p.LeadSource, p.Status, p.Industry, p.Rating, p.AnnualRevenue, p.NumberOfEmployees, p.LegacyNumber)
		f.put(p.Score, p.Segment)
		f.flags(p.OptedOutOfEmail, p.OptedOutOfFax, p.DoNotCall, p.DoNotSync)
		if p.Queue {
			f.put(o.people.queue)
		} else {
			f.owner(p.Owner)
		}
		converted := ""
		if p.ConvertedContact != 0 {
			converted = p.Converted.Format(time.DateOnly)
		}
		f.flags(p.ConvertedContact != 0)
		f.put(converted)
		f.id(contacts, p.ConvertedContact)
		f.id(accounts, p.ConvertedAccount)
		f.id(opportunities, p.ConvertedOpportunity)
		f.address(p.Address)
		f.audit(p.Audit)
		return p.Number, p.Audit.Modified
	})
}
