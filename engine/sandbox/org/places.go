package org

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// An org with State and Country/Territory Picklists, as the scenario "strict" is one, has a field of the code beside each text of a state
// and a country. Salesforce keeps the two in step, whichever is written, and takes nothing that is no entry: no state of another country, no
// state without a country (Salesforce Help: State and Country/Territory Picklist Field-Syncing Logic). What stood in a text before the
// picklists were switched on stays until somebody saves it.

// country is one entry of the picklist of countries, with its states.
type country struct {
	code, label string
	states      []stateEntry
}

type stateEntry struct{ code, label string }

// listedCountries are the countries that this org offers, under the names that Salesforce gives them. As delivered, only some have states.
var listedCountries = listed(`
AE United Arab Emirates
AR Argentina
AT Austria
AU Australia|ACT=Australian Capital Territory|NSW=New South Wales|NT=Northern Territory|QLD=Queensland|SA=South Australia|TAS=Tasmania|VIC=Victoria|WA=Western Australia
BE Belgium
BR Brazil
CA Canada|AB=Alberta|BC=British Columbia|MB=Manitoba|NB=New Brunswick|NL=Newfoundland and Labrador|NS=Nova Scotia|NT=Northwest Territories|NU=Nunavut|ON=Ontario|PE=Prince Edward Island|QC=Quebec|SK=Saskatchewan|YT=Yukon Territories
CH Switzerland
CL Chile
CN China
CZ Czech Republic
DE Germany
DK Denmark
ES Spain
FI Finland
FR France
GB United Kingdom
GR Greece
HU Hungary
IE Ireland
IL Israel
IN India
IS Iceland
IT Italy
JP Japan
KR Korea, Republic of
MX Mexico
NL Netherlands
NO Norway
NZ New Zealand
PL Poland
PT Portugal
RO Romania
RU Russian Federation
SE Sweden
SG Singapore
TR Turkey
TW Taiwan
UA Ukraine
US United States|AL=Alabama|AK=Alaska|AZ=Arizona|AR=Arkansas|CA=California|CO=Colorado|CT=Connecticut|DE=Delaware|DC=District of Columbia|FL=Florida|GA=Georgia|HI=Hawaii|ID=Idaho|IL=Illinois|IN=Indiana|IA=Iowa|KS=Kansas|KY=Kentucky|LA=Louisiana|ME=Maine|MD=Maryland|MA=Massachusetts|MI=Michigan|MN=Minnesota|MS=Mississippi|MO=Missouri|MT=Montana|NE=Nebraska|NV=Nevada|NH=New Hampshire|NJ=New Jersey|NM=New Mexico|NY=New York|NC=North Carolina|ND=North Dakota|OH=Ohio|OK=Oklahoma|OR=Oregon|PA=Pennsylvania|RI=Rhode Island|SC=South Carolina|SD=South Dakota|TN=Tennessee|TX=Texas|UT=Utah|VT=Vermont|VA=Virginia|WA=Washington|WV=West Virginia|WI=Wisconsin|WY=Wyoming
VN Vietnam
ZA South Africa
`)

func listed(text string) (all []country) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		code, label, _ := strings.Cut(parts[0], " ")
		c := country{code: code, label: label}
		for _, part := range parts[1:] {
			code, label, _ := strings.Cut(part, "=")
			c.states = append(c.states, stateEntry{code, label})
		}
		all = append(all, c)
	}
	return all
}

// placeFields are the codes of an address; an org without the picklists lacks them.
func placeFields(prefix, label string) []*field {
	countries := pick(prefix+"CountryCode", label+"Country Code")
	states := pick(prefix+"StateCode", label+"State/Province Code")
	states.controller = countries.name
	valid := map[stateEntry][]byte{}
	for i, c := range listedCountries {
		countries.picklist, countries.labels = append(countries.picklist, c.code), append(countries.labels, c.label)
		for _, s := range c.states {
			if valid[s] == nil {
				states.picklist, states.labels = append(states.picklist, s.code), append(states.labels, s.label)
				valid[s] = make([]byte, (len(listedCountries)+7)/8)
			}
			valid[s][i/8] |= 0x80 >> (i % 8)
		}
	}
	for i, code := range states.picklist {
		states.validFor = append(states.validFor, base64.StdEncoding.EncodeToString(valid[stateEntry{code, states.labels[i]}]))
	}
	country, state := strings.ToLower(prefix+"Country"), strings.ToLower(prefix+"State")
	countries.compute = func(_ *Org, f *field, row table.Row) (string, bool) {
		text, _ := row.Get(f.object.byName[country].column)
		c, ok := countryLabelled(text)
		return c.code, ok
	}
	states.compute = func(_ *Org, f *field, row table.Row) (string, bool) {
		text, _ := row.Get(f.object.byName[country].column)
		c, _ := countryLabelled(text)
		text, _ = row.Get(f.object.byName[state].column)
		s, ok := c.state(func(s stateEntry) bool { return strings.EqualFold(s.label, text) })
		return s.code, ok
	}
	for _, f := range []*field{states, countries} {
		f.part(prefix + "Address")
		f.absent.Store(true)
	}
	return []*field{states, countries}
}

