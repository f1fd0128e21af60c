package marketo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// ProgramMember is one person in a program.
type ProgramMember struct {
	Person  record.ID
	Status  string
	Updated time.Time
}

// MemberPage is one page of a program's members. More says that Next leads to a further one.
type MemberPage struct {
	Members []ProgramMember
	Next    string
	More    bool
}

// ProgramMembers reads one page of all members of a program, at most MaxBatch; the empty token begins. A program that does
// not exist is an *Error with code 1013. This reading has no limit of members, unlike the one that filters (Marketo REST
// API, Program Members: 100,000).
func (c *Client) ProgramMembers(ctx context.Context, purpose record.Purpose, program int64, token string) (MemberPage, error) {
	query := url.Values{"fields": {idField}, "batchSize": {strconv.Itoa(MaxBatch)}}
	if token != "" {
		query.Set("nextPageToken", token)
	}
	var page MemberPage
	strange := false // an answer that is cut off is seen first
	env, err := c.get(ctx, purpose, fmt.Sprintf("/rest/v1/leads/programs/%d.json", program), query, func() { page, strange = MemberPage{}, false }, func(dec *jsontext.Decoder) error {
		var m struct {
			ID         int64 `json:"id"`
			Membership struct {
				Status  string `json:"progressionStatus"`
				Updated string `json:"updatedAt"`
			} `json:"membership"`
		}
		if err := json.UnmarshalDecode(dec, &m, jsontext.AllowDuplicateNames(true)); err != nil {
			return err
		}
		strange = strange || m.ID <= 0 || m.Membership.Status == ""
		page.Members = append(page.Members, ProgramMember{record.MarketoID(m.ID), m.Membership.Status, memberTime(m.Membership.Updated)})
		return nil
	})
	if err != nil {
		return MemberPage{}, err
	}
	switch page.Next = env.next; {
	case strange:
		return MemberPage{}, localError(codeShape, nil)
	case page.Next == token && token != "":
		return MemberPage{}, localError(codeBroken, nil)
	}
	page.More = page.Next != "" // the token comes without moreResult here
	return page, nil
}

