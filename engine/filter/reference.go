package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// reference reads a field's name and finds out what it means on each object of the sentence. A relationship alone
// ("owner", "record type") stands for the related record's name; wants tells which of its fields is meant otherwise.
func (p *parser) reference() (Ref, token, *ParseError) {
	var parts []token
	for {
		t := p.ahead()
		if t.kind != word && t.kind != text || t.kind == word && reserved(t.value) {
			return Ref{}, t, p.expected("the name of a field")
		}
		parts = append(parts, p.take())
		if !p.ahead().is(".") || p.beyond(1).fresh || p.beyond(1).kind != word && p.beyond(1).kind != text {
			break
		}
		p.take()
	}
	whole := token{kind: word, pos: parts[0].pos, end: parts[len(parts)-1].end}
	ref := Ref{Of: map[record.Object]Column{}}
	for _, t := range parts {
		ref.Written = append(ref.Written, t.value)
	}
	if len(parts) > 2 {
		return ref, whole, p.fail(parts[2], "a sentence reaches one record further, not two")
	}
	if len(parts) == 1 && parts[0].is("record") && p.ahead().is("type") {
		t := p.take()
		whole.end = t.end
		ref.Written = []string{"record type"}
		parts = []token{{kind: word, value: "RecordType", pos: whole.pos, end: whole.end}}
	}
	for _, o := range p.objects {
		c, err := p.resolve(o, parts)
		if err != nil {
			return ref, whole, err
		}
		ref.Of[o.Name] = c
	}
	first := ref.Of[p.objects[0].Name]
	for _, o := range p.objects[1:] {
		if other := ref.Of[o.Name]; familyOf(other.Field.Kind) != familyOf(first.Field.Kind) || familyOf(other.Field.Kind) == temporal && other.Field.Kind != first.Field.Kind {
			return ref, whole, p.fail(whole, "this field is of another type on %1 than on %2: write a sentence for each").with(plural(o), plural(p.objects[0]))
		}
	}
	return ref, whole, nil
}

// relatedName is the field that a relationship alone stands for, isActive what "is active" asks of it.
const (
	relatedName = "Name"
	isActive    = "IsActive"
)

func (p *parser) resolve(o Object, parts []token) (Column, *ParseError) {
	if len(parts) == 2 {
		return p.related(o, parts)
	}
	t := parts[0]
	found := o.field(t.value)
	if len(found) > 1 {
		var names []string
		for _, f := range found {
			names = append(names, f.Name)
		}
		return Column{}, p.fail(t, "several fields of %1 bear this label", names...).with(plural(o))
	}
	if len(found) == 1 {
		if found[0].Hidden {
			return Column{}, p.fail(t, "Salesforce cannot filter %1 by %2: it is a long text or encrypted").with(plural(o), found[0].Name)
		}
		return Column{Name: found[0].Name, Label: label(found[0]), Field: found[0]}, nil
	}
	if via, ok := o.relationship(t.value); ok {
		if c, ok := p.through(via, relatedName); ok {
			return c, nil
		}
	}
	return Column{}, p.unknown(o, t)
}

// related resolves account.Industry.
func (p *parser) related(o Object, parts []token) (Column, *ParseError) {
	via, ok := o.relationship(parts[0].value)
	if !ok {
		var names []string
		for _, f := range o.Fields {
			if f.Relationship != "" && len(p.targets(f)) > 0 {
				names = append(names, strings.ToLower(bare(f.Relationship)))
			}
		}
		return Column{}, p.fail(parts[0], "%1 lead to no record by the name %2", closest(parts[0].value, names)...).with(plural(o), name(parts[0].value))
	}
	if c, ok := p.through(via, parts[1].value); ok {
		if c.Field.Hidden {
			return Column{}, p.fail(parts[1], "Salesforce cannot filter by %1: it is a long text or encrypted").with(c.Name)
		}
		return c, nil
	}
	targets := p.targets(via)
	if len(targets) == 0 {
		return Column{}, p.fail(parts[0], "nothing is known of the records that %1 leads to").with(via.Relationship)
	}
	return Column{}, p.unknown(targets[0], parts[1])
}

// targets are the objects that a reference leads to, as far as the catalog has them; people before queues.
func (p *parser) targets(via Field) []Object {
	var found []Object
	for _, name := range via.To {
		if o, ok := p.catalog.Object(name); ok {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b Object) int { return len(b.Fields) - len(a.Fields) })
	return found
}

// through finds a field of the records that a reference leads to.
func (p *parser) through(via Field, word string) (Column, bool) {
	for _, o := range p.targets(via) {
		if found := o.field(word); len(found) == 1 {
			c := Column{Name: via.Relationship + "." + found[0].Name, Label: strings.TrimSuffix(label(via), " ID"), Field: found[0], Via: via.Name, To: o.Name}
			if found[0].Name != relatedName && found[0].Name != isActive { // of these it is said: Owner is …
				c.Label += "'s " + label(found[0])
			}
			return c, true
		}
	}
	return Column{}, false
}

// unknown is the error of a field that an object lacks.
func (p *parser) unknown(o Object, t token) *ParseError {
	if loose, label := p.loose(t); label != "" {
		return p.fail(loose, "a label of several words stands in quotes", label)
	}
	reason := "%1 have no field %2"
	if len(p.objects) > 1 {
		reason = "%1 have no field %2 (without an object word a sentence is about leads and contacts)"
	}
	return p.fail(t, reason, closest(t.value, o.names())...).with(plural(o), name(t.value))
}

// loose finds out whether a word, which was read last, begins a label of several words that lost its quotes.
func (p *parser) loose(t token) (whole token, label string) {
	if p.tokens[p.at-1].end != t.end || p.tokens[p.at-1].kind != word {
		return t, ""
	}
	typed := p.text[t.pos:t.end]
	for i := p.at; i < min(p.at+5, len(p.tokens)) && p.tokens[i].kind == word; i++ {
		typed += " " + p.tokens[i].value
		for _, o := range p.objects {
			if found := o.field(typed); len(found) > 0 {
				t.end = p.tokens[i].end
				return t, found[0].Label
			}
		}
	}
	return t, ""
}

func label(f Field) string {
	if f.Label == "" {
		return f.Name
	}
	return f.Label
}

// plural is what an object's records are called within a sentence.
func plural(o Object) string {
	switch {
	case o.Plural != "":
		return strings.ToLower(o.Plural)
	case o.Label != "":
		return strings.ToLower(o.Label) + "s"
	}
	return string(o.Name) + " records"
}

// reserved words cannot be the bare name of a field.
func reserved(w string) bool {
	switch strings.ToLower(w) {
	case "and", "or", "not", "is", "in", "where", "contains", "starts", "ends", "begins", "includes", "excludes", "does", "within", "before", "after", "older", "newer":
		return true
	}
	return false
}
