// Command generate makes the tables of places and of telephone numbers that are committed beside it:
//
//	go run ./assets/places/generate
//
// It takes them from packages of the npm registry, of pinned versions and checked by their pinned hashes: the names of countries and
// of their parts from Unicode's CLDR, the telephone plans from libphonenumber. What comes out is the same each time.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/assets/places"
)

// spoken are the languages that Salesforce supports in full or for its users; further are those of its other screens, of which the names of
// countries alone are taken. English leads: of it there is a name for everything.
var (
	spoken  = strings.Fields("en ar bg cs da de el es fi fr he hr hu id it ja ko nl no pl pt ro ru sk sl sv th tr uk vi zh zh-Hant")
	further = strings.Fields("af bn ca cy et eu fa ga gd gl gu haw hi hy is ka kk km kn lb lt lv mi mk ml mr ms mt my pa pt-PT rm sm sq sr sr-Latn sw ta te tl ur xh yi zu")
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("generate: ", err)
	}
}

func run() error {
	sources, err := download()
	if err != nil {
		return err
	}
	countries, err := countries(sources)
	if err != nil {
		return err
	}
	if err := parts(sources, countries); err != nil {
		return err
	}
	dir, err := folder()
	if err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "names.gz"), names(countries)); err != nil {
		return err
	}
	plans, err := plans(sources)
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, "numbers.gz"), plans)
}

