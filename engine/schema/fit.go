package schema

import (
	"github.com/doppio-sync/doppio/engine/record"
)

// The types that each side describes, with the kind in which they are compared (Salesforce: Object Reference, Field Types;
// Marketo: REST API, Field Types). What is missing cannot be synced.
var (
	salesforceKinds = map[string]record.Kind{
		"string": record.Text, "textarea": record.TextArea, "email": record.Email, "phone": record.Phone, "url": record.URL,
		"picklist": record.Picklist, "combobox": record.Text, "multipicklist": record.MultiPicklist, "boolean": record.Boolean,
		"int": record.Integer, "double": record.Decimal, "currency": record.Decimal, "percent": record.Decimal, "long": record.Integer,
		"date": record.Date, "datetime": record.DateTime, "time": record.Text, "reference": record.Reference, "id": record.Reference,
		"encryptedstring": record.Text,
	}
	marketoKinds = map[string]record.Kind{
		"string": record.Text, "text": record.TextArea, "email": record.Email, "phone": record.Phone, "url": record.URL,
		"integer": record.Integer, "score": record.Integer, "percent": record.Integer, "float": record.Decimal, "currency": record.Decimal,
		"boolean": record.Boolean, "date": record.Date, "datetime": record.DateTime, "reference": record.Text,
	}
)

// family groups the kinds whose canonical texts mean the same: a field may change its kind within one and keep its baselines.
func family(k record.Kind) record.Kind {
	switch k {
	case record.Text, record.TextArea, record.Email, record.Phone, record.URL, record.Picklist, record.Reference:
		return record.Text
	case record.Integer, record.Decimal:
		return record.Decimal
	}
	return k
}

// Said is a sentence with its key for translation, and what stands in it for %1, %2 and %3.
type Said struct {
	Key  string
	Args []string
	Text string
}

// Say fills %1, %2 and %3 of an English text.
func Say(key, text string, args ...string) Said {
	return Said{key, args, record.Fill(text, args...)}
}

// Fit gives the kind in which two fields are compared, 0 when they cannot be synced; why then says what stands in the way and
// what to do.
func Fit(s, k Described) (kind record.Kind, why string) {
	kind, obstacle := fits(s, k)
	return kind, obstacle.Text
}

func fits(s, k Described) (kind record.Kind, why Said) {
	sk, mk := salesforceKinds[s.Type], marketoKinds[k.Type]
	switch {
	case s.Type == "address" || s.Type == "location":
		return 0, Say("why.compound", "A compound field has no value of its own; map its parts (street, city, latitude, …).")
	case sk == 0:
		return 0, Say("why.type", "A field of type %1 cannot be synced.", s.Type)
	case mk == 0:
		return 0, Say("why.type.marketo", "Marketo gives out no field of type %1.", k.Type)
	case family(mk) != record.Text:
		if family(sk) != family(mk) {
			return 0, Say("why.unfit", "A field of type %1 in Marketo cannot hold what a field of type %2 holds in Salesforce; map a Marketo field of type %3.", k.Type, s.Type, wanted(sk))
		}
		return sk, Said{}
	}
	// A text in Marketo holds every text of Salesforce, a set of choices, and a day as it is written.
	switch family(sk) {
	case record.Text, record.MultiPicklist:
		if mk == record.TextArea && sk != record.Picklist && sk != record.MultiPicklist {
			return record.TextArea, Said{}
		}
		return sk, Said{}
	case record.Date:
		return record.Text, Said{}
	}
	return 0, Say("why.unfit.text", "A text in Marketo cannot hold what a field of type %1 holds in Salesforce; map a Marketo field of type %2.", s.Type, wanted(sk))
}

// wanted is the Marketo type that holds a kind of Salesforce field.
func wanted(k record.Kind) string {
	switch k {
	case record.Boolean:
		return "boolean"
	case record.Integer:
		return "integer"
	case record.Decimal:
		return "float"
	case record.Date:
		return "date"
	case record.DateTime:
		return "datetime"
	case record.TextArea, record.MultiPicklist:
		return "text"
	}
	return "string"
}

// reach is where a pair of fields may travel at all: not into a side that is not writable, nor a text that is anything into
// a field that takes days only, nor an id that names a record of the other system alone.
func reach(d Direction, s, k Described) Direction {
	intoText := family(marketoKinds[k.Type]) == record.Text
	toSalesforce := s.Writable && !(intoText && (s.Type == "date" || s.Type == "time")) && k.Type != "reference" && s.Type != "reference"
	return narrow(d, toSalesforce, k.Writable)
}

// join is the type in which a field of both sides is compared: the coarser scale, and Salesforce's spelling of picklists.
// The length is Salesforce's or Marketo's, whichever is shorter, for warnings; values are never cut to it.
func join(kind record.Kind, s, k Described) record.Type {
	t := record.Type{Kind: kind, Length: s.Length}
	if k.Length > 0 && (t.Length == 0 || k.Length < t.Length) {
		t.Length = k.Length
	}
	switch kind {
	case record.Picklist, record.MultiPicklist:
		t.Values = s.Picklist
	case record.Decimal:
		t.Scale = s.Scale
		if marketoKinds[k.Type] == record.Integer {
			t.Scale = 0
		}
	}
	return t
}
