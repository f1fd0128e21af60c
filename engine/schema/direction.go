package schema

import (
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Direction says towards which sides a field is written.
type Direction uint8

// The directions.
const (
	Both Direction = iota + 1
	ToMarketo
	ToSalesforce
)

var directionNames = map[Direction]string{Both: "both", ToMarketo: "to_marketo", ToSalesforce: "to_salesforce"}

// Writes reports whether a field of this direction is written to a side.
func (d Direction) Writes(s record.Side) bool {
	return d == Both || (d == ToMarketo && s == record.Marketo) || (d == ToSalesforce && s == record.Salesforce)
}

// String is the word that mappings use; of the zero Direction it is empty.
func (d Direction) String() string { return directionNames[d] }

// ParseDirection reads what String wrote of a direction.
func ParseDirection(text string) (Direction, error) {
	for d, name := range directionNames {
		if name == text {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is none of both, to_marketo, to_salesforce", text)
}

// narrow takes from a direction what the side's permissions do not allow; 0 when nothing is left.
func narrow(d Direction, salesforce, marketo bool) Direction {
	toSalesforce := d.Writes(record.Salesforce) && salesforce
	toMarketo := d.Writes(record.Marketo) && marketo
	switch {
	case toSalesforce && toMarketo:
		return Both
	case toMarketo:
		return ToMarketo
	case toSalesforce:
		return ToSalesforce
	}
	return 0
}

// Quiet is the least time between two writes of a field; empty for none.
type Quiet string

// The quiet times.
const (
	QuietHour Quiet = "hour"
	QuietDay  Quiet = "day"
)

// ParseQuiet reads a quiet time's word; "" is none.
func ParseQuiet(text string) (Quiet, error) {
	switch q := Quiet(text); q {
	case "", QuietHour, QuietDay:
		return q, nil
	}
	return "", fmt.Errorf("%q is neither hour nor day", text)
}

// Duration is the time itself, 0 for none.
func (q Quiet) Duration() time.Duration {
	switch q {
	case QuietHour:
		return time.Hour
	case QuietDay:
		return 24 * time.Hour
	}
	return 0
}
