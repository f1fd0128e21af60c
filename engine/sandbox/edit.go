package sandbox

import (
	"fmt"
	"math/rand/v2"

	"github.com/doppio-sync/doppio/engine/record"
)

// Edit says which random edits are made.
type Edit struct {
	// Sides are edited in this order, each for itself: one record may be drawn on both.
	Sides []record.Side
	// People is the number of different records on each side.
	People int
	Seed   uint64
	// Fields are the API names of the fields that may be edited; those that a side lacks are left out there. None: what
	// people in sales and marketing change every day.
	Fields []string
}

// Edited is one record as it was edited.
type Edited struct {
	Side   record.Side       `json:"side"`
	Object record.Object     `json:"object"`
	ID     string            `json:"id"`
	Fields map[string]string `json:"fields"`
}

// Edit makes random edits through the rules that bind a user. The same edit of the same pair changes the same values.
// An edit that a rule refuses is not among the result.
func (p *Pair) Edit(e Edit) ([]Edited, error) {
	if e.People < 0 {
		return nil, fmt.Errorf("%d people cannot be edited", e.People)
	}
	var done []Edited
	for _, side := range e.Sides {
		rng := rand.New(rand.NewPCG(e.Seed, uint64(side)))
		switch side {
		case record.Salesforce:
			edited, err := p.org.EditRandom(rng, e.People, e.Fields)
			if err != nil {
				return done, fmt.Errorf("salesforce: %w", err)
			}
			for _, one := range edited {
				done = append(done, Edited{side, one.Object, one.ID, one.Fields})
			}
		case record.Marketo:
			edited, err := p.instance.EditRandom(rng, e.People, e.Fields)
			if err != nil {
				return done, fmt.Errorf("marketo: %w", err)
			}
			for _, one := range edited {
				done = append(done, Edited{side, record.Person, one.ID, one.Fields})
			}
		}
	}
	return done, nil
}
