package instance

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Edited is one person as it was edited.
type Edited struct {
	ID string
	// Fields are the new values by REST name; an empty one is a field that was emptied.
	Fields map[string]string
}

// dailyFields are what people in marketing, forms and campaigns change every day.
var dailyFields = []string{
	"firstName", "title", "phone", "mobilePhone", "fax", "website", "leadSource", "leadStatus", "industry", "rating", "annualRevenue",
	"numberOfEmployees", "address", "city", "state", "postalCode", "country", "department", "dateOfBirth", "mktoPersonNotes", "leadScore",
	"segment", "unsubscribed", "doNotCall", "salutation", "company",
}

// EditRandom edits n different people as users and campaigns do: one to three fields each get other values, with the
// activities that the real system writes. fields names the fields that may be edited, by REST name; those that a person
// does not have, or that belong to its company, are left out. Fewer than n people are an error, and so are fields that
// no person has.
func (i *Instance) EditRandom(rng *rand.Rand, n int, fields []string) ([]Edited, error) {
	if len(fields) == 0 {
		fields = dailyFields
	}
	var edited []Edited
	var err error
	i.update(func(tx *table.Tx) {
		var choice []*field
		for _, name := range fields {
			if f := i.schema.visible(name); f != nil && !f.readOnly && f.column >= 0 && f != i.schema.externalCompany && f.name != "externalSalesPersonId" {
				choice = append(choice, f)
			}
		}
		if len(choice) == 0 {
			err = fmt.Errorf("a person has no editable field of %s", strings.Join(fields, ", "))
			return
		}
		var rows []table.Row
		if rows, err = i.draw(rng, n); err != nil {
			return
		}
		// Each person has a stream of its own: what one does with its draws shifts no other.
		salt := rng.Uint64()
		var p person
		for _, row := range rows {
			i.load(&p, row)
			if one, ok := i.editOne(tx, rand.New(rand.NewPCG(salt, row.ID())), &p, choice); ok {
				edited = append(edited, one)
			}
		}
	})
	return edited, err
}

// draw picks n different people.
func (i *Instance) draw(rng *rand.Rand, n int) ([]table.Row, error) {
	var rows []table.Row
	seen := map[uint64]bool{}
	for tries := 0; len(rows) < n && i.lastID > 0 && tries < 4*n+100; tries++ {
		id := 1 + rng.Uint64N(i.lastID)
		if row, ok := i.people.Get(id); ok && !seen[id] {
			seen[id] = true
			rows = append(rows, row)
		}
	}
	for row := range i.people.ByID(0) { // most are wanted: take the rest in order
		if len(rows) >= n {
			break
		}
		if !seen[row.ID()] {
			rows = append(rows, row)
		}
	}
	if len(rows) < n {
		return nil, fmt.Errorf("only %d people can be edited", len(rows))
	}
	return rows, nil
}

func (i *Instance) editOne(tx *table.Tx, rng *rand.Rand, p *person, choice []*field) (Edited, bool) {
	one := Edited{ID: strconv.FormatUint(p.id, 10), Fields: map[string]string{}}
	by := i.someOrigin(rng)
	var changes []change
	for range 1 + rng.IntN(min(3, len(choice))) {
		f := choice[rng.IntN(len(choice))]
		was, ok := p.value(f)
		text := f.invent(rng, was, ok)
		cell, readable := f.canon(raw{'"', text})
		if _, again := one.Fields[f.name]; again || !readable || cell == p.cells[f.column] || (f.company && p.ref != "") {
			continue
		}
		changes = append(changes, change{f, cell})
		one.Fields[f.name], _ = f.plain(cell.Text, !cell.Null)
		if f == i.schema.score {
			by = i.scoring(rng)
		}
	}
	return one, i.change(tx, p, changes, by)
}

// someOrigin is who edits: mostly a user, else a form or a campaign. The texts were seen on live instances.
func (i *Instance) someOrigin(rng *rand.Rand) origin {
	switch rng.IntN(10) {
	case 0, 1:
		return origin{source: "Web form fillout", reason: "Form fill-out, URL: https://www.acme.example/contact"}
	case 2, 3:
		c := i.campaigns.list[rng.IntN(len(i.campaigns.list))]
		return origin{source: "Marketo Flow Action", reason: "Changed by Smart Campaign " + c.name + " action Change Data Value", campaign: c.id}
	}
	return origin{source: "Lead update", reason: "Manual person edit"}
}

// scoring is a campaign that changes scores: its changes are told twice, as Change Score and as Change Data Value.
func (i *Instance) scoring(*rand.Rand) origin {
	c := i.campaigns.list[0]
	return origin{source: "Marketo Flow Action", reason: "Changed by Smart Campaign " + c.name + " action Change Score", campaign: c.id}
}

var (
	inventedWords = []string{
		"Northwind", "Analyst", "Zürich", "Operations", "Müller", "Growth", "Director", "São Paulo", "Lyon", "Platform", "Austin", "Kyoto",
		"Field", "Łódź", "Procurement", "Regional", "O'Neill", "Leeds", "Security", "Harbour",
	}
	// inventedChoices are fields that hold one of a few texts.
	inventedChoices = map[string][]string{
		"leadSource":  {"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"},
		"leadStatus":  {"Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"},
		"rating":      {"Hot", "Warm", "Cold"},
		"salutation":  {"Mr.", "Ms.", "Mrs.", "Dr.", "Prof."},
		"segment":     {"Enterprise", "Mid-Market", "Small Business", "Partner"},
		"industry":    {"Banking", "Biotechnology", "Consulting", "Education", "Energy", "Manufacturing", "Retail", "Technology"},
		"country":     {"Germany", "France", "United States", "Japan", "United Kingdom", "Brazil", "India", "Sweden"},
		"billingCity": {"Lyon", "Kyoto", "Austin"},
	}
)

// invent makes another value for the field. Fields that Salesforce must not lose are not emptied.
func (f *field) invent(rng *rand.Rand, was string, filled bool) string {
	if filled && f.kind != kindBoolean && f.name != "company" && f.name != "lastName" && f.name != "email" && rng.IntN(25) == 0 {
		return ""
	}
	if choice := inventedChoices[f.name]; choice != nil {
		for {
			if text := choice[rng.IntN(len(choice))]; text != was {
				return text
			}
		}
	}
	switch f.kind {
	case kindBoolean:
		return strconv.FormatBool(!filled)
	case kindInteger:
		return strconv.Itoa(1 + rng.IntN(50_000))
	case kindScore, kindPercent, kindFloat:
		return strconv.Itoa(rng.IntN(500))
	case kindCurrency:
		return strconv.Itoa(1000 * (1 + rng.IntN(90_000)))
	case kindDate:
		return time.Date(1950+rng.IntN(50), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case kindDateTime:
		return time.Unix(1_600_000_000+rng.Int64N(100_000_000), 0).UTC().Format(time.RFC3339)
	case kindPhone:
		return fmt.Sprintf("+1 555 01%02d %04d", rng.IntN(100), rng.IntN(10_000))
	case kindEmail:
		return fmt.Sprintf("edited.%d@example.com", rng.IntN(1_000_000_000))
	case kindURL:
		return fmt.Sprintf("https://www%d.example.com", rng.IntN(100_000))
	}
	return inventedWords[rng.IntN(len(inventedWords))] + " " + strconv.Itoa(rng.IntN(10_000))
}
