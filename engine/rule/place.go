package rule

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/assets/places"
)

// Org is what a Salesforce org with State and Country/Territory Picklists offers: it takes no other spelling, and no state without its country.
// The zero Org is one where both are free text.
type Org struct {
	Countries []OrgPlace
	States    []OrgPlace
}

// OrgPlace is one entry of such a picklist.
type OrgPlace struct {
	Code  string // its integration value, most often the code of ISO 3166
	Label string
	// Countries are, of a state, the codes of the countries for which it is offered.
	Countries []string
}

// picky reports whether the org has these picklists.
func (o Org) picky() bool { return len(o.Countries) > 0 }

// spelling is how an org, or a language, writes places.
type spelling struct {
	language string
	form     form
	org      Org
	// of an org with picklists: its labels by code, and its labels folded to what they stand for
	countries map[string]string
	states    map[string]map[string]string // by country and code
	custom    map[string]string            // folded label of a country -> code
}

// form is what is written of a place.
type form string

const (
	byName form = "name"
	iso2   form = "code"
	iso3   form = "alpha3"
)

func newSpelling(language string, f form, org Org) *spelling {
	s := &spelling{language: language, form: f, org: org, countries: map[string]string{}, states: map[string]map[string]string{}, custom: map[string]string{}}
	isoOf := map[string]string{}
	for _, c := range org.Countries {
		iso := strings.ToUpper(c.Code)
		if _, ok := places.Find(iso); !ok {
			if iso = countryCode(c.Label); iso == "" {
				iso = "=" + c.Code // the org's own: it stands for itself
			}
		}
		s.countries[iso], s.custom[places.Fold(c.Label)], isoOf[c.Code] = c.Label, iso, iso
	}
	for _, p := range org.States {
		for _, country := range p.Countries {
			iso := isoOf[country]
			if s.states[iso] == nil {
				s.states[iso] = map[string]string{}
			}
			s.states[iso][strings.ToUpper(p.Code)] = p.Label
		}
	}
	return s
}

// country spells a country; ok is false for one that the org does not offer.
func (s *spelling) country(code string) (string, bool) {
	if s.org.picky() {
		label, ok := s.countries[code]
		return label, ok
	}
	c, ok := places.Find(code)
	if !ok {
		return "", false
	}
	switch s.form {
	case iso2:
		return c.Code, true
	case iso3:
		return c.Alpha3, c.Alpha3 != ""
	}
	return c.Names.In(s.language), true
}

// part spells a part of a country.
func (s *spelling) part(country, code string) (string, bool) {
	if s.org.picky() {
		label, ok := s.states[country][code]
		return label, ok
	}
	if s.form != byName {
		return code, true
	}
	c, ok := places.Find(country)
	if !ok {
		return "", false
	}
	i := slices.IndexFunc(c.Parts(), func(p places.Part) bool { return p.Code == code })
	if i < 0 {
		return "", false
	}
	return c.Parts()[i].Names.In(s.language), true
}

// single is the only spelling of several codes: two levels of a country's parts may share a name, and then it does not matter which is meant.
func single(codes []string, spell func(string) (string, bool)) (string, bool) {
	found := ""
	for _, code := range codes {
		said, ok := spell(code)
		switch {
		case !ok:
		case found != "" && found != said:
			return "", false
		default:
			found = said
		}
	}
	return found, found != ""
}

// countryStep standardises a country.
type countryStep struct{ *spelling }

func (c *countryStep) rewrite(text string, q question) string {
	if said, ok := c.find(text, q); ok {
		return said
	}
	return text
}

func (c *countryStep) find(text string, _ question) (string, bool) {
	if c.org.picky() {
		if code, ok := c.custom[places.Fold(text)]; ok {
			return c.countries[code], true
		}
	}
	return single(c.codes(text), c.country)
}

// codes are the countries that a text may name. The name in the language that is written comes first.
func (c *countryStep) codes(text string) []string {
	codes := countryCodes(text)
	if len(codes) < 2 {
		return codes
	}
	folded := places.Fold(text)
	for _, language := range []string{c.language, "en"} {
		for _, code := range codes {
			if p, ok := places.Find(code); ok && places.Fold(p.Names.In(language)) == folded {
				return []string{code}
			}
		}
	}
	return codes
}

