package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/doppio-sync/doppio/app"
)

// page is what stands in a command's help below its flags.
type page struct {
	about   string // what the flags do not say
	example string
}

// exitCodes are the contract with whoever scripts against doppioctl.
const exitCodes = `Exit codes:
  0    done
  1    unexpected failure
  2    wrong usage or input
  3    done, but failures or holds are open (sync, retry, undo)
  4    sign-in or permission
  5    quota or rate share used up
  6    stopped by the brake
  7    workspace in use by another process
  130  interrupted; what was acknowledged is kept
`

// manual holds the page of each command.
var manual = map[string]page{
	"": {`Environment:
  DOPPIO_HOME                       folder of the workspaces, as --home
  DOPPIO_PASSPHRASE                 opens the file of secrets, with --secrets file
  DOPPIO_SALESFORCE_CLIENT_SECRET   DOPPIO_SALESFORCE_REFRESH_TOKEN
  DOPPIO_SALESFORCE_JWT_KEY_FILE    DOPPIO_MARKETO_CLIENT_SECRET
                                    what connect would ask for on a terminal

` + exitCodes, `  doppioctl demo                                  try it, without an account
  doppioctl workspace new "Acme B.V."             make a workspace
  doppioctl connect salesforce "Acme B.V." --login-url https://acme.my.salesforce.com --client-id 3MVG9…
  doppioctl connect marketo "Acme B.V." --base-url https://123-ABC-456.mktorest.com/rest --client-id 1a2b…
  doppioctl check "Acme B.V."                     what the two users may do
  doppioctl sync "Acme B.V." --rehearse           what would happen
  doppioctl mode "Acme B.V." live && doppioctl sync "Acme B.V."
`},
	"demo": {`Makes an imitated Salesforce and an imitated Marketo with people in them, connects a workspace that is
thrown away afterwards, rehearses, runs the first sync, edits people on both sides, and syncs until
both agree. It ends with 0 only when no field differs without an explanation. It needs no account and
no network.
`, "  doppioctl demo --people 500 --faults hostile --shot dashboard.png\n"},
	"sandbox": {`Serves until Ctrl+C. With --print-json the first line on standard output tells the addresses and the
credentials of both systems and the address of the control service: GET /journal, GET /truth,
POST /edit, POST /faults, POST /advance, POST /journal/reset.
`, "  doppioctl sandbox --people 10000 --print-json\n"},
	"workspace":      {"A workspace is one Salesforce org, one Marketo instance, and everything that Doppio remembers of them.\n", "  doppioctl workspace list\n"},
	"workspace list": {"", "  doppioctl workspace list --json\n"},
	"workspace new":  {"A new workspace is in mode observe: it reads, and writes nowhere.\n", "  doppioctl workspace new \"Client visit\" --look-only\n"},
	"workspace show": {"", "  doppioctl workspace show \"Acme B.V.\"\n"},
	"workspace forget": {`Removes the workspace's file, files of it that were set aside, its backups, and its secrets. Both systems keep
their data. Without --yes it asks first, on a terminal.
`, "  doppioctl workspace forget \"Client visit\" --yes\n"},
	"connect": {"", "  doppioctl connect marketo \"Acme B.V.\" --base-url https://123-ABC-456.mktorest.com --client-id 1a2b…\n"},
	"connect salesforce": {`Nothing is kept unless the sign-in works. Secrets are asked for on a terminal, or come from the
environment; no flag takes them:
  browser             opens Salesforce's own page; DOPPIO_SALESFORCE_CLIENT_SECRET if the app wants one
  refresh-token       DOPPIO_SALESFORCE_REFRESH_TOKEN, and the client secret if the app wants one
  client-credentials  DOPPIO_SALESFORCE_CLIENT_SECRET; --login-url is the org's own My Domain address
  jwt                 the key of setup NAME key, or the one that DOPPIO_SALESFORCE_JWT_KEY_FILE names; --username the user
The address may be pasted in any form: that of a screen, of Setup, or the My Domain name by itself. With --username
nobody else can sign in by mistake.
`, "  DOPPIO_SALESFORCE_CLIENT_SECRET=… doppioctl connect salesforce \"Acme B.V.\" \\\n    --login-url https://acme.my.salesforce.com --client-id 3MVG9… --flow client-credentials\n"},
	"connect marketo": {`Nothing is kept unless the sign-in works. The client secret is asked for on a terminal, or comes from
DOPPIO_MARKETO_CLIENT_SECRET; no flag takes it.
`, "  DOPPIO_MARKETO_CLIENT_SECRET=… doppioctl connect marketo \"Acme B.V.\" \\\n    --base-url https://123-ABC-456.mktorest.com/rest --client-id 1a2b… --daily-calls 50000\n"},
	"check": {`Reads only, also beside a running sync: whether both sides answer, what the sync user and the API user may
do, how much of the daily calls is left, and whether Marketo's own sync with Salesforce is on.
`, "  doppioctl check \"Acme B.V.\"\n"},
	"setup": {`rights   reads, a handful of calls: what the sync user may do of each object and field that the mapping needs, or
         the standard mapping where there is none yet, and what is missing.
request  writes one page for the Salesforce admin: what to do, why, and where to click.
package  writes a zip for the Metadata API (Setup, or sf project deploy): the custom fields that are lacking, and the
         permission set “Doppio Sync” with exactly what is needed. It never allows deleting.
deploy   puts the package into effect and assigns the permission set, as the sync user or, with --as-admin, as an
         admin who signs in for this once. All of it or nothing is taken. A look-only workspace never deploys.
key      makes a key to sign in with (connect salesforce --flow jwt) unless there is one, and writes its certificate, for
         the admin to upload to the app. The key stays in the keychain. It is good for two years; made anew after that.
`, "  doppioctl setup \"Acme B.V.\" rights\n  doppioctl setup \"Acme B.V.\" request --out request.pdf\n  doppioctl setup \"Acme B.V.\" package --out doppio.zip\n  doppioctl setup \"Acme B.V.\" deploy --as-admin --yes\n"},
	"mode": {`In observe and rehearse every request that could change data is refused before it leaves this computer.
Live needs both connections, and that Marketo's own sync with Salesforce is off.
`, "  doppioctl mode \"Acme B.V.\" rehearse\n"},
	"settings": {"Settings:\n" + settingsHelp(), "  doppioctl settings \"Acme B.V.\" show\n  doppioctl settings \"Acme B.V.\" set conflicts=hold every=10m\n"},
	"mapping": {`show     every mapped field: where it travels, who wins a conflict, what it may lose on its way, and
         what changed on either side. With --json it is what set takes.
suggest  pairs of fields that are not mapped and may speak of the same thing: sure, likely, or alike and
         yet not to be mapped, each with a reason. Nothing is kept. --add puts those of a group into the
         mapping that --json prints.
set      puts the mapping of FILE (- for standard input) in place of the present one. A field that is not
         in it stops travelling; one without a number is new, and both sides are compared afresh for it.
         Everything is checked first, and nothing is kept of a mapping with a mistake in it.

Of a field: direction both, to_marketo or to_salesforce · policy salesforce, marketo, newest, hold, or
empty for the workspace's · never_blank true gives it its value back when a side clears it · quiet hour or
day writes it no more often · rule names a rule · reread nightly reads it again every night · why and
owner are for you.

link     a program and a campaign go together only if their statuses are alike, name by name; what differs
         is listed. It says first how many members join on either side, and asks on a terminal unless --yes
         is given.
`, "  doppioctl mapping \"Acme B.V.\" suggest --add sure --json > mapping.json\n  doppioctl mapping \"Acme B.V.\" set mapping.json\n  doppioctl mapping \"Acme B.V.\" link \"Product Webinar 2026\" 7015g000000TestAAA\n  doppioctl mapping \"Acme B.V.\" link 1002 --remove\n"},
	"rules": {`A rule rewrites values on their way: what a side says keeps its own spelling there, and the other side gets
what the rule makes of it. A rule file is JSON:

  {"rules": [
    {"name": "countries", "fields": ["Lead.Country", "Contact.MailingCountry"], "do": ["trim", "blank", "country"]},
    {"name": "states", "fields": ["Lead.State", "Contact.MailingState"], "do": ["trim", {"state": {"language": "nl"}}]},
    {"name": "score", "fields": ["Lead.Lead_Score__c"], "do": [{"band": {"bands": ["0-25", "26-50", "51-75", "76-100"], "margin": 2}}]},
    {"name": "titles", "fields": ["Lead.Title"], "do": [{"table": {"mgr": "Manager"}}, {"replace": {"pattern": "^Dr\\. ", "with": ""}}]}
  ]}

Steps: trim, blank (empties n/a, -, unknown and the like, or the words of a list), case (lower, upper, names), table,
replace (a regular expression, RE2), phone (to E.164, by the record's country, else "assume"), country and state (by
their names in "language", or as "code"), band (comes last; "send" low, high or band, "to" the side that gets it).
The rules tidy, names, country, state, phone and band are there without a file, for the mapping to name.
What is wrong in a file is said with its place, and nothing is kept then.

suggest says what would help: bands for scores, one name for countries and for states, and a quiet time for the fields
that cost the most writes. --add prints the rule file with all of it but the quiet times, which are set in the mapping.
`, "  doppioctl rules \"Acme B.V.\" show\n  doppioctl rules \"Acme B.V.\" suggest\n  doppioctl rules \"Acme B.V.\" suggest --add > rules.json\n  doppioctl rules \"Acme B.V.\" set rules.json --preview --values\n  doppioctl rules \"Acme B.V.\" set rules.json\n"},
	"filter": {`Who takes part, as a sentence about records in Salesforce:
  lead where Do_Not_Sync_to_Marketo is not true and Email is filled and Country in ("NL", "BE")

A sentence names the objects that it is about, then "where", then what must hold. Without an object it is about
leads and contacts alike. Several sentences stand on lines of their own; what is about the same object must all
hold. An object without a sentence takes part whole. From # on a line is a remark.

  fields     by API name (the __c may go) or label; labels of several words in quotes: "Email Opt Out"
             of a related record: account.Industry, owner.Email; owner, account, record type: their name
  joining    and, or, not, brackets; "and" binds closer than "or"
  anything   is filled, is blank, is "Hot", is not "Hot", = != , in ("NL", "BE"), not in (…)
  texts      contains, does not contain, starts with, ends with; capitals do not count
  checkboxes is true, is not true · owner is active
  several    Interests includes ("Golf", "Tea"), excludes ("Golf"); "Golf;Tea" asks for both
  numbers    = != < <= > >=
  dates      on, before, after, on or before, on or after 2026-01-31, today, yesterday, 30 days ago
             within 24 months, in the last 30 days, in the next 2 weeks, older than 1 year, newer than 1 year
             days are those of the org's time zone; within counts back from now
  leaving    who leaves is frozen (nothing travels, the link stays) · who leaves is unlinked
             who leaves is marked in "Kept Out" (frozen, and ticked in this checkbox in Marketo)

A blank field is neither equal to, nor less than, nor part of anything: "Country is not \"NL\"" holds for it.
set says first who passes, leaves and enters, and what becomes of those who are linked; it asks on a terminal
unless --yes is given, and nothing changes before. The filter before stays at hand: --back 0.
`, "  doppioctl filter \"Acme B.V.\" test --count --expr 'lead where Email is filled and CreatedDate within 24 months'\n  doppioctl filter \"Acme B.V.\" set filter.txt --why \"agreed with sales\"\n  doppioctl filter \"Acme B.V.\" set --back 0\n"},
	"price": {`Lives through the kept history once more. Of each field: how often it changed, how many record writes had it in
them, how many had no other field, and what calls those cost. What a band, a quiet day or hiding the field would
have saved is counted in record writes. A band is the field's own, else 0-25, 26-50, 51-75, 76-100.
`, "  doppioctl price \"Acme B.V.\" --days 30 --json\n"},
	"fields": {`Of every mapped field: type and length on both sides, where it travels, who wins, how many of the linked records
have it filled (of a checkbox: ticked), how many values were written in a week, why it is synced, who answers
for it, and since when. Nobody is asked for it: shares come of what both sides agreed upon, in a big workspace
of a sample drawn evenly over all linked records, and changes were counted as they were written.
`, "  doppioctl fields \"Acme B.V.\"\n  doppioctl fields \"Acme B.V.\" --xlsx fields.xlsx\n"},
	"sync": {`Without --once it goes on until Ctrl+C, one cycle every few minutes. A cycle reads what changed on both
sides, decides, and writes. --once ends when nothing more can be sent. A cycle that would change more
people than the brake allows stops before its first write with exit code 6: look with --rehearse, then
go on with --resume. --allow-brake lets it pass unasked.

--now does the people named after it at once, before everything that waits, and says what came of each: written, nothing
to do, waiting, failed, held, filtered, unknown. Alone it ends there; with --once or --every the cycles follow.

--rehearse reads everything, writes nothing, prints each write that live would make, and sums it up; that plan is kept, and live
carries it out. --since plans again and tells what is not as it was rehearsed, and why. --first writes the plan for so many people
and nobody else, with the workspace still not live; one that was cut off is taken up by the next.

` + exitCodes, "  doppioctl sync \"Acme B.V.\" --rehearse --out plan.xlsx\n  doppioctl sync \"Acme B.V.\" --first 10\n  doppioctl sync \"Acme B.V.\" --once --json\n  doppioctl sync \"Acme B.V.\" --every 5m\n  echo anna@kade12.example | doppioctl sync \"Acme B.V.\" --now -\n"},
	"rehearsal": {"Shows what the last rehearsal announced and how much of it was written, from the workspace's file alone. The workbook has\nevery write that waits still. Records are named by their ids; --values tells people's values too.\n", "  doppioctl rehearsal \"Acme B.V.\"\n  doppioctl rehearsal \"Acme B.V.\" --out plan.pdf\n"},
	"status":    {"Works beside a running sync, and needs neither keychain nor passphrase.\n", "  doppioctl status \"Acme B.V.\" --json\n"},
	"failures":  {"A group is one cause: a code, the side that refused, the fields that it named. It heals when its cause is gone.\nWith --why the side that refused is asked, as the sync user and without a write, what it says about the record, the fields and\nthe values of up to 20 of its writes.\n", "  doppioctl failures \"Acme B.V.\"\n  doppioctl failures \"Acme B.V.\" --group 3 --why\n  doppioctl failures \"Acme B.V.\" --group 3\n"},
	"retry":     {"Runs one cycle. Only a workspace in mode live writes.\n", "  doppioctl retry \"Acme B.V.\" --all\n"},
	"holds":     {"Shows people's values where both sides changed the same field.\n", "  doppioctl holds \"Acme B.V.\"\n"},
	"resolve":   {"The decision takes effect in the next cycle; the value that loses stays in the history.\n", "  doppioctl resolve \"Acme B.V.\" 12 --take salesforce\n"},
	"undo": {`Says first what it would do. Values go back on both sides, as if a user had typed them, so an edit that somebody makes
meanwhile is not overwritten unseen. What somebody changed since stays, unless the change is named alone. Records that were
created stay, and so do deletions and merges. Shows people's values. Runs one cycle; only a workspace in mode live writes.

` + exitCodes, "  doppioctl explain \"Acme B.V.\" anna@kade12.example --json    numbers the changes\n  doppioctl undo \"Acme B.V.\" --change 4711\n  doppioctl undo \"Acme B.V.\" --cycle 12 --yes\n"},
	"explain": {"Says whether the person is linked and takes part, what waits, and what happened. Shows people's values.\n", "  doppioctl explain \"Acme B.V.\" anna@kade12.example\n"},
	"whatif": {`Counts the calls of a change of one field on many records and says how long it takes until the last one is written, and
whom it keeps waiting meanwhile, from what was measured in the last 24 hours and the calls that are left.
It calls nobody. --at tells when the change is made, on this computer's clock.
`, "  doppioctl whatif \"Acme B.V.\" --object Lead --field Rating --records 50000 --at 20:00\n"},
	"bench": {`Syncs imitated pairs and divides what it took by what a bare reading and writing of the same data takes in
the same run: calls, processor time, memory.
`, "  doppioctl bench --people 20000\n"},
	"completion": {`bash: doppioctl completion bash > /etc/bash_completion.d/doppioctl
zsh:  doppioctl completion zsh > "${fpath[1]}/_doppioctl"
fish: doppioctl completion fish > ~/.config/fish/completions/doppioctl.fish
`, "  source <(doppioctl completion bash)\n"},
	"version": {"", "  doppioctl version --json\n"},
}

// settingsHelp lists the settings with what they are for.
func settingsHelp() string {
	var b strings.Builder
	defaults := app.DefaultSettings()
	for _, line := range defaults.Lines() {
		fmt.Fprintf(&b, "  %-21s %s\n", line.Name, line.Help)
	}
	return b.String()
}

// help is kong's, with the command's page below it.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	path := ""
	if ctx.Selected() != nil {
		path = strings.TrimPrefix(ctx.Selected().FullPath(), "doppioctl ")
	}
	p := manual[path]
	if p.about != "" {
		p.about = "\n" + p.about
	}
	_, err := fmt.Fprintf(ctx.Stdout, "%s\nExample:\n%s", p.about, p.example)
	return err
}
