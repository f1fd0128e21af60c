package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// system marks the fields that every record is read with, whatever the mapping asks for.
type system uint8

const (
	sysNone system = iota
	sysID
	sysStamp
	sysEdited
	sysDeleted
	sysMaster
	sysConverted
	sysConvertedTo
	sysParent
	sysEmail
	sysOther
	sysEditor
)

// layout says which fields are asked for, in which order, and where each answer goes.
type layout struct {
	object record.Object
	cols   []record.Column
	fields []field
	index  map[string]int // lower-case name -> fields
	nested map[string]bool
}

type field struct {
	name   string
	quoted []byte // the JSON name, as it stands in an answer
	system []system
	cols   []int // the columns that want it
}

// isName tells an API name, or several with a dot between: a letter, then letters, digits and underscores. It is asked for every value that
// is written.
func isName(text string) bool {
	first := true
	for i := range len(text) {
		switch c := text[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			first = false
		case first:
			return false
		case c == '.':
			first = true
		case c != '_' && (c < '0' || c > '9'):
			return false
		}
	}
	return !first
}

// newLayout adds the system fields of an object to the columns of a mapping. otherID is the field that carries the
// Marketo id, empty where the org has none.
func newLayout(object record.Object, cols []record.Column, otherID string) (*layout, error) {
	if !isName(string(object)) {
		return nil, localError(codeLocal, errors.New("not an object name"))
	}
	l := &layout{object: object, cols: cols, index: map[string]int{}, nested: map[string]bool{}}
	for _, s := range systemFields(object, otherID) {
		if err := l.system(s.name, s.system); err != nil {
			return nil, err
		}
	}
	for i, col := range cols {
		at, err := l.field(col.Name)
		if err != nil {
			return nil, err
		}
		l.fields[at].cols = append(l.fields[at].cols, i)
	}
	return l, nil
}

// system asks for a field whatever the mapping asks for.
func (l *layout) system(name string, s system) error {
	at, err := l.field(name)
	if err == nil {
		l.fields[at].system = append(l.fields[at].system, s)
	}
	return err
}

type systemField struct {
	name   string
	system system
}

// systemFields lists what an object has of them (describe of the standard objects). Users and groups are never deleted.
func systemFields(object record.Object, otherID string) []systemField {
	list := []systemField{{"Id", sysID}, {"SystemModstamp", sysStamp}, {"LastModifiedDate", sysEdited}}
	if object != "User" && object != "Group" {
		list = append(list, systemField{"IsDeleted", sysDeleted})
	}
	switch object {
	case record.Lead:
		list = append(list, systemField{"MasterRecordId", sysMaster}, systemField{"IsConverted", sysConverted},
			systemField{"ConvertedContactId", sysConvertedTo}, systemField{"Email", sysEmail})
	case record.Contact:
		list = append(list, systemField{"MasterRecordId", sysMaster}, systemField{"AccountId", sysParent}, systemField{"Email", sysEmail})
	case record.Account:
		list = append(list, systemField{"MasterRecordId", sysMaster})
	}
	if otherID != "" {
		list = append(list, systemField{otherID, sysOther})
	}
	return list
}

// field finds or adds a field by name; API names are case-insensitive on the way in.
func (l *layout) field(name string) (int, error) {
	if !isName(name) {
		return 0, localError(codeLocal, errors.New("not a field name"))
	}
	key := strings.ToLower(name)
	if at, ok := l.index[key]; ok {
		return at, nil
	}
	at := len(l.fields)
	l.fields = append(l.fields, field{name: name, quoted: []byte(`"` + name + `"`)})
	l.index[key] = at
	for i, c := range key {
		if c == '.' {
			l.nested[key[:i]] = true
		}
	}
	return at, nil
}

// names are the fields to ask for.
func (l *layout) names() []string {
	names := make([]string, len(l.fields))
	for i, f := range l.fields {
		names[i] = f.name
	}
	return names
}

// find says which field a JSON name is for. Answers keep the order of the question, so it is nearly always the next
// one, found without a look-up.
func (l *layout) find(prefix string, quoted []byte, next int) int {
	if prefix == "" {
		if next < len(l.fields) && bytes.Equal(l.fields[next].quoted, quoted) {
			return next
		}
		for i := range l.fields {
			if bytes.Equal(l.fields[i].quoted, quoted) {
				return i
			}
		}
	}
	if at, ok := l.index[lowerPath(prefix, quoted)]; ok {
		return at
	}
	return -1
}

func lowerPath(prefix string, quoted []byte) string {
	name := strings.ToLower(string(bytes.Trim(quoted, `"`)))
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// FieldError says that the org sent a value that is none of the column's type, or left the field out. The value is
// not repeated.
type FieldError struct {
	Object record.Object
	Field  string
	Cause  error
}

// Error names the field.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s.%s cannot be read: %v", e.Object, e.Field, e.Cause)
}

// Unwrap gives the reason.
func (e *FieldError) Unwrap() error { return e.Cause }
