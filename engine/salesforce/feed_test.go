package salesforce_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// soqlOf is the query in a subrequest's address.
func soqlOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("q")
}

func TestFeedsAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []part
		s := &side{t: t, answer: composite(t, func(_ int, p part) (int, string) {
			asked = append(asked, p)
			if strings.Contains(p.URL, "/deleted/") {
				return 200, `{"deletedRecords":[{"id":"00Q5f0000000042EAA","deletedDate":"2026-11-24T09:59:00.000+0000"}],"earliestDateAvailable":"2026-11-01T00:00:00.000+0000","latestDateCovered":"2026-11-24T10:01:00.000+0000"}`
			}
			return 200, queryJSON(0, true)
		})}
		c := newClient(t, s)
		feeds := []salesforce.Feed{
			{Object: record.Lead, Columns: emailColumn, OtherID: "Marketo_Person_Id__c", From: salesforce.Position{Stamp: epoch, ID: leadID(7)}, Deleted: epoch.Add(-time.Minute)},
			{Object: record.Contact, From: salesforce.Position{Stamp: epoch}, Until: salesforce.Position{Stamp: epoch.Add(time.Hour), ID: leadID(8)}},
			{Object: record.Account},
		}
		pages, server, err := c.Feeds(t.Context(), record.Feed, feeds)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.calls()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
		if !server.Equal(time.Now().Truncate(time.Second)) {
			t.Errorf("server time %v", server)
		}
		wanted := []string{
			"SELECT Id,SystemModstamp,LastModifiedDate,IsDeleted,MasterRecordId,IsConverted,ConvertedContactId,Email,Marketo_Person_Id__c FROM Lead" +
				" WHERE SystemModstamp >= 2026-11-24T10:00:00Z AND (SystemModstamp > 2026-11-24T10:00:00Z OR Id > '" + string(leadID(7)) + "') ORDER BY SystemModstamp, Id LIMIT 2000",
			"SELECT Id,SystemModstamp,LastModifiedDate,IsDeleted,MasterRecordId,AccountId,Email FROM Contact" +
				" WHERE SystemModstamp >= 2026-11-24T10:00:00Z AND SystemModstamp <= 2026-11-24T11:00:00Z AND (SystemModstamp < 2026-11-24T11:00:00Z OR Id <= '" + string(leadID(8)) + "') ORDER BY SystemModstamp, Id LIMIT 2000",
			"SELECT Id,SystemModstamp,LastModifiedDate,IsDeleted,MasterRecordId FROM Account ORDER BY SystemModstamp, Id LIMIT 2000",
		}
		for i, want := range wanted {
			if got := soqlOf(t, asked[i].URL); got != want || !strings.HasPrefix(asked[i].URL, "/services/data/v61.0/queryAll?q=") {
				t.Errorf("query %d: %s\n want %s", i, asked[i].URL, want)
			}
		}
		want := []salesforce.Gone{{ID: "00Q5f0000000042EAA", At: epoch.Add(-time.Minute)}}
		if diff := cmp.Diff(want, pages[0].Gone); diff != "" || !pages[0].GoneThrough.Equal(epoch.Add(time.Minute)) {
			t.Errorf("gone: %s, through %v", diff, pages[0].GoneThrough)
		}
		if pages[0].More || pages[0].Next != feeds[0].From {
			t.Errorf("an empty page moved the feed: %+v", pages[0].Next)
		}
	})
}

