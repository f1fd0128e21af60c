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
	m, fresh := r.match(fresh)
	rest, err := m.byStoredID(ctx, record.Salesforce, fresh)
	if err != nil {
		return nil, err
	}
	nowhere, err := m.readSalesforce(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.byAddress(ctx, append(rest, nowhere...)); err != nil {
		return nil, err
	}
	if !r.Policy.CreateInSalesforce {
		for _, a := range m.strangers {
			m.add(m.alone(a.known, a.record, nil))
		}
		m.strangers = nil
	}
	// The record of an address is the only one as far as was read. It may have company since.
	for _, p := range m.pairs {
		m.strangers = append(m.strangers, p.arrival)
	}
	clear(m.claimed)
	found, err := m.recordsAt(ctx)
	if err != nil {
		return nil, err
	}
	return m.steps, m.ask(ctx, record.Salesforce, found)
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

// readSalesforce reads the other halves of the pairs and plans them. Of nowhere they are no more: as if there had been no stored id.
func (m *matching) readSalesforce(ctx context.Context) (nowhere []arrival, err error) {
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
			return nil, err
		}
		if err := m.locate(ctx, found); err != nil {
			return nil, err
		}
		for _, rec := range found {
			read[rec.ID] = rec
		}
	}
	for _, p := range m.pairs {
		switch rec, ok := read[p.id]; {
		case !ok || rec.Deleted || rec.Converted:
			person := *p.record
			person.OtherID = ""
			nowhere = append(nowhere, arrival{record: &person, known: p.known})
		case !m.passes(&rec):
			m.keptOut(p.arrival)
		default:
			m.add(m.join(p.arrival, p.partner, &rec, p.record))
		}
	}
	m.pairs = nil
	return nowhere, nil
}

// objectOf tells a Lead from a Contact by the prefix that every org gives their ids.
func objectOf(id record.ID) record.Object {
	if strings.HasPrefix(string(id), "003") {
		return record.Contact
	}
	return record.Lead
}
