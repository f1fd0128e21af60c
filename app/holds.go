package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// Hold is a decision that waits for a person.
type Hold struct {
	ID         int64         `json:"id,omitempty"` // 0: a brake
	Cause      string        `json:"cause"`
	Object     record.Object `json:"object,omitempty"`
	Salesforce record.ID     `json:"salesforce,omitempty"`
	Marketo    record.ID     `json:"marketo,omitempty"`
	Field      string        `json:"field,omitempty"`
	Since      time.Time     `json:"since"`
	// Values are what the two sides say, for a conflict. They are people's data, shown because the user asked.
	Values     *Values     `json:"values,omitempty"`
	Candidates []Candidate `json:"candidates,omitempty"`
	Sentence   string      `json:"sentence"`
	Choices    string      `json:"choices"`
}

// Candidate is a record that may be meant.
type Candidate struct {
	Object record.Object `json:"object"`
	ID     record.ID     `json:"id"`
}

// Values are what two sides say.
type Values struct {
	Salesforce string `json:"salesforce"`
	Marketo    string `json:"marketo"`
}

// holdsAtMost is how many holds are listed.
const holdsAtMost = 500

// Holds lists open decisions, the oldest first.
func (a *App) Holds(ctx context.Context, name string) (list []Hold, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		holds, err := w.Holds(ctx, 0, holdsAtMost)
		if err != nil {
			return err
		}
		if list, err = describeHolds(ctx, w, holds); err != nil {
			return err
		}
		stop, err := brakedIn(ctx, w)
		if err != nil || stop == nil {
			return err
		}
		names, err := makerNames(ctx, w)
		list = append(list, braked(*stop, names))
		return err
	})
	return list, err
}

// braked is the decision that a brake asks for. It has no number: resuming decides it.
func braked(b cycle.Braked, names named) Hold {
	what := fmt.Sprintf("changed %d and deleted %d of %d linked people in %s", b.Updates, b.Deletes, b.Linked, sideName(b.Side))
	if b.Twins {
		what = fmt.Sprintf("removed %d of %d records from %s that are gone in %s", b.Deletes, b.Linked, sideName(b.Side), sideName(b.Side.Other()))
	}
	sentence := fmt.Sprintf("Cycle %d would have %s, more than the %d that the brake allows, and stopped before its first write.", b.Cycle, what, b.Limit)
	if b.Field != "" {
		sentence += " Most of it is about " + b.Field + "."
	}
	if b.By != "" {
		sentence += " Most of it was made by " + names.of(b.By) + "."
	}
	return Hold{Cause: "brake", Since: b.At.UTC(), Sentence: sentence, Choices: "look at the plan with doppioctl sync --rehearse; go on with doppioctl sync --resume"}
}

// brakedIn is the stop that waits for a person's word, nil when none does.
func brakedIn(ctx context.Context, w *store.Workspace) (*cycle.Braked, error) {
	text, err := w.Setting(ctx, cycle.BrakeSetting)
	if err != nil || text == "" {
		return nil, err
	}
	stop := new(cycle.Braked)
	return stop, decodeFact(text, stop)
}

func describeHolds(ctx context.Context, w *store.Workspace, holds []cycle.Hold) ([]Hold, error) {
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return nil, err
	}
	mapping = cycle.Shown(mapping)
	makers, err := makerNames(ctx, w)
	if err != nil {
		return nil, err
	}
	links := make([]cycle.LinkID, len(holds))
	for i, h := range holds {
		links[i] = h.Link
	}
	known, err := w.KnownLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	list := make([]Hold, len(holds))
	for i, h := range holds {
		list[i] = describeHold(h, known[i].Link, mapping, makers)
	}
	return list, nil
}

// flipFlop says who sets a field back and forth, as far as the sides tell.
func flipFlop(h cycle.Hold, l cycle.Link, field string, makers named) string {
	s := fmt.Sprintf("%s %s: %s goes back and forth between the two sides, so it is not written any more.", l.Object, l.Salesforce, field)
	for _, c := range h.Candidates {
		by := cycle.Maker(c.ID)
		side := "Marketo"
		if strings.HasPrefix(string(by), "user ") {
			side = "Salesforce"
		}
		s += fmt.Sprintf(" In %s it was set by %s.", side, makers.of(by))
	}
	return s + " Switch one of the two off before you decide."
}

