package setup_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/engine/setup"
)

// granted describes an org that grants all that is needed.
func granted(w setup.Wishes) []setup.Seen {
	var seen []setup.Seen
	for _, n := range setup.Needs(w) {
		s := setup.Seen{Object: n.Object, Label: string(n.Object), Create: true, Edit: true, Everybody: true}
		for _, f := range n.Fields {
			s.Fields = append(s.Fields, setup.SeenField{Name: f.Name, Label: f.Name, Edit: true, Key: true})
		}
		seen = append(seen, s)
	}
	return seen
}

var user = setup.User{Username: "sync@acme.example", Marketing: true, Rights: map[string]bool{"PermissionsApiEnabled": true, "PermissionsViewSetup": true, "PermissionsEditTask": true}}

func TestWhatIsMissing(t *testing.T) {
	all := setup.Wishes{Leads: true, Marks: true, Tasks: true, Campaigns: true, Filter: map[record.Object][]string{record.Account: {"Tier__c"}}}
	of := func(seen []setup.Seen, o record.Object) *setup.Seen {
		return &seen[slices.IndexFunc(seen, func(s setup.Seen) bool { return s.Object == o })]
	}
	field := func(s *setup.Seen, name string) *setup.SeenField {
		return &s.Fields[slices.IndexFunc(s.Fields, func(f setup.SeenField) bool { return f.Name == name })]
	}
	without := func(s *setup.Seen, name string) {
		s.Fields = slices.DeleteFunc(s.Fields, func(f setup.SeenField) bool { return f.Name == name })
	}
	for _, c := range []struct {
		name  string
		lacks func(seen []setup.Seen, u *setup.User)
		state setup.State
		asks  string // of the first ask; none when empty
		packs bool
	}{
		{"nothing", func([]setup.Seen, *setup.User) {}, setup.Good, "", false},
		{"an object", func(seen []setup.Seen, _ *setup.User) { of(seen, record.Lead).Hidden = true }, setup.Bad, "Lead: let the sync user read it", true},
		{"an object that may stay out", func(seen []setup.Seen, _ *setup.User) { of(seen, record.Opportunity).Hidden = true }, setup.Warning, "Opportunity: let the sync user read it", true},
		{"creating", func(seen []setup.Seen, _ *setup.User) { of(seen, record.Lead).Create = false }, setup.Bad, "Lead: let the sync user create", true},
		{"creating and editing", func(seen []setup.Seen, _ *setup.User) {
			of(seen, record.Lead).Create, of(seen, record.Lead).Edit = false, false
		}, setup.Bad, "Lead: let the sync user create and edit", true},
		{"creating what nobody creates", func(seen []setup.Seen, _ *setup.User) { of(seen, record.Contact).Create = false }, setup.Good, "", false},
		{"editing an account", func(seen []setup.Seen, _ *setup.User) { of(seen, record.Account).Edit = false }, setup.Good, "", false},
		{"a field", func(seen []setup.Seen, _ *setup.User) { without(of(seen, record.Contact), "Title") }, setup.Bad, "Contact: show the sync user Title", true},
		{"editing a field", func(seen []setup.Seen, _ *setup.User) { field(of(seen, record.Contact), "Title").Edit = false }, setup.Bad, "Contact: let the sync user edit Title", true},
		{"editing a formula", func(seen []setup.Seen, _ *setup.User) {
			f := field(of(seen, record.Contact), "Title")
			f.Edit, f.Fixed = false, true
		}, setup.Good, "", false},
		{"a custom field that the standard mapping knows", func(seen []setup.Seen, _ *setup.User) { without(of(seen, record.Lead), "Segment__c") }, setup.Good, "", false},
		{"a field of the filter", func(seen []setup.Seen, _ *setup.User) { without(of(seen, record.Account), "Tier__c") }, setup.Bad, "Account: show the sync user Tier__c", false},
		{"the id", func(seen []setup.Seen, _ *setup.User) { without(of(seen, record.Lead), "Marketo_Person_Id__c") }, setup.Warning, "Lead: make the field Marketo_Person_Id__c (Text 40, External ID, Unique)", true},
		{"the id's uniqueness", func(seen []setup.Seen, _ *setup.User) {
			field(of(seen, record.Lead), "Marketo_Person_Id__c").Key = false
		}, setup.Warning, "Lead.Marketo_Person_Id__c: tick External ID and Unique", false},
		{"the mark", func(seen []setup.Seen, _ *setup.User) { without(of(seen, record.Lead), "Deleted_in_Marketo__c") }, setup.Warning, "Lead: make the field Deleted_in_Marketo__c (Checkbox)", true},
		{"other people's records", func(seen []setup.Seen, _ *setup.User) { of(seen, record.Lead).Everybody = false }, setup.Warning, "Lead: let the sync user view all records", true},
		{"a right of the user", func(_ []setup.Seen, u *setup.User) {
			u.Rights = map[string]bool{"PermissionsApiEnabled": true, "PermissionsViewSetup": true}
		}, setup.Bad, "User: give it the right Edit Tasks", true},
		{"Marketing User", func(_ []setup.Seen, u *setup.User) { u.Marketing = false }, setup.Bad, "User: tick Marketing User", false},
		{"rights that are not told", func(_ []setup.Seen, u *setup.User) { u.Rights = nil }, setup.Good, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen, u := granted(all), user
			c.lacks(seen, &u)
			m := setup.Compare(all, u, seen)
			asks := m.Asks()
			if m.State() != c.state || (c.asks == "") != (len(asks) == 0) {
				t.Fatalf("it is %s: %+v", m.State(), asks)
			}
			if c.asks != "" && (len(asks) != 1 || asks[0].What.Text != c.asks || asks[0].Package != c.packs || asks[0].State != c.state) {
				t.Errorf("asked is %+v", asks)
			}
		})
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	seen := granted(setup.Wishes{})
	seen[0].Everybody, seen[1].Edit = false, false
	asks := setup.Compare(setup.Wishes{}, user, seen).Asks()
	if len(asks) != 2 || asks[0].State != setup.Bad || asks[1].State != setup.Warning {
		t.Errorf("asked is %+v", asks)
	}
}

