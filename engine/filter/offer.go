package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Offer is a field as an editor offers it for the rows of a block.
type Offer struct {
	// Name is how a sentence names the field; Label is what people call it, API what Salesforce's API does.
	Name, Label, API string
	// Of is the object that has it: the block's own, or the one that a reference leads to.
	Of       record.Object
	Kind     record.Kind
	Picklist []string
	Formula  bool
	// Asks are what a row can ask of it, the usual first.
	Asks []Ask
}

// Offers are the fields that rows about these objects can ask for, no object being leads and contacts: own ones in the order of the
// catalog, then those of the records that references lead to. A field that not all of the objects have is not among them.
func (c Catalog) Offers(objects []record.Object) []Offer {
	p, wrong := c.block(objects, "")
	if wrong != nil {
		return nil
	}
	var offers []Offer
	add := func(is func(Offer) bool, names ...string) {
		for _, n := range names {
			if o, ok := c.Offer(objects, n); ok && is(o) && !slices.ContainsFunc(offers, func(other Offer) bool { return other.API == o.API }) {
				offers = append(offers, o)
				return
			}
		}
	}
	first := p.objects[0]
	for _, f := range first.Fields {
		if f.Kind != 0 && !f.Hidden {
			add(func(o Offer) bool { return o.API == f.Name }, name(bare(f.Name)), name(f.Name), name(f.Label))
		}
	}
	for _, via := range first.Fields {
		targets := p.targets(via)
		if via.Relationship == "" || len(targets) == 0 {
			continue
		}
		related := func(o Offer) bool { return strings.HasPrefix(o.API, via.Relationship+".") }
		to := name(strings.ToLower(bare(via.Relationship)))
		if via.Relationship == "RecordType" {
			to = "record type"
		}
		add(related, to)
		for _, f := range targets[0].Fields {
			if f.Kind != 0 && !f.Hidden {
				add(related, name(strings.ToLower(bare(via.Relationship)))+"."+name(bare(f.Name)), name(via.Relationship)+"."+name(f.Name))
			}
		}
	}
	return offers
}

// Offer finds the field that a sentence about these objects names so.
func (c Catalog) Offer(objects []record.Object, named string) (Offer, bool) {
	p, wrong := c.block(objects, named)
	if wrong != nil {
		return Offer{}, false
	}
	ref, _, wrong := p.reference()
	if wrong != nil || p.ahead().kind != end {
		return Offer{}, false
	}
	first := p.objects[0].Name
	column := ref.Of[first]
	t := &Test{Field: ref}
	o := Offer{Name: named, Label: column.Label, API: column.Name, Of: first, Kind: t.kind(), Picklist: column.Field.Picklist, Formula: column.Field.Formula}
	o.Asks = familyAsks[familyOf(o.Kind)]
	if column.Via != "" {
		o.Of = column.To
		if p.active(t) {
			o.Asks = append([]Ask{AskActive, AskNotActive}, o.Asks...)
		}
	}
	return o, true
}

// Check tells what is wrong with a row that is whole; nil for one that a sentence about these objects can have.
func (c Catalog) Check(objects []record.Object, r Row) *ParseError {
	text := r.Text()
	p, wrong := c.block(objects, text)
	if wrong != nil {
		return wrong
	}
	e, wrong := p.test()
	if wrong != nil {
		return wrong
	}
	if t := p.ahead(); t.kind != end {
		return p.fail(t, "this is more than one value")
	}
	if len(Tests(e)) != 1 {
		return p.fail(p.tokens[0], "this is more than one value")
	}
	return nil
}

// block is a parser of what stands in a sentence about these objects.
func (c Catalog) block(objects []record.Object, text string) (*parser, *ParseError) {
	tokens, _, wrong := lex(text)
	if wrong != nil {
		return nil, wrong
	}
	p := &parser{text: text, tokens: tokens, catalog: c}
	if len(objects) == 0 {
		_, _, wrong = p.both()
		return p, wrong
	}
	for _, name := range objects {
		o, known := c.Object(name)
		if !known {
			return nil, p.fail(tokens[0], "there is no object %1").with(string(name))
		}
		p.objects = append(p.objects, o)
	}
	return p, nil
}
