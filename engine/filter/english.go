package filter

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// English says a filter in whole sentences, with the labels that people see in Salesforce. It repeats the filter's values.
func English(f Filter, catalog Catalog) string {
	if len(f.Sentences) == 0 {
		return "Everybody takes part."
	}
	var lines []string
	for _, s := range f.Sentences {
		var names []string
		for _, name := range s.Objects {
			o, known := catalog.Object(name)
			if !known {
				o = Object{Name: name}
			}
			names = append(names, plural(o))
		}
		who := enumerate(names, "and")
		lines = append(lines, strings.ToUpper(who[:1])+who[1:]+" take part if "+Prose(s.Where, s.Objects[0])+".")
	}
	leaving := "Who was linked and no longer passes is frozen: the link is kept, and nothing travels until the record passes again."
	switch f.Leaving {
	case Unlink:
		leaving = "Who was linked and no longer passes is unlinked; both records stay as they are."
	case Mark:
		leaving += " Meanwhile " + f.Mark.Of[record.Person].Label + " is ticked in Marketo."
	}
	return strings.Join(append(lines, leaving), "\n")
}

// Prose says a condition on an object's records, without a full stop.
func Prose(e Expr, object record.Object) string {
	switch e := e.(type) {
	case *All:
		return enumerate(proses(e.Terms, object), "and")
	case *Any:
		parts := proses(e.Terms, object)
		if len(parts) == 2 {
			return "either " + parts[0] + " or " + parts[1]
		}
		return enumerate(parts, "or")
	case *Not:
		return "it is not so that " + Prose(e.Term, object)
	case *Test:
		return e.prose(object)
	}
	return ""
}

func proses(terms []Expr, object record.Object) []string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = Prose(t, object)
		if _, one := t.(*Test); !one { // what belongs together is kept together
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return parts
}

// enumerate joins words with commas and a last word between.
func enumerate(parts []string, last string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	n := len(parts) - 1
	comma := ""
	if n > 1 {
		comma = ","
	}
	return strings.Join(parts[:n], ", ") + comma + " " + last + " " + parts[n]
}

func (t *Test) prose(object record.Object) string {
	c := t.Field.Of[object]
	not := func(positive, negative string) string {
		if t.Negated {
			return c.Label + " " + negative
		}
		return c.Label + " " + positive
	}
	switch t.Op {
	case Filled:
		return not("is filled", "is blank")
	case Contains:
		return not("contains ", "does not contain ") + said(t.Values[0])
	case StartsWith:
		return not("begins with ", "does not begin with ") + said(t.Values[0])
	case EndsWith:
		return not("ends with ", "does not end with ") + said(t.Values[0])
	case Includes:
		if len(t.Values) > 1 {
			return not("includes ", "includes neither ") + saidAll(t.Values, t.Negated)
		}
		return not("includes ", "does not include ") + said(t.Values[0])
	case In:
		if len(t.Values) > 1 {
			return not("is ", "is neither ") + saidAll(t.Values, t.Negated)
		}
		return not("is ", "is not ") + said(t.Values[0])
	case Within:
		return not("lies within the last ", "does not lie within the last ") + t.Values[0].span()
	case Ahead:
		return not("lies within the next ", "does not lie within the next ") + t.Values[0].span()
	case Equal:
		switch {
		case t.Values[0].Form == True && activeOwner(t):
			return not("is active", "is not active")
		case t.Values[0].Form == True:
			return not("is ticked", "is not ticked")
		case familyOf(c.Field.Kind) == temporal:
			return not("is ", "is not ") + value(t.Values[0])
		}
		return not("is ", "is not ") + said(t.Values[0])
	}
	if t.Values[0].Form == Stretch {
		return c.Label + map[Op]string{Less: " is more than ", GreaterOrEqual: " is at most "}[t.Op] + t.Values[0].span() + " ago"
	}
	words := map[Op]string{Less: " is less than ", LessOrEqual: " is at most ", Greater: " is more than ", GreaterOrEqual: " is at least "}
	if familyOf(c.Field.Kind) == temporal {
		words = map[Op]string{Less: " is before ", LessOrEqual: " is not after ", Greater: " is after ", GreaterOrEqual: " is not before "}
	}
	return c.Label + words[t.Op] + value(t.Values[0])
}

func said(v Value) string {
	if v.Form == Words {
		return "“" + v.Text + "”"
	}
	return v.Text
}

func saidAll(values []Value, neither bool) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = said(v)
	}
	if neither {
		return strings.Join(parts, " nor ")
	}
	return enumerate(parts, "or")
}
