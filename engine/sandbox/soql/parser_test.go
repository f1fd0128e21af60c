package soql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

func TestAccepted(t *testing.T) {
	for _, text := range []string{
		`SELECT Id FROM Lead`,
		`select id from lead l where l.Email = 'a@example.com'`,
		"SELECT Id,\n\tName FROM Lead WHERE\r\n Name != null",
		`SELECT Account.Name, Owner.Profile.Name, toLabel(Status) FROM Contact`,
		`SELECT COUNT() FROM Lead WHERE Email LIKE 'a\_b%'`,
		`SELECT COUNT(Id) c, MAX(SystemModstamp) FROM Lead`,
		`SELECT Status, COUNT(Id) n FROM Lead GROUP BY Status HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC`,
		`SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y, COUNT(Id) FROM Lead GROUP BY CALENDAR_YEAR(convertTimezone(CreatedDate))`,
		`SELECT FIELDS(STANDARD) FROM Lead`,
		`SELECT Id, (SELECT Id, ContactId FROM OpportunityContactRoles WHERE IsPrimary = true LIMIT 5) FROM Opportunity`,
		`SELECT Id, TYPEOF Who WHEN Lead THEN Company, Email WHEN Contact THEN AccountId ELSE Name END FROM Task`,
		`SELECT Id FROM Lead USING SCOPE everything WHERE (SystemModstamp > 2026-11-24T10:00:00Z OR (SystemModstamp = 2026-11-24T10:00:00+01:00 AND Id > '00Q')) AND IsDeleted = false AND NOT (Company LIKE 'Test%') AND AccountId IN (SELECT Id FROM Account WHERE Rating = 'Hot') WITH SECURITY_ENFORCED ORDER BY SystemModstamp ASC NULLS FIRST, Id ASC LIMIT 2000 OFFSET 0 FOR VIEW`,
		`SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:7 AND Birthdate < 2026-01-01 AND Score__c >= -1.5e3`,
		`SELECT Id FROM Lead WHERE Interests__c INCLUDES ('a;b','c') AND Interests__c EXCLUDES ('d')`,
		`SELECT Id FROM Lead WHERE Status NOT IN ('A', null) ALL ROWS`,
		`SELECT Id FROM Lead WHERE Name = 'O\'Brien \u00e9 \\ \n'`,
		`SELECT Limit, Order FROM Group`,
	} {
		if _, err := soql.Parse(text); err != nil {
			t.Errorf("%s\n%v", text, message(err))
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, code, message string }{
		{``, soql.MalformedQuery, "A query string has to be specified"},
		{`SELECT Id, Name Lead WHERE`, soql.MalformedQuery,
			"\nSELECT Id, Name Lead WHERE\n                ^\nERROR at Row:1:Column:17\nunexpected token: 'Lead'"},
		{`SELECT Id FROM`, soql.MalformedQuery, "\nSELECT Id FROM\n              ^\nERROR at Row:1:Column:15\nunexpected token: <EOF>"},
		{"SELECT Id\nFROM Lead\nWHERE Id ~ 1", soql.MalformedQuery, "line 3:9 no viable alternative at character '~'"},
		{`SELECT Id FROM Lead WHERE Name = 'a`, soql.MalformedQuery, "line 1:35 mismatched character '<EOF>' expecting '''"},
		{`SELECT Id FROM Lead WHERE Name = 'a\q'`, soql.MalformedQuery, `Illegal character sequence '\q' in string literal.`},
		{`SELECT Id FROM Lead WHERE Name = "a"`, soql.MalformedQuery, "no viable alternative at character '\"'"},
		{`SELECT Id FROM Lead WHERE A = 1 AND B = 2 OR C = 3`, soql.MalformedQuery, "unexpected token: 'OR'"},
		{`SELECT Id FROM Lead WHERE A = 1 OR B = 2 AND C = 3`, soql.MalformedQuery, "unexpected token: 'AND'"},
		{`SELECT Id FROM Lead WHERE A = 2026-02-30`, soql.MalformedQuery, "Invalid date: 2026-02-30"},
		{`SELECT Id FROM Lead WHERE A = 2026-02-20T10:00:00`, soql.MalformedQuery, "Invalid datetime"},
		{`SELECT Id FROM Lead LIMIT 10 OFFSET 2001`, soql.NumberOutsideValidRange, "Maximum SOQL offset allowed is 2000"},
		{`SELECT Id FROM Lead LIMIT -1`, soql.MalformedQuery, "unexpected token: '-1'"},
		{`SELECT COUNT(), Id FROM Lead`, soql.MalformedQuery, "COUNT() must be the only element"},
		{`SELECT Id, COUNT(Id) FROM Lead`, soql.MalformedQuery, "Field must be grouped or aggregated: Id"},
		{`SELECT Id x FROM Lead`, soql.MalformedQuery, "only aggregate expressions use field aliasing"},
		{`SELECT Status, Id FROM Lead GROUP BY Status`, soql.MalformedQuery, "Field must be grouped or aggregated: Id"},
		{`SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account) OR Name = 'x'`, soql.MalformedQuery, "Semi join sub-selects are only allowed"},
		{`SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account LIMIT 1)`, soql.MalformedQuery, "inner select"},
		{`SELECT Id FROM Lead WHERE A IN (SELECT Id FROM B) AND C IN (SELECT Id FROM D) AND E IN (SELECT Id FROM F)`, soql.ExceededSemiJoins, "maximum"},
		{`SELECT Id FORM Lead`, soql.MalformedQuery, "ERROR at Row:1:Column:11\nunexpected token: 'FORM'"},
		{`SELECT Id FROM Lead trailing words`, soql.MalformedQuery, "unexpected token: 'words'"},
		{`SELECT Id FROM Lead WHERE ` + strings.Repeat("(", 5000) + `A = 1`, "QUERY_TOO_COMPLICATED", "too complicated"},
		{`SELECT Id FROM Lead WHERE Name = '` + strings.Repeat("x", 100_000) + `'`, soql.MalformedQuery, "100000"},
		{`SELECT Id FROM Lead WHERE Name = '` + strings.Repeat("x", 4001) + `'`, soql.MalformedQuery, "4000"},
	} {
		_, err := soql.Parse(c.text)
		var refused *soql.Error
		if !errors.As(err, &refused) {
			t.Errorf("%.80s: accepted", c.text)
			continue
		}
		if refused.Code != c.code || !strings.HasSuffix(refused.Message, c.message) && !strings.Contains(refused.Message, c.message) {
			t.Errorf("%.80s\ngot  %s %q\nwant %s %q", c.text, refused.Code, refused.Message, c.code, c.message)
		}
	}
}

// The text of the reference's sample, byte for byte.
func TestUnknownColumnPointsAtIt(t *testing.T) {
	q, err := soql.Parse("SELECT Id, Foo__c FROM Lead")
	if err != nil {
		t.Fatal(err)
	}
	got := q.At(q.Select[1].Begin(), soql.InvalidField, soql.NoSuchColumn("Foo__c", "Lead"))
	want := "\nSELECT Id, Foo__c FROM Lead\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo__c' on entity 'Lead'. If you are attempting to use a custom field, " +
		"be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
	if got.Message != want {
		t.Errorf("got  %q\nwant %q", got.Message, want)
	}
	if strings.Contains(got.Error(), "Foo__c") {
		t.Error("the error quotes the query where only the answer may")
	}
}

func TestTree(t *testing.T) {
	q, err := soql.Parse(`SELECT Id, Owner.Name FROM Lead WHERE A = 1 AND (B LIKE '50\%%' OR C IN ('x','y')) ORDER BY D DESC NULLS LAST LIMIT 5`)
	if err != nil {
		t.Fatal(err)
	}
	and := q.Where.(*soql.Logic)
	or := and.Terms[1].(*soql.Logic)
	like := or.Terms[0].(*soql.Comparison)
	in := or.Terms[1].(*soql.Membership)
	switch {
	case and.Or, !or.Or, len(in.Values) != 2, in.Values[1].Text() != "y", like.Op != soql.Like, like.Value.Text() != "50%%":
		t.Errorf("the tree is %+v", q.Where)
	case q.Limit != 5, q.Offset != -1, !q.OrderBy[0].Desc, !q.OrderBy[0].NullsLast:
		t.Errorf("the tail is %+v", q)
	case q.Select[1].(*soql.Column).Path.String() != "Owner.Name":
		t.Errorf("the path is %v", q.Select[1])
	}
}

func message(err error) string {
	var refused *soql.Error
	if errors.As(err, &refused) {
		return refused.Code + " " + refused.Message
	}
	return err.Error()
}
