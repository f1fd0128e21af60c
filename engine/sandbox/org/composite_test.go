package org

import (
	"fmt"
	"strings"
	"testing"
)

func TestCollections(t *testing.T) {
	b := newBench(t)
	b.send("POST", "composite/sobjects", `{"records":[{"attributes":{"type":"Account"},"Site":"x"}]}`).want(200,
		`[{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Name]","fields":["Name"]}]}]`)
	made := b.send("POST", "composite/sobjects/", `{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Name":"A"},{"attributes":{"type":"Account"},"foo":1},{"attributes":{"type":"Lead"},"LastName":"L","Company":"C"}]}`)
	account, lead := made.at(0, "id").(string), made.at(2, "id").(string)
	made.want(200, `[{"id":"`+account+`","success":true,"errors":[]},
		{"success":false,"errors":[{"statusCode":"INVALID_FIELD","message":"No such column 'foo' on sobject of type Account","fields":[]}]},
		{"id":"`+lead+`","success":true,"errors":[]}]`)
	b.send("PATCH", "composite/sobjects", `{"records":[{"Id":"`+lead+`","attributes":{"type":"Lead"},"City":"Ulm"},{"attributes":{"type":"Lead"},"id":"`+lead[:15]+`","City":"Bonn"},{"attributes":{"type":"Lead"},"City":"Rom"}]}`).want(200,
		`[{"id":"`+lead+`","success":true,"errors":[]},
		{"success":false,"errors":[{"statusCode":"INVALID_ID_FIELD","message":"duplicate id in list: `+lead+`","fields":["Id"]}]},
		{"success":false,"errors":[{"statusCode":"MISSING_ARGUMENT","message":"Id not specified in an update call","fields":[]}]}]`)
	b.send("PATCH", "composite/sobjects", `{"allOrNone":true,"records":[{"Id":"`+lead+`","attributes":{"type":"Lead"},"City":"Rom"},{"attributes":{"type":"Account"},"id":"`+account+`","Name":null}]}`).want(200,
		`[{"success":false,"errors":[{"statusCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK","message":"Record rolled back because not all records were valid and the request was using AllOrNone header","fields":[]}]},
		{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Name]","fields":["Name"]}]}]`)
	b.send("GET", "composite/sobjects/Lead?ids="+lead+",00Q5g00000ZZZZZ&fields=City", "").want(200,
		`[{"attributes":{"type":"Lead","url":"/services/data/v61.0/sobjects/Lead/`+lead+`"},"City":"Ulm","Id":"`+lead+`"},null]`)
	b.send("POST", "composite/sobjects/Lead", `{"ids":["`+lead+`"],"fields":["Id","Nope"]}`).refused(400, "INVALID_FIELD")
	b.send("PATCH", "composite/sobjects/Lead/Marketo_Person_Id__c", `{"records":[{"attributes":{"type":"Lead"},"Marketo_Person_Id__c":"1","LastName":"A","Company":"B"},{"attributes":{"type":"Lead"},"Marketo_Person_Id__c":"2"},{"attributes":{"type":"Lead"},"Marketo_Person_Id__c":"2"}]}`).
		refused(200, "DUPLICATE_VALUE")
	b.send("PATCH", "composite/sobjects/Lead/Marketo_Person_Id__c", `{"records":[{"attributes":{"type":"Lead"},"Marketo_Person_Id__c":"1","City":"Kiel"}]}`).refused(200, "id")
	b.send("DELETE", "composite/sobjects?ids="+lead+",001RM000003oLrB000&allOrNone=false", "").want(200,
		`[{"id":"`+lead+`","success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"MALFORMED_ID","message":"malformed id 001RM000003oLrB000","fields":[]}]}]`)
	many := strings.TrimSuffix(strings.Repeat(`{"attributes":{"type":"Lead"}},`, 201), ",")
	b.send("POST", "composite/sobjects", `{"records":[`+many+`]}`).want(400,
		`[{"message":"record limit reached. cannot submit more than 200 records into this call","errorCode":"EXCEEDED_ID_LIMIT"}]`)
	b.send("PATCH", "composite/sobjects", `{"records":[{"attributes":{"type":"Lead"},"id":"`+lead+`","DoNotCall":"maybe"}]}`).refused(400, "JSON_PARSER_ERROR")
}

