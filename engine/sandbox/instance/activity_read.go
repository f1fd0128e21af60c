package instance

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// A scan looks at so many activities of the log before it answers, also when none of them was asked for: rare types over
// a long time come in short and empty pages.
const scanBlock = 20_000

// Marketo REST API, Activities: 10 types, 30 people.
const (
	maxTypes       = 10
	maxLeadFilters = 30
)

func unixTime(at int64) time.Time { return time.Unix(at, 0).UTC() }

func activityTypes(c *call) error {
	for _, t := range allTypes {
		if t.native && !c.i.native || t.id == typeSalesforceActivity && c.i.bare {
			continue
		}
		c.element()
		b := strconv.AppendInt(append(c.buf, `{"id":`...), int64(t.id), 10)
		b = appendMember(b, ",", "name", t.name)
		b = appendMember(b, ",", "description", t.about)
		if t.primary[0] != "" {
			b = appendTypeAttribute(append(b, `,"primaryAttribute":`...), t.primary)
		}
		b = append(b, `,"attributes":[`...)
		for n, at := range t.attributes {
			if n > 0 {
				b = append(b, ',')
			}
			b = appendTypeAttribute(b, at)
		}
		c.buf = append(b, `]}`...)
	}
	return nil
}

func appendTypeAttribute(b []byte, at [2]string) []byte {
	b = appendMember(append(b, '{'), "", "name", at[0])
	return append(appendMember(b, ",", "dataType", at[1]), '}')
}

// parameterTime reads a date parameter: ISO 8601 to the second with a zone; fractions are refused.
func parameterTime(text string) (time.Time, error) {
	text = strings.Replace(text, " ", "+", 1) // an offset whose plus sign was not encoded
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, text); err == nil && !strings.ContainsAny(text, ".,") {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fail(704, "Invalid date format: '"+text+"'")
}

func pagingToken(c *call) error {
	text := c.q.Get("sinceDatetime")
	if text == "" {
		return missing("sinceDatetime")
	}
	since, err := parameterTime(text)
	if err != nil {
		return err
	}
	c.noResult, c.token = true, c.i.token(place{dateToken, uint64(since.Unix())})
	return nil
}

// scan is what a page of activities is asked for by.
type scan struct {
	from  int
	size  int
	types []int
	leads []uint64
	list  map[uint64]bool
}

// scanOf reads the parameters that all scans share.
func (c *call) scanOf() (scan, error) {
	var s scan
	text := c.q.Get("nextPageToken")
	if text == "" {
		return s, missing("nextPageToken")
	}
	at, ok := c.i.readToken(text)
	if !ok || at.kind > positionToken {
		return s, errToken
	}
	var err error
	if s.size, err = c.batchSize(); err != nil {
		return s, err
	}
	for id := range splitIDs(c.q["leadIds"]) {
		n, err := strconv.ParseUint(id, 10, 64)
		if err != nil {
			return s, fail(1001, "Invalid value '"+id+"'. Required of type 'Integer'")
		}
		s.leads = append(s.leads, n)
	}
	if len(s.leads) > maxLeadFilters {
		return s, fail(1003, "The number of leadIds exceeds the limit of 30")
	}
	c.i.db.View(func() {
		s.from = int(at.at)
		if at.kind == dateToken {
			s.from = c.i.log.since(int64(at.at))
		}
		if text := c.q.Get("listId"); text != "" {
			s.list, err = c.i.lists.filter(text)
		}
	})
	return s, err
}

// splitIDs takes repeated parameters and comma-separated ones.
func splitIDs(values []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, value := range values {
			for one := range strings.SplitSeq(value, ",") {
				if one = strings.TrimSpace(one); one != "" && !yield(one) {
					return
				}
			}
		}
	}
}

// run walks through a block of the log and gives what matches. The token that it leaves behind is where the next page,
// or the next poll, begins. Three faults live here: an empty page and a short one though more follows, and a token that
// leads to the same page again.
func (c *call) run(s scan, take func(pos int, a *activity) bool) {
	l, now := c.i.log, c.now.Unix()
	if c.i.dice.Roll(fault.EmptyPage) {
		c.page(c.i.token(place{positionToken, uint64(s.from)}), true)
		return
	}
	if c.i.dice.Roll(fault.ShortPage) {
		s.size = 1 + c.i.dice.Pick(fault.ShortPage, s.size)
	}
	var a activity
	pos, found := s.from, 0
	end := min(l.end(), s.from+scanBlock)
	for ; pos < end && found < s.size; pos++ {
		at, kind, lead := l.head(pos)
		if !slices.Contains(s.types, kind) || (len(s.leads) > 0 && !slices.Contains(s.leads, lead)) || (s.list != nil && !s.list[lead]) {
			continue
		}
		if days := typesByID[kind].retention; days > 0 && now-at > int64(days)*86_400 {
			continue
		}
		if !l.visible(pos, now) || !c.i.activityAt(pos, &a) {
			continue
		}
		if take(pos, &a) {
			found++
		}
	}
	more := pos < l.end()
	if found > 0 && c.i.dice.Roll(fault.DuplicatePage) {
		pos, more = s.from, true
	}
	c.page(c.i.token(place{positionToken, uint64(pos)}), more)
}

