package schema_test

import (
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// customs describe a custom object on people, one on companies with one below it, and some that cannot be synced.
func customs() schema.Schemas {
	text := func(name, label string) schema.Described {
		return schema.Described{Name: name, Label: label, Type: "string", Length: 80, Writable: true}
	}
	lookup := func(name string, to ...record.Object) schema.Described {
		return schema.Described{Name: name, Type: "reference", Length: 18, Writable: true, ReferenceTo: to}
	}
	key := schema.Described{Name: "salesforceId", Type: "string", Length: 18, Key: true}
	link := func(name, kind string, to record.Object) schema.Described {
		return schema.Described{Name: name, Type: kind, Writable: true, LinksTo: to}
	}
	all := described()
	all[record.Account] = []schema.Described{text("Name", "Account Name")}
	all[record.Company] = []schema.Described{text("company", "Company Name")}
	all["acme__Plan_Item__c"] = []schema.Described{text("Name", "Plan"), lookup("Lead__c", record.Lead), lookup("Contact__c", record.Contact), lookup("Account__c", record.Account), lookup("OwnerId", "Group", record.User)}
	all["planitem_c"] = []schema.Described{key, link("person", "integer", record.Person), text("name", "Plan"), text("createdAt", "Created At")}
	all["Below__c"] = []schema.Described{text("Serial_Number__c", "Serial Number"), lookup("Site__c", "Site__c")}
	all["below_c"] = []schema.Described{key, link("siteId", "string", "site_c"), text("serialNumber", "Serial Number")}
	all["Site__c"] = []schema.Described{text("City__c", "City"), lookup("Account__c", record.Account)}
	all["site_c"] = []schema.Described{key, link("company", "string", record.Company), text("city", "City")}
	all["Loose__c"] = []schema.Described{text("Name", "Name")}
	all["loose_c"] = []schema.Described{key, link("person", "integer", record.Person), text("name", "Name")}
	all["Keyed__c"] = []schema.Described{text("VIN__c", "VIN"), lookup("Contact__c", record.Contact)}
	all["keyed_c"] = []schema.Described{{Name: "vin", Type: "string", Key: true}, link("person", "integer", record.Person)}
	return all
}

// Custom objects find their twins by name and hang where both sides say so, those first on which others hang. One that hangs on nothing,
// or is known by something of its own, is left alone.
func TestCustomObjectsFindTheirTwins(t *testing.T) {
	m := schema.Begin(customs(), time.Unix(1, 0))
	var names []record.Object
	for _, o := range m.Objects {
		if schema.IsCustom(o.Name) {
			names = append(names, o.Name)
		}
	}
	if !slices.Equal(names, []record.Object{"Site__c", "acme__Plan_Item__c", "Below__c"}) {
		t.Fatalf("custom objects %v", names)
	}
	pairs := func(name record.Object) (out []string) {
		o, _ := m.Object(name)
		for _, f := range o.Fields {
			text := f.Salesforce + ">" + f.Marketo
			if f.To != "" {
				text += ":" + string(f.To)
			}
			if f.Direction != schema.ToMarketo || f.Needed != (f.To != "") {
				t.Errorf("%s travels %v, needed %v", text, f.Direction, f.Needed)
			}
			out = append(out, text)
		}
		return out
	}
	for name, want := range map[record.Object][]string{
		"acme__Plan_Item__c": {"Lead__c>person:Lead", "Contact__c>person:Contact", "Name>name"},
		"Site__c":            {"Account__c>company:Account", "City__c>city"},
		"Below__c":           {"Site__c>siteId:Site__c", "Serial_Number__c>serialNumber"},
	} {
		if got := pairs(name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if o, ok := m.Of("planitem_c"); !ok || o.Name != "acme__Plan_Item__c" || o.Key != "salesforceId" {
		t.Errorf("planitem_c is filled by %+v", o)
	}
	// What was found keeps its numbers when a side hides it and shows it again, and what a person wishes is taken over.
	hidden := customs()
	delete(hidden, "site_c")
	delete(hidden, "Site__c")
	back := m.Refresh(hidden, time.Unix(2, 0)).Refresh(customs(), time.Unix(3, 0))
	before, _ := m.Object("Site__c")
	after, _ := back.Object("Site__c")
	if len(after.Fields) != len(before.Fields) || after.Key != before.Key || !after.Fields[0].Needed {
		t.Errorf("after it was hidden: %+v", after)
	}
	var wishes []schema.Wish
	for _, o := range m.Objects {
		for _, f := range o.Fields {
			number := int(f.Number)
			wishes = append(wishes, schema.Wish{Object: string(o.Name), Number: &number, Salesforce: f.Salesforce, Marketo: f.Marketo})
		}
	}
	same, changes, err := m.With(wishes, customs(), time.Unix(4, 0))
	if err != nil || len(changes.Added)+len(changes.Removed) > 0 {
		t.Fatalf("wished as it is: %+v, %v", changes, err)
	}
	off, changes, err := m.With(slices.DeleteFunc(slices.Clone(wishes), func(w schema.Wish) bool { return w.Object == "Below__c" }), customs(), time.Unix(5, 0))
	if err != nil || len(changes.Removed) != 2 {
		t.Fatalf("switched off: %+v, %v", changes, err)
	}
	if o, _ := off.Refresh(customs(), time.Unix(6, 0)).Object("Below__c"); len(o.Fields) != 0 {
		t.Errorf("switched off: %+v", o.Fields)
	}
	on, _, err := off.With(wishes, customs(), time.Unix(7, 0))
	if o, _ := on.Object("Below__c"); err != nil || len(o.Fields) != 2 || o.Fields[0].To != "Site__c" || !o.Fields[0].Needed || o.Key != "salesforceId" {
		t.Errorf("switched on again: %+v, %v", o, err)
	}
	if o, _ := same.Object("acme__Plan_Item__c"); o.Key != "salesforceId" || len(o.Fields) != 3 || o.Fields[1].To != record.Contact {
		t.Errorf("wished as it is: %+v", o)
	}
}
