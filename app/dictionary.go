package app

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// DictionaryField is one mapped field in the data dictionary.
type DictionaryField struct {
	Object     record.Object  `json:"object"`
	Salesforce DictionarySide `json:"salesforce"`
	Marketo    DictionarySide `json:"marketo"`
	Direction  string         `json:"direction"` // as it travels now; "" when it does not
	State      schema.State   `json:"state"`     // why it does not
	Policy     string         `json:"policy"`    // "" is the workspace's
	NeverBlank bool           `json:"never_blank"`
	Rule       string         `json:"rule"`
	Quiet      string         `json:"quiet"`
	Reread     string         `json:"reread"`
	// Filled is the share of linked records in which the field is filled, of a checkbox in which it is ticked, by what both sides
	// agreed upon; null when no record was looked at. FilledOf is how many were.
	Filled   *float64 `json:"filled"`
	FilledOf int      `json:"filled_of"`
	// ChangesPerWeek is how many values were written to either side in a week, on average over ChangesDays days, in the first week as
	// many as were so far; null when nothing was counted yet. The first sync is left out.
	ChangesPerWeek *float64   `json:"changes_per_week"`
	ChangesDays    int        `json:"changes_days"`
	Why            string     `json:"why"`
	Owner          string     `json:"owner"`
	Since          *time.Time `json:"since"`
}

// DictionarySide is the field as a side describes it.
type DictionarySide struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Type   string `json:"type"`
	Length int    `json:"length"` // in characters, of a Marketo text area in bytes; 0 where it has none
}

// Dictionary is the data dictionary of a workspace.
type Dictionary struct {
	Fields []DictionaryField `json:"fields"`
	// Sampled tells that the filled shares are of a sample drawn evenly over all linked records, not of all of them.
	Sampled bool `json:"sampled"`
}

// dictionaryDays is over how long changes are averaged.
const dictionaryDays = 28

// Dictionary says of every mapped field what it is on both sides, where it travels, how full it is and how often it changes. It asks
// neither side: shares come of what both agreed upon, figures of what was counted as it was written.
func (a *App) Dictionary(ctx context.Context, name string) (d Dictionary, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		m, err := mappingOf(ctx, w)
		if err != nil {
			return err
		}
		if len(m.Objects) == 0 {
			return inputf("workspace %q has no mapping yet: it is made with the first cycle; doppioctl sync --rehearse writes nothing", name)
		}
		d, err = dictionaryOf(ctx, w, m, a.world.now())
		return err
	})
	return d, err
}

func dictionaryOf(ctx context.Context, w *store.Workspace, m schema.Mapping, now time.Time) (d Dictionary, err error) {
	written, first, err := w.Written(ctx, now.AddDate(0, 0, -dictionaryDays))
	if err != nil {
		return d, err
	}
	known, whole, err := w.Sample(ctx)
	if err != nil {
		return d, err
	}
	d = Dictionary{Fields: []DictionaryField{}, Sampled: !whole}
	fill := filledOf(m, known)
	days := min(dictionaryDays, 1+int(now.Sub(first)/(24*time.Hour)))
	for _, o := range m.Objects {
		for _, f := range o.All() {
			line := dictionaryField(o.Name, f)
			if at := fill[o.Name]; at.of > 0 {
				share := float64(at.filled[f.Number]) / float64(at.of)
				line.Filled, line.FilledOf = &share, at.of
			}
			if !first.IsZero() {
				weekly := 7 * float64(written[o.Name][f.Number]) / float64(max(days, 7)) // a day is not taken seven times
				line.ChangesPerWeek, line.ChangesDays = &weekly, days
			}
			d.Fields = append(d.Fields, line)
		}
	}
	return d, nil
}

// filling is how many of the records looked at have each field filled.
type filling struct {
	of     int
	filled map[uint16]int
}

