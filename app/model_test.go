package app

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

var modelAffairs = flag.Bool("affairs", true, "people are deleted, taken back, converted and merged in the model's lives too")

// modelBug is what is planted in the engine; see TestModelNotices.
var modelBug = func() func(cycle.Config) cycle.Config { return nil }

// TestModel lives through what people do on both sides, beside a model of what the promises make of it. Whenever all is quiet, every field of
// everybody, who belongs to whom, what waits for a person and what the history says of values that lost must be the model's.
//
// rapid's own flags say how many lives there are, and how long: -rapid.checks=1000 -rapid.steps=60 -rapid.seed=7. One that fails is made short by itself.
func TestModel(t *testing.T) {
	home := t.TempDir()
	theseLives(t)
	n := 0
	rapid.Check(t, func(t2 *rapid.T) {
		n++
		cryptotest.SetGlobalRandom(t, 1)
		rapid.SyncTest(t2, func(t *rapid.T) { modelled(t, fmt.Sprintf("%s/%d", home, n), modelBug()) })
	})
}

// theseLives are the lives that are lived through unless flags say otherwise: always the same, and shorter than rapid makes them by itself.
func theseLives(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "50", "rapid.steps": "12", "rapid.seed": "1"} {
		f := flag.Lookup(name)
		if before := f.Value.String(); before == f.DefValue {
			must(t, f.Value.Set(value))
			t.Cleanup(func() { must(t, f.Value.Set(before)) })
		}
	}
}

// modelled is one life.
func modelled(t *rapid.T, home string, bug func(cycle.Config) cycle.Config) {
	s := &trial{reality: newReality(t, home, bug)}
	s.begin(t)
	acts := map[string]func(*rapid.T){
		"somebody is entered":     s.enter,
		"somebody else is":        s.enter,
		"a field is edited":       s.edit,
		"both sides edit a field": s.editBoth,
		"time passes":             s.wait,
		"the rules change":        s.decree,
		"all comes to rest":       s.rest,
		"a cycle goes wrong":      s.trouble,
		"a person decides":        s.resolve,
		"something is put back":   s.undo,
		"something is refused":    s.refuse,
	}
	if rapid.Bool().Draw(t, "filtered") {
		maps.Copy(acts, map[string]func(*rapid.T){
			"the filter changes":   s.filter,
			"somebody is kept out": s.keepOut,
		})
	}
	if *modelAffairs && rapid.IntRange(0, 4).Draw(t, "affairs") > 0 {
		maps.Copy(acts, map[string]func(*rapid.T){
			"a record is deleted":    s.delete,
			"a record is taken back": s.undelete,
			"a lead is converted":    s.convert,
			"two are merged":         s.merge,
		})
	}
	t.Repeat(acts)
	s.rest(t)
}

// trial is a model and what it is held against.
type trial struct {
	*reality
	model
	n     int                   // of what was entered
	fresh map[*modelRecord]bool // who came, went or became somebody else since all was quiet
	left  map[string]bool       // the addresses of those who went
	users []string              // who may own somebody
}

// mostPeople bounds how many records are entered.
const mostPeople = 6

func (s *trial) begin(t *rapid.T) {
	s.fields = []*modelField{
		{lead: "LastName", contact: "LastName", person: "lastName"},
		{lead: "Email", contact: "Email", person: "email"},
		{lead: "Title", contact: "Title", person: "title"},
		{lead: "FirstName", contact: "FirstName", person: "firstName", policy: rapid.SampledFrom([]string{"", "salesforce", "marketo", "newest", "hold"}).Draw(t, "policy of first names")},
		{lead: "City", contact: "MailingCity", person: "city", policy: "newest"},
		{lead: "MobilePhone", contact: "MobilePhone", person: "mobilePhone", neverBlank: true},
		{lead: "Fax", contact: "Fax", person: "fax", oneWay: true},
		{lead: "Lead_Score__c", contact: "Lead_Score__c", person: "leadScore"},
		{lead: "Phone", person: "phone"},
		{contact: "Department", person: "department"},
		{lead: "OwnerId", contact: "OwnerId", person: "externalSalesPersonId", oneWay: true},
	}
	s.pair.Org().Each("User", func(id string, get func(string) (string, bool)) bool {
		if active, _ := get("IsActive"); active == "true" {
			s.users = append(s.users, id)
		}
		return true
	})
	s.settings = modelSettings{lead: "marketo", contact: "salesforce", deletes: "mark"}
	s.fresh, s.left = map[*modelRecord]bool{}, map[string]bool{}
	if err := s.maps(t.Context(), s.fields); err != nil {
		t.Fatal(err)
	}
	s.decree(t)
	for range rapid.IntRange(0, 4).Draw(t, "people") {
		s.enter(t)
	}
}

