package app

import (
	"context"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/store"
)

// metaPlaces is the setting with what the org offers of countries and states, where it has picklists of them.
const metaPlaces = "places"

// placesOf reads it; the zero Org is one that takes any text.
func placesOf(ctx context.Context, w *store.Workspace) (org rule.Org, err error) {
	text, err := w.Setting(ctx, metaPlaces)
	if err != nil {
		return org, err
	}
	return org, decodeFact(text, &org)
}

// keepPlaces keeps what the org was seen to offer.
func (s *session) keepPlaces(ctx context.Context) error {
	text, err := encodeFact(s.places)
	if err != nil {
		return err
	}
	return s.ws.SetSetting(ctx, metaPlaces, text)
}

// offered is what an org offers of countries and states: an org with State and Country/Territory Picklists shows the fields of the codes.
func offered(objects []salesforce.Description) rule.Org {
	for _, names := range [][2]string{{"CountryCode", "StateCode"}, {"MailingCountryCode", "MailingStateCode"}} {
		for _, o := range objects {
			if o.Object != record.Lead && o.Object != record.Contact {
				continue
			}
			countries, ok := o.Field(names[0])
			if !ok || len(countries.Choices) == 0 {
				continue
			}
			var org rule.Org
			for _, c := range countries.Choices {
				org.Countries = append(org.Countries, rule.OrgPlace{Code: c.Value, Label: c.Label})
			}
			states, _ := o.Field(names[1])
			for _, s := range states.Choices {
				p := rule.OrgPlace{Code: s.Value, Label: s.Label}
				for _, at := range s.For {
					if at < len(countries.All) {
						p.Countries = append(p.Countries, countries.All[at])
					}
				}
				org.States = append(org.States, p)
			}
			return org
		}
	}
	return rule.Org{}
}
