package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
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

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *PlannedField) UnmarshalJSON(text []byte) error {
	*f = PlannedField{}
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &f.Name)
	}
	var both struct{ Field, Value string }
	if err := json.Unmarshal(text, &both); err != nil {
		return fmt.Errorf("a planned field: %w", err)
	}
	f.Name, f.Value = both.Field, &both.Value
	return nil
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

// planner reads what waits in a workspace's file.
type planner struct {
	ws      *store.Workspace
	mapping schema.Mapping
	shown   schema.Mapping // with what is not a person's field
}

func plannerOf(w *store.Workspace, m schema.Mapping) planner { return planner{w, m, cycle.Shown(m)} }

// EachPlanned gives what live would write now, one write after the other; with values what would be written, which is people's data. What it
// takes does not grow with the number of people.
func (a *App) EachPlanned(ctx context.Context, name string, values bool, each func(Planned) error) error {
	return a.beside(ctx, name, true, func(w *store.Workspace) error {
		mapping, err := mappingOf(ctx, w)
		if err != nil {
			return err
		}
		return plannerOf(w, mapping).each(ctx, values, each)
	})
}

func (p planner) each(ctx context.Context, values bool, each func(Planned) error) error {
	return p.waiting(ctx, func(rows []cycle.Row) error {
		for i := range rows {
			if err := each(p.planned(&rows[i], values)); err != nil {
				return err
			}
		}
		return nil
	})
}

// waiting gives the rows that wait, a few thousand at a time, and after each creation the id that is written back once it is made.
func (p planner) waiting(ctx context.Context, page func([]cycle.Row) error) error {
	for after, done := int64(0), false; !done; {
		rows, err := p.ws.RowsAfter(ctx, after, plannedAtOnce)
		if err != nil {
			return err
		}
		done = len(rows) < plannedAtOnce
		waiting := make([]cycle.Row, 0, len(rows))
		for _, row := range rows {
			after = row.ID
			if row.State != cycle.Waiting {
				continue
			}
			waiting = append(waiting, row)
			if back, follows := cycle.WrittenBack(p.mapping, row); follows {
				waiting = append(waiting, back)
			}
		}
		if err := page(waiting); err != nil {
			return err
		}
	}
	return nil
}

func (p planner) planned(row *cycle.Row, values bool) Planned {
	out := Planned{Side: row.Side, Object: row.Object, ID: row.Target, Action: row.Action.String(), Fields: []PlannedField{}}
	if out.ID == "" {
		out.ID = row.Source
	}
	object, _ := p.shown.Object(cycle.MappedObject(p.shown, *row))
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
		out.Fields = append(out.Fields, f)
	}
	name := p.mapping.MarketoID
	if row.Side == record.Marketo {
		name = p.mapping.SalesforceID
	}
	if name == "" || row.Carry == "" && row.Action != cycle.WriteID {
		return out
	}
	f := PlannedField{Name: name}
	if values && row.Carry != "" { // else nobody knows it yet
		text := string(row.Carry)
		f.Value = &text
	}
	out.Fields = append(out.Fields, f)
	return out
}