// Of what a mapping leaves out only that is asked for which Marketo's own sync maps, and nothing of an object that is switched off.
func TestNeedsOfAMapping(t *testing.T) {
	removed := &schema.Entry{State: schema.Removed}
	gone := &schema.Entry{State: schema.Gone, Wished: schema.Both}
	w := setup.Wishes{Mapping: schema.Mapping{Objects: []schema.Object{
		{Name: record.Lead, Fields: []schema.Field{{Salesforce: "LastName", Direction: schema.Both}, {Salesforce: "OwnerId", Direction: schema.ToMarketo}},
			Aside: []schema.Field{{Salesforce: "Title", Entry: removed}, {Salesforce: "Rating", Entry: gone}}},
		{Name: record.Opportunity, Aside: []schema.Field{{Salesforce: "Name", Entry: removed}}},
	}}}
	needs := map[string]setup.FieldNeed{}
	objects := map[record.Object]bool{}
	for _, n := range setup.Needs(w) {
		objects[n.Object] = true
		for _, f := range n.Fields {
			needs[string(n.Object)+"."+f.Name] = f
		}
	}
	for path, want := range map[string]setup.FieldNeed{
		"Lead.LastName": {Name: "LastName", Edit: true}, "Lead.OwnerId": {Name: "OwnerId"}, "Lead.Rating": {Name: "Rating", Edit: true},
		"Lead.Phone": {Name: "Phone", Edit: true, Optional: true}, "Lead.Segment__c": {Name: "Segment__c", Edit: true, Optional: true, Unsure: true},
		"Contact.Phone": {Name: "Phone", Edit: true, Optional: true}, "Lead.Title": {},
	} {
		if needs[path] != want {
			t.Errorf("%s: needed is %+v, want %+v", path, needs[path], want)
		}
	}
	if objects[record.Opportunity] || !objects[record.Account] {
		t.Errorf("needed are %v", objects)
	}
}

// unzipped are the files of a package.
func unzipped(t *testing.T, m setup.Matrix, o setup.Options) map[string]string {
	t.Helper()
	if o.Permissionable == nil {
		o.Permissionable = func(_ record.Object, field string) bool { return field != "LastName" && field != "OwnerId" }
	}
	var b bytes.Buffer
	if err := m.Package(&b, o); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(text, new(struct{})); err != nil {
			t.Errorf("%s is no XML: %v", f.Name, err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestPackage(t *testing.T) {
	w := setup.Wishes{Marks: true, Tasks: true}
	seen := granted(w)
	for i := range seen {
		seen[i].Fields = slices.DeleteFunc(seen[i].Fields, func(f setup.SeenField) bool {
			return f.Name == "Marketo_Person_Id__c" && seen[i].Object == record.Lead || f.Name == "Marketo_Activity_Id__c" || f.Name == "Sic" || f.Name == "Legacy_Number__c"
		})
	}
	files := unzipped(t, setup.Compare(w, user, seen), setup.Options{Conversion: true})
	manifest, set := files["package.xml"], files["permissionsets/Doppio_Sync.permissionset"]
	for _, want := range []string{"<members>Lead.Marketo_Person_Id__c</members>", "<members>Activity.Marketo_Activity_Id__c</members>", "<members>LeadConvertSettings</members>", "<members>Doppio_Sync</members>", "<version>61.0</version>"} {
		if !strings.Contains(manifest, want) {
			t.Errorf("package.xml lacks %s:\n%s", want, manifest)
		}
	}
	if strings.Contains(manifest, "Contact.") || files["objects/Contact.object"] != "" {
		t.Error("a field that is there is made anew")
	}
	for _, want := range []string{"<fullName>Marketo_Person_Id__c</fullName>", "<type>Text</type>", "<length>40</length>", "<externalId>true</externalId>", "<unique>true</unique>"} {
		if !strings.Contains(files["objects/Lead.object"], want) {
			t.Errorf("the lead's file lacks %s:\n%s", want, files["objects/Lead.object"])
		}
	}
	for _, want := range []string{"<field>Lead.Marketo_Person_Id__c</field>", "<field>Task.Marketo_Activity_Id__c</field>", "<field>Account.Sic</field>", "<name>EditTask</name>", "<object>Opportunity</object>"} {
		if !strings.Contains(set, want) {
			t.Errorf("the permission set lacks %s", want)
		}
	}
	for _, never := range []string{"LastName", "OwnerId", "Legacy_Number__c", "<allowDelete>true", "<modifyAllRecords>true", "<object>User</object>", "<object>Task</object>"} {
		if strings.Contains(set, never) {
			t.Errorf("the permission set names %s", never)
		}
	}
	if c := files["LeadConvertSettings/LeadConvertSettings.LeadConvertSetting"]; strings.Contains(c, "Marketo_Person_Id__c") || !strings.Contains(c, "<inputField>Do_Not_Sync_to_Marketo__c</inputField>") {
		t.Errorf("a conversion takes along:\n%s", c)
	}
	if plain := unzipped(t, setup.Compare(w, user, seen), setup.Options{}); len(plain) != len(files)-1 || strings.Contains(plain["package.xml"], "LeadConvert") {
		t.Error("the mapping of conversions is in the package though nobody asked for it")
	}
}
