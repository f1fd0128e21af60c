package instance

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// staticList is a list of people.
type staticList struct {
	id               int
	name, about      string
	program          string
	created, updated time.Time
	members          map[uint64]time.Time // since when
}

// lists are all static lists, by rising id. They are read and written under the lock of the rows.
type lists struct {
	all  []*staticList
	next int
}

func (l *lists) add(name, about, program string, at time.Time) *staticList {
	one := &staticList{id: l.next, name: name, about: about, program: program, created: at, updated: at, members: map[uint64]time.Time{}}
	l.next++
	l.all = append(l.all, one)
	return one
}

func (l *lists) get(id string) *staticList {
	for _, one := range l.all {
		if strconv.Itoa(one.id) == id {
			return one
		}
	}
	return nil
}

// filter gives the members of a list by which activities are filtered: fewer than 10,000.
func (l *lists) filter(id string) (map[uint64]bool, error) {
	one := l.get(id)
	if one == nil {
		return nil, fail(1013, "List '"+id+"' not found")
	}
	if len(one.members) >= 10_000 {
		return nil, fail(1003, "The list has 10,000 leads or more")
	}
	set := map[uint64]bool{}
	for lead := range one.members {
		set[lead] = true
	}
	return set, nil
}

func (l *lists) forget(lead uint64) {
	for _, one := range l.all {
		delete(one.members, lead)
	}
}

// replace makes the winner of a merge a member wherever the loser was one.
func (l *lists) replace(loser, winner uint64) {
	for _, one := range l.all {
		if since, ok := one.members[loser]; ok {
			delete(one.members, loser)
			if _, already := one.members[winner]; !already {
				one.members[winner] = since
			}
		}
	}
}

func (i *Instance) listRoutes(root *node, get, post, form adder) {
	get("/rest/v1/lists", readLead, listLists)
	get("/rest/v1/lists/{id}", readLead, oneList)
	for _, path := range []string{"/rest/v1/lists/{id}/leads", "/rest/v1/list/{id}/leads"} {
		get(path, readLead, listLeads)
	}
	form("/rest/v1/lists/{id}/leads", writeLead, addToList)
	root.add(http.MethodDelete, "/rest/v1/lists/{id}/leads", &route{needs: writeLead, writes: true, serve: removeFromList})
	get("/rest/v1/lists/{id}/leads/ismember", readLead, isMember)
	get("/rest/asset/v1/staticLists", readAsset, staticLists)
	get("/rest/asset/v1/staticList/{id}", readAsset, staticListByID)
	get("/rest/asset/v1/staticList/byName", readAsset, staticListByName)
	form("/rest/asset/v1/staticLists", writeAsset, createStaticList)
	form("/rest/asset/v1/staticList/{id}/delete", writeAsset, deleteStaticList)
}

func (one *staticList) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), int64(one.id), 10)
	b = appendMember(b, ",", "name", one.name)
	if one.about != "" {
		b = appendMember(b, ",", "description", one.about)
	}
	if one.program != "" {
		b = appendMember(b, ",", "programName", one.program)
	}
	b = append(b, `,"workspaceId":1,"workspaceName":"Default"`...)
	b = appendTime(append(b, `,"createdAt":`...), one.created)
	return append(appendTime(append(b, `,"updatedAt":`...), one.updated), '}')
}

// listLists pages by token alone: there is no moreResult.
func listLists(c *call) error {
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	after := 0
	if text := c.q.Get("nextPageToken"); text != "" {
		at, ok := c.i.readToken(text)
		if !ok || at.kind != idToken {
			return errToken
		}
		after = int(at.at)
	}
	matches := func(name, text string) bool {
		wanted := slices.Collect(splitIDs(c.q[name]))
		return len(wanted) == 0 || slices.Contains(wanted, text)
	}
	c.i.db.View(func() {
		for _, one := range c.i.lists.all {
			if one.id <= after || !matches("id", strconv.Itoa(one.id)) || !matches("name", one.name) || !matches("programName", one.program) || !matches("workspaceName", "Default") {
				continue
			}
			if c.elements == size {
				c.token = c.i.token(place{idToken, uint64(after)})
				return
			}
			after = one.id
			c.element()
			c.buf = one.append(c.buf)
		}
	})
	return nil
}

// onList finds the list of the path and runs fn under the lock.
func (c *call) onList(fn func(one *staticList)) error {
	var err error
	c.i.db.View(func() {
		one := c.i.lists.get(c.vars[0])
		if one == nil {
			err = fail(1013, "List '"+c.vars[0]+"' not found")
			return
		}
		fn(one)
	})
	return err
}

func oneList(c *call) error {
	return c.onList(func(one *staticList) {
		c.element()
		c.buf = one.append(c.buf)
	})
}

