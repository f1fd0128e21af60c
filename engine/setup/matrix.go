package setup

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
)

// Seen is one object as Salesforce describes it to the sync user.
type Seen struct {
	Object       record.Object
	Label        string
	Hidden       bool // the sync user cannot see the object at all
	Create, Edit bool
	Everybody    bool // records of everybody, whatever the sharing rules say
	Fields       []SeenField
}

// SeenField is one field as Salesforce describes it.
type SeenField struct {
	Name, Label string
	Edit        bool // by the sync user
	Fixed       bool // nobody can write it: a formula, a system field
	Key         bool // an external id and unique
}

// User is the sync user.
type User struct {
	Username, Profile string
	// Own: nobody works with it in person, as far as can be told.
	Own bool
	// Marketing: the feature licence Marketing User is ticked.
	Marketing bool
	// Rights are those that its permission sets grant, by API name; nil when they could not be read.
	Rights map[string]bool
}

// Right is one cell of the matrix.
type Right string

// The rights.
const (
	Granted  Right = "granted"
	Missing  Right = "missing"
	Unneeded Right = "unneeded"
	Unknown  Right = "unknown" // Salesforce did not say
)

// State is how bad it is.
type State string

// The states, from good to bad.
const (
	Good    State = "good"
	Warning State = "warning" // it syncs, and lacks something
	Bad     State = "bad"     // what needs it fails
)

// Row is the matrix for one object.
type Row struct {
	Object record.Object `json:"object"`
	Label  string        `json:"label"`
	Read   Right         `json:"read"`
	Create Right         `json:"create"`
	Edit   Right         `json:"edit"`
	// Everybody tells whether records of everybody are seen, whatever the sharing rules say.
	Everybody Right      `json:"everybody"`
	Fields    []FieldRow `json:"fields"`
	State     State      `json:"state"`
}

// FieldRow is the matrix for one field.
type FieldRow struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Read  Right  `json:"read"`
	Edit  Right  `json:"edit"`
	// Lacking: there is no such field, and the set-up makes it.
	Lacking bool `json:"lacking,omitempty"`
	// Loose: it is there, and not an external id or not unique.
	Loose    bool  `json:"loose,omitempty"`
	Optional bool  `json:"optional,omitempty"`
	State    State `json:"state"`
}

// UserRow is the matrix for one right of the user as a whole.
type UserRow struct {
	Name  string `json:"name"` // as Salesforce's setup calls it
	Right Right  `json:"right"`
	State State  `json:"state"`
}

// Matrix is what the sync user may do of what the workspace needs.
type Matrix struct {
	User    User
	Objects []Row
	Rights  []UserRow
}

// Compare holds what is needed against what is seen.
func Compare(w Wishes, user User, seen []Seen) Matrix {
	m := Matrix{User: user}
	for _, need := range Needs(w) {
		i := slices.IndexFunc(seen, func(s Seen) bool { return s.Object == need.Object })
		s := Seen{Object: need.Object, Label: string(need.Object), Hidden: true}
		if i >= 0 {
			s = seen[i]
		}
		m.Objects = append(m.Objects, compare(need, s, user))
	}
	m.rights(w)
	return m
}

func compare(n Need, s Seen, user User) Row {
	r := Row{Object: n.Object, Label: s.Label, Read: Granted, Create: right(n.Create, s.Create), Edit: right(n.Edit, s.Edit), Everybody: Granted, State: Good}
	if s.Hidden {
		r.Read, r.Everybody, r.State = Missing, Missing, Warning
		if n.Object.IsPerson() || n.Object == record.Account {
			r.State = Bad
		}
		return r
	}
	switch {
	case s.Everybody || n.Object == record.User || n.Object == record.Task || n.Object == record.CampaignMember || n.Object == record.OpportunityContactRole:
	case user.Rights == nil:
		r.Everybody = Unknown
	default:
		r.Everybody, r.State = Missing, Warning
	}
	if r.Create == Missing || r.Edit == Missing {
		r.State = Bad
	}
	for _, f := range n.Fields {
		row, shown := compareField(n.Object, f, s)
		if !shown {
			continue
		}
		r.Fields = append(r.Fields, row)
		r.State = worse(r.State, row.State)
	}
	return r
}

// compareField is the row of one field, if there is one.
func compareField(o record.Object, f FieldNeed, s Seen) (row FieldRow, shown bool) {
	i := slices.IndexFunc(s.Fields, func(have SeenField) bool { return have.Name == f.Name })
	m, makes := madeField(o, f.Name)
	row = FieldRow{Name: f.Name, Label: f.Name, Read: Granted, Edit: Unneeded, Optional: f.Optional, State: Good}
	if makes {
		row.Label = m.Label
	}
	if i < 0 {
		row.Read, row.Lacking, row.State = Missing, makes, Bad
		if f.Edit {
			row.Edit = Missing
		}
		if f.Optional {
			row.State = Warning
		}
		return row, !f.Unsure
	}
	have := s.Fields[i]
	row.Label = have.Label
	if f.Edit && !have.Fixed {
		row.Edit = right(true, have.Edit)
	}
	if makes && m.Key && !have.Key {
		row.Loose, row.State = true, Warning
	}
	if row.Edit == Missing {
		row.State = Bad
	}
	return row, true
}

// rights are the rows of the user as a whole.
func (m *Matrix) rights(w Wishes) {
	add := func(name, api string, state State) {
		row := UserRow{Name: name, Right: Granted, State: Good}
		switch {
		case m.User.Rights == nil:
			row.Right = Unknown
		case !m.User.Rights[api]:
			row.Right, row.State = Missing, state
		}
		m.Rights = append(m.Rights, row)
	}
	add("API Enabled", "PermissionsApiEnabled", Bad)
	add("View Setup and Configuration", "PermissionsViewSetup", Warning)
	if w.Tasks {
		add("Edit Tasks", "PermissionsEditTask", Bad)
	}
	if w.Campaigns {
		row := UserRow{Name: "Marketing User", Right: right(true, m.User.Marketing), State: Good}
		if row.Right == Missing {
			row.State = Bad
		}
		m.Rights = append(m.Rights, row)
	}
}

func right(needed, has bool) Right {
	switch {
	case !needed:
		return Unneeded
	case has:
		return Granted
	}
	return Missing
}

// worse is the worse of two states.
func worse(a, b State) State {
	if a == Bad || b == Bad {
		return Bad
	}
	if a == Warning || b == Warning {
		return Warning
	}
	return Good
}

// State is the worst of all.
func (m Matrix) State() State {
	state := Good
	for _, r := range m.Objects {
		state = worse(state, r.State)
	}
	for _, r := range m.Rights {
		state = worse(state, r.State)
	}
	return state
}
