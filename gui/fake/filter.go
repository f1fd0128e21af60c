package fake

import (
	"context"
	"sync"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

// Desk is a filter desk that weighs as it is told. It is safe for concurrent use; fields are set before the first call.
type Desk struct {
	Given   app.FilterSheet
	OpenErr error
	SetErr  error
	// Weight is what a text weighs; nil: nothing is ever answered, until the asking ends.
	Weight func(text string) (app.FilterWeight, error)

	mu     sync.Mutex
	asked  []string
	set    []app.FilterChange
	closed bool
}

// Org is a small org: leads and contacts of five fields each, accounts, users, and a checkbox in Marketo.
func Org() app.FilterLanguage {
	fields := func(more ...app.FilterCatalogField) []app.FilterCatalogField {
		return append([]app.FilterCatalogField{
			{Name: "Email", Label: "Email", Kind: record.Email, Indexed: true},
			{Name: "Country", Label: "Country", Kind: record.Picklist, Picklist: []string{"Netherlands", "Belgium", "Germany", "Sweden"}},
			{Name: "Do_Not_Sync_to_Marketo__c", Label: "Do Not Sync to Marketo", Kind: record.Boolean},
			{Name: "LeadSource", Label: "Lead Source", Kind: record.Picklist, Picklist: []string{"Web", "Purchased list"}},
			{Name: "NumberOfEmployees", Label: "Employees", Kind: record.Integer},
			{Name: "Interests__c", Label: "Interests", Kind: record.MultiPicklist, Picklist: []string{"Golf", "Tea"}},
			{Name: "LastActivityDate", Label: "Last Activity", Kind: record.Date},
			{Name: "OwnerId", Label: "Owner ID", Kind: record.Reference, Relationship: "Owner", To: []record.Object{"User"}},
		}, more...)
	}
	return app.NewFilterLanguage(app.FilterCatalog{
		{Name: record.Lead, Label: "Lead", Plural: "Leads", Fields: fields(app.FilterCatalogField{Name: "Company", Label: "Company", Kind: record.Text})},
		{Name: record.Contact, Label: "Contact", Plural: "Contacts", Fields: fields(
			app.FilterCatalogField{Name: "AccountId", Label: "Account ID", Kind: record.Reference, Relationship: "Account", To: []record.Object{record.Account}})},
		{Name: record.Account, Label: "Account", Plural: "Accounts", Fields: []app.FilterCatalogField{
			{Name: "Name", Label: "Account Name", Kind: record.Text}, {Name: "Industry", Label: "Industry", Kind: record.Picklist, Picklist: []string{"Banking"}}}},
		{Name: "User", Label: "User", Plural: "Users", Fields: []app.FilterCatalogField{
			{Name: "Name", Label: "Full Name", Kind: record.Text}, {Name: "IsActive", Label: "Active", Kind: record.Boolean}}},
		{Name: record.Person, Label: "Person", Plural: "People", Fields: []app.FilterCatalogField{{Name: "keptOut", Label: "Kept Out", Kind: record.Boolean}}},
	})
}

func (d *Desk) Sheet(context.Context) (app.FilterSheet, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Given, nil
}

func (d *Desk) Weigh(ctx context.Context, text string, show func(app.FilterWeight)) error {
	d.mu.Lock()
	d.asked = append(d.asked, text)
	d.mu.Unlock()
	if d.Weight == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	w, err := d.Weight(text)
	if err == nil {
		show(w)
	}
	return err
}

func (d *Desk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	return nil
}

// Asked are the texts that were weighed, in order; Set what was set; Closed whether the desk was given back.
func (d *Desk) Asked() ([]string, []app.FilterChange, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.asked...), append([]app.FilterChange{}, d.set...), d.closed
}

// Desk says what OpenFilter hands out from now on.
func (r *Running) Desk(d *Desk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.desk = d
}

func (r *Running) OpenFilter(context.Context) (app.FilterDesk, error) {
	r.called("OpenFilter", nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.desk == nil {
		r.desk = &Desk{Given: app.FilterSheet{Language: Org()}}
	}
	return r.desk, r.desk.OpenErr
}

func (r *Running) SetFilter(_ context.Context, c app.FilterChange) error {
	r.called("SetFilter", nil)
	r.mu.Lock()
	d := r.desk
	r.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.SetErr != nil {
		return d.SetErr
	}
	d.set = append(d.set, c)
	was := d.Given.Kept
	d.Given.Kept = app.KeptFilter{Version: was.Version + 1, Text: c.Text, Why: c.Why, By: "ada", At: Noon}
	if was.Version > 0 {
		d.Given.Former = append([]app.KeptFilter{was}, d.Given.Former...)
	}
	return nil
}
