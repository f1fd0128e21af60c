package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// metaPairs is the setting of the programs and campaigns that go together, sealed: names may speak of people.
const metaPairs = "pairs"

// LinkedPair is a program and the campaign that it goes together with, as people see it.
type LinkedPair struct {
	Program      int64    `json:"program"`
	ProgramName  string   `json:"program_name"`
	Campaign     string   `json:"campaign"`
	CampaignName string   `json:"campaign_name"`
	Statuses     []string `json:"statuses"`
}

func linkedPair(p member.Pair) LinkedPair {
	l := LinkedPair{Program: p.Program, ProgramName: p.ProgramName, Campaign: string(p.Campaign), CampaignName: p.CampaignName, Statuses: []string{}}
	for _, s := range p.Statuses {
		l.Statuses = append(l.Statuses, s.Name)
	}
	return l
}

// PairPreview says what linking a program with a campaign would do, or did.
type PairPreview struct {
	LinkedPair
	// Linked reports whether they go together from now on.
	Linked bool `json:"linked"`
	// Members are counted as they stand before.
	Members MemberCounts `json:"members"`
	// Warnings are what does not keep them apart and should be known.
	Warnings []string `json:"warnings"`
}

// MemberCounts are the members of a program and a campaign, as they stand when they are compared.
type MemberCounts struct {
	Program  int `json:"program"`
	Campaign int `json:"campaign"`
	Both     int `json:"both"`
	// Differing are in both with different statuses.
	Differing int `json:"differing"`
	// ToProgram and ToCampaign are linked people who are in one only.
	ToProgram  int `json:"to_program"`
	ToCampaign int `json:"to_campaign"`
	// Waiting are members whom the other system does not know: they join when they are linked.
	WaitingProgram  int `json:"waiting_program"`
	WaitingCampaign int `json:"waiting_campaign"`
	// Leads are those of WaitingProgram of whom the workspace makes leads in Salesforce.
	Leads int `json:"leads"`
}

// Sentence says it in English.
func (p PairPreview) Sentence() string {
	m := p.Members
	text := fmt.Sprintf("Program %d “%s” and campaign %s “%s”: %d and %d members, %d in both, %d of those with different statuses. %d join the campaign, %d join the program, %d wait until they are linked.",
		p.Program, p.ProgramName, p.Campaign, p.CampaignName, m.Program, m.Campaign, m.Both, m.Differing, m.ToCampaign, m.ToProgram, m.WaitingProgram+m.WaitingCampaign)
	if m.Leads > 0 {
		text += fmt.Sprintf(" This workspace makes leads of people who are in Marketo only: %d of them are members.", m.Leads)
	}
	return text
}

// pairsOf reads the linked pairs of a workspace.
func pairsOf(ctx context.Context, w *store.Workspace) (pairs []member.Pair, err error) {
	text, err := w.Setting(ctx, metaPairs)
	if err != nil {
		return nil, err
	}
	plain, err := w.Unseal(metaPairs, text)
	if err != nil || plain == nil {
		return nil, err
	}
	if err := json.Unmarshal(plain, &pairs); err != nil {
		return nil, fmt.Errorf("the linked programs cannot be read: %w", err)
	}
	return pairs, nil
}

func keepPairs(ctx context.Context, w *store.Workspace, pairs []member.Pair) error {
	plain, err := json.Marshal(pairs)
	if err != nil {
		return fmt.Errorf("keep the linked programs: %w", err)
	}
	sealed, err := w.Seal(metaPairs, plain)
	if err != nil {
		return err
	}
	return w.SetSetting(ctx, metaPairs, sealed)
}

// Pairs lists the programs that are linked with campaigns.
func (a *App) Pairs(ctx context.Context, name string) (list []LinkedPair, err error) {
	list = []LinkedPair{}
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		pairs, err := pairsOf(ctx, w)
		for _, p := range pairs {
			list = append(list, linkedPair(p))
		}
		return err
	})
	return list, err
}

