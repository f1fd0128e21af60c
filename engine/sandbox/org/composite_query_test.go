package org

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// TestCompositeOfQueries: a composite answers queries beside rows; inside an allOrNone one, a query sees what the
// subrequests before it have written, also when another user's transaction is about to commit.
func TestCompositeOfQueries(t *testing.T) {
	b := newBench(t)
	b.lead()
	if err := b.dice.Next(fault.LateCommit, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EditRandom(rand.New(rand.NewPCG(1, 2)), 1, []string{"City"}); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Hour)
	got := b.send("POST", "composite", `{"allOrNone":true,"compositeRequest":[
		{"method":"POST","url":"/services/data/v61.0/sobjects/Lead","referenceId":"new","body":{"LastName":"A","Company":"B"}},
		{"method":"GET","url":"/services/data/v61.0/query?q=SELECT+Id,LastName+FROM+Lead+WHERE+Id+=+'@{new.id}'","referenceId":"q"},
		{"method":"PATCH","url":"/services/data/v61.0/sobjects/Lead/@{q.records[0].Id}","referenceId":"w","body":{"City":"of @{q.records[0].LastName}"}}]}`)
	if got.at("compositeResponse", 1, "body", "totalSize") != 1.0 || got.at("compositeResponse", 2, "httpStatusCode") != 204.0 {
		t.Errorf("%s", got.body)
	}
	bad := b.send("POST", "composite", `{"compositeRequest":[{"method":"GET","url":"/services/data/v61.0/query?q=SELECT+Nope+FROM+Lead","referenceId":"q"}]}`)
	if bad.at("compositeResponse", 0, "body", 0, "errorCode") != "INVALID_FIELD" || bad.at("compositeResponse", 0, "httpStatusCode") != 400.0 {
		t.Errorf("%s", bad.body)
	}
}
