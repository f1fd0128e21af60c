// Package cycle is the loop: pull every feed, plan, push. It orders the feeds, moves each page of changes forward in
// one transaction of the ledger, drains the outbox and keeps the promises while doing so.
//
// In flow the records that both clients read; out flow the writes that both clients send. What is remembered between
// two cycles is in the Ledger, which this package declares and the store fulfils. A cycle is one goroutine that
// decides; only waiting for the two systems happens side by side.
package cycle

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Salesforce is what a cycle asks of the Salesforce client.
type Salesforce interface {
	Feeds(ctx context.Context, purpose record.Purpose, feeds []salesforce.Feed) ([]salesforce.Page, time.Time, error)
	Get(ctx context.Context, purpose record.Purpose, object record.Object, ids []record.ID, columns []record.Column, otherID string) ([]record.Record, error)
	Fates(ctx context.Context, purpose record.Purpose, object record.Object, ids []record.ID) ([]record.Record, error)
	FindBy(ctx context.Context, purpose record.Purpose, object record.Object, field string, values []string, columns []record.Column, otherID string) ([]record.Record, error)
	Write(ctx context.Context, purpose record.Purpose, rows []salesforce.Write) ([]salesforce.Result, error)
	Delete(ctx context.Context, purpose record.Purpose, object record.Object, rows []salesforce.Removal) ([]salesforce.Result, error)
	Upload(ctx context.Context, purpose record.Purpose, in salesforce.Ingest, rows *salesforce.Rows) (job salesforce.Job, more bool, err error)
	Job(ctx context.Context, purpose record.Purpose, id string) (salesforce.Job, error)
	Wait(ctx context.Context, purpose record.Purpose, id string) (salesforce.Job, error)
	Results(ctx context.Context, purpose record.Purpose, id string, outcome salesforce.Outcome) iter.Seq2[salesforce.BulkRow, error]
	Abort(ctx context.Context, purpose record.Purpose, id string) error
	Counts(ctx context.Context, purpose record.Purpose, questions []string) ([]salesforce.Counted, error)
	StartExport(ctx context.Context, purpose record.Purpose, e salesforce.Export) (salesforce.Job, error)
	ExportJob(ctx context.Context, purpose record.Purpose, id string) (salesforce.Job, error)
	WaitExport(ctx context.Context, purpose record.Purpose, id string) (salesforce.Job, error)
	ExportPage(ctx context.Context, purpose record.Purpose, e salesforce.Export, id, locator string, row func(record.Record) error) (next string, err error)
	AbortExport(ctx context.Context, purpose record.Purpose, id string) error
}

// Marketo is what a cycle asks of the Marketo client.
type Marketo interface {
	PagingToken(ctx context.Context, since time.Time) (string, error)
	Activities(ctx context.Context, purpose record.Purpose, token string, types []int) (marketo.ActivityPage, error)
	Deleted(ctx context.Context, purpose record.Purpose, token string) (marketo.DeletedPage, error)
	People(ctx context.Context, purpose record.Purpose, ids []record.ID, columns []record.Column, otherID string) ([]record.Record, error)
	PeopleRange(ctx context.Context, purpose record.Purpose, first, last int64, columns []record.Column, otherID string) ([]record.Record, error)
	PeopleBy(ctx context.Context, purpose record.Purpose, field string, values []string, columns []record.Column, otherID string) ([]record.Record, error)
	HighestID(ctx context.Context, purpose record.Purpose) (int64, error)
	ActivitiesOf(ctx context.Context, purpose record.Purpose, token string, types []int, people []record.ID) (marketo.ActivityPage, error)
	WritePeople(ctx context.Context, purpose record.Purpose, rows []marketo.Write) ([]marketo.Result, error)
	WriteRecords(ctx context.Context, purpose record.Purpose, object record.Object, rows []marketo.Write) ([]marketo.Result, error)
	DeleteRecords(ctx context.Context, purpose record.Purpose, object record.Object, rows []marketo.Write) ([]marketo.Result, error)
	ProgramMembers(ctx context.Context, purpose record.Purpose, program int64, token string) (marketo.MemberPage, error)
	MembersAmong(ctx context.Context, purpose record.Purpose, program int64, people []record.ID) ([]marketo.ProgramMember, error)
	SetProgress(ctx context.Context, purpose record.Purpose, program int64, status string, rows []marketo.MemberWrite) ([]marketo.Result, error)
	RemoveMembers(ctx context.Context, purpose record.Purpose, program int64, rows []marketo.MemberWrite) ([]marketo.Result, error)
	AddActivities(ctx context.Context, purpose record.Purpose, rows []marketo.ActivityWrite) ([]marketo.Result, error)
	DeletePeople(ctx context.Context, purpose record.Purpose, rows []marketo.Write) ([]marketo.Result, error)
	MergePeople(ctx context.Context, purpose record.Purpose, rows []marketo.Merge) ([]marketo.Result, error)
	CreateExtract(ctx context.Context, purpose record.Purpose, e marketo.Extract) (marketo.ExtractJob, error)
	QueueExtract(ctx context.Context, purpose record.Purpose, id string) error
	ExtractJob(ctx context.Context, purpose record.Purpose, id string) (marketo.ExtractJob, error)
	ExtractPart(ctx context.Context, purpose record.Purpose, e marketo.Extract, job marketo.ExtractJob, from, most int64) (people []record.Record, read []byte, err error)
	ImportPeople(ctx context.Context, purpose record.Purpose, file *marketo.File) (marketo.Import, error)
	Import(ctx context.Context, purpose record.Purpose, id string) (marketo.Import, error)
	ImportFailures(ctx context.Context, purpose record.Purpose, id string) ([]record.ID, error)
}

