package instance

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// failure is a refusal of a whole request: a code in "errors" with HTTP 200, or a bare HTTP status.
type failure struct {
	code    int
	message string
	status  int // not 0: a plain answer with this HTTP status instead of the envelope
}

func (f *failure) Error() string { return strconv.Itoa(f.code) + ": " + f.message }

func fail(code int, message string) error { return &failure{code: code, message: message} }

// Texts as recorded from instances.
var (
	errRate       = fail(606, "Max rate limit '100' exceeded with in '20' secs")
	errConcurrent = fail(615, "Concurrent access limit reached")
	errQuota      = fail(607, "Daily quota reached")
	errCRM        = fail(1018, "CRM Enabled")
	errToken      = fail(1003, "Invalid paging token")
	errTooLarge   = error(&failure{status: http.StatusRequestEntityTooLarge, message: "Request Entity Too Large"})
)

func missing(parameter string) error {
	return fail(1002, "Missing value for required parameter '"+parameter+"'")
}

// answer is the envelope being written. Elements of "result" are appended between begin and end.
type answer struct {
	buf      []byte
	head     int // where the first element stands
	elements int
	asset    bool
	noResult bool   // the answer has no "result" at all
	token    string // nextPageToken
	more     *bool  // moreResult
	late     bool   // answer 604 though the work was done
	file     *download
	id       string
}

// begin writes the head of the envelope. The asset API says errors and warnings always, the lead database when there
// are some.
func (a *answer) begin(requestID string) {
	a.id = requestID
	if a.asset {
		a.buf = append(a.buf[:0], `{"success":true,"errors":[],"requestId":"`...)
		a.buf = append(append(a.buf, requestID...), `","warnings":[],"result":[`...)
	} else {
		a.buf = append(a.buf[:0], `{"requestId":"`...)
		a.buf = append(append(a.buf, requestID...), `","result":[`...)
	}
	a.head = len(a.buf)
}

// element makes room for one more element.
func (a *answer) element() {
	if a.elements++; a.elements > 1 {
		a.buf = append(a.buf, ',')
	}
}

// page tells how a scan goes on.
func (a *answer) page(token string, more bool) { a.token, a.more = token, &more }

func (a *answer) end() {
	if a.late {
		a.fail(&failure{code: 604, message: "Request timed out"})
		return
	}
	if a.asset {
		if a.elements == 0 {
			a.buf = append(a.buf[:0], `{"success":true,"errors":[],"requestId":"`...)
			a.buf = append(append(a.buf, a.id...), `","warnings":["No assets found for the given search criteria."]}`...)
			return
		}
		a.buf = append(a.buf, `]}`...)
		return
	}
	if a.noResult {
		a.buf = append(a.buf[:a.head-len(`,"result":[`)], `,"success":true`...)
	} else {
		a.buf = append(a.buf, `],"success":true`...)
	}
	if a.token != "" {
		a.buf = appendMember(a.buf, ",", "nextPageToken", a.token)
	}
	if a.more != nil {
		a.buf = strconv.AppendBool(append(a.buf, `,"moreResult":`...), *a.more)
	}
	a.buf = append(a.buf, '}')
}

// fail writes the refusal in place of whatever stands there.
func (a *answer) fail(f *failure) {
	a.buf = append(a.buf[:0], `{"requestId":"`...)
	a.buf = append(append(a.buf, a.id...), `","success":false,"errors":[`...)
	a.buf = append(appendReason(a.buf, f.code, f.message), ']')
	if a.asset {
		a.buf = append(a.buf, `,"warnings":[]`...)
	}
	a.buf = append(a.buf, '}')
}

func appendReason(b []byte, code int, message string) []byte {
	b = append(b, `{"code":"`...)
	b = strconv.AppendInt(b, int64(code), 10)
	b = append(b, `","message":`...)
	return append(appendText(b, message), '}')
}

// appendMember appends sep"name":"text".
func appendMember(b []byte, sep, name, text string) []byte {
	b = append(append(append(append(b, sep...), '"'), name...), `":`...)
	return appendText(b, text)
}

// appendText appends a JSON string. Most texts need no escapes.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := jsontext.AppendQuote(b, text)
			if err != nil { // invalid UTF-8 was replaced
				return quoted
			}
			return quoted
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// appendTime appends a quoted time as the lead database writes it, to the second.
func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
	return append(b, '"')
}

// appendAssetTime appends a quoted time as the asset API writes it: with both Z and +0000.
func appendAssetTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
	return append(b, `+0000"`...)
}

// requestID looks like e42b#14272d07d78: a number, and the time in milliseconds.
func (i *Instance) requestID(now time.Time) string {
	n := (i.requests.Add(1)*0x9e3779b97f4a7c15 + i.seed) >> 46
	return strconv.FormatUint(n, 16) + "#" + strconv.FormatInt(now.UnixMilli(), 16)
}
