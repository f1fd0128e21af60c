package cycle

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

func firstID(l Link) record.ID {
	if l.Salesforce != "" {
		return l.Salesforce
	}
	return l.Marketo
}

// named is what texts say of people: addresses, and ids by the side that they belong to.
type named struct {
	emails []record.Value
	ids    map[record.Side][]record.ID
}

// name reads a text: what has an @ is an address, 15 or 18 characters with a letter are a Salesforce id, the rest is Marketo's.
func (n *named) name(text string) {
	if strings.Contains(text, "@") {
		n.emails = append(n.emails, record.Of(strings.ToLower(text)))
		return
	}
	if n.ids == nil {
		n.ids = map[record.Side][]record.ID{}
	}
	if long, err := record.LongID(text); err == nil && strings.IndexFunc(text, func(c rune) bool { return c > '9' }) >= 0 {
		n.ids[record.Salesforce] = append(n.ids[record.Salesforce], long)
		return
	}
	n.ids[record.Marketo] = append(n.ids[record.Marketo], record.ID(text))
}

// recognise finds whom the ledger knows, in the order of people. A link that ended is nobody.
func (r *run) recognise(ctx context.Context, people []Person) ([][]Link, error) {
	met := make([][]Link, len(people))
	var n named
	var byEmail []int
	byID := map[record.Side][]int{}
	for i, p := range people {
		emails, sf := len(n.emails), len(n.ids[record.Salesforce])
		switch n.name(p.Text); {
		case len(n.emails) > emails:
			byEmail = append(byEmail, i)
		case len(n.ids[record.Salesforce]) > sf:
			byID[record.Salesforce] = append(byID[record.Salesforce], i)
		default:
			byID[record.Marketo] = append(byID[record.Marketo], i)
		}
	}
	found, err := r.Ledger.ByEmail(ctx, n.emails)
	if err != nil {
		return nil, err
	}
	for j, i := range byEmail {
		met[i] = slices.DeleteFunc(found[j], func(l Link) bool { return l.State == Ended })
	}
	for side, ids := range n.ids {
		known, err := r.Ledger.Known(ctx, side, ids)
		if err != nil {
			return nil, err
		}
		for j, i := range byID[side] {
			if l := known[j].Link; l.ID != 0 && l.State != Ended {
				met[i] = []Link{l}
			}
		}
	}
	return met, nil
}

// meet reads people who take no part yet and plans them: by id on the side that the id is of, by address on both.
func (r *run) meet(ctx context.Context, texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	var n named
	for _, text := range texts {
		n.name(text)
	}
	read, err := r.readPeople(ctx, record.LookUp, numeric(n.ids[record.Marketo]))
	if err != nil {
		return err
	}
	emails := map[string]bool{}
	for _, email := range n.emails {
		emails[email.Text()] = true
	}
	for _, p := range read {
		emails[folded(p.Email).Text()] = true
	}
	delete(emails, "")
	for _, object := range []record.Object{record.Contact, record.Lead} {
		found, err := r.salesforceNamed(ctx, object, n.ids[record.Salesforce], slices.Sorted(maps.Keys(emails)))
		if err != nil {
			return err
		}
		r.report.Pulled.Salesforce += len(found)
		steps, err := r.planSalesforce(ctx, object, found)
		if err != nil {
			return err
		}
		if err := r.commit(ctx, Page{Steps: steps}); err != nil {
			return err
		}
	}
	return r.meetMarketo(ctx, read, slices.Sorted(maps.Keys(emails)))
}

// numeric leaves out what cannot be an id of Marketo.
func numeric(ids []record.ID) []record.ID {
	return slices.DeleteFunc(slices.Clone(ids), func(id record.ID) bool { _, err := id.Number(); return err != nil })
}

// salesforceNamed reads the records of an object that have one of some ids or addresses.
func (r *run) salesforceNamed(ctx context.Context, object record.Object, ids []record.ID, emails []string) ([]record.Record, error) {
	mapped, ok := r.Mapping.Object(object)
	if !ok {
		return nil, nil
	}
	columns := mapped.Columns(record.Salesforce)
	prefix := map[record.Object]string{record.Contact: "003", record.Lead: "00Q"}[object]
	ids = slices.DeleteFunc(slices.Clone(ids), func(id record.ID) bool { return !strings.HasPrefix(string(id), prefix) })
	var found []record.Record
	if len(ids) > 0 {
		var err error
		if found, err = r.Salesforce.Get(ctx, record.LookUp, object, ids, columns, r.Mapping.MarketoID); err != nil {
			return nil, err
		}
	}
	if len(emails) > 0 {
		more, err := r.Salesforce.FindBy(ctx, record.LookUp, object, "Email", emails, columns, r.Mapping.MarketoID)
		if err != nil {
			return nil, err
		}
		for _, rec := range more {
			if !slices.Contains(ids, rec.ID) {
				found = append(found, rec)
			}
		}
	}
	return found, nil
}

// meetMarketo plans the people at some addresses, and those read already, whom no Salesforce record has found yet.
func (r *run) meetMarketo(ctx context.Context, read map[record.ID]record.Record, emails []string) error {
	values := make([]record.Value, len(emails))
	for i, email := range emails {
		values[i] = record.Of(email)
	}
	met, err := r.Ledger.ByEmail(ctx, values)
	if err != nil {
		return err
	}
	var left []string
	for i, links := range met {
		if !slices.ContainsFunc(links, func(l Link) bool { return l.State.paired() || l.State == Creating }) {
			left = append(left, emails[i])
		}
	}
	if len(left) > 0 {
		found, err := r.Marketo.PeopleBy(ctx, record.LookUp, "email", left, r.people, r.Mapping.SalesforceID)
		if err != nil {
			return err
		}
		for _, p := range found {
			read[p.ID] = p
		}
	}
	r.report.Pulled.Marketo += len(read)
	ids := slices.Sorted(maps.Keys(read))
	known, err := r.Ledger.Known(ctx, record.Marketo, ids)
	if err != nil {
		return err
	}
	var fresh []arrival
	for i, id := range ids {
		if known[i].Link.ID == 0 || known[i].Link.State.single() {
			rec := read[id]
			fresh = append(fresh, arrival{record: &rec, known: known[i]})
		}
	}
	steps, err := r.matchMarketo(ctx, fresh)
	if err != nil || len(steps) == 0 {
		return err
	}
	return r.commit(ctx, Page{Steps: steps})
}
