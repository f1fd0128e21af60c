package filter

import (
	"slices"
	"strings"
)

// Ask is what a row asks of its field.
type Ask string

// The asks.
const (
	AskFilled    Ask = "filled"
	AskBlank     Ask = "blank"
	AskTrue      Ask = "true"
	AskNotTrue   Ask = "not-true"
	AskActive    Ask = "active"
	AskNotActive Ask = "not-active"
	AskIs        Ask = "is"
	AskIsNot     Ask = "is-not"
	AskIn        Ask = "in"
	AskNotIn     Ask = "not-in"
	AskContains  Ask = "contains"
	AskLacks     Ask = "contains-not"
	AskStarts    Ask = "starts"
	AskStartsNot Ask = "starts-not"
	AskEnds      Ask = "ends"
	AskEndsNot   Ask = "ends-not"
	AskIncludes  Ask = "includes"
	AskExcludes  Ask = "excludes"

	AskEqual     Ask = "equal"
	AskUnequal   Ask = "unequal"
	AskAmong     Ask = "among"
	AskNotAmong  Ask = "not-among"
	AskLess      Ask = "less"
	AskAtMost    Ask = "at-most"
	AskMore      Ask = "more"
	AskAtLeast   Ask = "at-least"
	AskOn        Ask = "on"
	AskNotOn     Ask = "not-on"
	AskBefore    Ask = "before"
	AskUntil     Ask = "until"
	AskAfter     Ask = "after"
	AskFrom      Ask = "from"
	AskWithin    Ask = "within"
	AskNotWithin Ask = "not-within"
	AskNext      Ask = "next"
	AskNotNext   Ask = "not-next"
	AskOlder     Ask = "older"
	AskNewer     Ask = "newer"
)

// Takes is what stands behind an ask.
type Takes uint8

// The kinds of values. Days are written as a sentence writes them (2026-01-31, today, 30 days ago), stretches as "24 months".
const (
	TakesNothing Takes = iota
	TakesText
	TakesTexts
	TakesNumber
	TakesNumbers
	TakesDay
	TakesStretch
)

var asks = map[Ask]struct {
	words string
	takes Takes
}{
	AskFilled: {"is filled", TakesNothing}, AskBlank: {"is blank", TakesNothing}, AskTrue: {"is true", TakesNothing}, AskNotTrue: {"is not true", TakesNothing},
	AskActive: {"is active", TakesNothing}, AskNotActive: {"is not active", TakesNothing}, AskIs: {"is", TakesText}, AskIsNot: {"is not", TakesText},
	AskIn: {"in", TakesTexts}, AskNotIn: {"not in", TakesTexts}, AskContains: {"contains", TakesText}, AskLacks: {"does not contain", TakesText},
	AskStarts: {"starts with", TakesText}, AskStartsNot: {"does not start with", TakesText}, AskEnds: {"ends with", TakesText}, AskEndsNot: {"does not end with", TakesText},
	AskIncludes: {"includes", TakesTexts}, AskExcludes: {"excludes", TakesTexts},
	AskEqual: {"=", TakesNumber}, AskUnequal: {"!=", TakesNumber}, AskAmong: {"in", TakesNumbers}, AskNotAmong: {"not in", TakesNumbers},
	AskLess: {"<", TakesNumber}, AskAtMost: {"<=", TakesNumber}, AskMore: {">", TakesNumber}, AskAtLeast: {">=", TakesNumber},
	AskOn: {"on", TakesDay}, AskNotOn: {"not on", TakesDay}, AskBefore: {"before", TakesDay}, AskUntil: {"on or before", TakesDay},
	AskAfter: {"after", TakesDay}, AskFrom: {"on or after", TakesDay}, AskWithin: {"within", TakesStretch}, AskNotWithin: {"not within", TakesStretch},
	AskNext: {"in the next", TakesStretch}, AskNotNext: {"not in the next", TakesStretch}, AskOlder: {"older than", TakesStretch}, AskNewer: {"newer than", TakesStretch},
}

// Takes tells which values belong to an ask.
func (a Ask) Takes() Takes { return asks[a].takes }

