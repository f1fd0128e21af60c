package org

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// mostSOAP is the most that a SOAP request may hold.
const mostSOAP = 1 << 20

// routeSOAP offers what clients do by SOAP: login and logout, which some use instead of OAuth and which end with version
// 65 (SOAP API Developer Guide, login()), and the calls that REST lacks, see soap_records.go.
func (o *Org) routeSOAP(mux *http.ServeMux) { mux.HandleFunc("/services/Soap/", o.serveSOAP) }

func (o *Org) serveSOAP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/services/Soap/"), "/")
	if len(parts) < 2 {
		soapFault(w, "UNKNOWN_EXCEPTION", "Destination URL not reset.")
		return
	}
	version, err := strconv.ParseFloat(parts[1], 64)
	envelope, readErr := readSOAP(io.LimitReader(r.Body, mostSOAP))
	asked := envelope.find("Body").first()
	switch {
	case readErr != nil || asked == nil:
		soapFault(w, "UNKNOWN_EXCEPTION", "the request cannot be read")
	case err != nil || version >= 65 && asked.name == "login":
		soapFault(w, "UNSUPPORTED_API_VERSION", "login() is not available in this version of the API")
	case asked.name == "login":
		o.soapLogin(w, asked, parts[1])
	default:
		o.soapCall(w, envelope.find("SessionHeader").word("sessionId"), asked)
	}
}

// soapCall runs a call that needs a session. It counts as one request, whatever it holds.
func (o *Org) soapCall(w http.ResponseWriter, token string, asked *element) {
	s := o.sessionOf(token)
	if s == nil {
		soapFault(w, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key")
		return
	}
	handle, known := soapCalls[asked.name]
	if asked.name == "logout" {
		o.closeSessions(func(other *session) bool { return other == s })
		fmt.Fprint(w, soapHead+`<logoutResponse/>`+soapTail)
		return
	}
	if !known {
		soapFault(w, "UNKNOWN_EXCEPTION", "No operation available for request {urn:partner.soap.sforce.com}"+asked.name)
		return
	}
	spent := o.quota.spend(1)
	o.journal.Call(record.Salesforce, "POST /Soap "+asked.name, spent, true)
	if !spent {
		soapFault(w, "REQUEST_LIMIT_EXCEEDED", errQuota.Errors[0].Message)
		return
	}
	o.settle()
	c := o.internal()
	c.session, c.rights = s, o.rightsOf(s.user)
	results := handle(o, c, asked)
	if c.wrote > 0 {
		o.journal.Wrote(record.Salesforce, "POST /Soap "+asked.name, c.wrote)
	}
	fmt.Fprint(w, soapHead+"<"+asked.name+"Response>"+results+"</"+asked.name+"Response>"+soapTail)
}

// element is one element of a request, by its local name: prefixes differ from client to client.
type element struct {
	name, text string
	children   []*element
}

// find is the first element of that name, this one or below; nil when there is none. A nil element has none.
func (e *element) find(name string) *element {
	if e == nil || e.name == name {
		return e
	}
	for _, child := range e.children {
		if found := child.find(name); found != nil {
			return found
		}
	}
	return nil
}

func (e *element) first() *element {
	if e == nil || len(e.children) == 0 {
		return nil
	}
	return e.children[0]
}

// all are the children of that name.
func (e *element) all(name string) (out []*element) {
	for _, child := range e.children {
		if child.name == name {
			out = append(out, child)
		}
	}
	return out
}

// word is the text of the child of that name, "" when there is none.
func (e *element) word(name string) string {
	if e != nil {
		for _, child := range e.all(name) {
			return child.text
		}
	}
	return ""
}

// readSOAP reads the envelope.
func readSOAP(body io.Reader) (*element, error) {
	root := &element{}
	open := []*element{root}
	d := xml.NewDecoder(body)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return root, err
		}
		at := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return root, errors.New("nested too deep")
			}
			child := &element{name: t.Name.Local}
			at.children = append(at.children, child)
			open = append(open, child)
		case xml.CharData:
			at.text += strings.TrimSpace(string(t))
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

const (
	soapHead = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`
	soapTail = `</soapenv:Body></soapenv:Envelope>`
)

func (o *Org) soapLogin(w http.ResponseWriter, request *element, version string) {
	user, ok := o.logIn(request.word("username"), request.word("password"))
	if !ok {
		soapFault(w, "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
		return
	}
	_, username := o.login(user)
	s, base, short := o.openSession(user, "", "", nil), o.Base(), o.id[:15]
	fmt.Fprintf(w, soapHead+`<loginResponse><result><metadataServerUrl>%[1]s/services/Soap/m/%[2]s/%[3]s</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>false</sandbox>`+
		`<serverUrl>%[1]s/services/Soap/u/%[2]s/%[3]s</serverUrl><sessionId>%[4]s</sessionId><userId>%[5]s</userId><userInfo><organizationId>%[6]s</organizationId><organizationName>Acme</organizationName>`+
		`<sessionSecondsValid>7200</sessionSecondsValid><userId>%[5]s</userId><userLanguage>en_US</userLanguage><userLocale>en_US</userLocale><userName>%[7]s</userName><userTimeZone>America/Los_Angeles</userTimeZone><userType>Standard</userType></userInfo></result></loginResponse>`+soapTail,
		base, version, short, s.token, user, o.id, username)
}

func soapFault(w http.ResponseWriter, code, text string) {
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>sf:%[1]s</faultcode><faultstring>%[1]s: %[2]s</faultstring><detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>%[1]s</sf:exceptionCode><sf:exceptionMessage>%[2]s</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, code, html.EscapeString(text))
}
