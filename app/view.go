package app

import (
	"context"
	"io"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// This file holds what the window shows of a workspace: plain values, made by use cases, drawn and forgotten by gui.
// Whatever a person reads is a key with arguments, so that it can be said in any language.

// Sentence is something said to a person: a key for the translation, its arguments, and the English text for keys that
// a language lacks.
type Sentence = pace.Sentence

// Problem is what stands in the way and needs a person: what happened, what to do about it, and the details that
// support asks for. None of them holds secrets or people's data.
type Problem struct {
	What    Sentence
	Do      Sentence
	Details string
	// Resumable says that it waits for a person's word alone: one who has looked lets it go on with GoOn.
	Resumable bool
}

// WorkspaceCard is one line of the list of workspaces.
type WorkspaceCard struct {
	Name       string
	Mode       record.Mode
	LookOnly   bool   // can never leave Observe
	Salesforce string // the org's host; empty while not connected
	Marketo    string // the instance's host; empty while not connected
	Linked     int    // people
	Open       int    // failures and holds that wait for a person
	LastCycle  time.Time
	InUse      bool // another process works in it
	// Step is where its set-up stands, as it was kept; empty where it has ended. Begun says that there is no workspace yet, only what was
	// typed of one.
	Step  string
	Begun bool
	// Trouble says why nothing is known of it yet; opening it says more, or, after an update of Doppio, heals it. Zero where all is well.
	Trouble Sentence
}

// Connected reports whether both sides are.
func (w WorkspaceCard) Connected() bool { return w.Salesforce != "" && w.Marketo != "" }

// Phase is what long work is doing at this moment; gui has a text for each.
type Phase string

// The phases. The last four are those of a cycle, by the names that the command line uses.
const (
	PhaseSeed     Phase = "seeding"    // the sample data is being made
	PhaseConnect  Phase = "connecting" // signing in on both sides
	PhaseDescribe Phase = "describing" // reading which fields there are
	PhaseRecover  Phase = "recovering" // looking up writes whose answers were lost
	PhaseRead     Phase = "reading"    // changes, or everything at the first sync
	PhaseMatch    Phase = "matching"   // finding which records belong together
	PhaseWrite    Phase = "pushing"
)

// Phases are all of them.
func Phases() []Phase {
	return []Phase{PhaseSeed, PhaseConnect, PhaseDescribe, PhaseRecover, PhaseRead, PhaseMatch, PhaseWrite}
}

// Progress says how far long work is.
type Progress struct {
	Phase Phase
	Side  record.Side // 0: both, or neither
	Done  int
	Total int           // 0: nobody knows
	Left  time.Duration // until the end; 0: nobody knows
	Since time.Time     // when the work began; zero: nobody knows
}

// Sides is a number for each direction: what is on its way to Marketo, and what is on its way to Salesforce.
type Sides struct{ ToMarketo, ToSalesforce int }

// Sum is both directions together.
func (s Sides) Sum() int { return s.ToMarketo + s.ToSalesforce }

// BacklogPoint is how much waited at a moment; of many cycles, the most that waited in one.
type BacklogPoint struct {
	At time.Time
	Sides
}

// Peak is the highest point of a backlog and what caused it. By and Field are empty where that is unknown, Gone is
// zero while it still lasts.
type Peak struct {
	At      time.Time
	Records int
	First   bool     // it was the first sync
	By      Sentence // who or what changed the most: the name of a user or of an integration
	Field   string   // the field that was changed most, by its Salesforce name
	Gone    time.Duration
}

// Backlog is the history of what waited, oldest first.
type Backlog struct {
	Day      []BacklogPoint // the last 24 hours
	FiveDays []BacklogPoint
	EmptyAt  time.Time // when nothing will wait any more, zero where nobody knows or nothing waits
	Made     []Cause   // who and what made what waits now, the largest part first
	DayPeak  *Peak     // nil where nothing stood out
	FivePeak *Peak
}

// CauseClass is how grave a cause of failures is.
type CauseClass uint8

// The classes of causes.
const (
	CauseBad     CauseClass = iota + 1 // stays until a person acts
	CauseWarning                       // one rule or one right would heal it
	CauseOther                         // passes by itself
)

// FailureBar is how many refusals were open in a stretch of time, by class.
type FailureBar struct {
	From, Until         time.Time
	Bad, Warning, Other int
}

// Sum is all classes together.
func (b FailureBar) Sum() int { return b.Bad + b.Warning + b.Other }

// FailureGroup is the open failures of one cause.
type FailureGroup struct {
	ID     string
	Cause  Sentence
	Fields []string    // that the side named, by their API names
	Side   record.Side // that refused
	Class  CauseClass
	Open   int
}

// CycleRow is one cycle as the dashboard lists it. Calls and the rest count both sides.
type CycleRow struct {
	N       int64
	Started time.Time
	Took    time.Duration
	Read    int
	Written int
	Failed  int
	Calls   int
	Stopped Sentence // why it ended early; the zero Sentence when it did not
}

// Quota is what of a side's daily calls is used. Forecast is the calls used by the time the allowance starts again, at
// today's pace; 0 while that cannot be said.
type Quota struct {
	Side     record.Side
	Used     int // by Doppio, today
	Share    int // that Doppio was granted
	Limit    int // the side's own, for all programs together; 0: unknown
	Forecast int
	Resets   time.Time
}

// Spent is how many of today's calls went into one purpose.
type Spent struct {
	Purpose             record.Purpose
	Salesforce, Marketo int
}

// Sum is both sides together.
func (s Spent) Sum() int { return s.Salesforce + s.Marketo }

// Dashboard is everything that the Overview shows, true at AsOf.
type Dashboard struct {
	AsOf      time.Time
	Workspace string
	Demo      bool // an imitated pair: it can be edited and broken
	Trouble   bool // Demo only: faults are on
	Mode      record.Mode
	Every     time.Duration // between two cycles

	Running *Progress // nil while no cycle runs
	Paused  bool
	Next    time.Time // when the next cycle starts; zero: none is planned
	Wait    *Sentence // why nothing starts before Next (an allowance is used up, the network is gone); nil: only the interval
	Problem *Problem  // what a person has to do before anything goes on; nil: nothing

	// Expiring are sign-ins that end soon, or have ended.
	Expiring []Expiry

	Linked int // people
	// Audit is what the audits of the last 30 days found; nil when there was none.
	Audit    *AuditResult
	Waiting  Sides
	Failures int // refused record writes that are open
	Holds    int
	Backlog  Backlog
	Bars     []FailureBar   // oldest first
	Groups   []FailureGroup // the largest first
	Cycles   []CycleRow     // the newest first
	Quotas   []Quota        // Salesforce, then Marketo
	Spent    []Spent        // what today's calls were for, the most first
}

// CheckState is the outcome of one line of a check.
type CheckState uint8

// The outcomes.
const (
	CheckGood CheckState = iota + 1
	CheckWarning
	CheckBad
)

// CheckLine is one thing that was looked at: what was found, and what to do about it (zero where nothing).
type CheckLine struct {
	State CheckState
	Side  record.Side
	What  Sentence
	Do    Sentence
}

// Running is a workspace that is open in this process: it syncs by itself until Close. All methods may be called from
// any goroutine; those without a context return at once, and what becomes of them arrives through Watch.
type Running interface {
	// Watch calls show with the dashboard as it is now and after every change, until ctx ends. It blocks.
	Watch(ctx context.Context, show func(Dashboard)) error
	// SyncNow starts a cycle unless one runs.
	SyncNow()
	// Stop ends the running cycle after the call that is under way. What was acknowledged is kept.
	Stop()
	// Pause keeps cycles from starting, Resume lets them start again.
	Pause()
	Resume()
	// GoOn is Resume with a person's word for what was stopped to be looked at: the next cycle takes it up.
	GoOn()
	// Edit changes n people on each side as users would. Demo only.
	Edit(ctx context.Context, n int) error
	// Trouble switches faults of both sides on or off. Demo only.
	Trouble(ctx context.Context, on bool) error
	// LookOnly says that the workspace can never leave Observe.
	LookOnly() bool
	// SignInSalesforce and SignInMarketo sign in anew, in place of what is kept where that worked; the work rests meanwhile, and goes on.
	SignInSalesforce(ctx context.Context, c ConnectSalesforce) (Connected, error)
	SignInMarketo(ctx context.Context, c ConnectMarketo) (Connected, error)
	Asked
	// Close ends the work and waits for it. The last answer is kept.
	Close() error
}

// Asked is a workspace as the pages of the window ask it, whether it is at work or is still being set up. Its methods wait.
type Asked interface {
	// Rights asks Salesforce what the sync user may do; WriteRequest and WritePackage write what the admin is asked for, and the metadata
	// package that grants it. They only read.
	Rights(ctx context.Context) (Rights, error)
	WriteRequest(ctx context.Context, form RequestForm, to io.Writer, say func(Sentence) string) error
	WritePackage(ctx context.Context, to io.Writer) error
	// OpenFilter hands out the sync filter to edit; its Close must follow. SetFilter changes it.
	OpenFilter(ctx context.Context) (FilterDesk, error)
	SetFilter(ctx context.Context, c FilterChange) error
	// Deploy puts that package into effect, once a person said so: it changes the org.
	Deploy(ctx context.Context, d Deploy) (Deployed, error)
	// Connections gives how the workspace reaches both sides; a side that is not connected is zero. Who asks Salesforce as whom it is
	// signed in, Instance what Marketo says of itself and of the API user. They only read.
	Connections(ctx context.Context) (SalesforceConnection, MarketoConnection, error)
	Who(ctx context.Context) (Who, error)
	Instance(ctx context.Context) (Instance, error)
	// RenewSigningKey gives the certificate of a key beside the one that signs in, which signs in until the app takes the new one.
	RenewSigningKey(ctx context.Context) (SigningKey, error)
	AskedFields
	AskedRehearsal
	AskedRules
	// Draft gives what was typed in a step of the set-up and not yet set, KeepDraft keeps it; nil forgets it.
	Draft(ctx context.Context, step string) ([]byte, error)
	KeepDraft(ctx context.Context, step string, draft []byte) error
}

// AskedRehearsal is what the pages ask that rehearse and go live.
type AskedRehearsal interface {
	// Rehearse reads both sides, plans everything and writes nothing; it is kept, and Rehearsal gives it (ErrNotRehearsed where there was
	// none). WriteRehearsal writes it, with people's values where it is told to. SinceRehearsal plans again and says what differs from it.
	Rehearse(ctx context.Context, progress func(Progress)) (Rehearsal, error)
	Rehearsal(ctx context.Context) (Rehearsal, error)
	WriteRehearsal(ctx context.Context, form RehearsalForm, values bool, to io.Writer, say func(Sentence) string) error
	SinceRehearsal(ctx context.Context, progress func(Progress)) (Outcome, error)
	// Share carries out the last rehearsal for so many people; LastShare is what became of the last one. GoLive lets the cycles write,
	// KeepRehearsing lets them plan.
	Share(ctx context.Context, people int, progress func(Progress)) (Share, error)
	LastShare(ctx context.Context) (Share, error)
	GoLive(ctx context.Context) error
	KeepRehearsing(ctx context.Context) error
}
