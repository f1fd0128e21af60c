package sandbox

// Credentials are what a client needs to connect to a pair, in the form that `doppioctl sandbox --print-json` prints.
// They open nothing but the sandbox, yet they are handled like real ones.
type Credentials struct {
	Salesforce SalesforceCredentials `json:"salesforce"`
	Marketo    MarketoCredentials    `json:"marketo"`
	ControlURL string                `json:"control_url"`
}

// SalesforceCredentials sign the sync user in, by any flow that the org knows.
type SalesforceCredentials struct {
	LoginURL     string `json:"login_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Username     string `json:"username"`
	Password     string `json:"password"`
	RefreshToken string `json:"refresh_token"`
	// An admin of the org, for what the sync user may not do; by the login page and SOAP alone.
	AdminUsername string `json:"admin_username"`
	AdminPassword string `json:"admin_password"`
	APIVersion    string `json:"api_version"` // "v61.0"
}

// MarketoCredentials are those of a custom service.
type MarketoCredentials struct {
	BaseURL      string `json:"base_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// String hides everything: secrets must not reach a log by accident.
func (c Credentials) String() string { return "***" }

// GoString hides everything.
func (c Credentials) GoString() string { return "***" }

// apiVersion is the version that the sandbox tells clients to use.
const apiVersion = "v61.0"

// Credentials name the addresses under which the pair is served last: those of a Server, else those of Transport.
func (p *Pair) Credentials() Credentials {
	o, i := p.org.Credentials(), p.instance.Credentials()
	return Credentials{
		Salesforce: SalesforceCredentials{
			LoginURL: p.org.Base(), ClientID: o.ClientID, ClientSecret: o.ClientSecret, Username: o.Username, Password: o.Password,
			RefreshToken: o.RefreshToken, APIVersion: apiVersion, AdminUsername: o.AdminUsername, AdminPassword: o.AdminPassword,
		},
		Marketo:    MarketoCredentials{BaseURL: p.instance.Base(), ClientID: i.ClientID, ClientSecret: i.ClientSecret},
		ControlURL: p.control,
	}
}
