package salesforce

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// lightning maps the hosts of Salesforce's screens, which people paste and which never answer the API, to the My
// Domain hosts that do.
var lightning = []struct{ screen, api string }{
	{".lightning.force.com", ".my.salesforce.com"},
	{".lightning.crmforce.mil", ".my.salesforce.mil"},
	{".lightning.sfcrmapps.cn", ".my.sfcrmproducts.cn"},
	{".my.salesforce-setup.com", ".my.salesforce.com"},
}

// Host reduces what people paste, with or without scheme, path, port or query, to "https://host". Hosts of Salesforce's
// screens become the API host of the same org. Plain http is accepted for this computer only: a token never travels
// in the clear.
func Host(pasted string) (string, error) {
	text := strings.TrimSpace(pasted)
	if text == "" {
		return "", errors.New("the address of the Salesforce org is empty")
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return "", errors.New("the address of the Salesforce org is not a web address")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if !plausibleHost(host) {
		return "", errors.New("the address of the Salesforce org is not a web address")
	}
	for _, l := range lightning {
		if name, ok := strings.CutSuffix(host, l.screen); ok && name != "" {
			host = name + l.api
		}
	}
	scheme := strings.ToLower(u.Scheme)
	switch {
	case scheme == "https":
	case scheme == "http" && isLoopback(host):
	case scheme == "http":
		return "", errors.New("the address of the Salesforce org must begin with https://")
	default:
		return "", fmt.Errorf("the address of the Salesforce org begins with %s://, but must begin with https://", scheme)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	return scheme + "://" + host, nil
}

func plausibleHost(host string) bool {
	if net.ParseIP(host) != nil {
		return true
	}
	for _, c := range []byte(host) {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
		if !letter {
			return false
		}
	}
	return host != "" && host[0] != '.' && host[len(host)-1] != '.' && !strings.Contains(host, "..")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
}

// apiVersion accepts "61.0", "v61.0" and "61".
func apiVersion(text string) (string, error) {
	text = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "v")
	if text == "" {
		return DefaultVersion, nil
	}
	major, minor, found := strings.Cut(text, ".")
	if !found {
		minor = "0"
	}
	if len(major) < 2 || len(major) > 3 || strings.Trim(major, "0123456789") != "" || minor != "0" {
		return "", fmt.Errorf("%q is not a Salesforce API version such as 61.0", text)
	}
	return major + ".0", nil
}
