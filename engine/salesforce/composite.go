package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// The limits of POST /composite (REST API Developer Guide, Composite).
const (
	mostParts = 25 // subrequests a call
	mostHeavy = 5  // of which queries and Collections, together
)

// part is one subrequest, and what to do with its answer.
type part struct {
	method string
	path   string // from the root of the instance, query escaped
	header map[string]string
	body   jsontext.Value
	// read takes the body of the answer, whatever its status: the body stands before the status. A list of refusals
	// it hands back as one error. It starts afresh when called again.
	read func(dec *jsontext.Decoder) (*Error, error)
	// refused is set when the part failed, nil else.
	refused *Error
	// unchanged is set when the part asked with If-Modified-Since and there is nothing newer (304).
	unchanged bool
}

type compositeRequest struct {
	AllOrNone          bool            `json:"allOrNone"`
	CollateSubrequests bool            `json:"collateSubrequests"`
	CompositeRequest   []compositePart `json:"compositeRequest"`
}

type compositePart struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	HTTPHeaders map[string]string `json:"httpHeaders,omitempty"`
	Body        jsontext.Value    `json:"body,omitempty"`
}

// read makes one call of parts that only read. It returns the side's clock.
func (c *Client) read(ctx context.Context, purpose record.Purpose, parts []*part) (server time.Time, err error) {
	trace, err := c.composite(ctx, &request{purpose: purpose, repeatable: true}, parts)
	return trace.server, err
}

// trace is how a composite call went.
type trace struct {
	server time.Time // the side's clock, ours if it did not say
	sent   int       // how often it left
	lost   int       // how often it left and no answer came
}

// composite makes one call of all parts, in their order, each committing for itself.
func (c *Client) composite(ctx context.Context, r *request, parts []*part) (trace, error) {
	if len(parts) == 0 || len(parts) > mostParts {
		return trace{}, localError(codeLocal, fmt.Errorf("a composite of %d parts", len(parts)))
	}
	envelope := compositeRequest{CompositeRequest: make([]compositePart, len(parts))}
	for i, p := range parts {
		envelope.CompositeRequest[i] = compositePart{Method: p.method, URL: p.path, ReferenceID: reference(i), HTTPHeaders: p.header, Body: p.body}
	}
	body, err := json.Marshal(envelope, json.Deterministic(true))
	if err != nil {
		return trace{}, localError(codeLocal, err)
	}
	var server time.Time
	r.method, r.path, r.body = http.MethodPost, c.data("/composite"), body
	r.header = http.Header{"Sforce-Mru": {"updateMru=false"}}
	r.decode = func(a *answer) error {
		server = a.server()
		return decodeJSON(a.body, func(dec *jsontext.Decoder) error { return decodeComposite(dec, parts) })
	}
	err = c.send(ctx, r)
	if server.IsZero() {
		server = c.now().UTC()
	}
	return trace{server: server, sent: r.sent, lost: r.lost}, err
}

func reference(i int) string { return fmt.Sprintf("p%d", i) }

// decodeComposite reads {"compositeResponse":[{body, httpHeaders, httpStatusCode, referenceId}, …]}, in which the parts
// come in the order of the request.
func decodeComposite(dec *jsontext.Decoder, parts []*part) error {
	seen := 0
	err := eachMember(dec, func(name string) error {
		if name != "compositeResponse" {
			return dec.SkipValue()
		}
		return eachElement(dec, func() error {
			if seen >= len(parts) {
				return errShape
			}
			err := decodePart(dec, parts[seen], reference(seen))
			seen++
			return err
		})
	})
	if err == nil && seen != len(parts) {
		return errShape
	}
	return err
}

func decodePart(dec *jsontext.Decoder, p *part, ref string) error {
	p.refused, p.unchanged = nil, false
	status, bodies, answered := 0, 0, ""
	err := eachMember(dec, func(name string) (err error) {
		switch name {
		case "body":
			bodies++
			p.refused, err = p.read(dec)
			return err
		case "httpStatusCode":
			return json.UnmarshalDecode(dec, &status)
		case "referenceId":
			return json.UnmarshalDecode(dec, &answered)
		}
		return dec.SkipValue()
	})
	if err != nil {
		return err
	}
	p.unchanged = status == http.StatusNotModified && p.header["If-Modified-Since"] != ""
	if answered != ref || bodies != 1 && !p.unchanged {
		return errShape
	}
	switch {
	case p.unchanged:
		p.refused = nil
	case p.refused != nil:
		p.refused = reclassify(p.refused, status)
	case status >= 300 || status < 200:
		p.refused = NewError(status, "", "")
	}
	return nil
}

// reclassify adds the status that was not known yet when the body was read.
func reclassify(e *Error, status int) *Error {
	again := NewError(status, e.code, string(e.Message), e.Fields...)
	again.Candidates, again.More = e.Candidates, e.More
	return again
}

// eachMember walks an object; member must consume the value of the name it is given.
func eachMember(dec *jsontext.Decoder, member func(name string) error) error {
	if dec.PeekKind() != '{' {
		return shapeError(dec)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// eachElement walks an array; element must consume one value.
func eachElement(dec *jsontext.Decoder, element func() error) error {
	if dec.PeekKind() != '[' {
		return shapeError(dec)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// readRefusals reads the list of refusals that a part answered instead of what was asked.
func readRefusals(dec *jsontext.Decoder) (*Error, error) {
	var list []refusal
	if err := json.UnmarshalDecode(dec, &list); err != nil {
		return nil, err
	}
	return oneError(0, list), nil
}
