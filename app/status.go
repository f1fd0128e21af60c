package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// People counts the people of a workspace.
type People struct {
	Linked   int      `json:"linked"`
	Unlinked Unlinked `json:"unlinked"`
	Filtered int      `json:"filtered"`
}

// Unlinked counts people known on one side only.
type Unlinked struct {
	Salesforce int `json:"salesforce"`
	Marketo    int `json:"marketo"`
}

// QuotaResult is what of a side's daily calls is used.
type QuotaResult struct {
	Used  int `json:"used"`
	Limit int `json:"limit"`
	Share int `json:"share"`
}

// Quotas are both sides'.
type Quotas struct {
	Salesforce QuotaResult `json:"salesforce"`
	Marketo    QuotaResult `json:"marketo"`
}

// LastCycle is the newest cycle that ended.
type LastCycle struct {
	N       int64     `json:"n"`
	Started time.Time `json:"started"`
	TookMS  int64     `json:"took_ms"`
}

// Status is how a workspace stands, as scripts read it.
type Status struct {
	Workspace string        `json:"workspace"`
	Mode      record.Mode   `json:"mode"`
	People    People        `json:"people"`
	Backlog   BacklogResult `json:"backlog"`
	Failures  int           `json:"failures"`
	Holds     int           `json:"holds"`
	Quota     Quotas        `json:"quota"`
	LastCycle *LastCycle    `json:"last_cycle"`
	// Audit is what the audits of the last 30 days found; nil when there was none.
	Audit *AuditResult `json:"audit,omitempty"`
	// Notices are changes of either side's fields that may matter; `mapping show` tells them.
	Notices int `json:"notices"`
	// Expires are sign-ins that end within a month, or have ended.
	Expires []Expiry `json:"expires,omitempty"`
}

// Status says how a workspace stands. It unseals nothing and works beside a running sync.
func (a *App) Status(ctx context.Context, name string) (s Status, err error) {
	err = a.beside(ctx, name, false, func(w *store.Workspace) error {
		s, err = statusOf(ctx, w, a.world.now())
		return err
	})
	return s, err
}

func statusOf(ctx context.Context, w *store.Workspace, now time.Time) (Status, error) {
	meta, err := metaOf(ctx, w)
	if err != nil {
		return Status{}, err
	}
	settings, err := settingsOf(ctx, w)
	if err != nil {
		return Status{}, err
	}
	kept, err := w.Status(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		Workspace: meta.Name, Mode: meta.Mode, Failures: kept.Failures, Holds: kept.Holds, Backlog: backlog(kept.Backlog),
		People: People{Linked: kept.People(), Unlinked: Unlinked{kept.Alone[record.Salesforce], kept.Alone[record.Marketo]}, Filtered: kept.Filtered},
		Quota: Quotas{
			Salesforce: quotaResult(kept.Calls[record.Salesforce], 0, settings.ShareSalesforce),
			Marketo:    quotaResult(kept.Calls[record.Marketo], settings.MarketoDailyCalls, settings.ShareMarketo),
		},
	}
	if s.Backlog.sum() > 0 {
		cycles, err := w.Cycles(ctx, paceCycles)
		if err != nil {
			return Status{}, err
		}
		quotas := []Quota{quotaOf(record.Salesforce, kept.Calls[record.Salesforce], settings, now), quotaOf(record.Marketo, kept.Calls[record.Marketo], settings, now)}
		if at := emptyAt(Sides{s.Backlog.ToMarketo, s.Backlog.ToSalesforce}, cycles, quotas, settings, now); !at.IsZero() {
			at = at.UTC().Truncate(time.Second)
			s.Backlog.EmptyAt = &at
		}
		if s.Backlog.Made, err = causesOf(ctx, w, cycles); err != nil {
			return Status{}, err
		}
	}
	sf, _, err := (&session{ws: w}).connections(ctx)
	if err != nil {
		return Status{}, err
	}
	s.Expires = sf.expiring(now)
	notices, err := noticesOf(ctx, w)
	if err != nil {
		return Status{}, err
	}
	s.Notices = len(notices)
	if s.Audit, err = auditOf(ctx, w, now); err != nil {
		return Status{}, err
	}
	if kept.Last != nil {
		s.LastCycle = &LastCycle{kept.Last.N, kept.Last.Started.UTC(), kept.Last.Took.Milliseconds()}
	}
	return s, nil
}