// decree draws the workspace's settings.
func (s *trial) decree(t *rapid.T) {
	policy := rapid.SampledFrom([]string{"salesforce", "marketo", "newest", "hold"})
	next := modelSettings{
		lead: policy.Draw(t, "lead"), contact: policy.Draw(t, "contact"), create: rapid.Bool().Draw(t, "create in Salesforce"),
		deletes: rapid.SampledFrom([]string{"mark", "unlink", "delete"}).Draw(t, "deletes"), mergeInMarketo: rapid.Bool().Draw(t, "merge in Marketo"), leaving: s.settings.leaving,
	}
	for _, p := range s.pairs {
		if len(p.held) > 0 {
			t.Skip("an open decision is taken by the rule under which it was asked for")
		}
	}
	next.create = next.create && len(s.records) == 0 || s.settings.create
	s.settings = next
	t.Logf("the rules are %+v", s.settings)
	merges := map[bool]string{false: "hold", true: "marketo"}[next.mergeInMarketo]
	if _, err := s.a.ChangeSettings(t.Context(), sampleName, "conflicts=lead:"+next.lead+",contact:"+next.contact,
		fmt.Sprintf("create_in_salesforce=%t", next.create), "deletes="+next.deletes, "merges="+merges); err != nil {
		t.Fatal(err)
	}
}

// value is one that nobody entered before.
func (s *trial) value(f *modelField) string {
	s.n++
	switch f.person {
	case "leadScore":
		return fmt.Sprint(s.n)
	case "phone", "mobilePhone", "fax":
		return fmt.Sprintf("+49 30 %d", s.n)
	}
	return fmt.Sprintf("%s %d", f.person, s.n)
}

// those are the records that are there and fit, in the order in which they came.
func (s *trial) those(fit func(*modelRecord) bool) (out []*modelRecord) {
	for _, r := range s.records {
		if !r.gone && r.id != "" && fit(r) {
			out = append(out, r)
		}
	}
	return out
}

// one draws one of them; without any the act is skipped.
func one(t *rapid.T, those []*modelRecord, label string) *modelRecord {
	if len(those) == 0 {
		t.Skip("there is nobody to do it with")
	}
	return those[rapid.IntRange(0, len(those)-1).Draw(t, label)]
}

func anybody(*modelRecord) bool { return true }