// Policy is what the workspace decided, as far as a cycle needs it.
type Policy struct {
	First plan.Policy
	// Lead and Contact say who wins when both sides changed a field of such a person.
	Lead, Contact plan.Policy
	// CreateInSalesforce makes a Lead of a person who is in Marketo only.
	CreateInSalesforce bool
	// Deletes says what a deletion on one side does to the record on the other.
	Deletes Deletes
	// MergeInMarketo merges two people in Marketo whose records became one in Salesforce; without it a person decides.
	MergeInMarketo bool
	// BrakePercent and BrakeRecords: a cycle that would update or delete more than this share of the linked people on
	// one side, and at least so many records, stops before its first write.
	BrakePercent, BrakeRecords int
	// BulkFrom is from how many records on bulk jobs read and write in place of plain calls; 0 decides by the calls that either takes, a
	// negative number means never.
	BulkFrom int
	// Interval is the time between two cycles.
	Interval time.Duration
}

// Deletes is what the deletion of one half of a pair does to the other half. The link ends in any case.
type Deletes uint8

// The ways.
const (
	// DeletesMark sets the flag on the other record that its twin is gone, where the set-up made a field for it.
	DeletesMark Deletes = iota
	// DeletesUnlink leaves the other record as it is.
	DeletesUnlink
	// DeletesDelete deletes the other record too: people in Marketo for good, leads in Salesforce into the recycle bin. Contacts are
	// marked instead: opportunities and cases hang on them.
	DeletesDelete
)

// DefaultPolicy is the blueprint's: first Salesforce wins, later Marketo on leads and Salesforce on contacts.
func DefaultPolicy() Policy {
	return Policy{
		First: plan.SalesforceWins, Lead: plan.MarketoWins, Contact: plan.SalesforceWins,
		BrakePercent: 20, BrakeRecords: 100, Interval: 5 * time.Minute,
	}
}

// Config is what an Engine is made of.
type Config struct {
	Ledger     Ledger
	Salesforce Salesforce
	Marketo    Marketo
	Mapping    schema.Mapping
	Rules      rule.Rules // compiled for Mapping
	Pairs      []member.Pair
	Tasks      Tasks
	Policy     Policy
	Filtering  Filtering
	Mode       func() record.Mode
	Now        func() time.Time
	Log        *slog.Logger
	// Calls tells how many calls were made so far, for the report; nil counts none.
	Calls func() Counts
	// Progress is told what the cycle is doing; it must return at once. nil tells nobody.
	Progress func(Progress)
	// Spare tells whether there is quota to spare for what can wait; nil has always some.
	Spare func(record.Side) bool
	// Described is when both sides were last asked what they look like, by the local clock; zero has nobody asked whether
	// that changed. SchemaChanged is told that it did, or that a side refused something as if it had; it must return at once.
	Described     time.Time
	SchemaChanged func()
	// AtOnce is how many rows of a side are sent together, as far as calls of their own limits; 0 is as many as suit a transaction.
	AtOnce int
	// AllowBrake lets this engine's cycles pass the brake.
	AllowBrake bool
}

