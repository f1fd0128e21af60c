package org

import (
	"strings"
	"testing"
)

// TestRefusals holds every refusal of a single row against the shape that Salesforce answers.
func TestRefusals(t *testing.T) {
	b := newBench(t)
	other := b.made("Lead", `{"LastName":"A","Company":"B","Legacy_Number__c":"A-1"}`)
	gone := b.lead()
	b.send("DELETE", "sobjects/Lead/"+gone, "").want(204, "")
	account := b.made("Account", `{"Name":"Acme"}`)
	id := b.lead()
	long := strings.Repeat("x", 81)
	rows := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"required", "POST", "Account", `{"Site":"x"}`, 400, `[{"message":"Required fields are missing: [Name]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]`},
		{"required emptied", "PATCH", "Lead/" + id, `{"LastName":" "}`, 400, `[{"message":"Required fields are missing: [LastName]","errorCode":"REQUIRED_FIELD_MISSING","fields":["LastName"]}]`},
		{"too long", "PATCH", "Lead/" + id, `{"LastName":"` + long + `"}`, 400, `[{"message":"Last Name: data value too large: ` + long + ` (max length=80)","errorCode":"STRING_TOO_LONG","fields":["LastName"]}]`},
		{"e-mail", "PATCH", "Lead/" + id, `{"Email":"Not a real email address"}`, 400, `[{"message":"Email: invalid email address: Not a real email address","errorCode":"INVALID_EMAIL_ADDRESS","fields":["Email"]}]`},
		{"restricted picklist", "PATCH", "Lead/" + id, `{"Segment__c":"Nowhere"}`, 400, `[{"message":"Segment: bad value for restricted picklist field: Nowhere","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Segment__c"]}]`},
		{"unknown field", "POST", "Lead", `{"foo":1}`, 400, `[{"message":"No such column 'foo' on sobject of type Lead","errorCode":"INVALID_FIELD"}]`},
		{"compound name", "PATCH", "Lead/" + id, `{"Name":"x"}`, 400, `[{"message":"Unable to create/update fields: Name. Please check the security settings of this field and verify that it is read/write for your profile or permission set.","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["Name"]}]`},
		{"formula", "PATCH", "Lead/" + id, `{"Region__c":"EMEA"}`, 400, `[{"message":"Unable to create/update fields: Region__c. Please check the security settings of this field and verify that it is read/write for your profile or permission set.","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["Region__c"]}]`},
		{"unique", "PATCH", "Lead/" + id, `{"Legacy_Number__c":"a-1"}`, 400, `[{"message":"duplicate value found: Legacy_Number__c duplicates value on record with id: ` + other[:15] + `","errorCode":"DUPLICATE_VALUE","fields":[]}]`},
		{"missing parent", "POST", "Contact", `{"LastName":"A","AccountId":"0015g00000ZZZZZ"}`, 400, `[{"message":"invalid cross reference id","errorCode":"INVALID_CROSS_REFERENCE_KEY","fields":[]}]`},
		{"parent by unknown key", "POST", "Contact", `{"LastName":"A","Account":{"Legacy_Number__c":"A-17"}}`, 400, `[{"message":"Foreign key external ID: a-17 not found for field Legacy_Number__c in entity Account","errorCode":"INVALID_FIELD","fields":[]}]`},
		{"reference to the wrong object", "POST", "Contact", `{"LastName":"A","AccountId":"` + id + `"}`, 400, `[{"message":"Account ID: id value of incorrect type: ` + id + `","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["AccountId"]}]`},
		{"malformed reference", "POST", "Contact", `{"LastName":"A","AccountId":"001"}`, 400, `[{"message":"Account ID: id value of incorrect type: 001","errorCode":"MALFORMED_ID","fields":["AccountId"]}]`},
		{"inactive owner", "PATCH", "Lead/" + id, `{"OwnerId":"` + b.people.inactive + `"}`, 400, `[{"message":"operation performed with inactive user [` + b.people.inactive + `] as owner of lead","errorCode":"INACTIVE_OWNER_OR_USER","fields":[]}]`},
		{"number too big", "PATCH", "Lead/" + id, `{"Lead_Score__c":12345678901}`, 400, `[{"message":"Lead Score: value outside of valid range on numeric field: 12345678901","errorCode":"NUMBER_OUTSIDE_VALID_RANGE","fields":["Lead_Score__c"]}]`},
		{"checkbox emptied", "PATCH", "Lead/" + id, `{"DoNotCall":null}`, 400, `[{"message":"Do Not Call: value not of required type: null","errorCode":"INVALID_TYPE_ON_FIELD_IN_RECORD","fields":["DoNotCall"]}]`},
		{"text in a number", "PATCH", "Lead/" + id, `{"AnnualRevenue":"abc"}`, 400, `[{"message":"Cannot deserialize instance of double from VALUE_STRING value abc or request may be missing a required field at [line:1, column:23]","errorCode":"JSON_PARSER_ERROR"}]`},
		{"object in a text", "PATCH", "Lead/" + id, `{"City":{}}`, 400, `[{"message":"Cannot deserialize instance of string from START_OBJECT value { or request may be missing a required field at [line:1, column:10]","errorCode":"JSON_PARSER_ERROR"}]`},
		{"date-time without offset", "POST", "Task", `{"ActivityDate":"2026-01-01T00:00:00"}`, 400, `[{"message":"Cannot deserialize instance of date from VALUE_STRING value 2026-01-01T00:00:00 or request may be missing a required field at [line:1, column:38]","errorCode":"JSON_PARSER_ERROR"}]`},
		{"id in the body", "PATCH", "Lead/" + id, `{"Id":"` + id + `"}`, 400, `[{"message":"The Id field should not be specified in the sobject data.","errorCode":"INVALID_FIELD"}]`},
		{"deleted", "DELETE", "Lead/" + gone, ``, 404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]`},
		{"unknown id", "GET", "Lead/00Q5g00000ZZZZZ", ``, 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`},
		{"another object's id", "GET", "Lead/" + account, ``, 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`},
		{"no id", "DELETE", "Lead/rid", ``, 404, `[{"message":"Provided external ID field does not exist or is not accessible: rid","errorCode":"NOT_FOUND"}]`},
		{"no external id", "PATCH", "Lead/Namez/1", `{}`, 404, `[{"message":"Provided external ID field does not exist or is not accessible: Namez","errorCode":"NOT_FOUND"}]`},
		{"unknown object", "GET", "Nothing", ``, 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`},
		{"wrong verb", "PATCH", "Account", `{}`, 405, `[{"message":"HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET,POST","errorCode":"METHOD_NOT_ALLOWED"}]`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b.t = t
			b.send(row.method, "sobjects/"+row.path, row.body).want(row.status, row.want)
		})
	}
}

