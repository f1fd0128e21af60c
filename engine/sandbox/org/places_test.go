package org

import "testing"

// Texts and codes of states and countries are kept in step, and nothing is taken that is no entry.
func TestStateAndCountryPicklists(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Scenario = "strict" })
	lead := b.lead()
	fields := "sobjects/Lead/" + lead
	for _, c := range []struct {
		body, code         string // the refusal, or none
		country, of, state string // what stands there then
	}{
		{`{"Country":"united states","StateCode":"ca"}`, "", "United States", "US", "California"},
		{`{"State":"Texas"}`, "", "United States", "US", "Texas"},
		{`{"CountryCode":"CA"}`, "FIELD_INTEGRITY_EXCEPTION", "United States", "US", "Texas"}, // Texas is not there
		{`{"CountryCode":"CA","State":"Quebec"}`, "", "Canada", "CA", "Quebec"},
		{`{"State":"Calif."}`, "FIELD_INTEGRITY_EXCEPTION", "Canada", "CA", "Quebec"},
		{`{"Country":"USA"}`, "FIELD_INTEGRITY_EXCEPTION", "Canada", "CA", "Quebec"},
		{`{"Country":null}`, "FIELD_INTEGRITY_EXCEPTION", "Canada", "CA", "Quebec"}, // a state without a country
		{`{"Country":"Germany","State":"Bayern"}`, "FIELD_INTEGRITY_EXCEPTION", "Canada", "CA", "Quebec"},
		{`{"Country":"Germany","State":null}`, "", "Germany", "DE", ""},
		{`{"Country":"Germany","CountryCode":"FR"}`, "FIELD_INTEGRITY_EXCEPTION", "Germany", "DE", ""},
		{`{"CountryCode":null}`, "", "", "", ""},
		{`{"City":"Ulm"}`, "", "", "", ""},
	} {
		answer := b.send("PATCH", fields, c.body)
		if c.code == "" {
			answer.want(204, "")
		} else {
			answer.refused(400, c.code)
		}
		now := b.send("GET", fields, "")
		text := func(name string) string { t, _ := now.at(name).(string); return t }
		if text("Country") != c.country || text("CountryCode") != c.of || text("State") != c.state {
			t.Errorf("after %s: %q (%q), %q", c.body, text("Country"), text("CountryCode"), text("State"))
		}
	}
	b.send("PATCH", fields, `{"State":"Ohio","Country":null}`).want(400, `[{"message":"A country/territory must be specified before specifying a state value for field: State/Province","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["State"]}]`)
	if rows := newBench(t).send("GET", "query?q=SELECT+CountryCode+FROM+Lead", ""); rows.status != 400 {
		t.Errorf("an org without the picklists knows their codes: %d", rows.status)
	}
}