// Progress is what a running cycle is doing. Total is 0 when nobody knows it.
type Progress struct {
	Phase Phase
	Side  record.Side // 0 when both
	Done  int
	Total int
}

// Phase names a part of a cycle.
type Phase string

// The phases, in the order of a cycle.
const (
	Recovering Phase = "recovering"
	Reading    Phase = "reading"
	Matching   Phase = "matching"
	Pushing    Phase = "pushing"
)

// Engine runs the cycles of one workspace. It is not for concurrent use: one cycle at a time.
type Engine struct {
	Config
	people []record.Column          // what is read of a Marketo person
	spots  map[record.Object][]spot // where an object's fields stand among them
}

// New makes an engine. It reads nothing and sends nothing.
func New(c Config) *Engine {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	if c.SchemaChanged == nil {
		c.SchemaChanged = func() {}
	}
	if c.Calls == nil {
		c.Calls = func() Counts { return Counts{} }
	}
	c.Mapping = c.withMembers(c.Rules.Mapping(c.Mapping))
	e := &Engine{Config: c}
	e.Salesforce = c.Filtering.widen(c.Salesforce)
	e.people, e.spots = spots(c.Mapping)
	return e
}

// firstSync is the setting that remembers how far the first sync is: "", "joining" or "done".
const firstSync = "first_sync"

// run is one cycle at work.
type run struct {
	*Engine
	n      int64
	first  bool
	mu     sync.Mutex // guards what follows while both sides are written to
	report Report
	// edit is the edit of the workspace that is planned now.
	edit Maker
	// silence is what became of a write of this pass whose answer was lost.
	silence error
	known   time.Time // up to when all changes in Salesforce were read in this cycle, by the org's clock
	// edited is when records that were read in this cycle, and are to be written to, were last changed. It holds a few only.
	edited  map[record.ID]time.Time
	lately  rereading
	ahead   time.Duration         // by how much Marketo's clock is ahead of ours at least, or was when something was noted
	makers  makers                // of what is planned
	lane    Lane                  // of what this run plans
	asked   *asking               // whom alone this run is about; nil: everybody
	lost    map[int64][]record.ID // by outbox row, the references that were left out of what was sent to Marketo
	stands  map[record.ID]located // where records stand in Marketo that others name
	arrived map[record.ID]located // those of them that rows named and that are there, in a first sync
	nobody  bool                  // a first sync goes through the addresses, of which each comes once, and the ledger knew nobody when it began
	held    map[int64]uint32      // rows of an import of which it is not known yet what became of them
	spare   *sheet                // one that is done with
	kept    func() error          // waits until the page is kept that was planned last; nil where it is
	unkept  [3]batch              // by side, what was answered, and is being kept while more of it is sent
	rested  map[record.Side]int
	toldOf  []LinkID  // whose values were not put back because their fields stopped travelling
	moves   moves     // of the stretch of the activity log that is being planned
	toldTo  time.Time // up to when the log was read before
	heard   []Echo    // of which that stretch tells
	// filters decide who takes part, by object.
	filters map[record.Object]*filter.Rule
	// outdated says that what Salesforce holds may be older than what was agreed upon.
	outdated bool
	read     map[record.Object]bool // of which objects this cycle read changes
	// unsure is since when nobody knows what was written to the twins of an object, which are never read: a backup was put back.
	unsure map[record.Object]time.Time
}

// Once runs one cycle to its end: everything that changed is read and planned, and in mode Live everything that can be
// sent is sent. The report is complete also when the error is not nil; what was acknowledged is kept in any case.
//
// The error is a *BrakeError when the brake stopped it, is pace.ErrQuota when an allowance is used up, a pace.Failure of
// class SignIn when a side no longer accepts the sign-in, and ctx's error when it was interrupted.
func (e *Engine) Once(ctx context.Context) (Report, error) {
	return e.run(ctx, CycleLane, (*run).work)
}

