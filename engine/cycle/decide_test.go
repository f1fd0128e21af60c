package cycle

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// A conflict that is decided after its pair ended writes nothing: the half that is left would get a twin of one value.
func TestDecidedTooLate(t *testing.T) {
	m := schema.Mapping{Objects: []schema.Object{{Name: record.Lead, Twin: record.Person, Fields: []schema.Field{
		{Number: 3, Salesforce: "Title", Marketo: "title", Direction: schema.Both},
	}}}}
	h := Hold{ID: 7, Link: 1, Field: 3, Cause: "conflict", Salesforce: record.Of("Buyer"), Marketo: record.Of("Seller")}
	for state, want := range map[LinkState]int{Linked: 1, Ended: 0} {
		k := Known{Link: Link{ID: 1, Object: record.Lead, Salesforce: "00Q5g00000K0001EAB", Marketo: "9", State: state}, Holds: []Hold{h}}
		if state == Ended {
			k.Link.Marketo = ""
		}
		steps, err := Decide(m, k, Known{}, h, Choice{Take: record.Salesforce}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if step := steps[0]; len(step.Out) != want || len(step.Release) != 1 {
			t.Errorf("in state %d the decision writes %d rows and releases %v: %v", state, len(step.Out), step.Release, err)
		}
	}
}
