package app

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
)

// refuse has marketing enter what Salesforce does not take, beside another edit. That one gets there at once, and so does what is edited next on
// either side; what was refused does not, and is shown as one failure that names its field, until the value is corrected.
func (s *trial) refuse(t *rapid.T) {
	s.rest(t)
	r := one(t, s.those(func(r *modelRecord) bool {
		p := s.pairOf(r)
		return p != nil && p.salesforce == r && !p.frozen && len(p.held)+len(p.left) == 0
	}), "record")
	p := s.pairOf(r)
	bad := rapid.SampledFrom([]string{"firstName", "lastName"}).Draw(t, "refused")
	named, was := map[string]string{"firstName": "FirstName", "lastName": "LastName"}[bad], p.marketo.values[bad]
	title, score := s.fields[2], s.fields[7]
	edit := func(r *modelRecord, fields map[string]string) {
		if err := s.set(r, fields); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Minute)
	edit(p.marketo, map[string]string{bad: map[string]string{"firstName": strings.Repeat("too long ", 5)}[bad]})
	for range rapid.IntRange(1, 2).Draw(t, "edits beside it") {
		person, lead := s.value(title), s.value(score)
		edit(p.marketo, map[string]string{title.person: person})
		edit(p.salesforce, map[string]string{score.on(r.object): lead})
		if err := s.quiet(t.Context()); err != nil {
			t.Fatal(Say(err))
		}
		failures, err := s.a.Failures(t.Context(), sampleName, "")
		if err != nil {
			t.Fatal(Say(err))
		}
		ours, _, _ := s.look(p.salesforce, s.fields)
		theirs, _, _ := s.look(p.marketo, s.fields)
		if len(failures) != 1 || failures[0].Count != 1 || failures[0].Side != record.Salesforce || strings.Join(failures[0].Fields, ",") != named {
			t.Fatalf("%s of %s is refused: %+v", bad, p.marketo.id, failures)
		}
		if ours[bad] != was || ours[title.person] != person || theirs[score.person] != lead {
			t.Fatalf("%s of %s is refused: in Salesforce it is %q, the title %q, wanted %q and %q; the score in Marketo is %q, wanted %q",
				bad, p.marketo.id, ours[bad], ours[title.person], was, person, theirs[score.person], lead)
		}
		for _, half := range []*modelRecord{p.salesforce, p.marketo} {
			half.values[title.person], half.values[score.person] = person, lead
		}
		p.agreed[title.person], p.agreed[score.person] = person, lead
		time.Sleep(time.Minute)
	}
	edit(p.marketo, map[string]string{bad: was})
	t.Logf("%s of %s %s was refused, and is corrected", bad, p.marketo.object, p.marketo.id)
	for _, half := range []*modelRecord{p.salesforce, p.marketo} {
		half.at = s.pair.Now()
	}
	s.rest(t)
}
