package app

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// settled are those to whom nothing but edits happened since all was quiet.
func (s *trial) settled(object ...record.Object) []*modelRecord {
	return s.those(func(r *modelRecord) bool {
		return slices.Contains(object, r.object) && !s.fresh[r] && !s.fresh[s.partner(r)] && !s.stirs(r)
	})
}

// inside are those of them whom the filter has never kept out.
func (s *trial) inside(object record.Object) []*modelRecord {
	return slices.DeleteFunc(s.settled(object), func(r *modelRecord) bool { return r.out || s.partner(r).out })
}

// stirs tells whether somebody with the record's address came or went since all was quiet.
func (s *trial) stirs(r *modelRecord) bool {
	address := r.email()
	return s.left[address] || address != "" && slices.ContainsFunc(s.records, func(other *modelRecord) bool { return s.fresh[other] && other.email() == address })
}

// goes notes that something happens to a record beside edits.
func (s *trial) goes(r *modelRecord) {
	s.fresh[r] = true
	if address := r.email(); address != "" {
		s.left[address] = true
	}
}

func (s *trial) delete(t *rapid.T) {
	r := one(t, s.settled(record.Lead, record.Contact, record.Person), "record")
	var err error
	if r.object == record.Person {
		err = s.pair.Instance().Delete(r.id)
	} else {
		err = s.pair.Org().Delete(r.id)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.goes(r)
	r.gone = true
	t.Logf("%s %s is deleted", r.object, r.id)
}

func (s *trial) undelete(t *rapid.T) {
	var binned []*modelRecord
	for _, r := range s.records {
		if r.gone && r.became == nil && r.object != record.Person && r.id != "" && !s.fresh[r] && !s.fresh[s.former(r)] && !s.stirs(r) {
			binned = append(binned, r)
		}
	}
	r := one(t, binned, "record")
	if err := s.pair.Org().Undelete(r.id); err != nil {
		t.Skipf("%s: another record has its person by now, or the org has it no longer", err)
	}
	s.goes(r)
	r.gone = false
	if person := s.former(r); person != nil {
		s.goes(person)
	}
	r.at = s.pair.Now()
	t.Logf("%s %s is taken back", r.object, r.id)
}

// former is the person with whom a deleted record was a pair.
func (s *trial) former(r *modelRecord) *modelRecord {
	for _, p := range s.pairs {
		if p.salesforce == r {
			return p.marketo
		}
	}
	return nil
}

func (s *trial) convert(t *rapid.T) {
	s.calm(t)
	lead := one(t, s.inside(record.Lead), "lead")
	var into org.Conversion
	contact := &modelRecord{object: record.Contact, edited: map[string]time.Time{}}
	if contacts := s.inside(record.Contact); len(contacts) > 0 && rapid.Bool().Draw(t, "into a contact that is there") {
		contact = one(t, contacts, "contact")
		into.Contact = contact.id
		s.pair.Org().Look("Contact", contact.id, func(get func(string) (string, bool)) { into.Account, _ = get("AccountId") })
	}
	made, err := s.pair.Org().ConvertInto(lead.id, into)
	if err != nil {
		t.Fatal(err)
	}
	if contact.id == "" {
		contact.id = made.Contact
		s.records = append(s.records, contact)
	}
	s.becomes(t, lead, contact)
}

func (s *trial) merge(t *rapid.T) {
	s.calm(t)
	object := rapid.SampledFrom([]record.Object{record.Lead, record.Contact, record.Person}).Draw(t, "object")
	those := s.inside(object)
	winner := one(t, those, "winner")
	loser := one(t, slices.DeleteFunc(those, func(r *modelRecord) bool { return r == winner }), "loser")
	merge := s.pair.Org().Merge
	if object == record.Person {
		merge = s.pair.Instance().Merge
	}
	if err := merge(winner.id, loser.id); err != nil {
		t.Fatal(err)
	}
	if _, _, there := s.look(winner, s.fields); !there { // Marketo itself chooses who wins
		winner, loser = loser, winner
	}
	s.becomes(t, loser, winner)
}

// becomes notes that a record went up in another one, whose values are what the side made of it.
func (s *trial) becomes(t *rapid.T, loser, winner *modelRecord) {
	s.goes(loser)
	s.goes(winner)
	loser.gone, loser.became = true, winner
	before := winner.values
	winner.values, winner.marked, _ = s.look(winner, s.fields)
	winner.at = s.stamp(winner)
	for name, text := range winner.values {
		if before[name] != text {
			winner.edited[name] = winner.at
		}
	}
	s.goes(winner)
	t.Logf("%s %s becomes %s %s with %v", loser.object, loser.id, winner.object, winner.id, winner.values)
}
