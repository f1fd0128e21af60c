package schema

import (
	"slices"
	"strings"
	"unicode"
)

// phrase is a field with its names as words.
type phrase struct {
	Described
	name    string   // the API name in words: "lead score" of Lead_Score__c, leadScore, mkto_Lead_Score__c
	label   string   // the label in words
	meaning string   // the label's or name's words without filling, each by its commonest synonym, sorted
	words   []string // of meaning
}

// housekeeping are fields that a system keeps for itself (Adobe, "Standard fields that the sync ignores"; Marketo REST API).
var housekeeping = []string{
	"Id", "IsDeleted", "CreatedById", "CreatedDate", "LastActivityDate", "LastModifiedDate", "LastModifiedById", "LastViewedDate", "LastReferencedDate",
	"MasterRecordId", "SystemModstamp", "LastCURequestDate", "LastCUUpdateDate", "JigsawContactId", "PhotoUrl",
	"jigsawContactId", "jigsawContactStatus", "id", "createdAt", "updatedAt", "cookies", "leadPartitionId", "isAnonymous",
}

// filling are words that tell fields apart in no way.
var filling = []string{"the", "of", "a", "an", "is", "has", "for", "and", "in", "to", "field", "sfdc", "mkto", "marketo", "salesforce", "crm", "custom", "value"}

// synonyms lead words to the one that stands for them. The list is short on purpose: only words that mean the same on every
// instance.
var synonyms = map[string]string{
	"mobile": "cell", "cellphone": "cell", "telephone": "phone", "tel": "phone", "zip": "postcode", "postal": "postcode", "birthday": "birthdate",
	"birth": "birthdate", "dob": "birthdate", "organisation": "company", "organization": "company", "account": "company", "employer": "company",
	"staff": "employees", "headcount": "employees", "workers": "employees", "job": "title", "position": "title", "town": "city", "region": "state",
	"province": "state", "nation": "country", "url": "website", "site": "website", "web": "website", "mail": "email", "qty": "quantity",
	"amt": "amount", "desc": "description", "notes": "description", "note": "description", "comments": "description", "dept": "department",
	"num": "number", "no": "number", "count": "number", "surname": "lastname", "forename": "firstname", "lang": "language", "seg": "segment",
	"points": "score", "turnover": "revenue", "sales": "revenue", "optout": "unsubscribed", "unsubscribe": "unsubscribed",
}

func phraseOf(f Described) phrase {
	name, label := wordsOf(f.Name), wordsOf(f.Label)
	p := phrase{Described: f, name: strings.Join(name, " "), label: strings.Join(label, " ")}
	if len(label) == 0 {
		label = name
	}
	for _, word := range label {
		if slices.Contains(filling, word) {
			continue
		}
		if same, ok := synonyms[word]; ok {
			word = same
		}
		p.words = append(p.words, word)
	}
	slices.Sort(p.words)
	p.words = slices.Compact(p.words)
	p.meaning = strings.Join(p.words, " ")
	return p
}

// wordsOf splits a name or a label into lower-case words: at blanks, signs and changes of case. The mark of a custom field and
// a maker's prefix before it ("acme__Score__c") are no words.
func wordsOf(text string) []string {
	if bare, custom := cutSuffixFold(text, "__c"); custom {
		if _, after, prefixed := strings.Cut(bare, "__"); prefixed {
			bare = after
		}
		text = bare
	}
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	letters := []rune(text)
	for i, c := range letters {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			end()
			continue
		case unicode.IsUpper(c) && i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])):
			end()
		}
		word = append(word, c)
	}
	end()
	if len(words) > 1 && (words[0] == "mkto" || words[0] == "sfdc" || words[0] == "crm") {
		words = words[1:]
	}
	return words
}

func cutSuffixFold(text, suffix string) (string, bool) {
	if len(text) >= len(suffix) && strings.EqualFold(text[len(text)-len(suffix):], suffix) {
		return text[:len(text)-len(suffix)], true
	}
	return text, false
}

// shared reports whether two sets of words have more in common than not.
func shared(a, b []string) bool {
	common := 0
	for _, word := range a {
		if slices.Contains(b, word) {
			common++
		}
	}
	return common > 0 && 3*common >= 2*max(len(a), len(b))
}
