package instance

import (
	"encoding/binary"
	"slices"
	"sort"
	"sync/atomic"
)

// activity is one thing that happened to a person.
type activity struct {
	at       int64 // activityDate, Unix seconds
	kind     int
	lead     uint64
	campaign int
	// primary is primaryAttributeValueId; 0 stands for null. text is primaryAttributeValue, left empty for those whose
	// primary is a field: its label is looked up when it is shown.
	primary int64
	text    string
	attrs   []attr
}

// attr is an attribute of an activity.
type attr struct {
	name  attrName
	kind  byte // see below
	text  string
	num   int64
	nums  []uint64
	given string // name of an attribute outside the table: those of custom activities
}

// Kinds of attribute values.
const (
	attrNull byte = iota
	attrText
	attrShared // a text that many activities share
	attrNumber
	attrTrue
	attrFalse
	attrNumbers
)

// chunkSize is how many activities stand in one chunk of the log.
const chunkSize = 4096

// chunk is a run of activities: columns that a scan looks at, and everything else packed behind them.
type chunk struct {
	ats   []uint32 // seconds, rising
	kinds []uint32
	leads []uint32
	ends  []uint32
	data  []byte
}

// born says when a person of the seed was created. Their New Lead activities are not stored but told from it.
type born struct{ at, lead uint32 }

// activityLog holds all activities in the order in which they were committed. Position 0 is the oldest; positions below
// len(ancient) are New Lead activities from before the instance opened. It is read and written under the lock of the
// rows.
type activityLog struct {
	ancient []born
	chunks  []*chunk
	length  int   // stored activities
	deletes []int // positions of type 37
	hidden  map[int]int64

	shared  map[string]uint64
	strings []string

	epoch atomic.Uint32 // of paging tokens
	late  atomic.Int64  // hidden activities, so that most scans need not look
}

func newActivityLog() *activityLog {
	return &activityLog{hidden: map[int]int64{}, shared: map[string]uint64{}}
}

// end is the position behind the last activity.
func (l *activityLog) end() int { return len(l.ancient) + l.length }

// add appends an activity; at must not lie before that of the last one, or it is moved there in the order, keeping its
// own date.
func (l *activityLog) add(a *activity) int {
	if l.length%chunkSize == 0 {
		l.chunks = append(l.chunks, &chunk{})
	}
	c := l.chunks[len(l.chunks)-1]
	order := uint32(max(a.at, 0))
	if last := l.newest(); order < last {
		order = last
	}
	c.ats = append(c.ats, order)
	c.kinds = append(c.kinds, uint32(a.kind))
	c.leads = append(c.leads, uint32(a.lead))
	c.data = l.pack(c.data, a, int64(order)-a.at)
	c.ends = append(c.ends, uint32(len(c.data)))
	pos := l.end()
	l.length++
	if a.kind == typeDeleteLead {
		l.deletes = append(l.deletes, pos)
	}
	return pos
}

// newest is the order's second of the last activity.
func (l *activityLog) newest() uint32 {
	for n := len(l.chunks) - 1; n >= 0; n-- {
		if ats := l.chunks[n].ats; len(ats) > 0 {
			return ats[len(ats)-1]
		}
	}
	return 0
}

// hide keeps an activity from readers until the given second: it was committed late.
func (l *activityLog) hide(pos int, until int64) {
	l.hidden[pos] = until
	l.late.Store(int64(len(l.hidden)))
}

// visible reports whether a reader may see a position yet.
func (l *activityLog) visible(pos int, now int64) bool {
	if l.late.Load() == 0 {
		return true
	}
	until, late := l.hidden[pos]
	return !late || until <= now
}

// settle forgets what is late no longer. It is called under the write lock.
func (l *activityLog) settle(now int64) {
	for pos, until := range l.hidden {
		if until <= now {
			delete(l.hidden, pos)
		}
	}
	l.late.Store(int64(len(l.hidden)))
}

// head is what a scan looks at before it unpacks an activity.
func (l *activityLog) head(pos int) (at int64, kind int, lead uint64) {
	if pos < len(l.ancient) {
		b := l.ancient[pos]
		return int64(b.at), typeNewLead, uint64(b.lead)
	}
	pos -= len(l.ancient)
	c, n := l.chunks[pos/chunkSize], pos%chunkSize
	return int64(c.ats[n]), int(c.kinds[n]), uint64(c.leads[n])
}

// since is the first position at or after a second.
func (l *activityLog) since(second int64) int {
	if n := len(l.ancient); n > 0 && int64(l.ancient[n-1].at) >= second {
		return sort.Search(n, func(k int) bool { return int64(l.ancient[k].at) >= second })
	}
	k := sort.Search(len(l.chunks), func(k int) bool {
		ats := l.chunks[k].ats
		return int64(ats[len(ats)-1]) >= second
	})
	if k == len(l.chunks) {
		return l.end()
	}
	n, _ := slices.BinarySearchFunc(l.chunks[k].ats, second, func(at uint32, second int64) int {
		return int(int64(at) - second)
	})
	return len(l.ancient) + k*chunkSize + n
}

// get unpacks the activity at a position of the stored part.
func (l *activityLog) get(pos int, a *activity) {
	stored := pos - len(l.ancient)
	c, n := l.chunks[stored/chunkSize], stored%chunkSize
	start := uint32(0)
	if n > 0 {
		start = c.ends[n-1]
	}
	a.kind, a.lead = int(c.kinds[n]), uint64(c.leads[n])
	l.unpack(c.data[start:c.ends[n]], a)
	a.at = int64(c.ats[n]) - a.at
}

func (l *activityLog) pack(b []byte, a *activity, lag int64) []byte {
	b = binary.AppendUvarint(b, uint64(lag))
	b = binary.AppendUvarint(b, uint64(a.campaign))
	b = binary.AppendVarint(b, a.primary)
	b = packText(b, a.text)
	for _, at := range a.attrs {
		b = append(b, byte(at.name), at.kind)
		if at.name == attrGiven {
			b = packText(b, at.given)
		}
		switch at.kind {
		case attrText:
			b = packText(b, at.text)
		case attrShared:
			n, ok := l.shared[at.text]
			if !ok {
				n = uint64(len(l.strings))
				l.shared[at.text] = n
				l.strings = append(l.strings, at.text)
			}
			b = binary.AppendUvarint(b, n)
		case attrNumber:
			b = binary.AppendVarint(b, at.num)
		case attrNumbers:
			b = binary.AppendUvarint(b, uint64(len(at.nums)))
			for _, n := range at.nums {
				b = binary.AppendUvarint(b, n)
			}
		}
	}
	return b
}

func packText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// unpack leaves the lag of the date in a.at.
func (l *activityLog) unpack(b []byte, a *activity) {
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	signed := func() int64 {
		v, n := binary.Varint(b)
		b = b[n:]
		return v
	}
	text := func() string {
		n := number()
		t := string(b[:n])
		b = b[n:]
		return t
	}
	a.at = int64(number())
	a.campaign = int(number())
	a.primary = signed()
	a.text = text()
	a.attrs = a.attrs[:0]
	for len(b) > 0 {
		at := attr{name: attrName(b[0]), kind: b[1]}
		b = b[2:]
		if at.name == attrGiven {
			at.given = text()
		}
		switch at.kind {
		case attrText:
			at.text = text()
		case attrShared:
			at.kind, at.text = attrText, l.strings[number()]
		case attrNumber:
			at.num = signed()
		case attrNumbers:
			at.nums = make([]uint64, number())
			for n := range at.nums {
				at.nums[n] = number()
			}
		}
		a.attrs = append(a.attrs, at)
	}
}
