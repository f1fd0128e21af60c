package org

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Edited is one edit that was made as a user makes it.
type Edited struct {
	Object record.Object
	ID     string
	// Fields are the new values in canonical form; an empty one is a field that was emptied.
	Fields map[string]string
}

// editable by random edits unless fields are named: what people in sales and marketing change every day.
var dailyFields = []string{
	"FirstName", "Title", "Phone", "MobilePhone", "Fax", "Website", "LeadSource", "Status", "Industry", "Rating", "AnnualRevenue",
	"NumberOfEmployees", "Street", "City", "State", "PostalCode", "Country", "MailingStreet", "MailingCity", "MailingState",
	"MailingPostalCode", "MailingCountry", "Department", "Birthdate", "Description", "Lead_Score__c", "Segment__c",
	"HasOptedOutOfEmail", "DoNotCall", "Salutation",
}

// EditRandom edits n different leads and contacts as users of the org do: the org's rules apply, stamps move, and where
// faults say so a transaction commits late. fields names the fields that may be edited, by API name; those that an
// object lacks are left out for it. An edit that a rule refuses is not among the result. Fewer than n people are an
// error, and so are fields that neither object has.
func (o *Org) EditRandom(rng *rand.Rand, n int, fields []string) ([]Edited, error) {
	if len(fields) == 0 {
		fields = dailyFields
	}
	objects := []*object{o.object("Lead"), o.object("Contact")}
	choice := map[*object][]*field{}
	for _, obj := range objects {
		for _, name := range fields {
			if f := obj.field(name); f != nil && f.updateable && f.kind != "reference" && !f.unique {
				choice[obj] = append(choice[obj], f)
			}
		}
	}
	objects = slices.DeleteFunc(objects, func(obj *object) bool { return len(choice[obj]) == 0 })
	if len(objects) == 0 {
		return nil, fmt.Errorf("neither leads nor contacts have an editable field of %s", strings.Join(fields, ", "))
	}
	o.settle()
	c := o.internal()
	var done []Edited
	err := o.update(c, func() error {
		rows, err := o.draw(rng, objects, n)
		if err != nil {
			return err
		}
		// Each row has a stream of its own: what one row does with its draws shifts no other.
		salt := rng.Uint64()
		for _, r := range rows {
			own := rand.New(rand.NewPCG(salt, r.row.ID()))
			if edit, ok := o.editOne(c, own, r.object, r.row, choice[r.object]); ok {
				done = append(done, edit)
			}
		}
		return nil
	})
	return done, err
}

type drawn struct {
	object *object
	row    table.Row
}

// draw picks n different live rows that nobody holds.
func (o *Org) draw(rng *rand.Rand, objects []*object, n int) ([]drawn, error) {
	type key struct {
		object *object
		row    uint64
	}
	lawful := func(obj *object, row table.Row) bool {
		return !obj.isDeleted(row) && !(obj.name == "Lead" && o.converted(row)) && !o.late.holds(obj, row.ID()) && !o.isLocked(obj, row.ID())
	}
	var total uint64
	for _, obj := range objects {
		total += obj.nextRow
	}
	var rows []drawn
	seen := map[key]bool{}
	for tries := 0; len(rows) < n && total > 0 && tries < 4*n+100; tries++ {
		at := rng.Uint64N(total) + 1
		obj := objects[0]
		if at > obj.nextRow && len(objects) > 1 {
			at, obj = at-obj.nextRow, objects[1]
		}
		row, ok := obj.table.Get(at)
		if !ok || seen[key{obj, at}] || !lawful(obj, row) {
			continue
		}
		seen[key{obj, at}] = true
		rows = append(rows, drawn{obj, row})
	}
	for _, obj := range objects { // most rows are wanted: take the rest in order
		for row := range obj.table.ByID(0) {
			if len(rows) >= n {
				return rows, nil
			}
			if !seen[key{obj, row.ID()}] && lawful(obj, row) {
				rows = append(rows, drawn{obj, row})
			}
		}
	}
	if len(rows) < n {
		return nil, fmt.Errorf("only %d leads and contacts can be edited", len(rows))
	}
	return rows, nil
}

// editOne changes one to three fields of a row to other values.
func (o *Org) editOne(c *call, rng *rand.Rand, obj *object, row table.Row, fields []*field) (Edited, bool) {
	edit := Edited{Object: record.Object(obj.name), ID: obj.longID(row.ID()), Fields: map[string]string{}}
	d := &draft{object: obj, n: row.ID(), old: row, cells: map[*field]table.Cell{}}
	for range 1 + rng.IntN(min(3, len(fields))) {
		f := fields[rng.IntN(len(fields))]
		was, _ := o.value(f, row)
		text := f.invent(rng, was)
		if text == was {
			continue
		}
		cell, errs, wrong := f.canonical(rawValue(text))
		if errs != nil || wrong != nil {
			continue
		}
		d.cells[f], edit.Fields[f.name] = cell, cell.Text
	}
	if len(edit.Fields) == 0 || o.check(c, d) != nil {
		return edit, false
	}
	if o.dice.Roll(fault.LateCommit) {
		now := c.tx.Now()
		set := d.set()
		set[obj.modified.column] = table.Text(stampText(now.Unix()))
		set[obj.modifiedBy.column] = table.Text(c.session.user)
		wait := time.Duration(5+o.dice.Pick(fault.LateCommit, 100)) * time.Second
		o.late.open(lateCommit{obj, row.ID(), now.Unix(), now.Add(wait), set})
		return edit, true
	}
	return edit, o.save(c, d) == nil
}

var (
	inventedWords = []string{
		"Northwind", "Analyst", "Zürich", "Operations", "Müller", "Growth", "Director", "São Paulo", "Lyon", "Platform", "Austin", "Kyoto",
		"Field", "Łódź", "Procurement", "Regional", "O'Neill", "Leeds", "Security", "Harbour",
	}
	inventedCountries = []string{"Germany", "France", "United States", "Japan", "United Kingdom", "Brazil", "India", "Sweden"}
)

// invent makes another value for the field.
func (f *field) invent(rng *rand.Rand, was string) string {
	if f.nillable && was != "" && rng.IntN(25) == 0 {
		return ""
	}
	switch f.kind {
	case "boolean":
		return strconv.FormatBool(was != "true")
	case "int":
		return strconv.Itoa(1 + rng.IntN(50_000))
	case "double":
		return strconv.Itoa(rng.IntN(500))
	case "currency":
		return strconv.Itoa(1000 * (1 + rng.IntN(90_000)))
	case "percent":
		return strconv.Itoa(rng.IntN(100))
	case "date":
		return time.Date(1950+rng.IntN(50), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case "datetime":
		return stampText(1_600_000_000 + rng.Int64N(100_000_000))
	case "phone":
		return fmt.Sprintf("+1 555 01%02d %04d", rng.IntN(100), rng.IntN(10_000))
	case "email":
		return fmt.Sprintf("edited.%d@example.com", rng.IntN(1_000_000_000))
	case "url":
		return fmt.Sprintf("https://www%d.example.com", rng.IntN(100_000))
	case "picklist":
		for {
			text := f.picklist[rng.IntN(len(f.picklist))]
			if text == "Closed - Converted" || (text == was && len(f.picklist) > 1) {
				continue
			}
			return text
		}
	}
	if strings.HasSuffix(f.name, "Country") {
		return inventedCountries[rng.IntN(len(inventedCountries))]
	}
	text := inventedWords[rng.IntN(len(inventedWords))] + " " + strconv.Itoa(rng.IntN(10_000))
	runes := []rune(text)
	return string(runes[:min(len(runes), max(f.length, 1))])
}
