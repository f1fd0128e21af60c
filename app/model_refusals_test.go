package app

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
)

// refuse has marketing enter what Salesforce does not take, beside another edit. Nothing of it gets there, and that is shown, until the value
// is corrected or Doppio is told to try again once Salesforce takes it; what sales edits meanwhile travels as always.
func (s *trial) refuse(t *rapid.T) {
	s.rest(t)
	r := one(t, s.those(func(r *modelRecord) bool {
		p := s.pairOf(r)
		return p != nil && p.salesforce == r && !p.frozen && len(p.held)+len(p.left) == 0
	}), "record")
	p := s.pairOf(r)
	bad := rapid.SampledFrom([]map[string]string{{"firstName": strings.Repeat("too long ", 5)}, {"lastName": ""}}).Draw(t, "refused")
	title, score := s.fields[2], s.fields[7]
	lead, person := s.value(score), s.value(title)
	time.Sleep(time.Minute)
	was := map[string]string{}
	for name := range bad {
		was[name] = p.marketo.values[name]
	}
	edit := func(r *modelRecord, fields map[string]string) {
		if err := s.set(r, fields); err != nil {
			t.Fatal(err)
		}
	}
	edit(p.marketo, bad)
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
	if len(failures) != 1 || failures[0].Count != 1 || failures[0].Side != record.Salesforce || ours[title.person] != r.values[title.person] || theirs[score.person] != lead {
		t.Fatalf("%v of %s is refused: %+v; the title is %q, the score %q", bad, p.marketo.id, failures, ours[title.person], theirs[score.person])
	}
	edit(p.marketo, was)
	t.Logf("%v of %s %s was refused, and is corrected", bad, p.marketo.object, p.marketo.id)
	for _, half := range []*modelRecord{p.salesforce, p.marketo} {
		half.at = s.pair.Now()
		half.values[title.person], half.values[score.person] = person, lead
	}
	p.agreed[title.person], p.agreed[score.person] = person, lead
	s.rest(t)
}
