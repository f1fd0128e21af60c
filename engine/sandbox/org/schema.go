package org

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// defineSchema makes every object of the org. The order is that of describe global: by name.
func (o *Org) defineSchema() {
	o.byName, o.byKey = map[string]*object{}, map[string]*object{}
	o.definePeople()
	o.defineSales()
	o.defineCampaigns()
	o.defineCustom()
	o.defineSetup()
	o.defineTooling()
	o.relate()
	for _, name := range []string{"Lead", "Contact"} {
		o.object(name).field(goneField).absent.Store(true)
	}
	if o.strict {
		for _, name := range []string{"Lead", "Contact", "Account"} {
			for _, f := range o.object(name).fields {
				if f.labels != nil {
					f.absent.Store(false)
				}
			}
		}
	}
	if o.bare {
		for _, name := range []string{"Lead", "Contact"} {
			o.object(name).field(marketoIDField).absent.Store(true)
		}
		for _, name := range []string{"Task", "Event"} {
			o.object(name).field(activityIDField).absent.Store(true)
		}
	}
}

// marketoIDField carries the other side's id; the scenario "bare" lacks it.
const marketoIDField = "Marketo_Person_Id__c"

// goneField says that the person was deleted in Marketo; no org has it until an admin adds it (SetFieldPresent).
const goneField = "Deleted_in_Marketo__c"

var (
	ordinary = objectFlags{createable: true, updateable: true, deletable: true, undeletable: true, replicateable: true, triggerable: true}
	merging  = objectFlags{createable: true, updateable: true, deletable: true, mergeable: true, undeletable: true, replicateable: true, triggerable: true}
	setup    = objectFlags{}
)

// define adds an object: its own fields between the id and the system fields.
func (o *Org) define(name, label, plural, prefix string, flags objectFlags, fields []*field) *object {
	obj := &object{name: name, label: label, plural: plural, prefix: prefix, flags: flags, byName: map[string]*field{}, exact: map[string]*field{}}
	spec := table.Spec{Name: name}
	for _, f := range fields {
		f.object, f.index, f.custom = obj, len(obj.fields), strings.HasSuffix(f.name, "__c")
		f.column = -1
		if f.compute == nil {
			f.column = spec.Columns
			spec.Columns++
			if f.indexed {
				spec.Lookup = append(spec.Lookup, f.column)
			}
		}
		obj.fields = append(obj.fields, f)
		obj.byName[strings.ToLower(f.name)], obj.exact[f.name] = f, f
	}
	obj.id = obj.byName["id"]
	obj.owner, obj.deleted, obj.master = obj.byName["ownerid"], obj.byName["isdeleted"], obj.byName["masterrecordid"]
	obj.created, obj.createdBy = obj.byName["createddate"], obj.byName["createdbyid"]
	obj.modified, obj.modifiedBy = obj.byName["lastmodifieddate"], obj.byName["lastmodifiedbyid"]
	if stamp := obj.byName["systemmodstamp"]; stamp != nil && stamp.compute != nil {
		obj.stamp = stamp
	}
	obj.active = obj.byName["lastactivitydate"]
	obj.width = spec.Columns
	obj.table = o.db.Create(spec)
	o.objects = append(o.objects, obj)
	o.byName[strings.ToLower(name)] = obj
	o.byKey[prefix] = obj
	return obj
}

// idField is the Id of an object of that label. It reads the row's number, which no column holds.
func idField(label string) *field {
	f := newField("id", "Id", label+" ID").system()
	f.length, f.nillable, f.defaulted, f.idLookup = 18, false, true, true
	return f.computed(func(_ *Org, f *field, row table.Row) (string, bool) { return f.object.longID(row.ID()), true })
}

// head are the fields that every record begins with.
func head(label string) []*field {
	deleted := checkbox("IsDeleted", "Deleted").readOnly().system().searched()
	return []*field{idField(label), deleted}
}