// LinkPair makes a program and a campaign go together, each named by its id or its name. Their statuses must be alike, name by
// name: otherwise the error, an ErrInput, lists what differs and what to do. confirm is shown what it will do, and nothing is
// kept unless it says yes; nil asks nobody and keeps nothing.
func (a *App) LinkPair(ctx context.Context, name, program, campaign string, confirm func(PairPreview) (bool, error)) (p PairPreview, err error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var pair member.Pair
	err = s.counted(ctx, func(ctx context.Context) error {
		if pair, p.Warnings, err = s.comparedPair(ctx, program, campaign); err != nil {
			return err
		}
		p.LinkedPair = linkedPair(pair)
		p.Members, err = s.countMembers(ctx, pair)
		return err
	})
	if err != nil || confirm == nil {
		return p, err
	}
	if yes, err := confirm(p); err != nil || !yes {
		return p, err
	}
	pairs, err := pairsOf(ctx, s.ws)
	if err != nil {
		return p, err
	}
	if err := keepPairs(ctx, s.ws, append(pairs, pair)); err != nil {
		return p, err
	}
	p.Linked = true
	return p, nil
}

// UnlinkPair ends that a program and its campaign go together; members stay where they are. The program is named by its id or
// its name.
func (a *App) UnlinkPair(ctx context.Context, name, program string) (was LinkedPair, err error) {
	err = a.within(ctx, name, func(w *store.Workspace) error {
		pairs, err := pairsOf(ctx, w)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(pairs, func(p member.Pair) bool {
			return strconv.FormatInt(p.Program, 10) == program || p.ProgramName == program
		})
		if i < 0 {
			return inputf("program %q is linked with no campaign; doppioctl mapping %q link lists those that are", program, name)
		}
		was = linkedPair(pairs[i])
		return keepPairs(ctx, w, slices.Delete(pairs, i, i+1))
	})
	return was, err
}

// comparedPair finds both and holds their statuses against each other.
func (s *session) comparedPair(ctx context.Context, program, campaign string) (p member.Pair, warnings []string, err error) {
	warnings = []string{}
	found, ok, err := s.mk.Program(ctx, program)
	if err != nil {
		return p, nil, err
	}
	if !ok {
		return p, nil, inputf("Marketo has no program %q: give its number, or its name as it is written there", program)
	}
	if p, err = s.findCampaign(ctx, campaign); err != nil {
		return p, nil, err
	}
	p.Program, p.ProgramName, p.Channel = found.ID, found.Name, found.Channel
	p.Since, p.Checked = s.app.world.now(), s.app.world.now()
	pairs, err := pairsOf(ctx, s.ws)
	if err != nil {
		return p, nil, err
	}
	for _, other := range pairs {
		switch {
		case other.Program == p.Program && other.Campaign == p.Campaign:
			return p, nil, inputf("program %d and campaign %s are linked already", p.Program, p.Campaign)
		case other.Program == p.Program:
			return p, nil, inputf("program %d is linked with campaign %s “%s” already; a program goes together with one campaign: doppioctl mapping %q link %d --remove ends it", p.Program, other.Campaign, other.CampaignName, s.name, p.Program)
		case other.Campaign == p.Campaign:
			return p, nil, inputf("campaign %s is linked with program %d “%s” already; a campaign goes together with one program: doppioctl mapping %q link %d --remove ends it", p.Campaign, other.Program, other.ProgramName, s.name, other.Program)
		}
	}
	if found.Campaign != "" {
		warnings = append(warnings, fmt.Sprintf("Marketo's own sync keeps this program together with campaign %s. Switch that off before going live, or both will write.", found.Campaign))
	}
	both, d, err := s.compareStatuses(ctx, p)
	if err != nil {
		return p, nil, err
	}
	if d.Apart() {
		return p, nil, &InputError{Text: apart(p, d) + " Nothing was linked."}
	}
	for _, name := range d.Success {
		warnings = append(warnings, fmt.Sprintf("“%s” is a success on one side only: the program's channel says success, or the campaign's status says responded, but not both. Statuses travel all the same.", name))
	}
	p.Statuses = both
	return p, warnings, nil
}

