package places_test

import (
	"regexp"
	"testing"

	"github.com/doppio-sync/doppio/assets/places"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Côte d’Ivoire": "cotedivoire", "Nordrhein-Westfalen": "nordrheinwestfalen", "Łódź": "lodz", "Straße": "strasse", "ＵＳＡ": "usa", "İzmir": "izmir", " ": "", "東京都": "東京都",
	} {
		if got := places.Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// The tables open, and hold what they are for; a broken one would end the program when it is first asked for.
func TestTables(t *testing.T) {
	if got := places.Languages(); len(got) < 30 || got[0] != "en" {
		t.Fatalf("the languages are %v", got)
	}
	nl, ok := places.Find("NL")
	if !ok || nl.Alpha3 != "NLD" || nl.Numeric != "528" || nl.Names.In("fr") != "Pays-Bas" || len(nl.Parts()) < 12 {
		t.Errorf("the Netherlands are %+v", nl)
	}
	for _, code := range []string{"XX", "EU", "ZZ", "nl"} {
		if _, ok := places.Find(code); ok {
			t.Errorf("%q is a country", code)
		}
	}
	if len(places.Plans()) < 230 {
		t.Errorf("there are %d telephone plans", len(places.Plans()))
	}
	for country, p := range places.Plans() {
		for _, pattern := range []string{p.Abroad, p.National, p.Within} {
			if _, err := regexp.Compile(pattern); err != nil {
				t.Errorf("the plan of %s: %v", country, err)
			}
		}
		if p.Calling == "" || p.National == "" {
			t.Errorf("the plan of %s is empty", country)
		}
	}
}
