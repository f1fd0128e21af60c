// Package pace is what both clients share about getting on with a side: how fast to ask, how often, what to do when it
// says no, and how a refusal is told.
//
// In flow the calls of engine/salesforce and engine/marketo; out flow the same calls, spaced so that rate,
// concurrency and the daily share that the user granted are never exceeded (promise 7), and repeated only where
// the client says that repeating is safe. Besides that the room holds the small vocabulary of failures: Class and Who,
// the sentence a person reads, and the texts that must not be printed (Secret, Sensitive). It does no I/O.
package pace

import (
	"fmt"

	"github.com/doppio-sync/doppio/engine/record"
)

// Class says what kind of refusal it was, and with it what the sync does next.
type Class uint8

// The classes.
const (
	Transient  Class = iota + 1 // passes by itself: the server was busy, the network broke
	Locked                      // the record is locked at this moment: like Transient, but for this record only
	Quota                       // an allowance is used up: hours, not seconds
	SignIn                      // the side no longer accepts our sign-in: a person has to sign in again
	Permission                  // the sync user may not do this
	Refused                     // this record with these values is refused until one of them changes
	Gone                        // the record is deleted, merged or out of sight
	Duplicate                   // another record has the same key, or a duplicate rule stepped in
	Config                      // the side's set-up is not what the mapping expects: field, object, edition
	Ours                        // we sent something malformed: a bug in Doppio
	Changed                     // somebody changed the record since it was read: it is read afresh and planned anew
)

var classNames = [...]string{"", "transient", "locked", "quota", "sign-in", "permission", "refused", "gone", "duplicate", "config", "ours", "changed"}

// String is the name that reports and JSON use.
func (c Class) String() string {
	if int(c) < len(classNames) && c > 0 {
		return classNames[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// ParseClass reads what String wrote.
func ParseClass(text string) (Class, error) {
	for i, name := range classNames {
		if i > 0 && name == text {
			return Class(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a class of failure", text)
}

// Retryable reports whether waiting alone can cure a failure of this class.
func (c Class) Retryable() bool { return c == Transient || c == Locked || c == Quota }

// Who is the person that can end a failure.
type Who uint8

// Who acts.
const (
	Nobody   Who = iota + 1 // wait
	SyncUser                // the permissions of the user whose credentials Doppio holds; an admin changes them
	Admin                   // the side's admin: rules, automation, limits, set-up
	Owner                   // who owns the data: the value itself is at fault
	Us                      // Doppio decides by itself, or has a bug
	Operator                // who runs Doppio: sign in again, check a setting
)

var whoNames = [...]string{"", "nobody", "sync-user", "admin", "owner", "us", "operator"}

// String is the name that reports and JSON use.
func (w Who) String() string {
	if int(w) < len(whoNames) && w > 0 {
		return whoNames[w]
	}
	return fmt.Sprintf("who(%d)", uint8(w))
}

// Sentence is what a person reads about a failure: what happened, to what, and what to do. Key and Args are for the
// translation, Text is the English default with the arguments filled in. It names fields and objects, never people's data.
type Sentence struct {
	Key  string
	Args []string
	Text string
}

// Say fills an English text with args (record.Fill).
func Say(key, text string, args ...string) Sentence {
	return Sentence{Key: key, Args: args, Text: record.Fill(text, args...)}
}

// String is the English text.
func (s Sentence) String() string { return s.Text }

// Failure is a refusal by a side, of a whole call or of one record. Both clients' errors fulfil it; find one in a
// chain with errors.As. Error() of a Failure holds no people's data.
type Failure interface {
	error
	// Class says what kind of refusal it is.
	Class() Class
	// Who can end it.
	Who() Who
	// Code is the side's own code ("UNABLE_TO_LOCK_ROW", "1003"), or "HTTP_503" where it gave none.
	Code() string
	// Retryable reports whether the same request may succeed later without anybody acting.
	Retryable() bool
	// Sentence is for people.
	Sentence() Sentence
}
