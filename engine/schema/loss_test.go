package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// kinds shortens the descriptions of the tables below.
func is(kind string, length int) schema.Described {
	return schema.Described{Name: kind, Type: kind, Length: length, Writable: true}
}

func with(d schema.Described, change func(*schema.Described)) schema.Described {
	change(&d)
	return d
}

// TestLosses holds every line of the table of field types: what may be lost is named, and nothing else is.
func TestLosses(t *testing.T) {
	text := is("string", 255)
	rows := []struct {
		name       string
		salesforce schema.Described
		marketo    schema.Described
		direction  schema.Direction
		toMarketo  string // codes
		toSF       string
	}{
		{"equal texts", text, text, schema.Both, "", ""},
		{"a short text", is("string", 40), text, schema.Both, "", "length"},
		{"a short text, one way", is("string", 40), text, schema.ToMarketo, "", ""},
		{"a formula of 1300 characters", with(is("string", 1300), func(d *schema.Described) { d.Writable, d.Calculated = false, true }), text, schema.ToMarketo, "length calculated", ""},
		{"a street", is("textarea", 255), is("text", 0), schema.Both, "", "length line-ends"},
		{"a description of 32000", is("textarea", 32000), is("text", 0), schema.Both, "length", "line-ends"},
		{"a long text of 10000", is("textarea", 10000), is("text", 0), schema.ToMarketo, "bytes line-ends", ""},
		{"rich text", with(is("textarea", 255), func(d *schema.Described) { d.HTML = true }), is("text", 0), schema.Both, "rich-text", "length rich-text line-ends"},
		{"one line against many", is("string", 255), is("text", 0), schema.ToSalesforce, "", "length one-line line-ends"},
		{"a restricted picklist", with(is("picklist", 255), func(d *schema.Described) { d.Restricted, d.Picklist = true, []string{"a"} }), text, schema.Both, "", "restricted"},
		{"a picklist", is("picklist", 255), text, schema.Both, "", "picklist"},
		{"a picklist with a long value", with(is("picklist", 255), func(d *schema.Described) { d.Picklist = []string{strings.Repeat("a", 60)} }), is("string", 50), schema.ToMarketo, "length", ""},
		{"a set of choices", is("multipicklist", 4099), text, schema.Both, "length", "order"},
		{"a checkbox", is("boolean", 0), is("boolean", 0), schema.ToMarketo, "boolean", ""},
		{"a number of 18 digits in an integer", with(is("double", 0), func(d *schema.Described) { d.Precision = 18 }), is("integer", 0), schema.ToMarketo, "range", ""},
		{"decimals in a score", with(is("double", 0), func(d *schema.Described) { d.Precision, d.Scale = 6, 2 }), is("score", 0), schema.ToMarketo, "decimals", ""},
		{"a percentage with decimals", with(is("percent", 0), func(d *schema.Described) { d.Precision, d.Scale = 5, 2 }), is("percent", 0), schema.ToMarketo, "percent", ""},
		{"an amount", with(is("currency", 0), func(d *schema.Described) { d.Precision, d.Scale = 18, 2 }), is("currency", 0), schema.ToMarketo, "precision currency", ""},
		{"a float into whole numbers of 8 digits", with(is("double", 0), func(d *schema.Described) { d.Precision = 8 }), is("float", 0), schema.ToSalesforce, "", "decimals range"},
		{"a day", is("date", 0), is("date", 0), schema.Both, "", ""},
		{"a day as a text", is("date", 0), text, schema.ToMarketo, "date-text", ""},
		{"a moment", is("datetime", 0), is("datetime", 0), schema.ToMarketo, "seconds", ""},
		{"a time of day", is("time", 0), text, schema.ToMarketo, "time", ""},
		{"an address", is("email", 80), is("email", 255), schema.Both, "ascii", "length e-mail"},
		{"an id", is("reference", 18), text, schema.ToMarketo, "id", ""},
		{"an encrypted text", with(is("encryptedstring", 175), func(d *schema.Described) { d.Encrypted = true }), text, schema.ToMarketo, "encrypted", ""},
		{"a unique and required text", with(text, func(d *schema.Described) { d.Unique, d.Required = true, true }), text, schema.Both, "", "unique required"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := map[record.Side][]string{}
			for _, l := range schema.Losses(row.salesforce, row.marketo, row.direction) {
				if !strings.HasSuffix(l.Sentence, ".") {
					t.Errorf("%s is told as %q", l.Code, l.Sentence)
				}
				got[l.To] = append(got[l.To], l.Code)
			}
			if !slices.Equal(got[record.Marketo], strings.Fields(row.toMarketo)) || !slices.Equal(got[record.Salesforce], strings.Fields(row.toSF)) {
				t.Errorf("to Marketo %v, to Salesforce %v; wanted %q and %q", got[record.Marketo], got[record.Salesforce], row.toMarketo, row.toSF)
			}
		})
	}
}

// TestFit: what cannot be synced is refused with the type that could be.
func TestFit(t *testing.T) {
	rows := []struct {
		salesforce, marketo string
		kind                record.Kind
		why                 string
	}{
		{"string", "string", record.Text, ""}, {"textarea", "string", record.TextArea, ""}, {"string", "text", record.TextArea, ""},
		{"email", "email", record.Email, ""}, {"picklist", "string", record.Picklist, ""}, {"multipicklist", "text", record.MultiPicklist, ""},
		{"boolean", "boolean", record.Boolean, ""}, {"int", "integer", record.Integer, ""}, {"double", "score", record.Decimal, ""},
		{"currency", "currency", record.Decimal, ""}, {"date", "date", record.Date, ""}, {"datetime", "datetime", record.DateTime, ""},
		{"date", "string", record.Text, ""}, {"time", "string", record.Text, ""}, {"reference", "string", record.Reference, ""},
		{"boolean", "string", 0, "type boolean"}, {"double", "string", 0, "type float"}, {"string", "integer", 0, "type string"},
		{"datetime", "date", 0, "type datetime"}, {"address", "string", 0, "its parts"}, {"location", "string", 0, "its parts"},
		{"base64", "string", 0, "base64"}, {"string", "formula", 0, "formula"},
	}
	for _, row := range rows {
		kind, why := schema.Fit(is(row.salesforce, 10), is(row.marketo, 10))
		if kind != row.kind || !strings.Contains(why, row.why) || (why == "") != (kind != 0) {
			t.Errorf("%s with %s: %v, %q", row.salesforce, row.marketo, kind, why)
		}
	}
}
