package app

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// office is who works with both systems on their screens: enters people, deletes, takes back, converts and merges them.
// What a screen refuses, because a record is locked or incomplete, stays as it is.
type office struct {
	t               *testing.T
	a               *App
	file            *heldFile // nil: opened for each use
	pair            *sandbox.Pair
	rng             *rand.Rand
	seed            uint64
	count           int
	entered         map[string]bool // the addresses that must stand once on each side in the end
	deleted         []string        // in Salesforce
	doubled         int             // how often a record may have been put beside one that Doppio made: taken back, merged
	edited          []edit
	desk            sync.Mutex      // two deeds may be done beside two calls at once
	pages           []string        // of the diary
	moved           map[string]bool // records that were merged, converted or deleted: their fields are another story
	webinar         sandbox.MemberPair
	members         []movedMember
	ruled           time.Time // since when task rules count
	done            []done
	lives           []lived
	boxed, filtered bool     // the box for who is kept out is there; a filter was set
	broken          []string // promises, by what happened in the midst of the day
	backup          map[string][]byte
	restored        time.Time // when the backup was put back last, or the last cycle ended that did not get through after it
	unread          bool      // no cycle got through since
	chosen          map[record.ID]bool
	altered
}

// diary tells what happened when, for a day that fails.
func (o *office) diary(format string, args ...any) {
	o.desk.Lock()
	defer o.desk.Unlock()
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
	o.impossible(err)
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
	o.impossible(o.work())
}

func (o *office) work() error {
	switch o.rng.IntN(16) {
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
			half := o.half(record.Salesforce, id)
			made, err := o.pair.Org().Convert(id, "")
			o.diary("convert %s into %s: %v", id, made.Contact, err)
			if err == nil {
				o.became(id, half, made.Contact, "")
			}
		}
	case 10:
		return o.merges(record.Salesforce, []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)], o.pair.Org().Merge)
	case 11:
		return o.merges(record.Marketo, record.Person, o.pair.Instance().Merge)
	case 12:
		return o.convertsInto()
	case 13: // a chain: the winner loses again
		side, object, merge := record.Salesforce, []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)], o.pair.Org().Merge
		if o.rng.IntN(2) == 0 {
			side, object, merge = record.Marketo, record.Person, o.pair.Instance().Merge
		}
		return o.chains(side, object, merge)
	case 14:
		return o.mergesAccounts()
	case 15:
		return o.returns()
	}
	return nil
}

// convertsInto converts a lead into a contact that is there already.
func (o *office) convertsInto() error {
	lead, email := o.anyone(record.Salesforce, record.Lead)
	contact, address := o.anyone(record.Salesforce, record.Contact)
	var account string
	o.pair.Org().Look("Contact", contact, func(get func(string) (string, bool)) { account, _ = get("AccountId") })
	if lead == "" || account == "" {
		return nil
	}
	half := o.half(record.Salesforce, lead)
	_, err := o.pair.Org().ConvertInto(lead, org.Conversion{Contact: contact, Account: account})
	o.diary("convert %s into %s, which is there: %v", lead, contact, err)
	if err == nil {
		o.forget(email)
		o.forget(address)
		o.moved[lead], o.moved[contact] = true, true
		o.partners(lead, contact)
		o.became(lead, half, contact, contact) // the contact may have had a story too
		o.doubled++
	}
	return nil
}

// partners notes that the other halves of records are another story too. One of both may have refused to carry the other's id.
func (o *office) partners(ids ...string) {
	for _, id := range ids {
		for _, other := range []string{o.partner(edit{side: record.Salesforce, id: id}), o.personOf(id)} {
			if other != "" {
				o.moved[other] = true
			}
		}
	}
}

// chains merges twice: who won loses to somebody else.
func (o *office) chains(side record.Side, object record.Object, merge func(string, ...string) error) error {
	ids := slices.Sorted(maps.Keys(o.everyone(side, object)))
	if len(ids) < 3 {
		return nil
	}
	o.rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	for i := range 2 {
		o.mergesTwo(side, object, ids[i+1], ids[i], merge)
	}
	return nil
}

// mergesAccounts makes two companies one.
func (o *office) mergesAccounts() error {
	winner, _ := o.anyone(record.Salesforce, record.Account)
	loser, _ := o.anyone(record.Salesforce, record.Account)
	if winner != "" && winner != loser {
		o.moved[loser] = true
		o.diary("merge %s into %s: %v", loser, winner, o.pair.Org().Merge(winner, loser))
	}
	return nil
}

// returns deletes somebody, and enters the same person again on the same side.
func (o *office) returns() error {
	object := []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)]
	id, email := o.anyone(record.Salesforce, object)
	if id == "" || email == "" {
		return nil
	}
	o.partners(id)
	if o.pair.Org().Delete(id) != nil {
		return nil
	}
	o.forget(email)
	o.moved[id] = true
	fields := map[string]string{"LastName": "Returns", "Email": email}
	if object == record.Lead {
		fields["Company"] = "Entered GmbH"
	}
	o.diary("delete %s", id)
	o.creates(string(object), fields)
	o.doubled++
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
	object, fields := "Lead", map[string]string{"LastName": name, "Email": email, "Company": "Entered GmbH", "Title": "Buyer"}
	if o.rng.IntN(2) == 0 {
		object, fields = "Contact", map[string]string{"LastName": name, "Email": email, "Title": "Analyst"}
	}
	id, err := o.pair.Org().Create(object, fields)
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
	o.mergesTwo(side, object, winner, loser, merge)
	return nil
}

func (o *office) mergesTwo(side record.Side, object record.Object, winner, loser string, merge func(string, ...string) error) {
	addresses := o.everyone(side, object)
	o.forget(addresses[winner])
	o.forget(addresses[loser])
	o.doubled++
	o.moved[winner], o.moved[loser] = true, true
	half, other := o.half(side, loser), o.half(side, winner)
	err := merge(winner, loser)
	o.diary("merge %s into %s: %v", loser, winner, err)
	if err == nil && side == record.Salesforce { // in Marketo the loser's story may go on with its record in Salesforce
		o.became(loser, half, winner, other)
	}
}

// forget takes an address off the list: what becomes of the person now is for other checks to say.
func (o *office) forget(email string) { delete(o.entered, email) }

// anyone draws a live record.
func (o *office) anyone(side record.Side, object record.Object) (id, email string) {
	addresses := o.everyone(side, object)
	ids := slices.Sorted(maps.Keys(addresses))
	if len(ids) == 0 {
		return
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
