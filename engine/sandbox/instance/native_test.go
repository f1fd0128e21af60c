package instance_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// crm is an org of a few records.
type crm struct {
	rows   []*crmRecord
	sets   int
	refuse bool
	now    func() time.Time
}

type crmRecord struct {
	object, id string
	stamp      time.Time
	deleted    bool
	values     map[string]string
}

func (c *crm) Changed(object string, since time.Time, fn func(string, bool, func(string) (string, bool)) bool) {
	for _, r := range c.rows {
		if r.object == object && !r.stamp.Before(since) {
			fn(r.id, r.deleted, func(field string) (string, bool) { v, ok := r.values[field]; return v, ok })
		}
	}
}

func (c *crm) Set(id string, values map[string]string) error {
	if c.refuse {
		return errors.New("FIELD_CUSTOM_VALIDATION_EXCEPTION")
	}
	c.sets++
	for _, r := range c.rows {
		if r.id == id {
			r.stamp = c.now()
			for name, text := range values {
				r.values[name] = text
			}
		}
	}
	return nil
}

// paired is a world with the native sync: a person who is a lead, one who is a contact of an account, and one who is
// neither.
func paired(t *testing.T) (w *world, c *crm, lead, contact, neither string) {
	w = newWorld(t, 400, instance.Config{NativeSync: true})
	p := people.New(people.Options{People: 400, Seed: 7, Opening: opening})
	for one := range p.Persons() {
		id := fmt.Sprint(one.Number)
		switch {
		case one.Lead != 0 && lead == "":
			lead = id
		case one.Contact != 0 && contact == "":
			contact = id
		case one.Lead+one.Contact == 0 && neither == "":
			neither = id
		}
	}
	c = &crm{now: w.clock.Now}
	old := opening.AddDate(-1, 0, 0)
	for object, id := range map[string]string{"Lead": lead, "Contact": contact} {
		r := &crmRecord{object: object, id: w.field(id, "sfdcId"), stamp: old, values: map[string]string{"LastName": w.field(id, "lastName"), "OwnerId": "005A"}}
		c.rows = append(c.rows, r)
	}
	c.rows = append(c.rows, &crmRecord{object: "User", id: "005A", stamp: old, values: map[string]string{"FirstName": "Rita", "LastName": "Rep", "Email": "rita@acme.example"}})
	w.i.Connect(c)
	return w, c, lead, contact, neither
}

func (w *world) field(id, name string) (text string) {
	w.i.Look(record.Person, id, func(get func(string) (string, bool)) { text, _ = get(name) })
	return text
}

func (w *world) write(id, members string) {
	w.t.Helper()
	w.signIn(w.i.Credentials())
	a := w.ok("POST", "/rest/v1/leads.json", `{"action":"updateOnly","lookupField":"id","input":[{"id":`+id+`,`+members+`}]}`)
	if a.Result[0]["status"] != "updated" {
		w.t.Fatalf("%.200s", a.Text)
	}
}

// cycle lets the sync's rest pass and gives it its turn.
func (w *world) cycle() {
	w.clock.Advance(5*time.Minute + time.Second)
	w.i.Tick(w.clock.Now())
}

func TestNativeSyncIsVisible(t *testing.T) {
	w := newWorld(t, 400, instance.Config{NativeSync: true})
	managed := 0
	for _, f := range w.ok("GET", "/rest/v1/leads/describe2.json", "").Result[0]["fields"].([]any) {
		if f.(map[string]any)["crmManaged"] == true {
			managed++
		}
	}
	if managed == 0 {
		t.Error("no field is managed by a CRM")
	}
	for path, body := range map[string]string{
		"/rest/v1/companies.json":           `{"input":[{"externalCompanyId":"001A"}]}`,
		"/rest/v1/opportunities.json":       `{"input":[{"externalOpportunityId":"006A","name":"x"}]}`,
		"/rest/v1/opportunities/roles.json": `{"input":[{"externalOpportunityId":"006A","leadId":1,"role":"x"}]}`,
		"/rest/v1/salespersons.json":        `{"input":[{"externalSalesPersonId":"005A"}]}`,
	} {
		if got := w.post(path, body).code(); got != "1018" {
			t.Errorf("%s: %q", path, got)
		}
	}
	if got := w.get("/rest/v1/opportunities/roles/describe.json").code(); got != "1018" {
		t.Errorf("roles: %q", got)
	}
	w.ok("GET", "/rest/v1/companies/describe.json", "")
	if found := w.ok("GET", "/rest/v1/companies.json?filterType=id&filterValues=50000002", ""); len(found.Result) != 1 {
		t.Error("the companies of the accounts are not there")
	}
	plain := newWorld(t, 10, instance.Config{})
	if plain.get("/rest/v1/leads.json?filterType=sfdcLeadId&filterValues=x").code() != "1011" {
		t.Error("an instance without a CRM knows Salesforce's ids")
	}
}