// memberTime reads a time that some answers leave out.
func memberTime(text string) time.Time {
	at, err := record.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// MembersAmong reads which of some people are in a program, and how; at most MaxBatch. Whoever is not in it is absent.
func (c *Client) MembersAmong(ctx context.Context, purpose record.Purpose, program int64, people []record.ID) ([]ProgramMember, error) {
	if len(people) == 0 {
		return nil, nil
	}
	if len(people) > MaxBatch {
		return nil, localError(codeShape, fmt.Errorf("%d ids in one call", len(people)))
	}
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	query := url.Values{
		"filterType": {"leadId"}, "filterValues": {strings.Join(ids, ",")}, "fields": {"leadId,statusName,updatedAt"}, "batchSize": {strconv.Itoa(MaxBatch)},
	}
	var all []ProgramMember
	for {
		var page []ProgramMember
		strange := false
		env, err := c.get(ctx, purpose, fmt.Sprintf("/rest/v1/programs/%d/members.json", program), query, func() { page, strange = nil, false }, func(dec *jsontext.Decoder) error {
			var m struct {
				LeadID  int64  `json:"leadId"`
				Status  string `json:"statusName"`
				Updated string `json:"updatedAt"`
			}
			if err := json.UnmarshalDecode(dec, &m, jsontext.AllowDuplicateNames(true)); err != nil {
				return err
			}
			strange = strange || m.LeadID <= 0 || m.Status == ""
			page = append(page, ProgramMember{record.MarketoID(m.LeadID), m.Status, memberTime(m.Updated)})
			return nil
		})
		if err != nil {
			return nil, err
		}
		if strange {
			return nil, localError(codeShape, nil)
		}
		all = append(all, page...)
		if env.next == "" || !env.more {
			return all, nil
		}
		if err := turn(query, env.next); err != nil {
			return nil, err
		}
	}
}

// MemberWrite is one person to bring to a status, or to take out of a program.
type MemberWrite struct {
	Key    int64 // the caller's, unique within a call
	Person record.ID
}

// SetProgress brings people to a status of a program, making members of those who are not yet; at most MaxBatch. Whoever is
// in that status or past it is a Result whose Err has code 1037: Marketo never moves a member back. Results stand in the
// order of rows; an answer that was lost is a *pace.InDoubt.
func (c *Client) SetProgress(ctx context.Context, purpose record.Purpose, program int64, status string, rows []MemberWrite) ([]Result, error) {
	return c.members(ctx, purpose, program, "status", map[string]any{"statusName": status}, rows)
}

// RemoveMembers takes people out of a program, at most MaxBatch. Whoever is not in it counts as taken out. See SetProgress.
func (c *Client) RemoveMembers(ctx context.Context, purpose record.Purpose, program int64, rows []MemberWrite) ([]Result, error) {
	results, err := c.members(ctx, purpose, program, "delete", map[string]any{}, rows)
	for i := range results {
		if e := results[i].Err; e != nil && (e.code == codeProgress || e.code == "1004") {
			results[i].Err = nil
		}
	}
	return results, err
}

func (c *Client) members(ctx context.Context, purpose record.Purpose, program int64, verb string, body map[string]any, rows []MemberWrite) ([]Result, error) {
	input := make([]map[string]int64, len(rows))
	keys := make([]int64, len(rows))
	for i, r := range rows {
		id, err := r.Person.Number()
		if err != nil {
			return nil, localError(codeShape, err)
		}
		input[i], keys[i] = map[string]int64{"leadId": id}, r.Key
	}
	body["input"] = input
	results, err := c.post(ctx, purpose, fmt.Sprintf("/rest/v1/programs/%d/members/%s.json", program, verb), body, keys)
	for i := range results {
		results[i].ID = rows[i].Person
		if results[i].Err != nil {
			results[i].Err.Object, results[i].Err.ID = record.Person, rows[i].Person
		}
	}
	return results, err
}

// post sends up to MaxBatch rows in one call, whose elements come back in their order.
func (c *Client) post(ctx context.Context, purpose record.Purpose, path string, body any, keys []int64) ([]Result, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if len(keys) > MaxBatch {
		return nil, localError(codeShape, fmt.Errorf("%d rows in one call", len(keys)))
	}
	text, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return nil, localError(codeShape, err)
	}
	var results []Result
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodPost, path: path, body: text, write: true,
		decode: func(a *answer) error {
			results = results[:0]
			_, err := readEnvelope(a.body, func(dec *jsontext.Decoder) error {
				var e done
				if err := json.UnmarshalDecode(dec, &e, jsontext.AllowDuplicateNames(true)); err != nil {
					return err
				}
				if len(results) == len(keys) {
					return errShape
				}
				results = append(results, e.result(keys[len(results)]))
				return nil
			})
			if err == nil && len(results) != len(keys) {
				err = errShape
			}
			return err
		},
	})
	var refused *Error
	switch {
	case err == nil:
		return results, nil
	case errors.As(err, &refused) && (refused.doubtful() || refused.code == codeShape), ctx.Err() != nil && !isQuota(err):
		return nil, &pace.InDoubt{Keys: keys, Cause: err}
	}
	return nil, err
}

// done is what became of one row of members or activities. The problems of an activity stand under errors (Marketo REST
// API, Error Codes: irregular shapes).
type done struct {
	GUID    string    `json:"marketoGUID"`
	Status  string    `json:"status"`
	Reasons []refusal `json:"reasons"`
	Errors  []refusal `json:"errors"`
}

func (d done) result(key int64) Result {
	r := Result{Key: key, ID: record.ID(d.GUID), Created: d.Status == "created" || d.Status == "added"}
	switch reasons := append(d.Reasons, d.Errors...); {
	case len(reasons) > 0:
		r.Err = NewError(0, string(reasons[0].Code), reasons[0].Message)
	case d.Status != "created" && d.Status != "updated" && d.Status != "deleted" && d.Status != "added":
		r.Err = NewError(0, "SKIPPED", "")
	}
	return r
}
