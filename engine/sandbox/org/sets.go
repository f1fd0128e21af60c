package org

import (
	"slices"
	"strings"
)

// deployedSet is a permission set that was deployed.
type deployedSet struct {
	row      uint64
	name     string
	content  metadataSet
	assigned bool // to the sync user
}

// Rows of deployed permission sets lie above those of the profiles.
const setRow = 10

// keepSet makes a permission set or takes a new version of it, in effect for whom it is assigned to.
func (o *Org) keepSet(name string, content metadataSet) {
	o.mu.Lock()
	var set *deployedSet
	for _, s := range o.sets {
		if s.name == name {
			set = s
		}
	}
	if set == nil {
		set = &deployedSet{row: setRow + uint64(len(o.sets)), name: name}
		o.sets = append(o.sets, set)
	}
	set.content = content
	assigned := set.assigned
	o.mu.Unlock()
	if assigned {
		o.grantSet(content)
	} else {
		o.writeGrants()
	}
}

// grantSet adds what a set grants to what the sync user may do.
func (o *Org) grantSet(set metadataSet) {
	for _, m := range set.Fields {
		if f := o.fieldByPath(m.Field); f != nil {
			o.grantField(f, m.Readable, m.Editable)
		}
	}
	for _, m := range set.Objects {
		o.grantObject(m.Object, m.Read, m.Create, m.Edit, m.Delete, m.All)
	}
	o.regrant(func(r *rights) {
		for _, m := range set.User {
			r.viewSetup = r.viewSetup || m.Enabled && m.Name == "ViewSetup"
			r.convertLeads = r.convertLeads || m.Enabled && m.Name == "ConvertLeads"
		}
		// A contact role goes with its opportunity.
		r.objects[o.object("OpportunityContactRole")] = objectRights{read: r.objects[o.object("OpportunityContactRole")].read || r.objects[o.object("Opportunity")].read}
	})
}

// assignSet answers POST sobjects/PermissionSetAssignment. It is for who may manage users; here those are who may deploy.
func (o *Org) assignSet(c *call, obj *object) {
	body, refusal := c.object()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	if !c.rights.modifyMetadata {
		c.refuse([]rowError{rowFault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")})
		return
	}
	sets := o.object("PermissionSet")
	of, n, err := o.parseID(body.word("PermissionSetId"))
	if err != nil || of != sets || body.word("AssigneeId") != o.people.sync {
		c.refuse([]rowError{rowFault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")})
		return
	}
	o.mu.Lock()
	var set *deployedSet
	for _, s := range o.sets {
		if s.row == n {
			set = s
		}
	}
	had := set != nil && set.assigned
	if set != nil {
		set.assigned = true
	}
	o.mu.Unlock()
	switch {
	case set == nil:
		c.refuse([]rowError{rowFault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")})
	case had:
		c.refuse([]rowError{rowFault("DUPLICATE_VALUE", "duplicate value found: duplicates value on record with id: "+obj.longID(n))})
	default:
		o.grantSet(set.content)
		o.created(c, obj, n, false)
	}
}

// mapConversion takes the place of the mapping of a lead's custom fields to those of its contact; that of standard fields is fixed.
func (o *Org) mapConversion(custom [][2]string) {
	standard := slices.DeleteFunc(slices.Clone(contactMapping), func(pair [2]string) bool { return strings.HasSuffix(pair[0], "__c") })
	o.mu.Lock()
	o.contactMapping = append(standard, custom...)
	o.mu.Unlock()
}