// TestValues says what becomes of values on their way in.
func TestValues(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	rows := []struct{ name, field, sent, want string }{
		{"blanks at the ends", "City", `"  Bonn \n"`, `"Bonn"`},
		{"blanks only", "City", `"   "`, `null`},
		{"empty", "City", `""`, `null`},
		{"number in a text", "City", `12`, `"12"`},
		{"picklist by case", "Rating", `"hot"`, `"Hot"`},
		{"picklist unknown but open", "Rating", `"Boiling"`, `"Boiling"`},
		{"whole number", "NumberOfEmployees", `12`, `12`},
		{"number as text", "AnnualRevenue", `"300"`, `300.0`},
		{"rounded half up", "AnnualRevenue", `2.5`, `3.0`},
		{"exponent", "AnnualRevenue", `1.5e3`, `1500.0`},
		{"date-time with offset", "EmailBouncedDate", `"2026-01-01T01:00:00.987+01:00"`, `"2026-01-01T00:00:00.000+0000"`},
		{"date-time, offset without colon", "EmailBouncedDate", `"2026-01-01T00:00:00+0000"`, `"2026-01-01T00:00:00.000+0000"`},
		{"line ends kept", "Description", `"a\r\nb"`, `"a\r\nb"`},
		{"emoji", "City", `"a😀"`, `"a😀"`},
		{"cleared", "City", `null`, `null`},
		{"checkbox", "DoNotCall", `true`, `true`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b.t = t
			b.send("PATCH", "sobjects/Lead/"+id, `{"`+row.field+`":`+row.sent+`}`).want(204, "")
			got := b.send("GET", "sobjects/Lead/"+id+"?fields="+row.field, "")
			if want := `"` + row.field + `":` + row.want; !strings.Contains(got.body, want) {
				t.Errorf("got %s, want %s", got.body, want)
			}
		})
	}
}

