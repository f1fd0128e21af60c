package filter

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Preset is a sentence that many begin with, made for what the org has.
type Preset struct {
	Name     string `json:"name"`
	Sentence string `json:"sentence"`
	About    string `json:"about"`
}

// Presets are the sentences that fit an org. One whose fields the org lacks is left out.
func Presets(catalog Catalog) []Preset {
	var presets []Preset
	add := func(name, sentence, about string) {
		if _, err := Parse(sentence, catalog); err == nil {
			presets = append(presets, Preset{name, sentence, about})
		}
	}
	if box := doNotSync(catalog); box != "" {
		add("do-not-sync", box+" is not true", "Whoever is ticked stays out: the sales team decides, record by record.")
	}
	add("valid-email", `Email is filled and Email contains "@" and Email does not end with ".invalid" and not Email contains "noreply"`,
		"Only people who can be written to. In Marketo a person without an address can receive nothing.")
	add("bounced", "EmailBouncedDate is blank", "Whose address bounced in Salesforce stays out until it was mended.")
	add("active-owners", "owner is active", "Records of people who left the company stay out until they get another owner.")
	add("record-types", `record type in (`+examples(catalog, "RecordType", `"Customer", "Partner"`)+`)`, "Only these kinds of records; put in your own.")
	add("countries", "lead where Country in (\"NL\", \"BE\")\ncontact where MailingCountry in (\"NL\", \"BE\")", "Only these countries, as they are written in Salesforce; put in your own.")
	add("newer-than", "CreatedDate within 24 months", "Only records made in the last two years, counted back from now.")
	return presets
}

// doNotSync finds the checkbox that an org made to keep records out of Marketo, on leads and contacts alike.
func doNotSync(catalog Catalog) string {
	on := func(object record.Object) map[string]bool {
		found := map[string]bool{}
		o, _ := catalog.Object(object)
		for _, f := range o.Fields {
			words := strings.ToLower(f.Name + " " + f.Label)
			if f.Kind == record.Boolean && strings.Contains(words, "sync") && (strings.Contains(words, "not") || strings.Contains(words, "no_sync") || strings.Contains(words, "exclude")) {
				found[f.Name] = true
			}
		}
		return found
	}
	contacts := on(record.Contact)
	o, _ := catalog.Object(record.Lead)
	for _, f := range o.Fields {
		if on(record.Lead)[f.Name] && contacts[f.Name] {
			return name(f.Name)
		}
	}
	return ""
}

// examples are the names that an org gives to something, or others where it tells none.
func examples(catalog Catalog, object record.Object, otherwise string) string {
	o, known := catalog.Object(object)
	if !known {
		return otherwise
	}
	for _, f := range o.Fields {
		if f.Name == relatedName && len(f.Picklist) > 0 {
			quoted := make([]string, len(f.Picklist))
			for i, v := range f.Picklist {
				quoted[i] = quote(v)
			}
			return strings.Join(quoted, ", ")
		}
	}
	return otherwise
}
