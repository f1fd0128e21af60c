package org

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// many makes leads, 200 a call.
func (b *bench) many(n int) {
	b.t.Helper()
	for from := 0; from < n; from += 200 {
		var rows []string
		for i := from; i < min(n, from+200); i++ {
			rows = append(rows, fmt.Sprintf(`{"attributes":{"type":"Lead"},"LastName":"L%d","Company":"C"}`, i))
		}
		b.send("POST", "composite/sobjects", `{"records":[`+strings.Join(rows, ",")+`]}`).refused(200, "success")
	}
}

// walk reads all pages of a query and gives their sizes; every row comes once, and each page costs one request.
func (b *bench) walk(path string, headers ...string) (sizes []int) {
	b.t.Helper()
	b.log.Reset()
	seen := map[string]bool{}
	for path != "" {
		r := b.send("GET", path, "", headers...)
		if r.status != 200 {
			b.t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
		rows := r.at("records").([]any)
		for _, row := range rows {
			seen[row.(map[string]any)["Id"].(string)] = true
		}
		sizes = append(sizes, len(rows))
		path, _ = r.at("nextRecordsUrl").(string)
		if r.at("done") != (path == "") {
			b.t.Errorf("done is %v beside %q", r.at("done"), path)
		}
		if total := r.at("totalSize"); total != 4300.0 {
			b.t.Errorf("totalSize is %v", total)
		}
	}
	if len(seen) != 4300 {
		b.t.Errorf("%d different rows", len(seen))
	}
	if calls := b.log.Snapshot().Of(record.Salesforce).Calls; calls != len(sizes) {
		b.t.Errorf("%d requests for %d pages", calls, len(sizes))
	}
	return sizes
}

func TestPages(t *testing.T) {
	b := newBench(t)
	b.many(4300)
	query := "query?q=" + url.QueryEscape("SELECT Id, LastName FROM Lead ORDER BY Id")
	if sizes := b.walk(query); fmt.Sprint(sizes) != "[2000 2000 300]" {
		t.Errorf("pages of %v", sizes)
	}
	if sizes := b.walk("queryAll"+strings.TrimPrefix(query, "query"), "Sforce-Query-Options: batchSize=1000"); fmt.Sprint(sizes) != "[1000 1000 1000 1000 300]" {
		t.Errorf("pages of %v", sizes)
	}
	if sizes := b.walk(query, "Sforce-Query-Options: batchSize=50"); len(sizes) != 22 {
		t.Errorf("a page holds at least 200 rows: %v", sizes[:1])
	}
	if err := b.dice.Next(fault.ShortPage, 1); err != nil {
		t.Fatal(err)
	}
	if sizes := b.walk(query); sizes[0] >= 2000 || len(sizes) < 3 {
		t.Errorf("a short page is none: %v", sizes)
	}
}

// TestLocators: a page can be read again, by its user only, for two days, and shows values as they are now.
func TestLocators(t *testing.T) {
	b := newBench(t)
	b.many(2100)
	first := b.send("GET", "query?q="+url.QueryEscape("SELECT Id, City FROM Lead ORDER BY Id"), "")
	next := first.at("nextRecordsUrl").(string)
	if !strings.HasPrefix(next, "/services/data/v61.0/query/0r8") || !strings.HasSuffix(next, "-2000") {
		t.Errorf("nextRecordsUrl is %s", next)
	}
	id := b.send("GET", next, "").at("records", 0, "Id").(string)
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Ulm"}`).want(204, "")
	if again := b.send("GET", next, ""); again.at("records", 0, "Id") != id || again.at("records", 0, "City") != "Ulm" {
		t.Errorf("the page reads %.200s", again.body)
	}
	mine := b.token
	b.token = b.openSession(b.people.admin, "", "", nil).token
	b.send("GET", next, "").refused(400, "INVALID_QUERY_LOCATOR")
	b.token = mine
	for _, bad := range []string{"query/0r8000000000000AAA-2000", next[:len(next)-4] + "1", next[:len(next)-4] + "9999", "query/x"} {
		b.send("GET", bad, "").refused(400, "INVALID_QUERY_LOCATOR")
	}
	b.clock.Advance(49 * time.Hour)
	b.token = b.openSession(b.people.sync, "", "", nil).token
	b.send("GET", next, "").refused(400, "INVALID_QUERY_LOCATOR")
}
