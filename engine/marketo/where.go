package marketo

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Where is what an address says of an instance.
type Where struct {
	Host     string // "https://123-ABC-456.mktorest.com"
	Munchkin string // the account id, "123-ABC-456"; empty where the address does not say
}

// ErrScreens says that an address is one of Marketo's screens, in which no account is named.
var ErrScreens = errors.New("this is the address of Marketo's screens, which does not say which account it is; Admin > Integration > Munchkin shows the account id (123-ABC-456), Admin > Integration > Web Services the REST endpoint")

var account = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(\d{3}-[a-z]{3}-\d{3})(?:[^a-z0-9]|$)`)

// Understand reads what people paste: the account id by itself, the REST, identity or SOAP endpoint, or the address of a screen or a
// tracked page that has the account id in it. It makes no call.
func Understand(pasted string) (Where, error) {
	text := strings.TrimSpace(pasted)
	if m := account.FindStringSubmatch(text); m != nil {
		id := strings.ToUpper(m[1])
		return Where{"https://" + strings.ToLower(id) + ".mktorest.com", id}, nil
	}
	full := text
	if !strings.Contains(full, "://") {
		full = "https://" + full
	}
	if u, err := url.Parse(full); err == nil {
		host := strings.ToLower(u.Hostname())
		for _, screens := range []string{"marketo.com", "experience.adobe.com", "mktoweb.com", "mktossl.com", "adobe.com"} {
			if host == screens || strings.HasSuffix(host, "."+screens) {
				return Where{}, ErrScreens
			}
		}
	}
	host, err := Host(text)
	return Where{Host: host}, err
}
