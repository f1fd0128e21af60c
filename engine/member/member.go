// Package member knows how a program of Marketo and a campaign of Salesforce go together: which statuses their members have
// on both sides, and how a member of the one is named as a member of the other. Statuses as both sides list them flow in;
// pairs, and what keeps two from being one, flow out. It talks to nobody and remembers nothing.
package member

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Progression is a status of a program's channel. A member moves from lower steps to higher ones, never back.
type Progression struct {
	Name    string
	Step    int
	Success bool
}

// Label is a status that the members of a campaign may have.
type Label struct {
	Name      string
	Responded bool
}

// Status is a status that both sides have under one name.
type Status struct {
	Name      string `json:"name"`
	Step      int    `json:"step"`
	Success   bool   `json:"success,omitempty"`
	Responded bool   `json:"responded,omitempty"`
}

// Pair is a program and the one campaign that it goes together with.
type Pair struct {
	Program      int64     `json:"program"`
	ProgramName  string    `json:"program_name"`
	Channel      string    `json:"channel"`
	Campaign     record.ID `json:"campaign"`
	CampaignName string    `json:"campaign_name"`
	Statuses     []Status  `json:"statuses"` // in the order of their steps
	Since        time.Time `json:"since"`
	// Checked is when the statuses were last compared.
	Checked time.Time `json:"checked"`
}

// Step is the step of a status; ok is false for one that the pair does not have.
func (p Pair) Step(status string) (step int, ok bool) {
	for _, s := range p.Statuses {
		if s.Name == status {
			return s.Step, true
		}
	}
	return 0, false
}

// Back reports whether Marketo would refuse to move a member from one status to another: it never goes back, and between
// two statuses of one step it does not move either (Marketo REST API, Program Members).
func (p Pair) Back(from, to string) bool {
	before, known := p.Step(from)
	after, wanted := p.Step(to)
	return known && wanted && from != to && after <= before
}

// Difference is what keeps a program and a campaign from going together.
type Difference struct {
	OnlyProgram  []string `json:"only_program"`
	OnlyCampaign []string `json:"only_campaign"`
	// Nearly are statuses that differ in capitals or blanks only: the program's name, then the campaign's. They stand in the
	// other two lists as well.
	Nearly [][2]string `json:"nearly,omitempty"`
	// Success are the statuses that are a success in Marketo and no response in Salesforce, or the other way round. They keep
	// nothing from going together.
	Success []string `json:"success,omitempty"`
}

// Apart reports whether the statuses differ, so that nothing can be linked.
func (d Difference) Apart() bool { return len(d.OnlyProgram)+len(d.OnlyCampaign) > 0 }

// Compare holds the statuses of both sides against each other, name by name, letter by letter. The statuses that both have
// come in the order of their steps.
func Compare(program []Progression, campaign []Label) (both []Status, d Difference) {
	labels := map[string]Label{}
	for _, l := range campaign {
		labels[l.Name] = l
	}
	seen := map[string]bool{}
	for _, p := range program {
		l, ok := labels[p.Name]
		seen[p.Name] = true
		if !ok {
			d.OnlyProgram = append(d.OnlyProgram, p.Name)
			continue
		}
		both = append(both, Status{p.Name, p.Step, p.Success, l.Responded})
		if p.Success != l.Responded {
			d.Success = append(d.Success, p.Name)
		}
	}
	for _, l := range campaign {
		if !seen[l.Name] {
			d.OnlyCampaign = append(d.OnlyCampaign, l.Name)
		}
	}
	for _, p := range d.OnlyProgram {
		for _, c := range d.OnlyCampaign {
			if folded(p) == folded(c) {
				d.Nearly = append(d.Nearly, [2]string{p, c})
			}
		}
	}
	slices.SortStableFunc(both, func(a, b Status) int { return a.Step - b.Step })
	return both, d
}

func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Key names the membership of a person of Marketo in a program, in the way in which the other ids of Marketo are stored.
func Key(program int64, person record.ID) record.ID {
	return record.ID(keyPrefix + strconv.FormatInt(program, 10) + "." + string(person))
}

const keyPrefix = "m"

// ParseKey reads what Key wrote.
func ParseKey(key record.ID) (program int64, person record.ID, ok bool) {
	text, isKey := strings.CutPrefix(string(key), keyPrefix)
	number, id, parted := strings.Cut(text, ".")
	program, err := strconv.ParseInt(number, 10, 64)
	if _, notAPerson := record.ID(id).Number(); !isKey || !parted || err != nil || notAPerson != nil {
		return 0, "", false
	}
	return program, record.ID(id), true
}
