package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/record"
)

// Tasks are the task rules of a rule file: which activities of Marketo become completed tasks in Salesforce, and whether tasks and
// events of Salesforce become activities in Marketo. The zero Tasks make nothing of anything.
type Tasks struct {
	// Preset names rules that every workspace has; ToSalesforce may add to them.
	Preset       string     `json:"preset,omitempty"`
	ToSalesforce []TaskRule `json:"to_salesforce,omitempty"`
	ToMarketo    *LogRule   `json:"to_marketo,omitempty"`
}

// TaskRule makes tasks of activities of one type.
type TaskRule struct {
	Name string `json:"name"`
	// Activity is the type, by its name in Marketo, or by its number where it is the subscription's own.
	Activity string `json:"activity"`
	// Asset limits the rule to forms, mails, lists and the like of that name, in which * stands for anything. Empty takes all.
	Asset string `json:"asset,omitempty"`
	// Subject is the task's subject; {asset} and {activity} in it are replaced. Empty is "{activity}: {asset}".
	Subject string `json:"subject,omitempty"`
	// BackfillDays makes tasks of what happened before the rule was there too, so many days back.
	BackfillDays int `json:"backfill_days,omitempty"`
}

// LogRule makes activities of tasks and events.
type LogRule struct {
	// Type is the API name of the activity type that was made for it. Empty is DefaultLogType.
	Type string `json:"type,omitempty"`
	// Objects are Task, Event or both. Empty is both.
	Objects []record.Object `json:"objects,omitempty"`
	// Updates adds a further activity when the status or the subject of a task or event changes.
	Updates bool `json:"updates,omitempty"`
}

// DefaultLogType is the API name of the activity type that the set-up makes for tasks and events.
const DefaultLogType = "salesforceActivity"

// mostTaskTypes is how many types one reading of Marketo's log takes (Marketo REST API, Activities).
const mostTaskTypes = 10

// taskActivities are the types that may become tasks, by their names in Marketo (Marketo REST API, Activities: types). The
// subscription's own types are named by number.
var taskActivities = map[string]int{
	"Visit Webpage": 1, "Fill Out Form": 2, "Click Link": 3, "Send Email": 6, "Email Delivered": 7, "Email Bounced": 8, "Unsubscribe Email": 9,
	"Open Email": 10, "Click Email": 11, "Add to List": 24, "Remove from List": 25, "Email Bounced Soft": 27, "Send Sales Email": 39,
	"Open Sales Email": 40, "Click Sales Email": 41, "Receive Sales Email": 45, "Interesting Moment": 46, "Change Status in Progression": 104,
}

// Activities are the names of the types of which tasks can be made, by name.
func Activities() []string { return slices.Sorted(maps.Keys(taskActivities)) }

// firstOwnType is the lowest number of a subscription's own activity type.
const firstOwnType = 100_000

// FormsAndClicks is the preset that sales can act upon: what everybody advises, and little storage.
const FormsAndClicks = "forms and clicks only"

var taskPresets = map[string][]TaskRule{
	FormsAndClicks: {
		{Name: "forms", Activity: "Fill Out Form", Subject: "Filled out form: {asset}"},
		{Name: "clicks", Activity: "Click Email", Subject: "Clicked link in e-mail: {asset}"},
	},
}

// parseTasks reads the key tasks of a rule file.
func parseTasks(text json.RawMessage) (*Tasks, error) {
	if len(bytes.TrimSpace(text)) == 0 || string(bytes.TrimSpace(text)) == "null" {
		return nil, nil
	}
	var t Tasks
	if err := strict(text, &t); err != nil {
		return nil, under("tasks", err)
	}
	if _, err := t.Compile(nil); err != nil {
		return nil, under("tasks", err)
	}
	return &t, nil
}

// All are the rules, those of the preset first.
func (t *Tasks) All() []TaskRule {
	if t == nil {
		return nil
	}
	return append(slices.Clone(taskPresets[t.Preset]), t.ToSalesforce...)
}

// TaskRules are task rules, ready for use. The zero TaskRules make nothing.
type TaskRules struct {
	// Types are the activity types to read, ascending, at most ten.
	Types []int
	// Log is nil where tasks and events of Salesforce stay there.
	Log   *LogRule
	rules []taskRule
}

type taskRule struct {
	TaskRule
	kind  int
	since time.Time
}

