package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// people are the addresses, names and telephone numbers of everybody in the pair, as far as they are long enough not to be
// found by chance. They are asked of both systems, past Doppio.
func (d *desk) people() []string {
	d.t.Helper()
	c := d.pair.Credentials()
	var token struct {
		Access string `json:"access_token"`
	}
	d.asks(d.base.Salesforce+"/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {c.Salesforce.RefreshToken},
		"client_id": {c.Salesforce.ClientID}, "client_secret": {c.Salesforce.ClientSecret}}, "", &token)
	said := map[string]bool{}
	keep := func(fields map[string]any) {
		for _, value := range fields {
			text, ok := value.(string)
			if ok && (utf8.RuneCountInString(text) >= 10 || len(text) >= 8 && strings.ContainsAny(text, "@0123456789")) {
				said[text], said[strings.ToLower(text)] = true, true
			}
		}
	}
	for _, object := range []string{"Lead", "Contact"} {
		next := "/services/data/v61.0/query?q=" + url.QueryEscape("SELECT Email, FirstName, LastName, Phone, MobilePhone FROM "+object)
		for next != "" {
			var page struct {
				Records []map[string]any `json:"records"`
				Next    string           `json:"nextRecordsUrl"`
			}
			d.asks(d.base.Salesforce+next, nil, token.Access, &page)
			for _, record := range page.Records {
				keep(record)
			}
			next = page.Next
		}
	}
	d.asks(d.base.Marketo+"/identity/oauth/token?"+url.Values{"grant_type": {"client_credentials"}, "client_id": {c.Marketo.ClientID}, "client_secret": {c.Marketo.ClientSecret}}.Encode(), nil, "", &token)
	last := int(d.pair.Truth().Marketo["last_id"])
	for first := 1; first <= last; first += 300 {
		ids := make([]string, 300)
		for i := range ids {
			ids[i] = strconv.Itoa(first + i)
		}
		var page struct{ Result []map[string]any }
		d.asks(d.base.Marketo+"/rest/v1/leads.json?"+url.Values{"filterType": {"id"}, "filterValues": {strings.Join(ids, ",")}, "fields": {"email,firstName,lastName,phone"}}.Encode(), nil, token.Access, &page)
		for _, person := range page.Result {
			keep(person)
		}
	}
	list := make([]string, 0, len(said))
	for text := range said {
		list = append(list, text)
	}
	if len(list) < 1000 {
		d.t.Fatalf("only %d texts are known of people", len(list))
	}
	return list
}

// asks makes one call to the pair: a POST of a form, or a GET without one.
func (d *desk) asks(address string, form url.Values, token string, into any) {
	d.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	request, err := http.NewRequestWithContext(d.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
		d.t.Fatal(fmt.Errorf("%s: %w", answer.Status, err))
	}
}
