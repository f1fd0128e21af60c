package cycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
)

// Epoch is the setting that says that the cursors no longer tell the whole story, and why: everybody is compared afresh with what both
// sides agreed upon, page by page, before anything else is read.
const Epoch = "epoch"

// Reason is why an epoch ended.
type Reason string

// The reasons.
const (
	// OrgChanged: the org is another one, or was put back to an earlier state, so that what Salesforce says may be old. Where a field
	// differs, both sides count as changed, and the rule for conflicts decides.
	OrgChanged Reason = "org"
	// ClockBack: a cursor of Salesforce lies in the future of the org's own clock. It is treated as OrgChanged.
	ClockBack Reason = "clock"
	// TokenVoid: Marketo does not know the place in its activity log any more.
	TokenVoid Reason = "token"
	// TooLong: nothing was read for so long that a side has forgotten its deletions.
	TooLong Reason = "pause"
	// BackupRestored: the workspace's file was put back from a backup.
	BackupRestored Reason = "backup"
)

// epochState is how far the comparison came, and when it began.
type epochState struct {
	Reason Reason    `json:"reason"`
	After  LinkID    `json:"after,omitempty"`
	Began  time.Time `json:"began,omitzero"`
}

// Facts keep small facts by name.
type Facts interface {
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
}

// EndEpoch notes that an epoch ended. One that ended for a graver reason stays so.
func EndEpoch(ctx context.Context, l Facts, why Reason) error {
	s, err := getEpoch(ctx, l)
	if err != nil {
		return err
	}
	if s.Reason.old() {
		why = s.Reason
	}
	return putEpoch(ctx, l, epochState{Reason: why})
}

// getEpoch is the comparison that is under way; one without a reason is none.
func getEpoch(ctx context.Context, l Facts) (s epochState, err error) {
	text, err := l.Setting(ctx, Epoch)
	if err != nil || text == "" {
		return s, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("the mark of an epoch cannot be read: %w", err)
	}
	return s, nil
}

func putEpoch(ctx context.Context, l Facts, s epochState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("mark an epoch: %w", err)
	}
	return l.SetSetting(ctx, Epoch, string(text))
}

// old reports that what Salesforce says may be older than what was agreed upon.
func (r Reason) old() bool { return r == OrgChanged || r == ClockBack }

// longPause is after which time without reading deletions may be forgotten: Marketo tells of them for 14 days (REST API, Get Deleted
// Leads), Salesforce for 15 (getDeleted).
const longPause = 13 * 24 * time.Hour

// epoch compares everybody afresh if the cursors no longer tell the whole story. Cut off, it goes on where it was, unless what happened to those
// who were compared may be forgotten too by now.
func (r *run) epoch(ctx context.Context) error {
	s, err := getEpoch(ctx, r.Ledger)
	if err != nil {
		return err
	}
	if s.Reason == "" {
		if s.Reason, err = r.aged(ctx); err != nil || s.Reason == "" {
			return err
		}
	}
	if s.Began.IsZero() || pace.Over(r.Now(), s.Began, longPause) {
		s.Began, s.After = r.Now(), 0
	}
	r.Log.Warn("everybody is compared afresh", "because", s.Reason, "after", s.After)
	r.outdated = s.Reason.old()
	if s.Reason == BackupRestored {
		if r.unsure, err = r.stamps(ctx); err != nil {
			return err
		}
	}
	defer func() { r.outdated, r.unsure = false, nil }()
	for {
		links, err := r.Ledger.Links(ctx, s.After, afreshAtOnce)
		if err != nil {
			return err
		}
		if len(links) == 0 {
			break
		}
		if err := r.epochPage(ctx, links); err != nil {
			return fmt.Errorf("compare everybody afresh: %w", err)
		}
		s.After = links[len(links)-1].ID
		if err := putEpoch(ctx, r.Ledger, s); err != nil {
			return err
		}
	}
	if err := r.recheck(ctx); err != nil {
		return err
	}
	if err := r.rewind(ctx, s); err != nil {
		return err
	}
	return r.Ledger.SetSetting(ctx, Epoch, "")
}

// stamps are up to when the feeds of Salesforce were read, by object.
func (r *run) stamps(ctx context.Context) (map[record.Object]time.Time, error) {
	stamps := map[record.Object]time.Time{}
	for _, object := range r.feedOrder() {
		stored, err := r.Ledger.Cursor(ctx, salesforceFeed(object))
		if err != nil {
			return nil, err
		}
		var at feedCursor
		if err := decodeCursor(stored, &at); err != nil {
			return nil, err
		}
		stamps[object] = at.Stamp
	}
	return stamps, nil
}

