package org

import (
	"fmt"
	"net/url"
	"testing"
)

// Explain tells the cheapest way first: an index where few enough fit, else a look at every record, and which field has none.
func TestExplain(t *testing.T) {
	b := newBench(t)
	for i := range 20 {
		b.send("POST", "sobjects/Lead", fmt.Sprintf(`{"LastName":"L","Company":"C%d","Email":"l%d@example.com"}`, i%2, i)).refused(201, "success")
	}
	for where, want := range map[string]string{
		"Email = 'l3@example.com'":                           "Index Email",
		"Email = 'l3@example.com' AND Company = 'C1'":        "Index Email",
		"Company = 'C1'":                                     "TableScan ",
		"Email != 'l3@example.com'":                          "TableScan ",
		"CreatedDate > 2000-01-01T00:00:00Z":                 "TableScan ", // has an index, but everybody fits
		"CreatedDate > 2100-01-01T00:00:00Z":                 "Index CreatedDate",
		"Email = 'l3@example.com' OR Email LIKE '%@nowhere'": "TableScan ",
	} {
		r := b.send("GET", "query?explain="+url.QueryEscape("SELECT Id FROM Lead WHERE "+where), "")
		got := fmt.Sprint(r.at("plans", 0, "leadingOperationType"), " ")
		if fields := r.at("plans", 0, "fields").([]any); len(fields) > 0 {
			got += fmt.Sprint(fields[0])
		}
		if got != want || r.at("plans", 0, "sobjectType") != "Lead" {
			t.Errorf("%s: %s, want %s: %s", where, got, want, r.body)
		}
	}
	if r := b.send("GET", "query?explain="+url.QueryEscape("SELECT Id FROM Lead WHERE Company = 'C1'"), ""); r.at("plans", 0, "notes", 0, "fields", 0) != "Company" || r.at("plans", 0, "cardinality") != 10.0 {
		t.Errorf("%s", r.body)
	}
	b.send("GET", "query?explain="+url.QueryEscape("SELECT Nope FROM Nothing"), "").refused(400, "INVALID_TYPE")
}
