package app

import (
	"fmt"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Sentences say in English what a rehearsal comes to: what would be written, what is lost by it, who has to decide or to mend something,
// and what it takes.
func (r Rehearsal) Sentences() []string {
	said := []string{r.sentence()}
	for _, o := range r.Overwrites.Fields[:min(len(r.Overwrites.Fields), rehearsedExamples)] {
		said = append(said, fmt.Sprintf("  %s.%s in %s loses %s.", o.Object, o.Field, sideName(o.Side), count(o.Count, "value", "values")))
	}
	for _, f := range r.Foreseen {
		said = append(said, fmt.Sprintf("  %d × would be refused by %s: %s %s: %s", f.Count, sideName(f.Side), f.Title, f.Fixer, f.Step))
	}
	for _, h := range r.Holds {
		said = append(said, fmt.Sprintf("  %s %s; doppioctl holds tells which.", count(h.Count, "decision waits", "decisions wait"), holdCause(h.Cause)))
	}
	for _, s := range r.Sides {
		said = append(said, s.sentence())
	}
	if b := r.Brake; b != nil {
		said = append(said, fmt.Sprintf("The brake stops it before the first write: %d changed and %d deleted of %d in %s are more than the %d that it allows.",
			b.Updates, b.Deletes, b.Linked, sideName(b.Side), b.Limit))
	}
	return said
}

func (r Rehearsal) sentence() string {
	var parts []string
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		for _, k := range []struct{ action, word string }{{"create", "created"}, {"update", "updated"}, {ActionLink, "given the other side's id"}, {"delete", "deleted"}, {ActionMerge, "merged"}} {
			if n := r.Count(side, k.action); n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s in %s", n, k.word, sideName(side)))
			}
		}
	}
	if len(parts) == 0 {
		return "Nothing would be written."
	}
	lost := "no value that differs is overwritten"
	if r.Overwrites.Count > 0 {
		lost = count(r.Overwrites.Count, "value that differs is", "values that differ are") + " overwritten"
	}
	return fmt.Sprintf("Live would write: %s; %s.", strings.Join(parts, ", "), lost)
}

// holdCause says of a decision what it is about.
func holdCause(cause string) string {
	switch cause {
	case "ambiguous", "contact-has-address", "taken":
		return "about who is who"
	case "conflict":
		return "about what both sides changed"
	case "unreadable":
		return "about a value that cannot be read"
	}
	return "(" + cause + ")"
}

func (s RehearsedSide) sentence() string {
	if s.Writes == 0 {
		return fmt.Sprintf("%s: nothing to write.", sideName(s.Side))
	}
	calls := count(s.Calls, "call", "calls")
	if s.Share > 0 {
		calls += fmt.Sprintf(" (%d left of today's %d)", s.Left, s.Share)
	}
	if s.TakesS < 0 {
		return fmt.Sprintf("%s: %s, %s; with so few calls a day not even a year is enough.", sideName(s.Side), count(s.Writes, "write", "writes"), calls)
	}
	return fmt.Sprintf("%s: %s, %s, about %s.", sideName(s.Side), count(s.Writes, "write", "writes"), calls, spoken(time.Duration(s.TakesS)*time.Second))
}

// Sentence says in English what became of a plan.
func (o Outcome) Sentence() string {
	said := fmt.Sprintf("Of %s that were rehearsed, %d were made as announced and %d wait or were refused.", count(o.Announced, "write", "writes"), o.AsAnnounced, o.Waiting)
	if o.Differ() > 0 {
		said += fmt.Sprintf(" %d changed since the rehearsal: %d were planned anew, %d dropped, %d added.", o.Differ(), o.Changed, o.Dropped, o.Added)
	}
	return said
}
