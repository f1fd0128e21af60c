package record

import "strings"

// Words is what people call a record of the object: "opportunity role", not opportunityRole. Names that Salesforce's own screens show stay as
// they are; of a custom object the name is taken apart.
func (o Object) Words() string {
	switch o {
	case Person:
		return "person"
	case Company:
		return "company"
	case MarketoOpportunity:
		return "opportunity"
	case OpportunityRole:
		return "opportunity role"
	case OpportunityContactRole:
		return "contact role"
	case SalesPerson:
		return "sales person"
	}
	name := string(o)
	if !strings.HasSuffix(name, "_c") {
		return name
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "__c"), "_c")
	if i := strings.LastIndex(name, "__"); i >= 0 { // of a package
		name = name[i+2:]
	}
	return strings.ReplaceAll(name, "_", " ")
}

// Fill puts args in the place of %1 to %9 in an English text. A placeholder without an argument stays as it is, and so does what an argument holds.
func Fill(text string, args ...string) string {
	var filled strings.Builder
	for {
		before, after, found := strings.Cut(text, "%")
		filled.WriteString(before)
		if !found {
			return filled.String()
		}
		if after != "" && after[0] >= '1' && after[0] <= '9' && int(after[0]-'1') < len(args) {
			filled.WriteString(args[after[0]-'1'])
			after = after[1:]
		} else {
			filled.WriteByte('%')
		}
		text = after
	}
}

// A is Words with its article.
func (o Object) A() string {
	words := o.Words()
	if words != "" && strings.ContainsRune("AEIOaeio", rune(words[0])) {
		return "an " + words
	}
	return "a " + words
}