// epochPage compares the links that have a record on a side still.
func (r *run) epochPage(ctx context.Context, links []Link) error {
	var ids []LinkID
	for _, l := range links {
		if l.State != Ended {
			ids = append(ids, l.ID)
		}
	}
	return r.readAfresh(ctx, ids)
}

// rewind sets the cursors back, so that whoever came or went unseen is met: Salesforce is read from the beginning where its stamps may have
// gone back, and its deletions from before the comparison began.
func (r *run) rewind(ctx context.Context, s epochState) error {
	for _, object := range r.feedOrder() {
		if !s.Reason.old() && s.Reason != TooLong {
			break
		}
		stored, err := r.Ledger.Cursor(ctx, salesforceFeed(object))
		if err != nil {
			return err
		}
		var at feedCursor
		if err := decodeCursor(stored, &at); err != nil {
			return err
		}
		if s.Reason.old() {
			at = feedCursor{}
		}
		at.Through = s.Began.Add(-reach)
		to, err := at.encode()
		if err != nil {
			return err
		}
		if stored == "" || stored == to {
			continue
		}
		if err := r.commit(ctx, Page{Feed: salesforceFeed(object), From: stored, To: to}); err != nil {
			return err
		}
	}
	return nil
}

// aged tells whether a side was left alone for so long that it has forgotten deletions.
func (r *run) aged(ctx context.Context) (Reason, error) {
	stored, err := r.Ledger.Cursor(ctx, marketoFeed)
	if err != nil {
		return "", err
	}
	var at marketoCursor
	if err := decodeCursor(stored, &at); err != nil {
		return "", err
	}
	seen, err := r.salesforceSeen(ctx)
	if err != nil {
		return "", err
	}
	for _, last := range []time.Time{at.Hourly, seen} {
		if !last.IsZero() && r.Now().Sub(last) > longPause {
			return TooLong, nil
		}
	}
	return "", nil
}

// salesforceWasSeen is the setting that remembers when Salesforce was last read to the end of its feeds, by our clock: the feeds tell it no
// more than Marketo does, which may have answered all the while, and a feed without changes stays where it is.
const salesforceWasSeen = "seen.salesforce"

func (r *run) salesforceSeen(ctx context.Context) (at time.Time, err error) {
	text, err := r.Ledger.Setting(ctx, salesforceWasSeen)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		return time.Time{}, fmt.Errorf("when Salesforce was last read cannot be read: %w", err)
	}
	return at, nil
}

// seesSalesforce remembers that Salesforce was read to its end, once a day: a quiet cycle keeps nothing.
func (r *run) seesSalesforce(ctx context.Context) error {
	seen, err := r.salesforceSeen(ctx)
	if err != nil || !pace.Over(r.Now(), seen, 24*time.Hour) {
		return err
	}
	return r.Ledger.SetSetting(ctx, salesforceWasSeen, r.Now().UTC().Format(time.RFC3339))
}

// errClockBack says that a cursor of Salesforce lies in the future of the org.
var errClockBack = errors.New("the clock of Salesforce is behind what was read of it before")

// clockTolerance is how far an org's clock may be behind a stamp that it gave before.
const clockTolerance = 5 * time.Minute

// aheadOf reports a cursor that lies in the future of the org's own clock.
func (w *walk) aheadOf(server time.Time) bool { return w.at.Stamp.After(server.Add(clockTolerance)) }

// pullFirst reads what changed, and begins again after everybody was compared where the org turns out to have gone back.
func (r *run) pullFirst(ctx context.Context) error {
	err := r.pull(ctx)
	if !errors.Is(err, errClockBack) {
		return err
	}
	if err := EndEpoch(ctx, r.Ledger, ClockBack); err != nil {
		return err
	}
	if err := r.epoch(ctx); err != nil {
		return err
	}
	return r.pull(ctx)
}

// lostPlace gives a new place in Marketo's log to read from. One that Marketo does not know any more ends an epoch: the log is read on from an
// hour before, and the next cycle compares everybody afresh.
func (r *run) lostPlace(ctx context.Context, at marketoCursor, failed error) (token string, err error) {
	if !marketo.VoidToken(failed) {
		return "", failed
	}
	if err := EndEpoch(ctx, r.Ledger, TokenVoid); err != nil {
		return "", err
	}
	return r.Marketo.PagingToken(ctx, r.since(at))
}

// suspect lets a field in which the sides differ count as changed on both, where what Salesforce says may be older than what was agreed upon.
func (s *sheet) suspect(cell *plan.Cell) {
	if s.run.outdated && cell.Agreed && cell.Salesforce.Known && cell.Marketo.Known && cell.Salesforce.Value != cell.Marketo.Value {
		cell.Salesforce.Changed, cell.Marketo.Changed = true, true
	}
}
