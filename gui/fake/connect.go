package fake

import (
	"context"

	"github.com/doppio-sync/doppio/app"
)

// connected is what a Running says of its connections.
type connected struct {
	salesforce app.SalesforceConnection
	marketo    app.MarketoConnection
	who        app.Who
	instance   app.Instance
	askErr     error
}

func (r *Running) Deploy(_ context.Context, d app.Deploy) (app.Deployed, error) {
	r.called("Deploy", nil)
	if d.Open != nil {
		if err := d.Open("https://acme.my.salesforce.com/services/oauth2/authorize"); err != nil {
			return app.Deployed{}, err
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
