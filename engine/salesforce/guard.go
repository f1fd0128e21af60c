package salesforce

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// guard is the lowest layer of the client: unless the workspace is Live it lets pass only requests that cannot change
// data, and refuses the rest with *pace.ModeError (promise 5). It judges what is really sent, the body included, and
// refuses what it does not understand.
type guard struct {
	next http.RoundTripper
	mode func() record.Mode
}

// guardedBody bounds what the guard reads to judge a request: 2,000 ids are 42 kB, 25 query URLs at most 400 kB.
const guardedBody = 2 << 20

var (
	tokenPath     = regexp.MustCompile(`^/services/oauth2/(token|introspect|revoke)$`)
	compositePath = regexp.MustCompile(`^/services/data/v\d+\.0/composite/?$`)
	readPath      = regexp.MustCompile(`^/services/data/v\d+\.0/composite/sobjects/\w+/?$`)
	queryJobPath  = regexp.MustCompile(`^/services/data/v\d+\.0/jobs/query(/\w+)?/?$`)
)

// RoundTrip sends the request if the mode allows it.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if mode := g.mode(); mode != record.Live {
		harmless, err := g.harmless(req)
		if err != nil {
			return nil, err
		}
		if !harmless {
			if req.Body != nil {
				if err := req.Body.Close(); err != nil {
					return nil, err
				}
			}
			return nil, &pace.ModeError{Mode: mode, Endpoint: endpoint(req.Method, req.URL.Path)}
		}
	}
	return g.next.RoundTrip(req)
}

func (g *guard) harmless(req *http.Request) (bool, error) {
	// Salesforce lets a parameter replace the verb of a POST.
	if strings.Contains(strings.ToLower(req.URL.RawQuery), "_httpmethod") || req.Header.Get("X-HTTP-Method-Override") != "" {
		return false, nil
	}
	path := req.URL.Path
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return true, nil
	case http.MethodPatch, http.MethodDelete:
		return queryJobPath.MatchString(path), nil // ends or forgets an export
	case http.MethodPost:
	default:
		return false, nil
	}
	switch {
	case tokenPath.MatchString(path), queryJobPath.MatchString(path):
		return true, nil
	case compositePath.MatchString(path):
		return judgeBody(req, onlyGets)
	case readPath.MatchString(path):
		return judgeBody(req, onlyReads)
	}
	return false, nil
}

// judgeBody reads the body, judges it and puts it back.
func judgeBody(req *http.Request, judge func([]byte) bool) (bool, error) {
	if req.Body == nil || req.Header.Get("Content-Encoding") != "" {
		return false, nil
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, guardedBody+1))
	if err != nil {
		return false, err
	}
	if len(body) > guardedBody {
		return false, nil
	}
	if err := req.Body.Close(); err != nil {
		return false, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return judge(body), nil
}

// strictly refuses what could be read in two ways: unknown or doubled names, and names in another case, are errors.
var strictly = json.JoinOptions(json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(false))

// onlyGets reports whether the body is a composite of nothing but GETs.
func onlyGets(body []byte) bool {
	var composite struct {
		AllOrNone          bool `json:"allOrNone"`
		CollateSubrequests bool `json:"collateSubrequests"`
		CompositeRequest   []struct {
			Method      string `json:"method"`
			URL         string `json:"url"`
			ReferenceID string `json:"referenceId"`
			HTTPHeaders struct {
				IfModifiedSince string `json:"If-Modified-Since"`
			} `json:"httpHeaders"`
		} `json:"compositeRequest"`
	}
	if json.Unmarshal(body, &composite, strictly) != nil || len(composite.CompositeRequest) == 0 {
		return false
	}
	for _, sub := range composite.CompositeRequest {
		if sub.Method != http.MethodGet || !strings.HasPrefix(sub.URL, "/services/data/v") ||
			strings.Contains(strings.ToLower(sub.URL), "_httpmethod") {
			return false
		}
	}
	return true
}

// onlyReads reports whether the body asks Collections for rows by id, which is a POST although it reads.
func onlyReads(body []byte) bool {
	var read struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}
	return json.Unmarshal(body, &read, strictly) == nil && len(read.IDs) > 0 && len(read.Fields) > 0
}

var idPart = regexp.MustCompile(`^([a-zA-Z0-9]{15}|[a-zA-Z0-9]{18}|0r8.*|01g.*)$`)

// endpoint is the form in which calls are named: method and path, without host, version, ids and values.
func endpoint(method, path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) > 3 && parts[0] == "services" && parts[1] == "data" {
		parts = parts[3:]
	}
	for i, part := range parts {
		if idPart.MatchString(part) {
			parts[i] = "{id}"
		}
	}
	return method + " /" + strings.Join(parts, "/")
}
