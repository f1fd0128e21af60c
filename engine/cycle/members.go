package cycle

import (
	"context"
	"slices"

	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// A member of a campaign and the member of its program are one link: the Salesforce id of the one, and the key of the other, which
// names the program and the person. A member whose person is not linked waits, and is looked at again when that changes.

// The fields of a member. Only the status travels, the others say who is in what.
const (
	memberStatus uint16 = iota
	memberCampaign
	memberLead
	memberContact
)

// memberMapping is how the members of linked campaigns and programs go together.
var memberMapping = schema.Object{
	Name: record.CampaignMember, Twin: record.ProgramMember,
	Fields: []schema.Field{
		{Number: memberStatus, Salesforce: "Status", Marketo: "statusName", Type: record.Type{Kind: record.Text}, Direction: schema.Both},
		{Number: memberCampaign, Salesforce: "CampaignId", Type: record.Type{Kind: record.Text}},
		{Number: memberLead, Salesforce: "LeadId", Type: record.Type{Kind: record.Text}},
		{Number: memberContact, Salesforce: "ContactId", Type: record.Type{Kind: record.Text}},
	},
}

// membership is one person in one pair, as far as it is known.
type membership struct {
	pair   member.Pair
	person Known
	known  Known // of the link
	// sf and mk are what was read now; nil when that side was not read, or has no such member any more: then gone says so.
	sf, mk *record.Record
	goneSF bool
	goneMK bool
	// absorb names another link that turned out to be the other half of this one.
	absorb LinkID
	// twice marks a second member of one person; first is the one that counts, where it is in Salesforce.
	twice bool
	first record.ID
	// asked tells that both sides were asked just now: what was not read is not there.
	asked bool
	// anew compares both sides as if they had never agreed, and plans what the brake does not count: the pair was just linked.
	anew bool
}

// key is how Marketo's member is called.
func (m *membership) key() record.ID {
	if m.person.Link.Marketo == "" {
		return ""
	}
	return member.Key(m.pair.Program, m.person.Link.Marketo)
}

// moved tells a member who became another person's: what was agreed upon was agreed with the one before.
func (m *membership) moved() bool {
	was, key := m.known.Link.Marketo, m.key()
	return was != "" && key != "" && was != key
}

// pairOf finds the pair of a member's link, by its key or by what was read of it in Salesforce.
func (e *Engine) pairOf(k Known, sf *record.Record) (member.Pair, bool) {
	if sf != nil && sf.Err == nil {
		return e.pairOfCampaign(record.ID(sf.Values[memberCampaign].Text()))
	}
	program, _, ok := member.ParseKey(k.Link.Marketo)
	if !ok {
		return member.Pair{}, false
	}
	return e.pairOfProgram(program)
}

// whose is the lead or contact that a campaign's member is: the contact once the lead was converted.
func whose(sf *record.Record) record.ID {
	if contact := sf.Values[memberContact].Text(); contact != "" {
		return record.ID(contact)
	}
	return record.ID(sf.Values[memberLead].Text())
}

// programMember is a member as Marketo says, in the shape of a record.
func programMember(key record.ID, status string) *record.Record {
	return &record.Record{Object: record.ProgramMember, ID: key, Values: []record.Value{record.Of(status), {}, {}, {}}}
}

// memberPage plans a page of members as Salesforce's feed tells them.
func (r *run) memberPage(ctx context.Context, records []record.Record) ([]Step, error) {
	known, err := r.remembered(ctx, records)
	if err != nil {
		return nil, err
	}
	var found []*membership
	var steps []Step
	for i := range records {
		rec, k := &records[i], known[i]
		pair, linked := r.pairOf(k, rec)
		switch {
		case rec.Err != nil:
			steps = appendStep(steps, r.unreadable(k, rec))
		case !linked || rec.Deleted && (k.Link.ID == 0 || k.Link.State == Ended):
		default:
			found = append(found, &membership{pair: pair, known: k, sf: rec, goneSF: rec.Deleted})
		}
	}
	more, err := r.planMembers(ctx, found)
	return append(steps, more...), err
}

// planMembers plans members of which one side, or both, were read.
func (r *run) planMembers(ctx context.Context, all []*membership) ([]Step, error) {
	if len(all) == 0 {
		return nil, nil
	}
	if err := r.identify(ctx, all); err != nil {
		return nil, err
	}
	removed, err := r.removals(ctx, all)
	if err != nil {
		return nil, err
	}
	if err := r.readNew(ctx, all); err != nil {
		return nil, err
	}
	var steps []Step
	planned := map[record.ID]*membership{} // by key: of two members of one person the first counts
	for _, m := range all {
		switch key := m.key(); {
		case m.person.Link.State == Frozen:
			steps = appendStep(steps, r.memberFrozen(m))
		case removed[m]:
			steps = appendStep(steps, r.memberRemoved(m))
		case m.goneSF, m.goneMK && m.sf == nil && m.known.Link.Salesforce == "":
			steps = appendStep(steps, r.memberEnded(m))
		case !m.person.Paired():
			steps = appendStep(steps, r.memberWaits(m))
		case m.twice, planned[key] != nil:
			if first := planned[key]; first != nil && first.sf != nil {
				m.first = first.sf.ID
			}
			steps = appendStep(steps, r.memberTwice(m))
		default:
			planned[key] = m
			steps = appendStep(steps, r.member(m))
		}
	}
	return steps, nil
}

// identify finds out who each member is, and which link is theirs.
func (r *run) identify(ctx context.Context, all []*membership) error {
	var people [3][]record.ID
	for _, m := range all {
		if m.sf != nil {
			people[record.Salesforce] = append(people[record.Salesforce], whose(m.sf))
		} else if _, person, ok := member.ParseKey(m.known.Link.Marketo); ok {
			people[record.Marketo] = append(people[record.Marketo], person)
		}
	}
	var known [3][]Known
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		var err error
		if known[side], err = r.Ledger.Known(ctx, side, people[side]); err != nil {
			return err
		}
	}
	var keys []record.ID
	for _, m := range all {
		side := record.Marketo
		if m.sf != nil {
			side = record.Salesforce
		}
		m.person, known[side] = known[side][0], known[side][1:]
		keys = append(keys, m.key())
	}
	byKey, err := r.Ledger.Known(ctx, record.Marketo, keys)
	if err != nil {
		return err
	}
	for i, m := range all {
		m.settle(keys[i], byKey[i])
	}
	return nil
}