// Compile makes rules ready. since is when each rule, by its name, began to count: what happened before makes no task, but for its
// backfill; a rule that is not in it counts from the beginning of time. The error is an *EntryError.
func (t *Tasks) Compile(since map[string]time.Time) (TaskRules, error) {
	var out TaskRules
	if t == nil {
		return out, nil
	}
	if t.Preset != "" && taskPresets[t.Preset] == nil {
		return out, at("preset", "rule.tasks.preset", "\"%1\" is not a preset: %2", t.Preset, strings.Join(slices.Sorted(maps.Keys(taskPresets)), ", "))
	}
	seen := map[string]bool{}
	for i, r := range t.All() {
		place := fmt.Sprintf("to_salesforce[%d]", i-len(taskPresets[t.Preset]))
		kind, err := activityType(r.Activity)
		switch {
		case r.Name == "":
			return out, at(place+".name", "rule.name", "a rule needs a name")
		case seen[r.Name]:
			return out, at(place+".name", "rule.tasks.name", "another rule has the name \"%1\"", r.Name)
		case err != nil:
			return out, under(place+".activity", err)
		case r.BackfillDays < 0 || r.BackfillDays > 90:
			return out, at(place+".backfill_days", "rule.tasks.backfill", "from 0 to 90: Marketo keeps most of its log for 90 days")
		}
		seen[r.Name] = true
		one := taskRule{TaskRule: r, kind: kind}
		if from, ok := since[r.Name]; ok {
			one.since = from.AddDate(0, 0, -r.BackfillDays)
		}
		out.rules = append(out.rules, one)
		out.Types = append(out.Types, kind)
	}
	slices.Sort(out.Types)
	if out.Types = slices.Compact(out.Types); len(out.Types) > mostTaskTypes {
		return out, at("to_salesforce", "rule.tasks.types", "%1 types of activities, at most %2 can be read together", strconv.Itoa(len(out.Types)), strconv.Itoa(mostTaskTypes))
	}
	return out, t.compileLog(&out)
}

func (t *Tasks) compileLog(out *TaskRules) error {
	if t.ToMarketo == nil {
		return nil
	}
	log := *t.ToMarketo
	if log.Type == "" {
		log.Type = DefaultLogType
	}
	for _, o := range log.Objects {
		if o != record.Task && o != record.Event {
			return at("to_marketo.objects", "rule.tasks.objects", "\"%1\" is neither Task nor Event", string(o))
		}
	}
	if len(log.Objects) == 0 {
		log.Objects = []record.Object{record.Task, record.Event}
	}
	out.Log = &log
	return nil
}

func activityType(name string) (int, error) {
	for known, kind := range taskActivities {
		if strings.EqualFold(known, strings.TrimSpace(name)) {
			return kind, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= firstOwnType {
		return n, nil
	}
	return 0, wrong("rule.tasks.activity", "\"%1\" is not a type of which tasks can be made: %2, or the number of one of your own (%3 and up)",
		name, strings.Join(slices.Sorted(maps.Keys(taskActivities)), ", "), strconv.Itoa(firstOwnType))
}

// Visit is what a person did, as Marketo's log tells it.
type Visit struct {
	Type  int
	Asset string
	At    time.Time
}

// Task gives the rule that makes a task of a visit, and the task's subject; ok is false when none does. Of several the first
// counts: a visit makes one task.
func (r TaskRules) Task(v Visit) (name, subject string, ok bool) {
	for _, one := range r.rules {
		if one.kind == v.Type && !v.At.Before(one.since) && matches(one.Asset, v.Asset) {
			return one.Name, one.subject(v), true
		}
	}
	return "", "", false
}

// From is when the first of the rules began to count, its backfill included; zero when one counts from the beginning of time.
func (r TaskRules) From() (from time.Time) {
	for i, one := range r.rules {
		if i == 0 || one.since.Before(from) {
			from = one.since
		}
	}
	return from
}

// longestSubject is how long the subject of a task may be (Salesforce, Task: 255 characters).
const longestSubject = 255

func (r taskRule) subject(v Visit) string {
	pattern := r.Subject
	if pattern == "" {
		pattern = "{activity}: {asset}"
	}
	text := strings.NewReplacer("{activity}", r.Activity, "{asset}", v.Asset).Replace(pattern)
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ":")
	if utf8.RuneCountInString(text) > longestSubject {
		text = string([]rune(text)[:longestSubject-1]) + "…"
	}
	return text
}

// matches reports whether a name is one that a pattern means, whatever its capitals.
func matches(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	parts := strings.Split(strings.ToLower(pattern), "*")
	rest := strings.ToLower(name)
	if !strings.HasPrefix(rest, parts[0]) {
		return false
	}
	if len(parts) == 1 {
		return rest == parts[0]
	}
	rest = rest[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, last)
}
