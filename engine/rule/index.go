package rule

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/assets/places"
	"github.com/doppio-sync/doppio/engine/typo"
)

// index finds codes by what people call a place.
type index struct {
	names map[string][]string // folded name -> codes
	// main are the names of which an abbreviation is looked for: those in English.
	main map[string][]string
}

func newIndex() index { return index{map[string][]string{}, map[string][]string{}} }

func (x index) add(name, code string) { add(x.names, places.Fold(name), code) }

func add(names map[string][]string, folded, code string) {
	if folded != "" && !slices.Contains(names[folded], code) {
		names[folded] = append(names[folded], code)
	}
}

func (x index) addNames(names places.Names, code string) {
	for i, name := range names {
		x.add(name, code)
		if bare, _, ok := strings.Cut(name, " ("); ok {
			x.add(bare, code)
		}
		if i == 0 {
			add(x.main, places.Fold(name), code)
		}
	}
}

// find gives the codes that a name stands for: those that are called exactly so, else those whose English name it abbreviates, else those
// whose name it misspells. Whoever asks decides what to make of several; of a misspelling only one may come into question.
func (x index) find(folded string, abbreviated bool) []string {
	if codes := x.names[folded]; len(codes) > 0 {
		return codes
	}
	if abbreviated && utf8.RuneCountInString(folded) >= 3 {
		var codes []string
		for name, of := range x.main {
			if strings.HasPrefix(name, folded) {
				codes = append(codes, of...)
			}
		}
		slices.Sort(codes)
		if codes = slices.Compact(codes); len(codes) > 0 {
			return codes
		}
	}
	return x.misspelt(folded)
}

func (x index) misspelt(folded string) []string {
	typed := []rune(folded)
	most := bound(len(typed))
	if most == 0 {
		return nil
	}
	var codes []string
	for name, of := range x.names {
		// A short name is not made longer to meet a long misspelling of another.
		if letters := utf8.RuneCountInString(name); letters-len(typed) > most || len(typed)-letters > most || bound(letters) == 0 {
			continue
		}
		if typo.Mistakes(typed, []rune(name), min(most, bound(utf8.RuneCountInString(name)))) <= min(most, bound(utf8.RuneCountInString(name))) {
			codes = append(codes, of...)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// countryNames finds countries. Of Great Britain the four countries are taken for the whole.
var countryNames = sync.OnceValue(func() index {
	x := newIndex()
	for _, c := range places.Countries() {
		x.addNames(c.Names, c.Code)
		for _, name := range c.Others {
			x.add(name, c.Code)
		}
	}
	if gb, ok := places.Find("GB"); ok {
		for _, p := range gb.Parts() {
			if p.Code == "ENG" || p.Code == "SCT" || p.Code == "WLS" || p.Code == "NIR" {
				for _, name := range p.Names {
					x.add(name, "GB")
				}
			}
		}
	}
	return x
})

// partNames are the indices of countries' parts that were asked for, by country.
var partNames sync.Map

func partsOf(country string) index {
	if x, ok := partNames.Load(country); ok {
		return x.(index)
	}
	x := newIndex()
	if c, ok := places.Find(country); ok {
		for _, p := range c.Parts() {
			x.addNames(p.Names, p.Code)
		}
	}
	partNames.Store(country, x)
	return x
}

// ascii reports that a text is made of letters and digits of the Latin alphabet, as codes are.
func ascii(text string) bool {
	for i := range len(text) {
		c := text[i] | 0x20
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}

// byCode are the countries' codes of two letters, of three, and the numbers.
var byCode = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, c := range places.Countries() {
		out[c.Code] = c.Code
		for _, code := range []string{c.Alpha3, c.Numeric} {
			if code != "" {
				out[code] = c.Code
			}
		}
	}
	return out
})

// countryCode is the country that a text names, empty where it names none, or may name several.
func countryCode(text string) string { return only(countryCodes(text)) }

func countryCodes(text string) []string {
	bare := strings.TrimSpace(text)
	if code, ok := byCode()[strings.ToUpper(bare)]; ok && ascii(bare) {
		return []string{code}
	}
	folded := places.Fold(text)
	if code, ok := byCode()[strings.ToUpper(folded)]; ok && ascii(folded) && len(folded) == 3 && strings.Contains(bare, ".") { // U.S.A.
		return []string{code}
	}
	if codes := countryNames().find(folded, false); len(codes) > 0 {
		return codes
	}
	if rest, ok := strings.CutPrefix(folded, "the"); ok {
		return countryNames().find(rest, false)
	}
	return nil
}

func only(codes []string) string {
	if len(codes) == 1 {
		return codes[0]
	}
	return ""
}