// settle chooses the link of a member that Salesforce tells of: that of its key, if there is one, takes in the one of its id.
func (m *membership) settle(key record.ID, byKey Known) {
	own := m.known
	switch {
	case m.sf == nil || m.sf.Deleted || key == "" || own.Link.Marketo == key || byKey.Link.ID == 0:
	case byKey.Link.State == Linked && byKey.Link.Salesforce != m.sf.ID:
		m.twice, m.first = true, byKey.Link.Salesforce // a lead and a contact that are one, or two leads: the one that is linked counts
	case own.Link.ID == 0 || own.Link.State == Alone:
		m.known, m.absorb = byKey, own.Link.ID
	case byKey.Link.State == Alone, byKey.Link.State == Ended: // the person became another one, and was in it as both, or was taken out
		m.absorb = byKey.Link.ID
	default:
		m.twice = true
	}
}

// readNew reads from Marketo how members stand there of whom Salesforce tells for the first time: they may be in the program already.
func (r *run) readNew(ctx context.Context, all []*membership) error {
	unread := map[int64][]*membership{}
	for _, m := range all {
		if m.mk != nil || m.goneMK || m.goneSF || m.twice || !m.person.Paired() || !m.anew && !m.moved() && (r.agreed(m.known) || m.known.Out[record.Salesforce] != nil) {
			continue
		}
		unread[m.pair.Program] = append(unread[m.pair.Program], m)
	}
	for _, some := range inOrder(unread) {
		people := make([]record.ID, len(some))
		for i, m := range some {
			people[i] = m.person.Link.Marketo
		}
		found, _, err := r.membersAmong(ctx, record.Feed, some[0].pair, people)
		if err != nil {
			return err
		}
		for _, m := range some {
			m.mk = found[m.key()]
		}
	}
	return nil
}

// agreed reports whether both sides ever agreed on a member that is still one.
func (r *run) agreed(k Known) bool {
	return k.Link.ID != 0 && k.Link.State != Ended && k.Baseline != nil && k.Baseline.Has(memberStatus)
}

// memberEnded closes the link of a member that is no more, without a word to the other side: its person or its campaign went, or it never
// was in both.
func (r *run) memberEnded(m *membership) *sheet {
	if m.known.Link.ID == 0 || m.known.Link.State == Ended {
		return nil
	}
	s := r.newSheet(m.known, nil, nil)
	s.step.Link.State, s.step.PutLink = Ended, true
	s.dropHolds()
	s.unfollow()
	return s
}

// dropHolds takes back what waits for a decision: it is no longer in question.
func (s *sheet) dropHolds() {
	for _, h := range s.known.Holds {
		s.step.Release = append(s.step.Release, h.ID)
	}
}

// unfollow ends that the link waits for its person.
func (s *sheet) unfollow() {
	if len(s.known.Follows) > 0 {
		s.step.Follow = &[]record.ID{}
	}
}

// memberWaits leaves a member alone until its person is linked.
func (r *run) memberWaits(m *membership) *sheet {
	s := r.newSheet(m.known, nil, nil)
	link := &s.step.Link
	link.Object = record.CampaignMember
	if link.State != Alone || link.ID == 0 {
		link.State, s.step.PutLink = Alone, true
	}
	s.dropHolds()
	var waitsFor record.ID
	switch {
	case m.sf != nil:
		link.Salesforce, waitsFor = m.sf.ID, whose(m.sf)
		if link.Marketo != "" && link.Marketo != m.key() {
			link.Marketo, s.step.PutLink = "", true
		}
	case link.Salesforce != "": // who it is by now is asked in Salesforce: in Marketo the person may have become another
		link.Marketo, s.step.PutLink, s.step.Recheck = "", true, true
		return s
	default:
		_, waitsFor, _ = member.ParseKey(link.Marketo)
	}
	if !slices.Equal(m.known.Follows, []record.ID{waitsFor}) {
		s.step.Follow = &[]record.ID{waitsFor}
	}
	return s
}