func TestComposite(t *testing.T) {
	b := newBench(t)
	answer := b.send("POST", "composite", `{"compositeRequest":[
		{"method":"POST","url":"/services/data/v61.0/sobjects/Account","referenceId":"a","body":{"Name":"Acme"}},
		{"method":"POST","url":"/services/data/v61.0/sobjects/Contact","referenceId":"c","body":{"LastName":"L","AccountId":"@{a.id}"}},
		{"method":"GET","url":"/services/data/v61.0/sobjects/Contact/@{c.id}?fields=Id,AccountId,Title","referenceId":"r"},
		{"method":"PATCH","url":"/services/data/v61.0/sobjects/Contact/@{r.Id}","referenceId":"w","body":{"Department":"@{r.Title}","Description":"of @{a.id}"}},
		{"method":"GET","url":"/services/data/v61.0/sobjects/Contact/@{r.Nope}","referenceId":"bad"}]}`)
	account, contact := answer.at("compositeResponse", 0, "body", "id").(string), answer.at("compositeResponse", 1, "body", "id").(string)
	answer.want(200, `{"compositeResponse":[
		{"body":{"id":"`+account+`","success":true,"errors":[]},"httpHeaders":{"Location":"/services/data/v61.0/sobjects/Account/`+account+`"},"httpStatusCode":201,"referenceId":"a"},
		{"body":{"id":"`+contact+`","success":true,"errors":[]},"httpHeaders":{"Location":"/services/data/v61.0/sobjects/Contact/`+contact+`"},"httpStatusCode":201,"referenceId":"c"},
		{"body":{"attributes":{"type":"Contact","url":"/services/data/v61.0/sobjects/Contact/`+contact+`"},"Id":"`+contact+`","AccountId":"`+account+`","Title":null},"httpHeaders":{"Last-Modified":"Tue, 24 Nov 2026 10:00:00 GMT"},"httpStatusCode":200,"referenceId":"r"},
		{"body":null,"httpHeaders":{},"httpStatusCode":204,"referenceId":"w"},
		{"body":[{"message":"Invalid reference specified. No value for r.Nope found in r. Provided referenceId ('r') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').","errorCode":"PROCESSING_HALTED"}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"bad"}]}`)
	if got := b.send("GET", "sobjects/Contact/"+contact, "").at("Description"); got != "of "+account {
		t.Errorf("Description is %v", got)
	}
}

func TestCompositeAllOrNone(t *testing.T) {
	b := newBench(t)
	before := b.Counts()
	b.send("POST", "composite", `{"allOrNone":true,"compositeRequest":[
		{"method":"POST","url":"/services/data/v61.0/sobjects/Lead","referenceId":"NewPayment1","body":{"LastName":"A","Company":"B"}},
		{"method":"POST","url":"/services/data/v61.0/sobjects/Contact","referenceId":"NewPayment2","body":{"LastName":"A","Account":{"Legacy_Number__c":"0116"}}},
		{"method":"POST","url":"/services/data/v61.0/sobjects/Lead","referenceId":"never","body":{"LastName":"A","Company":"B"}}]}`).want(200, `{"compositeResponse":[
		{"body":[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"NewPayment1"},
		{"body":[{"message":"Foreign key external ID: 0116 not found for field Legacy_Number__c in entity Account","errorCode":"INVALID_FIELD","fields":[]}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"NewPayment2"},
		{"body":[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"never"}]}`)
	// A collection that refuses a record takes an enclosing allOrNone down, whatever its own flag says.
	nested := b.send("POST", "composite", `{"allOrNone":true,"compositeRequest":[
		{"method":"POST","url":"/services/data/v61.0/composite/sobjects","referenceId":"many","body":{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"LastName":"A","Company":"B"},{"attributes":{"type":"Lead"},"LastName":"A"}]}},
		{"method":"POST","url":"/services/data/v61.0/sobjects/Lead","referenceId":"one","body":{"LastName":"A","Company":"B"}}]}`)
	if nested.at("compositeResponse", 1, "body", 0, "errorCode") != "PROCESSING_HALTED" {
		t.Errorf("the neighbour of a failed collection stands: %s", nested.body)
	}
	if after := b.Counts(); after["Lead"] != before["Lead"] {
		t.Errorf("%d leads, want %d: a rolled-back composite left rows", after["Lead"], before["Lead"])
	}
	if n := b.log.Snapshot().Salesforce.Writes; n != 0 {
		t.Errorf("the journal counts %d writes of transactions that were rolled back", n)
	}
}