// TestFeedRecords reads every system field, every kind of value and a parent's field.
func TestFeedRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		contact := `{"attributes":{"type":"Contact"},"Id":"0035f00000KxRpa","SystemModstamp":"2026-11-24T10:00:05.000+0000","LastModifiedDate":"2026-11-24T10:00:04.000+0000","IsDeleted":true,
			"MasterRecordId":"0035f00000KxRpbAAF","AccountId":"0015f00000KxRpcAAF","Email":" Ada@Example.com ","Marketo_Person_Id__c":"77","Birthdate":"1815-12-10","Score__c":300.0,"Rate__c":1.5E1,
			"HasOptedOutOfEmail":true,"Description":"a\r\nb \"c\" é \\","Seen__c":"2026-11-24T11:00:00.000+0100","Address":{"city":"London"},"Account":{"attributes":{},"Name":"Engines","Owner":{"Alias":"cb"}},"Title":null,"Unasked":[1,{"a":2}]}`
		orphan := strings.Replace(contact, `"Account":{"attributes":{},"Name":"Engines","Owner":{"Alias":"cb"}}`, `"Account":null`, 1)
		orphan = strings.Replace(strings.Replace(orphan, "0035f00000KxRpa", "0035f00000KxRpd", 1), `"Score__c":300.0`, `"Score__c":"many"`, 1)
		cols := []record.Column{
			{Name: "Birthdate", Type: record.Type{Kind: record.Date}},
			{Name: "Score__c", Type: record.Type{Kind: record.Integer}},
			{Name: "Rate__c", Type: record.Type{Kind: record.Decimal, Scale: 2}},
			{Name: "HasOptedOutOfEmail", Type: record.Type{Kind: record.Boolean}},
			{Name: "Description", Type: record.Type{Kind: record.TextArea}},
			{Name: "Seen__c", Type: record.Type{Kind: record.DateTime}},
			{Name: "Account.Name", Type: record.Type{Kind: record.Text}},
			{Name: "Account.Owner.Alias", Type: record.Type{Kind: record.Text}},
			{Name: "Title", Type: record.Type{Kind: record.Text}},
			{Name: "email", Type: record.Type{Kind: record.Email}},
		}
		s := &side{t: t, answer: composite(t, func(int, part) (int, string) { return 200, queryJSON(2, true, contact, orphan) })}
		pages, _, err := newClient(t, s).Feeds(t.Context(), record.Feed, []salesforce.Feed{{Object: record.Contact, Columns: cols, OtherID: "Marketo_Person_Id__c"}})
		if err != nil || pages[0].Err != nil {
			t.Fatal(err, pages)
		}
		want := record.Record{
			Object: record.Contact, ID: "0035f00000KxRpaAAF", Modified: epoch.Add(5 * time.Second), Edited: epoch.Add(4 * time.Second), Deleted: true,
			MergedInto: "0035f00000KxRpbAAF", Email: record.Of("Ada@Example.com"), OtherID: "77", Parent: "0015f00000KxRpcAAF",
		}
		for _, text := range []string{"1815-12-10", "300", "15", "true", "a\nb \"c\" é \\", "2026-11-24T10:00:00Z", "Engines", "cb", "", "Ada@Example.com"} {
			want.Values = append(want.Values, record.Of(text))
		}
		if diff := cmp.Diff(want, pages[0].Records[0], cmp.AllowUnexported(record.Value{})); diff != "" {
			t.Error(diff)
		}
		second := pages[0].Records[1]
		var unread *salesforce.FieldError
		if !errors.As(second.Err, &unread) || unread.Field != "Score__c" || strings.Contains(second.Err.Error(), "many") {
			t.Errorf("a value of the wrong type: %v", second.Err)
		}
		if second.Values[6] != (record.Value{}) {
			t.Error("a missing parent has a name")
		}
	})
}

// Field-level security leaves fields out of some answers. That is no blank.
func TestMissingFieldIsNoBlank(t *testing.T) {
	s := &side{t: t, answer: func(request) reply { return ok("[" + leadJSON(1, epoch, "") + "]") }}
	cols := []record.Column{{Name: "Title", Type: record.Type{Kind: record.Text}}}
	got, err := newClient(t, s).Get(t.Context(), record.Reread, record.Lead, []record.ID{leadID(1)}, cols, "")
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	var unread *salesforce.FieldError
	if !errors.As(got[0].Err, &unread) || unread.Field != "Title" {
		t.Errorf("err = %v", got[0].Err)
	}
}

