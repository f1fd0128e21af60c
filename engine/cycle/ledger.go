package cycle

import (
	"context"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Ledger is the durable memory of a workspace, as far as a cycle needs it. The store fulfils it. Every method that
// writes is one transaction: after a crash either all of it happened or nothing.
//
// Values handed in are sealed or turned into keyed hashes before they reach a disk (promise 10).
type Ledger interface {
	// Cursor is where a feed stands; the empty Cursor when it has never been read.
	Cursor(ctx context.Context, feed string) (Cursor, error)
	// Known tells what is remembered about records of one side, in the order of ids; a record never seen gives a Known whose Link.ID is 0.
	Known(ctx context.Context, side record.Side, ids []record.ID) ([]Known, error)
	// Standing is the little of Known that tells where records of Salesforce stand in Marketo, in the order of ids.
	Standing(ctx context.Context, ids []record.ID) ([]Standing, error)
	// Owners are the links that ids of a side lead to, in their order; 0 for none.
	Owners(ctx context.Context, side record.Side, ids []record.ID) ([]LinkID, error)
	// Towards gives the outbox rows towards a side of the links that ids of the other side lead to, in the order of ids; nil where there is none.
	Towards(ctx context.Context, side record.Side, ids []record.ID) ([]*Row, error)
	// KnownLinks is Known by link. A link that is gone gives a Known whose Link.ID is 0.
	KnownLinks(ctx context.Context, links []LinkID) ([]Known, error)
	// Agreed is the little of KnownLinks that tells what links are and agreed upon.
	Agreed(ctx context.Context, links []LinkID) ([]Known, error)
	// Links gives links by their number, after one, at most limit: for what goes through all of them in shares.
	Links(ctx context.Context, after LinkID, limit int) ([]Link, error)
	// Former is Known for ids that a link had before and has no longer: of a lead that was converted, a record that was merged or deleted.
	Former(ctx context.Context, side record.Side, ids []record.ID) ([]Known, error)
	// WrittenSince gives the lines of links' histories that tell of written fields since about a time, the oldest first. It costs next to
	// nothing for links that nothing was written to.
	WrittenSince(ctx context.Context, links []LinkID, since time.Time) (map[LinkID][]Event, error)
	// KeptOut gives, of each of some links, what its history last told of why the filter keeps it out, "" where nothing is left of it.
	KeptOut(ctx context.Context, links []LinkID) (map[LinkID]string, error)
	// ByEmail finds the links that carry an address on either side, in the order of emails; blank addresses find nothing.
	ByEmail(ctx context.Context, emails []record.Value) ([][]Link, error)
	// Neighbours finds the other links that carry an address of one of these, each once.
	Neighbours(ctx context.Context, of []LinkID) ([]Link, error)
	// CommitPage moves one feed forward by one page. If the stored cursor is no longer p.From nothing is written and the error is ErrStale.
	CommitPage(ctx context.Context, p Page) error

	// Due gives outbox rows of a side that wait, or have rested, and whose time has come, in order of sending: lane now first, then
	// what others name before those who name it, of each kind of write its share and of each the oldest first, but a first sync's one kind
	// after the other; at most limit, those of the objects but left out.
	Due(ctx context.Context, side record.Side, now time.Time, limit int, but ...record.Object) ([]Row, error)
	// Unrest lets the rows towards a side that came to rest in cycle n wait like any other.
	Unrest(ctx context.Context, side record.Side, n int64) error
	// Carriers are rows towards a side that wait, whose time has come, and that only write an id on a record of an object: in the
	// order of their ids, after one, at most limit. Updates are those that write fields.
	Carriers(ctx context.Context, side record.Side, object record.Object, now time.Time, after int64, limit int) ([]Row, error)
	Updates(ctx context.Context, side record.Side, object record.Object, now time.Time, after int64, limit int) ([]Row, error)
	// NextDue is when the first of the rows that wait for their time is due, zero when none does.
	NextDue(ctx context.Context, now time.Time) (time.Time, error)
	// Hurry puts what waits for links, or was refused, before everything else, due at once, and has the links read afresh.
	Hurry(ctx context.Context, links []LinkID) error
	// MarkSending is written before the call that carries the rows, so that after a crash they are in doubt.
	MarkSending(ctx context.Context, rows []int64) error
	// InDoubt gives the rows that a crash or a lost answer left in state Sending, at most limit.
	InDoubt(ctx context.Context, limit int) ([]Row, error)
	// Acknowledge records what became of rows that were sent. Only here does a written value become a baseline.
	Acknowledge(ctx context.Context, answers []Answer) error
	// Withdraw takes the writes back that are meant for an object of Marketo: it is not synced any more. Its links stay.
	Withdraw(ctx context.Context, object record.Object) error
	// Forget removes the echoes of cycles before n: no activity will tell of them any more.
	Forget(ctx context.Context, n int64) error

	// KeyedLinks gives the links whose id in Marketo begins with prefix, in the order of those ids, after one of them; at most limit.
	KeyedLinks(ctx context.Context, prefix, after record.ID, limit int) ([]LinkID, error)
	// LinkedSince is when links became pairs, in their order; zero where that is longer ago than history is kept.
	LinkedSince(ctx context.Context, links []LinkID) ([]time.Time, error)

	// Rechecks gives links that must be read afresh on both sides, at most limit. A Step with Rechecked ends it.
	Rechecks(ctx context.Context, limit int) ([]LinkID, error)

	// BrakeCounts tells how many updates and deletes wait per side, and how many people are linked: first-sync rows,
	// creations and bare ids of the other side are left out.
	BrakeCounts(ctx context.Context) (BrakeCounts, error)
	// Backlog counts what waits, per target side, without a scan.
	Backlog(ctx context.Context) (Backlog, error)

	// OpenStage opens the scratch file of a first sync, making it if need be. It is separate from the ledger's own
	// file, because it only saves reading again: losing it loses nothing.
	OpenStage(ctx context.Context) (Stage, error)

	// BeginCycle gives the number of a new cycle. EndCycle keeps its report for the dashboard.
	BeginCycle(ctx context.Context, started time.Time) (n int64, err error)
	EndCycle(ctx context.Context, r Report) error
	// Setting and SetSetting keep small facts of the engine by name (epochs, "first sync done"); "" when never set.
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
}

// Stage holds what a first sync has read of both sides until it is joined. Reading is durable page by page.
type Stage interface {
	// Cursor is where the reading of a feed stands in this stage.
	Cursor(ctx context.Context, feed string) (Cursor, error)
	// Put keeps a page of records (replacing ones of the same id) and moves the feed's cursor, in one transaction.
	Put(ctx context.Context, feed string, to Cursor, records []record.Record) error
	// ByID gives the pairs that already carry each other's id (either side's OtherID names the other record), ordered,
	// after a position; done is true when there are no more. Used first: stored ids decide before e-mail.
	ByID(ctx context.Context, after string, limit int) (pairs []StagedGroup, next string, done bool, err error)
	// ByEmail gives all staged records grouped by address, ordered, after a position, about limit records a time; a
	// group is never split. Records without an address come as groups of one.
	ByEmail(ctx context.Context, after string, limit int) (groups []StagedGroup, next string, done bool, err error)
	// Remove closes and deletes the scratch file.
	Remove() error
	// Close closes it and keeps it for the next start.
	Close() error
}

// StagedGroup is the staged records that may be the same person.
type StagedGroup struct {
	Salesforce []record.Record
	Marketo    []record.Record
}

// ErrStale is CommitPage's answer when another page moved the feed first, or the epoch changed.
var ErrStale = errors.New("cycle: the feed moved on since this page was read")

// Cursor is a feed's position, in a form only the feed's reader knows.
type Cursor string

// LinkID names a link inside one workspace.
type LinkID int64

// LinkState says what a link is.
type LinkState uint8

// The states of a link.
const (
	// Alone is a record known on one side only, with nothing planned: not in the other system, or not decided yet.
	Alone LinkState = iota + 1
	// Creating is a record whose twin is about to be created.
	Creating
	// Linked is a pair.
	Linked
	// Ended is a pair of which one side was deleted; kept so that history stays one story.
	Ended
	// Filtered is a Salesforce record that the filter keeps out.
	Filtered
	// Frozen is a pair whose Salesforce record the filter keeps out: nothing travels until it passes again.
	Frozen
)

// Link says that a Salesforce record and a Marketo record are the same thing. One id is empty while only one is known.
type Link struct {
	ID         LinkID
	Object     record.Object // Lead, Contact or Account; Person for a person known in Marketo only; Company likewise
	Salesforce record.ID
	Marketo    record.ID
	State      LinkState
}

// On is the link's id on a side.
func (l Link) On(s record.Side) record.ID {
	if s == record.Salesforce {
		return l.Salesforce
	}
	return l.Marketo
}

// halves tells which records of a link are there. An ended one that names both lost the one in Salesforce, which can come back; one
// that lost its person does not name it any more.
func (l Link) halves() (salesforce, marketo bool) {
	salesforce, marketo = l.Salesforce != "", l.Marketo != ""
	return salesforce && !(l.State == Ended && marketo), marketo
}

// Known is what is remembered about one link: enough to plan a page without another look.
type Known struct {
	Link     Link
	Baseline Baseline
	// Out holds the outbox rows of this link by target side, in whatever state; nil where there is none.
	Out map[record.Side]*Row
	// Holds are the holds of this link, those that were left alone among them.
	Holds []Hold
	// Follows are the Salesforce records on which this link depends, in their order.
	Follows []record.ID
	// Echoes are what was written to its person, and the activities do not tell of yet; the oldest first.
	Echoes []Echo
}

// Paired reports whether the record is half of a pair that both sides have now.
func (k Known) Paired() bool {
	return k.Link.State == Linked && k.Link.Salesforce != "" && k.Link.Marketo != ""
}

// Baseline answers for the values on which both sides last agreed, without knowing them.
type Baseline interface {
	// Has reports whether the field was ever agreed upon.
	Has(field uint16) bool
	// Same reports whether v is the value agreed upon; false when Has is false.
	Same(field uint16, v record.Value) bool
	// Print is the keyed hash of the value agreed upon, 0 when Has is false. It says nothing without the workspace's key.
	Print(field uint16) uint64
	// Prints is the keyed hash that v would have as this link's field.
	Prints(field uint16, v record.Value) uint64
}

// Lane orders the outbox: what a person asked for goes before what a cycle found.
type Lane uint8

// The lanes.
const (
	NowLane   Lane = 0
	CycleLane Lane = 1
)

// RowState is where an outbox row stands.
type RowState uint8

// The states of an outbox row.
const (
	Waiting RowState = iota + 1
	Sending
	_ // what is done is in the outbox no more
	Failed
	Held
	// Resting rows wait until Row.Next, when the quiet time of their fields is over. The brake does not count them.
	Resting
)

// Action is what a row does to its target.
type Action uint8

// The actions.
const (
	Create Action = iota + 1
	Update
	// WriteID only writes the other side's id into the field made for it.
	WriteID
	Delete
	// Merge merges the person Carry into the person Target.
	Merge
)

// String is the word that the command line's plan uses; writing back an id is an update there.
func (a Action) String() string {
	switch a {
	case Create:
		return "create"
	case Delete, Merge:
		return "delete"
	}
	return "update"
}

// Row is the one outbox row of a link towards one side: later changes merge into it.
type Row struct {
	ID     int64
	Link   LinkID
	Side   record.Side
	Object record.Object // the target's object
	Target record.ID     // empty for a creation
	Source record.ID     // the record on the other side
	Action Action
	State  RowState
	Lane   Lane
	First  bool  // planned by the first sync: the brake does not count it
	Cycle  int64 // that planned it last
	Tries  int
	Next   time.Time // not to be sent before
	Since  time.Time // when the oldest change in it was seen
	Cause  string    // of the last refusal: a code, never a value
	Fields []Change
	By     Maker     // who made the change that it carries; known to the cycle that plans it alone
	Carry  record.ID // the other side's id to write; empty when it is there already
	// Refused is what its target refused to take. It is not sent and holds back nothing else; a row of which nothing else is left is Failed.
	Refused []Refusal
}

// Change is one field that a row writes.
type Change struct {
	Field uint16
	Value record.Value
	// Prior is the Baseline's Print of what the target held as far as was known when this was planned: another value
	// found there means that somebody edited it in the meantime (promise 6). 0 when nothing was known.
	Prior uint64
	// Found is what the target held, where that was read before the link had a key of its own: the ledger makes Prior of it.
	Found *record.Value
	At    time.Time // when the source changed it
	// With marks a field that was not changed: the target takes the one beside it only together with this one.
	With bool
	// Ruled says that the field had a rule when this was planned: what the target is believed to hold is what that made of it.
	Ruled bool
	// Lost is somebody's value that the write takes away from the target, as it is spelled there: told when it happened. nil where it takes
	// nothing away.
	Lost *record.Value
}

// Echo is an update that Marketo took. The activities of its fields, when they come, tell what it overwrote.
type Echo struct {
	ID     int64 // 0 for one that is not kept yet
	Cycle  int64
	Since  time.Time // of the row: an activity before it is another's
	Fields []Change
}

// NoField marks what is about the whole record.
const NoField = 0xFFFF

// Event is one line of a link's history.
type Event struct {
	At    time.Time
	Cycle int64
	Side  record.Side // where it took effect
	Kind  string      // "linked", "changed", "planned", "written", "created", "overwrote", "failed", "held", "resolved", "deleted", "dropped", "merged", "joined", "unlinked"
	Field uint16      // NoField when about the whole record
	// Object is the one whose mapping Field belongs to; empty for the link's own.
	Object record.Object
	Old    record.Value
	New    record.Value
	Detail string // a code or an id, never a person's data; of a "changed" how often, where that is more than once
}

// Agreed is a field value that both sides have.
type Agreed struct {
	Field uint16
	Value record.Value
}

// Step is everything that one page decides about one link.
type Step struct {
	// Link with ID 0 is new. With an ID it replaces what is stored where PutLink is set.
	Link    Link
	PutLink bool
	// Absorb names an Alone link that turned out to be the other half of this one: its ids, addresses and history move here.
	Absorb LinkID
	// Emails are the addresses now known, by side; a blank one removes.
	Emails map[record.Side]record.Value
	Agreed []Agreed
	// Out are outbox rows to put in place of what is there for their side; one without fields, refused ones, Carry, Create or Delete removes.
	Out       []Row
	Echo      *Echo // of a write whose answer was lost
	Holds     []Hold
	Release   []int64
	Events    []Event
	Mapped    record.Object // whose mapping the written fields of Events belong to, where they count as changes
	Rechecked bool
	Recheck   bool
	// Follow makes these Salesforce records the ones on which the link depends: it waits for them, or wrote Marketo's ids of them.
	// When one of them gets or loses its place in Marketo, the link is read afresh. nil leaves what is stored.
	Follow *[]record.ID
	// Unlearn forgets what the link's halves once agreed upon: they are no pair any more.
	Unlearn bool
	// Forget are the fields of which the link's halves, as they are by now, agreed upon nothing.
	Forget []uint16
}

// Page is what one page of a feed decided, and the feed's move.
type Page struct {
	Feed     string // empty: no feed moves (a recheck, a join)
	From, To Cursor
	Cycle    int64
	At       time.Time
	Steps    []Step
	// Heard are echoes of which the activities of this page tell, each with the fields of which none has told yet; one of which none is left goes.
	Heard []Echo
	// Apart says that no record of a new link of this page is one of another link, or is looked for by its id soon.
	Apart bool
}

// Backlog is what waits.
type Backlog struct {
	ToMarketo    int           `json:"salesforce_to_marketo"`
	ToSalesforce int           `json:"marketo_to_salesforce"`
	Oldest       time.Duration `json:"-"`
}

// Sum is both directions together.
func (b Backlog) Sum() int { return b.ToMarketo + b.ToSalesforce }
