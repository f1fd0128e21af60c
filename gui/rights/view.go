// Package rights is the page that says what the sync user may do in Salesforce, object by object, and what to ask of the admin.
//
// What Salesforce answered flows in from the workspace; the request, the mail and the package flow out into files and onto the clipboard.
package rights

import (
	"fmt"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/words"
)

// State is which of the screen's faces is shown.
type State uint8

// The faces.
const (
	Loading State = iota
	Failed
	Full
)

// View is one picture of the screen.
type View struct {
	State   State
	Heading string
	Sub     string
	Rows    []Row
	User    string // the rights of the user as a whole
	Asks    []Ask
	Note    string // what was done last
	Foot    string // what is to be said about going on
	Busy    bool
	// Packed counts what the package would do of what is asked for, and Deed says what deploying it would change.
	Packed    int
	Deed      string
	Deploying bool
	Address   string // of the page on which an admin signs in, while it is waited for
	Problem   *words.Told
}

// Mark is a cell of the matrix.
type Mark uint8

// The marks.
const (
	Good Mark = iota
	Bad
	Unneeded
	Unknown
)

// Row is one object.
type Row struct {
	Object             string
	Read, Create, Edit Mark
	Fields             string
	Lacks              string // in a few words; empty when nothing is
	Grave              bool   // the sync fails by it
}

// Ask is one thing to ask for.
type Ask struct {
	Grave          bool
	Packed         bool // the package does it
	What, Why, How string
}

// Picture is the view of what Salesforce answered.
func Picture(w *words.Words, r app.Rights) View { return picture(w, facts{rights: &r}) }

func picture(w *words.Words, f facts) View {
	v := View{State: Loading, Heading: w.Say("rights.heading"), Sub: w.Say("rights.reading"), Busy: f.Busy, Note: f.Note}
	if f.Failed != nil {
		told := w.Problem(f.Failed)
		v.Problem = &told
		v.State, v.Sub = Failed, w.Say("rights.failed")
	}
	if f.rights == nil {
		return v
	}
	v.State = Full
	r := *f.rights
	asks := r.Asks()
	switch bad := grave(asks); {
	case len(asks) == 0:
		v.Heading = w.Say("rights.heading.good")
	case bad == 0:
		v.Heading = w.Count("rights.heading.warning", len(asks))
	default:
		v.Heading = w.Count("rights.heading.bad", bad)
		v.Foot = w.Count("rights.foot", bad)
	}
	v.Sub = w.Say("rights.sub", "user", r.User.Username, "profile", r.User.Profile, "org", r.Org)
	for _, o := range r.Objects {
		v.Rows = append(v.Rows, row(w, o))
	}
	var rights []string
	for _, u := range r.Matrix.Rights {
		sign := map[app.Right]string{app.RightGranted: "✓", app.RightMissing: "✗", app.RightUnknown: "?"}[u.Right]
		rights = append(rights, u.Name+"\u00a0"+sign) // a sign stays beside its name
	}
	v.User = w.Say("rights.user", "rights", strings.Join(rights, "   "))
	for _, a := range asks {
		if a.Package {
			v.Packed++
		}
		v.Asks = append(v.Asks, Ask{Grave: a.State == app.RightsBad, Packed: a.Package, What: w.Sentence(a.What), Why: w.Sentence(a.Why), How: w.Sentence(a.How)})
	}
	v.Deed = w.Say("rights.deploy.text", "n", w.Number(v.Packed), "org", r.Org, "user", r.User.Username)
	v.Deploying, v.Address = f.deploying, f.address
	switch {
	case f.deploying && f.address == "":
		v.Note = w.Say("rights.deploying")
	case f.deploying && f.unopened:
		v.Note = w.Say("rights.deploying.unopened")
	case f.deploying:
		v.Note = w.Say("rights.deploying.browser")
	}
	return v
}

func grave(asks []app.Ask) int {
	n := 0
	for _, a := range asks {
		if a.State == app.RightsBad {
			n++
		}
	}
	return n
}

var marks = map[app.Right]Mark{app.RightGranted: Good, app.RightMissing: Bad, app.RightUnneeded: Unneeded, app.RightUnknown: Unknown}

func row(w *words.Words, o app.RightsRow) Row {
	r := Row{Object: o.Label, Read: marks[o.Read], Create: marks[o.Create], Edit: marks[o.Edit], Grave: o.State == app.RightsBad}
	hidden, fixed, lacking, good := 0, 0, 0, 0
	for _, f := range o.Fields {
		switch {
		case f.Lacking || f.Loose:
			lacking++
		case f.Read == app.RightMissing:
			hidden++
		case f.Edit == app.RightMissing:
			fixed++
		default:
			good++
		}
	}
	r.Fields = fmt.Sprintf("%s / %s", w.Number(good), w.Number(len(o.Fields)))
	var lacks []string
	if o.Read == app.RightMissing {
		lacks = append(lacks, w.Say("rights.lacks.object"))
		r.Fields = ""
	}
	for _, l := range []struct {
		n   int
		key string
	}{{hidden, "rights.lacks.hidden"}, {fixed, "rights.lacks.fixed"}, {lacking, "rights.lacks.made"}} {
		if l.n > 0 {
			lacks = append(lacks, w.Count(l.key, l.n))
		}
	}
	if o.Everybody == app.RightMissing && len(lacks) == 0 {
		lacks = append(lacks, w.Say("rights.lacks.everybody"))
	}
	r.Lacks = strings.Join(lacks, ", ")
	return r
}
