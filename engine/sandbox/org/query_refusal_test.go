package org

import (
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

// TestQueryRefusalsAreInSalesforcesWords: the answer quotes the query, marks the place and says what is wrong.
func TestQueryRefusalsAreInSalesforcesWords(t *testing.T) {
	_, err := soql.Parse("SELECT Id FORM Lead")
	refused := queryRefusal(err).Errors[0]
	if refused.Code != soql.MalformedQuery {
		t.Errorf("the code is %s", refused.Code)
	}
	for _, part := range []string{"ERROR at Row:1:Column:", "^", "unexpected token"} {
		if !strings.Contains(refused.Message, part) {
			t.Errorf("%q is not in the answer %q", part, refused.Message)
		}
	}
}
