package cycle

import (
	"context"

	"github.com/doppio-sync/doppio/engine/record"
)

// doubtAtOnce is how many rows in doubt are cleared up in one transaction.
const doubtAtOnce = 600

// recover clears up the rows whose answers were lost, by a crash or on the way. A creation is looked up on the target
// before it is sent again (promise 3). The pair of an update is read afresh before anything is sent: what is there now decides.
func (r *run) recover(ctx context.Context) error {
	for {
		rows, err := r.Ledger.InDoubt(ctx, doubtAtOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := r.clearDoubt(ctx, rows); err != nil {
			return err
		}
	}
}

func (r *run) clearDoubt(ctx context.Context, rows []Row) error {
	answers, err := r.clearUp(ctx, rows)
	if err != nil {
		return err
	}
	return r.Ledger.Acknowledge(ctx, answers)
}

func (r *run) clearUp(ctx context.Context, rows []Row) ([]Answer, error) {
	var creations [3][]Row // by side
	answers, rows, err := r.clearUpBeside(ctx, rows)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		a := Answer{Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now()}
		switch {
		case row.Action == Create && row.Object.IsPerson():
			creations[row.Side] = append(creations[row.Side], row)
			continue
		case row.Action == Update && row.Object.IsPerson():
			a.Outcome, a.Next, a.Recheck = Postponed, r.Now(), true
		default: // an id, or what is written and removed by its key: once more is the same as once
			a.Outcome, a.Next = Postponed, r.Now()
		}
		answers = append(answers, a)
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		found, err := r.lookUp(ctx, side, creations[side])
		if err != nil {
			return nil, err
		}
		for _, row := range creations[side] {
			a := Answer{Row: row.ID, Link: row.Link, Side: side, Cycle: r.n, At: r.Now(), Outcome: Postponed, Next: r.Now()}
			if id, ok := found[row.Source]; ok {
				// It is there. What it holds by now is read afresh rather than assumed.
				a = Answer{Row: row.ID, Link: row.Link, Side: side, Cycle: r.n, At: r.Now(), Outcome: Accepted, Target: id, Recheck: true}
				a.Events = []Event{{At: r.Now(), Cycle: r.n, Side: side, Kind: "created", Field: NoField, Detail: "found after its answer was lost"}}
				a.Then = r.introduce(row, id)
			}
			answers = append(answers, a)
		}
	}
	return answers, nil
}

// stillMissing leaves out of a batch the creations of people who by now stand on the target: somebody entered them there while
// the row waited. Such a person is matched anew. What was planned in this very cycle was looked up then.
func (r *run) stillMissing(ctx context.Context, side record.Side, due []Row) ([]Row, error) {
	addresses := map[int64]string{}
	byObject := map[record.Object][]string{}
	for _, row := range due {
		if row.Action != Create || !row.Object.IsPerson() || row.Cycle == r.n {
			continue
		}
		email := r.email(row)
		if email == "" {
			continue
		}
		addresses[row.ID] = email
		objects := []record.Object{record.Person}
		if side == record.Salesforce {
			objects = []record.Object{record.Contact, record.Lead}
		}
		for _, object := range objects {
			byObject[object] = append(byObject[object], email)
		}
	}
	taken := map[string]bool{}
	for object, emails := range inOrder(byObject) {
		records, err := r.find(ctx, side, object, "", emails)
		if err != nil {
			return nil, err
		}
		for _, rec := range records {
			taken[folded(rec.Email).Text()] = true
		}
	}
	there, rows := part(due, func(row *Row) bool { return taken[addresses[row.ID]] })
	answers := make([]Answer, len(there))
	for i, row := range there {
		answers[i] = r.void(row)
		answers[i].Recheck = true
	}
	if len(answers) == 0 {
		return rows, nil
	}
	return rows, r.Ledger.Acknowledge(ctx, answers)
}

// lookUp finds records by the id of their source that they carry; where the side has no field for it, by address.
func (r *run) lookUp(ctx context.Context, side record.Side, rows []Row) (map[record.ID]record.ID, error) {
	found := map[record.ID]record.ID{}
	if len(rows) == 0 {
		return found, nil
	}
	sources := map[string]record.ID{}
	field := r.Mapping.SalesforceID
	if side == record.Salesforce {
		field = r.Mapping.MarketoID
	}
	byAddress := field == ""
	var values []string
	for _, row := range rows {
		key := string(row.Source)
		if byAddress {
			key = r.email(row)
		}
		if key != "" {
			sources[key], values = row.Source, append(values, key)
		}
	}
	records, err := r.find(ctx, side, rows[0].Object, field, values)
	if err != nil {
		return nil, err
	}
	for _, rec := range records {
		key := string(rec.OtherID)
		if byAddress {
			key = folded(rec.Email).Text()
		}
		if source, ok := sources[key]; ok && !rec.Deleted {
			found[source] = rec.ID
		}
	}
	return found, nil
}

func (r *run) find(ctx context.Context, side record.Side, object record.Object, field string, values []string) ([]record.Record, error) {
	if side == record.Salesforce {
		name := field
		if name == "" {
			name = "Email"
		}
		return r.Salesforce.FindBy(ctx, record.LookUp, object, name, values, nil, r.Mapping.MarketoID)
	}
	if field == "" {
		field = "email"
	}
	return r.Marketo.PeopleBy(ctx, record.LookUp, field, values, nil, r.Mapping.SalesforceID)
}

// email is the address that a creation would write, folded.
func (r *run) email(row Row) string {
	object := record.Lead
	if objectOf(row.Source) == record.Contact {
		object = record.Contact
	}
	for _, f := range r.object(object).Fields {
		if f.Salesforce != "Email" {
			continue
		}
		if c, ok := row.field(f.Number); ok {
			return folded(c.Value).Text()
		}
	}
	return ""
}
