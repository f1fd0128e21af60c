package places

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are those that fall apart in no other way.
var letters = map[rune]string{'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h"}

// Fold gives a name without what people write differently: case, accents, blanks, hyphens, full stops. Two names that fold to
// the same are the same name.
func Fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch with, ok := letters[r]; {
		case ok:
			b.WriteString(with)
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		case unicode.Is(unicode.M, r) && r > 0x900: // in the scripts of India and beyond, marks are vowels
			b.WriteRune(r)
		}
	}
	return b.String()
}
