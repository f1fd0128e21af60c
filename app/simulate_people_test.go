package app

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// office is who works with both systems on their screens: enters people, deletes, takes back, converts and merges them.
// What a screen refuses, because a record is locked or incomplete, stays as it is.
type office struct {
	t       *testing.T
	a       *App
	pair    *sandbox.Pair
	rng     *rand.Rand
	seed    uint64
	count   int
	entered map[string]bool // the addresses that must stand once on each side in the end
	deleted []string        // in Salesforce
	doubled int             // how often a record may have been put beside one that Doppio made: taken back, merged
	edited  []edit
	pages   []string        // of the diary
	moved   map[string]bool // records that were merged, converted or deleted: their fields are another story
	webinar sandbox.MemberPair
	members []movedMember
	ruled   time.Time // since when task rules count
	done    []done
}

// diary tells what happened when, for a day that fails.
func (o *office) diary(format string, args ...any) {
	o.pages = append(o.pages, fmt.Sprintf(o.pair.Now().Format(time.TimeOnly)+" "+format, args...))
}

// calmly does what needs both systems to answer.
func (o *office) calmly(do func() error) error {
	rates := o.pair.Dice().Rates()
	if err := o.pair.Faults("none"); err != nil {
		return err
	}
	err := do()
	if len(rates) == 0 {
		return err
	}
	return errors.Join(err, o.pair.Faults("hostile"))
}

// edits changes fields of some people on both sides, and of a company.
func (o *office) edits() {
	o.edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 1 + o.rng.IntN(5)})
	if id, _ := o.anyone(record.Salesforce, record.Account); id != "" {
		o.count++
		o.diary("edit %s: %v", id, o.pair.Org().Set(id, map[string]string{"Site": fmt.Sprintf("Building %d", o.count)}))
	}
}

// runsJob lets a job change one field of many people on one side.
func (o *office) runsJob() {
	side := []record.Side{record.Salesforce, record.Marketo}[o.rng.IntN(2)]
	field := map[record.Side]string{record.Salesforce: "Lead_Score__c", record.Marketo: "leadScore"}[side]
	o.edit(sandbox.Edit{Sides: []record.Side{side}, People: simulatedPeople / 3, Fields: []string{field}})
}

// edit makes edits and remembers them.
func (o *office) edit(e sandbox.Edit) {
	e.Seed = o.rng.Uint64()
	edited, err := o.pair.Edit(e)
	if err != nil {
		o.t.Error(err)
	}
	o.note(edited)
}

// rivals are fields that both sides fill in by hand, under the names of both.
var rivals = [][2]string{{"Title", "title"}, {"FirstName", "firstName"}, {"MobilePhone", "mobilePhone"}}

// contradicts changes what was edited last on one side of a pair on its other side too.
func (o *office) contradicts() {
	for _, e := range slices.Backward(o.edited) {
		for _, names := range rivals {
			sales, marketing := names[0], names[1]
			if e.field != sales && e.field != marketing {
				continue
			}
			o.count++
			one := edit{o.pair.Now(), e.side.Other(), o.partner(e), marketing, fmt.Sprintf("%d Rival", o.count)}
			if one.id == "" {
				continue
			}
			set := o.pair.Instance().Set
			if one.side == record.Salesforce {
				one.field, set = sales, o.pair.Org().Set
			}
			err := set(one.id, map[string]string{one.field: one.text})
			o.diary("contradict %s by %s: %v", e.id, one.id, err)
			if err == nil {
				o.edited = append(o.edited, one)
			}
			return
		}
	}
}

// partner is the record that the edited one names as the other half of its pair.
func (o *office) partner(e edit) (id string) {
	if e.side == record.Marketo {
		o.pair.Instance().Look(record.Person, e.id, func(get func(string) (string, bool)) { id, _ = get("salesforceId") })
		return id
	}
	object := "Lead"
	if strings.HasPrefix(e.id, "003") {
		object = "Contact"
	}
	o.pair.Org().Look(object, e.id, func(get func(string) (string, bool)) { id, _ = get("Marketo_Person_Id__c") })
	return id
}

// works does one thing, or finds nothing to do it with.
func (o *office) works() {
	if err := o.work(); err != nil {
		o.t.Error(err)
	}
}

