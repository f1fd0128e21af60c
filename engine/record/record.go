// Package record is the vocabulary that every other room speaks: sides, objects, ids, values, records.
//
// It says what a value is and when two values are equal "as far as the target can tell": both systems reshape what
// they are given (length, precision, time zone, line ends, blanks, picklist case), so a Type reduces whatever a side
// answered to one canonical text, and only canonical texts are ever compared. It imports nothing of ours.
package record

import (
	"fmt"
	"strings"
	"time"
)

// Side is one of the two systems.
type Side uint8

// The two sides.
const (
	Salesforce Side = 1
	Marketo    Side = 2
)

// Other is the opposite side.
func (s Side) Other() Side { return 3 - s }

// String is the lower-case name that the command line and its JSON use.
func (s Side) String() string {
	switch s {
	case Salesforce:
		return "salesforce"
	case Marketo:
		return "marketo"
	}
	return fmt.Sprintf("side(%d)", uint8(s))
}

// ParseSide reads what String wrote.
func ParseSide(text string) (Side, error) {
	switch text {
	case "salesforce":
		return Salesforce, nil
	case "marketo":
		return Marketo, nil
	}
	return 0, fmt.Errorf("%q is neither salesforce nor marketo", text)
}

// MarshalText writes the side as String does.
func (s Side) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Side) UnmarshalText(text []byte) error {
	side, err := ParseSide(string(text))
	*s = side
	return err
}

// Object names a kind of record by its side's own API name.
type Object string

// The objects of Salesforce that take part. Custom objects have names of their own, which end in __c.
const (
	Lead                   Object = "Lead"
	Contact                Object = "Contact"
	Account                Object = "Account"
	Opportunity            Object = "Opportunity"
	OpportunityContactRole Object = "OpportunityContactRole"
	User                   Object = "User"
)

// Their twins in Marketo, by the names that describe gives them. Custom objects have names of their own, which end in _c
// (Marketo REST API, Custom Objects).
const (
	Person             Object = "Person"
	Company            Object = "Company"
	MarketoOpportunity Object = "opportunity"
	OpportunityRole    Object = "opportunityRole"
	SalesPerson        Object = "SalesPerson"
)

// Side is the system in which the object lives.
func (o Object) Side() Side {
	switch o {
	case Person, Company, MarketoOpportunity, OpportunityRole, SalesPerson, ProgramMember, Activity:
		return Marketo
	}
	if name := string(o); strings.HasSuffix(name, "_c") && !strings.HasSuffix(name, "__c") {
		return Marketo
	}
	return Salesforce
}

// IsPerson tells the objects that are people, which are matched and travel both ways, from those that Marketo is only
// given.
func (o Object) IsPerson() bool { return o == Lead || o == Contact || o == Person }

// ID is a record's id in the form that is stored: 18 characters for Salesforce (see LongID), decimal digits for
// Marketo. A company is known by its externalCompanyId, which is the Account's id.
type ID string

// Ref names one record.
type Ref struct {
	Object Object
	ID     ID
}

// Value is one field's content in canonical form; the zero Value is a blank. It holds people's data, therefore it
// prints as ***: only Text gives the content, and whoever calls Text answers for where it goes.
type Value struct{ text string }

// Of wraps a text that is canonical already.
func Of(canonical string) Value { return Value{canonical} }

// Text is the canonical text.
func (v Value) Text() string { return v.text }

// IsBlank reports whether the field is empty.
func (v Value) IsBlank() bool { return v.text == "" }

// String hides the content.
func (v Value) String() string { return "***" }

// GoString hides the content.
func (v Value) GoString() string { return "***" }

// Column is a field to read: its API name on that side, and how to reduce what comes.
type Column struct {
	Name string
	Type Type
}

// Record is one record as a side answered it. Values stand in the order of the columns asked for.
type Record struct {
	Object Object
	ID     ID
	// Modified is the side's own stamp of the last change, to the second: SystemModstamp, or the activity's date.
	Modified time.Time
	// Edited is LastModifiedDate on Salesforce (what "newest wins" compares); zero where the side has none.
	Edited time.Time
	// Editor is the user who changed the record last, empty where that was not asked for.
	Editor ID
	// Deleted is true for a record in the recycle bin and for the loser of a merge.
	Deleted bool
	// MergedInto is the winner's id when a merge deleted this record.
	MergedInto ID
	// Converted is true for a Lead that became a Contact, ConvertedTo then names that Contact.
	Converted   bool
	ConvertedTo ID
	// Email is the address by which a match may be made, canonical; blank where there is none.
	Email Value
	// OtherID is the other side's id that this record carries in the field that the set-up makes.
	OtherID ID
	// Parent is the Account of a Contact, or the externalCompanyId of a person.
	Parent ID
	Values []Value
	// Err tells that a value could not be read in its column's type; the record is then a failure, never a blank.
	Err error
}

// Ref is the record's name.
func (r Record) Ref() Ref { return Ref{r.Object, r.ID} }

// Mode is how far Doppio may go in a workspace.
type Mode uint8

// The modes, in rising order of what they allow. The zero Mode is Observe: forgetting to set one writes nothing.
const (
	Observe Mode = iota
	Rehearse
	Live
)

// String is the lower-case name that the command line uses.
func (m Mode) String() string {
	switch m {
	case Observe:
		return "observe"
	case Rehearse:
		return "rehearse"
	case Live:
		return "live"
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// ParseMode reads what String wrote.
func ParseMode(text string) (Mode, error) {
	for _, m := range []Mode{Observe, Rehearse, Live} {
		if m.String() == text {
			return m, nil
		}
	}
	return Observe, fmt.Errorf("%q is not a mode: observe, rehearse or live", text)
}

// MarshalText writes the mode as String does.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Mode) UnmarshalText(text []byte) error {
	mode, err := ParseMode(string(text))
	*m = mode
	return err
}

// Purpose says what a call was spent on; Doppio's own journal of calls is kept by it.
type Purpose string

// The purposes.
const (
	SignIn    Purpose = "sign-in"
	Check     Purpose = "check"
	Describe  Purpose = "describe"
	FirstRead Purpose = "first-read"
	Feed      Purpose = "feed"
	Reread    Purpose = "reread"
	Push      Purpose = "push"
	WriteBack Purpose = "write-back"
	LookUp    Purpose = "look-up"
	Quota     Purpose = "quota"
	Bulk      Purpose = "bulk" // making bulk jobs, asking whether they are done; what they carry has the purpose that it would have otherwise
)
