package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Notice is a change of what a side looks like that somebody should know of.
type Notice struct {
	At     time.Time     `json:"at"`
	Kind   NoticeKind    `json:"kind"`
	Side   record.Side   `json:"side,omitempty"`
	Object record.Object `json:"object"` // of the mapping
	Field  string        `json:"field"`  // by its name on the side
	// Sentence says what happened and what to do.
	Sentence string `json:"sentence"`
}

// NoticeKind says what happened to a field.
type NoticeKind string

// The kinds of notices. The first three stay until the field travels again or leaves the mapping, the others for a month.
const (
	NoticeGone      NoticeKind = "gone"
	NoticeReadOnly  NoticeKind = "read-only"
	NoticeRetyped   NoticeKind = "retyped"
	NoticeNew       NoticeKind = "new"
	NoticeRenamed   NoticeKind = "renamed" // its label
	NoticeShortened NoticeKind = "shortened"
	NoticeBack      NoticeKind = "back"
	NoticeDirection NoticeKind = "direction" // a side takes it no longer, or again
)

// noticeKept is how long a notice stands that asks for nothing.
const noticeKept = 30 * 24 * time.Hour

// noticing gathers what a refresh notices.
type noticing struct {
	now     time.Time
	notices []Notice
}

func (n *noticing) note(kind NoticeKind, side record.Side, object record.Object, field, format string, args ...any) {
	n.notices = append(n.notices, Notice{n.now, kind, side, object, field, fmt.Sprintf(format, args...)})
}

// field compares a mapped field with what it was.
func (n *noticing) field(o Object, was, is Field) {
	old, now := was.entry(), is.entry()
	if now.State == Removed {
		return
	}
	pair := fmt.Sprintf("%s.%s (%s in Marketo)", o.Name, is.Salesforce, is.Marketo)
	if now.State != old.State {
		n.state(o, is, pair, old.State)
		return
	}
	if now.State != Travels {
		return
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		before, after := old.on(side), now.on(side)
		if before.Name == "" {
			continue
		}
		if before.Label != after.Label && before.Label != "" {
			n.note(NoticeRenamed, side, o.Name, after.Name, "%s is called %q in %s now, no longer %q. It goes on as before.", pair, after.Label, title(side), before.Label)
		}
		if before.Type != after.Type {
			n.note(NoticeRetyped, side, o.Name, after.Name, "%s was of type %s in %s and is of type %s now. Its values fit, so it goes on.", pair, before.Type, title(side), after.Type)
		}
		if before.Length > after.Length && after.Length > 0 {
			n.note(NoticeShortened, side, o.Name, after.Name, "%s takes %d characters in %s now, no longer %d: a longer text is refused there and shown as a failure.",
				pair, after.Length, title(side), before.Length)
		}
	}
	if was.Direction != is.Direction && old.Salesforce.Name != "" {
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			switch before, after := was.Direction.Writes(side), is.Direction.Writes(side); {
			case before && !after:
				n.note(NoticeDirection, side, o.Name, is.On(side), "%s can no longer be written in %s by Doppio's user: changes of the other side stay there. Ask for edit access to the field, or change its direction.", pair, title(side))
			case after && !before:
				n.note(NoticeDirection, side, o.Name, is.On(side), "%s can be written in %s now, and is.", pair, title(side))
			}
		}
	}
}

// state notes that a field stopped travelling, or goes on.
func (n *noticing) state(o Object, is Field, pair string, was State) {
	e := is.entry()
	switch e.State {
	case Gone:
		n.note(NoticeGone, 0, o.Name, is.Salesforce, "%s is not shown by both sides any more: deleted, renamed, or hidden from Doppio's user. It does not travel until it is back; nothing that was agreed is forgotten.", pair)
	case ReadOnly:
		n.note(NoticeReadOnly, 0, o.Name, is.Salesforce, "%s can be written on neither side in the direction that the mapping asks for, so it does not travel. Ask for edit access to the field, or change its direction.", pair)
	case Retyped:
		n.note(NoticeRetyped, 0, o.Name, is.Salesforce, "%s became of a type in which its old values cannot be compared, so it does not travel. Take it out of the mapping and put it in again, and both sides are compared afresh.", pair)
	case Travels:
		if was != Removed {
			n.note(NoticeBack, 0, o.Name, is.Salesforce, "%s is back and goes on where it stopped.", pair)
		}
	}
}