// memberFrozen leaves a member as it is, gone or moved, while the filter keeps its person out: it is read afresh when the person passes.
func (r *run) memberFrozen(m *membership) *sheet {
	waitsFor := []record.ID{m.person.Link.Salesforce}
	s := r.newSheet(m.known, nil, nil)
	switch link := &s.step.Link; {
	case link.ID != 0 && link.State != Ended:
	case m.sf == nil && m.mk == nil:
		return nil
	default:
		link.Object, link.State, s.step.PutLink = record.CampaignMember, Alone, true
		if m.sf != nil {
			link.Salesforce = m.sf.ID
		}
	}
	if !s.step.PutLink && len(m.known.Out) == 0 && slices.Equal(m.known.Follows, waitsFor) {
		return nil
	}
	s.step.Follow = &waitsFor
	return s
}

// memberTwice leaves alone what is a second member of one person: a lead and a contact that are the same, two leads, or one who was put in
// anew. When the first one leaves, it is read again.
func (r *run) memberTwice(m *membership) *sheet {
	if m.known.Link.ID != 0 && m.known.Link.State == Alone && (m.first == "" || slices.Contains(m.known.Follows, m.first)) {
		return nil
	}
	s := r.memberWaits(m)
	if m.first != "" && m.sf != nil {
		s.step.Follow = &[]record.ID{m.first, whose(m.sf)}
	}
	return s
}

// member plans a member whose person is linked.
func (r *run) member(m *membership) *sheet {
	if s, decided := r.afterRemoval(m); decided {
		return s
	}
	s := r.newSheet(m.known, m.sf, m.mk)
	s.object = memberMapping
	link := &s.step.Link
	before := *link
	link.Object, link.Marketo = record.CampaignMember, m.key()
	if m.sf != nil {
		link.Salesforce = m.sf.ID
	} else if m.goneSF || link.State == Ended {
		link.Salesforce = ""
	}
	link.State = Linked
	if link.Salesforce == "" {
		link.State = Creating
	}
	s.step.PutLink, s.step.Absorb = *link != before, m.absorb
	s.step.Unlearn = before.State == Ended || m.moved() // what was agreed upon before somebody was taken out would make of one who is put in anew one who left
	s.unfollow()
	if before.State != Linked && before.State != Creating {
		s.event(Event{Side: record.Salesforce, Kind: "linked", Field: NoField, Detail: "member"})
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if row := m.known.Out[side]; row != nil && row.State == Waiting && row.Tries > 0 && row.Action == Update && s.on(side) == nil && !m.anew && !m.asked {
			s.step.Recheck = true
			s.keepRows()
			return s
		}
	}
	field := memberMapping.Fields[memberStatus]
	cell := plan.Cell{
		Agreed: r.agreed(m.known) && !m.anew && !m.moved(), Direction: field.Direction,
		Salesforce: s.told(record.Salesforce, 0), Marketo: s.told(record.Marketo, 0),
	}
	s.arrived(memberStatus, &cell)
	switch {
	case link.State == Creating && cell.Marketo.Known: // nobody in Salesforce has a word in it
		s.write(field, cell, plan.Outcome{Do: plan.Write, To: record.Salesforce, Value: cell.Marketo.Value, At: cell.Marketo.At})
		s.row(record.Salesforce).Target = ""
	case m.goneMK || !cell.Agreed && !cell.Marketo.Known:
		s.write(field, cell, plan.Outcome{Do: plan.Write, To: record.Marketo, Value: cell.Salesforce.Value, At: cell.Salesforce.At})
	default:
		s.decide(field, cell, m.forward(cell, plan.Field(cell, r.rules(record.CampaignMember))))
	}
	for _, row := range s.out {
		row.First = row.First || m.anew
	}
	return s
}

// forward turns an outcome around that Marketo would refuse, because it never moves a member back: where both sides have a word in it,
// the later status counts, and what lost is told. What Salesforce alone changed back is tried, refused and shown.
func (m *membership) forward(c plan.Cell, o plan.Outcome) plan.Outcome {
	contested := c.Salesforce.Known && c.Marketo.Known && (!c.Agreed || c.Salesforce.Changed && c.Marketo.Changed)
	if o.Do != plan.Write || o.To != record.Marketo || !contested || !m.pair.Back(c.Marketo.Value.Text(), o.Value.Text()) {
		return o
	}
	return plan.Outcome{Do: plan.Write, To: record.Salesforce, Value: c.Marketo.Value, At: c.Marketo.At, Loses: true, Lost: c.Salesforce.Value}
}
