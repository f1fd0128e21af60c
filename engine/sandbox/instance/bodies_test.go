package instance_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// TestAnswersLookLikeRecordedOnes: every key of an answer that was recorded from a live instance, or that the
// documentation shows, is in the imitation's, with a value of the same type.
func TestAnswersLookLikeRecordedOnes(t *testing.T) {
	w := newWorld(t, 400, instance.Config{})
	token := w.since(opening.AddDate(-1, 0, 0))
	for _, row := range []struct{ file, method, path, body string }{
		{"sync-leads-created.json", "POST", "/rest/v1/leads.json", `{"input":[{"email":"a@x.example"}]}`},
		{"sync-leads-updated-and-skipped-1003.json", "POST", "/rest/v1/leads.json", `{"input":[{"email":"a@x.example"},{"email":"bad"}]}`},
		{"doc-record-level-1005.json", "POST", "/rest/v1/leads.json", `{"action":"createOnly","input":[{"email":"b@x.example"},{"email":"c@x.example"},{"email":"a@x.example"}]}`},
		{"doc-get-leads.json", "GET", "/rest/v1/leads.json?filterType=id&filterValues=1,2,3", ""},
		{"doc-get-leads-none.json", "GET", "/rest/v1/leads.json?filterType=id&filterValues=999999", ""},
		{"get-lead-email-only.json", "GET", "/rest/v1/lead/10.json?fields=email", ""},
		{"delete-leads.json", "POST", "/rest/v1/leads/delete.json?id=20", ""},
		{"deleted-leads.json", "GET", "/rest/v1/activities/deletedleads.json?nextPageToken=TOKEN", ""},
		{"lead-changes.json", "GET", "/rest/v1/activities/leadchanges.json?fields=title&nextPageToken=TOKEN", ""},
		{"add-activities-1004.json", "POST", "/rest/v1/activities/external.json", `{"input":[{"leadId":10,"activityTypeId":100002,"activityDate":"2026-07-01T00:00:00Z","primaryAttributeValue":"x"},{"leadId":10,"activityTypeId":100002,"activityDate":"2026-07-01T00:00:00Z","primaryAttributeValue":"x"},{"leadId":999999,"activityTypeId":100002}]}`},
		{"companies.json", "GET", "/rest/v1/companies.json?filterType=externalCompanyId&filterValues=001A,001B&fields=externalCompanyId,company", ""},
		{"companies-1013.json", "POST", "/rest/v1/companies/delete.json", `{"input":[{"externalCompanyId":"001A"},{"externalCompanyId":"001B"},{"externalCompanyId":"001C"}]}`},
		{"list-add.json", "POST", "/rest/v1/lists/1001/leads.json?id=10", ""},
		{"list-ismember.json", "GET", "/rest/v1/lists/1001/leads/ismember.json?id=10", ""},
		{"list-remove-skipped-1015.json", "DELETE", "/rest/v1/lists/1001/leads.json?id=10&id=13", ""},
		{"doc-list-remove-1004.json", "DELETE", "/rest/v1/lists/1002/leads.json?id=10&id=13&id=999999", ""},
		{"lists-by-id.json", "GET", "/rest/v1/lists.json?id=1001", ""},
		{"program-members-1037.json", "POST", "/rest/v1/programs/1002/members/status.json", `{"statusName":"Invited","input":[{"leadId":10},{"leadId":13},{"leadId":14}]}`},
		{"salespersons-describe.json", "GET", "/rest/v1/salespersons/describe.json", ""},
		{"opportunities-describe.json", "GET", "/rest/v1/opportunities/describe.json", ""},
		{"schema-field.json", "GET", "/rest/v1/leads/schema/fields/email.json", ""},
		{"static-lists-create.json", "GET", "/rest/asset/v1/staticList/1001.json", ""},
		{"folder-by-name.json", "GET", "/rest/asset/v1/folder/byName.json?name=Group%20Lists", ""},
		{"usage.json", "GET", "/rest/v1/stats/usage.json", ""},
		{"bulk-leads-created.json", "POST", "/bulk/v1/leads/export/create.json", `{"fields":["id"],"filter":{"staticListId":1001}}`},
		{"error-1006.json", "GET", "/rest/v1/leads.json?filterType=title&filterValues=x", ""},
		{"error-1006.json", "GET", "/rest/v1/leads.json?filterType=id&filterValues=1&fields=x", ""},
		{"error-1002.json", "GET", "/rest/v1/leads.json?filterValues=1", ""},
		{"error-605.json", "GET", "/rest/v1/leads/delete.json", ""},
		{"error-610.json", "GET", "/rest/v1/nothing.json", ""},
	} {
		var want, got any
		if err := json.Unmarshal(reference(t, path.Join("bodies", "marketo", row.file)), &want); err != nil {
			t.Fatalf("%s: %v", row.file, err)
		}
		if row.file == "companies.json" {
			w.ok("POST", "/rest/v1/companies.json", `{"input":[{"externalCompanyId":"001A","company":"A"},{"externalCompanyId":"001B","company":"B"}]}`)
		}
		if row.file == "lead-changes.json" {
			w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"a@x.example","title":"B"}]}`)
			w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"a@x.example","title":"C"}]}`)
			token = w.since(opening)
		}
		a := w.send(row.method, strings.Replace(row.path, "TOKEN", url.QueryEscape(token), 1), row.body, nil)
		if err := json.Unmarshal([]byte(a.Text), &got); err != nil {
			t.Fatalf("%s: %v", row.file, err)
		}
		for _, wrong := range unlike("$", want, got) {
			t.Errorf("%s: %s", row.file, wrong)
		}
		w.clock.Advance(time.Second)
	}
}

// mayDiffer are the keys of which an answer has more or fewer by its nature.
var mayDiffer = map[string]bool{"description": true, "url": true, "moreResult": true, "nextPageToken": true}

// unlike gives what an answer lacks of a recorded one. Of lists the last elements are compared, which are the odd ones.
func unlike(at string, want, got any) (wrong []string) {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is a %T", at, got)}
		}
		for key, value := range want {
			have, there := object[key]
			if !there {
				if !mayDiffer[key] {
					wrong = append(wrong, at+" lacks "+key)
				}
				continue
			}
			wrong = append(wrong, unlike(at+"."+key, value, have)...)
		}
	case []any:
		list, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is a %T", at, got)}
		}
		if len(want) > 0 && len(list) == 0 {
			return []string{at + " is empty"}
		}
		if len(want) > 0 {
			wrong = append(wrong, unlike(at+"[]", want[len(want)-1], list[len(list)-1])...)
		}
	case nil:
	default:
		if got != nil && fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			wrong = append(wrong, fmt.Sprintf("%s is a %T, recorded as %T", at, got, want))
		}
	}
	return wrong
}