// tail are the system fields that every record ends with.
func tail() []*field {
	stamp := datetime("SystemModstamp", "System Modstamp").system().byDefault("")
	stamp.nillable = false
	stamp.computed(func(_ *Org, _ *field, row table.Row) (string, bool) { return stampText(row.Stamp()), true })
	fields := []*field{
		datetime("CreatedDate", "Created Date").auditable().byDefault(""),
		reference("CreatedById", "Created By ID", "CreatedBy", "User").auditable().byDefault(""),
		datetime("LastModifiedDate", "Last Modified Date").auditable().byDefault(""),
		reference("LastModifiedById", "Last Modified By ID", "LastModifiedBy", "User").auditable().byDefault(""),
	}
	for _, f := range fields {
		f.nillable = false
	}
	return append(fields, stamp)
}

// viewed are the dates that belong to whoever asks; this org keeps none.
func viewed() []*field {
	never := func(*Org, *field, table.Row) (string, bool) { return "", false }
	return []*field{
		date("LastActivityDate", "Last Activity").readOnly().system(),
		datetime("LastViewedDate", "Last Viewed Date").system().computed(never),
		datetime("LastReferencedDate", "Last Referenced Date").system().computed(never),
	}
}

// owner is the owning user or queue.
func owner(to ...string) *field {
	f := reference("OwnerId", "Owner ID", "Owner", to...).required().byDefault("").searched()
	return f
}

func join(parts ...[]*field) []*field {
	var all []*field
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// cascades names the child relationships whose rows go to the bin with their parent.
var cascades = map[string]bool{
	"Account.Contacts": true, "Account.Opportunities": true, "Campaign.CampaignMembers": true,
	"Campaign.CampaignMemberStatuses": true, "Opportunity.OpportunityContactRoles": true,
	"Account.Sites__r": true, "Site__c.Machines__r": true, "Contact.OpportunityContactRoles": true, "Lead.CampaignMembers": true, "Contact.CampaignMembers": true,
}

// childNames are relationship names that are not simply the child's plural.
var childNames = map[string]string{
	"Account.ParentId": "ChildAccounts", "Campaign.ParentId": "ChildCampaigns",
	"OpportunityContactRole.OpportunityId": "OpportunityContactRoles", "OpportunityContactRole.ContactId": "OpportunityContactRoles",
	"CampaignMember.CampaignId": "CampaignMembers", "CampaignMember.LeadId": "CampaignMembers", "CampaignMember.ContactId": "CampaignMembers",
	"CampaignMemberStatus.CampaignId": "CampaignMemberStatuses", "Opportunity.CampaignId": "Opportunities",
	"Contact.ReportsToId": "", "Task.WhoId": "Tasks", "Task.WhatId": "Tasks", "Task.AccountId": "",
	"Event.WhoId": "Events", "Event.WhatId": "Events",
	"Site__c.Account__c": "Sites__r", "Machine__c.Site__c": "Machines__r", "Subscription__c.Contact__c": "Subscriptions__r",
	"Subscription__c.Lead__c":            "Subscriptions__r",
	"PermissionSetAssignment.AssigneeId": "PermissionSetAssignments", "PermissionSetAssignment.PermissionSetId": "Assignments",
	"ObjectPermissions.ParentId": "ObjectPerms", "FieldPermissions.ParentId": "FieldPerms",
}

// relate fills in the child relationships from the references.
func (o *Org) relate() {
	for _, child := range o.objects {
		for _, f := range child.fields {
			if len(f.references) == 0 || strings.HasSuffix(f.name, "ById") || f.name == "OwnerId" {
				continue
			}
			name, known := childNames[child.name+"."+f.name]
			if !known && (child.flags != setup) && f.name != "MasterRecordId" && !strings.HasPrefix(f.name, "Converted") {
				name = child.plural
			}
			for _, to := range f.references {
				parent := o.object(to)
				if parent == nil {
					continue
				}
				parent.children = append(parent.children, relation{
					child: child, field: f, name: name, cascade: cascades[parent.name+"."+name],
				})
			}
		}
	}
}
