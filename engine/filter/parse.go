package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Parse reads a filter's text against what the org has. The error is a *ParseError, which points at the word.
//
// Several sentences stand on lines of their own, or with a semicolon between them. Each may begin with the objects that it is
// about and "where"; without them it is about leads and contacts alike. "who leaves is frozen" or "who leaves is unlinked"
// says what becomes of linked people who no longer pass. From # on a line is a remark.
func Parse(s string, catalog Catalog) (Filter, error) {
	f, _, err := parse(s, catalog)
	return f, err
}

// remark is what stands behind a # in a text; sentence is the number of the one that it belongs to.
type remark struct {
	sentence int
	text     string
}

func parse(s string, catalog Catalog) (Filter, []remark, error) {
	tokens, at, err := lex(s)
	if err != nil {
		return Filter{}, nil, err
	}
	p := &parser{text: s, tokens: tokens, catalog: catalog}
	f, err := p.filter()
	if err != nil {
		return Filter{}, nil, err
	}
	var remarks []remark
	for _, t := range at {
		n := slices.IndexFunc(p.ends, func(end int) bool { return end > t.pos || !strings.Contains(s[end:t.pos], "\n") })
		if n < 0 {
			n = len(p.ends)
		}
		remarks = append(remarks, remark{n, strings.TrimSpace(s[t.pos+1 : t.end])})
	}
	return f, remarks, nil
}

type parser struct {
	text    string
	tokens  []token
	at      int
	catalog Catalog
	objects []Object // of the sentence under way
	ends    []int    // where the sentences end
	depth   int
}

// maxDepth bounds nested brackets.
const maxDepth = 50

func (p *parser) ahead() token { return p.tokens[p.at] }

// beyond is the token n places further, the end where there is none.
func (p *parser) beyond(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.ahead()
	if t.kind != end {
		p.at++
	}
	return t
}

