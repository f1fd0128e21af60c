package setup

import (
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Ask is one thing to ask of the Salesforce admin.
type Ask struct {
	State State
	// What is to be done, why, and where to click.
	What, Why, How pace.Sentence
	// Package: the metadata package does it.
	Package bool
}

// Asks are what is missing, the worst first, in the order of the matrix.
func (m Matrix) Asks() []Ask {
	var bad, warnings []Ask
	add := func(a Ask) {
		if a.State == Bad {
			bad = append(bad, a)
		} else {
			warnings = append(warnings, a)
		}
	}
	for _, r := range m.Objects {
		for _, a := range r.asks() {
			add(a)
		}
	}
	for _, r := range m.Rights {
		if r.Right == Missing {
			add(r.ask())
		}
	}
	return append(bad, warnings...)
}

var (
	inTheSet   = pace.Say("setup.how.set", "Setup > Permission Sets > the sync user's set > Object Settings.")
	inTheField = pace.Say("setup.how.field", "Setup > Object Manager > the object > Fields & Relationships > the field > Set Field-Level Security, or the sync user's permission set.")
	newField   = pace.Say("setup.how.new", "Setup > Object Manager > the object > Fields & Relationships > New.")
)

func (r Row) asks() []Ask {
	name := r.Label
	if r.Read == Missing {
		why := pace.Say("setup.why.hidden", "Nothing of it comes to Marketo until then.")
		if r.State == Bad {
			why = pace.Say("setup.why.hidden.bad", "Without it the sync cannot run.")
		}
		return []Ask{{r.State, pace.Say("setup.ask.object", "%1: let the sync user read it", name), why, inTheSet, true}}
	}
	var asks []Ask
	what := pace.Say("setup.ask.edit", "%1: let the sync user edit", name)
	switch {
	case r.Create == Missing && r.Edit == Missing:
		what = pace.Say("setup.ask.create.edit", "%1: let the sync user create and edit", name)
	case r.Create == Missing:
		what = pace.Say("setup.ask.create", "%1: let the sync user create", name)
	}
	if r.Create == Missing || r.Edit == Missing {
		asks = append(asks, Ask{Bad, what, pace.Say("setup.why.object", "Until then every such write fails."), inTheSet, true})
	}
	var hidden, beside, fixed []string
	packed := true
	for _, f := range r.Fields {
		switch {
		case f.Lacking:
			asks = append(asks, f.lacking(r.Object, name))
		case f.Loose:
			asks = append(asks, Ask{Warning, pace.Say("setup.ask.loose", "%1.%2: tick External ID and Unique", name, f.Name),
				pace.Say("setup.why.loose", "Only then can nobody be created twice, whatever happens to a call."), inTheField, false})
		case f.Read == Missing && f.Optional:
			beside = append(beside, f.Label)
		case f.Read == Missing:
			hidden, packed = append(hidden, f.Label), packed && !sometimes(f.Name)
		case f.Edit == Missing:
			fixed = append(fixed, f.Label)
		}
	}
	if len(hidden) > 0 {
		asks = append(asks, Ask{Bad, pace.Say("setup.ask.hidden", "%1: show the sync user %2", name, strings.Join(hidden, ", ")),
			pace.Say("setup.why.field.hidden", "These fields are mapped and stay as they are until then."), inTheField, packed})
	}
	if len(beside) > 0 {
		asks = append(asks, Ask{Warning, pace.Say("setup.ask.hidden", "%1: show the sync user %2", name, strings.Join(beside, ", ")),
			pace.Say("setup.why.field.beside", "Marketo's own sync maps these fields too; shown, they can be mapped here."), inTheField, true})
	}
	if len(fixed) > 0 {
		asks = append(asks, Ask{Bad, pace.Say("setup.ask.fixed", "%1: let the sync user edit %2", name, strings.Join(fixed, ", ")),
			pace.Say("setup.why.field.fixed", "What changes there in Marketo does not reach Salesforce until then."), inTheField, true})
	}
	if r.Everybody == Missing {
		asks = append(asks, Ask{Warning, pace.Say("setup.ask.everybody", "%1: let the sync user view all records", name),
			pace.Say("setup.why.everybody", "Records that are not shared with it are not synced. Leave it if that is what you want."), inTheSet, true})
	}
	return asks
}

// lacking asks for a field of the set-up.
func (f FieldRow) lacking(o record.Object, object string) Ask {
	m, _ := madeField(o, f.Name)
	what := pace.Say("setup.ask.make.box", "%1: make the field %2 (Checkbox)", object, m.Name)
	why := pace.Say("setup.why.box", "Until then nobody can be kept out, or marked, by it. Doppio syncs without it.")
	if m.Text > 0 {
		what = pace.Say("setup.ask.make.key", "%1: make the field %2 (Text %3, External ID, Unique)", object, m.Name, strconv.Itoa(m.Text))
		why = pace.Say("setup.why.key", "With it nothing can be created twice. Without it Doppio looks everybody up first, which takes more calls.")
	}
	return Ask{Warning, what, why, newField, true}
}

func (r UserRow) ask() Ask {
	a := Ask{State: r.State, What: pace.Say("setup.ask.right", "User: give it the right %1", r.Name), Package: true,
		Why: pace.Say("setup.why.right", "Without it the sync cannot do this part of its work."),
		How: pace.Say("setup.how.right", "Setup > Permission Sets > the sync user's set > System Permissions.")}
	switch r.Name {
	case "View Setup and Configuration":
		a.Why = pace.Say("setup.why.viewsetup", "With it Doppio can say which rule or flow refused a write. It changes nothing by it.")
	case "Marketing User":
		a.What, a.Package = pace.Say("setup.ask.marketing", "User: tick Marketing User"), false
		a.Why = pace.Say("setup.why.marketing", "Without it campaign members cannot be written.")
		a.How = pace.Say("setup.how.marketing", "Setup > Users > the sync user > Edit > Marketing User.")
	}
	return a
}
