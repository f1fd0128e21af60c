package org

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// ask sends a query and gives its records.
func (b *bench) ask(soql string) []map[string]any {
	b.t.Helper()
	r := b.send("GET", "query?q="+url.QueryEscape(soql), "")
	var body struct {
		Records []map[string]any `json:"records"`
	}
	if err := json.Unmarshal([]byte(r.body), &body); err != nil || r.status != 200 {
		b.t.Fatalf("%s: %d %s", soql, r.status, r.body)
	}
	return body.Records
}

// office is a bench with a small office in it.
func office(t *testing.T) *bench {
	b := newBench(t)
	acme := b.made("Account", `{"Name":"Acme","Rating":"Hot"}`)
	b.made("Account", `{"Name":"Bolt","Rating":"Cold"}`)
	b.clock.Advance(time.Minute)
	ada := b.made("Contact", `{"LastName":"Ada","Email":"ada@x.example","AccountId":"`+acme+`"}`)
	b.made("Contact", `{"LastName":"Ben"}`)
	lead := b.made("Lead", `{"LastName":"O'Neil","Company":"50% off_now","AnnualRevenue":300,"Status":"Open - Not Contacted"}`)
	b.made("Lead", `{"LastName":"Zoë","Company":"Bolt","Title":"CEO","Status":"Working - Contacted"}`)
	b.made("Opportunity", `{"Name":"Deal","StageName":"Prospecting","CloseDate":"2026-12-01","AccountId":"`+acme+`"}`)
	b.made("Task", `{"Subject":"Call","WhoId":"`+lead+`"}`)
	b.made("Task", `{"Subject":"Visit","WhoId":"`+ada+`"}`)
	b.made("Task", `{"Subject":"Rest"}`)
	return b
}

// TestQueries asks one thing of each kind that SOQL can say (SOQL and SOSL Reference), and shows the answer without the
// attributes.
func TestQueries(t *testing.T) {
	b := office(t)
	for _, row := range []struct{ soql, want string }{
		{`SELECT LastName FROM Lead WHERE LastName = 'O\'Neil'`, `[{"LastName":"O'Neil"}]`},
		{`select lastname from LEAD l where l.LASTNAME = 'o\'neil'`, `[{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE Company LIKE '50\%%'`, `[{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE Company LIKE '%off\_n_w'`, `[{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE Company LIKE 'b_LT'`, `[{"LastName":"Zoë"}]`},
		{`SELECT LastName FROM Lead WHERE LastName = 'Zo\u00eb'`, `[{"LastName":"Zoë"}]`},
		{`SELECT LastName FROM Lead WHERE Title = null`, `[{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE Title = ''`, `[{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE Title != 'CFO' ORDER BY LastName`, `[{"LastName":"O'Neil"},{"LastName":"Zoë"}]`},
		{`SELECT LastName FROM Lead WHERE AnnualRevenue > 299.5`, `[{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE NOT (AnnualRevenue = 300)`, `[{"LastName":"Zoë"}]`},
		{`SELECT LastName FROM Lead WHERE Status NOT IN ('Open - Not Contacted','x') AND (Title = 'CEO' OR Title = 'CFO')`, `[{"LastName":"Zoë"}]`},
		{`SELECT LastName FROM Lead WHERE CreatedDate = TODAY AND CreatedDate > YESTERDAY AND CreatedDate = LAST_N_DAYS:1 ORDER BY Title NULLS LAST`, `[{"LastName":"Zoë"},{"LastName":"O'Neil"}]`},
		{`SELECT LastName FROM Lead WHERE SystemModstamp >= 2026-11-24T11:01:00+01:00 ORDER BY Title DESC LIMIT 1 OFFSET 1`, `[{"LastName":"Zoë"}]`},
		{`SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email != null)`, `[{"Name":"Acme"}]`},
		{`SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)`, `[{"Name":"Bolt"}]`},
		{`SELECT LastName, Account.Name, Account.Owner.Name FROM Contact ORDER BY LastName`,
			`[{"LastName":"Ada","Account":{"Name":"Acme","Owner":{"Name":"Doppio Sync"}}},{"LastName":"Ben","Account":null}]`},
		{`SELECT LastName FROM Contact WHERE Account.Rating = 'Hot'`, `[{"LastName":"Ada"}]`},
		{`SELECT Name, (SELECT LastName FROM Contacts), (SELECT Name FROM Opportunities WHERE IsWon = true) FROM Account ORDER BY Name`,
			`[{"Name":"Acme","Contacts":{"totalSize":1,"done":true,"records":[{"LastName":"Ada"}]},"Opportunities":null},{"Name":"Bolt","Contacts":null,"Opportunities":null}]`},
		{`SELECT Subject, TYPEOF Who WHEN Lead THEN Company, Title WHEN Contact THEN Email END FROM Task ORDER BY Subject`,
			`[{"Subject":"Call","Who":{"Company":"50% off_now","Title":null}},{"Subject":"Rest","Who":null},{"Subject":"Visit","Who":{"Email":"ada@x.example"}}]`},
		{`SELECT TYPEOF Who WHEN Lead THEN Company ELSE LastName END FROM Task WHERE Subject = 'Visit'`, `[{"Who":{"LastName":"Ada"}}]`},
		{`SELECT toLabel(Status) FROM Lead WHERE Title = 'CEO'`, `[{"Status":"Working - Contacted"}]`},
		{`SELECT COUNT(Id), COUNT(Title) titled, MAX(AnnualRevenue) FROM Lead`, `[{"expr0":2,"titled":1,"expr1":300.0}]`},
		{`SELECT Rating, COUNT(Id) n FROM Account GROUP BY Rating HAVING COUNT(Id) > 0 ORDER BY Rating DESC`, `[{"Rating":"Hot","n":1},{"Rating":"Cold","n":1}]`},
		{`SELECT LastName FROM Lead USING SCOPE everything WHERE Title = 'CEO' WITH SECURITY_ENFORCED LIMIT 5 FOR VIEW`, `[{"LastName":"Zoë"}]`},
	} {
		got := stripped(b.ask(row.soql))
		if want := decoded(t, row.want); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s\ngot  %v\nwant %v", row.soql, got, want)
		}
	}
	if all := b.ask(`SELECT FIELDS(CUSTOM) FROM Lead LIMIT 200`); len(all) != 2 || all[0]["Region__c"] != nil || len(all[0]) < 6 {
		t.Errorf("FIELDS(CUSTOM) gave %v", all)
	}
}

