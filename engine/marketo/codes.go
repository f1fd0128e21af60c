package marketo

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
)

// codeRow is one line of what is known about a code. Where a code means several things the message tells them apart: the
// first row whose match is contained wins.
type codeRow struct {
	code, match string
	class       pace.Class
	who         pace.Who
	key         string // of the translated sentence, after "marketo."
	text        string // English; %1 the record, %2 the code
	treat       treat
}

// treat is what the client itself does about a code, before anybody is told.
type treat uint8

const (
	tell    treat = iota // nothing: it is an answer
	refresh              // the token is dead: one new one, once more
	rate                 // calls come too fast: everybody waits
	quota                // the day's allowance is used up
	again                // passing: reads are tried again, writes are in doubt
	unsure               // a write may have happened: look it up first
)

// codes is Marketo's error catalogue (Marketo REST API, Error Codes), with what a person has to know.
var codes = []codeRow{
	{code: "600", class: pace.SignIn, who: pace.Operator, key: "token", text: "Marketo took client id and secret, and then did not accept the token that it gave. If it stays so, ask the Marketo admin whether the service in Admin > LaunchPoint, or its API user, was changed or deleted; then connect again.", treat: refresh},
	{code: "601", class: pace.SignIn, who: pace.Operator, key: "token", text: "Marketo took client id and secret, and then did not accept the token that it gave. If it stays so, ask the Marketo admin whether the service in Admin > LaunchPoint, or its API user, was changed or deleted; then connect again.", treat: refresh},
	{code: "602", class: pace.SignIn, who: pace.Operator, key: "token", text: "Marketo took client id and secret, and then did not accept the token that it gave. If it stays so, ask the Marketo admin whether the service in Admin > LaunchPoint, or its API user, was changed or deleted; then connect again.", treat: refresh},
	{code: "603", class: pace.Permission, who: pace.SyncUser, key: "denied", text: "Marketo denied access: the API user's role lacks a permission, or the address of this computer is not on the instance's allowlist. Ask the Marketo admin."},
	{code: "604", class: pace.Transient, who: pace.Nobody, key: "slow", text: "Marketo took too long. Doppio tries again.", treat: unsure},
	{code: "605", class: pace.Ours, who: pace.Us, key: "method", text: "Marketo does not know this kind of call. This is a fault of Doppio (%2)."},
	{code: "606", class: pace.Transient, who: pace.Nobody, key: "rate", text: "More calls than Marketo allows in 20 seconds were made by all programs together. Doppio goes on shortly.", treat: rate},
	{code: "607", class: pace.Quota, who: pace.Admin, key: "quota", text: "Marketo's daily calls are used up by all programs together. They start again at midnight US Central time.", treat: quota},
	{code: "608", class: pace.Transient, who: pace.Nobody, key: "busy", text: "Marketo is not available at the moment. Doppio tries again.", treat: again},
	{code: "609", class: pace.Ours, who: pace.Us, key: "ours", text: "Marketo could not read the call. This is a fault of Doppio (%2)."},
	{code: "610", class: pace.Config, who: pace.Operator, key: "path", text: "Marketo does not know this address. Check the REST endpoint of the connection."},
	{code: "611", class: pace.Transient, who: pace.Nobody, key: "system", text: "Marketo met an error of its own. Doppio tries again.", treat: unsure},
	{code: "612", class: pace.Ours, who: pace.Us, key: "ours", text: "Marketo could not read the call. This is a fault of Doppio (%2)."},
	{code: "613", class: pace.Ours, who: pace.Us, key: "ours", text: "Marketo could not read the call. This is a fault of Doppio (%2)."},
	{code: "614", class: pace.Transient, who: pace.Operator, key: "subscription", text: "Marketo does not know the subscription at the moment. If this stays, check the REST endpoint of the connection.", treat: again},
	{code: "615", class: pace.Transient, who: pace.Nobody, key: "concurrent", text: "Too many calls at once were made by all programs together. Doppio goes on shortly.", treat: rate},
	{code: "616", class: pace.Config, who: pace.Admin, key: "feature", text: "This Marketo subscription does not include the feature."},
	{code: "701", class: pace.Ours, who: pace.Us, key: "ours", text: "Marketo could not read the call. This is a fault of Doppio (%2)."},
	{code: "702", class: pace.Gone, who: pace.Us, key: "none", text: "Marketo has no such record."},
	{code: "703", class: pace.Config, who: pace.Admin, key: "feature", text: "This Marketo subscription does not include the feature."},
	{code: "704", class: pace.Ours, who: pace.Us, key: "ours", text: "Marketo could not read the call. This is a fault of Doppio (%2)."},
	{code: "713", class: pace.Transient, who: pace.Nobody, key: "busy", text: "Marketo is not available at the moment. Doppio tries again.", treat: again},
	{code: "718", class: pace.Refused, who: pace.Owner, key: "owner", text: "The owner of %1 is not known in Marketo yet."},
	{code: "719", class: pace.Locked, who: pace.Nobody, key: "locked", text: "Marketo was saving the same record at that moment. Doppio tries again.", treat: again},
	{code: "1001", class: pace.Refused, who: pace.Owner, key: "type", text: "A value of %1 does not fit the type of its field in Marketo. Correct it at its source."},
	{code: "1002", class: pace.Refused, who: pace.Us, key: "missing", text: "Marketo misses a value that it needs to find %1."},
	{code: "1003", match: "too many results", class: pace.Transient, who: pace.Us, key: "many", text: "More people match than Marketo gives in one answer. Doppio asks in smaller parts."},
	{code: "1003", match: "paging token", class: pace.Transient, who: pace.Us, key: "paging", text: "Marketo does not know the place any more where Doppio stopped reading its log. Doppio reads the last hour again and compares everybody afresh."},
	{code: "1003", class: pace.Refused, who: pace.Owner, key: "value", text: "Marketo refused a value of %1. Correct it at its source."},
	{code: "1004", class: pace.Gone, who: pace.Us, key: "gone", text: "%1 was deleted in Marketo or merged into another person."},
	{code: "1005", class: pace.Duplicate, who: pace.Us, key: "exists", text: "%1 is in Marketo already."},
	{code: "1006", class: pace.Config, who: pace.Admin, key: "field", text: "A mapped field does not exist in Marketo any more, or the API user may not see it. Doppio reads the fields anew; check the mapping."},
	{code: "1007", class: pace.Duplicate, who: pace.Owner, key: "several", text: "Several people in Marketo match %1. Merge them, or decide which one it is."},
	{code: "1008", class: pace.Permission, who: pace.SyncUser, key: "partition", text: "The API user may not reach the lead partition of %1. Ask the Marketo admin."},
	{code: "1009", class: pace.Config, who: pace.Operator, key: "partition.needed", text: "This instance has lead partitions: set the one in which people are created (setting partition)."},
	{code: "1010", class: pace.Refused, who: pace.Operator, key: "partition.other", text: "%1 is in another lead partition than the one of this workspace."},
	{code: "1011", class: pace.Config, who: pace.Admin, key: "lookup", text: "Marketo cannot look people up by the field that Doppio uses. Ask the Marketo admin to make the field searchable, or leave it out."},
	{code: "1013", class: pace.Gone, who: pace.Us, key: "gone.object", text: "%1 is not in Marketo any more."},
	{code: "1014", class: pace.Refused, who: pace.Owner, key: "value", text: "Marketo refused a value of %1. Correct it at its source."},
	{code: "1016", class: pace.Transient, who: pace.Nobody, key: "queue", text: "Marketo's queue of imports is full. Doppio tries again.", treat: again},
	{code: "1017", class: pace.Duplicate, who: pace.Us, key: "exists", text: "%1 is in Marketo already."},
	{code: "1018", class: pace.Config, who: pace.Operator, key: "native", text: "Marketo's own sync with a CRM is on: companies, opportunities and sales people cannot be written from outside."},
	{code: "1019", class: pace.Transient, who: pace.Nobody, key: "queue", text: "Marketo's queue of imports is full. Doppio tries again.", treat: again},
	{code: "1021", class: pace.Refused, who: pace.Us, key: "company", text: "The company fields of %1 belong to its company and cannot be written through the person."},
	{code: "1022", class: pace.Refused, who: pace.Us, key: "used", text: "%1 is still used by others and cannot be removed."},
	{code: "1025", class: pace.Config, who: pace.Operator, key: "progression", text: "The program has no such status any more. Make the statuses of the program and of its campaign alike again."},
	{code: codeProgress, match: "not in program", class: pace.Gone, who: pace.Us, key: "member.gone", text: "%1 is not in the program any more."},
	{code: codeProgress, class: pace.Refused, who: pace.Owner, key: "member.back", text: "Marketo never moves a member of a program back to an earlier status: %1 stays where it is. Correct the status in Salesforce, or take the person out of the program and put it in anew."},
	{code: "1029", match: "already queued", class: pace.Ours, who: pace.Us, key: "queue.already", text: "An export is in Marketo's queue already."},
	{code: codeExtract, class: pace.Config, who: pace.Admin, key: "export.failed", text: "Marketo ended an export without finishing it. Doppio reads by calls instead."},
	{code: "1029", class: pace.Transient, who: pace.Nobody, key: "queue.exports", text: "Marketo's queue of exports is full, or the day's export allowance is used up. Doppio tries again."},
	{code: "1035", class: pace.Config, who: pace.Admin, key: "feature", text: "This Marketo subscription does not include the feature."},
	{code: "1049", class: pace.Refused, who: pace.Owner, key: "activity.large", text: "The activity of %1 is larger than Marketo takes. Shorten the text at its source."},
	{code: "1036", class: pace.Ours, who: pace.Us, key: "ours", text: "Marketo could not read the call. This is a fault of Doppio (%2)."},
	// Our own, for answers that never came or cannot be read.
	{code: pace.CodeNetwork, class: pace.Transient, who: pace.Nobody, key: "network", text: "The connection to Marketo broke. Doppio tries again.", treat: again},
	{code: pace.CodeNoHost, class: pace.Transient, who: pace.Operator, key: "network.host", text: "Nobody knows the address of the Marketo instance. Check that this computer is online and that the address is spelled right.", treat: again},
	{code: pace.CodeUnreached, class: pace.Transient, who: pace.Operator, key: "network.unreached", text: "Nothing answers at the address of the Marketo instance. Check that this computer is online and that the address is right.", treat: again},
	{code: pace.CodeCertificate, class: pace.Config, who: pace.Operator, key: "network.certificate", text: "What answers at the address of the Marketo instance cannot prove that it is Marketo, so nothing was sent. Check the address, this computer's clock, and whether a proxy of this network reads along."},
	{code: pace.CodePlain, class: pace.Config, who: pace.Operator, key: "network.plain", text: "What answers at the address of the Marketo instance does not speak https. Check the address."},
	{code: codeHTML, class: pace.Transient, who: pace.Nobody, key: "html", text: "A web page came instead of an answer: the address is not Marketo's, Marketo is in maintenance, or this network wants a sign-in of its own.", treat: again},
	{code: codeTimeout, class: pace.Transient, who: pace.Nobody, key: "timeout", text: "Marketo did not answer in time. Doppio tries again.", treat: again},
	{code: codeBroken, class: pace.Transient, who: pace.Nobody, key: "broken", text: "Marketo's answer arrived incomplete or unreadable. Doppio tries again.", treat: again},
	{code: codeShape, class: pace.Ours, who: pace.Us, key: "shape", text: "Marketo's answer has another shape than documented. Doppio cannot go on with it (%2)."},
	{code: codeNeighbour, class: pace.Transient, who: pace.Us, key: "neighbour", text: "%1 was not saved because another record in the same call was refused. Doppio sends it again without that one."},
	{code: codeRedirect, class: pace.Config, who: pace.Operator, key: "redirect", text: "The address redirects elsewhere, which Marketo never does. Check the REST endpoint and whether this network asks for a sign-in."},
	{code: codeSecret, class: pace.SignIn, who: pace.Operator, key: "secret", text: "Marketo does not accept this client id and secret: one was mistyped, or the service was made anew. Copy both again from Admin > LaunchPoint > View Details."},
	{code: codeComma, class: pace.Config, who: pace.Owner, key: "comma", text: "Marketo cannot look up a value with a comma in it."},
	{code: CodeKeyless, class: pace.Refused, who: pace.Owner, key: "keyless", text: "%1 has no email address, and Marketo has no field for the Salesforce id: nothing would tell who it is, so it is not created. Fill in an address, or ask the Marketo admin to make the field salesforceId."},
	{code: "HTTP_401", class: pace.SignIn, who: pace.Operator, key: "secret", text: "Marketo does not accept this client id and secret: one was mistyped, or the service was made anew. Copy both again from Admin > LaunchPoint > View Details."},
	{code: "HTTP_404", class: pace.Config, who: pace.Operator, key: "path", text: "Marketo does not know this address. Check the REST endpoint of the connection."},
	{code: "HTTP_413", class: pace.Ours, who: pace.Us, key: "large", text: "The call was larger than Marketo takes. This is a fault of Doppio (%2)."},
	{code: "HTTP_414", class: pace.Ours, who: pace.Us, key: "large", text: "The call was larger than Marketo takes. This is a fault of Doppio (%2)."},
	{code: "HTTP_429", class: pace.Transient, who: pace.Nobody, key: "rate", text: "More calls than Marketo allows in 20 seconds were made by all programs together. Doppio goes on shortly.", treat: rate},
}