// A page is believed only if it holds together; the end of a feed is never guessed.
func TestPages(t *testing.T) {
	rows := func(from, n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = leadJSON(from+i, epoch, "")
		}
		return list
	}
	refused := `[{"message":"\nSELECT Foo\n       ^\nERROR at Row:1\nNo such column 'Foo' on entity 'Lead'.","errorCode":"INVALID_FIELD"}]`
	cases := []struct {
		name   string
		status int
		body   string
		next   salesforce.Position
		more   bool
		code   string
	}{
		{"a full page", 200, queryJSON(2000, true, rows(1, 2000)...), salesforce.Position{Stamp: epoch, ID: leadID(2000)}, true, ""},
		{"the last page", 200, queryJSON(3, true, rows(1, 3)...), salesforce.Position{Stamp: epoch, ID: leadID(3)}, false, ""},
		{"fat rows, fewer than asked", 200, queryJSON(2000, false, rows(1, 300)...), salesforce.Position{Stamp: epoch, ID: leadID(300)}, true, ""},
		{"nothing", 200, queryJSON(0, true), salesforce.Position{Stamp: epoch}, false, ""},
		{"an empty page of many", 200, queryJSON(2000, false), salesforce.Position{Stamp: epoch}, false, "SHORT_PAGE"},
		{"fewer than announced", 200, queryJSON(5, true, rows(1, 3)...), salesforce.Position{Stamp: epoch}, false, "SHORT_PAGE"},
		{"rows from before", 200, queryJSON(1, true, leadJSON(1, epoch.Add(-time.Second), "")), salesforce.Position{Stamp: epoch}, false, "MALFORMED_ANSWER"},
		{"the same row twice", 200, queryJSON(2, true, rows(1, 1)[0], rows(1, 1)[0]), salesforce.Position{Stamp: epoch}, false, "MALFORMED_ANSWER"},
		{"a hidden field", 400, refused, salesforce.Position{Stamp: epoch}, false, "INVALID_FIELD"},
		{"a slow org", 400, `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`, salesforce.Position{Stamp: epoch}, false, "QUERY_TIMEOUT"},
	}
	for _, row := range cases {
		t.Run(row.name, func(t *testing.T) {
			s := &side{t: t, answer: composite(t, func(i int, _ part) (int, string) {
				if i == 0 {
					return row.status, row.body
				}
				return 200, queryJSON(1, true, strings.ReplaceAll(leadJSON(1, epoch, ""), "Converted", "X"))
			})}
			feeds := []salesforce.Feed{{Object: record.Lead, From: salesforce.Position{Stamp: epoch}}, {Object: record.Account}}
			pages, _, err := newClient(t, s).Feeds(t.Context(), record.Feed, feeds)
			if err != nil {
				t.Fatal(err)
			}
			p := pages[0]
			if p.Next != row.next || p.More != row.more {
				t.Errorf("next %v, more %v", p.Next, p.More)
			}
			switch {
			case row.code == "" && p.Err != nil:
				t.Error(p.Err)
			case row.code != "" && (p.Err == nil || p.Err.Code() != row.code || len(p.Records) > 0):
				t.Errorf("err = %v with %d records, want %s", p.Err, len(p.Records), row.code)
			}
			if pages[1].Err != nil || len(pages[1].Records) != 1 {
				t.Errorf("the neighbour: %v", pages[1].Err)
			}
		})
	}
}