// skip takes the words if they are next, all of them.
func (p *parser) skip(words ...string) bool {
	for i, w := range words {
		if !p.beyond(i).is(w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

// skipAny takes one of the words if it is next.
func (p *parser) skipAny(words ...string) bool {
	if p.ahead().is(words...) {
		p.at++
		return true
	}
	return false
}

func (p *parser) fail(t token, reason string, suggestions ...string) *ParseError {
	return newError(p.text, t, reason, suggestions...)
}

// expected fails at the next token.
func (p *parser) expected(what string, words ...string) *ParseError {
	t := p.ahead()
	if t.kind == end {
		return p.fail(t, "the sentence ends here; it needs %1").with(what)
	}
	return p.fail(t, "here %1 is needed", closest(t.value, words)...).with(what)
}

func (p *parser) filter() (f Filter, err *ParseError) {
	left := false
	for {
		for p.skipAny(";", ".") {
		}
		switch t := p.ahead(); {
		case t.kind == end && len(f.Sentences) == 0 && !left:
			return f, p.fail(t, "the filter is empty")
		case t.kind == end:
			return f, nil
		case t.is("who") && p.beyond(1).is("leaves"):
			if left {
				return f, p.fail(t, "what becomes of those who leave is said twice")
			}
			left = true
			if f.Leaving, f.Mark, err = p.leaving(); err != nil {
				return f, err
			}
		default:
			s, err := p.sentence()
			if err != nil {
				return f, err
			}
			f.Sentences, p.ends = append(f.Sentences, s), append(p.ends, p.tokens[p.at-1].end)
		}
		if t := p.ahead(); t.kind != end && !t.fresh && !t.is(";", ".") {
			return f, p.fail(t, "the sentence was complete before this word; and, or, a new line or a semicolon would go on", closest(t.value, []string{"and", "or"})...)
		}
	}
}

func (p *parser) leaving() (l Leaving, mark Ref, err *ParseError) {
	p.skip("who", "leaves")
	if !p.skip("is") {
		return 0, mark, p.expected(`"is"`, "is")
	}
	switch {
	case p.skip("frozen"):
		return Freeze, mark, nil
	case p.skip("unlinked"):
		return Unlink, mark, nil
	case p.skip("marked"):
		mark, err = p.mark()
		return Mark, mark, err
	}
	return 0, mark, p.expected("frozen, unlinked or marked", "frozen", "unlinked", "marked")
}

// mark reads the checkbox in Marketo that is ticked for whom leaves.
func (p *parser) mark() (mark Ref, err *ParseError) {
	if !p.skip("in") {
		return mark, p.expected(`"in", and a checkbox in Marketo`, "in")
	}
	person, known := p.catalog.Object(record.Person)
	if !known {
		return mark, p.fail(p.ahead(), "nothing is known of the fields in Marketo")
	}
	p.objects = []Object{person}
	mark, at, err := p.reference()
	if err == nil && mark.Of[record.Person].Field.Kind != record.Boolean {
		err = p.fail(at, "people are marked in a checkbox (a Boolean field) of the person in Marketo")
	}
	return mark, err
}

func (p *parser) sentence() (s Sentence, err *ParseError) {
	if s.Objects, s.Bare, err = p.about(); err != nil {
		return s, err
	}
	s.Where, err = p.any()
	return s, err
}

// about reads the objects before "where"; without them the sentence is about leads and contacts.
func (p *parser) about() (names []record.Object, bare bool, err *ParseError) {
	p.objects = nil
	if !p.introduced() {
		return p.both()
	}
	for {
		t := p.ahead()
		if t.kind != word && t.kind != text || t.is("where", "and") {
			return nil, false, p.expected("the name of an object")
		}
		p.take()
		o, known := p.catalog.named(t.value)
		if !known {
			var all []string
			for _, o := range p.catalog {
				all = append(all, strings.ToLower(o.Label), string(o.Name))
			}
			return nil, false, p.fail(t, "there is no object %1", closest(t.value, all)...).with(name(t.value))
		}
		if slices.Contains(names, o.Name) {
			return nil, false, p.fail(t, "this object is named twice")
		}
		names, p.objects = append(names, o.Name), append(p.objects, o)
		if !p.skipAny(",", "and") {
			break
		}
	}
	if !p.skip("where") {
		return nil, false, p.expected(`"where"`, "where")
	}
	return names, false, nil
}

// introduced reports whether the sentence begins with objects: a list of names before "where", or the name of an object
// before a word that no field could have before it.
func (p *parser) introduced() bool {
	if t := p.ahead(); t.kind != word && t.kind != text {
		return t.is("where")
	}
	n := 1
	for p.beyond(n).is(",", "and") {
		n += 2
	}
	if p.beyond(n).is("where") {
		return true
	}
	_, object := p.catalog.named(p.ahead().value)
	after := p.beyond(1)
	return object && (after.kind == word || after.kind == text || after.is(",")) && !after.is(predicates...) && !after.is("and", "or", "type")
}

// both makes the sentence one about leads and contacts, as far as the org has them.
func (p *parser) both() ([]record.Object, bool, *ParseError) {
	var names []record.Object
	for _, name := range []record.Object{record.Lead, record.Contact} {
		if o, ok := p.catalog.Object(name); ok {
			names, p.objects = append(names, name), append(p.objects, o)
		}
	}
	if len(names) == 0 {
		return nil, false, p.fail(p.ahead(), "this org shows neither leads nor contacts")
	}
	return names, true, nil
}

func (p *parser) any() (Expr, *ParseError) {
	first, err := p.all()
	if err != nil || !p.ahead().is("or") {
		return first, err
	}
	terms := []Expr{first}
	for p.skip("or") {
		term, err := p.all()
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return &Any{terms}, nil
}

func (p *parser) all() (Expr, *ParseError) {
	first, err := p.term()
	if err != nil || !p.ahead().is("and") {
		return first, err
	}
	terms := []Expr{first}
	for p.skip("and") {
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return &All{terms}, nil
}

func (p *parser) term() (Expr, *ParseError) {
	t := p.ahead()
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(t, "the brackets are nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.skip("not"):
		inner, err := p.term()
		if err != nil {
			return nil, err
		}
		return &Not{inner}, nil
	case p.skip("("):
		inner, err := p.any()
		if err != nil {
			return nil, err
		}
		if !p.skip(")") {
			return nil, p.expected("a closing bracket, and or or", ")", "and", "or")
		}
		return inner, nil
	}
	return p.test()
}