// appeared notes fields that a side did not show before. One that looks like a mapped field that is gone is likely that field
// under another name.
func (n *noticing) appeared(known map[record.Object][]string, described Schemas, m Mapping) {
	told := map[record.Object]bool{} // a person's fields, once for leads and contacts
	for _, o := range m.Objects {
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			object := o.on(side)
			before := known[object]
			if len(before) == 0 || told[object] {
				continue
			}
			told[object] = true
			for _, f := range described[object] {
				if slices.ContainsFunc(before, func(name string) bool { return strings.EqualFold(name, f.Name) }) || own(f.Name) || m.maps(side, object, f.Name) {
					continue
				}
				if lost, ok := o.lost(side, f); ok {
					n.note(NoticeNew, side, o.Name, f.Name, "%s has a new field %s (%q). It looks like %s, which is gone: if it was renamed, give field %d that name in the mapping, and it goes on where it stopped.",
						title(side), f.Name, f.Label, lost.On(side), lost.Number)
					continue
				}
				n.note(NoticeNew, side, o.Name, f.Name, "%s has a new field %s (%q) on %s. It does not travel unless you map it.", title(side), f.Name, f.Label, object)
			}
		}
	}
}

// maps reports whether a field of an object is mapped, travelling or not.
func (m Mapping) maps(side record.Side, object record.Object, name string) bool {
	return slices.ContainsFunc(m.Objects, func(o Object) bool {
		return o.on(side) == object && slices.ContainsFunc(o.All(), func(f Field) bool { return strings.EqualFold(f.On(side), name) })
	})
}

// own reports whether a field is one that the set-up makes for Doppio.
func own(name string) bool {
	return name == MarketoIDField || name == SalesforceIDField || name == GoneInMarketoField || name == GoneInSalesforceField
}

// Own reports whether a field is one that Doppio or a system keeps for itself: it is not for mapping.
func Own(name string) bool { return own(name) || slices.Contains(housekeeping, name) }

// lost finds the one mapped field that is gone and had the label and type that a new one has.
func (o Object) lost(side record.Side, like Described) (found Field, ok bool) {
	for _, f := range o.Aside {
		e := f.entry()
		if was := e.on(side); e.State == Gone && was.Label == like.Label && was.Type == like.Type {
			if ok {
				return Field{}, false
			}
			found, ok = f, true
		}
	}
	return found, ok
}

// after are the notices that stand now: the old ones that still hold, and what was noticed this time.
func (n *noticing) after(old []Notice, m Mapping) []Notice {
	all := append(slices.Clone(old), n.notices...)
	return slices.DeleteFunc(all, func(x Notice) bool {
		if x.Kind == NoticeLeadOnly {
			return !m.isLeadOnly(x.Field)
		}
		state := map[NoticeKind]State{NoticeGone: Gone, NoticeReadOnly: ReadOnly, NoticeRetyped: Retyped}[x.Kind]
		if state == Travels || x.Side != 0 {
			return n.now.Sub(x.At) > noticeKept
		}
		o, _ := m.Object(x.Object)
		return !slices.ContainsFunc(o.Aside, func(f Field) bool { return f.entry().State == state && f.Salesforce == x.Field })
	})
}

// on is a field as a side last described it.
func (e Entry) on(side record.Side) Described {
	if side == record.Salesforce {
		return e.Salesforce
	}
	return e.Marketo
}

func title(side record.Side) string {
	if side == record.Salesforce {
		return "Salesforce"
	}
	return "Marketo"
}
