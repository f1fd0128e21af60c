package org

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// lookup resolves "@{ref.field}" against the answers of earlier subrequests.
type lookup struct {
	c     *call
	subs  []subrequest
	parts []part
}

// text fills in the references of an address.
func (l *lookup) text(in string) (string, *apiError) {
	if !strings.Contains(in, "@{") {
		return in, nil
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(in, "@{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		path, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("@{" + rest)
			return b.String(), nil
		}
		v, refusal := l.find(path)
		if refusal != nil {
			return "", refusal
		}
		b.WriteString(inAddress(v))
		in = after
	}
}

// value fills in the references of a body. A text that is one reference takes over the value's own type.
func (l *lookup) value(in value) (value, *apiError) {
	switch in.kind {
	case '"':
		if strings.HasPrefix(in.text, "@{") && strings.IndexByte(in.text, '}') == len(in.text)-1 {
			found, refusal := l.find(in.text[2 : len(in.text)-1])
			found.at = in.at
			return found, refusal
		}
		text, refusal := l.text(in.text)
		in.text = text
		return in, refusal
	case '[':
		items := make([]value, len(in.items))
		for i, item := range in.items {
			filled, refusal := l.value(item)
			if refusal != nil {
				return in, refusal
			}
			items[i] = filled
		}
		in.items = items
	case '{':
		members := make([]input, len(in.members))
		for i, m := range in.members {
			filled, refusal := l.value(m.value)
			if refusal != nil {
				return in, refusal
			}
			members[i] = input{m.name, filled}
		}
		in.members = members
	}
	return in, nil
}

// find walks "ref.records[0].Id". Names are compared with case: answers to creations have "id", rows have "Id".
func (l *lookup) find(path string) (value, *apiError) {
	reference, rest, _ := strings.Cut(path, ".")
	index := ""
	if at := strings.IndexByte(reference, '['); at >= 0 {
		reference, index = reference[:at], reference[at:]
	}
	missing := badRequest("PROCESSING_HALTED", "Invalid reference specified. No value for "+path+" found in "+reference+
		". Provided referenceId ('"+reference+"') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').")
	for i, s := range l.subs {
		if s.reference != reference {
			continue
		}
		p := &l.parts[i]
		if p.status >= 400 {
			return value{}, missing
		}
		if !p.parsed {
			made, refusal := parseBody(l.c.out.buf[p.start:p.end])
			if refusal != nil {
				return value{}, missing
			}
			p.made, p.parsed = made, true
		}
		if found, ok := walk(p.made, index, rest); ok {
			return found, nil
		}
		return value{}, missing
	}
	return value{}, missing
}

// walk follows "[0]" and then "a.b[1].c".
func walk(v value, index, rest string) (value, bool) {
	var ok bool
	if v, ok = elements(v, index); !ok {
		return v, false
	}
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		index = ""
		if at := strings.IndexByte(name, '['); at >= 0 {
			name, index = name[:at], name[at:]
		}
		found := false
		for _, m := range v.members {
			if m.name == name {
				v, found = m.value, true
				break
			}
		}
		if !found {
			return v, false
		}
		if v, ok = elements(v, index); !ok {
			return v, false
		}
	}
	return v, true
}

func elements(v value, index string) (value, bool) {
	for index != "" {
		number, after, ok := strings.Cut(strings.TrimPrefix(index, "["), "]")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n >= len(v.items) {
			return v, false
		}
		v, index = v.items[n], after
	}
	return v, true
}

// inAddress is a value as it stands in an address.
func inAddress(v value) string {
	switch v.kind {
	case jsontext.KindTrue:
		return "true"
	case jsontext.KindFalse:
		return "false"
	}
	return v.text
}
