package rule

import (
	"regexp"
	"strings"
	"unicode"
)

// trim takes away blanks at both ends, makes one of several within, and leaves out what nobody sees.
type trim struct{}

func (trim) rewrite(text string, _ question) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b', r == '\u200c', r == '\ufeff', r == '\u00ad', unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		case r == '\u00a0' || r == '\u202f':
			return ' '
		}
		return r
	}, text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// blank empties a field that says that it has nothing to say.
type blank map[string]bool

// nothing is what people type who have nothing to say, and "[not provided]" what Web-to-Lead puts into the company and the last name of who
// left them out (Salesforce Help, knowledge article 000171026).
var nothing = []string{"-", "--", "---", ".", "..", "...", "n/a", "na", "n.a.", "n.a", "none", "null", "nil", "unknown", "not applicable", "not available",
	"not provided", "[not provided]", "not specified", "no data", "undefined", "tbd", "?", "??", "x", "xx", "xxx", "onbekend", "unbekannt", "keine", "keine angabe", "inconnu",
	"aucun", "desconocido", "ninguno", "sconosciuto", "nessuno", "desconhecido", "nenhum", "不明", "なし", "無し"}

func newBlank(words []string) blank {
	b := blank{}
	for _, w := range words {
		b[plain(w)] = true
	}
	return b
}

func (b blank) rewrite(text string, _ question) string {
	if b[plain(text)] {
		return ""
	}
	return text
}

// plain is how words are looked up: in small letters, with one blank between.
func plain(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// casing writes in small letters, in capitals, or names as names are written.
type casing string

const (
	lower casing = "lower"
	upper casing = "upper"
	names casing = "names"
)

func (c casing) rewrite(text string, _ question) string {
	switch c {
	case lower:
		return strings.ToLower(text)
	case upper:
		return strings.ToUpper(text)
	}
	return nameCase(text)
}

// particles are the words within a name that stay small, unless it begins with them.
var particles = map[string]bool{"van": true, "de": true, "der": true, "den": true, "het": true, "ten": true, "ter": true, "von": true, "zu": true, "zur": true, "und": true,
	"la": true, "le": true, "du": true, "des": true, "da": true, "di": true, "do": true, "dos": true, "das": true, "del": true, "della": true, "y": true, "e": true, "bin": true, "al": true}

// nameCase writes a name that was shouted or whispered. One that has capitals and small letters was typed with care, and stays.
func nameCase(text string) string {
	if text != strings.ToUpper(text) && text != strings.ToLower(text) {
		return text
	}
	words := strings.Fields(strings.ToLower(text))
	for i, word := range words {
		if i > 0 && particles[word] {
			continue
		}
		words[i] = capitals(word)
	}
	return strings.Join(words, " ")
}

// capitals begins a word with a capital, and what follows a hyphen or a short prefix as in O'Brien and McGregor.
func capitals(word string) string {
	runes := []rune(word)
	next := true
	for i, r := range runes {
		if next && unicode.IsLetter(r) {
			runes[i] = unicode.ToTitle(r)
		}
		next = r == '-' || (r == '\'' || r == '’') && i == 1
	}
	if len(runes) > 4 && runes[0] == 'M' && runes[1] == 'c' {
		runes[2] = unicode.ToTitle(runes[2])
	}
	return string(runes)
}

// table says for some values what to make of them.
type table map[string]string

func newTable(entries map[string]string) (table, error) {
	t := table{}
	for from, to := range entries {
		if was, twice := t[plain(from)]; twice && was != to {
			return nil, wrong("rule.table.twice", "\"%1\" stands in it twice", from)
		}
		t[plain(from)] = to
	}
	for from, to := range t {
		if again, ok := t[plain(to)]; ok && again != to {
			return nil, wrong("rule.table.chain", "\"%1\" becomes \"%2\", which in turn becomes \"%3\": say at once what it is to be", from, to, again)
		}
	}
	return t, nil
}

func (t table) rewrite(text string, _ question) string {
	if to, ok := t[plain(text)]; ok {
		return to
	}
	return text
}

// replace replaces what a regular expression matches.
type replace struct {
	pattern *regexp.Regexp
	with    string
}

func (r replace) rewrite(text string, _ question) string {
	return r.pattern.ReplaceAllString(text, r.with)
}
