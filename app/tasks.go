package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// metaTasks is the setting of what the task rules need to know beside the rule file.
const metaTasks = "tasks"

// activityIDField is the external id on Task that carries the id of the activity, where the set-up made it.
const activityIDField = "Marketo_Activity_Id__c"

// taskFacts are since when task rules count, and what both sides have for them.
type taskFacts struct {
	Since   map[string]time.Time `json:"since,omitempty"` // by rule
	Logging time.Time            `json:"logging,omitzero"`
	// Checked is when both sides were asked last.
	Checked time.Time          `json:"checked,omitzero"`
	IDField string             `json:"id_field,omitempty"`
	Log     marketo.CustomType `json:"log,omitzero"`
	// Attributes are those of Log, which does not keep them itself.
	Attributes []string `json:"attributes,omitempty"`
}

func taskFactsOf(ctx context.Context, w *store.Workspace) (f taskFacts, err error) {
	text, err := w.Setting(ctx, metaTasks)
	if err != nil {
		return f, err
	}
	return f, decodeFact(text, &f)
}

// keepTaskRules notes since when the rules of a file count: a new one from now on, one that stood there before as before.
func keepTaskRules(ctx context.Context, w *store.Workspace, tasks *rule.Tasks, now time.Time) error {
	was, err := taskFactsOf(ctx, w)
	if err != nil {
		return err
	}
	next := taskFacts{Since: map[string]time.Time{}}
	for _, r := range tasks.All() {
		next.Since[r.Name] = now
		if at, known := was.Since[r.Name]; known {
			next.Since[r.Name] = at
		}
	}
	if tasks != nil && tasks.ToMarketo != nil {
		if next.Logging = was.Logging; next.Logging.IsZero() {
			next.Logging = now
		}
	}
	text := ""
	if tasks != nil {
		if text, err = encodeFact(next); err != nil {
			return err
		}
	}
	return errors.Join(w.SetSetting(ctx, metaTasks, text), keepNotices(ctx, w, metaTaskNotices, nil))
}

// loadTasks makes the task rules ready. Once a day both sides are asked for what they need.
func (s *session) loadTasks(ctx context.Context) error {
	doc, err := rulesOf(ctx, s.ws)
	if err != nil || doc.Tasks == nil {
		return err
	}
	facts, err := taskFactsOf(ctx, s.ws)
	if err != nil {
		return err
	}
	rules, err := doc.Tasks.Compile(facts.Since)
	if err != nil {
		return fmt.Errorf("the stored task rules cannot be used: %w", err)
	}
	if pace.Over(s.app.world.now(), facts.Checked, mappingAge) {
		if err := s.checkTasks(ctx, rules, &facts); err != nil {
			return err
		}
	}
	facts.Log.Attributes = facts.Attributes
	s.tasks = cycle.Tasks{Rules: rules, IDField: facts.IDField, Log: facts.Log, Since: facts.Logging}
	return nil
}

// checkTasks asks both sides for what task rules need, and tells what is missing as a notice.
func (s *session) checkTasks(ctx context.Context, rules rule.TaskRules, facts *taskFacts) error {
	now := s.app.world.now()
	var notices []schema.Notice
	objects, err := s.sf.Describe(ctx, record.Describe, []record.Object{record.Task})
	if err != nil {
		return err
	}
	facts.IDField = ""
	for _, f := range objects[0].Fields {
		if f.Name == activityIDField && f.ExternalID && f.Createable {
			facts.IDField = f.Name
		}
	}
	if objects[0].Err != nil && len(rules.Types) > 0 {
		notices = append(notices, schema.Notice{At: now, Kind: noticeTasks, Side: record.Salesforce, Object: record.Task,
			Sentence: "The sync user cannot see tasks, so that no activity can become one: ask the Salesforce admin for the permission Edit Tasks."})
	}
	facts.Log, facts.Attributes = marketo.CustomType{}, nil
	if rules.Log != nil {
		kind, found, err := s.mk.CustomType(ctx, rules.Log.Type)
		switch {
		case err != nil:
			return err
		case !found, !kind.Approved:
			notices = append(notices, schema.Notice{At: now, Kind: noticeTasks, Side: record.Marketo, Object: record.Activity, Field: rules.Log.Type,
				Sentence: fmt.Sprintf("Tasks and events stay in Salesforce: Marketo has no approved custom activity “%s”. Make it in Admin > Marketo Custom Activities, with the primary field Salesforce Id and the fields Change, Kind, Subject, Status, Priority, Type and Due Date (date), and approve it.", rules.Log.Type)})
		default:
			facts.Log, facts.Attributes = kind, kind.Attributes
		}
	}
	facts.Checked = now
	for _, n := range notices {
		s.app.log.Warn("a task rule rests", "side", n.Side, "why", n.Sentence)
	}
	text, err := encodeFact(*facts)
	if err != nil {
		return err
	}
	return errors.Join(s.ws.SetSetting(ctx, metaTasks, text), keepNotices(ctx, s.ws, metaTaskNotices, notices))
}

// The notices about what is no field: what task rules miss, and pairs whose statuses drifted apart.
const (
	metaTaskNotices = "notices.tasks"
	metaPairNotices = "notices.pairs"

	noticeTasks    schema.NoticeKind = "tasks"
	noticeStatuses schema.NoticeKind = "statuses"
)

func keepNotices(ctx context.Context, w *store.Workspace, name string, notices []schema.Notice) error {
	text := ""
	if len(notices) > 0 {
		var err error
		if text, err = encodeFact(notices); err != nil {
			return err
		}
	}
	return w.SetSetting(ctx, name, text)
}

// noticesBeside are those notices. None of them says anything of a person.
func noticesBeside(ctx context.Context, w *store.Workspace) (all []schema.Notice, err error) {
	for _, name := range []string{metaTaskNotices, metaPairNotices} {
		text, err := w.Setting(ctx, name)
		if err != nil {
			return nil, err
		}
		var some []schema.Notice
		if err := decodeFact(text, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
