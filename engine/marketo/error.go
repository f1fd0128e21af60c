package marketo

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Error is a refusal by Marketo, of a call or of one record, or an answer that could not be understood. It is a
// pace.Failure. What it prints names no person: the side's own words are in Message.
type Error struct {
	Status  int            // HTTP status; 0 when no answer came
	Message pace.Sensitive // may quote values
	// Fields are the fields that the message names.
	Fields []string
	// RequestID is what Adobe's support asks for.
	RequestID string
	Object    record.Object
	ID        record.ID

	row   codeRow
	code  string
	cause error
	// unsent says that the request cannot have reached the side.
	unsent bool
}

// NewError classifies a refusal by the table in codes.go. An empty code becomes HTTP_<status>.
func NewError(status int, code, message string) *Error {
	if code == "" {
		code = "HTTP_" + strconv.Itoa(status)
	}
	return &Error{Status: status, Message: pace.Sensitive(message), Fields: quotedFields(message), code: code, row: lookUp(code, message)}
}

func localError(code string, cause error) *Error {
	e := NewError(0, code, "")
	e.cause = cause
	return e
}

// Error is for logs: code, request id and the English sentence, and no value.
func (e *Error) Error() string {
	text := "Marketo: " + e.Sentence().Text + " [" + e.code
	if e.RequestID != "" {
		text += ", request " + e.RequestID
	}
	text += "]"
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// VoidToken reports that a place in the activity log is not known any more.
func VoidToken(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.row.key == "paging"
}

// Unwrap gives what broke the call.
func (e *Error) Unwrap() error { return e.cause }

// Code is Marketo's code, HTTP_<status> where it gave none, or one of our own for broken answers.
func (e *Error) Code() string { return e.code }

// Class says what kind of refusal it is.
func (e *Error) Class() pace.Class { return e.row.class }

// Who can end it.
func (e *Error) Who() pace.Who { return e.row.who }

// Retryable reports whether the same request may succeed later without anybody acting.
func (e *Error) Retryable() bool { return e.row.class.Retryable() }

// Sentence is what a person reads: what happened, to which record, what to do.
func (e *Error) Sentence() pace.Sentence {
	what := "a record"
	switch {
	case e.Object != "" && e.ID != "":
		what = fmt.Sprintf("%s %s", e.Object, e.ID)
	case e.Object != "":
		what = e.Object.A()
	}
	return pace.Say("marketo."+e.row.key, e.row.text, what, e.code)
}

// rateWindow is the stretch in which Marketo counts calls: after a refusal the whole of it is waited out, since other
// programs, or this one before it was started again, may have filled it (Marketo REST API, limits: 100 calls per 20 seconds).
const rateWindow = 20 * time.Second

// verdict tells the pacer what to do about a failed call. repeatable says that sending it twice does no harm; after is
// how long a gateway asked to be left alone, 0 if it did not.
func (e *Error) verdict(repeatable bool, after time.Duration) pace.Verdict {
	switch e.row.treat {
	case rate:
		switch {
		case after > 0:
			return pace.Throttled(after)
		case e.code == "615": // too many at once: one of them ends in a moment
			return pace.Throttled(time.Second)
		}
		return pace.Throttled(rateWindow)
	case quota:
		return pace.OutOfQuota(time.Time{})
	case again, unsure:
		if repeatable || e.unsent {
			return pace.RetryAfter(after)
		}
	}
	return pace.Done
}

// doubtful reports whether a write that ended so may have happened.
func (e *Error) doubtful() bool {
	return !e.unsent && (e.row.treat == unsure || e.row.treat == again)
}
