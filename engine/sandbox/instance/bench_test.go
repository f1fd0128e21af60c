package instance_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// BenchmarkLoad fills an instance with the people of a world of a hundred thousand.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		newWorld(b, 100_000, instance.Config{})
	}
}

// BenchmarkPage reads the page that a sync lives on: 300 people by id with 35 fields.
func BenchmarkPage(b *testing.B) {
	w := newWorld(b, 50_000, instance.Config{DailyCalls: 1 << 40})
	var ids []string
	for n := range 300 {
		ids = append(ids, strconv.Itoa(7*n+1))
	}
	const fields = "firstName,lastName,email,title,company,phone,mobilePhone,fax,website,address,city,state,postalCode,country,industry," +
		"leadSource,rating,salutation,leadStatus,annualRevenue,numberOfEmployees,unsubscribed,doNotCall,mktoPersonNotes,leadScore," +
		"legacyNumber,segment,department,dateOfBirth,createdAt,updatedAt,salesforceId,externalCompanyId,middleName,site"
	path := "/rest/v1/leads.json?filterType=id&filterValues=" + strings.Join(ids, ",") + "&fields=" + fields
	b.ReportAllocs()
	for b.Loop() {
		w.clock.Advance(time.Second / 4)
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer "+w.token)
		rec := httptest.NewRecorder()
		w.i.ServeHTTP(rec, r)
		if rec.Body.Len() < 100_000 {
			w.signIn(w.i.Credentials())
		}
	}
}
