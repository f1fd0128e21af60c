package app

import (
	"context"
	"encoding/json"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Planned is one record write that Live would make.
type Planned struct {
	Side   record.Side   `json:"side"`
	Object record.Object `json:"object"`
	ID     record.ID     `json:"id"` // of the target; for a creation that of its source
	Action string        `json:"action"`
	// Fields are the target's API names; with values, what would be written.
	Fields []PlannedField `json:"fields"`
}

// PlannedField is one field of a planned write. Without a value it is written as its bare name.
type PlannedField struct {
	Name  string
	Value *string
}

// MarshalJSON writes a bare name, or an object where the values were asked for.
func (f PlannedField) MarshalJSON() ([]byte, error) {
	if f.Value == nil {
		return json.Marshal(f.Name)
	}
	return json.Marshal(map[string]string{"field": f.Name, "value": *f.Value})
}

// FieldNames are the names alone.
func (p Planned) FieldNames() []string {
	names := make([]string, len(p.Fields))
	for i, f := range p.Fields {
		names[i] = f.Name
	}
	return names
}

// plannedAtOnce is how many rows are read at a time.
const plannedAtOnce = 2000

// plan lists what waits to be written, in the order of the rows.
func (s *session) plan(ctx context.Context, values bool) ([]Planned, error) {
	list := []Planned{}
	for after := int64(0); ; {
		rows, err := s.ws.RowsAfter(ctx, after, plannedAtOnce)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.State == cycle.Waiting {
				list = append(list, s.planned(row, values))
			}
			after = row.ID
		}
		if len(rows) < plannedAtOnce {
			return list, nil
		}
	}
}

func (s *session) planned(row cycle.Row, values bool) Planned {
	p := Planned{Side: row.Side, Object: row.Object, ID: row.Target, Action: row.Action.String(), Fields: []PlannedField{}}
	if p.ID == "" {
		p.ID = row.Source
	}
	mapping := cycle.Shown(s.mapping)
	object, _ := mapping.Object(cycle.MappedObject(mapping, row))
	for _, c := range row.Fields {
		if row.Action == cycle.Delete { // what goes with it
			break
		}
		i := object.Index(c.Field)
		if i < 0 {
			continue
		}
		f := PlannedField{Name: object.Fields[i].On(row.Side)}
		if values {
			text := c.Value.Text()
			f.Value = &text
		}
		p.Fields = append(p.Fields, f)
	}
	if row.Carry != "" {
		name := s.mapping.MarketoID
		if row.Side == record.Marketo {
			name = s.mapping.SalesforceID
		}
		if name != "" {
			f := PlannedField{Name: name}
			if values {
				text := string(row.Carry)
				f.Value = &text
			}
			p.Fields = append(p.Fields, f)
		}
	}
	return p
}