// folder is where the tables belong, seen from the root of the repository or from the package.
func folder() (string, error) {
	for _, dir := range []string{"assets/places", "."} {
		if _, err := os.Stat(filepath.Join(dir, "places.go")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("run it from the root of the repository")
}

func write(path string, text []byte) error {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	log.Printf("%s: %d bytes, %d packed", path, len(text), packed.Len())
	return os.WriteFile(path, packed.Bytes(), 0o644)
}

// country is a country with its names and those of its parts, by language.
type country struct {
	code, alpha3, numeric string
	names                 map[string]string
	others                map[string]bool // what else it is called: short, former and disputed names
	parts                 map[string]map[string]string
}

type codes struct {
	Territories []struct {
		Type    string `xml:"type,attr"`
		Numeric string `xml:"numeric,attr"`
		Alpha3  string `xml:"alpha3,attr"`
	} `xml:"codeMappings>territoryCodes"`
}

// countries reads the countries of ISO 3166-1 and Kosovo, which has a code of the user-assigned ones.
func countries(s sources) (map[string]*country, error) {
	var known codes
	if err := xml.Unmarshal(s["cldr"]["3rdparty/cldr/common/supplemental/supplementalData.xml"], &known); err != nil {
		return nil, err
	}
	out := map[string]*country{}
	for _, c := range known.Territories {
		// ISO leaves the numbers from 900 on to users: those are CLDR's own, as for the European Union. Reserved codes have no number.
		if len(c.Type) == 2 && c.Numeric != "" && (c.Numeric < "900" || c.Type == "XK") {
			if c.Type == "XK" {
				c.Numeric = ""
			}
			out[c.Type] = &country{code: c.Type, alpha3: c.Alpha3, numeric: c.Numeric, names: map[string]string{}, others: map[string]bool{}, parts: map[string]map[string]string{}}
		}
	}
	for path, text := range s["cldr-localenames-full"] {
		if filepath.Base(path) != "territories.json" {
			continue
		}
		language := filepath.Base(filepath.Dir(path))
		if !slices.Contains(spoken, language) && !slices.Contains(further, language) {
			continue
		}
		var document struct {
			Main map[string]struct {
				Names struct {
					Territories map[string]string `json:"territories"`
				} `json:"localeDisplayNames"`
			} `json:"main"`
		}
		if err := json.Unmarshal(text, &document); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for key, name := range document.Main[language].Names.Territories {
			code, kind, _ := strings.Cut(key, "-alt-")
			c := out[code]
			switch {
			case c == nil || name == code:
			case kind == "":
				c.names[language] = clean(name)
			case language == "en" || len([]rune(places.Fold(name))) > 2: // of two letters it may be any country's
				c.others[clean(name)] = true
			}
		}
	}
	for code, c := range out {
		if c.names["en"] == "" { // a code that is reserved only
			delete(out, code)
		}
	}
	return out, nil
}

type subdivisions struct {
	Names []struct {
		Type string `xml:"type,attr"`
		Name string `xml:",chardata"`
	} `xml:"localeDisplayNames>subdivisions>subdivision"`
}

// parts adds the parts of the countries: those that CLDR has released a name of, in the languages in which anybody proposed one.
func parts(s sources, countries map[string]*country) error {
	var released struct {
		Subdivisions struct {
			Names struct {
				Subdivisions map[string]string `json:"subdivisions"`
			} `json:"localeDisplayNames"`
		} `json:"subdivisions"`
	}
	if err := json.Unmarshal(s["cldr-subdivisions-full"]["subdivisions/en/en.json"], &released); err != nil {
		return err
	}
	for key, name := range released.Subdivisions.Names.Subdivisions {
		if c := countries[strings.ToUpper(key[:2])]; c != nil {
			c.parts[strings.ToUpper(key[2:])] = map[string]string{"en": clean(name)}
		}
	}
	for _, language := range spoken {
		text, ok := s["cldr"]["3rdparty/cldr/common/subdivisions/"+strings.ReplaceAll(language, "-", "_")+".xml"]
		if !ok || language == "en" {
			continue
		}
		var document subdivisions
		if err := xml.Unmarshal(text, &document); err != nil {
			return fmt.Errorf("%s: %w", language, err)
		}
		for _, n := range document.Names {
			c := countries[strings.ToUpper(n.Type[:2])]
			if c == nil {
				continue
			}
			if part := c.parts[strings.ToUpper(n.Type[2:])]; part != nil {
				part[language] = clean(n.Name)
			}
		}
	}
	return nil
}

// clean takes the marks out of a name by which CLDR tells namesakes apart.
func clean(name string) string {
	name = strings.TrimRight(strings.TrimSpace(name), "²³¹")
	return strings.Join(strings.Fields(name), " ")
}

// names writes the table: first the languages, then for each country a paragraph. Its first line has the codes, what it is called in each
// language and, after an empty field, what else it is called; each further line is one part. A name that is the same, folded, as
// one before it in its line is left out: it would be recognised anyway.
func names(countries map[string]*country) []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(spoken, "\t") + "\n")
	for _, code := range slices.Sorted(maps.Keys(countries)) {
		c := countries[code]
		seen := map[string]bool{}
		fmt.Fprintf(&b, "\n%s\t%s\t%s\t%s", code, c.alpha3, c.numeric, line(c.names, seen))
		var rest []string
		for _, language := range further {
			rest = append(rest, c.names[language])
		}
		rest = append(rest, slices.Sorted(maps.Keys(c.others))...)
		b.WriteString("\t")
		for _, name := range rest {
			if folded := places.Fold(name); folded != "" && !seen[folded] {
				seen[folded] = true
				b.WriteString("\t" + name)
			}
		}
		b.WriteString("\n")
		for _, part := range slices.Sorted(maps.Keys(c.parts)) {
			b.WriteString(part + "\t" + line(c.parts[part], map[string]bool{}) + "\n")
		}
	}
	return b.Bytes()
}

// line writes names in the order of the languages. A name that is written as the English one is left out, and so are the empty ones at the end.
func line(names map[string]string, seen map[string]bool) string {
	var out []string
	for i, language := range spoken {
		name := names[language]
		seen[places.Fold(name)] = true
		if i > 0 && name == names["en"] {
			name = ""
		}
		out = append(out, name)
	}
	return strings.Join(out, "\t")
}
