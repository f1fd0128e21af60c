package app

import (
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/store"
)

// What a decision was about is told in words, and not by the name that the engine has for it.
func TestADecisionIsToldInWords(t *testing.T) {
	for _, cause := range []string{"contact-has-address", "taken", "conflict", "unreadable", "ambiguous", cycle.FlipFlop, cycle.TwoPeople} {
		e := explainEvent(store.Event{Event: cycle.Event{Kind: "held", Field: cycle.NoField, Detail: cause}}, "")
		if said := e.Sentence; !strings.HasPrefix(said, "It waited for a person's decision: ") || strings.Contains(said, "("+cause+")") {
			t.Errorf("%s: %q", cause, said)
		}
	}
}
