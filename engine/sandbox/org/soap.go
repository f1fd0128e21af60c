package org

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// mostSOAP is the most that a SOAP request may hold.
const mostSOAP = 64 << 10

// routeSOAP offers login and logout, which some clients use instead of OAuth. Both end with version 65 (SOAP API Developer
// Guide, login()).
func (o *Org) routeSOAP(mux *http.ServeMux) { mux.HandleFunc("/services/Soap/", o.serveSOAP) }

func (o *Org) serveSOAP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/services/Soap/"), "/")
	if len(parts) < 2 {
		soapFault(w, "UNKNOWN_EXCEPTION", "Destination URL not reset.")
		return
	}
	version, err := strconv.ParseFloat(parts[1], 64)
	request, readErr := readSOAP(io.LimitReader(r.Body, mostSOAP))
	switch {
	case err != nil || version >= 65:
		soapFault(w, "UNSUPPORTED_API_VERSION", "login() is not available in this version of the API")
	case readErr != nil:
		soapFault(w, "UNKNOWN_EXCEPTION", "the request cannot be read")
	case request["logout"] != "":
		o.closeSessions(func(s *session) bool { return s.token == request["sessionId"] })
		fmt.Fprint(w, soapHead+`<logoutResponse/>`+soapTail)
	default:
		o.soapLogin(w, request, parts[1])
	}
}

// readSOAP gives the texts of the body's elements by their local names; prefixes differ from client to client.
func readSOAP(body io.Reader) (map[string]string, error) {
	found := map[string]string{}
	d := xml.NewDecoder(body)
	name := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if name = t.Name.Local; name == "logout" {
				found[name] = name
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); text != "" {
				found[name] += text
			}
		case xml.EndElement:
			name = ""
		}
	}
}

const (
	soapHead = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`
	soapTail = `</soapenv:Body></soapenv:Envelope>`
)

func (o *Org) soapLogin(w http.ResponseWriter, request map[string]string, version string) {
	user, ok := o.logIn(request["username"], request["password"])
	if !ok {
		soapFault(w, "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
		return
	}
	s, base, short := o.openSession(user, "", "", nil), o.Base(), o.id[:15]
	fmt.Fprintf(w, soapHead+`<loginResponse><result><metadataServerUrl>%[1]s/services/Soap/m/%[2]s/%[3]s</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>false</sandbox>`+
		`<serverUrl>%[1]s/services/Soap/u/%[2]s/%[3]s</serverUrl><sessionId>%[4]s</sessionId><userId>%[5]s</userId><userInfo><organizationId>%[6]s</organizationId><organizationName>Acme</organizationName>`+
		`<sessionSecondsValid>7200</sessionSecondsValid><userId>%[5]s</userId><userLanguage>en_US</userLanguage><userLocale>en_US</userLocale><userName>%[7]s</userName><userTimeZone>America/Los_Angeles</userTimeZone><userType>Standard</userType></userInfo></result></loginResponse>`+soapTail,
		base, version, short, s.token, user, o.id, syncUsername)
}

func soapFault(w http.ResponseWriter, code, text string) {
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>sf:%[1]s</faultcode><faultstring>%[1]s: %[2]s</faultstring><detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>%[1]s</sf:exceptionCode><sf:exceptionMessage>%[2]s</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, code, text)
}
