package app

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// mostUnique is how many values of unique fields a rehearsal asks Salesforce about, a call for every thousand or so. What a larger plan
// writes beyond them is not foreseen.
const mostUnique = 20_000

// uniqueField is a field of Salesforce in which no two records may have the same.
type uniqueField struct {
	object record.Object
	name   string
}

// uniqueWrites are what a plan writes into one.
type uniqueWrites struct {
	kind   record.Type
	values []uniqueValue
}

// uniqueValue is one of them.
type uniqueValue struct {
	source, target record.ID // target is empty of a record that is to be made
	text           string    // in lower case: such fields compare without regard to it
}

// in is the record that would hold the value; one that is to be made is told by what it is made from.
func (v uniqueValue) in() record.ID {
	if v.target == "" {
		return "new " + v.source
	}
	return v.target
}

// unique notes what a row writes into a unique field, to ask whose it is already.
func (t *rehearsing) unique(row *cycle.Row, f schema.Field, v record.Value) {
	if t.uniques++; t.uniques > mostUnique {
		return
	}
	field := uniqueField{row.Object, f.Salesforce}
	if t.unasked[field] == nil {
		t.unasked[field] = &uniqueWrites{kind: f.Type}
	}
	w := t.unasked[field]
	w.values = append(w.values, uniqueValue{row.Source, row.Target, strings.ToLower(v.Text())})
}

// taken asks Salesforce which of these values another record has already. One whose holder gives it up in the same plan may go.
func (t *rehearsing) taken(ctx context.Context) error {
	for field, writes := range t.unasked {
		changes, texts, asked := map[record.ID]bool{}, []string{}, map[string]bool{}
		for _, w := range writes.values {
			if changes[w.target] = true; !asked[w.text] {
				asked[w.text], texts = true, append(texts, w.text)
			}
		}
		found, err := t.s.sf.FindBy(ctx, record.LookUp, field.object, field.name, texts, []record.Column{{Name: field.name, Type: writes.kind}}, "")
		if err != nil {
			return err
		}
		holders := map[string]record.ID{}
		for _, r := range found {
			if !changes[r.ID] {
				holders[strings.ToLower(r.Values[0].Text())] = r.ID
			}
		}
		for _, w := range writes.values {
			if holder, held := holders[w.text]; !held { // the next row that writes the same comes second
				holders[w.text] = w.in()
			} else if holder != w.in() {
				t.refused(&cycle.Row{Side: record.Salesforce, Object: field.object, Source: w.source, Target: w.target}, codeTaken, field.name)
			}
		}
	}
	return nil
}
