// Package places knows what countries and their parts are called: ISO 3166-1 and 3166-2, in the languages in which Salesforce can be
// had, and how telephone numbers are dialled there. It is data: what to make of a name that stands in neither table is for others.
//
// The tables are made by the program in the folder generate from Unicode's CLDR and from libphonenumber; see LICENSES.md. They are
// unpacked when they are first asked for: who has no rule about places pays nothing.
package places

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./generate

//go:embed names.gz
var namesPacked []byte

//go:embed numbers.gz
var numbersPacked []byte

// Country is one country of ISO 3166-1, or Kosovo (XK).
type Country struct {
	Code    string // alpha-2, as "NL"
	Alpha3  string
	Numeric string // three digits; empty for Kosovo
	Names   Names
	Others  []string // what else it is called: in further languages, short, former
	parts   func() []Part
}

// Parts are the country's subdivisions of ISO 3166-2, of every level.
func (c *Country) Parts() []Part { return c.parts() }

// Part is one subdivision.
type Part struct {
	Code  string // without the country's, as "NH"
	Names Names
}

// Names are what something is called, in the order of Languages; empty where it is called as in English, or nobody told.
type Names []string

// In is the name in a language, the English one where there is none.
func (n Names) In(language string) string {
	if i := slices.Index(Languages(), language); i >= 0 && i < len(n) && n[i] != "" {
		return n[i]
	}
	return n[0]
}

type table struct {
	languages []string
	countries []Country
}

var load = sync.OnceValue(func() table {
	head, text, _ := strings.Cut(unpack(namesPacked), "\n\n")
	t := table{languages: strings.Split(head, "\t")}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		first, rest, _ := strings.Cut(strings.TrimSuffix(paragraph, "\n"), "\n")
		fields := strings.Split(first, "\t")
		c := Country{Code: fields[0], Alpha3: fields[1], Numeric: fields[2]}
		names := fields[3:]
		at := min(len(t.languages), len(names))
		c.Names = names[:at]
		if at < len(names) {
			c.Others = names[at+1:] // an empty field stands between
		}
		c.parts = sync.OnceValue(func() []Part { return parts(rest) })
		t.countries = append(t.countries, c)
	}
	return t
})

func parts(text string) (out []Part) {
	for line := range strings.SplitSeq(text, "\n") {
		if code, names, ok := strings.Cut(line, "\t"); ok {
			out = append(out, Part{Code: code, Names: strings.Split(names, "\t")})
		}
	}
	return out
}

// Languages are the languages of Names, by their CLDR names; the first is English.
func Languages() []string { return load().languages }

// Countries are all countries, by code.
func Countries() []Country { return load().countries }

// Find gives the country of a code; ok is false when there is none.
func Find(code string) (*Country, bool) {
	countries := load().countries
	i, ok := slices.BinarySearchFunc(countries, code, func(c Country, code string) int { return strings.Compare(c.Code, code) })
	if !ok {
		return nil, false
	}
	return &countries[i], true
}

// Plan is how one dials in a country. The patterns are regular expressions that must match the whole.
type Plan struct {
	Country  string // alpha-2
	Calling  string // the country's own digits, without the plus
	Abroad   string // pattern of what is dialled before a call abroad, as 00
	National string // pattern of a number within the country, without Within
	Within   string // pattern of what is dialled before a call within the country, as 0; empty where there is none
	Becomes  string // what a number becomes whose groups Within caught, as $1; empty where it only goes
}

// Plans are the telephone plans, by country.
var Plans = sync.OnceValue(func() map[string]Plan {
	plans := map[string]Plan{}
	for line := range strings.Lines(unpack(numbersPacked)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		plans[f[0]] = Plan{f[0], f[1], f[2], f[3], f[4], f[5]}
	}
	return plans
})

// unpack opens a table. They are part of the program: one that does not open is a broken build, which the tests notice.
func unpack(packed []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(z); err == nil {
			return string(text)
		}
	}
	panic(fmt.Sprintf("the table of places in this program is broken: %v", err))
}
