package org

import (
	"maps"
	"strings"
)

// rights are what one user may do: the union over the profile and permission sets. A rights value never changes;
// a new grant makes a new one.
type rights struct {
	viewAll, modifyAll, viewSetup, convertLeads, editConverted, setAudit, hardDelete, modifyMetadata bool

	objects  map[*object]objectRights
	hidden   map[*field]bool // field-level security: not even read
	readOnly map[*field]bool // read, not edited
}

type objectRights struct{ read, create, edit, remove bool }

// sees reports whether the object exists for the user.
func (r *rights) sees(obj *object) bool { return obj != nil && r.objects[obj].read }

// reads reports whether the field exists for the user.
func (r *rights) reads(f *field) bool {
	if f == nil || f.absent.Load() {
		return false
	}
	if !f.permissionable || len(r.hidden) == 0 {
		return true
	}
	return !r.hidden[f]
}

// edits reports whether the user may write the field where the field itself allows it.
func (r *rights) edits(f *field) bool {
	return r.reads(f) && (!f.permissionable || !r.readOnly[f])
}

func (r *rights) creates(obj *object) bool { return obj.flags.createable && r.objects[obj].create }

func (r *rights) updates(obj *object) bool { return obj.flags.updateable && r.objects[obj].edit }

func (r *rights) removes(obj *object) bool { return obj.flags.deletable && r.objects[obj].remove }

// createsField and updatesField are describe's flags as this user sees them.
func (r *rights) createsField(f *field) bool {
	return (f.createable || (f.audit && r.setAudit)) && r.edits(f) && r.creates(f.object)
}

func (r *rights) updatesField(f *field) bool {
	return f.updateable && r.edits(f) && r.updates(f.object)
}

// rightsOf are the rights of a user; a user without any sees nothing.
func (o *Org) rightsOf(user string) *rights {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.grants[user]; r != nil {
		return r
	}
	return &rights{}
}

// everything grants all rights on every object.
func (o *Org) everything() *rights {
	r := &rights{viewAll: true, modifyAll: true, viewSetup: true, convertLeads: true, setAudit: true, hardDelete: true, modifyMetadata: true, objects: map[*object]objectRights{}}
	for _, obj := range o.objects {
		r.objects[obj] = objectRights{read: true, create: true, edit: true, remove: true}
	}
	return r
}

// syncRights are those of the user whose credentials the sync holds: all that it needs and no more than an
// integration profile has; in the bare scenario too little.
func (o *Org) syncRights() *rights {
	r := o.everything()
	r.modifyAll, r.setAudit = false, false
	if !o.bare {
		return r
	}
	r.viewAll, r.viewSetup, r.convertLeads, r.hardDelete, r.modifyMetadata = false, false, false, false, false
	for _, obj := range o.objects {
		if obj.flags != setup {
			r.objects[obj] = objectRights{}
		}
	}
	r.objects[o.object("User")] = objectRights{read: true} // users are seen by everybody
	r.objects[o.object("Lead")] = objectRights{read: true, create: true, edit: true}
	r.objects[o.object("Contact")] = objectRights{read: true, edit: true}
	r.objects[o.object("Account")] = objectRights{read: true}
	r.objects[o.object("Campaign")] = objectRights{read: true}
	r.hidden, r.readOnly = map[*field]bool{}, map[*field]bool{}
	for _, name := range []string{"Lead.HasOptedOutOfEmail", "Contact.HasOptedOutOfEmail", "Contact.Birthdate", "Lead.Segment__c", "Account.Sic"} {
		r.hidden[o.fieldByPath(name)] = true
	}
	for _, name := range []string{"Lead.Rating", "Lead.AnnualRevenue", "Contact.Title", "Contact.Lead_Score__c"} {
		r.readOnly[o.fieldByPath(name)] = true
	}
	return r
}

// fieldByPath finds "Lead.Rating"; nil when there is no such field.
func (o *Org) fieldByPath(path string) *field {
	object, name, _ := strings.Cut(path, ".")
	if obj := o.object(object); obj != nil {
		return obj.byName[strings.ToLower(name)]
	}
	return nil
}

// SetFieldAccess changes what the sync user may do with a field ("Lead.Rating"). An unknown field is ignored.
func (o *Org) SetFieldAccess(path string, read, edit bool) {
	f := o.fieldByPath(path)
	if f == nil {
		return
	}
	o.regrant(func(r *rights) {
		r.hidden, r.readOnly = cloned(r.hidden), cloned(r.readOnly)
		r.hidden[f], r.readOnly[f] = !read, !edit
	})
}

// SetObjectAccess changes what the sync user may do with an object's rows. An unknown object is ignored.
func (o *Org) SetObjectAccess(name string, read, create, edit, remove bool) {
	obj := o.object(name)
	if obj == nil {
		return
	}
	o.regrant(func(r *rights) {
		r.objects = maps.Clone(r.objects)
		r.objects[obj] = objectRights{read, create, edit, remove}
	})
}

// grantField adds to what the sync user may do with a field, as one more permission set does.
func (o *Org) grantField(f *field, read, edit bool) {
	o.regrant(func(r *rights) {
		r.hidden, r.readOnly = cloned(r.hidden), cloned(r.readOnly)
		r.hidden[f] = r.hidden[f] && !read && !edit
		r.readOnly[f] = r.readOnly[f] && !edit
	})
}

// grantObject adds to what the sync user may do, as one more permission set does. all lets it see every row of the org:
// sharing is kept for the user as a whole here.
func (o *Org) grantObject(name string, read, create, edit, remove, all bool) {
	obj := o.object(name)
	if obj == nil {
		return
	}
	o.regrant(func(r *rights) {
		r.objects = maps.Clone(r.objects)
		had := r.objects[obj]
		r.objects[obj] = objectRights{had.read || read, had.create || create, had.edit || edit, had.remove || remove}
		r.viewAll = r.viewAll || all
	})
}

// SetFieldPresent gives the org a custom field or takes it away, as an admin does.
func (o *Org) SetFieldPresent(path string, present bool) {
	if f := o.fieldByPath(path); f != nil {
		f.absent.Store(!present)
		o.writeGrants()
		o.writeSchema()
		o.altered.Store(o.clock.Now().Unix())
	}
}

// Alteration is what an admin changes of a field; what is zero stays.
type Alteration struct {
	Label  string
	Type   string // describe's word
	Length int
}

// AlterField changes a field as an admin does in the setup; the values that are there stay as they are. No call may be under way
// meanwhile. An unknown field is ignored.
func (o *Org) AlterField(path string, a Alteration) {
	f := o.fieldByPath(path)
	if f == nil {
		return
	}
	if a.Label != "" {
		f.label = a.Label
	}
	if a.Type != "" {
		f.kind = a.Type
	}
	if a.Length != 0 {
		f.length = a.Length
	}
	o.writeSchema()
	o.altered.Store(o.clock.Now().Unix())
}

func cloned(m map[*field]bool) map[*field]bool {
	if m == nil {
		return map[*field]bool{}
	}
	return maps.Clone(m)
}

// regrant replaces the sync user's rights by a changed copy, and the rows that tell of them.
func (o *Org) regrant(change func(*rights)) {
	o.mu.Lock()
	next := *o.grants[o.people.sync]
	change(&next)
	o.grants[o.people.sync] = &next
	o.mu.Unlock()
	o.writeGrants()
}

// GrantSetup lets the sync user see the setup and deploy metadata, as an admin may.
func (o *Org) GrantSetup() {
	o.regrant(func(r *rights) { r.viewSetup, r.modifyMetadata = true, true })
}
