package match_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/match"
	"github.com/doppio-sync/doppio/engine/record"
)

func TestGroup(t *testing.T) {
	lead, lead2 := record.Ref{Object: record.Lead, ID: "L1"}, record.Ref{Object: record.Lead, ID: "L2"}
	contact, contact2 := record.Ref{Object: record.Contact, ID: "C1"}, record.Ref{Object: record.Contact, ID: "C2"}
	person, person2 := record.Ref{Object: record.Person, ID: "1"}, record.Ref{Object: record.Person, ID: "2"}
	type refs = []record.Ref
	rows := []struct {
		name   string
		sf, mk refs
		want   []match.Decision
	}{
		{"a lead and a person", refs{lead}, refs{person}, []match.Decision{{Record: lead, Verdict: match.Pair, Partner: person}}},
		{"a lead alone", refs{lead}, nil, []match.Decision{{Record: lead, Verdict: match.New}}},
		{"a person alone", nil, refs{person}, []match.Decision{{Record: person, Verdict: match.New}}},
		{"a lead and a contact: the contact is linked, the lead waits", refs{lead, contact}, refs{person}, []match.Decision{
			{Record: lead, Verdict: match.Shadowed, Candidates: refs{contact}}, {Record: contact, Verdict: match.Pair, Partner: person}}},
		{"a lead and a contact that Marketo lacks", refs{lead, contact}, nil, []match.Decision{
			{Record: lead, Verdict: match.Shadowed, Candidates: refs{contact}}, {Record: contact, Verdict: match.New}}},
		{"two leads", refs{lead, lead2}, refs{person}, []match.Decision{
			{Record: lead, Verdict: match.Ambiguous, Candidates: refs{lead2, person}}, {Record: lead2, Verdict: match.Ambiguous, Candidates: refs{lead, person}}}},
		{"two contacts and a lead", refs{contact, contact2, lead}, nil, []match.Decision{
			{Record: contact, Verdict: match.Ambiguous, Candidates: refs{contact2, lead}},
			{Record: contact2, Verdict: match.Ambiguous, Candidates: refs{contact, lead}},
			{Record: lead, Verdict: match.Ambiguous, Candidates: refs{contact, contact2}}}},
		{"two people", refs{lead}, refs{person, person2}, []match.Decision{{Record: lead, Verdict: match.Ambiguous, Candidates: refs{person, person2}}}},
		{"two people without anybody in Salesforce", nil, refs{person, person2}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, match.Group(row.sf, row.mk)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
