// Command gosalesforce holds the imitated org against go-salesforce. The credentials of a pair come on standard input;
// the first step that fails ends it with its name.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/k-capehart/go-salesforce/v3"
)

type lead struct {
	ID      string `salesforce:"Id,omitempty"`
	Name    string `salesforce:"LastName,omitempty"`
	Company string `salesforce:"Company,omitempty"`
	Title   string `salesforce:"Title,omitempty"`
	Legacy  string `salesforce:"Legacy_Number__c,omitempty"`
}

func main() {
	var pair struct {
		Salesforce struct {
			LoginURL     string `json:"login_url"`
			ClientID     string `json:"client_id"`
			ClientSecret string `json:"client_secret"`
			Username     string `json:"username"`
			Password     string `json:"password"`
		} `json:"salesforce"`
		Key string `json:"key"`
	}
	check("read the credentials", json.NewDecoder(os.Stdin).Decode(&pair))
	c := pair.Salesforce
	// Pages and composites of go-salesforce name the API version that it was built for, whatever it is told.
	sf, err := salesforce.Init(salesforce.Creds{
		Domain: c.LoginURL, Username: c.Username, Password: c.Password, ConsumerKey: c.ClientID, ConsumerSecret: c.ClientSecret,
	})
	check("sign in with user name and password", err)
	_, err = salesforce.Init(salesforce.Creds{Domain: c.LoginURL, ConsumerKey: c.ClientID, ConsumerSecret: c.ClientSecret})
	check("sign in with client credentials", err)
	_, err = salesforce.Init(salesforce.Creds{Domain: c.LoginURL, Username: c.Username, ConsumerKey: c.ClientID, ConsumerRSAPem: pair.Key})
	check("sign in with a certificate", err)

	rows(sf)
	collections(sf)
	bulk(sf)
}

func rows(sf *salesforce.Salesforce) {
	made, err := sf.InsertOne("Lead", lead{Name: "Łęcka", Company: "Kade", Legacy: "GO-1"})
	check("insert one", err)
	want("insert one", made.Success && len(made.Id) == 18)
	check("update one", sf.UpdateOne("Lead", lead{ID: made.Id, Title: "CEO"}))
	_, err = sf.UpsertOne("Lead", "Legacy_Number__c", lead{Legacy: "GO-1", Name: "Łęcka", Company: "Kade", Title: "CTO"})
	check("upsert one", err)
	_, err = sf.InsertOne("Lead", lead{Name: "Nobody"})
	want("a refusal names what is missing", err != nil && strings.Contains(err.Error(), "REQUIRED_FIELD_MISSING"))

	var found []lead
	check("query", sf.Query("SELECT Id, LastName, Title FROM Lead WHERE Legacy_Number__c = 'GO-1'", &found))
	want("query", len(found) == 1 && found[0].Name == "Łęcka" && found[0].Title == "CTO")
	var all []lead
	check("query page by page", sf.Query("SELECT Id FROM Contact", &all))
	seen := map[string]bool{}
	for _, one := range all {
		seen[one.ID] = true
	}
	want("query page by page", len(seen) == len(all) && len(all) > 2000)
	check("delete one", sf.DeleteOne("Lead", lead{ID: made.Id}))

	answer, err := sf.DoRequest(http.MethodGet, "/sobjects/Lead/describe", nil)
	check("describe", err)
	check("describe", answer.Body.Close())
}

func many(prefix string, n int) []lead {
	var all []lead
	for i := range n {
		all = append(all, lead{Name: fmt.Sprintf("Nr %d", i), Company: "Kade", Legacy: fmt.Sprintf("%s-%d", prefix, i)})
	}
	return all
}

func collections(sf *salesforce.Salesforce) {
	made, err := sf.InsertCollection("Lead", many("GC", 250), 200)
	check("insert a collection", err)
	want("insert a collection", len(made.Results) == 250 && !made.HasSalesforceErrors)
	var change []lead
	for _, r := range made.Results {
		change = append(change, lead{ID: r.Id, Title: "Buyer"})
	}
	change[3].Title = strings.Repeat("x", 129)
	changed, err := sf.UpdateCollection("Lead", change, 200)
	check("update a collection", err)
	want("update a collection", changed.HasSalesforceErrors && !changed.Results[3].Success && changed.Results[4].Success)
	want("a refusal has its code", changed.Results[3].Errors[0].StatusCode == "STRING_TOO_LONG")
	upserted, err := sf.UpsertCollection("Lead", "Legacy_Number__c", many("GC", 20), 20)
	check("upsert a collection", err)
	want("upsert a collection", len(upserted.Results) == 20 && !upserted.HasSalesforceErrors)
	deleted, err := sf.DeleteCollection("Lead", change, 200)
	check("delete a collection", err)
	want("delete a collection", !deleted.HasSalesforceErrors)

	composed, err := sf.InsertComposite("Lead", many("GX", 100), 25, true)
	check("insert by composite", err)
	want("insert by composite", len(composed.Results) == 100 && !composed.HasSalesforceErrors)
}

func bulk(sf *salesforce.Salesforce) {
	input := many("GB", 500)
	input[9].Name = ""
	jobs, err := sf.InsertBulk("Lead", input, 10_000, true)
	check("bulk insert", err)
	want("bulk insert", len(jobs) == 1)
	results, err := sf.GetJobResults(jobs[0])
	check("bulk results", err)
	want("bulk results", results.State == "JobComplete" && len(results.SuccessfulRecords) == 499 && len(results.FailedRecords) == 1)
	_, err = sf.UpsertBulk("Lead", "Legacy_Number__c", many("GB", 50), 10_000, true)
	check("bulk upsert", err)

	folder, err := os.MkdirTemp("", "")
	check("make a folder", err)
	path := filepath.Join(folder, "leads.csv")
	check("bulk query", sf.QueryBulkExport("SELECT Id, LastName FROM Lead WHERE Legacy_Number__c LIKE 'GB-%'", path))
	text, err := os.ReadFile(path)
	check("bulk query", errors.Join(err, os.RemoveAll(folder)))
	want("bulk query", strings.Count(string(text), "\n") == 501)
}

func check(step string, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL", step, err)
		os.Exit(1)
	}
	fmt.Println("ok", step)
}

func want(step string, ok bool) {
	if !ok {
		check(step, errors.New("the answer is not what was expected"))
	}
}
