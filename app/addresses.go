package app

import (
	"errors"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// SalesforceAddress is what an address that was pasted says of an org.
type SalesforceAddress = salesforce.Where

// MarketoAddress is what an address that was pasted says of an instance.
type MarketoAddress = marketo.Where

// The kinds of addresses of an org.
const (
	OrgElsewhere, OrgProductionLogin, OrgSandboxLogin    = salesforce.Elsewhere, salesforce.ProductionLogin, salesforce.SandboxLogin
	OrgMyDomain, OrgMySandbox, OrgDeveloper, OrgInstance = salesforce.MyDomain, salesforce.MySandbox, salesforce.Developer, salesforce.Instance
)

// UnderstandSalesforce reads the address of an org in any form that people paste. It makes no call.
func UnderstandSalesforce(pasted string) (SalesforceAddress, error) {
	w, err := salesforce.Understand(pasted)
	switch {
	case errors.Is(err, salesforce.ErrSetupAddress):
		err = input(pace.Say("trouble.address.salesforce.page", "This is a page of Salesforce's that names no org. Copy the address from the browser while your org is open."))
	case err != nil:
		err = input(pace.Say("trouble.address.salesforce", "This is not the address of a Salesforce org. Copy it from the browser while your org is open, with its https:// in front."))
	}
	return w, err
}

// UnderstandMarketo reads the address of an instance in any form that people paste. It makes no call.
func UnderstandMarketo(pasted string) (MarketoAddress, error) {
	w, err := marketo.Understand(pasted)
	switch {
	case errors.Is(err, marketo.ErrScreens):
		err = input(pace.Say("trouble.address.marketo.screens", "This is the address of Marketo's screens, without the account. Admin > Integration > Munchkin shows the account id (123-ABC-456)."))
	case err != nil:
		err = input(pace.Say("trouble.address.marketo", "This is not the address of a Marketo instance. Admin > Integration > Munchkin shows its account id (123-ABC-456)."))
	}
	return w, err
}
