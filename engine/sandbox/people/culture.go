package people

import (
	"strings"
	"sync"
)

// culture is where a person's name, home and telephone come from.
type culture struct {
	weight int
	// given and family names; "Анна|Anna" gives the native spelling and the one used in addresses.
	given, family string
	// familyFirst puts the family name in front when the native spelling is shown as one text.
	familyFirst bool
	// native is the share, in percent, of people who write their name in the native spelling.
	native int
	// places are "City;State/other spelling/...;postal code", # a digit, @ a letter, one a line.
	places string
	// country is every way people write it, the usual one first, "/" between.
	country string
	phones  string // shapes, # a digit, "/" between
	streets string // with {n} for a house number, "/" between
	suffix  string // legal forms of companies, "/" between

	givenNames, familyNames []name
	placeList               []place
	countries, phoneShapes  []string
	streetShapes, suffixes  []string
}

// name is one name in both spellings; plain is the romanised one in small letters a-z.
type name struct{ native, latin, plain string }

type place struct {
	city   string
	states []string // spellings, the usual one first; empty where addresses have none
	postal string
}

// load splits the texts once.
func (c *culture) load() {
	c.givenNames, c.familyNames = names(c.given), names(c.family)
	for line := range strings.Lines(strings.TrimSpace(c.places)) {
		parts := strings.Split(strings.TrimSpace(line), ";")
		p := place{city: parts[0], postal: parts[2]}
		if parts[1] != "" {
			p.states = strings.Split(parts[1], "/")
		}
		c.placeList = append(c.placeList, p)
	}
	c.countries = strings.Split(c.country, "/")
	c.phoneShapes = strings.Split(c.phones, "/")
	c.streetShapes = strings.Split(c.streets, "/")
	c.suffixes = strings.Split(c.suffix, "/")
}

// names splits a list; an underscore stands for a blank within a name.
func names(list string) []name {
	var all []name
	for entry := range strings.FieldsSeq(list) {
		native, latin, both := strings.Cut(strings.ReplaceAll(entry, "_", " "), "|")
		if !both {
			latin = native
		}
		all = append(all, name{native, latin, plain(latin)})
	}
	return all
}

// folds are the letters that plain spells otherwise; all others outside a-z are left out.
var folds = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "å", "a", "æ", "ae", "ø", "o", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"á", "a", "à", "a", "â", "a", "ã", "a", "ă", "a", "ą", "a", "ạ", "a", "ç", "c", "ć", "c", "č", "c", "ď", "d", "đ", "d", "ð", "d",
	"ę", "e", "ě", "e", "ễ", "e", "ệ", "e", "ğ", "g", "í", "i", "ì", "i", "î", "i", "ï", "i", "ı", "i", "ị", "i", "ł", "l", "ľ", "l",
	"ñ", "n", "ń", "n", "ň", "n", "ó", "o", "ò", "o", "ô", "o", "õ", "o", "ő", "o", "ồ", "o", "ơ", "o", "ř", "r", "ś", "s", "ş", "s", "š", "s",
	"ș", "s", "ť", "t", "ț", "t", "ú", "u", "ù", "u", "û", "u", "ů", "u", "ű", "u", "ư", "u", "ũ", "u", "ý", "y", "ỳ", "y", "ź", "z", "ż", "z", "ž", "z",
	"þ", "th", "œ", "oe",
)

// plain spells a romanised name with a-z only, as in an address.
func plain(latin string) string {
	var b strings.Builder
	for _, r := range folds.Replace(strings.ToLower(latin)) {
		if r >= 'a' && r <= 'z' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// culturesOnce splits every culture's lists when the first world is walked through.
var culturesOnce sync.Once

// cultureWheel holds each culture as many times as it weighs.
var cultureWheel []*culture

func loadCultures() {
	culturesOnce.Do(func() {
		for _, c := range cultures {
			c.load()
			for range c.weight {
				cultureWheel = append(cultureWheel, c)
			}
		}
	})
}

func someCulture(d *draw) *culture { return pick(d, cultureWheel) }