// describeHold says what waits and how it can be decided.
func describeHold(h cycle.Hold, l cycle.Link, m schema.Mapping, makers named) Hold {
	out := Hold{ID: h.ID, Cause: h.Cause, Object: l.Object, Salesforce: l.Salesforce, Marketo: l.Marketo, Since: h.Since.UTC()}
	if h.Field == cycle.CarriedID {
		out.Sentence = fmt.Sprintf("%s %s lacks the id of person %s in Marketo: a lead that was converted or a record that the filter keeps out has it, and it is unique. Everything else travels; Doppio goes by its own file.", l.Object, l.Salesforce, l.Marketo)
		return out
	}
	if h.Field != cycle.NoField {
		out.Field = fieldName(m, l.Object, h.Field)
		out.Values = &Values{h.Salesforce.Text(), h.Marketo.Text()}
		out.Sentence = fmt.Sprintf("%s %s: both sides changed %s.", l.Object, l.Salesforce, out.Field)
		if h.Cause == cycle.FlipFlop {
			out.Sentence = flipFlop(h, l, out.Field, makers)
		}
		out.Choices = fmt.Sprintf("--take salesforce (%q) or --take marketo (%q)", h.Salesforce.Text(), h.Marketo.Text())
		return out
	}
	who := fmt.Sprintf("%s %s", l.Object, firstID(l))
	out.Choices = "--link ID, --create or --skip"
	if h.Cause == cycle.TwoPeople {
		out.Choices = "--merge (in Marketo, for good) or --skip (leave both)"
	}
	switch h.Cause {
	case "contact-has-address":
		out.Sentence = who + " has the address of a contact. The contact is linked; the lead waits."
	case "taken":
		out.Sentence = who + " belongs to somebody who is linked with another record already."
	case cycle.TwoPeople:
		out.Sentence = fmt.Sprintf("%s became one record with another one in Salesforce. Their people in Marketo are still two: %s is linked with nobody any more.", who, l.Marketo)
	case "unreadable":
		out.Sentence = who + " has a value that cannot be read in the type of its field. Correct it at its source."
	default:
		out.Sentence = who + " shares its address with others, so nobody can tell who is who."
	}
	var others []string
	for _, c := range h.Candidates {
		out.Candidates = append(out.Candidates, Candidate(c))
		others = append(others, fmt.Sprintf("%s %s", c.Object, c.ID))
	}
	if len(others) > 0 {
		out.Sentence += " Others: " + strings.Join(others, ", ") + "."
	}
	return out
}

func firstID(l cycle.Link) record.ID {
	if l.Salesforce != "" {
		return l.Salesforce
	}
	return l.Marketo
}

func fieldName(m schema.Mapping, object record.Object, number uint16) string {
	if number == cycle.Flag {
		return "the flag for deleted records"
	}
	if number == cycle.OutFlag {
		return "the filter's checkbox"
	}
	o, _ := m.Object(object)
	if f, ok := o.Numbered(number); ok {
		return f.Salesforce
	}
	return fmt.Sprintf("field %d", number)
}

// Decision is how a hold is decided; exactly one of its fields is set.
type Decision struct {
	Take   record.Side
	Link   record.ID
	Create bool
	Skip   bool
	// Merge merges two people in Marketo whose records became one in Salesforce.
	Merge bool
}

// Resolve decides a hold. It takes effect in the next cycle; the value that loses stays in the history.
func (a *App) Resolve(ctx context.Context, name string, hold int64, d Decision) error {
	return a.within(ctx, name, func(w *store.Workspace) error {
		h, err := w.HoldByID(ctx, hold)
		if errors.Is(err, store.ErrNotFound) {
			return inputf("there is no open hold %d; doppioctl holds lists them", hold)
		}
		if err != nil {
			return err
		}
		mapping, err := mappingOf(ctx, w)
		if err != nil {
			return err
		}
		mapping = cycle.Shown(mapping)
		known, err := w.KnownLinks(ctx, []cycle.LinkID{h.Link})
		if err != nil {
			return err
		}
		var chosen cycle.Known
		if d.Link != "" {
			side, id := record.Salesforce, d.Link
			if known[0].Link.Salesforce != "" {
				side = record.Marketo
			} else if long, err := record.LongID(string(id)); err == nil {
				id = long
			}
			found, err := w.Known(ctx, side, []record.ID{id})
			if err != nil {
				return err
			}
			chosen = found[0]
		}
		steps, err := cycle.Decide(mapping, known[0], chosen, h, cycle.Choice{Take: d.Take, Link: d.Link, Create: d.Create, Skip: d.Skip, Merge: d.Merge}, a.world.now())
		if err != nil {
			return inputf("%v", err)
		}
		return w.CommitPage(ctx, cycle.Page{Steps: steps, At: a.world.now()})
	})
}