// filledOf looks, pair by pair, whether what both sides agreed upon is a blank; of a checkbox, whether it is ticked.
func filledOf(m schema.Mapping, known []cycle.Known) map[record.Object]*filling {
	out := map[record.Object]*filling{}
	for _, o := range m.Objects {
		out[o.Name] = &filling{filled: map[uint16]int{}}
	}
	for _, k := range known {
		o, _ := m.Object(k.Link.Object)
		at := out[o.Name]
		if at == nil {
			continue
		}
		at.of++
		for _, f := range o.All() {
			empty := record.Value{}
			if f.Type.Kind == record.Boolean {
				empty = record.Of("false")
			}
			if k.Baseline.Has(f.Number) && !k.Baseline.Same(f.Number, empty) {
				at.filled[f.Number]++
			}
		}
	}
	return out
}

func dictionaryField(object record.Object, f schema.Field) DictionaryField {
	shown := showField(f)
	line := DictionaryField{
		Object: object, Direction: shown.Travels, State: shown.State, Policy: shown.Policy, NeverBlank: f.NeverBlank, Rule: f.Rule, Quiet: shown.Quiet,
		Reread: shown.Reread, Why: shown.Why, Owner: shown.Owner, Since: shown.Since,
		Salesforce: DictionarySide{Name: f.Salesforce}, Marketo: DictionarySide{Name: f.Marketo},
	}
	if e := f.Entry; e != nil {
		line.Salesforce.Label, line.Salesforce.Type, line.Salesforce.Length = e.Salesforce.Label, e.Salesforce.Type, e.Salesforce.Length
		line.Marketo.Label, line.Marketo.Type, line.Marketo.Length = e.Marketo.Label, e.Marketo.Type, e.Marketo.Length
	}
	return line
}

// dictionaryHead names the columns of the dictionary as a table.
var dictionaryHead = []string{
	"Object", "Salesforce field", "Salesforce label", "Salesforce type", "Salesforce length", "Marketo field", "Marketo label", "Marketo type", "Marketo length",
	"Direction", "Does not travel because", "Conflicts", "Never blank", "Rule", "Quiet", "Read again", "Filled", "Filled of", "Changes a week", "Over days",
	"Why", "Owner", "Since",
}

// cells are a line of the table. A figure that nobody knows is nil.
func (f DictionaryField) cells() []any {
	number := func(x *float64) any {
		if x == nil {
			return nil
		}
		return *x
	}
	length := func(n int) any {
		if n == 0 {
			return nil
		}
		return n
	}
	var since any
	if f.Since != nil {
		since = f.Since.Format(time.DateOnly)
	}
	return []any{
		string(f.Object), f.Salesforce.Name, f.Salesforce.Label, f.Salesforce.Type, length(f.Salesforce.Length), f.Marketo.Name, f.Marketo.Label, f.Marketo.Type,
		length(f.Marketo.Length), f.Direction, string(f.State), f.Policy, f.NeverBlank, f.Rule, f.Quiet, f.Reread, number(f.Filled), f.FilledOf,
		number(f.ChangesPerWeek), f.ChangesDays, f.Why, f.Owner, since,
	}
}

// WriteCSV writes the dictionary as comma-separated values, with a head. A text that a spreadsheet would take for a formula gets an
// apostrophe in front.
func (d Dictionary) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write(dictionaryHead)
	for _, f := range d.Fields {
		var line []string
		for _, cell := range f.cells() {
			line = append(line, csvCell(cell))
		}
		err = errors.Join(err, out.Write(line))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// WriteXLSX writes the dictionary as a workbook.
func (d Dictionary) WriteXLSX(w io.Writer) error {
	table := sheet{name: "Fields", head: dictionaryHead, percent: map[int]bool{slices.Index(dictionaryHead, "Filled"): true}}
	for _, f := range d.Fields {
		table.rows = append(table.rows, f.cells())
	}
	return table.write(w)
}

func csvCell(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case string:
		if v != "" && (v[0] == '=' || v[0] == '+' || v[0] == '-' || v[0] == '@' || v[0] == '\t' || v[0] == '\r') {
			return "'" + v
		}
		return v
	}
	return fmt.Sprint(cell)
}