// familyAsks are what each family of fields can be asked, the usual first.
var familyAsks = map[family][]Ask{
	textual:  {AskIs, AskIsNot, AskIn, AskNotIn, AskFilled, AskBlank, AskContains, AskLacks, AskStarts, AskStartsNot, AskEnds, AskEndsNot},
	multiple: {AskIncludes, AskExcludes, AskFilled, AskBlank},
	checkbox: {AskTrue, AskNotTrue},
	numeric:  {AskEqual, AskUnequal, AskLess, AskAtMost, AskMore, AskAtLeast, AskAmong, AskNotAmong, AskFilled, AskBlank},
	temporal: {AskWithin, AskNotWithin, AskOlder, AskNewer, AskOn, AskNotOn, AskBefore, AskUntil, AskAfter, AskFrom, AskNext, AskNotNext, AskFilled, AskBlank},
	identity: {AskIs, AskIsNot, AskIn, AskNotIn, AskFilled, AskBlank},
}

// Row asks a field for something. It counts once it has its field and its values.
type Row struct {
	// Field is the field as a sentence names it, in quotes where it has several words.
	Field string `json:"field,omitempty"`
	Ask   Ask    `json:"ask,omitempty"`
	// Values are those that Ask takes, texts without quotes.
	Values []string `json:"values,omitempty"`
}

// rowOf is a test as a row whose field is named so.
func rowOf(t *Test, field string) Row {
	r := Row{Field: field, Ask: t.ask(field)}
	for _, v := range t.Values {
		switch v.Form {
		case True:
		case Words:
			r.Values = append(r.Values, v.Text)
		case Stretch:
			r.Values = append(r.Values, v.span())
		default:
			r.Values = append(r.Values, value(v))
		}
	}
	return r
}

func (t *Test) ask(field string) Ask {
	not := func(positive, negative Ask) Ask {
		if t.Negated {
			return negative
		}
		return positive
	}
	f := familyOf(t.kind())
	switch t.Op {
	case Filled:
		return not(AskFilled, AskBlank)
	case In:
		if f == numeric {
			return not(AskAmong, AskNotAmong)
		}
		return not(AskIn, AskNotIn)
	case Contains:
		return not(AskContains, AskLacks)
	case StartsWith:
		return not(AskStarts, AskStartsNot)
	case EndsWith:
		return not(AskEnds, AskEndsNot)
	case Includes:
		return not(AskIncludes, AskExcludes)
	case Within:
		return not(AskWithin, AskNotWithin)
	case Ahead:
		return not(AskNext, AskNotNext)
	case Equal:
		switch {
		case f == temporal:
			return not(AskOn, AskNotOn)
		case t.Values[0].Form == Number:
			return not(AskEqual, AskUnequal)
		case t.Values[0].Form == True && activeOwner(t) && !strings.Contains(field, "."):
			return not(AskActive, AskNotActive)
		case t.Values[0].Form == True:
			return not(AskTrue, AskNotTrue)
		}
		return not(AskIs, AskIsNot)
	}
	switch {
	case t.Values[0].Form == Stretch:
		return map[Op]Ask{Less: AskOlder, GreaterOrEqual: AskNewer}[t.Op]
	case f == temporal:
		return map[Op]Ask{Less: AskBefore, LessOrEqual: AskUntil, Greater: AskAfter, GreaterOrEqual: AskFrom}[t.Op]
	}
	return map[Op]Ask{Less: AskLess, LessOrEqual: AskAtMost, Greater: AskMore, GreaterOrEqual: AskAtLeast}[t.Op]
}

// activeOwner tells that a test asks whether a related record is active.
func activeOwner(t *Test) bool {
	for _, c := range t.Field.Of {
		if c.Via == "" || c.Field.Name != isActive {
			return false
		}
	}
	return true
}

// Whole reports whether a row has all that it needs. Whether its values are good, Check tells.
func (r Row) Whole() bool {
	blank := func(v string) bool { return strings.TrimSpace(v) == "" }
	return r.Field != "" && asks[r.Ask].words != "" && (r.Ask.Takes() == TakesNothing || len(r.Values) > 0 && !slices.ContainsFunc(r.Values, blank))
}

// Text is the row as a sentence says it; "" of one that is not whole.
func (r Row) Text() string {
	if !r.Whole() {
		return ""
	}
	s := r.Field + " " + asks[r.Ask].words
	switch r.Ask.Takes() {
	case TakesNothing:
		return s
	case TakesText:
		return s + " " + quote(r.Values[0])
	case TakesTexts:
		quoted := make([]string, len(r.Values))
		for i, v := range r.Values {
			quoted[i] = quote(v)
		}
		return s + " (" + strings.Join(quoted, ", ") + ")"
	case TakesNumbers:
		return s + " (" + strings.Join(r.Values, ", ") + ")"
	}
	return s + " " + r.Values[0]
}
