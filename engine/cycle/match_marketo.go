package cycle

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// folded is an address without regard to case, as both systems compare it.
func folded(v record.Value) record.Value { return record.Of(strings.ToLower(v.Text())) }

// matchMarketo finds the Salesforce records of people that have none yet: by stored ids first, then by address. Nobody is
// asked before a person is left alone: a record that is new in Salesforce finds it when its own turn comes.
func (r *run) matchMarketo(ctx context.Context, fresh []arrival) ([]Step, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	m := &matching{run: r, claimed: map[record.ID]bool{}}
	rest, err := m.byStoredID(ctx, record.Salesforce, fresh)
	if err != nil {
		return nil, err
	}
	if err := m.byAddress(ctx, rest); err != nil {
		return nil, err
	}
	if !r.Policy.CreateInSalesforce {
		for _, a := range m.strangers {
			m.add(m.alone(a.known, a.record, nil))
		}
		return m.steps, m.readSalesforce(ctx)
	}
	found, err := m.recordsAt(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.ask(ctx, record.Salesforce, found); err != nil {
		return nil, err
	}
	return m.steps, m.readSalesforce(ctx)
}

// recordsAt reads the Leads and Contacts at the strangers' addresses.
func (m *matching) recordsAt(ctx context.Context) ([]record.Record, error) {
	emails := m.addresses()
	if len(emails) == 0 {
		return nil, nil
	}
	var all []record.Record
	for _, object := range []record.Object{record.Contact, record.Lead} {
		mapped, ok := m.Mapping.Object(object)
		if !ok {
			continue
		}
		found, err := m.Salesforce.FindBy(ctx, record.LookUp, object, "Email", emails, mapped.Columns(record.Salesforce), m.Mapping.MarketoID)
		if err != nil {
			return nil, err
		}
		if err := m.locate(ctx, found); err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// readSalesforce reads the other halves of the pairs and plans them.
func (m *matching) readSalesforce(ctx context.Context) error {
	byObject := map[record.Object][]record.ID{}
	for _, p := range m.pairs {
		object := p.partner.Link.Object
		if object == "" || object == record.Person {
			object = objectOf(p.id)
		}
		byObject[object] = append(byObject[object], p.id)
	}
	read := map[record.ID]record.Record{}
	for object, ids := range inOrder(byObject) {
		mapped, ok := m.Mapping.Object(object)
		if !ok {
			continue
		}
		found, err := m.Salesforce.Get(ctx, record.LookUp, object, ids, mapped.Columns(record.Salesforce), m.Mapping.MarketoID)
		if err != nil {
			return err
		}
		if err := m.locate(ctx, found); err != nil {
			return err
		}
		for _, rec := range found {
			read[rec.ID] = rec
		}
	}
	for _, p := range m.pairs {
		rec, ok := read[p.id]
		if !ok || rec.Deleted || rec.Converted || !m.passes(&rec) {
			m.add(m.alone(p.known, p.record, nil))
			continue
		}
		m.add(m.join(p.arrival, p.partner, &rec, p.record))
	}
	return nil
}

// objectOf tells a Lead from a Contact by the prefix that every org gives their ids.
func objectOf(id record.ID) record.Object {
	if strings.HasPrefix(string(id), "003") {
		return record.Contact
	}
	return record.Lead
}
