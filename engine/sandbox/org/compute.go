package org

import (
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// stampLayout is the canonical text of a date-time; answers write its first 19 characters and ".000+0000".
const stampLayout = "2006-01-02T15:04:05Z"

// stampText is the canonical text of a second.
func stampText(unix int64) string {
	var b [20]byte
	return string(appendStamp(b[:0], unix))
}

// appendStamp appends the canonical text of a second. Every row that is read goes through it, and it is several times
// faster than time.AppendFormat.
func appendStamp(b []byte, unix int64) []byte {
	t := time.Unix(unix, 0).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	two := func(n int, after byte) { b = append(b, byte('0'+n/10), byte('0'+n%10), after) }
	b = append(b, byte('0'+year/1000%10), byte('0'+year/100%10))
	two(year%100, '-')
	two(int(month), '-')
	two(day, 'T')
	two(hour, ':')
	two(minute, ':')
	two(second, 'Z')
	return b
}

// fullName is first and last name; the salutation is left out, as recorded answers show.
func fullName(_ *Org, f *field, row table.Row) (string, bool) {
	last, _ := row.Get(f.object.byName["lastname"].column)
	first, ok := row.Get(f.object.byName["firstname"].column)
	if !ok {
		return last, last != ""
	}
	return first + " " + last, true
}

func photoURL(_ *Org, f *field, row table.Row) (string, bool) {
	return "/services/images/photo/" + f.object.longID(row.ID()), true
}

func isBounced(_ *Org, f *field, row table.Row) (string, bool) {
	if _, ok := row.Get(f.object.byName["emailbounceddate"].column); ok {
		return "true", true
	}
	return "false", true
}

// addressJSON is the compound of an address, null when all parts are empty. This org geocodes nothing.
func addressJSON(o *Org, obj *object, prefix string, row table.Row) (string, bool) {
	keys := [...]string{"city", "country", "countryCode", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "stateCode", "street"}
	names := [...]string{"City", "Country", "CountryCode", "", "", "", "PostalCode", "State", "StateCode", "Street"}
	b, filled := []byte{'{'}, false
	for i, key := range keys {
		part := obj.field(prefix + names[i])
		if part == nil && (names[i] == "CountryCode" || names[i] == "StateCode") { // an org without the picklists
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, key...)
		b = append(b, `":`...)
		if names[i] != "" && part != nil {
			if text, ok := o.value(part, row); ok {
				b, filled = appendString(b, text), true
				continue
			}
		}
		b = append(b, "null"...)
	}
	return string(append(b, '}')), filled
}

// formula is the rule of Region__c: the country's region. It can be edited, and as in Salesforce the rows whose value
// changes by that keep their stamps.
type formula struct {
	mu      sync.RWMutex
	regions map[string]string
}

func newFormula() *formula {
	regions := map[string]string{}
	for region, countries := range map[string][]string{
		"AMER": {"United States", "USA", "US", "Canada", "Mexico", "Brazil", "Argentina", "Chile"},
		"EMEA": {
			"Germany", "France", "United Kingdom", "Spain", "Italy", "Netherlands", "Switzerland", "Austria", "Sweden", "Poland",
			"Ireland", "Denmark", "Norway", "Finland", "Belgium", "Portugal", "South Africa", "United Arab Emirates", "Israel",
		},
		"APAC": {"Japan", "Australia", "India", "China", "Singapore", "South Korea", "New Zealand"},
	} {
		for _, c := range countries {
			regions[c] = region
		}
	}
	return &formula{regions: regions}
}

func (f *formula) region(country string, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if region, known := f.regions[country]; known {
		return region, true
	}
	return "Other", true
}

func regionSource(country string) string {
	return `CASE(` + country + `, "Germany", "EMEA", "United States", "AMER", "Japan", "APAC", "Other")`
}

// EditFormula changes the formula of Region__c: people of a country belong to another region from now on. No stamp
// moves, which is why a sync cannot see it.
func (o *Org) EditFormula(country, region string) {
	o.formula.mu.Lock()
	defer o.formula.mu.Unlock()
	o.formula.regions[country] = region
}
