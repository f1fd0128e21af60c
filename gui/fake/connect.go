package fake

import (
	"context"
	"errors"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

// connected is what a Running says of its connections.
type connected struct {
	salesforce app.SalesforceConnection
	marketo    app.MarketoConnection
	who        app.Who
	instance   app.Instance
	askErr     error
}

func (r *Running) Deploy(ctx context.Context, d app.Deploy) (app.Deployed, error) {
	r.called("Deploy", nil)
	if d.Open != nil {
		if err := d.Open("https://acme.my.salesforce.com/services/oauth2/authorize"); err != nil {
			return app.Deployed{}, err
		}
	}
	if r.Admin != nil {
		select {
		case <-ctx.Done():
			return app.Deployed{}, ctx.Err()
		case <-r.Admin:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rights = app.Rights{}
	return app.Deployed{Status: "Succeeded", Assigned: true}, r.rightsErr
}

// Connect says what Connections, Who and Instance give from now on.
func (r *Running) Connect(sf app.SalesforceConnection, who app.Who, mk app.MarketoConnection, instance app.Instance, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.salesforce, r.who, r.marketo, r.instance, r.askErr = sf, who, mk, instance, err
}

func (r *Running) Connections(context.Context) (app.SalesforceConnection, app.MarketoConnection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.salesforce, r.marketo, nil
}

func (r *Running) Who(context.Context) (app.Who, error) {
	r.called("Who", nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.who, r.askErr
}

func (r *Running) Instance(context.Context) (app.Instance, error) {
	r.called("Instance", nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.instance, r.askErr
}

// RenewSigningKey gives a certificate.
func (r *Running) RenewSigningKey(context.Context) (app.SigningKey, error) {
	r.called("RenewSigningKey", nil)
	return app.SigningKey{Certificate: []byte("the new certificate"), Until: Noon.AddDate(2, 0, 0)}, nil
}

func (b *Backend) SigningKey(_ context.Context, name string) (app.SigningKey, error) {
	b.called("SigningKey " + name)
	return app.SigningKey{Certificate: []byte("the certificate"), Until: Noon.AddDate(2, 0, 0)}, nil
}

func (b *Backend) BegunSetup(_ context.Context, lookOnly bool) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.begun[lookOnly], nil
}

func (b *Backend) KeepBegunSetup(_ context.Context, lookOnly bool, typed []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.begun == nil {
		b.begun = map[bool][]byte{}
	}
	b.begun[lookOnly] = typed
	return nil
}

// ConnectSalesforce opens the browser where it is to, and has the workspace signed in when SignErr is nil.
func (b *Backend) ConnectSalesforce(ctx context.Context, name string, c app.ConnectSalesforce) (app.Connected, error) {
	b.called("ConnectSalesforce " + string(c.Flow))
	if c.Flow == app.FlowBrowser {
		if err := c.Open("https://acme.my.salesforce.com/services/oauth2/authorize"); err != nil {
			return app.Connected{}, err
		}
		if b.Browser != nil {
			select {
			case <-ctx.Done():
				return app.Connected{}, ctx.Err()
			case <-b.Browser:
			}
		}
	}
	where, err := app.UnderstandSalesforce(c.LoginURL)
	if err != nil || b.SignErr != nil {
		return app.Connected{}, errors.Join(err, b.SignErr)
	}
	r := b.Asked(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.salesforce = app.SalesforceConnection{LoginURL: where.Host, ClientID: c.ClientID, Flow: c.Flow, OrgName: "Acme B.V."}
	r.who = Who()
	return app.Connected{Side: record.Salesforce, Organisation: "Acme B.V."}, nil
}

// ConnectMarketo has the workspace signed in when SignErr is nil.
func (b *Backend) ConnectMarketo(_ context.Context, name string, c app.ConnectMarketo) (app.Connected, error) {
	b.called("ConnectMarketo " + c.BaseURL)
	where, err := app.UnderstandMarketo(c.BaseURL)
	if err != nil || b.SignErr != nil {
		return app.Connected{}, errors.Join(err, b.SignErr)
	}
	r := b.Asked(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marketo = app.MarketoConnection{BaseURL: where.Host, ClientID: c.ClientID}
	r.instance = Instance()
	return app.Connected{Side: record.Marketo, Organisation: "123-ABC-456"}, nil
}

// SignInSalesforce has the workspace signed in.
func (r *Running) SignInSalesforce(_ context.Context, c app.ConnectSalesforce) (app.Connected, error) {
	r.called("SignInSalesforce", nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.who = Who()
	return app.Connected{Side: record.Salesforce, Organisation: "Acme B.V.", User: r.who.Username}, nil
}

// SignInMarketo has the workspace signed in.
func (r *Running) SignInMarketo(_ context.Context, c app.ConnectMarketo) (app.Connected, error) {
	r.called("SignInMarketo", nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.instance = Instance()
	return app.Connected{Side: record.Marketo, Organisation: "123-ABC-456"}, nil
}

// Who is a sync user as it should be.
func Who() app.Who {
	return app.Who{
		Username: "marketo.sync@acme.example", Profile: "Marketing Sync", Org: "Acme B.V.", Edition: "Enterprise Edition", Address: "https://acme.my.salesforce.com",
		Used: 3120, Limit: 40000, Share: 20000, Lines: []app.CheckLine{
			{State: app.CheckGood, Side: record.Salesforce, What: app.Sentence{Key: "check.user.own.license", Args: []string{"Salesforce Integration"}, Text: "It is a user of its own: no admin, no opportunities in its name, licence Salesforce Integration."}},
			{State: app.CheckGood, Side: record.Salesforce, What: app.Sentence{Key: "check.salesforce.quota", Args: []string{"3120", "40000", "20000"}, Text: "3120 of 40000 daily calls are used by all programs together; Doppio may use 20000."}},
		},
	}
}

// Instance is an instance whose API user lacks one permission of each kind.
func Instance() app.Instance {
	i := app.Instance{
		Address: "123-abc-456.mktorest.com", User: "doppio@acme.example", Partitions: []string{"Default", "Europe"}, Today: 8120, Limit: 50000, Share: 25000,
		Users: []app.MarketoUser{{Name: "enrich@acme.example", Today: 7010, Week: 48100}, {Name: "doppio@acme.example", Today: 1110, Week: 1110, Ours: true}},
		Lines: []app.CheckLine{{State: app.CheckGood, Side: record.Marketo, What: app.Sentence{Key: "check.native.off", Text: "Marketo's own sync is off: no field of the person is managed by a CRM."}}},
	}
	for _, name := range []string{"Read-Only Lead", "Read-Only Activity", "Read-Only Company", "Read-Write Lead", "Read-Only Opportunity", "Read-Only Sales Person", "Read-Only Custom Object", "Read-Only Assets", "Read-Only Campaign", "Read-Only Activity Metadata"} {
		r := app.MarketoRight{Name: name, Granted: true}
		switch name {
		case "Read-Write Lead":
			r.Granted, r.Write = false, true
		case "Read-Only Campaign":
			r.Granted, r.Optional = false, true
		}
		i.Rights = append(i.Rights, r)
	}
	return i
}