func TestCompositeLimits(t *testing.T) {
	b := newBench(t)
	sub := func(url, reference, more string) string {
		return `{"method":"GET","url":"` + url + `","referenceId":"` + reference + `"` + more + `}`
	}
	list := func(n int, url string) string {
		var parts []string
		for i := range n {
			parts = append(parts, sub(url, fmt.Sprintf("r%d", i), ""))
		}
		return `{"compositeRequest":[` + strings.Join(parts, ",") + `]}`
	}
	lead := "/services/data/v61.0/sobjects/Lead/describe"
	rows := []struct {
		name, body string
		status     int
	}{
		{"25 subrequests", list(25, lead), 200},
		{"26 subrequests", list(26, lead), 400},
		{"six queries", list(6, "/services/data/v61.0/query?q=SELECT+Id+FROM+Lead"), 400},
		{"none", `{"compositeRequest":[]}`, 400},
		{"a reference twice", `{"compositeRequest":[` + sub(lead, "a", "") + `,` + sub(lead, "a", "") + `]}`, 400},
		{"a reference with a dash", `{"compositeRequest":[` + sub(lead, "a-b", "") + `]}`, 400},
		{"a forbidden header", `{"compositeRequest":[` + sub(lead, "a", `,"httpHeaders":{"Authorization":"x"}`) + `]}`, 400},
		{"broken JSON", `{"compositeRequest":[`, 400},
		{"no body", ``, 400},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b.t = t
			if got := b.send("POST", "composite", row.body); got.status != row.status {
				t.Errorf("%d %.200s, want %d", got.status, got.body, row.status)
			}
		})
	}
}

func TestCompositeConditionPerSubrequest(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	b.clock.Advance(60e9)
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Ulm"}`).want(204, "")
	got := b.send("POST", "composite", `{"compositeRequest":[{"method":"PATCH","url":"/services/data/v61.0/sobjects/Lead/`+id+`","httpHeaders":{"If-Unmodified-Since":"Tue, 24 Nov 2026 10:00:00 GMT"},"referenceId":"w","body":{"City":"Rom"}}]}`)
	if got.at("compositeResponse", 0, "httpStatusCode") != 412.0 {
		t.Errorf("want 412: %s", got.body)
	}
}

func TestBatch(t *testing.T) {
	b := newBench(t)
	id := b.made("Account", `{"Name":"Old","BillingPostalCode":"94105"}`)
	b.log.Reset()
	b.send("POST", "composite/batch", `{"batchRequests":[{"method":"PATCH","url":"v61.0/sobjects/Account/`+id+`","richInput":{"Name":"NewName"}},{"method":"GET","url":"v61.0/sobjects/Account/`+id+`?fields=Name,BillingPostalCode"}]}`).want(200,
		`{"hasErrors":false,"results":[{"statusCode":204,"result":null},{"statusCode":200,"result":{"attributes":{"type":"Account","url":"/services/data/v61.0/sobjects/Account/`+id+`"},"Name":"NewName","BillingPostalCode":"94105","Id":"`+id+`"}}]}`)
	if n := b.log.Snapshot().Salesforce.Calls; n != 3 {
		t.Errorf("a batch of two counts %d calls, want 3", n)
	}
	halted := b.send("POST", "composite/batch", `{"haltOnError":true,"batchRequests":[{"method":"GET","url":"v61.0/sobjects/Nope"},{"method":"GET","url":"v61.0/limits"}]}`)
	if halted.at("results", 1, "statusCode") != 412.0 || halted.at("hasErrors") != true {
		t.Errorf("haltOnError does not halt: %s", halted.body)
	}
}

func TestTreeAndGraph(t *testing.T) {
	b := newBench(t)
	b.send("POST", "composite/tree/Account", `{"records":[{"attributes":{"type":"Account","referenceId":"ref1"},"name":"A","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"ref2"},"lastname":"B","Email":"123"}]}}]}`).want(400,
		`{"hasErrors":true,"results":[{"referenceId":"ref2","errors":[{"statusCode":"INVALID_EMAIL_ADDRESS","message":"Email: invalid email address: 123","fields":["Email"]}]}]}`)
	if n := b.Counts()["Account"]; n != 0 {
		t.Errorf("%d accounts of a tree that failed", n)
	}
	good := b.send("POST", "composite/tree/Account", `{"records":[{"attributes":{"type":"Account","referenceId":"ref1"},"name":"A","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"ref2"},"lastname":"B"}]}}]}`)
	if good.status != 201 || good.at("results", 1, "referenceId") != "ref2" {
		t.Errorf("%d %s", good.status, good.body)
	}
	graph := b.send("POST", "composite/graph", `{"graphs":[
		{"graphId":"g1","compositeRequest":[{"method":"POST","url":"/services/data/v61.0/sobjects/Lead","referenceId":"l","body":{"LastName":"A","Company":"B"}}]},
		{"graphId":"g2","compositeRequest":[{"method":"POST","url":"/services/data/v61.0/sobjects/Lead","referenceId":"l","body":{"LastName":"A"}}]}]}`)
	if graph.at("graphs", 0, "isSuccessful") != true || graph.at("graphs", 1, "isSuccessful") != false {
		t.Errorf("graphs: %s", graph.body)
	}
	if n := b.Counts()["Lead"]; n != 1 {
		t.Errorf("%d leads, want the one of the graph that stood", n)
	}
}
