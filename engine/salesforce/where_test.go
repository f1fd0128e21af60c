package salesforce

import (
	"errors"
	"testing"
)

// TestUnderstand reads what people paste.
func TestUnderstand(t *testing.T) {
	acme := Where{"https://acme.my.salesforce.com", MyDomain, "acme", ""}
	uat := Where{"https://acme--uat.sandbox.my.salesforce.com", MySandbox, "acme", "uat"}
	for pasted, want := range map[string]Where{
		"acme":                              acme,
		" https://ACME.my.salesforce.com/ ": acme,
		"acme.my.salesforce.com/one/one.app#/home":                                        acme,
		"https://acme.lightning.force.com/lightning/page/home":                            acme,
		"https://acme.my.salesforce-setup.com/lightning/setup/NavigationMenus/home":       acme,
		"https://acme--c.vf.force.com/apex/Page":                                          acme,
		"https://acme.my.site.com/help/s":                                                 acme,
		"acme--uat":                                                                       uat,
		"https://acme--uat.sandbox.lightning.force.com/lightning/setup/SetupOneHome/home": uat,
		"acme--uat.sandbox.my.salesforce-setup.com":                                       uat,
		"https://acme--uat--c.sandbox.vf.force.com":                                       uat,
		"acme--uat.cs88.my.salesforce.com":                                                {"https://acme--uat.cs88.my.salesforce.com", MySandbox, "acme", "uat"},
		"https://login.salesforce.com/?locale=eu":                                         {"https://login.salesforce.com", ProductionLogin, "", ""},
		"test.salesforce.com":                                                             {"https://test.salesforce.com", SandboxLogin, "", ""},
		"https://acme-dev-ed.develop.lightning.force.com":                                 {"https://acme-dev-ed.develop.my.salesforce.com", Developer, "acme", ""},
		"https://na139.salesforce.com/home/home.jsp":                                      {"https://na139.salesforce.com", Instance, "", ""},
		"http://127.0.0.1:4711":                                                           {"http://127.0.0.1:4711", Elsewhere, "", ""},
		"https://crm.acme.example":                                                        {"https://crm.acme.example", Elsewhere, "", ""},
	} {
		if got, err := Understand(pasted); err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", pasted, got, err, want)
		}
	}
	for _, pasted := range []string{"", "http://acme.my.salesforce.com", "ftp://acme.my.salesforce.com", "acme b.v.", "https://user:pw@acme.my.salesforce.com"} {
		if got, err := Understand(pasted); err == nil {
			t.Errorf("%q is taken for %+v", pasted, got)
		}
	}
	if _, err := Understand("https://help.salesforce.com/s/articleView?id=1"); !errors.Is(err, ErrSetupAddress) {
		t.Errorf("a page of help: %v", err)
	}
}