// activityAt reads the activity at a position. Those of the seed are told from the person; ok is false when nobody is
// there any more to tell from.
func (i *Instance) activityAt(pos int, a *activity) bool {
	if pos >= len(i.log.ancient) {
		i.log.get(pos, a)
		return true
	}
	b := i.log.ancient[pos]
	row, ok := i.people.Get(uint64(b.lead))
	if !ok {
		return false
	}
	var p person
	i.load(&p, row)
	i.newLead(a, &p, origin{source: "New lead"})
	a.at = int64(b.at)
	a.attrs = append(a.attrs, text("Created Date", unixTime(a.at).In(central).Format(time.DateOnly)))
	return true
}

func activities(c *call) error {
	var types []int
	for id := range splitIDs(c.q["activityTypeIds"]) {
		n, err := strconv.Atoi(id)
		if err != nil {
			return fail(1001, "Invalid value '"+id+"'. Required of type 'Integer'")
		}
		if typesByID[n] == nil {
			return fail(1003, "Invalid activity type id '"+id+"'")
		}
		types = append(types, n)
	}
	if len(types) == 0 {
		return missing("activityTypeIds")
	}
	if len(types) > maxTypes {
		return fail(1003, "The number of activityTypeIds exceeds the limit of 10")
	}
	assets := slices.Collect(splitIDs(c.q["assetIds"]))
	if len(assets) > 0 && len(types) > 1 {
		return fail(1003, "assetIds can only be used with a single activity type")
	}
	s, err := c.scanOf()
	if err != nil {
		return err
	}
	s.types = types
	c.i.db.View(func() {
		c.run(s, func(pos int, a *activity) bool {
			if len(assets) > 0 && !slices.Contains(assets, strconv.FormatInt(a.primary, 10)) {
				return false
			}
			c.element()
			c.buf = c.i.appendActivity(c.buf, pos, a)
			return true
		})
	})
	return nil
}

// leadChanges gives types 12 and 13 in a shape of its own, with fields by REST name and only those that were asked for.
func leadChanges(c *call) error {
	if c.q.Get("fields") == "" {
		return missing("fields")
	}
	fields, err := c.leadFieldList()
	if err != nil {
		return err
	}
	s, err := c.scanOf()
	if err != nil {
		return err
	}
	s.types = []int{typeNewLead, typeChangeDataValue}
	c.i.db.View(func() {
		c.run(s, func(pos int, a *activity) bool {
			var f *field
			if a.kind == typeChangeDataValue {
				if f = c.i.schema.byID[int(a.primary)]; f == nil || !slices.Contains(fields, f) {
					return false
				}
			}
			c.element()
			c.buf = c.i.appendLeadChange(c.buf, pos, a, f)
			return true
		})
	})
	return nil
}

func (i *Instance) appendLeadChange(b []byte, pos int, a *activity, f *field) []byte {
	b = append(i.appendActivityHead(b, pos, a), `,"fields":[`...)
	if f != nil {
		b = strconv.AppendInt(append(b, `{"id":`...), int64(f.id), 10)
		b = appendMember(b, ",", "name", f.name)
		for _, at := range a.attrs {
			switch at.label() {
			case "New Value":
				b = at.appendValue(append(b, `,"newValue":`...))
			case "Old Value":
				b = at.appendValue(append(b, `,"oldValue":`...))
			}
		}
		b = append(b, '}')
	}
	b = append(b, `],"attributes":[`...)
	for _, at := range a.attrs {
		if name := at.label(); name == "Reason" || name == "Source" || name == "Source Type" {
			b = appendMember(append(b, '{'), "", "name", name)
			b = append(at.appendValue(append(b, `,"value":`...)), '}', ',')
		}
	}
	b = strconv.AppendUint(append(b, `{"name":"Lead ID","value":`...), a.lead, 10)
	return append(b, `}]}`...)
}

// deletedLeads walks through the deletions alone, so that a poll costs what it returns.
func deletedLeads(c *call) error {
	s, err := c.scanOf()
	if err != nil {
		return err
	}
	c.i.db.View(func() {
		l, now := c.i.log, c.now.Unix()
		n, _ := slices.BinarySearch(l.deletes, s.from)
		if n < len(l.deletes) && c.i.dice.Roll(fault.EmptyPage) {
			c.page(c.i.token(place{positionToken, uint64(s.from)}), true)
			return
		}
		var a activity
		for found := 0; n < len(l.deletes) && found < s.size; n++ {
			pos := l.deletes[n]
			l.get(pos, &a)
			if now-a.at > int64(typesByID[typeDeleteLead].retention)*86_400 || !l.visible(pos, now) {
				continue
			}
			found++
			c.element()
			c.buf = c.i.appendActivity(c.buf, pos, &a)
		}
		next := l.end()
		if n < len(l.deletes) {
			next = l.deletes[n]
		}
		c.page(c.i.token(place{positionToken, uint64(next)}), n < len(l.deletes))
	})
	return nil
}
