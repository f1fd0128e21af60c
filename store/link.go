package store

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// stored is a link as the file has it, with the keyed hashes of its addresses by side.
type stored struct {
	link   cycle.Link
	emails [3][]byte
}

const selectLink = `SELECT l.id, l.object, l.state, l.salesforce, l.marketo, l.email, l.email_marketo FROM `

func (r row) link() *stored {
	s := &stored{link: cycle.Link{
		ID: cycle.LinkID(r.int(0)), Object: objectOf(r.int(1)), State: cycle.LinkState(r.int(2)),
		Salesforce: record.ID(r.text(3)), Marketo: r.marketoID(4),
	}}
	s.emails[record.Salesforce] = r.blob(5)
	s.emails[record.Marketo] = r.blob(6)
	if !r.null(6) && len(r.blob(6)) == 0 {
		s.emails[record.Marketo] = s.emails[record.Salesforce]
	}
	return s
}

// marketoID reads an id of Marketo: a number for a person, a text for a company.
func (r row) marketoID(i int) record.ID { return idOf(r[i]) }

// idOf is an id as it is stored.
func idOf(v driver.Value) record.ID {
	if n, ok := v.(int64); ok {
		return record.MarketoID(n)
	}
	text, _ := v.(string)
	return record.ID(text)
}

// marketoValue is an id of Marketo as it is stored: a number wherever it is one in its usual spelling.
func marketoValue(id record.ID) driver.Value {
	if id == "" {
		return nil
	}
	if n, err := id.Number(); err == nil && record.MarketoID(n) == id {
		return n
	}
	return string(id)
}

