package cycle

import (
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
)

// Of a batch behind which more is waiting, what would not fill a call goes with the next.
func TestFilled(t *testing.T) {
	type of struct {
		object record.Object
		action Action
		n      int
		first  bool
	}
	for name, test := range map[string]struct {
		side   record.Side
		atOnce int
		rows   []of
		want   []int // how many of each go
	}{
		"all of a batch that leaves nothing waiting": {record.Marketo, marketoAtOnce, []of{{record.Person, Create, 700, false}, {record.Person, Update, 1000, false}}, []int{700, 1000}},
		"whole calls": {record.Marketo, marketoAtOnce, []of{{record.Person, Create, 700, false}, {record.Person, Update, 1400, false}}, []int{600, 1200}},
		"a few of another kind are not kept waiting":     {record.Marketo, marketoAtOnce, []of{{record.Company, Create, 5, false}, {record.Person, Update, 2095, false}}, []int{5, 1800}},
		"kinds that fill no call at all":                 {record.Marketo, 600, []of{{record.Company, Create, 250, false}, {record.Person, Create, 250, false}, {record.Person, Update, 100, false}}, []int{250, 250, 100}},
		"the largest rest fills the last composite":      {record.Salesforce, salesforceAtOnce, []of{{record.Lead, WriteID, 740, false}, {record.Contact, WriteID, 1260, false}}, []int{740, 1200}},
		"a composite that has room goes with the next":   {record.Salesforce, salesforceAtOnce, []of{{record.Lead, WriteID, 900, false}, {record.Contact, WriteID, 700, false}, {record.Lead, Update, 200, false}, {record.Contact, Update, 200, false}}, []int{600, 600, 200, 200}},
		"people of a first sync wait for more of them":   {record.Salesforce, salesforceAtOnce, []of{{record.Lead, WriteID, 1700, true}, {record.Lead, Update, 250, true}, {record.Contact, Update, 50, true}}, []int{1600, 200, 0}},
		"but not for ever":                               {record.Salesforce, 400, []of{{record.Lead, WriteID, 150, true}, {record.Lead, Update, 150, true}, {record.Contact, Update, 50, true}}, []int{150, 150, 50}},
		"where records are read a composite carries two": {record.Salesforce, salesforceAtOnce, []of{{record.Lead, Update, 550, false}, {record.Contact, Update, 1450, false}}, []int{550, 1400}},
	} {
		t.Run(name, func(t *testing.T) {
			var rows []Row
			for _, o := range test.rows {
				for range o.n {
					row := Row{Side: test.side, Object: o.object, Action: o.action, Target: "7", First: o.first}
					if o.action == Create {
						row.Target = ""
					}
					rows = append(rows, row)
				}
			}
			got := map[of]int{}
			for _, row := range filled(test.side, rows, test.atOnce) {
				for _, o := range test.rows {
					if row.Object == o.object && row.Action == o.action && row.First == o.first {
						got[o]++
					}
				}
			}
			for i, o := range test.rows {
				if got[o] != test.want[i] {
					t.Errorf("%d of %d rows of %s go, want %d", got[o], o.n, o.object, test.want[i])
				}
			}
		})
	}
}
