package marketo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

// Whoever has nothing to be found by is not sent: Marketo would skip the row. The others of the same call are.
func TestKeyless(t *testing.T) {
	s := &saver{t: t}
	client := newClient(t, &side{t: t, answer: s.answer})
	results, err := client.WritePeople(t.Context(), record.Push, []marketo.Write{{Key: 1, LookupField: "email"}, {Key: 2, LookupField: "email", LookupValue: "ada@example.com"}})
	if err != nil || len(results) != 2 {
		t.Fatalf("%+v, %v", results, err)
	}
	if e := results[0].Err; results[0].Key != 1 || e == nil || e.Code() != "NO_KEY" || !strings.Contains(e.Sentence().Text, "no email address") {
		t.Errorf("without a key: %+v", results[0])
	}
	if results[1].Err != nil || !results[1].Created || !slices.Equal(s.sizes, []int{1}) {
		t.Errorf("with one: %+v, sent in %v", results[1], s.sizes)
	}
}