func (o *office) work() error {
	switch o.rng.IntN(12) {
	case 0, 1:
		return o.enter(o.intoSalesforce)
	case 2, 3:
		return o.enter(o.intoMarketo)
	case 4, 5: // the same person, met by sales and by marketing on the same day
		return o.enter(o.intoSalesforce, o.intoMarketo)
	case 6:
		return o.deletesInSalesforce()
	case 7:
		if id, email := o.anyone(record.Marketo, record.Person); id != "" {
			o.forget(email)
			o.moved[id] = true
			o.diary("delete person %s", id)
			return o.pair.Instance().Delete(id)
		}
	case 8:
		if len(o.deleted) > 0 {
			id := o.deleted[len(o.deleted)-1]
			o.diary("take %s back: %v", id, o.pair.Org().Undelete(id))
			o.doubled++
			o.deleted = o.deleted[:len(o.deleted)-1]
		}
	case 9:
		if id, email := o.anyone(record.Salesforce, record.Lead); id != "" {
			o.forget(email)
			o.moved[id] = true
			made, err := o.pair.Org().Convert(id, "")
			o.diary("convert %s into %s: %v", id, made.Contact, err)
		}
	case 10:
		return o.merges(record.Salesforce, []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)], o.pair.Org().Merge)
	case 11:
		return o.merges(record.Marketo, record.Person, o.pair.Instance().Merge)
	}
	return nil
}

func (o *office) enter(into ...func(name, email string) error) error {
	o.count++
	name := fmt.Sprintf("Neumann%d", o.count)
	email := fmt.Sprintf("%s.%d@entered.example", name, o.seed)
	for _, one := range into {
		if err := one(name, email); err != nil {
			return err
		}
	}
	o.entered[email] = true
	return nil
}

func (o *office) intoSalesforce(name, email string) error {
	if o.rng.IntN(2) == 0 {
		id, err := o.pair.Org().Create("Contact", map[string]string{"LastName": name, "Email": email, "Title": "Analyst"})
		o.diary("enter %s as %s", email, id)
		return err
	}
	id, err := o.pair.Org().Create("Lead", map[string]string{"LastName": name, "Email": email, "Company": "Entered GmbH", "Title": "Buyer"})
	o.diary("enter %s as %s", email, id)
	return err
}

func (o *office) intoMarketo(name, email string) error {
	id, err := o.pair.Instance().Create(map[string]string{"lastName": name, "email": email, "company": "Entered GmbH", "city": "Utrecht"})
	o.diary("enter %s as person %s", email, id)
	return err
}

func (o *office) deletesInSalesforce() error {
	object := []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)]
	id, email := o.anyone(record.Salesforce, object)
	if id == "" || o.pair.Org().Delete(id) != nil {
		return nil
	}
	o.forget(email)
	o.moved[id] = true
	o.diary("delete %s", id)
	o.deleted = append(o.deleted, id)
	return nil
}

func (o *office) merges(side record.Side, object record.Object, merge func(string, ...string) error) error {
	winner, email := o.anyone(side, object)
	loser, other := o.anyone(side, object)
	if winner == "" || winner == loser {
		return nil
	}
	o.forget(email)
	o.forget(other)
	o.doubled++
	o.moved[winner], o.moved[loser] = true, true
	o.diary("merge %s into %s: %v", loser, winner, merge(winner, loser))
	return nil
}

// forget takes an address off the list: what becomes of the person now is for other checks to say.
func (o *office) forget(email string) { delete(o.entered, email) }

// anyone draws a live record.
func (o *office) anyone(side record.Side, object record.Object) (id, email string) {
	addresses := o.everyone(side, object)
	ids := slices.Sorted(maps.Keys(addresses))
	if len(ids) == 0 {
		return "", ""
	}
	id = ids[o.rng.IntN(len(ids))]
	return id, addresses[id]
}

// everyone gives the live records' addresses by id.
func (o *office) everyone(side record.Side, object record.Object) map[string]string {
	addresses := map[string]string{}
	field := map[record.Side]string{record.Salesforce: "Email", record.Marketo: "email"}[side]
	note := func(id string, get func(string) (string, bool)) bool {
		if converted, _ := get("IsConverted"); converted != "true" {
			addresses[id], _ = get(field)
		}
		return true
	}
	if side == record.Marketo {
		o.pair.Instance().Each(object, note)
	} else {
		o.pair.Org().Each(string(object), note)
	}
	return addresses
}

// standing counts how often an address stands on each side.
func (o *office) standing() map[string][2]int {
	out := map[string][2]int{}
	for _, object := range []record.Object{record.Lead, record.Contact} {
		for _, email := range o.everyone(record.Salesforce, object) {
			n := out[email]
			out[email] = [2]int{n[0] + 1, n[1]}
		}
	}
	for _, email := range o.everyone(record.Marketo, record.Person) {
		n := out[email]
		out[email] = [2]int{n[0], n[1] + 1}
	}
	return out
}