// apart says what keeps a program and a campaign from going together, and what to do.
func apart(p member.Pair, d member.Difference) string {
	text := fmt.Sprintf("the statuses of program “%s” and campaign “%s” are not alike.", p.ProgramName, p.CampaignName)
	if len(d.OnlyProgram) > 0 {
		text += fmt.Sprintf(" Only the program has: %s. Add them to the campaign in Salesforce (Campaign > Advanced Setup), or take them out of channel “%s” in Marketo (Admin > Tags).", quoted(d.OnlyProgram), p.Channel)
	}
	if len(d.OnlyCampaign) > 0 {
		text += fmt.Sprintf(" Only the campaign has: %s. Add them to the channel in Marketo, or remove them from the campaign.", quoted(d.OnlyCampaign))
	}
	for _, n := range d.Nearly {
		text += fmt.Sprintf(" “%s” and “%s” differ only in capitals or blanks: write them alike.", n[0], n[1])
	}
	return text
}

func quoted(names []string) string { return "“" + strings.Join(names, "”, “") + "”" }

// compareStatuses reads the statuses of both and holds them against each other.
func (s *session) compareStatuses(ctx context.Context, p member.Pair) ([]member.Status, member.Difference, error) {
	progressions, ok, err := s.mk.Progressions(ctx, p.Channel)
	if err != nil {
		return nil, member.Difference{}, err
	}
	if !ok {
		return nil, member.Difference{}, inputf("Marketo does not show the channel %q of program %d", p.Channel, p.Program)
	}
	var labels []member.Label
	for row, err := range s.sf.Query(ctx, record.Describe, "SELECT Label, HasResponded FROM CampaignMemberStatus WHERE CampaignId = '"+string(p.Campaign)+"' ORDER BY SortOrder") {
		if err != nil {
			return nil, member.Difference{}, err
		}
		labels = append(labels, member.Label{Name: row.Get("Label"), Responded: row.Is("HasResponded")})
	}
	both, d := member.Compare(visible(progressions), labels)
	return both, d, nil
}

// visible leaves out what members cannot be in: hidden statuses, such as "Not in Program".
func visible(list []marketo.Progression) []member.Progression {
	var out []member.Progression
	for _, p := range list {
		if !p.Hidden {
			out = append(out, member.Progression{Name: p.Name, Step: p.Step, Success: p.Success})
		}
	}
	return out
}

// loadPairs takes the linked pairs, and compares their statuses anew when that was a day ago.
func (s *session) loadPairs(ctx context.Context) (err error) {
	if s.pairs, err = pairsOf(ctx, s.ws); err != nil {
		return err
	}
	now, changed := s.app.world.now(), false
	var notices []schema.Notice
	for i := range s.pairs {
		p := &s.pairs[i]
		if !pace.Over(now, p.Checked, mappingAge) {
			continue
		}
		both, d, err := s.compareStatuses(ctx, *p)
		switch {
		case errors.Is(err, ErrInput):
			notices = append(notices, pairNotice(*p, now, err.Error()))
		case err != nil:
			return err
		case d.Apart():
			notices = append(notices, pairNotice(*p, now, "Members in a status that one side does not have are refused. "+apart(*p, d)))
		}
		p.Checked, changed = now, true
		if len(both) > 0 {
			p.Statuses = both
		}
	}
	if !changed {
		return nil
	}
	return errors.Join(keepPairs(ctx, s.ws, s.pairs), keepNotices(ctx, s.ws, metaPairNotices, notices))
}

func pairNotice(p member.Pair, now time.Time, sentence string) schema.Notice {
	return schema.Notice{At: now, Kind: noticeStatuses, Object: record.CampaignMember, Field: string(p.Campaign), Sentence: sentence}
}
