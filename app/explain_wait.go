package app

import (
	"context"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// addWhy tells of what waits why it does: nobody lets Doppio write, the brake stopped the cycle, others come first.
func (e *Explanation) addWhy(ctx context.Context, w *store.Workspace, k cycle.Known, now time.Time) error {
	for i := range e.Waiting {
		wait := &e.Waiting[i]
		row := k.Out[wait.Side]
		if row == nil || wait.State != rowStates[cycle.Waiting] {
			continue
		}
		why, err := whyWaiting(ctx, w, row, now)
		if err != nil {
			return err
		}
		wait.Sentence += why
	}
	return nil
}

func whyWaiting(ctx context.Context, w *store.Workspace, row *cycle.Row, now time.Time) (string, error) {
	meta, err := metaOf(ctx, w)
	if err != nil {
		return "", err
	}
	stop, err := brakedIn(ctx, w)
	if err != nil {
		return "", err
	}
	switch {
	case meta.Mode != record.Live:
		return fmt.Sprintf(" The workspace is in mode %s, and only live writes.", meta.Mode), nil
	case stop != nil:
		return " The brake stopped the cycle that would have written it: look at the plan, then doppioctl sync --resume.", nil
	case row.Next.After(now):
		return " It is tried again at " + row.Next.Local().Format("15:04 on 2 January") + ".", nil
	}
	if since, under, err := cycle.ImportUnderWay(ctx, w); err != nil {
		return "", err
	} else if under && row.Side == record.Marketo && row.Object == record.Person {
		return " A bulk import stands in Marketo's queue since " + since.Local().Format("15:04 on 2 January") + ", behind those that were made before it; people are written when it is through.", nil
	}
	status, err := statusOf(ctx, w, now)
	if err != nil {
		return "", err
	}
	waiting := status.Backlog.ToMarketo
	if row.Side == record.Salesforce {
		waiting = status.Backlog.ToSalesforce
	}
	why := fmt.Sprintf(" %s on the way to %s, this one among them", count(waiting, "record is", "records are"), sideName(row.Side))
	if at := status.Backlog.EmptyAt; at != nil && waiting > 1 {
		why += "; at the pace of the last 24 hours nothing waits any more from " + at.Local().Format("15:04 on 2 January")
	}
	return why + ". To write it at once: doppioctl sync --now.", nil
}

// upperFirst begins a sentence.
func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
