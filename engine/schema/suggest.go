package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Suggestion is a pair of fields that may speak of the same thing and is not mapped.
type Suggestion struct {
	Object     record.Object
	Twin       record.Object
	Salesforce Described
	Marketo    Described
	Confidence Confidence
	Reason     string // one sentence, and with Not another of what stands in the way
	Why        []Said // the same, for translation
	// Direction is what to begin with: where both sides allow it, less where something would be lost for good. 0 with Not.
	Direction Direction
	Losses    []Loss
}

// Confidence groups suggestions.
type Confidence string

// The groups.
const (
	Sure   Confidence = "sure"
	Likely Confidence = "likely"
	Not    Confidence = "not" // alike, and yet not to be mapped; the reason says why
)

var confidences = []Confidence{Sure, Likely, Not}

// Field is the suggestion as a field of the mapping, still without a number.
func (s Suggestion) Field() Field {
	kind, _ := Fit(s.Salesforce, s.Marketo)
	return Field{
		Salesforce: s.Salesforce.Name, Marketo: s.Marketo.Name, Direction: s.Direction, Type: join(kind, s.Salesforce, s.Marketo),
		Entry: &Entry{Wished: s.Direction, Nightly: s.Salesforce.Calculated, Salesforce: s.Salesforce, Marketo: s.Marketo},
	}
}

// Suggestions finds pairs of fields that are not mapped and may speak of the same thing, surest first. No field is suggested
// twice for one object.
func (m Mapping) Suggestions(described Schemas) []Suggestion {
	var all []Suggestion
	for _, t := range m.twins(described) {
		if len(described[t.name]) > 0 && len(described[t.twin]) > 0 {
			all = append(all, m.suggestions(t, described)...)
		}
	}
	return all
}

// suggestions weighs every pair of an object's free fields and takes the best ones.
func (m Mapping) suggestions(t twin, described Schemas) []Suggestion {
	object, _ := m.Object(t.name)
	free := func(fields []Described, side record.Side, skip func(Described) bool) []phrase {
		var out []phrase
		for _, f := range fields {
			mapped := slices.ContainsFunc(object.All(), func(x Field) bool { return strings.EqualFold(x.On(side), f.Name) })
			if !mapped && !skip(f) {
				out = append(out, phraseOf(f))
			}
		}
		return out
	}
	salesforce := free(described[t.name], record.Salesforce, func(f Described) bool { return Own(f.Name) })
	marketo := free(described[t.twin], record.Marketo, func(f Described) bool {
		_, ofCompany := described.find(record.Company, f.Name)
		// A contact's company comes from its account; only a lead has one of its own.
		return Own(f.Name) || !f.Writable || f.Key && IsCustom(t.twin) || ofCompany && t.twin == record.Person && t.name != record.Lead
	})
	type weighed struct {
		Suggestion
		weight int
	}
	var pairs []weighed
	for _, s := range salesforce {
		for _, k := range marketo {
			if weight, reason := alike(t.name, s, k); weight > 0 {
				one := weighed{Suggestion{Object: t.name, Twin: t.twin, Salesforce: s.Described, Marketo: k.Described, Reason: reason.Text, Why: []Said{reason}}, weight}
				one.judge(t, weight)
				pairs = append(pairs, one)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b weighed) int {
		return cmp.Or(cmp.Compare(slices.Index(confidences, a.Confidence), slices.Index(confidences, b.Confidence)), cmp.Compare(b.weight, a.weight))
	})
	taken := map[string]bool{}
	var out []Suggestion
	for _, p := range pairs {
		a, b := "s "+p.Salesforce.Name, "m "+p.Marketo.Name
		if taken[a] || taken[b] {
			continue
		}
		taken[a], taken[b] = true, true
		out = append(out, p.Suggestion)
	}
	return out
}

// Pair weighs two fields that a person sets beside each other, mapped or not; ok is false where a side does not show one of them. With Not,
// the reason says what stands in the way.
func (m Mapping) Pair(object record.Object, salesforce, marketo string, described Schemas) (s Suggestion, ok bool) {
	all := m.twins(described)
	i := slices.IndexFunc(all, func(t twin) bool { return t.name == object })
	if i < 0 {
		return s, false
	}
	t := all[i]
	from, shown := described.find(t.name, salesforce)
	to, both := described.find(t.twin, marketo)
	s = Suggestion{Object: t.name, Twin: t.twin, Salesforce: from, Marketo: to}
	if shown && both {
		s.judge(t, byLabel)
	}
	return s, shown && both
}

// The weights of what makes two fields alike.
const (
	byWords = iota + 1
	bySynonyms
	byName
	byLabel
	byStandard
)

// alike says how two fields are alike, 0 when they are not.
func alike(object record.Object, s, k phrase) (weight int, reason Said) {
	switch {
	case isStandard(object, s.Name, k.Name):
		return byStandard, Say("why.standard", "Marketo's own sync maps this pair.")
	case s.label == k.label && s.label != "":
		return byLabel, Say("why.label", "Both are called \"%1\".", s.Label)
	case s.name == k.name:
		return byName, Say("why.name", "Both names read \"%1\".", s.name)
	case s.meaning == k.meaning && s.meaning != "":
		return bySynonyms, Say("why.synonyms", "\"%1\" and \"%2\" mean the same.", s.Label, k.Label)
	case shared(s.words, k.words):
		return byWords, Say("why.words", "\"%1\" and \"%2\" share most of their words.", s.Label, k.Label)
	}
	return 0, Said{}
}

func isStandard(object record.Object, salesforce, marketo string) bool {
	return slices.ContainsFunc(standard[object], func(p pairing) bool { return p.salesforce == salesforce && p.marketo == marketo })
}

// oneWay are losses on the way to Marketo after which the value must not come back: an edit there would cost what was cut off.
var oneWay = map[string]bool{"percent": true, "decimals": true, "rich-text": true}

// judge puts a suggestion into its group, by how alike the fields are and whether their types fit.
func (s *Suggestion) judge(t twin, weight int) {
	kind, why := fits(s.Salesforce, s.Marketo)
	s.Direction = reach(t.direction(), s.Salesforce, s.Marketo)
	switch {
	case kind == 0:
		s.Confidence, s.Direction, s.Reason = Not, 0, strings.TrimPrefix(s.Reason+" But: "+why.Text, " But: ")
		s.Why = append(s.Why, why)
		return
	case s.Direction == 0:
		s.Confidence, s.Reason = Not, strings.TrimSpace(s.Reason+" But neither side takes it.")
		s.Why = append(s.Why, Say("why.fixed", "But neither side takes it."))
		return
	}
	s.Losses = Losses(s.Salesforce, s.Marketo, s.Direction)
	if s.Direction == Both && slices.ContainsFunc(s.Losses, func(l Loss) bool { return l.To == record.Marketo && oneWay[l.Code] }) {
		s.Direction = ToMarketo
		s.Losses = Losses(s.Salesforce, s.Marketo, s.Direction)
	}
	same := family(salesforceKinds[s.Salesforce.Type]) == family(marketoKinds[s.Marketo.Type])
	// One text that is too long has its whole record refused by Marketo: that is for a person to weigh.
	tooLong := slices.ContainsFunc(s.Losses, func(l Loss) bool { return l.To == record.Marketo && l.Code == "length" })
	switch {
	case weight >= byName && same && !tooLong:
		s.Confidence = Sure
	case weight >= bySynonyms:
		s.Confidence = Likely
	default:
		s.Confidence, s.Reason = Not, s.Reason+" That is too little to map them unasked."
		s.Why = append(s.Why, Say("why.little", "That is too little to map them unasked."))
	}
}