func textOrNull(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// emailColumns are the two columns that hold a link's addresses.
func emailColumns(emails [3][]byte) (first, second driver.Value) {
	salesforce, marketo := emails[record.Salesforce], emails[record.Marketo]
	if salesforce != nil {
		first = salesforce
	}
	switch {
	case marketo == nil:
	case bytes.Equal(salesforce, marketo):
		second = []byte{}
	default:
		second = marketo
	}
	return first, second
}

// loadLinks reads links into the working set.
func (p *pen) loadLinks(ids []cycle.LinkID) error {
	if len(ids) == 0 {
		return nil
	}
	return p.query(selectLink+`json_each(?1) j CROSS JOIN link l ON l.id = j.value`, func(r row) error {
		s := r.link()
		p.links[s.link.ID] = s
		return nil
	}, numbers(ids))
}

// link gives one link of the working set, reading it if need be; nil when there is none.
func (p *pen) link(id cycle.LinkID) (*stored, error) {
	if s, seen := p.links[id]; seen {
		return s, nil
	}
	if err := p.loadLinks([]cycle.LinkID{id}); err != nil {
		return nil, err
	}
	return p.links[id], nil
}

// putLink makes or changes a link so that it is as wanted, its ids and addresses included.
func (p *pen) putLink(wanted cycle.Link, emails [3][]byte) error {
	object, err := p.object(wanted.Object)
	if err != nil {
		return err
	}
	if wanted.State < cycle.Alone || wanted.State > cycle.Frozen {
		return fmt.Errorf("bug: a link cannot be in state %d", wanted.State)
	}
	old, err := p.link(wanted.ID)
	if err != nil {
		return err
	}
	first, second := emailColumns(emails)
	fresh := old == nil
	behind := fresh && p.apart && !p.claimed[claim{record.Salesforce, wanted.Salesforce}] && !p.claimed[claim{record.Marketo, wanted.Marketo}]
	if !behind { // before the link itself, whose ids would else be taken for some that are behind
		if err := p.levelled(); err != nil {
			return err
		}
	}
	if fresh {
		old = &stored{link: cycle.Link{ID: wanted.ID}}
	} else {
		p.count(linkTally(old.link), -1)
		if err := p.outgrow(old.link, wanted); err != nil {
			return err
		}
	}
	if err := p.append(intoLink, int64(wanted.ID), object, int64(wanted.State), textOrNull(string(wanted.Salesforce)), marketoValue(wanted.Marketo), first, second); err != nil {
		return err
	}
	p.count(linkTally(wanted), 1)
	was := *old
	p.links[wanted.ID] = &stored{link: wanted, emails: emails}
	if was.link.Object != wanted.Object && was.link.Object != "" {
		if err := p.leaveObject(was.link); err != nil {
			return err
		}
	}
	for _, side := range sides {
		if before, now := was.link.On(side), wanted.On(side); before != now {
			left, err := p.moveID(side, before, now, wanted.ID, fresh, behind)
			if err == nil && left {
				err = p.remember(side, before, wanted.ID)
			}
			if err != nil {
				return err
			}
		}
	}
	if wanted.State == cycle.Filtered && !fresh && was.link.State != cycle.Filtered {
		for _, hash := range emails {
			if err := p.leftBehind(hash, wanted.ID); err != nil {
				return err
			}
		}
	}
	p.tell(was.link, wanted)
	return p.moveEmails(wanted.ID, was.emails, emails, true)
}

var sides = []record.Side{record.Salesforce, record.Marketo}

// idTable is where a side's ids lead to links.
func idTable(side record.Side, id record.ID) (name string, key driver.Value) {
	if side == record.Salesforce {
		return "salesforce", string(id)
	}
	key = marketoValue(id)
	if _, isNumber := key.(int64); isNumber {
		return "marketo", key
	}
	return "company", key
}

// claim is an id of a side.
type claim struct {
	side record.Side
	id   record.ID
}

// moveID lets an id lead to a link, and one that the link had before lead nowhere; left reports that it led there until now. Nobody looks
// at what a fresh link takes from others before this transaction has come to an end.
func (p *pen) moveID(side record.Side, before, now record.ID, link cycle.LinkID, fresh, behind bool) (left bool, err error) {
	if before != "" {
		table, key := idTable(side, before)
		gone, err := p.exec(`DELETE FROM `+table+` WHERE id = ?1 AND link = ?2`, key, int64(link))
		if err != nil {
			return false, err
		}
		left = gone > 0
	}
	if now == "" {
		return left, nil
	}
	table, key := idTable(side, now)
	c := claim{side, now}
	late := !p.claimed[c] && (fresh || p.free[c])
	p.claimed[c] = true
	if late && behind {
		return left, p.stayBehind(link)
	}
	if late {
		return left, p.append(intoIDs[table], key, int64(link))
	}
	made, err := p.exec(`INSERT INTO `+table+`(id, link) VALUES(?1, ?2) ON CONFLICT(id) DO NOTHING`, key, int64(link))
	if err != nil || made == 1 {
		return left, err
	}
	return left, p.takeID(side, now, link)
}

// takeID gives an id to a link that some other link has. Who loses it is alone from now on, or ended when nothing is left of it.
func (p *pen) takeID(side record.Side, id record.ID, link cycle.LinkID) error {
	owner, err := p.owner(side, id)
	if err != nil || owner == link {
		return err
	}
	table, key := idTable(side, id)
	if _, err := p.exec(`UPDATE `+table+` SET link = ?2 WHERE id = ?1`, key, int64(link)); err != nil {
		return err
	}
	loser, err := p.link(owner)
	if err != nil || loser == nil || loser.link.On(side) != id {
		return err
	}
	left := loser.link
	if side == record.Salesforce {
		left.Salesforce = ""
	} else {
		left.Marketo = ""
	}
	switch {
	case left.Salesforce == "" && left.Marketo == "":
		left.State = cycle.Ended
	case left.State == cycle.Linked, left.State == cycle.Frozen:
		left.State = cycle.Alone
	}
	emails := loser.emails
	emails[side] = nil
	return p.putLink(left, emails)
}

// owner is the link that an id leads to, 0 for none.
func (t *tx) owner(side record.Side, id record.ID) (owner cycle.LinkID, err error) {
	if id == "" {
		return 0, nil
	}
	owners, err := t.owners(side, []record.ID{id})
	if err != nil {
		return 0, err
	}
	return owners[0], nil
}

// moveEmails keeps the look-up of addresses true. Whoever is left with an address that left may be certain by now.
func (p *pen) moveEmails(link cycle.LinkID, before, now [3][]byte, left bool) error {
	for _, side := range sides {
		hash := before[side]
		if hash == nil || side == record.Marketo && bytes.Equal(hash, before[record.Salesforce]) || bytes.Equal(hash, now[record.Salesforce]) || bytes.Equal(hash, now[record.Marketo]) {
			continue
		}
		if _, err := p.exec(`DELETE FROM email WHERE hash = ?1 AND link = ?2`, hash, int64(link)); err != nil {
			return err
		}
		if !left {
			continue
		}
		if err := p.leftBehind(hash, link); err != nil {
			return err
		}
	}
	for _, side := range sides {
		hash := now[side]
		if hash == nil || side == record.Marketo && bytes.Equal(hash, now[record.Salesforce]) {
			continue
		}
		bits := carriers(now, hash)
		if bits == carriers(before, hash) {
			continue
		}
		if err := p.append(intoEmail, hash, int64(link), bits); err != nil {
			return err
		}
	}
	return nil
}

// leftBehind has those read afresh who have the address of a link that leaves it, and take no part.
func (p *pen) leftBehind(hash []byte, link cycle.LinkID) error {
	if hash == nil {
		return nil
	}
	_, err := p.exec(`INSERT INTO recheck(link) SELECT l.id FROM email e CROSS JOIN link l ON l.id = e.link
		WHERE e.hash = ?1 AND l.id <> ?2 AND l.state IN (?3, ?4) ON CONFLICT(link) DO NOTHING`, hash, int64(link), int64(cycle.Alone), int64(cycle.Ended))
	return err
}

// carriers tells which sides have an address, as bits.
func carriers(emails [3][]byte, hash []byte) (bits int64) {
	for _, side := range sides {
		if bytes.Equal(emails[side], hash) {
			bits |= int64(side)
		}
	}
	return bits
}

// absorb takes a link away whose record turned out to belong to another link. Its history goes over; its id and address
// are given back, for the caller to put on the other link. What waited for it is moot.
func (p *pen) absorb(id, into cycle.LinkID) (*stored, error) {
	if err := errors.Join(p.flush(), p.levelled()); err != nil { // the other link may be about to lose an id
		return nil, err
	}
	other, err := p.link(id)
	if err != nil || other == nil || id == into {
		return nil, err
	}
	if err := p.clear(id); err != nil {
		return nil, err
	}
	for _, side := range sides {
		if _, err := p.moveID(side, other.link.On(side), "", id, false, false); err != nil {
			return nil, err
		}
	}
	if err := p.moveEmails(id, other.emails, [3][]byte{}, false); err != nil {
		return nil, err
	}
	p.count(linkTally(other.link), -1)
	for _, statement := range []string{`DELETE FROM link WHERE id = ?1`, `DELETE FROM baseline WHERE link = ?1`, `DELETE FROM recheck WHERE link = ?1`, `DELETE FROM follow WHERE link = ?1`} {
		if _, err := p.exec(statement, int64(id)); err != nil {
			return nil, err
		}
	}
	p.links[id] = nil
	p.absorbed[id] = true
	return other, p.inherit(other.link, into)
}

// clear removes the rows and holds of a link.
func (p *pen) clear(id cycle.LinkID) error {
	if err := p.loadHeads([]cycle.LinkID{id}); err != nil {
		return err
	}
	for _, side := range sides {
		if err := p.removeRow(slot{id, side}); err != nil {
			return err
		}
	}
	if _, err := p.exec(`DELETE FROM outbox_echo WHERE link = ?1`, int64(id)); err != nil {
		return err
	}
	return p.dropHolds(`link = ?1`, int64(id))
}

// linkTally is the number that counts links like this one: by state, object, and which ids are known.
func linkTally(l cycle.Link) string {
	n, _ := objectNumber(l.Object) // an unknown object was refused before anything was counted
	known := 0
	for _, side := range sides {
		if l.On(side) != "" {
			known |= int(side)
		}
	}
	return linkTallyOf(l.State, n, known)
}

func linkTallyOf(state cycle.LinkState, object int64, known int) string {
	return "link." + strconv.Itoa(int(state)) + "." + strconv.FormatInt(object, 10) + "." + strconv.Itoa(known)
}

const holdTally = "hold"

// numbers is a JSON array for json_each.
func numbers[N ~int64](ids []N) string {
	b := append(make([]byte, 0, 12*len(ids)+2), '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return string(append(b, ']'))
}