func (s *trial) enter(t *rapid.T) {
	if len(s.those(anybody)) >= mostPeople {
		t.Skip("there are enough")
	}
	object := rapid.SampledFrom([]record.Object{record.Lead, record.Contact, record.Person}).Draw(t, "object")
	address := rapid.SampledFrom([]string{"one@model.example", "two@model.example", "three@model.example", ""}).Draw(t, "address")
	if s.left[address] {
		t.Skip("somebody with this address has just gone: which of the two is seen first, nobody can say")
	}
	s.n++
	r := &modelRecord{object: object, values: map[string]string{"lastName": fmt.Sprintf("Neumann %d", s.n)}, edited: map[string]time.Time{}}
	if address != "" {
		r.values["email"] = address
	}
	for _, f := range s.fields[2:] {
		if f.on(object) != "" && f.on(object) != "OwnerId" && object+"."+record.Object(f.person) != "Person.externalSalesPersonId" && rapid.Bool().Draw(t, f.person) {
			r.values[f.person] = s.value(f)
		}
	}
	fields := map[string]string{}
	for _, f := range s.fields {
		if text := r.values[f.person]; text != "" {
			fields[f.on(object)] = text
		}
	}
	var err error
	switch object {
	case record.Person:
		fields["company"] = "Model GmbH"
		r.id, err = s.pair.Instance().Create(fields)
	case record.Lead:
		fields["Company"] = "Model GmbH"
		r.id, err = s.pair.Org().Create("Lead", fields)
	default:
		if fields["AccountId"], err = s.pair.Org().Create("Account", map[string]string{"Name": "Model GmbH"}); err == nil {
			r.id, err = s.pair.Org().Create("Contact", fields)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	r.values, _, _ = s.look(r, s.fields) // who owns it
	r.at = s.pair.Now()
	s.records, s.fresh[r] = append(s.records, r), true
	t.Logf("%s %s is entered with %v", object, r.id, r.values)
}

func (s *trial) edit(t *rapid.T) {
	s.types(t, one(t, s.those(anybody), "record"), rapid.IntRange(2, len(s.fields)-1).Draw(t, "field"))
}

// types enters a new value into a field, or clears it.
func (s *trial) types(t *rapid.T, r *modelRecord, field int) {
	s.noMerge(t)
	f, text := s.fields[field], ""
	switch {
	case f.on(r.object) == "":
		t.Skip("the record has no such field")
	case f.on(r.object) == "OwnerId":
		text = rapid.SampledFrom(s.users).Draw(t, "owner")
	case f.lead == "OwnerId":
		t.Skip("marketing sets nobody's owner")
	case rapid.IntRange(0, 3).Draw(t, "cleared") > 0:
		text = s.value(f)
	}
	if text == r.values[f.person] {
		t.Skip("it is so already")
	}
	time.Sleep(time.Second)
	if err := s.set(r, map[string]string{f.on(r.object): text}); err != nil {
		t.Fatal(err)
	}
	r.at = s.pair.Now()
	r.edited[f.person] = r.at
	if r.values[f.person] = text; text == "" {
		delete(r.values, f.person)
	}
	t.Logf("%s of %s %s becomes %q", f.person, r.object, r.id, text)
}

// calm lets all come to rest where people are about to be merged in Marketo by Doppio.
func (s *trial) calm(t *rapid.T) {
	if s.settings.mergeInMarketo {
		s.rest(t)
	}
}

// noMerge skips what would meet a merge in Marketo that Doppio is to make: what that brings along is as new as the merge, and fills what is
// blank then; when it is made, nobody can say.
func (s *trial) noMerge(t *rapid.T) {
	if s.settings.mergeInMarketo && slices.ContainsFunc(s.records, func(r *modelRecord) bool { return s.fresh[r] && r.became != nil }) {
		t.Skip("a merge in Marketo is to be made")
	}
}

func (s *trial) editBoth(t *rapid.T) {
	r := one(t, s.those(func(r *modelRecord) bool { p := s.pairOf(r); return p != nil && p.salesforce == r && !p.marketo.gone }), "record")
	field := rapid.IntRange(2, len(s.fields)-1).Draw(t, "field")
	halves := []*modelRecord{r, s.pairOf(r).marketo}
	if rapid.Bool().Draw(t, "Marketo first") {
		slices.Reverse(halves)
	}
	s.types(t, halves[0], field)
	if rapid.Bool().Draw(t, "much later") {
		time.Sleep(2 * betweenCycles)
	}
	s.types(t, halves[1], field)
}

func (s *trial) wait(t *rapid.T) {
	time.Sleep(2 * betweenCycles)
	t.Logf("time passes")
}

// rest lets all come to rest, in reality and in the model.
func (s *trial) rest(t *rapid.T) {
	s.settle(s.pair.Now())
	s.holds(t)
}

// holds lets all come to rest in reality, and holds it against the model.
func (s *trial) holds(t *rapid.T) {
	var wrong []string
	if err := s.quiet(t.Context()); err != nil {
		wrong = append(wrong, Say(err))
	}
	if refused, err := s.a.Failures(t.Context(), sampleName, ""); err != nil || len(refused) > 0 {
		wrong = append(wrong, fmt.Sprintf("refused, and nobody entered what cannot be taken: %+v (%v)", refused, err))
	}
	if wrong = append(wrong, s.differs(t.Context(), s.reality)...); len(wrong) > 0 {
		t.Fatalf("%s", strings.Join(wrong, "\n"))
	}
	clear(s.fresh)
	clear(s.left)
	t.Logf("all is quiet, and as it should be")
}

// trouble lets a cycle go wrong. Whatever became of its writes and answers, all must end where it would have ended without.
func (s *trial) trouble(t *rapid.T) {
	s.noMerge(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	at := rapid.IntRange(0, 24).Draw(t, "at")
	what := rapid.SampledFrom([]string{"is cut off before a call", "is cut off after a call", "meets a power failure", "meets hostile systems"}).Draw(t, "the cycle")
	s.settle(s.pair.Now())
	switch cut := map[int][]func(){at: {cancel}}; what {
	case "is cut off before a call":
		s.line.expect(cut, nil)
	case "is cut off after a call":
		s.line.expect(nil, cut)
	case "meets a power failure":
		s.line.power.lasts(1 + at)
	default:
		if err := s.pair.Faults("hostile"); err != nil {
			t.Fatal(err)
		}
	}
	err := s.run(ctx)
	t.Logf("a cycle %s, %d: %s", what, at, Say(err))
	s.line.expect(nil, nil)
	s.line.power.lasts(0)
	if err := s.pair.Faults("none"); err != nil {
		t.Fatal(err)
	}
	s.troubled = true
	// What was committed late stands under an older date, where only the reading that comes round every hour meets it.
	time.Sleep(time.Hour + time.Minute)
	s.holds(t)
	time.Sleep(2 * betweenCycles) // whatever is edited from here on is later than what was found out meanwhile
}
