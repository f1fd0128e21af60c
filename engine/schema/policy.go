package schema

import "fmt"

// Policy says whose change counts when both sides changed one field to different values. The zero Policy leaves it to the object.
type Policy uint8

// The policies.
const (
	SalesforceWins Policy = iota + 1
	MarketoWins
	NewestWins
	HoldBoth
)

var policyNames = map[Policy]string{SalesforceWins: "salesforce", MarketoWins: "marketo", NewestWins: "newest", HoldBoth: "hold"}

// String is the word that settings and mappings use; of the zero Policy it is empty.
func (p Policy) String() string { return policyNames[p] }

// ParsePolicy reads what String wrote of a policy.
func ParsePolicy(text string) (Policy, error) {
	for p, name := range policyNames {
		if name == text {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%q is none of salesforce, marketo, newest, hold", text)
}

// MarshalText writes the policy as String does.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote; an empty text is the zero Policy.
func (p *Policy) UnmarshalText(text []byte) (err error) {
	*p = 0
	if len(text) > 0 {
		*p, err = ParsePolicy(string(text))
	}
	return err
}

// Mirror is the policy with the sides swapped.
func (p Policy) Mirror() Policy {
	switch p {
	case SalesforceWins:
		return MarketoWins
	case MarketoWins:
		return SalesforceWins
	}
	return p
}
