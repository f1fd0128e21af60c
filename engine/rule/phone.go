package rule

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/doppio-sync/doppio/assets/places"
)

// phone writes a telephone number as E.164 does: a plus, the country's digits, the number. It knows the plans of libphonenumber,
// not the library itself: that makes the program 6 MB larger and costs 7 ms at every start.
type phone struct {
	place   int    // of the record's country, -1 where there is none
	country string // where the record says none
}

func (p *phone) countryPlace() int { return p.place }

func (p *phone) countryOf(text string) string { return countryCode(text) }

var (
	extension = regexp.MustCompile(`(?i)\s*(?:,|;|#|\bext(?:ension)?\b\.?|\bx|\btoestel\b|\bdurchwahl\b|\bposte\b|\binterno\b)\s*[:.]?\s*(\d{1,6})\s*$`)
	trunk     = regexp.MustCompile(`\(\s*0\s*\)`)
)

// rewrite leaves a number as it is that its country's plan does not have.
func (p *phone) rewrite(text string, q question) string {
	if number, ok := p.find(text, q); ok {
		return number
	}
	return text
}

func (p *phone) find(text string, q question) (string, bool) {
	number, added := text, ""
	if m := extension.FindStringSubmatchIndex(text); m != nil {
		number, added = text[:m[0]], "x"+text[m[2]:m[3]]
	}
	number = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(number), "tel:"))
	abroad := strings.HasPrefix(number, "+") || strings.HasPrefix(number, "(+")
	if abroad {
		number = trunk.ReplaceAllString(number, "") // +31 (0)20
	}
	digits, ok := dialled(number)
	if !ok {
		return "", false
	}
	country := q.country
	if country == "" {
		country = p.country
	}
	plan, known := planOf(country)
	if !abroad && known {
		if rest, found := plan.after(plan.abroad, digits); found {
			digits, abroad = rest, true
		}
	}
	if abroad {
		if calling, national, found := parseAbroad(digits); found {
			return "+" + calling + national + added, true
		}
		return "", false
	}
	if !known {
		return "", false
	}
	national, found := plan.within(digits)
	return "+" + plan.Calling + national + added, found
}

// dialled are the digits of a number; not ok when there is more in it than digits and what people put between them.
func dialled(number string) (string, bool) {
	var b strings.Builder
	for i, r := range number {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９': // as typed in Japan
			b.WriteRune(r - '０' + '0')
		case r == '+' && i < 2, strings.ContainsRune(" -–‐().·/\t\u00a0'", r):
		default:
			return "", false
		}
	}
	return b.String(), b.Len() >= 4
}

// plan is a country's telephone plan with its patterns ready.
type plan struct {
	places.Plan
	abroad, national, trunk *regexp.Regexp
}

// plans are those that were asked for, by country.
var plans sync.Map

func planOf(country string) (*plan, bool) {
	if known, ok := plans.Load(country); ok {
		p := known.(*plan)
		return p, p != nil
	}
	data, ok := places.Plans()[country]
	if !ok {
		plans.Store(country, (*plan)(nil))
		return nil, false
	}
	p := &plan{Plan: data, national: regexp.MustCompile(`^(?:` + data.National + `)$`)}
	if data.Abroad != "" {
		p.abroad = regexp.MustCompile(`^(?:` + data.Abroad + `)`)
	}
	if data.Within != "" {
		p.trunk = regexp.MustCompile(`^(?:` + data.Within + `)`)
	}
	plans.Store(country, p)
	return p, true
}

// after is what follows a prefix.
func (p *plan) after(prefix *regexp.Regexp, digits string) (string, bool) {
	if prefix == nil {
		return "", false
	}
	m := prefix.FindString(digits)
	return digits[len(m):], m != ""
}

// within is the national number of what one dials within the country.
func (p *plan) within(digits string) (string, bool) {
	if p.trunk != nil {
		if m := p.trunk.FindStringSubmatchIndex(digits); m != nil && m[1] > 0 {
			rest := digits[m[1]:]
			if p.Becomes != "" && len(m) > 2 && m[len(m)-1] > 0 {
				rest = string(p.trunk.ExpandString(nil, strings.ReplaceAll(p.Becomes, "$1", "${1}"), digits, m)) + rest
			}
			// A number that is one already may begin like the prefix; then it stands, unless it is one without it too.
			if p.national.MatchString(rest) {
				return rest, true
			}
		}
	}
	return digits, p.national.MatchString(digits)
}

// parseAbroad parts the country's digits from a number dialled from abroad. Several countries may share their digits.
func parseAbroad(digits string) (calling, national string, ok bool) {
	for n := 1; n <= 3 && n < len(digits); n++ {
		for _, country := range callers()[digits[:n]] {
			p, known := planOf(country)
			if !known {
				continue
			}
			if rest, found := p.within(digits[n:]); found {
				return p.Calling, rest, true
			}
		}
	}
	return "", "", false
}

// callers are the countries of a calling code.
var callers = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for country, p := range places.Plans() {
		out[p.Calling] = append(out[p.Calling], country)
	}
	for _, countries := range out {
		slices.Sort(countries)
	}
	return out
})
