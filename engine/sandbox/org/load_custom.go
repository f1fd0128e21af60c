package org

import (
	"iter"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// LoadSubscriptions seeds what people subscribe to.
func (o *Org) LoadSubscriptions(rows iter.Seq[people.Subscription]) error {
	contacts, leads := o.object("Contact"), o.object("Lead")
	names := [][]string{{"Name", "Contact__c", "Lead__c", "Plan__c", "Annual_Fee__c", "Seats__c", "Starts_On__c", "Active__c", "OwnerId"}, auditNames}
	return load(o, "Subscription__c", rows, names, func(f *filler, s people.Subscription) (uint64, time.Time) {
		f.put(s.Name)
		f.id(contacts, s.Contact)
		f.id(leads, s.Lead)
		f.put(s.Plan, s.Fee, s.Seats, s.StartsOn)
		f.flags(s.Active)
		f.owner(s.Owner)
		f.audit(s.Audit)
		return s.Number, s.Audit.Modified
	})
}

// LoadSites seeds where accounts work.
func (o *Org) LoadSites(rows iter.Seq[people.Site]) error {
	accounts := o.object("Account")
	names := [][]string{{"Name", "Account__c", "City__c", "Employees__c", "Opened__c"}, auditNames}
	return load(o, "Site__c", rows, names, func(f *filler, s people.Site) (uint64, time.Time) {
		f.put(s.Name)
		f.id(accounts, s.Account)
		f.put(s.City, s.Employees, stampText(s.Opened.Unix()))
		f.audit(s.Audit)
		return s.Number, s.Audit.Modified
	})
}

// LoadMachines seeds what stands at sites.
func (o *Org) LoadMachines(rows iter.Seq[people.Machine]) error {
	sites := o.object("Site__c")
	names := [][]string{{"Name", "Site__c", "Serial_Number__c", "Model__c", "Hours__c"}, auditNames}
	return load(o, "Machine__c", rows, names, func(f *filler, m people.Machine) (uint64, time.Time) {
		f.put(m.Name)
		f.id(sites, m.Site)
		f.put(m.Serial, m.Model, m.Hours)
		f.audit(m.Audit)
		return m.Number, m.Audit.Modified
	})
}
