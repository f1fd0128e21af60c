package plan_test

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

var (
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	rules = plan.Rules{First: plan.SalesforceWins, Conflict: plan.HoldBoth, Interval: 5 * time.Minute}
)

func told(value string, changed bool, at time.Time) plan.Told {
	return plan.Told{Known: true, Changed: changed, Value: record.Of(value), At: at}
}

// TestField is the truth table of one mapped field: a row is a sentence that a user could say.
func TestField(t *testing.T) {
	still := plan.Told{}
	same := told("a", false, noon)
	toMarketo := func(v string) plan.Outcome {
		return plan.Outcome{Do: plan.Write, To: record.Marketo, Value: record.Of(v), At: noon}
	}
	toSalesforce := func(v string) plan.Outcome {
		return plan.Outcome{Do: plan.Write, To: record.Salesforce, Value: record.Of(v), At: noon}
	}
	losing := func(o plan.Outcome, lost string) plan.Outcome {
		o.Loses, o.Lost = true, record.Of(lost)
		return o
	}
	rows := []struct {
		name   string
		cell   plan.Cell
		policy plan.Policy
		want   plan.Outcome
	}{
		{"nothing changed", plan.Cell{Agreed: true, Salesforce: same, Marketo: same}, plan.HoldBoth, plan.Outcome{}},
		{"one side was not read and the other stands still", plan.Cell{Agreed: true, Salesforce: same, Marketo: still}, plan.HoldBoth, plan.Outcome{}},
		{"a rep changed it", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: still}, plan.HoldBoth, toMarketo("b")},
		{"a form changed it", plan.Cell{Agreed: true, Salesforce: still, Marketo: told("b", true, noon)}, plan.HoldBoth, toSalesforce("b")},
		{"a rep cleared it", plan.Cell{Agreed: true, Salesforce: told("", true, noon), Marketo: same}, plan.HoldBoth, toMarketo("")},
		{"both changed it alike", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: told("b", true, noon)}, plan.HoldBoth, plan.Outcome{Do: plan.Agree, Value: record.Of("b")}},
		{"both changed it, a person decides", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: told("c", true, noon)}, plan.HoldBoth, plan.Outcome{Do: plan.Hold, At: noon}},
		{"both changed it, Salesforce wins", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: told("c", true, noon)}, plan.SalesforceWins, losing(toMarketo("b"), "c")},
		{"both changed it, Marketo wins", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: told("c", true, noon)}, plan.MarketoWins, losing(toSalesforce("c"), "b")},
		{"both changed it, the rep an hour later", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: told("c", true, noon.Add(-time.Hour))}, plan.NewestWins, losing(toMarketo("b"), "c")},
		{"both changed it in the same minutes", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: told("c", true, noon.Add(-time.Minute))}, plan.NewestWins, plan.Outcome{Do: plan.Hold, At: noon}},
		{"both changed it, marketing an hour later or long before", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: loosely(told("c", true, noon.Add(time.Hour)))}, plan.NewestWins, plan.Outcome{Do: plan.Hold, At: noon.Add(time.Hour)}},
		{"both changed it, marketing an hour before or earlier", plan.Cell{Agreed: true, Salesforce: told("b", true, noon), Marketo: loosely(told("c", true, noon.Add(-time.Hour)))}, plan.NewestWins, losing(toMarketo("b"), "c")},
		{"first sync, equal", plan.Cell{Salesforce: same, Marketo: same}, plan.HoldBoth, plan.Outcome{Do: plan.Agree, Value: record.Of("a")}},
		{"first sync, Marketo is blank", plan.Cell{Salesforce: told("a", false, noon), Marketo: told("", false, noon)}, plan.HoldBoth, toMarketo("a")},
		{"first sync, Salesforce is blank", plan.Cell{Salesforce: told("", false, noon), Marketo: told("a", false, noon)}, plan.HoldBoth, toSalesforce("a")},
		{"first sync, both filled, Salesforce wins", plan.Cell{Salesforce: told("a", false, noon), Marketo: told("b", false, noon)}, plan.HoldBoth, losing(toMarketo("a"), "b")},
		{"first sync, one side not read", plan.Cell{Salesforce: same}, plan.HoldBoth, plan.Outcome{Do: plan.Ask}},
		{"first sync, unsubscribed in Marketo only", plan.Cell{Consent: true, Salesforce: told("false", false, noon), Marketo: told("true", false, noon)}, plan.HoldBoth, toSalesforce("true")},
		{"a field that only goes to Marketo changed there", plan.Cell{Agreed: true, Direction: schema.ToMarketo, Salesforce: same, Marketo: told("b", true, noon)}, plan.HoldBoth, losing(toMarketo("a"), "b")},
		{"a field that only goes to Marketo changed there, Salesforce was not read", plan.Cell{Agreed: true, Direction: schema.ToMarketo, Salesforce: still, Marketo: told("b", true, noon)}, plan.HoldBoth, plan.Outcome{Do: plan.Ask}},
		{"a field that only goes to Salesforce changed there", plan.Cell{Agreed: true, Direction: schema.ToSalesforce, Salesforce: told("b", true, noon), Marketo: same}, plan.HoldBoth, losing(toSalesforce("a"), "b")},
		{"both changed a field that only goes to Marketo", plan.Cell{Agreed: true, Direction: schema.ToMarketo, Salesforce: told("b", true, noon), Marketo: told("c", true, noon)}, plan.MarketoWins, losing(toMarketo("b"), "c")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if row.cell.Direction == 0 {
				row.cell.Direction = schema.Both
			}
			r := rules
			r.Conflict = row.policy
			if got := plan.Field(row.cell, r); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

// TestNeverBlank is the truth table of a field that is marked never blank.
func TestNeverBlank(t *testing.T) {
	cleared, kept, unread := told("", true, noon), told("a", false, noon), plan.Told{}
	back := func(to record.Side, v string) plan.Outcome {
		return plan.Outcome{Do: plan.Write, To: to, Value: record.Of(v), At: noon, Loses: true}
	}
	rows := []struct {
		name string
		cell plan.Cell
		want plan.Outcome
	}{
		{"a rep cleared it", plan.Cell{Salesforce: cleared, Marketo: kept}, back(record.Salesforce, "a")},
		{"a form cleared it", plan.Cell{Salesforce: kept, Marketo: cleared}, back(record.Marketo, "a")},
		{"a rep cleared it, and Marketo was not read", plan.Cell{Salesforce: cleared, Marketo: unread}, plan.Outcome{Do: plan.Ask}},
		{"a rep cleared it while a form changed it, whoever wins", plan.Cell{Salesforce: cleared, Marketo: told("b", true, noon)}, back(record.Salesforce, "b")},
		{"both cleared it: nothing is left to give back", plan.Cell{Salesforce: cleared, Marketo: cleared}, plan.Outcome{Do: plan.Agree}},
		{"a field that only goes to Marketo was cleared in Salesforce", plan.Cell{Direction: schema.ToMarketo, Salesforce: cleared, Marketo: kept}, plan.Outcome{}},
		{"a field that only goes to Marketo was cleared there", plan.Cell{Direction: schema.ToMarketo, Salesforce: kept, Marketo: cleared}, back(record.Marketo, "a")},
		{"both changed it to something", plan.Cell{Salesforce: told("b", true, noon), Marketo: told("c", true, noon)}, plan.Outcome{Do: plan.Hold, At: noon}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.cell.Agreed = true
			if row.cell.Direction == 0 {
				row.cell.Direction = schema.Both
			}
			if got := plan.Field(row.cell, rules.Of(schema.Field{NeverBlank: true})); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestRulesOfAField(t *testing.T) {
	object := plan.Rules{First: plan.SalesforceWins, Conflict: plan.MarketoWins, Interval: time.Minute}
	if got := object.Of(schema.Field{}); got != object {
		t.Errorf("a field without a policy of its own goes by %+v", got)
	}
	want := plan.Rules{First: plan.HoldBoth, Conflict: plan.HoldBoth, Interval: time.Minute, NeverBlank: true}
	if got := object.Of(schema.Field{Policy: plan.HoldBoth, NeverBlank: true}); got != want {
		t.Errorf("a field's own policy gives %+v, want %+v", got, want)
	}
}

// cells calls visit with every cell that three values, a blank and "not read" can make, with and without a baseline.
func cells(visit func(agreed *string, c plan.Cell)) {
	values := []string{"", "a", "b", "c"}
	times := []time.Time{noon, noon.Add(time.Minute), noon.Add(time.Hour)}
	sides := func(agreed *string) []plan.Told {
		all := []plan.Told{{}}
		for _, v := range values {
			for _, at := range times {
				all = append(all, told(v, agreed != nil && v != *agreed, at))
			}
		}
		return all
	}
	for i := -1; i < len(values); i++ {
		var agreed *string
		if i >= 0 {
			agreed = &values[i]
		}
		for _, s := range sides(agreed) {
			for _, m := range sides(agreed) {
				for _, d := range []schema.Direction{schema.Both, schema.ToMarketo, schema.ToSalesforce} {
					visit(agreed, plan.Cell{Agreed: agreed != nil, Salesforce: s, Marketo: m, Direction: d})
				}
			}
		}
	}
}

// TestFieldLaws visits every small cell under every policy, with and without never blank. Quiet: nothing changed, nothing done. Once: planning the
// result again does nothing. Mirror: sides and policy swapped, outcome swapped. Loss: who overwrites a change names it.
func TestFieldLaws(t *testing.T) {
	for _, policy := range []plan.Policy{plan.SalesforceWins, plan.MarketoWins, plan.NewestWins, plan.HoldBoth} {
		for _, neverBlank := range []bool{false, true} {
			r := plan.Rules{First: policy, Conflict: policy, Interval: 5 * time.Minute, NeverBlank: neverBlank}
			swapped := plan.Rules{First: policy.Mirror(), Conflict: policy.Mirror(), Interval: r.Interval, NeverBlank: neverBlank}
			cells(func(agreed *string, c plan.Cell) {
				got := plan.Field(c, r)
				if c.Agreed && !c.Salesforce.Changed && !c.Marketo.Changed && got.Do != plan.Nothing {
					t.Fatalf("quiet: %+v gives %+v", c, got)
				}
				if mirrored := plan.Field(mirror(c), swapped); mirrored != flip(got) {
					t.Fatalf("mirror: %+v under %v gives %+v, swapped %+v", c, policy, got, mirrored)
				}
				if got.Do == plan.Write {
					checkWrite(t, c, got, r)
				}
			})
		}
	}
}

// loosely says that a side only tells when anything of its record was changed.
func loosely(t plan.Told) plan.Told {
	t.Loose = true
	return t
}

func checkWrite(t *testing.T, c plan.Cell, got plan.Outcome, r plan.Rules) {
	t.Helper()
	if !c.Direction.Writes(got.To) {
		t.Fatalf("direction: %+v writes to %v", c, got.To)
	}
	target := c.Marketo
	if got.To == record.Salesforce {
		target = c.Salesforce
	}
	overwrites := target.Known && target.Value != got.Value && (target.Changed || !c.Agreed && !target.Value.IsBlank())
	if overwrites && (!got.Loses || got.Lost != target.Value) {
		t.Fatalf("loss: %+v overwrites without saying so: %+v", c, got)
	}
	if r.NeverBlank && got.Value.IsBlank() {
		t.Fatalf("never blank: %+v writes a blank: %+v", c, got)
	}
	after := c
	after.Agreed = true
	after.Salesforce = plan.Told{Known: true, Value: got.Value}
	after.Marketo = plan.Told{Known: true, Value: got.Value}
	if again := plan.Field(after, r); again.Do != plan.Nothing {
		t.Fatalf("once: %+v, written, still gives %+v", c, again)
	}
}

func mirror(c plan.Cell) plan.Cell {
	c.Salesforce, c.Marketo = c.Marketo, c.Salesforce
	switch c.Direction {
	case schema.ToMarketo:
		c.Direction = schema.ToSalesforce
	case schema.ToSalesforce:
		c.Direction = schema.ToMarketo
	}
	return c
}

func flip(o plan.Outcome) plan.Outcome {
	if o.Do == plan.Write {
		o.To = o.To.Other()
	}
	return o
}