func countryLabelled(label string) (country, bool) {
	return findCountry(func(c country) bool { return strings.EqualFold(c.label, label) })
}

func findCountry(is func(country) bool) (country, bool) {
	if i := slices.IndexFunc(listedCountries, is); i >= 0 {
		return listedCountries[i], true
	}
	return country{}, false
}

func (c country) state(is func(stateEntry) bool) (stateEntry, bool) {
	if i := slices.IndexFunc(c.states, is); i >= 0 {
		return c.states[i], true
	}
	return stateEntry{}, false
}

// placed holds the states and countries that a save sets against the picklists, and keeps texts and codes in step.
func (o *Org) placed(d *draft) (errs []rowError) {
	if !o.strict {
		return nil
	}
	for _, prefix := range []string{"", "Mailing", "Other", "Billing", "Shipping"} {
		if d.object.field(prefix+"CountryCode") != nil {
			errs = append(errs, d.place(prefix)...)
		}
	}
	return errs
}

func (d *draft) place(prefix string) []rowError {
	fields := map[string]*field{}
	touched, set := false, map[string]bool{}
	for _, name := range []string{"Country", "State", "CountryCode", "StateCode"} {
		f := d.object.field(prefix + name)
		fields[name] = f
		_, set[name] = d.cells[f]
		touched = touched || set[name]
	}
	if !touched {
		return nil
	}
	coded := func(name string) (cell table.Cell) { // a code has no column of its own
		cell = d.cells[fields[name]]
		delete(d.cells, fields[name])
		return cell
	}
	refused := func(name, message string) []rowError {
		return []rowError{rowFault("FIELD_INTEGRITY_EXCEPTION", message+": "+fields[name].label, fields[name].name)}
	}
	var in country
	if cell := coded("CountryCode"); set["CountryCode"] && !cell.Null {
		var ok bool
		if in, ok = findCountry(func(c country) bool { return strings.EqualFold(c.code, cell.Text) }); !ok {
			return refused("CountryCode", "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.")
		}
		if text, filled := d.get(fields["Country"]); d.n != 0 && set["Country"] && filled && !strings.EqualFold(text, in.label) {
			return refused("Country", "There's a mismatch between the integration value and the code value of the country/territory")
		}
		d.cells[fields["Country"]] = table.Text(in.label)
	} else if set["CountryCode"] && !set["Country"] {
		d.cells[fields["Country"]] = table.Null
		if !set["State"] && !set["StateCode"] {
			d.cells[fields["State"]] = table.Null
		}
	} else if text, filled := d.get(fields["Country"]); filled {
		var ok bool
		if in, ok = countryLabelled(text); !ok {
			return refused("Country", "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.")
		}
		d.cells[fields["Country"]] = table.Text(in.label)
	}
	is, filled := func(stateEntry) bool { return false }, false
	if cell := coded("StateCode"); set["StateCode"] {
		is, filled = func(s stateEntry) bool { return strings.EqualFold(s.code, cell.Text) }, !cell.Null
	} else if text, ok := d.get(fields["State"]); ok {
		is, filled = func(s stateEntry) bool { return strings.EqualFold(s.label, text) }, true
	}
	if !filled {
		if set["StateCode"] {
			d.cells[fields["State"]] = table.Null
		}
		return nil
	}
	if in.code == "" {
		return refused("State", "A country/territory must be specified before specifying a state value for field")
	}
	s, ok := in.state(is)
	if !ok {
		elsewhere := slices.ContainsFunc(listedCountries, func(c country) bool { _, ok := c.state(is); return ok })
		if elsewhere {
			return refused("StateCode", "The existing country/territory doesn't recognize the state value for field")
		}
		return refused("State", "There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.")
	}
	d.cells[fields["State"]] = table.Text(s.label)
	return nil
}