// listLeads reads the members of a list by rising id; its token comes without moreResult.
func listLeads(c *call) error {
	fields, err := c.leadFieldList()
	if err != nil {
		return err
	}
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	after, err := c.idPage()
	if err != nil {
		return err
	}
	return c.onList(func(one *staticList) {
		c.members(slices.Sorted(maps.Keys(one.members)), after, size, func(p *person) {
			c.buf = p.appendJSON(c.buf, fields)
		})
	})
}

// idPage reads a token that names the id that was read last.
func (c *call) idPage() (uint64, error) {
	text := c.q.Get("nextPageToken")
	if text == "" {
		return 0, nil
	}
	at, ok := c.i.readToken(text)
	if !ok || at.kind != idToken {
		return 0, errToken
	}
	return at.at, nil
}

// members answers a page of people by their sorted ids.
func (c *call) members(ids []uint64, after uint64, size int, write func(p *person)) {
	n, found := slices.BinarySearch(ids, after)
	if found {
		n++
	}
	var p person
	for ; n < len(ids); n++ {
		if c.elements == size {
			c.token = c.i.token(place{idToken, after})
			return
		}
		after = ids[n]
		if row, ok := c.i.people.Get(ids[n]); ok {
			c.i.load(&p, row)
			c.element()
			write(&p)
		}
	}
}

// memberElement appends {"id":n,"status":…}.
func (c *call) memberElement(id uint64, status string, reasons ...reason) {
	c.leadElement(outcome{id: id, status: status, reasons: reasons})
}

func addToList(c *call) error {
	return c.changeList(func(tx *table.Tx, one *staticList, id uint64) {
		if _, ok := c.i.people.Get(id); !ok {
			c.memberElement(id, "skipped", reason{1004, "Lead not found"})
			return
		}
		if _, already := one.members[id]; !already {
			one.members[id] = tx.Now()
			c.wrote++
			c.i.write(&activity{at: tx.Now().Unix(), kind: typeAddToList, lead: id, primary: int64(one.id), text: one.logName(), attrs: []attr{common("Source", "Web service API")}})
		}
		c.memberElement(id, "added")
	})
}

// logName is the list's name as activities write it.
func (one *staticList) logName() string {
	if one.program != "" {
		return one.program + "." + one.name
	}
	return one.name
}

func removeFromList(c *call) error {
	return c.changeList(func(tx *table.Tx, one *staticList, id uint64) {
		_, member := one.members[id]
		switch _, exists := c.i.people.Get(id); {
		case !exists:
			c.memberElement(id, "skipped", reason{1004, "Lead not found"})
		case !member:
			c.memberElement(id, "skipped", reason{1015, "Lead not in list"})
		default:
			delete(one.members, id)
			c.wrote++
			c.i.write(&activity{at: tx.Now().Unix(), kind: typeRemoveFromList, lead: id, primary: int64(one.id), text: one.logName(), attrs: []attr{common("Source", "Web service API")}})
			c.memberElement(id, "removed")
		}
	})
}

func (c *call) changeList(fn func(tx *table.Tx, one *staticList, id uint64)) error {
	ids, err := c.ids("id")
	if err != nil {
		return err
	}
	c.i.update(func(tx *table.Tx) {
		one := c.i.lists.get(c.vars[0])
		if one == nil {
			err = fail(1013, "List '"+c.vars[0]+"' not found")
			return
		}
		c.i.log.settle(tx.Now().Unix())
		for _, id := range ids {
			fn(tx, one, id)
		}
		one.updated = tx.Now()
	})
	return err
}

func isMember(c *call) error {
	ids, err := c.ids("id")
	if err != nil {
		return err
	}
	return c.onList(func(one *staticList) {
		for _, id := range ids {
			_, member := one.members[id]
			switch _, exists := c.i.people.Get(id); {
			case !exists:
				c.memberElement(id, "skipped", reason{1004, "Lead not found"})
			case member:
				c.memberElement(id, "memberof")
			default:
				c.memberElement(id, "notmemberof")
			}
		}
	})
}

// listMembership tells the lists of a person.
func listMembership(c *call) error {
	id, err := c.leadVar()
	if err != nil {
		return err
	}
	c.i.db.View(func() {
		for _, one := range c.i.lists.all {
			if since, ok := one.members[id]; ok {
				c.element()
				c.buf = strconv.AppendInt(append(c.buf, `{"listId":`...), int64(one.id), 10)
				c.buf = appendTime(append(c.buf, `,"createdAt":`...), since)
				c.buf = append(appendTime(append(c.buf, `,"updatedAt":`...), since), '}')
			}
		}
	})
	return nil
}

// leadVar is the person that the path names.
func (c *call) leadVar() (uint64, error) {
	id, err := strconv.ParseUint(strings.TrimSpace(c.vars[0]), 10, 64)
	if err != nil {
		return 0, fail(1001, "Invalid value '"+c.vars[0]+"'. Required of type 'Integer'")
	}
	found := false
	c.i.db.View(func() { _, found = c.i.people.Get(id) })
	if !found {
		return 0, fail(1004, "Lead '"+c.vars[0]+"' not found")
	}
	return id, nil
}
