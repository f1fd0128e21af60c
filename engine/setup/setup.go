// Package setup works out what a Salesforce org has to grant before a workspace can sync: what the mapping and the settings need of each
// object and field, what the sync user may do of it, and what is missing. A mapping, settings and descriptions flow in; a matrix of rights,
// a list of things to ask of the Salesforce admin, and a package of metadata that grants them flow out. It talks to nobody.
package setup

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Wishes are what a workspace wants to do.
type Wishes struct {
	// Mapping is the workspace's; before there is one, the standard mapping is meant.
	Mapping schema.Mapping
	// Leads are made of people who are in Marketo only.
	Leads bool
	// Marks says that a deletion in Marketo leaves a mark in Salesforce.
	Marks bool
	// Tasks are made of what people did in Marketo.
	Tasks bool
	// Campaigns are linked with programs: their members are written.
	Campaigns bool
	// Filter are the fields that the sync filter reads, by object.
	Filter map[record.Object][]string
}

// Need is what a workspace needs of one object. It always reads.
type Need struct {
	Object       record.Object
	Create, Edit bool
	Fields       []FieldNeed
}

// FieldNeed is what a workspace needs of one field.
type FieldNeed struct {
	Name string
	// Edit: it is written. Without, reading is enough.
	Edit bool
	// Optional: the workspace syncs without it, and says what it lacks then.
	Optional bool
	// Unsure: not every org has it. Where it is not shown it may not be there, and nobody misses it.
	Unsure bool
}

// Needs lists what the wishes need, objects in the order in which they are mapped, fields as mapped and then those of the set-up.
func Needs(w Wishes) []Need {
	var needs []Need
	standard := schema.StandardFields()
	objects := schema.Objects()
	for _, o := range w.Mapping.Objects {
		if !slices.Contains(objects, o.Name) {
			objects = append(objects, o.Name)
		}
	}
	for _, name := range objects {
		n := Need{Object: name}
		o, mapped := w.Mapping.Object(name)
		if !n.mapped(o) && mapped {
			continue // switched off
		}
		for _, field := range standard[name] {
			if mentions(o, field) {
				continue
			}
			n.field(FieldNeed{Name: field, Edit: name.IsPerson() && field != "OwnerId" && field != "AccountId", Optional: len(w.Mapping.Objects) > 0, Unsure: sometimes(field)})
		}
		if name.IsPerson() {
			n.Edit, n.Create = true, name == record.Lead && w.Leads
			n.field(FieldNeed{Name: "Email"})
		}
		for _, m := range made {
			if m.object == name && m.wanted(w) {
				n.field(FieldNeed{Name: m.Name, Edit: m.edit, Optional: true})
			}
		}
		for _, field := range w.Filter[name] {
			n.field(FieldNeed{Name: field})
		}
		needs = append(needs, n)
	}
	if w.Campaigns {
		needs = append(needs, Need{Object: record.Campaign}, Need{Object: record.CampaignMember, Create: true, Edit: true,
			Fields: []FieldNeed{{Name: "CampaignId"}, {Name: "LeadId"}, {Name: "ContactId"}, {Name: "Status", Edit: true}}})
	}
	if w.Tasks {
		n := Need{Object: record.Task, Create: true}
		for _, name := range []string{"Subject", "Status", "ActivityDate", "Description", "WhoId", "OwnerId"} {
			n.field(FieldNeed{Name: name, Edit: true})
		}
		n.field(FieldNeed{Name: ActivityIDField, Edit: true, Optional: true})
		needs = append(needs, n)
	}
	return needs
}

// mapped adds the fields that an object's mapping has, and tells whether one of them is to travel.
func (n *Need) mapped(o schema.Object) bool {
	all := o.All()
	for _, f := range all {
		n.field(FieldNeed{Name: f.Salesforce, Edit: n.Object.IsPerson() && wished(f).Writes(record.Salesforce)})
	}
	return len(all) > 0
}

// mentions tells whether a mapping knows a field, be it that somebody took it out.
func mentions(o schema.Object, field string) bool {
	is := func(f schema.Field) bool { return f.Salesforce == field }
	return slices.ContainsFunc(o.Fields, is) || slices.ContainsFunc(o.Aside, is)
}

// wished is where a field shall travel, whatever a side refuses at present.
func wished(f schema.Field) schema.Direction {
	if f.Entry != nil {
		return f.Entry.Wished
	}
	return f.Direction
}

// field adds a need; of one field only the greater is kept.
func (n *Need) field(f FieldNeed) {
	if i := slices.IndexFunc(n.Fields, func(have FieldNeed) bool { return have.Name == f.Name }); i >= 0 {
		n.Fields[i].Edit = n.Fields[i].Edit || f.Edit
		n.Fields[i].Optional, n.Fields[i].Unsure = n.Fields[i].Optional && f.Optional, n.Fields[i].Unsure && f.Unsure
		return
	}
	n.Fields = append(n.Fields, f)
}
