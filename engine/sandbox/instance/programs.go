package instance

import (
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// progression is one status that members of a channel's programs go through.
type progression struct {
	id      int
	name    string
	step    int
	success bool
}

// channel says which statuses programs of a kind have.
type channel struct {
	id         int
	name, kind string
	steps      []progression
}

// program is a marketing program.
type program struct {
	id               int
	name, about      string
	kind             string // Default, Event, Event with Webinar, Engagement, Email
	channel          *channel
	status           string // on, off (engagement); unlocked, locked, completed (email); ""
	created, updated time.Time
	sfdcID, sfdcName string // the Salesforce campaign it is synced with
	members          map[uint64]*membership
}

// membership is a person in a program.
type membership struct {
	number           int
	status           progression
	since, updated   time.Time
	acquired         bool
	reached          time.Time // zero: no success yet
	reason, code     string
	registrationPage string
}

// programs are read and written under the lock of the rows.
type programs struct {
	channels   []*channel
	all        []*program
	nextMember int
}

func (p *programs) byName(name string) *program {
	for _, one := range p.all {
		if one.name == name {
			return one
		}
	}
	return nil
}

func (p *programs) get(id string) *program {
	for _, one := range p.all {
		if strconv.Itoa(one.id) == id {
			return one
		}
	}
	return nil
}

func (p *programs) forget(lead uint64) {
	for _, one := range p.all {
		delete(one.members, lead)
	}
}

// replace gives the winner of a merge the loser's memberships that it lacks.
func (p *programs) replace(loser, winner uint64) {
	for _, one := range p.all {
		if m := one.members[loser]; m != nil {
			delete(one.members, loser)
			if one.members[winner] == nil {
				one.members[winner] = m
			}
		}
	}
}

func (ch *channel) status(name string) (progression, bool) {
	for _, s := range ch.steps {
		if s.name == name {
			return s, true
		}
	}
	return progression{}, false
}

// setStatus makes a person a member or moves it on; a member never moves to a lower step. It is called under the write
// lock.
func (i *Instance) setStatus(at time.Time, one *program, lead uint64, to progression, why string) (status string, moved bool) {
	m := one.members[lead]
	status, old := "updated", progression{name: notInProgram}
	switch {
	case m == nil:
		i.programs.nextMember++
		m = &membership{number: i.programs.nextMember, since: at}
		one.members[lead] = m
		status = "created"
	case to.step <= m.status.step:
		return "skipped", false
	default:
		old = m.status
	}
	m.status, m.updated = to, at
	if to.success && m.reached.IsZero() {
		m.reached = at
	}
	i.write(&activity{at: at.Unix(), kind: typeChangeStatus, lead: lead, primary: int64(one.id), text: one.name, attrs: []attr{
		number("Old Status ID", int64(old.id)), common("Old Status", old.name), number("New Status ID", int64(to.id)), common("New Status", to.name),
		flag("Acquired By", m.acquired), flag("Success", to.success), common("Reason", why), number("Program Member ID", int64(m.number)),
	}})
	return status, true
}

// push is the program's side of Push Lead; without a status it is the channel's first.
func (p *programs) push(i *Instance, tx *table.Tx, one *program, lead uint64, status string) {
	to, ok := one.channel.status(status)
	if !ok {
		to = one.channel.steps[0]
	}
	i.setStatus(tx.Now(), one, lead, to, "Push Lead to Marketo")
}

// appendMembership appends what reads of members and people say of a membership, without braces.
func (m *membership) append(b []byte) []byte {
	b = appendMember(b, "", "progressionStatus", m.status.name)
	b = append(b, `,"progressionStatusType":`...)
	b = appendText(b, m.status.name)
	b = append(b, `,"isExhausted":false`...)
	b = strconv.AppendBool(append(b, `,"acquiredBy":`...), m.acquired)
	b = strconv.AppendBool(append(b, `,"reachedSuccess":`...), !m.reached.IsZero())
	b = appendTime(append(b, `,"membershipDate":`...), m.since)
	return appendTime(append(b, `,"updatedAt":`...), m.updated)
}

// programMembership tells the programs of a person.
func programMembership(c *call) error {
	id, err := c.leadVar()
	if err != nil {
		return err
	}
	c.i.db.View(func() {
		for _, one := range c.i.programs.all {
			m := one.members[id]
			if m == nil || (c.q.Get("filterType") == "programId" && c.q.Get("filterValues") != strconv.Itoa(one.id)) {
				continue
			}
			c.element()
			c.buf = strconv.AppendInt(append(c.buf, `{"id":`...), int64(one.id), 10)
			c.buf = append(m.append(append(c.buf, ',')), '}')
		}
	})
	if err == nil {
		no := false
		c.more = &no
	}
	return err
}
