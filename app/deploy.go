package app

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/setup"
)

// Deploy says how the package is put into effect.
type Deploy struct {
	// Try has Salesforce only say whether it would take it.
	Try bool
	// AsAdmin lets an admin sign in in the browser for this once; what that gives is forgotten afterwards. Without, the sync user deploys,
	// if it may.
	AsAdmin bool
	// Open shows the sign-in page; nil opens the browser.
	Open func(address string) error
	// DonePage and FailedPage are the HTML that the browser shows at the end; empty means a plain English one.
	DonePage, FailedPage string
}

// Deployed is how a deployment of the package ended.
type Deployed struct {
	Status   string   `json:"status"` // Salesforce's word: Succeeded, Failed
	Problems []string `json:"problems,omitempty"`
	Assigned bool     `json:"assigned"` // the sync user has the permission set
	// Rights are those after it.
	Rights Rights `json:"-"`
}

// ErrDeployment says that Salesforce did not take the package: nothing of it was kept.
var ErrDeployment = errors.New("the package was not taken")

// ErrNotAdmin says that who signed in may not change the setup of the org.
var ErrNotAdmin = errors.New("this user may not change the setup of the org")

// Deploy puts the package into effect in Salesforce, gives the sync user its permission set, and looks again. The mapping of lead fields at
// a conversion stays as it is: an admin decides about that. A look-only workspace never deploys.
func (a *App) Deploy(ctx context.Context, name string, o Deploy) (d Deployed, err error) {
	w, err := a.Workspace(ctx, name)
	if err != nil {
		return d, err
	}
	if w.LookOnly {
		return d, input(pace.Say("trouble.deploy.looking", "workspace \"%1\" is look-only: it never writes, so it cannot deploy. Save the package and give it to the admin", name))
	}
	err = a.asSalesforceUser(ctx, name, record.Live, func(s *session) (err error) {
		if d.Rights, err = s.rights(ctx); err != nil {
			return err
		}
		deployer := s.sf
		if o.AsAdmin {
			admin, token, err := s.admin(ctx, o)
			if err != nil {
				return err
			}
			deployer = admin
			defer func() { err = errors.Join(err, admin.Revoke(context.WithoutCancel(ctx), token)) }()
		}
		if err := d.deploy(ctx, deployer, o.Try); err != nil || o.Try {
			return err
		}
		d.Rights, err = s.rights(ctx)
		return err
	})
	return d, err
}

func (d *Deployed) deploy(ctx context.Context, as *salesforce.Client, try bool) error {
	var zip bytes.Buffer
	if err := d.Rights.pack(&zip, false); err != nil {
		return err
	}
	done, err := as.Deploy(ctx, zip.Bytes(), try)
	if err != nil {
		return mayNot(err)
	}
	d.Status = done.Status
	for _, f := range done.Failures {
		d.Problems = append(d.Problems, strings.TrimSpace(f.Kind+" "+f.Name+": "+f.Problem))
	}
	if !done.Success {
		return &told{ErrDeployment, pace.Say("trouble.deploy.refused", "Salesforce did not take the package, and kept nothing of it (%1): %2", done.Status, strings.Join(d.Problems, "; "))}
	}
	if try {
		return nil
	}
	if err := as.Assign(ctx, setup.PermissionSet, d.Rights.user); err != nil {
		return mayNot(err)
	}
	d.Assigned = true
	return nil
}

// mayNot says what to do where the user may not change the setup.
func mayNot(err error) error {
	var refused *salesforce.Error
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.Code(), "INSUFFICIENT_ACCESS") {
		return err
	}
	return &told{ErrNotAdmin, pace.Say("trouble.deploy.admin", "This user may not change the setup of the org. Let an admin sign in for it (doppioctl setup NAME deploy --as-admin), or hand the package over: doppioctl setup NAME package")}
}

// admin is Salesforce as an admin sees it who signs in now, with the token of that sign-in. Nothing of it is kept.
func (s *session) admin(ctx context.Context, o Deploy) (*salesforce.Client, pace.Secret, error) {
	connection, _, err := s.connections(ctx)
	if err != nil {
		return nil, "", err
	}
	_, secrets, err := s.salesforceSecrets(ctx)
	if err != nil {
		return nil, "", err
	}
	token, err := s.app.browser(ctx, connection.LoginURL, ConnectSalesforce{ClientID: connection.ClientID, ClientSecret: secrets.ClientSecret, Open: o.Open, DonePage: o.DonePage, FailedPage: o.FailedPage})
	if err != nil {
		return nil, "", err
	}
	auth := &salesforce.RefreshToken{
		ClientID: connection.ClientID, ClientSecret: pace.Secret(secrets.ClientSecret), Token: token.Refresh,
		Store: func(context.Context, pace.Secret) error { return nil },
	}
	client, err := s.app.world.salesforce(connection, auth, s.sfPace, s.Mode, s.app)
	return client, token.Refresh, err
}