// A composite whose parts are exchanged, missing or too many would mix up feeds.
func TestCompositeMustMatch(t *testing.T) {
	one := `{"body":%s,"httpHeaders":{},"httpStatusCode":200,"referenceId":%q}`
	answers := map[string]string{
		"exchanged": fmt.Sprintf(one+","+one, queryJSON(0, true), "p1", queryJSON(0, true), "p0"),
		"missing":   fmt.Sprintf(one, queryJSON(0, true), "p0"),
		"too many":  fmt.Sprintf(one+","+one+","+one, queryJSON(0, true), "p0", queryJSON(0, true), "p1", queryJSON(0, true), "p2"),
		"no body":   `{"httpStatusCode":200,"referenceId":"p0"},{"httpStatusCode":200,"referenceId":"p1"}`,
	}
	for name, parts := range answers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, answer: func(request) reply { return ok(`{"compositeResponse":[` + parts + `]}`) }}
				_, _, err := newClient(t, s).Feeds(t.Context(), record.Feed, []salesforce.Feed{{Object: record.Lead}, {Object: record.Account}})
				var failure *salesforce.Error
				if !errors.As(err, &failure) || failure.Code() != "MALFORMED_ANSWER" {
					t.Errorf("err = %v", err)
				}
			})
		})
	}
}

func TestGetSplitsAndKeepsOrder(t *testing.T) {
	var sizes []int
	s := &side{t: t, answer: func(r request) reply {
		ids := strings.Split(between(string(r.body), `"ids":["`, `"]`), `","`)
		sizes = append(sizes, len(ids))
		rows := make([]string, len(ids))
		for i, id := range ids {
			rows[i] = "null"
			if i%2 == 0 {
				rows[i] = strings.ReplaceAll(leadJSON(1, epoch, ""), string(leadID(1)), id)
			}
		}
		return ok("[" + strings.Join(rows, ",") + "]")
	}}
	ids := make([]record.ID, 2500)
	for i := range ids {
		ids[i] = leadID(i)
	}
	got, err := newClient(t, s, inMode(record.Observe)).Get(t.Context(), record.Reread, record.Lead, ids, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2000, 500}, sizes); diff != "" {
		t.Error(diff)
	}
	for i, r := range got {
		if r.ID != ids[2*i] {
			t.Fatalf("place %d has %s, want %s", i, r.ID, ids[2*i])
		}
	}
	if len(got) != 1250 {
		t.Errorf("%d records", len(got))
	}
}

func between(text, left, right string) string {
	_, text, _ = strings.Cut(text, left)
	text, _, _ = strings.Cut(text, right)
	return text
}

// Look-ups go five queries a call, none with an address above the limit, and follow their pages.
func TestFindBy(t *testing.T) {
	values := make([]string, 0, 3000)
	for i := range 3000 {
		values = append(values, fmt.Sprintf("o'neil%d@example.com", i))
	}
	values = append(values, "", values[0])
	var addresses []string
	first := true
	s := &side{t: t}
	s.answer = func(r request) reply {
		if r.method == "GET" {
			return ok(queryJSON(2, true, leadJSON(2, epoch, "")))
		}
		return composite(t, func(_ int, p part) (int, string) {
			addresses = append(addresses, p.URL)
			if first {
				first = false
				return 200, queryJSON(2, false, leadJSON(1, epoch, ""))
			}
			return 200, queryJSON(0, true)
		})(r)
	}
	got, err := newClient(t, s, inMode(record.Observe)).FindBy(t.Context(), record.LookUp, record.Lead, "Email", values, nil, "")
	if err != nil || len(got) != 2 {
		t.Fatal(len(got), err)
	}
	asked := map[string]bool{}
	for _, address := range addresses {
		if len(address) > 16_000 {
			t.Errorf("an address of %d bytes", len(address))
		}
		for _, item := range strings.Split(between(soqlOf(t, address), "IN (", ")"), ",") {
			asked[item] = true
		}
	}
	if len(asked) != 3000 || !asked[`'o\'neil7@example.com'`] {
		t.Errorf("%d values asked for", len(asked))
	}
	if calls := len(s.calls()); calls > 1+(len(addresses)+4)/5 {
		t.Errorf("%d calls for %d queries", calls, len(addresses))
	}
}