// CodeKeyless is the code of a person who was not sent: nothing would tell who it is.
const CodeKeyless = "NO_KEY"

// Codes of our own.
const (
	codeTimeout  = "TIMEOUT"
	codeHTML     = "HTML_ANSWER"
	codeBroken   = "BROKEN_ANSWER"
	codeShape    = "UNEXPECTED_ANSWER"
	codeRedirect = "REDIRECT"
	codeSecret   = "INVALID_CLIENT"
	codeComma    = "COMMA"
	codeExtract  = "EXPORT_FAILED"

	codeNeighbour = "NEIGHBOUR_REFUSED"
	codeProgress  = "1037" // a member that is in a status or past it, or not in the program
)

// lookUp finds what is known about a code. Of unknown codes those below 1000 speak of the call and pass, the others
// speak of a record and stay (Marketo REST API, Error Codes: levels).
func lookUp(code, message string) codeRow {
	for _, row := range codes {
		if row.code == code && strings.Contains(strings.ToLower(message), row.match) {
			return row
		}
	}
	switch {
	case strings.HasPrefix(code, "HTTP_5"):
		return codeRow{code: code, class: pace.Transient, who: pace.Nobody, key: "busy", text: "Marketo is not available at the moment. Doppio tries again.", treat: again}
	case len(code) == 3 && (code[0] == '6' || code[0] == '7'):
		return codeRow{code: code, class: pace.Transient, who: pace.Nobody, key: "unknown", text: "Marketo refused a call for a reason that Doppio does not know (%2).", treat: again}
	}
	return codeRow{code: code, class: pace.Refused, who: pace.Owner, key: "unknown.record", text: "Marketo refused %1 for a reason that Doppio does not know (%2)."}
}