func TestUpsertByExternalID(t *testing.T) {
	b := newBench(t)
	const path = "sobjects/Lead/Marketo_Person_Id__c/1001"
	b.send("PATCH", path+"?updateOnly=true", `{"City":"Bonn"}`).refused(404, "NOT_FOUND")
	first := b.send("PATCH", path, `{"LastName":"A","Company":"B"}`)
	id := first.at("id").(string)
	first.want(201, `{"id":"`+id+`","success":true,"errors":[],"created":true}`)
	b.send("PATCH", path, `{"City":"Bonn"}`).want(200, `{"id":"`+id+`","success":true,"errors":[],"created":false}`)
	b.send("PATCH", "/services/data/v45.0/"+path, `{"City":"Ulm"}`).want(204, "")
	b.send("PATCH", path, `{"Marketo_Person_Id__c":"1001"}`).refused(400, "INVALID_FIELD")
	b.send("GET", path+"?fields=City", "").want(200, `{"attributes":{"type":"Lead","url":"/services/data/v61.0/sobjects/Lead/`+id+`"},"City":"Ulm","Id":"`+id+`"}`)

	one := b.made("Lead", `{"LastName":"C","Company":"D","Email":"twin@example.com"}`)
	two := b.made("Lead", `{"LastName":"E","Company":"F","Email":"twin@example.com"}`)
	b.send("PATCH", "sobjects/Lead/Email/twin@example.com", `{"City":"Ulm"}`).want(300,
		`["/services/data/v61.0/sobjects/Lead/`+one+`","/services/data/v61.0/sobjects/Lead/`+two+`"]`)
	b.send("DELETE", path, "").want(204, "")
	b.send("GET", path, "").refused(404, "NOT_FOUND")
	if again := b.send("PATCH", path, `{"LastName":"A","Company":"B"}`); again.status != 201 || again.at("id") == id {
		t.Errorf("a deleted row does not give its external id free: %d %s", again.status, again.body)
	}
}

func TestParentByExternalID(t *testing.T) {
	b := newBench(t)
	account := b.made("Account", `{"Name":"Acme","Legacy_Number__c":"A-17"}`)
	contact := b.made("Contact", `{"LastName":"A","Account":{"Legacy_Number__c":"A-17"}}`)
	b.send("GET", "sobjects/Contact/"+contact+"/Account?fields=Name", "").want(200,
		`{"attributes":{"type":"Account","url":"/services/data/v61.0/sobjects/Account/`+account+`"},"Name":"Acme","Id":"`+account+`"}`)
	if n := b.send("GET", "sobjects/Account/"+account+"/Contacts?fields=LastName", "").at("totalSize"); n != 1.0 {
		t.Errorf("the account has %v contacts, want 1", n)
	}
}

func TestConditions(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	stamp := "Tue, 24 Nov 2026 10:00:00 GMT"
	b.send("GET", "sobjects/Lead/"+id, "", "If-Modified-Since: "+stamp).want(304, "")
	b.clock.Advance(1e9)
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Ulm"}`, "If-Unmodified-Since: "+stamp).want(204, "")
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Bonn"}`, "If-Unmodified-Since: "+stamp).refused(412, "PRECONDITION_FAILED")
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Bonn"}`, "If-Unmodified-Since: soon").refused(400, "INVALID_HEADER")
	if city := b.send("GET", "sobjects/Lead/"+id, "").at("City"); city != "Ulm" {
		t.Errorf("City is %v: a refused precondition wrote", city)
	}
	account := b.made("Account", `{"Name":"Acme"}`)
	tag := b.send("GET", "sobjects/Account/"+account, "").header.Get("ETag")
	b.send("GET", "sobjects/Account/"+account, "", "If-None-Match: "+tag).want(304, "")
	b.send("PATCH", "sobjects/Account/"+account, `{"Site":"x"}`, "If-Match: "+tag).want(204, "")
	b.send("PATCH", "sobjects/Account/"+account, `{"Site":"y"}`, "If-Match: "+tag).refused(412, "PRECONDITION_FAILED")
}
