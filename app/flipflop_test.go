package app

import (
	"strings"
	"testing"
	"testing/synctest"
)

// A field that a rule on each side keeps setting back is held after the third turn: nothing more is written, and whoever set it on either
// side is named. Two people who disagree once or twice are none.
func TestAFieldThatGoesBackAndForthIsHeld(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		rules, people := s.born(tale{}), s.born(tale{})
		s.sync()
		s.sync()
		rules.find()
		people.find()
		s.setPerson(rules.person, "title", "Marketing's")
		turns := 0
		for i := range 10 {
			s.sync()
			if i < 2 {
				s.set(people.lead, "Title", []string{"Buyer", "Chief buyer"}[i])
			}
			if title, _ := s.salesforce(rules.lead, "Title"); title == "Marketing's" {
				s.set(rules.lead, "Title", "Sales's")
				turns++
			}
			if title, _ := s.marketo(rules.person, "title"); title == "Sales's" {
				s.setPerson(rules.person, "title", "Marketing's")
				turns++
			}
		}
		if turns != 3 {
			t.Errorf("the field was set back %d times", turns)
		}
		holds, err := s.a.Holds(t.Context(), sampleName)
		s.must(err)
		if len(holds) != 1 || holds[0].Cause != "flip-flop" || holds[0].Field != "Title" {
			t.Fatalf("the decisions that wait: %+v", holds)
		}
		if !strings.Contains(holds[0].Sentence, "In Salesforce it was set by ") || strings.Contains(holds[0].Sentence, "user 005") {
			t.Errorf("who it was is not named: %s", holds[0].Sentence)
		}
		if h := holds[0].Values; h.Salesforce == h.Marketo {
			t.Errorf("the two sides hold %q and %q", h.Salesforce, h.Marketo)
		}
		if title, _ := s.marketo(people.person, "title"); title != "Chief buyer" {
			t.Errorf("the other person's title is %q in Marketo", title)
		}
	})
}
