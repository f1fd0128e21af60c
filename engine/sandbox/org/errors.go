package org

import "net/http"

// apiError refuses a whole request. It is written as Salesforce does: an array of {"message","errorCode","fields"?}.
type apiError struct {
	Status int
	Errors []rowError
}

func (e *apiError) Error() string { return e.Errors[0].Code + ": " + e.Errors[0].Message }

// rowError is one refusal. Fields is nil where the service writes no "fields" key at all (faults of the request), and
// not nil, perhaps empty, where it does (faults of a row).
type rowError struct {
	Code, Message string
	Fields        []string
	// duplicate holds the ready JSON of "duplicateResut" (spelt so), which single-row answers carry.
	duplicate []byte
}

func fault1(status int, code, message string) *apiError {
	return &apiError{Status: status, Errors: []rowError{{Code: code, Message: message}}}
}

func badRequest(code, message string) *apiError {
	return fault1(http.StatusBadRequest, code, message)
}

func rowFault(code, message string, fields ...string) rowError {
	if fields == nil {
		fields = []string{}
	}
	return rowError{Code: code, Message: message, Fields: fields}
}

var (
	errNotFound = &apiError{http.StatusNotFound, []rowError{{Code: "NOT_FOUND", Message: "The requested resource does not exist"}}}
	errSession  = &apiError{http.StatusUnauthorized, []rowError{{Code: "INVALID_SESSION_ID", Message: "Session expired or invalid"}}}
	errQuota    = &apiError{http.StatusForbidden, []rowError{{Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."}}}
)

// noExternalID is what Salesforce answers when it reads a path segment as a field name and finds none.
func noExternalID(segment string) *apiError {
	return fault1(http.StatusNotFound, "NOT_FOUND",
		"Provided external ID field does not exist or is not accessible: "+segment)
}

// rowStatus is the HTTP status with which a single-row call answers these refusals.
func rowStatus(errs []rowError) int {
	switch errs[0].Code {
	case "NOT_FOUND", "ENTITY_IS_DELETED":
		return http.StatusNotFound
	case "INSUFFICIENT_ACCESS", "REQUEST_LIMIT_EXCEEDED":
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// appendErrors writes the refusals; codeKey is "errorCode" in row answers, "statusCode" in envelopes.
func appendErrors(b []byte, errs []rowError, codeKey string) []byte {
	b = append(b, '[')
	for i, e := range errs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		envelope := codeKey == "statusCode"
		if e.duplicate != nil && !envelope {
			b = append(b, `"duplicateResut":`...)
			b = append(b, e.duplicate...)
			b = append(b, ',')
		}
		if envelope {
			b = appendPair(b, codeKey, e.Code)
			b = append(b, ',')
		}
		b = appendPair(b, "message", e.Message)
		if !envelope {
			b = append(b, ',')
			b = appendPair(b, codeKey, e.Code)
		}
		if (e.Fields != nil && e.duplicate == nil) || envelope {
			b = append(b, `,"fields":[`...)
			for j, f := range e.Fields {
				if j > 0 {
					b = append(b, ',')
				}
				b = appendString(b, f)
			}
			b = append(b, ']')
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func appendPair(b []byte, key, text string) []byte {
	b = append(b, '"')
	b = append(b, key...)
	b = append(b, '"', ':')
	return appendString(b, text)
}
