package salesforce

import (
	"net/url"
	"strings"
	"time"
)

// pageSize is the most rows of one query page (SOQL: 2,000 by default and at most).
const pageSize = 2000

// literalEscapes are all the escapes that SOQL knows and needs.
var literalEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`)

// Literal writes a text as SOQL wants it, with its quotes.
func Literal(text string) string { return "'" + literalEscapes.Replace(text) + "'" }

// moment writes a date-time for SOQL. Stamps have whole seconds as far as recorded answers show; should one have
// more, rounding it down would read the same rows for ever.
func moment(at time.Time) string {
	if at.Nanosecond() == 0 {
		return at.UTC().Format("2006-01-02T15:04:05Z")
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// escapeQuery makes a text safe in a URL's query; blanks become %20, which every layer reads alike.
func escapeQuery(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// feedQuery reads on from a position to another in the order (SystemModstamp, Id). SOQL compares no tuples; the bare
// bound is implied by the condition after it, but it is the one that keeps the index usable.
func feedQuery(l *layout, from, until Position, also string) string {
	var where []string
	if also != "" {
		where = append(where, also)
	}
	if !from.Stamp.IsZero() {
		t := moment(from.Stamp)
		where = append(where, "SystemModstamp >= "+t)
		if from.ID != "" {
			where = append(where, "(SystemModstamp > "+t+" OR Id > "+Literal(string(from.ID))+")")
		}
	}
	if !until.Stamp.IsZero() {
		t := moment(until.Stamp)
		if until.ID == "" {
			where = append(where, "SystemModstamp < "+t)
		} else {
			where = append(where, "SystemModstamp <= "+t, "(SystemModstamp < "+t+" OR Id <= "+Literal(string(until.ID))+")")
		}
	}
	q := "SELECT " + strings.Join(l.names(), ",") + " FROM " + string(l.object)
	if len(where) > 0 {
		q += " WHERE " + strings.Join(where, " AND ")
	}
	return q + " ORDER BY SystemModstamp, Id LIMIT 2000"
}
