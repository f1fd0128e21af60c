package app

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// trades is what sales does beside people: deals are made, moved and lost, people get roles in them, records change hands, contacts
// change their company, and the team keeps its own objects.
func (o *office) trades() {
	o.count++
	switch o.rng.IntN(12) {
	case 0, 1:
		if account, _ := o.anyone(record.Salesforce, record.Account); account != "" {
			o.creates("Opportunity", map[string]string{"Name": fmt.Sprintf("Deal %d", o.count), "StageName": "Prospecting", "CloseDate": "2027-01-31", "AccountId": account})
		}
	case 2:
		o.sets("Opportunity", map[string]string{"StageName": "Negotiation/Review", "Amount": strconv.Itoa(1000 * o.count)})
	case 3:
		o.removes("Opportunity")
	case 4, 5:
		deal, _ := o.anyone(record.Salesforce, "Opportunity")
		contact, _ := o.anyone(record.Salesforce, record.Contact)
		role := []string{"Decision Maker", "Influencer", ""}[o.rng.IntN(3)]
		if !o.hasRole(deal, contact) { // Marketo has one twin for two roles that are alike
			o.creates("OpportunityContactRole", map[string]string{"OpportunityId": deal, "ContactId": contact, "Role": role})
		}
	case 6:
		o.sets("OpportunityContactRole", map[string]string{"Role": "Economic Buyer"})
	case 7:
		o.removes("OpportunityContactRole")
	case 8:
		if user, _ := o.anyone(record.Salesforce, "User"); user != "" {
			o.sets([]record.Object{record.Lead, record.Contact, record.Account, "Opportunity"}[o.rng.IntN(4)], map[string]string{"OwnerId": user})
		}
	case 9:
		if account, _ := o.anyone(record.Salesforce, record.Account); account != "" {
			o.sets([]record.Object{record.Contact, "Opportunity"}[o.rng.IntN(2)], map[string]string{"AccountId": account})
		}
	case 10:
		contact, _ := o.anyone(record.Salesforce, record.Contact)
		o.creates("Subscription__c", map[string]string{"Name": fmt.Sprintf("Plan %d", o.count), "Contact__c": contact, "Seats__c": strconv.Itoa(o.count)})
	case 11:
		o.removes([]record.Object{"Subscription__c", "Machine__c", "Site__c"}[o.rng.IntN(3)])
	}
}

func (o *office) hasRole(deal, contact string) (has bool) {
	o.pair.Org().Each("OpportunityContactRole", func(_ string, get func(string) (string, bool)) bool {
		in, _ := get("OpportunityId")
		who, _ := get("ContactId")
		has = has || in == deal && who == contact
		return !has
	})
	return has
}

// inherited tells whether a merge in Marketo gave its winner what its loser had: a role or a subscription that is one too many, or a
// company, out of which the only way is into another one, or an owner, which a record that no user owns never takes away.
func (o *office) inherited(d sandbox.Difference) bool {
	surplus := d.SalesforceField == sandbox.WholeRecord && d.Salesforce == ""
	// Of a record that came and went in the part of a history that a backup replaced nobody knows; a company that had people for too long stays.
	if surplus && (!o.restored.IsZero() || d.Object == record.Account && (o.filtered || o.moved[d.SalesforceID])) {
		return true
	}
	switch key := strings.Split(d.Marketo, "\x00"); {
	case d.Object == record.OpportunityContactRole:
		return surplus && len(key) == 3 && o.moved[key[1]]
	case d.Object == "Subscription__c" && surplus:
		var person string
		o.pair.Org().Look("Subscription__c", d.SalesforceID, func(get func(string) (string, bool)) {
			for _, field := range []string{"Contact__c", "Lead__c"} {
				if id, ok := get(field); ok {
					person = o.partner(edit{side: record.Salesforce, id: id})
				}
			}
		})
		return o.moved[person]
	}
	return (d.SalesforceField == "AccountId" || d.SalesforceField == "OwnerId") && d.Salesforce == "" && o.moved[d.MarketoID]
}

// creates, sets and removes do one thing with one record. What a screen refuses stays as it is.
func (o *office) creates(object string, fields map[string]string) bool {
	id, err := o.pair.Org().Create(object, fields)
	o.diary("create %s %s: %v", object, id, err)
	return err == nil
}

func (o *office) sets(object record.Object, fields map[string]string) {
	if id, _ := o.anyone(record.Salesforce, object); id != "" {
		o.diary("set %v of %s: %v", fields, id, o.pair.Org().Set(id, fields))
	}
}

func (o *office) removes(object record.Object) {
	if id, _ := o.anyone(record.Salesforce, object); id != "" {
		o.diary("delete %s: %v", id, o.pair.Org().Delete(id))
	}
}
