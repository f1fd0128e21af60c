package pace

import (
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// ErrQuota is found by errors.Is in every error that says: the daily allowance, or the share of it that the user
// granted, is used up.
var ErrQuota = errors.New("the daily allowance of calls is used up")

// QuotaReason says which allowance is used up.
type QuotaReason uint8

// The reasons.
const (
	ShareUsedUp     QuotaReason = iota + 1 // Doppio's own share
	AllowanceUsedUp                        // the side's whole allowance, whoever spent it
	NearlyUsedUp                           // first reads stop early to leave room for the rest
	Reserved                               // what is left of Doppio's share is kept for later in the day
	AskedToWait                            // the side named a waiting time that is longer than a call may wait
)

// QuotaError says that no more calls are made before Until. It is ErrQuota and a Failure.
type QuotaError struct {
	Reason QuotaReason
	Until  time.Time // when calls are tried again
	Used   int       // calls counted against Limit, 0 if unknown
	Limit  int       // the limit that was reached, 0 if unknown
	Cause  error     // the side's own refusal, nil when we stopped before it
}

// Error is the English sentence.
func (e *QuotaError) Error() string { return e.Sentence().Text }

// Is makes every QuotaError an ErrQuota.
func (e *QuotaError) Is(target error) bool { return target == ErrQuota }

// Unwrap gives the side's own refusal.
func (e *QuotaError) Unwrap() error { return e.Cause }

// Class is Quota.
func (e *QuotaError) Class() Class { return Quota }

// Who is the operator when Doppio's own share is spent, else the side's admin.
func (e *QuotaError) Who() Who {
	if e.Reason == ShareUsedUp || e.Reason == Reserved {
		return Operator
	}
	return Admin
}

// Code is the side's code, or our own.
func (e *QuotaError) Code() string {
	var failure Failure
	if errors.As(e.Cause, &failure) {
		return failure.Code()
	}
	return [...]string{"", "SHARE_USED_UP", "ALLOWANCE_USED_UP", "ALLOWANCE_NEARLY_USED_UP", "SHARE_RESERVED", "ASKED_TO_WAIT"}[e.Reason]
}

// Retryable is true: it passes with time.
func (e *QuotaError) Retryable() bool { return true }

// Sentence says what is used up and when it goes on.
func (e *QuotaError) Sentence() Sentence {
	until := e.Until.UTC().Format("2006-01-02 15:04 UTC")
	used, limit := fmt.Sprint(e.Used), fmt.Sprint(e.Limit)
	switch e.Reason {
	case ShareUsedUp:
		return Say("quota.share", "Doppio has used its share of today's calls (%1 of %2). It goes on at %3; nothing is lost. Raise the share in the settings to go on now.", used, limit, until)
	case Reserved:
		return Say("quota.reserved", "Doppio has used what it may of today's calls outside business hours (%1 of %2); the rest of its share is kept for the business day. It goes on at %3; nothing is lost. The settings reserve_percent and business_hours say how much and when.", used, limit, until)
	case NearlyUsedUp:
		return Say("quota.nearly", "Most of the daily calls are used up (%1 of %2), by whatever program. The first read pauses until %3 so that the rest keeps working.", used, limit, until)
	case AskedToWait:
		return Say("quota.asked", "The server asked to be left alone for a while. Doppio goes on at %1.", until)
	}
	var side Failure
	if errors.As(e.Cause, &side) { // which side it is, and when its day begins
		return side.Sentence()
	}
	return Say("quota.allowance", "The daily allowance of calls is used up, by all programs together. Doppio tries again at %1. The side's admin can see who used it.", until)
}

// InDoubt says that the answer to a write was lost: nobody knows whether the rows named by Keys were written. Their
// creation must not be repeated before they were looked up on the target (promise 3).
type InDoubt struct {
	Keys  []int64
	Cause error
}

// Error counts the rows and gives the cause.
func (e *InDoubt) Error() string {
	return fmt.Sprintf("the answer to a write of %d record(s) was lost, so it is not known whether they were written: %v", len(e.Keys), e.Cause)
}

// Unwrap gives what happened to the answer.
func (e *InDoubt) Unwrap() error { return e.Cause }

// ModeError says that a request that could change data was refused before it left, because the workspace is not Live
// (promise 5).
type ModeError struct {
	Mode     record.Mode
	Endpoint string // method and path without ids or values
}

// Error is the English sentence.
func (e *ModeError) Error() string {
	return fmt.Sprintf("refused to send %s: the workspace is in mode %s, and only live may change data", e.Endpoint, e.Mode)
}

// Class is Ours: no caller should have tried.
func (e *ModeError) Class() Class { return Ours }

// Who is the operator: the mode is theirs to choose.
func (e *ModeError) Who() Who { return Operator }

// Code is our own.
func (e *ModeError) Code() string { return "MODE" }

// Retryable is false: only a change of mode helps.
func (e *ModeError) Retryable() bool { return false }

// Sentence says which mode refused.
func (e *ModeError) Sentence() Sentence {
	return Say("mode.refused", "Nothing was written: the workspace is in mode %1. Switch to live to let Doppio change data.", e.Mode.String())
}