// stateStep standardises a part of a country. Without its country it says nothing about what is meant by it.
type stateStep struct {
	*spelling
	place  int    // of the record's country, -1 where there is none
	assume string // the country's code where the record says none
}

func (s *stateStep) countryPlace() int { return s.place }

func (s *stateStep) countryOf(text string) string {
	if s.org.picky() {
		if code, ok := s.custom[places.Fold(text)]; ok {
			return code
		}
	}
	return only((&countryStep{s.spelling}).codes(text))
}

// administrative are the words that people put before or after the name of a part.
var administrative = []string{"state of", "province of", "county of", "county", "province", "state", "region", "prefecture", "provincie", "provincia de", "provincia di",
	"provincia", "estado de", "departamento de", "kanton", "canton de", "canton", "bundesland", "land", "freistaat", "comunidad de", "région", "département"}

// irregular are the usual abbreviations that neither are codes nor begin a name.
var irregular = map[string]map[string]string{
	"US": {"fla": "FL", "miss": "MS", "penna": "PA", "washdc": "DC"},
	"CA": {"alta": "AB", "nfld": "NL", "pei": "PE", "pq": "QC"},
	"DE": {"nrw": "NW", "bawu": "BW", "bawue": "BW", "meckpomm": "MV"},
	"MX": {"df": "CMX", "cdmx": "CMX"},
	"BE": {"vlaanderen": "VLG", "wallonie": "WAL"},
}

// rewrite leaves a state that is none of its country's, but an org with picklists cannot hold it and would refuse the whole record.
func (s *stateStep) rewrite(text string, q question) string {
	said, ok := s.find(text, q)
	switch {
	case ok:
		return said
	case s.org.picky():
		return ""
	}
	return text
}

func (s *stateStep) find(text string, q question) (string, bool) {
	country := q.country
	if country == "" {
		country = s.assume
	}
	if country == "" {
		return "", false
	}
	// The org's own labels first, whatever the tables call them.
	if s.org.picky() {
		if own, ok := s.label(country, text); ok {
			return own, true
		}
	}
	spell := func(code string) (string, bool) { return s.part(country, code) }
	code := strings.ToUpper(strings.TrimSpace(text))
	code = strings.TrimPrefix(strings.TrimPrefix(code, country+"-"), country+" ")
	if said, ok := spell(code); ok && s.exists(country, code) {
		return said, true
	}
	if code, ok := irregular[country][places.Fold(text)]; ok {
		if said, ok := spell(code); ok {
			return said, true
		}
	}
	for _, name := range bared(text) {
		if said, ok := single(s.codes(country, name), spell); ok {
			return said, true
		}
	}
	return "", false
}

// label finds one of the org's own states by its label or code.
func (s *stateStep) label(country, text string) (string, bool) {
	folded := places.Fold(text)
	for code, label := range s.states[country] {
		if places.Fold(label) == folded || places.Fold(code) == folded {
			return label, true
		}
	}
	return "", false
}

func (s *stateStep) exists(country, code string) bool {
	if s.org.picky() {
		return true // it was found among the org's
	}
	c, ok := places.Find(country)
	return ok && slices.ContainsFunc(c.Parts(), func(p places.Part) bool { return p.Code == code })
}

// codes are the parts that a name may mean. The name in the language that is written comes first, then the English one.
func (s *stateStep) codes(country, name string) []string {
	folded := places.Fold(name)
	codes := partsOf(country).find(folded, true)
	if len(codes) < 2 {
		return codes
	}
	c, ok := places.Find(country)
	if !ok {
		return nil
	}
	for _, language := range []string{s.language, "en"} {
		var so []string
		for _, p := range c.Parts() {
			if slices.Contains(codes, p.Code) && places.Fold(p.Names.In(language)) == folded {
				so = append(so, p.Code)
			}
		}
		if len(so) > 0 {
			return so
		}
	}
	return codes
}

// bared is a name as it is, then without the words that say what kind of a part it is.
func bared(text string) []string {
	out := []string{text}
	small := plain(text)
	for _, word := range administrative {
		if rest, ok := strings.CutPrefix(small, word+" "); ok {
			out = append(out, rest)
		}
		if rest, ok := strings.CutSuffix(small, " "+word); ok {
			out = append(out, rest)
		}
	}
	return out
}