func TestNativeSyncCarriesChangesBothWays(t *testing.T) {
	w, c, lead, contact, neither := paired(t)
	token := w.since(w.clock.Now())
	w.write(lead, `"title":"From Marketo"`)
	w.write(neither, `"title":"From Marketo"`)
	w.i.Tick(w.clock.Now())
	if c.sets != 0 {
		t.Error("the sync worked within its rest")
	}
	leadRow, contactRow := c.rows[0], c.rows[1]
	if leadRow.object != "Lead" {
		leadRow, contactRow = contactRow, leadRow
	}
	leadRow.values["City"], leadRow.stamp = "Lyon", w.clock.Now()
	w.cycle()
	if leadRow.values["Title"] != "From Marketo" || w.field(lead, "city") != "Lyon" || c.sets != 1 {
		t.Errorf("after a cycle: title %q there, city %q here, %d writes", leadRow.values["Title"], w.field(lead, "city"), c.sets)
	}
	if w.field(lead, "leadOwnerEmailAddress") != "rita@acme.example" {
		t.Error("the owner did not come over")
	}
	w.cycle()
	w.cycle()
	if c.sets != 1 {
		t.Errorf("quiet cycles wrote %d times", c.sets-1)
	}
	// Both sides change one field: Marketo wins on leads, Salesforce on contacts.
	for _, r := range []*crmRecord{leadRow, contactRow} {
		r.values["Title"], r.stamp = "Theirs", w.clock.Now()
	}
	w.write(lead, `"title":"Ours"`)
	w.write(contact, `"title":"Ours"`)
	w.cycle()
	if w.field(lead, "title") != "Ours" || leadRow.values["Title"] != "Ours" {
		t.Errorf("the lead: %q here, %q there", w.field(lead, "title"), leadRow.values["Title"])
	}
	if w.field(contact, "title") != "Theirs" || contactRow.values["Title"] != "Theirs" {
		t.Errorf("the contact: %q here, %q there", w.field(contact, "title"), contactRow.values["Title"])
	}
	pushed, _ := w.activities(token, "28")
	if len(pushed) != 2 {
		t.Errorf("%d updates were sent to Salesforce by the log", len(pushed))
	}
	if n := w.journal.Snapshot().Of(record.Marketo).Writes; n != 4 {
		t.Errorf("the journal holds %d writes: the sync's own are none", n)
	}
	c.refuse = true
	w.write(lead, `"title":"Refused"`)
	w.cycle()
	if w.i.Failed() != 1 {
		t.Errorf("%d failures", w.i.Failed())
	}
}

func TestNativeSyncCreatesConvertsAndMarks(t *testing.T) {
	w, c, lead, contact, _ := paired(t)
	now := w.clock.Now()
	leadRow, contactRow := c.rows[0], c.rows[1]
	if leadRow.object != "Lead" {
		leadRow, contactRow = contactRow, leadRow
	}
	c.rows = append(c.rows,
		&crmRecord{object: "Account", id: "0015g00000K001aAAA", stamp: now, values: map[string]string{"Name": "New Account"}},
		&crmRecord{object: "Contact", id: "0035g00000K001zAAA", stamp: now, values: map[string]string{"LastName": "Neu", "Email": "neu@x.example", "AccountId": "0015g00000K001aAAA"}})
	leadRow.values["IsConverted"], leadRow.values["ConvertedContactId"], leadRow.stamp = "true", "0035g00000K002aAAA", now
	contactRow.deleted, contactRow.stamp = true, now
	token := w.since(now)
	w.cycle()
	w.signIn(w.i.Credentials())
	made := w.ok("GET", "/rest/v1/leads.json?fields=sfdcType,sfdcId,company&filterType=email&filterValues=neu@x.example", "")
	if len(made.Result) != 1 || made.Result[0]["sfdcType"] != "Contact" || made.Result[0]["company"] != "New Account" {
		t.Errorf("a new contact came over as %.300s", made.Text)
	}
	if w.field(lead, "sfdcType") != "Contact" || w.field(lead, "sfdcContactId") != "0035g00000K002aAAA" || w.field(lead, "sfdcLeadId") == "" {
		t.Errorf("a converted lead is %s %s", w.field(lead, "sfdcType"), w.field(lead, "sfdcContactId"))
	}
	if w.field(contact, "sfdcIsDeleted") != "true" {
		t.Error("a deleted contact bears no mark")
	}
	if all, _ := w.activities(token, "21"); len(all) != 1 {
		t.Errorf("%d conversions in the log", len(all))
	}
	if a := w.get("/rest/v1/activities/deletedleads.json?nextPageToken=" + url.QueryEscape(token)); len(a.Result) != 0 {
		t.Error("a deletion in Salesforce deleted a person")
	}
	before := w.i.Counts()["people"]
	w.cycle()
	if after := w.i.Counts()["people"]; after != before {
		t.Errorf("a quiet cycle made %d people", after-before)
	}
}
