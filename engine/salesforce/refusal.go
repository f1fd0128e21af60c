package salesforce

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// mostRefusal bounds how much of a refused call's body is read. A duplicate rule's answer with many candidates has
// some ten kilobytes.
const mostRefusal = 256 << 10

// refusal is one entry of an error body. Single rows say errorCode, rows in Collections statusCode; the misspelt
// duplicateResut is what the API sends, newer versions may add the right spelling.
type refusal struct {
	Message         string           `json:"message"`
	ErrorCode       string           `json:"errorCode"`
	StatusCode      string           `json:"statusCode"`
	Fields          []string         `json:"fields"`
	DuplicateResut  *duplicateResult `json:"duplicateResut"`
	DuplicateResult *duplicateResult `json:"duplicateResult"`
}

type duplicateResult struct {
	MatchResults []struct {
		MatchRecords []struct {
			Record struct {
				ID string `json:"Id"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

func (r refusal) error(status int) *Error {
	e := NewError(status, orElse(r.ErrorCode, r.StatusCode), r.Message, r.Fields...)
	for _, found := range []*duplicateResult{r.DuplicateResult, r.DuplicateResut} {
		if found == nil || e.Candidates != nil {
			continue
		}
		for _, result := range found.MatchResults {
			for _, match := range result.MatchRecords {
				if id, err := record.LongID(match.Record.ID); err == nil {
					e.Candidates = append(e.Candidates, id)
				}
			}
		}
	}
	return e
}

// oneError makes one failure of a list of refusals: the first is the failure, the rest hang on it.
func oneError(status int, list []refusal) *Error {
	if len(list) == 0 {
		return NewError(status, "", "")
	}
	e := list[0].error(status)
	for _, r := range list[1:] {
		e.More = append(e.More, r.error(status))
	}
	return e
}

// readRefusal types the body of a refused call. Arrays and single objects of refusals occur, web pages from whatever
// stands before Salesforce, bare words from the identity service, and lists of addresses with status 300.
func readRefusal(status int, header http.Header, body io.Reader) *Error {
	text, err := boundedText(body, mostRefusal)
	if err != nil && len(text) == 0 {
		e := NewError(status, "", "")
		e.cause = err
		return e
	}
	if status >= 300 && status < 400 && status != http.StatusMultipleChoices && status != http.StatusNotModified {
		return withStatus(localError(codeRedirect, nil), status)
	}
	if bytes.HasPrefix(text, []byte("<")) || strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		return htmlRefusal(status)
	}
	if len(text) > 0 && text[0] == '[' {
		var list []refusal
		if json.Unmarshal(text, &list, lenient) == nil && len(list) > 0 {
			return oneError(status, list)
		}
	}
	if len(text) > 0 && text[0] == '{' {
		var one refusal
		if json.Unmarshal(text, &one, lenient) == nil {
			return one.error(status)
		}
	}
	if bytes.Equal(text, []byte("Bad_OAuth_Token")) || bytes.Equal(text, []byte("Missing_OAuth_Token")) {
		return NewError(status, "INVALID_SESSION_ID", string(text))
	}
	return NewError(status, "", "")
}

var lenient = jsontext.AllowDuplicateNames(true)

// htmlRefusal keeps the status's own class where that says more than "a web page came".
func htmlRefusal(status int) *Error {
	if status >= 500 || status == 420 {
		return withStatus(localError(codeHTML, nil), status)
	}
	return NewError(status, "", "")
}

func withStatus(e *Error, status int) *Error {
	e.Status = status
	return e
}