// stripped is a result without attributes.
func stripped(v any) any {
	switch v := v.(type) {
	case []map[string]any:
		out := []any{}
		for _, one := range v {
			out = append(out, stripped(one))
		}
		return out
	case []any:
		out := []any{}
		for _, one := range v {
			out = append(out, stripped(one))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			if name != "attributes" {
				out[name] = stripped(one)
			}
		}
		return out
	}
	return v
}

func TestQueriesRefused(t *testing.T) {
	b := office(t)
	for _, row := range []struct{ soql, code, says string }{
		{`SELECT Foo__c FROM Lead`, "INVALID_FIELD", "No such column 'Foo__c' on entity 'Lead'"},
		{`SELECT Id FROM Foo`, "INVALID_TYPE", "sObject type 'Foo' is not supported"},
		{`SELECT Foo.Name FROM Lead`, "INVALID_FIELD", "Didn't understand relationship 'Foo'"},
		{`SELECT Id FROM Lead WHERE Description = 'x'`, "INVALID_FIELD", "field 'Description' can not be filtered in a query call"},
		{`SELECT Id FROM Lead WHERE SystemModstamp > '2026-01-01T00:00:00Z'`, "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"},
		{`SELECT Id FROM Lead WHERE Id = 'abc'`, "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"},
		{`SELECT Id FROM Lead WHERE Title = 'a' AND City = 'b' OR City = 'c'`, "MALFORMED_QUERY", "unexpected token: 'OR'"},
		{`SELECT Id FROM Lead OFFSET 2001`, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset"},
		{`SELECT FIELDS(ALL) FROM Lead`, "MALFORMED_QUERY", "must have a LIMIT of at most 200"},
		{`SELECT FIELDS(CUSTOM) FROM Lead LIMIT 201`, "MALFORMED_QUERY", "must have a LIMIT of at most 200"},
		{`SELECT TYPEOF Owner WHEN Lead THEN Id END FROM Lead`, "INVALID_TYPE", "'Lead'"},
		{`SELECT TYPEOF Who WHEN Contact THEN Company END FROM Task`, "INVALID_FIELD", "No such column 'Company' on entity 'Contact'"},
		{`SELECT TYPEOF Nobody WHEN Lead THEN Id END FROM Lead`, "INVALID_FIELD", "Didn't understand relationship 'Nobody'"},
	} {
		r := b.send("GET", "query?q="+url.QueryEscape(row.soql), "").refused(400, row.code)
		if r.status != 400 {
			continue
		}
		if says, _ := r.at(0, "message").(string); !strings.Contains(says, row.says) {
			t.Errorf("%s: %q", row.soql, says)
		}
	}
}

// TestQueryAgainstModel holds random filters, orders and limits against a reading of all rows: whichever way to the rows
// is taken, it misses none and gives none twice.
func TestQueryAgainstModel(t *testing.T) {
	b := newBench(t)
	rng := rand.New(rand.NewPCG(7, 7))
	cities := []string{"Köln", "Lyon", "lyon", "", "Łódź"}
	type person struct {
		id, email, city string
		revenue         int
		stamp           time.Time
	}
	var all []person
	for n := range 120 {
		if n%7 == 0 {
			b.clock.Advance(time.Second)
		}
		p := person{email: fmt.Sprintf("p%d@x.example", rng.IntN(60)), city: cities[rng.IntN(len(cities))], revenue: rng.IntN(20)}
		p.id = b.made("Lead", fmt.Sprintf(`{"LastName":"P","Company":"C","Email":%q,"City":%q,"AnnualRevenue":%d}`, p.email, p.city, p.revenue))
		p.stamp = b.clock.Now()
		all = append(all, p)
	}
	type term struct {
		soql  string
		holds func(person) bool
	}
	one := func() term {
		p := all[rng.IntN(len(all))]
		switch rng.IntN(9) {
		case 0:
			return term{"Email = '" + p.email + "'", func(o person) bool { return o.email == p.email }}
		case 1:
			q := all[rng.IntN(len(all))]
			return term{"Email IN ('" + p.email + "','" + q.email + "')", func(o person) bool { return o.email == p.email || o.email == q.email }}
		case 2:
			return term{"Id = '" + p.id + "'", func(o person) bool { return o.id == p.id }}
		case 3:
			return term{"Id > '" + p.id + "'", func(o person) bool { return o.id[:15] > p.id[:15] }}
		case 4:
			return term{"Id <= '" + p.id[:15] + "'", func(o person) bool { return o.id[:15] <= p.id[:15] }}
		case 5, 6:
			at := p.stamp.Format(stampLayout)
			switch rng.IntN(5) {
			case 0:
				return term{"SystemModstamp > " + at, func(o person) bool { return o.stamp.After(p.stamp) }}
			case 1:
				return term{"SystemModstamp >= " + at, func(o person) bool { return !o.stamp.Before(p.stamp) }}
			case 2:
				return term{"SystemModstamp < " + at, func(o person) bool { return o.stamp.Before(p.stamp) }}
			case 3:
				return term{"SystemModstamp <= " + at, func(o person) bool { return !o.stamp.After(p.stamp) }}
			}
			return term{"SystemModstamp = " + at, func(o person) bool { return o.stamp.Equal(p.stamp) }}
		case 7:
			return term{fmt.Sprintf("AnnualRevenue >= %d", p.revenue), func(o person) bool { return o.revenue >= p.revenue }}
		}
		if p.city == "" {
			return term{"City = null", func(o person) bool { return o.city == "" }}
		}
		return term{"City = '" + p.city + "'", func(o person) bool { return strings.EqualFold(o.city, p.city) }}
	}
	var tree func(depth int) term
	tree = func(depth int) term {
		if depth == 0 {
			return one()
		}
		x, y := tree(depth-1), tree(rng.IntN(depth))
		switch rng.IntN(4) {
		case 0:
			return term{"NOT (" + x.soql + ")", func(o person) bool { return !x.holds(o) }}
		case 1:
			return term{"(" + x.soql + " OR " + y.soql + ")", func(o person) bool { return x.holds(o) || y.holds(o) }}
		}
		return term{"(" + x.soql + " AND " + y.soql + ")", func(o person) bool { return x.holds(o) && y.holds(o) }}
	}
	for range 600 {
		filter, limit := tree(rng.IntN(4)), 1+rng.IntN(len(all))
		var want []string
		for _, p := range all { // made in the order of ids and stamps
			if filter.holds(p) {
				want = append(want, p.id)
			}
		}
		order := "Id"
		switch rng.IntN(3) {
		case 0:
			order = "SystemModstamp, Id"
		case 1:
			order = "Id DESC"
			slices.Reverse(want)
		}
		want = want[:min(limit, len(want))]
		soql := fmt.Sprintf("SELECT Id FROM Lead WHERE %s ORDER BY %s LIMIT %d", filter.soql, order, limit)
		var got []string
		for _, r := range b.ask(soql) {
			got = append(got, r["Id"].(string))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s\ngave %d rows, %d are right", soql, len(got), len(want))
		}
	}
}
