package soql_test

import (
	"errors"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

// FuzzParse: whatever comes, the answer is a tree or a refusal that names a place inside the text, never a panic.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id FROM Lead", "SELECT COUNT() FROM Lead WHERE A = 'x\\'y'", "SELECT A.B, (SELECT Id FROM Cs) FROM D WHERE E IN (SELECT F FROM G)",
		"SELECT TYPEOF W WHEN L THEN C ELSE N END FROM T", "SELECT Id FROM Lead WHERE D >= 2026-01-01T00:00:00.000+0000 ORDER BY D NULLS LAST LIMIT 1 OFFSET 2",
		"SELECT FIELDS(ALL) FROM L WHERE A = LAST_N_DAYS:3 AND B INCLUDES ('a;b')", "SELECT\x00", "SELECT é FROM x", "SELECT a FROM b WHERE c = '\\u12",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := soql.Parse(text)
		var refused *soql.Error
		switch {
		case err == nil:
			visit(q.Where)
			if q.Text() != text || len(q.Select) == 0 {
				t.Fatalf("accepted as %+v", q)
			}
		case !errors.As(err, &refused):
			t.Fatalf("an error of another kind: %T", err)
		case refused.Message == "" || refused.Column > len(text)+1:
			t.Fatalf("refused at column %d of %d: %q", refused.Column, len(text), refused.Message)
		}
	})
}

// visit uses every value of a filter the way an evaluation does.
func visit(c soql.Condition) {
	switch c := c.(type) {
	case *soql.Logic:
		for _, term := range c.Terms {
			visit(term)
		}
	case *soql.Not:
		visit(c.Term)
	case *soql.Comparison:
		c.Value.Pattern().Matches(c.Value.Text())
		if c.Value.Kind == soql.Range {
			c.Value.Span(time.Unix(0, 0).UTC())
		}
	}
}
