package soql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The codes of refused queries (SOAP API Developer Guide, ExceptionCode).
const (
	MalformedQuery             = "MALFORMED_QUERY"
	InvalidField               = "INVALID_FIELD"
	InvalidType                = "INVALID_TYPE"
	InvalidQueryFilterOperator = "INVALID_QUERY_FILTER_OPERATOR"
	NumberOutsideValidRange    = "NUMBER_OUTSIDE_VALID_RANGE"
	ExceededSemiJoins          = "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS"
)

// Error is a refused query. Message is Salesforce's own wording, position lines included, which quotes the query and
// with it possibly people's data: it belongs into the answer to whoever asked and nowhere else. Error() leaves it out.
type Error struct {
	Code    string
	Message string
	Row     int // from 1; 0 where the refusal names no place
	Column  int // from 1, in characters
}

// Error names the code and the place.
func (e *Error) Error() string {
	if e.Row == 0 {
		return "soql: " + e.Code
	}
	return fmt.Sprintf("soql: %s at row %d, column %d", e.Code, e.Row, e.Column)
}

// At words a refusal that points at a place of this query.
func (q *Query) At(pos Pos, code, message string) *Error { return refuse(q.text, pos, code, message) }

// Plain words a refusal of the whole query.
func Plain(code, message string) *Error { return &Error{Code: code, Message: message} }

// neighbourhood is how many characters Salesforce shows on either side of the place.
const neighbourhood = 60

func refuse(text string, pos Pos, code, message string) *Error {
	at := min(int(pos), len(text))
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		end = at + i
	}
	row := strings.Count(text[:at], "\n") + 1
	column := utf8.RuneCountInString(text[begin:at]) + 1
	shownFrom := backward(text, begin, at)
	shownTo := forward(text, at, end)
	caret := strings.Repeat(" ", utf8.RuneCountInString(text[shownFrom:at]))
	return &Error{
		Code: code, Row: row, Column: column,
		Message: fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s", text[shownFrom:shownTo], caret, row, column, message),
	}
}

func backward(text string, begin, at int) int {
	for range neighbourhood {
		if at <= begin {
			break
		}
		_, size := utf8.DecodeLastRuneInString(text[begin:at])
		at -= size
	}
	return at
}

func forward(text string, at, end int) int {
	for range neighbourhood {
		if at >= end {
			break
		}
		_, size := utf8.DecodeRuneInString(text[at:end])
		at += size
	}
	return at
}

// NoSuchColumn is the text for a field that does not exist or is hidden from the user: indistinguishable by design.
func NoSuchColumn(field, object string) string {
	return "No such column '" + field + "' on entity '" + object + "'. If you are attempting to use a custom field, " +
		"be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
}

// NoSuchObject is the text for an object that does not exist or is hidden from the user.
func NoSuchObject(object string) string {
	return "sObject type '" + object + "' is not supported. If you are attempting to use a custom object, be sure to append the '__c' " +
		"after the entity name. Please reference your WSDL or the describe call for the appropriate names."
}

// NoSuchRelationship is the text for a path through a relationship that does not exist or is hidden.
func NoSuchRelationship(relationship string) string {
	return "Didn't understand relationship '" + relationship + "' in field path. If you are attempting to use a custom relationship, " +
		"be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
}

// NoSuchChildren is the text for a child query over a relationship that does not exist.
func NoSuchChildren(relationship string) string {
	return "Didn't understand relationship '" + relationship + "' in FROM part of query call. If you are attempting to use a custom relationship, " +
		"be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
}
