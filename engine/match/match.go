// Package match says which records are the same person. It never guesses: stored ids decide first (the caller asks for
// them), then an address that exactly one record of a kind carries on each side. Everything else waits for a person.
package match

import "github.com/doppio-sync/doppio/engine/record"

// Verdict is what is to be done with one Salesforce record of a group that shares an address.
type Verdict uint8

// The verdicts.
const (
	// Pair: the record and Partner are the same person.
	Pair Verdict = iota + 1
	// New: the other side has nobody with this address.
	New
	// Ambiguous: several records of one kind carry the address; nothing is linked or created until a person decides.
	Ambiguous
	// Shadowed: a contact carries the lead's address; the contact is linked and the lead waits.
	Shadowed
)

// Decision is the verdict on one record.
type Decision struct {
	Record     record.Ref
	Verdict    Verdict
	Partner    record.Ref   // of a Pair
	Candidates []record.Ref // of an Ambiguous or Shadowed one: who else carries the address
}

// Group decides all Salesforce records of one address, and the Marketo people that carry it. A record without an
// address comes in a group of its own. A Marketo person of a group without any Salesforce record is New.
func Group(salesforce, marketo []record.Ref) []Decision {
	var contacts, leads []record.Ref
	for _, r := range salesforce {
		if r.Object == record.Contact {
			contacts = append(contacts, r)
		} else {
			leads = append(leads, r)
		}
	}
	switch {
	case len(salesforce) == 0 && len(marketo) == 1:
		return []Decision{{Record: marketo[0], Verdict: New}}
	case len(contacts) > 1 || len(leads) > 1 || len(marketo) > 1:
		return ambiguous(salesforce, marketo)
	}
	var decisions []Decision
	first := leads
	if len(contacts) == 1 {
		first = contacts
		for _, lead := range leads {
			decisions = append(decisions, Decision{Record: lead, Verdict: Shadowed, Candidates: contacts})
		}
	}
	for _, r := range first {
		d := Decision{Record: r, Verdict: New}
		if len(marketo) == 1 {
			d.Verdict, d.Partner = Pair, marketo[0]
		}
		decisions = append(decisions, d)
	}
	return decisions
}

// maxCandidates bounds what a hold lists: a role address can be on thousands of records.
const maxCandidates = 20

func ambiguous(salesforce, marketo []record.Ref) []Decision {
	var decisions []Decision
	for i, r := range salesforce {
		var others []record.Ref
		for j, other := range salesforce {
			if i != j && len(others) < maxCandidates {
				others = append(others, other)
			}
		}
		for _, other := range marketo {
			if len(others) < maxCandidates {
				others = append(others, other)
			}
		}
		decisions = append(decisions, Decision{Record: r, Verdict: Ambiguous, Candidates: others})
	}
	return decisions
}
