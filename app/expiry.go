package app

import (
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Expiry is the end of something that a side is signed in to with. Certificates alone name theirs: what a token endpoint answers says
// nothing of how long a refresh token holds, and secrets hold until somebody makes others.
type Expiry struct {
	Side record.Side `json:"side"`
	What string      `json:"what"` // certificate
	At   time.Time   `json:"at"`
	Days int         `json:"days"` // whole days that are left; below 0: it has ended
	// Sentence says it in English, with what to do.
	Sentence string `json:"sentence"`
}

// How many days before its end a certificate is told of, and how many before it is urgent: whoever has to put another one into the app is
// somebody else, and may be away.
const (
	expiryTold   = 30
	expiryUrgent = 7
)

// certificate is the end of the certificate that a connection signs in with; ok is false where it has none that Doppio made.
func (c SalesforceConnection) certificate(now time.Time) (e Expiry, ok bool) {
	if c.Until.IsZero() {
		return e, false
	}
	e = Expiry{Side: record.Salesforce, What: "certificate", At: c.Until.UTC()}
	day := 24 * time.Hour
	if e.Days = int(c.Until.Sub(now) / day); c.Until.Before(now) {
		e.Days--
	}
	line := e.Line()
	e.Sentence = strings.TrimSpace(line.What.Text + " " + line.Do.Text)
	return e, true
}

// expiring are the ends that somebody should know of: those within a month.
func (c SalesforceConnection) expiring(now time.Time) []Expiry {
	if e, ok := c.certificate(now); ok && e.Days < expiryTold {
		return []Expiry{e}
	}
	return nil
}

// Line says it in any language: well, until a month is left, a warning then, and bad in the last week.
func (e Expiry) Line() CheckLine {
	at := e.At.Local().Format(time.DateOnly)
	line := CheckLine{State: CheckGood, Side: e.Side, What: pace.Say("check.certificate", "Doppio signs in to Salesforce with a certificate that is good until %1.", at)}
	if e.Days >= expiryTold {
		return line
	}
	line.State = CheckWarning
	if e.Days < expiryUrgent {
		line.State = CheckBad
	}
	line.What = pace.Say("check.certificate.soon", "The certificate with which Doppio signs in to Salesforce ends on %1. Days left: %2.", at, strconv.Itoa(e.Days))
	if e.Days < 0 {
		line.What = pace.Say("check.certificate.over", "The certificate with which Doppio signs in to Salesforce ended on %1.", at)
	}
	line.Do = pace.Say("check.certificate.do", "Make a new one on the page Sign in (doppioctl setup NAME key --new) and have the Salesforce admin upload it to the app. The old one signs in until then.")
	return line
}
