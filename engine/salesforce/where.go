package salesforce

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// WhereKind is what sort of address leads to an org.
type WhereKind uint8

// The kinds.
const (
	Elsewhere       WhereKind = iota // no address that Salesforce is known by
	ProductionLogin                  // login.salesforce.com, whatever the org
	SandboxLogin                     // test.salesforce.com, whatever the sandbox
	MyDomain                         // the org's own address
	MySandbox                        // the own address of a sandbox
	Developer                        // of a Developer Edition, a scratch org or a playground
	Instance                         // of an instance such as na139, from before every org had an address of its own
)

// Where is what an address says of an org.
type Where struct {
	Host    string // "https://acme.my.salesforce.com": where to sign in
	Kind    WhereKind
	Org     string // its My Domain name, "acme"; empty where the address does not say
	Sandbox string // "uat"; of a MySandbox
}

// ErrSetupAddress says that an address is one of Salesforce's own pages, in which no org is named.
var ErrSetupAddress = errors.New("this is a page of Salesforce's that names no org; copy the address from the browser while the org is open, or My Domain > Current My Domain URL in Setup")

var (
	domainName = regexp.MustCompile(`(?i)^[a-z][a-z0-9-]{0,38}[a-z0-9]$`)
	instance   = regexp.MustCompile(`^(?:[a-z]{2,4}\d{1,4}[a-z]?|ssl)$`)
)

// pages are the hosts of an org's screens beside those of Host, which strips what is written after the name.
var pages = []struct{ screen, after, api string }{
	{".vf.force.com", "--c", ".my.salesforce.com"},
	{".visualforce.com", "--c", ".my.salesforce.com"},
	{".visual.force.com", "--c", ".my.salesforce.com"},
	{".my.site.com", "", ".my.salesforce.com"},
	{".file.force.com", "", ".my.salesforce.com"},
	{".documentforce.com", "--c", ".my.salesforce.com"},
}

// Understand reads what people paste: a login address, the address of any screen of an org, a My Domain name by itself ("acme",
// "acme--uat"). It makes no call.
func Understand(pasted string) (Where, error) {
	text := strings.TrimSpace(pasted)
	if domainName.MatchString(text) && text != "localhost" {
		text = strings.ToLower(text)
		if strings.Contains(text, "--") {
			text += ".sandbox"
		}
		text += ".my.salesforce.com"
	}
	host, err := Host(text)
	if err != nil {
		return Where{}, err
	}
	u, err := url.Parse(host)
	if err != nil {
		return Where{}, err
	}
	bare := u.Hostname()
	for _, p := range pages {
		name, ok := strings.CutSuffix(bare, p.screen)
		if !ok || name == "" {
			continue
		}
		first, rest, dotted := strings.Cut(name, ".")
		first = strings.TrimSuffix(first, p.after)
		if bare = first + p.api; dotted {
			bare = first + "." + rest + p.api
		}
		host = "https://" + bare
	}
	w := Where{Host: host}
	name, own := strings.CutSuffix(bare, ".my.salesforce.com")
	if !own {
		name, own = strings.CutSuffix(bare, ".my.salesforce.mil")
	}
	switch {
	case bare == "login.salesforce.com":
		w.Kind = ProductionLogin
	case bare == "test.salesforce.com":
		w.Kind = SandboxLogin
	case own:
		w.named(name)
	case oneOf(bare, "salesforce.com", "www.salesforce.com", "help.salesforce.com", "trailhead.salesforce.com", "developer.salesforce.com", "trailblazer.me"):
		return Where{}, ErrSetupAddress
	case strings.HasSuffix(bare, ".salesforce.com") && instance.MatchString(strings.TrimSuffix(bare, ".salesforce.com")):
		w.Kind = Instance
	}
	return w, nil
}

func oneOf(text string, list ...string) bool {
	for _, l := range list {
		if text == l {
			return true
		}
	}
	return false
}

// named reads the part of a My Domain address that names the org: "acme", "acme--uat.sandbox", "acme-dev-ed.develop".
func (w *Where) named(name string) {
	first, rest, _ := strings.Cut(name, ".")
	w.Kind = MyDomain
	if org, sandbox, found := strings.Cut(first, "--"); found {
		w.Kind, w.Org, w.Sandbox = MySandbox, org, sandbox
		return
	}
	w.Org = first
	switch {
	case rest == "develop", rest == "scratch", rest == "trailblaze", rest == "demo", rest == "patch", strings.HasSuffix(first, "-dev-ed"):
		w.Kind = Developer
		w.Org = strings.TrimSuffix(first, "-dev-ed")
	}
}