// begin makes a run that has done nothing yet.
func (e *Engine) begin(n int64, lane Lane, started time.Time) *run {
	return &run{
		Engine: e, n: n, lane: lane, filters: e.Filtering.rules(started), read: map[record.Object]bool{}, edited: map[record.ID]time.Time{}, lost: map[int64][]record.ID{},
		rested: map[record.Side]int{}, report: Report{N: n, Started: started, Mode: e.Mode(), Asked: lane == NowLane},
	}
}

// run does some work as a cycle with a number and a report.
func (e *Engine) run(ctx context.Context, lane Lane, work func(*run, context.Context) error) (Report, error) {
	started := e.Now()
	calls := e.Calls()
	n, err := e.Ledger.BeginCycle(ctx, started)
	if err != nil {
		return Report{}, fmt.Errorf("begin the cycle: %w", err)
	}
	r := e.begin(n, lane, started)
	err = work(r, ctx)
	r.report.Took = e.Now().Sub(started)
	r.report.Calls = Counts{e.Calls().Salesforce - calls.Salesforce, e.Calls().Marketo - calls.Marketo}
	r.report.Stopped = stopped(err)
	r.report.Made = r.makers.most()
	// The report is kept also when the cycle was interrupted: the ledger gets a context of its own for this last step.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	backlog, countErr := e.Ledger.Backlog(last)
	r.report.Backlog = backlog
	if backlog.Sum() > r.report.Waited.Sum() {
		r.report.Waited = backlog
	}
	return r.report, errors.Join(err, countErr, e.Ledger.EndCycle(last, r.report))
}

// stopped names the reason why a cycle ended early.
func stopped(err error) string {
	var brake *BrakeError
	var failure pace.Failure
	switch {
	case err == nil:
		return ""
	case errors.As(err, &brake):
		return "brake"
	case errors.Is(err, pace.ErrQuota):
		return "quota"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &failure) && failure.Class() == pace.SignIn:
		return "sign-in"
	}
	return "error"
}

func (r *run) work(ctx context.Context) error {
	r.Progress(Progress{Phase: Recovering})
	if _, err := r.importAnswered(ctx, 0); err != nil {
		return fmt.Errorf("ask after an import in Marketo: %w", err)
	}
	if err := r.recover(ctx); err != nil {
		return err
	}
	if err := r.withdraw(ctx); err != nil {
		return err
	}
	stage, err := r.Ledger.Setting(ctx, firstSync)
	if err != nil {
		return err
	}
	if err := r.turned(ctx, stage); err != nil {
		return err
	}
	if stage != "done" {
		r.first, r.report.First = true, true
		if err := r.pullSalesforce(ctx, record.User); err != nil { // who owns a person is planned with the person
			return fmt.Errorf("read the users of Salesforce: %w", err)
		}
		if err := r.firstSync(ctx); err != nil {
			return err
		}
	}
	// After a first sync too: who was entered on a side while it was being read must not be created there once more.
	if err := r.epoch(ctx); err != nil {
		return err
	}
	if err := r.pullFirst(ctx); err != nil {
		return err
	}
	if err := r.refilter(ctx); err != nil {
		return err
	}
	if err := r.recheck(ctx); err != nil {
		return err
	}
	if err := r.compareAfresh(ctx); err != nil {
		return err
	}
	if err := r.enter(ctx); err != nil {
		return err
	}
	if err := r.nightly(ctx); err != nil {
		return err
	}
	if err := r.accompany(ctx); err != nil {
		return err
	}
	if r.report.Waited, err = r.Ledger.Backlog(ctx); err != nil {
		return err
	}
	if r.Mode() != record.Live {
		return nil
	}
	if err := r.brake(ctx); err != nil {
		return err
	}
	return r.push(ctx)
}

// rules are the plan's rules for one object.
func (e *Engine) rules(object record.Object) plan.Rules {
	conflict := e.Policy.Contact
	if object == record.Lead || object == record.CampaignMember {
		conflict = e.Policy.Lead
	}
	return plan.Rules{First: e.Policy.First, Conflict: conflict, Interval: e.Policy.Interval}
}

// object is the mapping of a link's Salesforce object.
func (e *Engine) object(name record.Object) schema.Object {
	o, _ := e.Mapping.Object(name)
	return o
}
