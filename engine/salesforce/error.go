package salesforce

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
)

// Error is a refusal by Salesforce, of a call, of a part of a composite call or of one record, or an answer that could
// not be understood. It is a pace.Failure. What it prints names no person: the side's own words are in Message.
type Error struct {
	Status int // HTTP status, of the part where the call was composite; 0 when no answer came
	// Message is the side's own text. It may quote values; in the org's language it may also be the only text that
	// tells which rule refused.
	Message pace.Sensitive
	Fields  []string // the fields that the side names
	// Object and ID say which record was refused, where it was one.
	Object record.Object
	ID     record.ID
	// Candidates are the existing records that a duplicate rule found, where the side names them.
	Candidates []record.ID
	// More are further refusals of the same record.
	More []*Error

	code   string
	row    codeRow
	cause  error
	unsent bool // the request cannot have reached the side
}

// NewError classifies a refusal by the table in codes.go. An empty code becomes HTTP_<status>.
func NewError(status int, code, message string, fields ...string) *Error {
	if code == "" {
		code = "HTTP_" + strconv.Itoa(status)
	}
	if found := uniqueField.FindStringSubmatch(message); len(fields) == 0 && found != nil {
		fields = found[1:]
	}
	return &Error{Status: status, Message: pace.Sensitive(message), Fields: fields, code: code, row: lookUp(status, code, message)}
}

// uniqueField finds the field whose value is taken, which DUPLICATE_VALUE names in its message alone.
var uniqueField = regexp.MustCompile(`^duplicate value found: (\w+) duplicates value on record`)

// localError is a failure that the client itself found; its code is one of the table's lower half.
func localError(code string, cause error) *Error {
	e := NewError(0, code, "")
	e.cause = cause
	return e
}

// Error is for logs: code, object, fields and the English sentence, and no value.
func (e *Error) Error() string {
	text := "Salesforce: " + e.Sentence().Text + " [" + e.code
	if e.Status != 0 {
		text += fmt.Sprintf(", HTTP %d", e.Status)
	}
	text += "]"
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives what broke the call, such as a network error.
func (e *Error) Unwrap() error { return e.cause }

// Code is Salesforce's errorCode, HTTP_<status> where it gave none, or one of our own for broken answers.
func (e *Error) Code() string { return e.code }

// Class says what kind of refusal it is.
func (e *Error) Class() pace.Class { return e.row.class }

// Who can end it.
func (e *Error) Who() pace.Who { return e.row.who }

// Retryable reports whether the same request may succeed later without anybody acting.
func (e *Error) Retryable() bool { return e.row.class.Retryable() }

// Sentence is what a person reads: what happened, to which record, what to do. Its arguments are the record ("Lead
// 00Q…", or "a record"), the fields, and the code.
func (e *Error) Sentence() pace.Sentence {
	what := "a record"
	switch {
	case e.Object != "" && e.ID != "":
		what = string(e.Object) + " " + string(e.ID)
	case e.Object != "":
		what = e.Object.A()
	}
	fields := strings.Join(e.Fields, ", ")
	if fields == "" {
		fields = "a field"
	}
	return pace.Say("salesforce."+e.row.key, e.row.text, what, fields, e.code)
}

// about names the record that was refused.
func (e *Error) about(object record.Object, id record.ID) *Error {
	if e == nil {
		return nil
	}
	named := *e
	named.Object, named.ID = object, id
	return &named
}

// verdict tells the pacer what to do about the failed call. repeatable says that sending it twice does no harm even if
// the first one was executed.
func (e *Error) verdict(header http.Header, repeatable bool) pace.Verdict {
	after := wire.RetryAfter(header)
	switch {
	case e.row.key == "quota.daily":
		return pace.OutOfQuota(zeroTime)
	case e.row.unexecuted, e.Status == http.StatusTooManyRequests:
		return pace.Throttled(after)
	case e.row.class == pace.Transient && repeatable && e.row.again:
		return pace.RetryAfter(after)
	}
	return pace.Done
}

// heldBy finds whose a taken value is, in the side's own words: an id of 15 or 18 characters.
var heldBy = regexp.MustCompile(`\b[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?\b`)

// Taken reports that the value of a unique field is another record's already, and whose where Salesforce says so ("duplicate value found:
// X__c duplicates value on record with id: 00Q…").
func (e *Error) Taken(field string) (holder record.ID, taken bool) {
	text := string(e.Message)
	if e.code != "DUPLICATE_VALUE" || !strings.Contains(strings.ToLower(text), strings.ToLower(field)) {
		return "", false
	}
	for _, word := range heldBy.FindAllString(text, -1) {
		if id, err := record.LongID(word); err == nil && strings.HasPrefix(word, "00") {
			return id, true
		}
	}
	return "", true
}