// quotaResult is a side's quota by what it told, or, of one that does not tell its limit, by the settings as they are now.
func quotaResult(c store.Calls, limit, percent int) QuotaResult {
	q := QuotaResult{Used: c.Used, Limit: c.Limit}
	if limit > 0 {
		q.Limit = limit
	}
	q.Share = q.Limit * percent / 100
	return q
}

// Sentence says it in English.
func (s Status) Sentence() string {
	waiting := count(s.Backlog.sum(), "change waits", "changes wait")
	switch {
	case s.LastCycle == nil:
		return fmt.Sprintf("%s is in mode %s and has not run yet.", s.Workspace, s.Mode)
	case s.Failures > 0 || s.Holds > 0:
		return fmt.Sprintf("%s: %s linked. %s refused and %s for you; %s for the next cycle.", s.Workspace, count(s.People.Linked, "person", "people"),
			count(s.Failures, "write was", "writes were"), count(s.Holds, "decision waits", "decisions wait"), waiting)
	case s.Backlog.sum() > 0:
		return fmt.Sprintf("%s: %s linked. %s for the next cycle.", s.Workspace, count(s.People.Linked, "person", "people"), waiting)
	}
	return fmt.Sprintf("%s is in step: %s linked, nothing waits.", s.Workspace, count(s.People.Linked, "person", "people"))
}

// causesSaid is how many causes of what waits are told.
const causesSaid = 4

// Rows are the figures, as a table shows them.
func (s Status) Rows() [][]string {
	rows := [][]string{
		{"mode", s.Mode.String()},
		{"people linked", strconv.Itoa(s.People.Linked)},
		{"only in Salesforce", strconv.Itoa(s.People.Unlinked.Salesforce)},
		{"only in Marketo", strconv.Itoa(s.People.Unlinked.Marketo)},
		{"kept out by the filter", strconv.Itoa(s.People.Filtered)},
		{"waiting for Marketo", strconv.Itoa(s.Backlog.ToMarketo)},
		{"waiting for Salesforce", strconv.Itoa(s.Backlog.ToSalesforce)},
		{"refused writes", strconv.Itoa(s.Failures)},
		{"decisions", strconv.Itoa(s.Holds)},
		{"notices about fields", strconv.Itoa(s.Notices)},
		{"Salesforce calls today", fmt.Sprintf("%d of %d granted", s.Quota.Salesforce.Used, s.Quota.Salesforce.Share)},
		{"Marketo calls today", fmt.Sprintf("%d of %d granted", s.Quota.Marketo.Used, s.Quota.Marketo.Share)},
	}
	if at := s.Backlog.EmptyAt; at != nil {
		rows = append(rows, []string{"nothing waits from", at.Local().Format(time.DateTime)})
	}
	for _, c := range s.Backlog.Made[:min(len(s.Backlog.Made), causesSaid)] {
		rows = append(rows, []string{"made by", c.Sentence()})
	}
	for _, e := range s.Expires {
		rows = append(rows, []string{"ends", e.Sentence})
	}
	if a := s.Audit; a != nil {
		rows = append(rows, []string{"audited in 30 days", fmt.Sprintf("%s, %d clean", count(a.Pairs, "pair", "pairs"), a.Clean)})
	}
	if s.LastCycle != nil {
		rows = append(rows, []string{"last cycle", fmt.Sprintf("%d, %s, took %d ms", s.LastCycle.N, s.LastCycle.Started.Local().Format(time.DateTime), s.LastCycle.TookMS)})
	}
	return rows
}
