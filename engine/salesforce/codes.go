package salesforce

import (
	"net/http"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
)

// codeRow is one line of what is known about a code. Where a code means several things, the message's text tells them
// apart: the first row whose text is contained wins, so rows with a text stand before the one without.
type codeRow struct {
	code  string
	match string // a part of Salesforce's message that selects this row
	class pace.Class
	who   pace.Who
	key   string // of the translated sentence, after "salesforce."
	text  string // English; %1 the record, %2 the fields, %3 the code
	// again: worth another try within the same call. unexecuted: the side did not carry out the request, so that any
	// request may be sent again.
	again, unexecuted bool
}

// codes is the error catalogue: Salesforce's codes with class, who acts and the sentence, after the REST API Developer
// Guide ("Status Codes and Error Responses"), the SOAP API's list of ExceptionCodes and StatusCodes, and recorded answers.
var codes = []codeRow{
	// Sessions and sign-in.
	{code: "INVALID_SESSION_ID", match: "not valid for use with the REST API", class: pace.SignIn, who: pace.Admin, key: "session.scope", text: "Salesforce does not let this sign-in use the API. Give the app the scope 'api' and sign in again."},
	{code: "INVALID_SESSION_ID", class: pace.SignIn, who: pace.Operator, key: "session", text: "Salesforce ended the session and did not accept a new one. Sign in again."},
	{code: "INVALID_AUTH_HEADER", class: pace.SignIn, who: pace.Us, key: "session.header", text: "Salesforce did not understand the sign-in. Sign in again."},
	{code: "INVALID_LOGIN", class: pace.SignIn, who: pace.Operator, key: "login", text: "Salesforce refused the user name or password."},
	{code: "API_CURRENTLY_DISABLED", class: pace.Permission, who: pace.SyncUser, key: "api.user", text: "The sync user may not use the API. Ask the Salesforce admin to tick 'API Enabled' for it."},
	{code: "API_DISABLED_FOR_ORG", class: pace.Config, who: pace.Admin, key: "api.org", text: "This org, or this kind of user, has no API access. Ask the Salesforce admin about the edition and 'API Enabled'."},
	{code: "TXN_SECURITY_NO_ACCESS", class: pace.Permission, who: pace.Admin, key: "txn", text: "A transaction security policy of the org blocks what Doppio does. Ask the Salesforce admin to exempt the sync user."},
	{code: "UNSUPPORTED_API_VERSION", class: pace.Ours, who: pace.Us, key: "version", text: "The org no longer answers this API version. Update Doppio."},
	// Limits.
	{code: "REQUEST_LIMIT_EXCEEDED", match: "Concurrent", class: pace.Transient, who: pace.Nobody, key: "busy.concurrent", text: "Too many long requests run in the org at once. Doppio tries again shortly; if it stays, automation of the org is slow.", again: true, unexecuted: true},
	{code: "REQUEST_LIMIT_EXCEEDED", class: pace.Quota, who: pace.Admin, key: "quota.daily", text: "The org's daily API calls are used up by all programs together. They come back within 24 hours; the admin sees the users of them under Company Information."},
	{code: "EXCEEDEDQUOTA", class: pace.Quota, who: pace.Admin, key: "quota.bulk", text: "The org's daily allowance for bulk jobs is used up. It comes back within 24 hours."},
	{code: "STORAGE_LIMIT_EXCEEDED", class: pace.Config, who: pace.Admin, key: "storage", text: "The org's data storage is full, so %1 could not be saved. Ask the Salesforce admin to make room."},
	{code: "LIMIT_EXCEEDED", class: pace.Transient, who: pace.Admin, key: "limit", text: "A limit of the org was reached while saving %1. Doppio tries again; if it stays, ask the Salesforce admin.", again: true},
	{code: "TOO_MANY_APEX_REQUESTS", class: pace.Transient, who: pace.Admin, key: "limit.apex", text: "The org's own automation runs too often at once. Doppio tries again; if it stays, ask the Salesforce admin.", again: true},
	// Passing troubles.
	{code: "SERVER_UNAVAILABLE", class: pace.Transient, who: pace.Nobody, key: "busy", text: "Salesforce is too busy at the moment. Doppio tries again.", again: true},
	{code: "UNKNOWN_EXCEPTION", class: pace.Transient, who: pace.Admin, key: "unknown", text: "Salesforce met an unexpected error of its own. Doppio tries again; if it stays, the admin can give the error id to Salesforce.", again: true},
	{code: "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", class: pace.Transient, who: pace.Nobody, key: "maintenance", text: "The org is in read-only maintenance. Doppio writes %1 when it is over."},
	{code: "REQUEST_RUNNING_TOO_LONG", class: pace.Transient, who: pace.Admin, key: "slow", text: "Saving %1 took the org too long. Doppio tries again; if it stays, automation of the org is too slow."},
	{code: "QUERY_TIMEOUT", class: pace.Transient, who: pace.Admin, key: "slow.query", text: "A query took the org too long. Ask the Salesforce admin to grant the sync user 'View All' on the object."},
	{code: "UNABLE_TO_LOCK_ROW", class: pace.Locked, who: pace.Nobody, key: "locked", text: "Somebody else was saving %1 or a record above it at the same moment. Doppio tries again."},
	{code: "TOOMANYLOCKFAILURE", class: pace.Locked, who: pace.Nobody, key: "locked.bulk", text: "Too many records were being saved by others at the same moment. Doppio tries again."},
	{code: "INVALID_QUERY_LOCATOR", class: pace.Transient, who: pace.Nobody, key: "locator", text: "Salesforce forgot where the reading stood. Doppio reads again."},
	{code: "ALL_OR_NONE_OPERATION_ROLLED_BACK", class: pace.Transient, who: pace.Us, key: "rolled.back", text: "%1 was not saved because another record in the same call was refused. Doppio sends it again without that one."},
	{code: "PROCESSING_HALTED", class: pace.Transient, who: pace.Us, key: "halted", text: "%1 was not saved because another part of the same call failed. Doppio sends it again."},
	// Gone, converted, locked by people.
	{code: "NOT_FOUND", match: "external ID field", class: pace.Config, who: pace.SyncUser, key: "missing.key", text: "A field that Doppio needs does not exist or is hidden from the sync user. Ask the Salesforce admin to create it or to grant access."},
	{code: "NOT_FOUND", class: pace.Gone, who: pace.Us, key: "gone", text: "%1 was deleted, or the sync user can no longer see it."},
	{code: "ENTITY_IS_DELETED", class: pace.Gone, who: pace.Us, key: "deleted", text: "%1 was deleted or merged into another record."},
	{code: "CANNOT_UPDATE_CONVERTED_LEAD", class: pace.Gone, who: pace.Us, key: "converted", text: "%1 was converted; its contact takes its place."},
	{code: "ENTITY_IS_LOCKED", class: pace.Refused, who: pace.Owner, key: "approval", text: "%1 is locked by an approval. It can be changed when the approval has ended."},
	{code: "PRECONDITION_FAILED", class: pace.Changed, who: pace.Nobody, key: "changed", text: "Somebody changed %1 in the meantime. Doppio reads it again."},
	{code: "ENTITY_IS_ARCHIVED", class: pace.Gone, who: pace.Us, key: "archived", text: "%1 is archived and can no longer be changed."},
	// Permissions.
	{code: "INVALID_TYPE", class: pace.Permission, who: pace.SyncUser, key: "no.object", text: "The sync user cannot see this kind of record. Ask the Salesforce admin to grant read access to the object."},
	{code: "INVALID_FIELD", match: "Foreign key external ID", class: pace.Refused, who: pace.Owner, key: "parent.missing", text: "%1 points to a record that does not exist (yet)."},
	{code: "INVALID_FIELD", match: "can not be filtered", class: pace.Config, who: pace.Admin, key: "unfilterable", text: "Salesforce cannot search by %2. The field may be encrypted or a long text."},
	{code: "INVALID_FIELD", class: pace.Permission, who: pace.SyncUser, key: "no.field", text: "%2 does not exist or is hidden from the sync user. Ask the Salesforce admin to grant read access, or take it out of the mapping."},
	{code: "INVALID_FIELD_FOR_INSERT_UPDATE", class: pace.Permission, who: pace.SyncUser, key: "field.readonly", text: "The sync user may not write %2 of %1. Ask the Salesforce admin to grant edit access, or make the mapping one-way."},
	{code: "INSUFFICIENT_ACCESS_OR_READONLY", class: pace.Permission, who: pace.SyncUser, key: "no.edit", text: "The sync user may see %1 but not change it. Ask the Salesforce admin about sharing and edit access."},
	{code: "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", class: pace.Permission, who: pace.SyncUser, key: "no.parent", text: "The sync user has no access to the account, owner or record type of %1. Ask the Salesforce admin to grant it."},
	{code: "INSUFFICIENT_ACCESS", class: pace.Permission, who: pace.SyncUser, key: "no.access", text: "The sync user lacks a right that this needs. Ask the Salesforce admin."},
	{code: "TRANSFER_REQUIRES_READ", class: pace.Permission, who: pace.SyncUser, key: "owner.read", text: "The new owner of %1 may not read such records. Ask the Salesforce admin."},
	{code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", match: "entity type cannot be", class: pace.Permission, who: pace.SyncUser, key: "no.create", text: "The sync user may not create or change records of this kind. Ask the Salesforce admin."},
	// Automation of the org.
	{code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", match: "Too many batch retries", class: pace.Transient, who: pace.Admin, key: "apex.retries", text: "Automation of the org failed on a neighbour of %1. Doppio sends it again."},
	{code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", class: pace.Refused, who: pace.Admin, key: "apex", text: "Automation of the org (Apex) failed while saving %1. Show the Salesforce admin the message."},
	{code: "CANNOT_EXECUTE_FLOW_TRIGGER", class: pace.Refused, who: pace.Admin, key: "flow", text: "A flow of the org failed while saving %1. Show the Salesforce admin the message."},
	{code: "APEX_ERROR", class: pace.Refused, who: pace.Admin, key: "apex", text: "Automation of the org (Apex) failed while saving %1. Show the Salesforce admin the message."},
	// Values.
	{code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", class: pace.Refused, who: pace.Owner, key: "validation", text: "A validation rule of the org refused %1 (%2). The message says what it wants; correct the value or ask the Salesforce admin."},
	{code: "FIELD_FILTER_VALIDATION_EXCEPTION", class: pace.Refused, who: pace.Owner, key: "lookup.filter", text: "A lookup of %1 points to a record that the org's filter does not allow. It may be a field that Doppio does not touch."},
	{code: "FIELD_INTEGRITY_EXCEPTION", class: pace.Refused, who: pace.Owner, key: "integrity", text: "%2 of %1 does not fit together with the rest, such as a state that its country does not have. Correct the value."},
	{code: "REQUIRED_FIELD_MISSING", class: pace.Refused, who: pace.Owner, key: "required", text: "%1 cannot be saved while %2 is empty. Fill it; it may be a field that Doppio does not touch."},
	{code: "STRING_TOO_LONG", class: pace.Refused, who: pace.Owner, key: "too.long", text: "The text is too long for %2 of %1. Shorten it, or give the mapping a length rule."},
	{code: "INVALID_EMAIL_ADDRESS", class: pace.Refused, who: pace.Owner, key: "email", text: "Salesforce does not take %2 of %1 for an e-mail address. Correct it in Marketo."},
	{code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", class: pace.Refused, who: pace.Owner, key: "picklist", text: "%2 of %1 takes only listed values, and this is none. Correct the value, map it, or ask the admin to add it."},
	{code: "NUMBER_OUTSIDE_VALID_RANGE", class: pace.Refused, who: pace.Owner, key: "range", text: "The number is too large or too small for %2 of %1."},
	{code: "INVALID_TYPE_ON_FIELD_IN_RECORD", class: pace.Refused, who: pace.Us, key: "type", text: "The value for %2 of %1 is of another type than the field. Check the mapping."},
	{code: "INVALID_CROSS_REFERENCE_KEY", class: pace.Refused, who: pace.Owner, key: "reference", text: "%1 points to a record, owner or record type that does not exist or may not be used."},
	{code: "INACTIVE_OWNER_OR_USER", class: pace.Refused, who: pace.Admin, key: "owner.inactive", text: "The owner of %1 is an inactive user. Map it to an active one, or ask the Salesforce admin."},
	// Duplicates.
	{code: "DUPLICATE_VALUE", match: "Already a campaign member", class: pace.Duplicate, who: pace.Us, key: "member", text: "The person is a member of the campaign already."},
	{code: "DUPLICATE_VALUE", class: pace.Duplicate, who: pace.Owner, key: "taken", text: "%1 was refused: another record has the same value in %2 already, where it must be unique."},
	{code: "DUPLICATE_EXTERNAL_ID", class: pace.Duplicate, who: pace.Owner, key: "key.twice", text: "Several records carry the same Marketo id, so it is not clear which is meant. Merge them or clear the field on the wrong one."},
	{code: "HTTP_300", class: pace.Duplicate, who: pace.Owner, key: "key.twice", text: "Several records carry the same Marketo id, so it is not clear which is meant. Merge them or clear the field on the wrong one."},
	{code: "DUPLICATES_DETECTED", class: pace.Duplicate, who: pace.Owner, key: "rule.duplicate", text: "A duplicate rule of the org thinks that %1 exists already. Decide which record is meant, or change the rule."},
	// Our own mistakes.
	{code: "JSON_PARSER_ERROR", class: pace.Ours, who: pace.Us, key: "ours.json", text: "Salesforce could not read what Doppio sent for %1. Check the types in the mapping; if they are right, report it."},
	{code: "MALFORMED_ID", class: pace.Ours, who: pace.Us, key: "ours.id", text: "Doppio sent an id that Salesforce does not take. Report it."},
	{code: "INVALID_ID_FIELD", class: pace.Ours, who: pace.Us, key: "ours.id", text: "Doppio sent an id that Salesforce does not take. Report it."},
	{code: "MISSING_ARGUMENT", class: pace.Ours, who: pace.Us, key: "ours.argument", text: "Doppio left something out that Salesforce needs. Report it."},
	{code: "MALFORMED_QUERY", class: pace.Ours, who: pace.Us, key: "ours.query", text: "Salesforce does not understand a query of Doppio. Report it."},
	{code: "INVALID_QUERY_FILTER_OPERATOR", class: pace.Ours, who: pace.Us, key: "ours.query", text: "Salesforce does not understand a query of Doppio. Report it."},
	{code: "QUERY_TOO_COMPLICATED", class: pace.Config, who: pace.Operator, key: "query.wide", text: "The mapping reads too many formula fields for one query. Take some out."},
	{code: "EXCEEDED_ID_LIMIT", class: pace.Ours, who: pace.Us, key: "ours.limit", text: "Doppio asked for too many records at once. Report it."},
	{code: "OPERATION_TOO_LARGE", class: pace.Permission, who: pace.Admin, key: "too.large", text: "The org refuses to read so much at once for this user. Ask the Salesforce admin to grant 'View All' on the object."},
	{code: "INVALID_REPLICATION_DATE", class: pace.Config, who: pace.Us, key: "replication", text: "The org's list of deleted records does not reach back so far. Doppio compares afresh."},
	{code: "METHOD_NOT_ALLOWED", class: pace.Ours, who: pace.Us, key: "ours.method", text: "Salesforce does not offer what Doppio asked for. Report it."},
	{code: "UNSUPPORTED_MEDIA_TYPE", class: pace.Ours, who: pace.Us, key: "ours.media", text: "Salesforce does not offer what Doppio asked for. Report it."},
	// Bulk jobs.
	{code: "INVALIDJOBSTATE", class: pace.Ours, who: pace.Us, key: "job.state", text: "A bulk job is not in the state that Doppio expected. Doppio starts a new one."},
	{code: "INVALIDBATCH", class: pace.Config, who: pace.Operator, key: "job.batch", text: "Salesforce refused a bulk job: a column of the mapping does not exist. Check the mapping."},
	{code: "CLIENTINPUTERROR", class: pace.Ours, who: pace.Us, key: "job.input", text: "Salesforce could not read the rows of a bulk job. Report it."},
	{code: "FEATURENOTENABLED", class: pace.Config, who: pace.Admin, key: "job.feature", text: "Bulk jobs are not switched on in this org."},
	{code: "INVALIDUSER", class: pace.Permission, who: pace.SyncUser, key: "job.user", text: "The sync user may not use this bulk job."},
	{code: codeJobFailed, class: pace.Transient, who: pace.Admin, key: "job.failed", text: "Salesforce ended a bulk job without finishing it. Doppio tries again."},
	// Found by the client itself.
	{code: pace.CodeNetwork, class: pace.Transient, who: pace.Nobody, key: "network", text: "The connection to Salesforce broke. Doppio tries again.", again: true},
	{code: pace.CodeNoHost, class: pace.Transient, who: pace.Operator, key: "network.host", text: "Nobody knows the address of the Salesforce org. Check that this computer is online and that the address is spelled right.", again: true},
	{code: pace.CodeUnreached, class: pace.Transient, who: pace.Operator, key: "network.unreached", text: "Nothing answers at the address of the Salesforce org. Check that this computer is online and that the address is right.", again: true},
	{code: pace.CodeCertificate, class: pace.Config, who: pace.Operator, key: "network.certificate", text: "What answers at the address of the Salesforce org cannot prove that it is Salesforce, so nothing was sent. Check the address, this computer's clock, and whether a proxy of this network reads along."},
	{code: pace.CodePlain, class: pace.Config, who: pace.Operator, key: "network.plain", text: "What answers at the address of the Salesforce org does not speak https. Check the address."},
	{code: codeTimeout, class: pace.Transient, who: pace.Nobody, key: "timeout", text: "Salesforce did not answer in time. Doppio tries again.", again: true},
	{code: codeHTML, class: pace.Transient, who: pace.Nobody, key: "answer.html", text: "A web page came instead of an answer: Salesforce is in maintenance, or this network wants a sign-in of its own.", again: true},
	{code: codeRedirect, class: pace.Config, who: pace.Operator, key: "answer.redirect", text: "Something between here and Salesforce sends requests elsewhere, which Doppio does not follow. Check the network and the address of the org."},
	{code: codeEmpty, class: pace.Transient, who: pace.Nobody, key: "answer.empty", text: "Salesforce's answer was empty. Doppio tries again.", again: true},
	{code: codeTruncated, class: pace.Transient, who: pace.Nobody, key: "answer.truncated", text: "Salesforce's answer ended in the middle. Doppio tries again.", again: true},
	{code: codeMalformed, class: pace.Transient, who: pace.Nobody, key: "answer.malformed", text: "Salesforce's answer could not be read. Doppio tries again.", again: true},
	{code: codeShortPage, class: pace.Transient, who: pace.Nobody, key: "answer.short", text: "Salesforce announced more records than it sent. Doppio reads again.", again: true},
	{code: codeSignInTimeout, class: pace.SignIn, who: pace.Operator, key: "oauth.timeout", text: "The sign-in was not finished in the browser. If the browser shows an error page of Salesforce, the app is probably not installed in the org or lacks Doppio's callback address: ask the Salesforce admin. Otherwise try again."},
	{code: codeNoPort, class: pace.Config, who: pace.Operator, key: "oauth.port", text: "All ports that the sign-in may use on this computer are taken. Close other programs that are signing in to Salesforce, then try again."},
	{code: codeClock, class: pace.SignIn, who: pace.Operator, key: "oauth.clock", text: "This computer's clock does not agree with Salesforce's, which takes a signed sign-in only at its own time. Set the clock to be right by itself, then sign in again."},
	{code: codeNoSignIn, class: pace.SignIn, who: pace.Operator, key: "oauth.elsewhere", text: "There is no sign-in of Salesforce at this address. Check the address of the org."},
	{code: codeLocal, class: pace.Ours, who: pace.Us, key: "ours", text: "Doppio asked for something that it should not have (%1, %2). Report it."},
}

// Codes of failures that the client finds itself.
const (
	codeTimeout   = "TIMEOUT"
	codeHTML      = "HTML_ANSWER"
	codeRedirect  = "REDIRECTED"
	codeEmpty     = "EMPTY_ANSWER"
	codeTruncated = "TRUNCATED_ANSWER"
	codeMalformed = "MALFORMED_ANSWER"
	codeShortPage = "SHORT_PAGE"
	codeJobFailed = "JOB_FAILED"
	codeLocal     = "LOCAL"

	codeSignInTimeout = "SIGN_IN_TIMEOUT"
	codeNoSignIn      = "NO_SIGN_IN"
	codeClock         = "CLOCK_DIFFERS"
	codeNoPort        = "NO_FREE_PORT"
)

// codeIndex finds the rows of a code.
var codeIndex = func() map[string][]codeRow {
	index := map[string][]codeRow{}
	for _, row := range codes {
		index[row.code] = append(index[row.code], row)
	}
	return index
}()

// lookUp finds what is known about a code. One that the table lacks is judged by the HTTP status alone, never by its
// text: server errors pass, client errors do not.
func lookUp(status int, code, message string) codeRow {
	for _, row := range codeIndex[strings.ToUpper(code)] {
		if row.match == "" || strings.Contains(message, row.match) {
			return row
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		return codeIndex["INVALID_SESSION_ID"][1]
	case status == http.StatusPreconditionFailed:
		return codeIndex["PRECONDITION_FAILED"][0]
	case status == http.StatusTooManyRequests:
		return codeRow{code: code, class: pace.Transient, who: pace.Nobody, key: "busy", text: "Salesforce is too busy at the moment. Doppio tries again.", again: true, unexecuted: true}
	case status >= 500, status == 420, status == http.StatusRequestTimeout:
		return codeRow{code: code, class: pace.Transient, who: pace.Nobody, key: "server", text: "Salesforce could not answer (%3). Doppio tries again.", again: true}
	case status == http.StatusForbidden:
		return codeRow{code: code, class: pace.Permission, who: pace.SyncUser, key: "forbidden", text: "Salesforce forbids the sync user what Doppio asked for (%3). Ask the Salesforce admin."}
	case status == http.StatusNotFound:
		return codeRow{code: code, class: pace.Gone, who: pace.Us, key: "gone", text: "%1 was deleted, or the sync user can no longer see it."}
	}
	return codeRow{code: code, class: pace.Refused, who: pace.Admin, key: "other", text: "Salesforce refused %1 (%3). The message says more; ask the Salesforce admin."}
}
