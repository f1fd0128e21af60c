package instance_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

func TestPagingTokens(t *testing.T) {
	w := newWorld(t, 50, instance.Config{})
	for text, want := range map[string]string{
		"2026-07-14T09:00:00Z": "", "2026-07-14T09:00:00-05:00": "", "2026-07-14T09:00:00+0200": "",
		"2026-07-14T09:00:00.000Z": "704", "2026-07-14": "704", "2026-07-14T09:00:00": "704", "": "1002", "yesterday": "704",
	} {
		a := w.get("/rest/v1/activities/pagingtoken.json?sinceDatetime=" + url.QueryEscape(text))
		if a.code() != want {
			t.Errorf("%q: %q, want %q", text, a.code(), want)
		}
		if want == "" && (!strings.HasSuffix(a.Token, "=") || strings.Trim(a.Token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=") != "" || strings.Contains(a.Text, "result")) {
			t.Errorf("a paging token looks like %.200s", a.Text)
		}
	}
	token := w.since(opening)
	for name, row := range map[string]struct{ query, want string }{
		"no token":      {"activityTypeIds=12", "1002"},
		"no types":      {"nextPageToken=" + url.QueryEscape(token), "1002"},
		"eleven types":  {"activityTypeIds=1,2,3,6,7,8,9,10,11,12,13&nextPageToken=" + url.QueryEscape(token), "1003"},
		"unknown type":  {"activityTypeIds=5000&nextPageToken=" + url.QueryEscape(token), "1003"},
		"rubbish":       {"activityTypeIds=12&nextPageToken=GIYDAOBNGEYS2MBWKQ%3D%3D", "1003"},
		"31 people":     {"activityTypeIds=12&leadIds=" + strings.Repeat("1,", 31) + "&nextPageToken=" + url.QueryEscape(token), "1003"},
		"unknown list":  {"activityTypeIds=12&listId=5&nextPageToken=" + url.QueryEscape(token), "1013"},
		"changed token": {"activityTypeIds=12&nextPageToken=" + url.QueryEscape("A"+token[1:]), "1003"},
	} {
		if got := w.get("/rest/v1/activities.json?" + row.query).code(); got != row.want {
			t.Errorf("%s: %q, want %s", name, got, row.want)
		}
	}
	w.i.ForgetTokens()
	if got := w.get("/rest/v1/activities.json?activityTypeIds=12&nextPageToken=" + url.QueryEscape(token)).code(); got != "1003" {
		t.Errorf("a forgotten token: %q", got)
	}
}

// TestActivitiesOfTheSeed: every seeded person has its New Lead, at its creation, and a scan gives them in order.
func TestActivitiesOfTheSeed(t *testing.T) {
	w := newWorld(t, 900, instance.Config{})
	all, _ := w.activities(w.since(opening.AddDate(-10, 0, 0)), "12")
	if len(all) != w.i.Counts()["people"] {
		t.Fatalf("%d activities for %d people", len(all), w.i.Counts()["people"])
	}
	last, seen := "", map[any]bool{}
	for _, one := range all {
		at := one["activityDate"].(string)
		if at < last || seen[one["leadId"]] || seen[one["marketoGUID"]] {
			t.Fatalf("%v after %s", one, last)
		}
		last, seen[one["leadId"]], seen[one["marketoGUID"]] = at, true, true
		id := fmt.Sprint(int64(one["leadId"].(float64)))
		w.i.Look(record.Person, id, func(get func(string) (string, bool)) {
			if created, _ := get("createdAt"); created != at {
				t.Errorf("person %s was created at %s, the activity says %s", id, created, at)
			}
		})
	}
	half := all[len(all)/2]["activityDate"].(string)
	at, err := time.Parse(time.RFC3339, half)
	if err != nil {
		t.Fatal(err)
	}
	if later, _ := w.activities(w.since(at), "12"); len(later) != len(all)-len(all)/2 {
		t.Errorf("from the middle on %d of %d", len(later), len(all))
	}
	// A rare type over a long time comes in empty pages.
	if none, _ := w.activities(w.since(opening.AddDate(-10, 0, 0)), "46"); len(none) != 0 {
		t.Errorf("%d of a type that never happened", len(none))
	}
}

func TestWhatAnAPIWriteTells(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	token := w.since(w.clock.Now())
	made := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example","firstName":"Nan","lastName":"Zoë"}]}`).id(0)
	w.clock.Advance(time.Minute)
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example","title":"CEO","leadScore":5,"unsubscribed":true,"emailSuspendedAt":"2026-01-02T18:00:00Z"}]}`)
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example","title":null}]}`)
	all, _ := w.activities(token, "12,13,22")
	if len(all) != 6 {
		t.Fatalf("%d activities", len(all))
	}
	if all[0]["activityTypeId"] != 12.0 || int64(all[0]["leadId"].(float64)) != made || all[0]["primaryAttributeValue"] != "Nan Zoë" {
		t.Errorf("the creation: %v", all[0])
	}
	want := map[string]string{"Job Title": "CEO", "Lead Score": "5", "Unsubscribed": "True", "Email Suspended At": "2026-01-02 12:00:00"}
	_, scope := w.askToken("GET", w.i.Credentials())
	for _, one := range all[1:5] {
		label := one["primaryAttributeValue"].(string)
		if v, _ := attribute(one, "New Value"); v != want[label] {
			t.Errorf("%s: new value %v, want %s", label, v, want[label])
		}
		for name, want := range map[string]string{"Source": "Web service API", "Reason": "Web service API", "API Method Name": "syncLead", "Modifying User": scope.Scope} {
			if v, _ := attribute(one, name); v != want {
				t.Errorf("%s: %s is %v", label, name, v)
			}
		}
	}
	if v, there := attribute(all[5], "New Value"); !there || v != nil {
		t.Errorf("clearing: new value %v", v)
	}
	if v, _ := attribute(all[5], "Old Value"); v != "CEO" {
		t.Errorf("clearing: old value %v", v)
	}
	// The field's id is the one that describe.json tells; its label is today's.
	if err := w.i.RenameField("title", "Position"); err != nil {
		t.Fatal(err)
	}
	again, _ := w.activities(token, "13")
	described := map[any]any{}
	for _, f := range w.ok("GET", "/rest/v1/leads/describe.json", "").Result {
		described[f["id"]] = f["displayName"]
	}
	for _, one := range again {
		if described[one["primaryAttributeValueId"]] != one["primaryAttributeValue"] {
			t.Errorf("activity of field %v: %v", one["primaryAttributeValueId"], one["primaryAttributeValue"])
		}
	}
	changes := w.ok("GET", "/rest/v1/activities/leadchanges.json?fields=title&nextPageToken="+url.QueryEscape(token), "")
	if len(changes.Result) != 3 {
		t.Fatalf("lead changes: %.400s", changes.Text)
	}
	field := changes.Result[1]["fields"].([]any)[0].(map[string]any)
	if field["name"] != "title" || field["newValue"] != "CEO" {
		t.Errorf("a lead change: %v", field)
	}
}

func TestEditsTellWhoMadeThem(t *testing.T) {
	w := newWorld(t, 2000, instance.Config{})
	token := w.since(w.clock.Now())
	edited, err := w.i.EditRandom(rand.New(rand.NewPCG(1, 1)), 400, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(edited) < 360 {
		t.Errorf("%d of 400 people were edited", len(edited))
	}
	byPerson := map[string]instance.Edited{}
	fields := 0
	for _, e := range edited {
		byPerson[e.ID] = e
		fields += len(e.Fields)
	}
	sources, scores := map[any]int{}, 0
	all, _ := w.activities(token, "13,22")
	for n, one := range all {
		e, ok := byPerson[fmt.Sprint(int64(one["leadId"].(float64)))]
		if !ok {
			t.Fatal("an activity of somebody who was not edited")
		}
		if one["activityTypeId"] == 22.0 {
			scores++
			next := all[n+1]
			if next["activityTypeId"] != 13.0 || next["leadId"] != one["leadId"] || next["primaryAttributeValueId"] != one["primaryAttributeValueId"] || one["campaignId"] == nil {
				t.Error("a Change Score without its Change Data Value")
			}
			continue
		}
		source, _ := attribute(one, "Source")
		sources[source]++
		if len(e.Fields) == 0 {
			t.Error("an edit without fields")
		}
	}
	if len(all)-scores != fields {
		t.Errorf("%d changes of values for %d edited fields", len(all)-scores, fields)
	}
	if scores == 0 || sources["Lead update"] == 0 || sources["Marketo Flow Action"] == 0 || sources["Web form fillout"] == 0 {
		t.Errorf("%d scores, sources %v", scores, sources)
	}
	if n := w.journal.Snapshot().Of(record.Marketo).Writes; n != 0 {
		t.Errorf("edits of users stand in the journal as %d writes", n)
	}
	if _, err := w.i.EditRandom(rand.New(rand.NewPCG(1, 1)), 1, []string{"Nothing"}); err == nil {
		t.Error("a field that does not exist was edited")
	}
	if _, err := w.i.EditRandom(rand.New(rand.NewPCG(1, 1)), 1_000_000, nil); err == nil {
		t.Error("more people were edited than exist")
	}
}

// TestFeedFaults: an empty, a short and a repeated page lose nothing; a late commit is lost to a cursor that has passed
// it, and found by reading the last hour again.
func TestFeedFaults(t *testing.T) {
	w := newWorld(t, 2000, instance.Config{})
	token := w.since(w.clock.Now())
	if _, err := w.i.EditRandom(rand.New(rand.NewPCG(2, 2)), 700, []string{"title"}); err != nil {
		t.Fatal(err)
	}
	want, end := w.activities(token, "13")
	for _, kind := range []fault.Kind{fault.EmptyPage, fault.ShortPage, fault.DuplicatePage} {
		if err := w.dice.Single(kind, 0.4); err != nil {
			t.Fatal(err)
		}
		got, _ := w.activities(token, "13")
		seen := map[any]bool{}
		for _, one := range got {
			seen[one["marketoGUID"]] = true
		}
		if len(seen) != len(want) {
			t.Errorf("%s: %d different activities of %d", kind, len(seen), len(want))
		}
		if repeated := len(got) > len(want); repeated != (kind == fault.DuplicatePage) {
			t.Errorf("%s: %d activities read, %d exist", kind, len(got), len(want))
		}
		if err := w.dice.Single(kind, 0); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Minute)
	}
	if err := w.dice.Single(fault.LateCommit, 1); err != nil {
		t.Fatal(err)
	}
	at := w.clock.Now()
	edited, err := w.i.EditRandom(rand.New(rand.NewPCG(3, 3)), 5, []string{"title"})
	if err != nil {
		t.Fatal(err)
	}
	got, next := w.activities(end, "13")
	w.clock.Advance(2 * time.Minute)
	after, _ := w.activities(next, "13")
	overlap, _ := w.activities(w.since(at), "13")
	if len(got) != 0 || len(after) != 0 || len(overlap) != len(edited) {
		t.Errorf("of %d late changes %d came at once, %d behind the cursor, %d in the overlap", len(edited), len(got), len(after), len(overlap))
	}
}

func TestRetention(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	token := w.since(w.clock.Now())
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example"}]}`)
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example","title":"CEO"}]}`)
	w.clock.Advance(90*24*time.Hour + time.Minute)
	w.signIn(w.i.Credentials())
	all, _ := w.activities(token, "12,13")
	if len(all) != 1 || all[0]["activityTypeId"] != 12.0 {
		t.Errorf("after 90 days %d activities are left", len(all))
	}
}

// TestActivityLogReplays: whatever is written by API and by hand, the new values of the log, applied in its order to
// what was there before, give what stands there now; and every old value is the new value before it.
func TestActivityLogReplays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, 30, instance.Config{})
		token := w.since(w.clock.Now())
		labels := map[string]string{"Job Title": "title", "Lead Score": "leadScore", "Do Not Call": "doNotCall", "City": "city"}
		state := map[string]string{}
		look := func(id, name string) string {
			text := ""
			w.i.Look(record.Person, id, func(get func(string) (string, bool)) { text, _ = get(name) })
			return text
		}
		var ids []string
		w.i.Each(record.Person, func(id string, get func(string) (string, bool)) bool {
			ids = append(ids, id)
			for _, name := range labels {
				state[id+name], _ = get(name)
			}
			return true
		})
		for range rapid.IntRange(1, 12).Draw(rt, "writes") {
			w.clock.Advance(time.Second)
			if rapid.Bool().Draw(rt, "by hand") {
				seed := rapid.Uint64().Draw(rt, "seed")
				if _, err := w.i.EditRandom(rand.New(rand.NewPCG(seed, 1)), 3, []string{"title", "leadScore", "doNotCall", "city"}); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			value := rapid.SampledFrom([]string{`"title":"A"`, `"title":" B "`, `"title":null`, `"leadScore":1`, `"leadScore":"2"`, `"leadScore":""`,
				`"doNotCall":true`, `"doNotCall":false`, `"doNotCall":null`, `"city":"Łódź","title":"x"`}).Draw(rt, "value")
			w.ok("POST", "/rest/v1/leads.json", `{"action":"updateOnly","lookupField":"id","input":[{"id":`+id+`,`+value+`}]}`)
		}
		all, _ := w.activities(token, "13")
		for _, one := range all {
			key := fmt.Sprint(int64(one["leadId"].(float64))) + labels[one["primaryAttributeValue"].(string)]
			text := func(name string) string {
				v, _ := attribute(one, name)
				switch v {
				case nil:
					return ""
				case "True", "False":
					return strings.ToLower(v.(string))
				}
				return v.(string)
			}
			if text("Old Value") != state[key] {
				rt.Fatalf("%s was %q, the log says %q", key, state[key], text("Old Value"))
			}
			state[key] = text("New Value")
		}
		for _, id := range ids {
			for _, name := range labels {
				if got := look(id, name); got != state[id+name] {
					rt.Fatalf("person %s: %s is %q, the log leads to %q", id, name, got, state[id+name])
				}
			}
		}
	})
}
