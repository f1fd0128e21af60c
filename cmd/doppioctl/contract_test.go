package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// shape writes a JSON value as its keys and types: {"a":n,"b":[{"c":s}]}; of a list the keys of all its entries.
func shape(value any) string {
	switch v := value.(type) {
	case map[string]any:
		parts := []string{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%q:%s", key, shape(v[key])))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		if _, objects := v[0].(map[string]any); !objects {
			return "[" + shape(v[0]) + "]"
		}
		all := map[string]any{}
		for _, entry := range v {
			for key, value := range entry.(map[string]any) {
				if list, is := value.([]any); all[key] == nil || value != nil && (!is || len(list) > 0) {
					all[key] = value
				}
			}
		}
		return "[" + shape(all) + "]"
	case string:
		return "s"
	case float64:
		return "n"
	case bool:
		return "b"
	}
	return "null"
}

// What scripts read is a contract: keys may be added, never changed or removed. Each command is held against the keys and types
// that are promised, and against those that were added since.
func TestContract(t *testing.T) {
	t.Parallel()
	const sides, backlog = `{"marketo":n,"salesforce":n}`, `{"marketo_to_salesforce":n,"oldest_s":n,"salesforce_to_marketo":n}`
	const quota = `{"marketo":{"limit":n,"share":n,"used":n},"salesforce":{"limit":n,"share":n,"used":n}}`
	const cycle = `{"calls":` + sides + `,"failed":n,"filtered":n,"held":n,"n":n,"planned":` + sides + `,"pulled":` + sides + `,"started":s,"took_ms":n,"writes":` + sides + `}`
	const refused = `"advice":s,"code":s,"count":n,"examples":[{"object":s,"source":s,"target":s}],"fields":[s],"first":s,"fixer":s,"group":s,"last":s,"object":s,"share":n,"side":s,"step":s,"title":s,"who":s`
	const held = `"candidates":[{"id":s,"object":s}],"cause":s,"choices":s,"id":n,"object":s,"salesforce":s,"sentence":s,"since":s`
	const planned = `{"action":s,"fields":[s],"id":s,"object":s,"side":s}`
	rehearsal := func(foreseen, fields, writes string) string {
		return `"rehearsal":{"at":s,"cycle":n,"first":b,"foreseen":[` + foreseen + `],"holds":[{"cause":s,"count":n,"examples":[]}],"overwrites":{"count":n,"examples":[],"fields":[` + fields + `]},` +
			`"people":{"filtered":n,"linked":n,"unlinked":` + sides + `},"sides":[{"calls":n,"days":n,"left":n,"share":n,"side":s,"takes_s":n,"writes":n}],"writes":[` + writes + `]}`
	}
	d := newDesk(t, sandbox.Options{People: 1000, Seed: 5})
	c := d.pair.Credentials()
	d.pair.Org().SetFieldPresent("Opportunity.TotalOpportunityQuantity", false)
	promised := func(want string, args ...string) {
		t.Helper()
		var document any
		d.reads(&document, args...)
		if got := shape(document); got != want {
			t.Errorf("%v prints\n%s, promised is\n%s", args, got, want)
		}
	}
	promised(`[]`, "workspace", "list")
	promised(`{"look_only":b,"workspace":s}`, "workspace", "new", workspace)
	promised(`{"backlog":`+backlog+`,"failures":n,"holds":n,"last_cycle":null,"mode":s,"notices":n,"people":{"filtered":n,"linked":n,"unlinked":`+sides+`},"quota":`+quota+`,"workspace":s}`, "status", workspace)
	promised(`{"file":s,"until":s}`, "setup", workspace, "key", "--out", filepath.Join(d.home, "doppio.crt"))
	promised(`{"edition":s,"organisation":s,"profile":s,"sandbox":b,"side":s,"user":s}`, "connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token")
	promised(`{"organisation":s,"side":s}`, "connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", c.Marketo.ClientID)
	promised(`[{"created":s,"look_only":b,"marketo":s,"mode":s,"name":s,"salesforce":s}]`, "workspace", "list")
	promised(`{"created":s,"look_only":b,"marketo":s,"mode":s,"name":s,"salesforce":s}`, "workspace", "show", workspace)
	promised(`{"lines":[{"advice":s,"side":s,"state":s,"what":s}],"native_sync":b,"quota":`+quota+`,"workspace":s}`, "check", workspace)
	const right = `{"create":s,"edit":s,"everybody":s,"fields":[{"edit":s,"label":s,"name":s,"read":s,"state":s}],"label":s,"object":s,"read":s,"state":s}`
	rights := `"asks":[{"how":s,"package":b,"state":s,"what":s,"why":s}],"edition":s,"objects":[` + right + `],"org":s,"profile":s,"rights":[{"name":s,"right":s,"state":s}],"sandbox":b,"state":s,`
	promised(`{`+rights+`"user":s}`, "setup", workspace, "rights")
	for _, file := range []string{"request.html", "request.pdf", "request.txt"} {
		promised(`{"asks":n,"file":s}`, "setup", workspace, "request", "--out", filepath.Join(d.home, file))
	}
	promised(`{"asks":n,"file":s}`, "setup", workspace, "package", "--out", filepath.Join(d.home, "package.zip"))
	promised(`{`+strings.Replace(rights, `"asks":[{"how":s,"package":b,"state":s,"what":s,"why":s}],`, `"asks":[],"assigned":b,`, 1)+`"status":s,"user":s}`, "setup", workspace, "deploy", "--yes")
	promised(`{"mode":s,"workspace":s}`, "mode", workspace, "live")
	settings := `{"brake_percent":s,"brake_records":s,"bulk":s,"business_hours":s,"conflicts":s,"create_in_salesforce":s,"deletes":s,"every":s,"first_sync":s,"marketo_daily_calls":s,"merges":s,"pace":s,"partition":s,"reserve_percent":s,"retention_days":s,"share_marketo":s,"share_salesforce":s}`
	promised(settings, "settings", workspace, "show")
	promised(settings, "settings", workspace, "set", "every=10m")
	const loss = `"losses":[{"code":s,"sentence":s,"to":s}]`
	const field = `{"consent":b,"direction":s,"labels":[s],"length":n,` + loss + `,"marketo":s,"never_blank":b,"number":n,"owner":s,"policy":s,"quiet":s,"reread":s,"rule":s,"salesforce":s,"since":s,"state":s,"travels":s,"type":s,"why":s}`
	const mapping = `{"missing":[s],"notices":[],"objects":[{"fields":[` + field + `],"marketo":s,"salesforce":s}]}`
	promised(mapping, "mapping", workspace, "show")
	written := filepath.Join(d.home, "mapping.json")
	if err := os.WriteFile(written, []byte(d.does("--json", "mapping", workspace, "show")), 0o600); err != nil {
		t.Fatal(err)
	}
	promised(`[{"confidence":s,"direction":s,"labels":[s],`+loss+`,"marketo":s,"object":s,"reason":s,"salesforce":s,"type":s}]`, "mapping", workspace, "suggest")
	promised(mapping, "mapping", workspace, "suggest", "--add", "sure")
	promised(`{"added":[],"changed":[],"compared":n,"mapping":`+mapping+`,"removed":[]}`, "mapping", workspace, "set", written)
	promised(`{"backlog":`+backlog+`,"cycle":`+cycle+`,"failures":n,"holds":n,"plan":[`+planned+`],`+rehearsal(`{"code":s,"count":n,"examples":[{"object":s,"source":s,"target":s}],"field":s,"fixer":s,"object":s,"side":s,"step":s,"title":s}`,
		`{"count":n,"field":s,"object":s,"side":s}`, `{"action":s,"count":n,"examples":[`+planned+`],"object":s,"side":s}`)+`}`, "sync", workspace, "--once", "--rehearse")
	const outcome = `"outcome":{"added":n,"announced":n,"as_announced":n,"at":s,"changed":n,"differences":[],"dropped":n,"waiting":n}`
	promised(`{"backlog":`+backlog+`,"cycle":`+cycle+`,"failures":n,"holds":n,`+outcome+`}`, "sync", workspace, "--since")
	promised(`{"mode":s,"workspace":s}`, "mode", workspace, "rehearse")
	promised(`{"backlog":`+backlog+`,"cycle":`+cycle+`,"failures":n,"holds":n,"share":{"at":s,"cycle":n,"left":n,"people":[{"did":[{"created":b,"fields":[s],"linked":b,"side":s}],"marketo":s,"object":s,"page":s,"salesforce":s,"sentence":s,"state":s}],"whole":b}}`,
		"sync", workspace, "--first", "10")
	promised(`{"mode":s,"workspace":s}`, "mode", workspace, "live")
	promised(`{"backlog":`+backlog+`,"cycle":`+cycle+`,"failures":n,"holds":n,`+outcome+`}`, "sync", workspace, "--once")
	promised(`{"backlog":`+backlog+`,"failures":n,"holds":n,"last_cycle":{"n":n,"started":s,"took_ms":n},"mode":s,"notices":n,"people":{"filtered":n,"linked":n,"unlinked":`+sides+`},"quota":`+quota+`,"workspace":s}`, "status", workspace)
	promised(`[{`+refused+`}]`, "failures", workspace)
	promised(`{"backlog":`+backlog+`,"cycle":`+cycle+`,"failures":n,"holds":n,"now":[{"person":s,"sentence":s,"state":s}]}`, "sync", workspace, "--now", "nobody@example.com", "nobody@else.example")
	promised(`{"brake":b,"calls":n,"calls_by_side":`+sides+`,"delays":{"business_s":n,"others_s":n},"drain_s":n,"field":s,"measured":b,"object":s,"records":n,"sentence":s,"shares":{"from":s,"nights":n,"records":n},"starts":s}`,
		"whatif", workspace, "--object", "Lead", "--field", "Title", "--records", "50000", "--at", "20:00")
	promised(`{"failures":n,"holds":n,"retried":n}`, "retry", workspace, "--all")
	promised(`[{`+held+`}]`, "holds", workspace)

	d.settles()
	promised(`{"backlog":`+backlog+`,"cycle":`+cycle+`,"failures":n,"holds":n,"plan":[],`+rehearsal("", "", "")+`}`, "sync", workspace, "--rehearse")

	promised(`[{"calls":n,"changes":n,"field":s,"object":s,"saved":{"band":n,"hide":n,"quiet_day":n},"writes":n,"writes_alone":n}]`, "price", workspace, "--days", "30")

	rules := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(rules, []byte(`{"rules":[{"name":"tidied","fields":["Lead.Title"],"do":["trim"]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	promised(`{"rules":[{"do":[s],"fields":[s],"name":s,"preset":b}]}`, "rules", workspace, "set", rules)
	promised(`{"rules":[{"do":[s],"fields":[s],"name":s,"preset":b}]}`, "rules", workspace, "show")
	promised(`[{"fields":[s],"kind":s,"quiet":s,"reason":s,"rule":{"do":[s],"fields":[s],"name":s}}]`, "rules", workspace, "suggest")
	promised(`{"rules":[{"do":[s],"fields":[s],"name":s}]}`, "rules", workspace, "suggest", "--add")
	promised(`{"read":`+sides+`,"rules":[{"changed":n,"emptied":n,"field":s,"rule":s,"side":s,"strange":n,"values":n}]}`, "rules", workspace, "set", rules, "--preview")

	edited, err := d.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 5, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	d.once()
	const described = `{"label":s,"length":n,"name":s,"type":s}`
	promised(`{"fields":[{"changes_days":n,"changes_per_week":n,"direction":s,"filled":n,"filled_of":n,"marketo":`+described+`,"never_blank":b,"object":s,"owner":s,"policy":s,"quiet":s,"reread":s,"rule":s,"salesforce":`+described+`,"since":s,"state":s,"why":s}],"sampled":b}`, "fields", workspace)
	promised(`{"fields":n,"file":s}`, "fields", workspace, "--xlsx", filepath.Join(d.home, "fields.xlsx"))
	promised(`{"filter":{"because":s,"passes":b},"history":[{"at":s,"cycle":n,"field":s,"id":n,"kind":s,"new":s,"sentence":s,"side":s}],"linked":b,"person":{"marketo":s,"object":s,"salesforce":s},"sentence":s,"waiting":[]}`,
		"explain", workspace, edited[0].ID)
	promised(`{"changes":[{"back":s,"change":n,"field":s,"marketo":s,"now":{"marketo":s,"salesforce":s},"object":s,"salesforce":s}],"done":b,"failures":n,"holds":n,"left":[{"change":n,"sentence":s}]}`, "undo", workspace, "--cycle", "4") // the first one that wrote
	var holds []struct{ ID int }
	d.reads(&holds, "holds", workspace)
	promised(`{"resolved":n}`, "resolve", workspace, fmt.Sprint(holds[0].ID), "--skip")
	const moves, some = `{"enters":n,"leaves":n}`, `[{"marketo":s,"salesforce":s}]`
	const expr = `lead where Email is filled and Country is not "NL"`
	promised(`{"english":s,"filter":s,"leaving":s,"objects":[{"indexed":b,"object":s,"passes":n,"records":n,"soql":s}],"warnings":[s]}`, "filter", workspace, "test", "--count", "--expr", expr)
	promised(`{"english":s,"filter":s,"hanging":[{"n":n,"object":s,"of":s}],"leaving":s,"objects":[{"examples":{"enters":[],"leaves":`+some+`,"passes":`+some+`},"indexed":b,"marketo":`+moves+`,"object":s,"passes":n,"records":n,"salesforce":`+moves+`}],"set":b,"warnings":[s]}`,
		"filter", workspace, "set", "--expr", expr, "--why", "a test", "--yes")
	promised(`{"by":s,"english":s,"filter":s,"former":[],"leaving":s,"since":s,"version":n,"why":s,"zone":s}`, "filter", workspace, "show")
	promised(`[{"about":s,"name":s,"sentence":s}]`, "filter", workspace, "presets")
	const pair = `"campaign":s,"campaign_name":s,"program":n,"program_name":s,"statuses":[s]`
	promised(`{`+pair[:len(`"campaign":s,"campaign_name":s,`)]+`"linked":b,"members":{"both":n,"campaign":n,"differing":n,"leads":n,"program":n,"to_campaign":n,"to_program":n,"waiting_campaign":n,"waiting_program":n},`+
		pair[len(`"campaign":s,"campaign_name":s,`):]+`,"warnings":[]}`, "mapping", workspace, "link", "Product Webinar 2026", "Product Webinar 2026", "--yes")
	promised(`{"programs":[{`+pair+`}]}`, "mapping", workspace, "link")
	promised(`{"removed":{`+pair+`}}`, "mapping", workspace, "link", "1002", "--remove")
	promised(`{"forgotten":s}`, "workspace", "forget", workspace, "--yes")
	promised(`{"version":s}`, "version")
	one := `{"calls":` + sides + `,"n":n,"took_ms":n,"writes":` + sides + `}`
	promised(`{"cycles":[`+one+`],"differences":n,"failures":n,"first_sync":`+one+`,"holds":n,"linked":n,"people":n}`, "demo", "--people", "50", "--cycles", "1")
}
