// Package instance is the step of the set-up at which Doppio signs in to Marketo, and says what the API user may do, who uses the day's
// calls, and whether Marketo's own sync is on.
//
// What a person types flows in and is kept at once, but for the secret, which passes through to the backend; what the instance says of
// itself flows out onto the screen.
package instance

import (
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Face is what the page shows.
type Face uint8

// The faces.
const (
	Loading Face = iota
	Out          // the fields
	Working      // it is being signed in, or asked
	In           // what was found
)

// View is one picture of the page.
type View struct {
	Face         Face
	Loaded       *Typed
	Heading, Sub string
	Rights       []Right
	Lines        []frame.Line
	Users        []User
	Partitions   string
	Problem      *words.Told
	Foot         wizard.Foot
}

// Right is one permission of the API user's role, and what it opens.
type Right struct {
	Name, Opens string
	Tone        look.Tone
	Sign        string
}

// User is what one API user spent.
type User struct{ Name, Today, Week string }

// Picture is the page of an instance that has answered.
func Picture(w *words.Words, i app.Instance, lookOnly bool) View {
	return picture(w, facts{loaded: &Typed{}, in: true, found: &i}, lookOnly)
}

func picture(w *words.Words, f facts, lookOnly bool) View {
	v := View{Loaded: f.loaded, Heading: w.Say("instance.heading"), Sub: w.Say("instance.sub")}
	if f.Failed != nil {
		told := w.Problem(f.Failed)
		v.Problem = &told
	}
	if f.loaded == nil {
		return v
	}
	v.Face = Out
	switch {
	case f.Busy && !(f.in && f.found != nil):
		v.Face, v.Foot.Note = Working, w.Say("instance.busy")
	case f.in && f.found != nil:
		found(w, *f.found, lookOnly, &v)
		v.Foot.Ready = !f.Busy
	case f.in:
		v.Foot = wizard.Foot{Ready: true, Continue: w.Say("signin.ask")}
	}
	return v
}

func found(w *words.Words, i app.Instance, lookOnly bool, v *View) {
	v.Face = In
	v.Heading = w.Say("instance.heading.in", "address", i.Address)
	v.Sub = w.Say("instance.sub.in", "user", i.User)
	lacking := i.Lacking(lookOnly)
	if lacking > 0 {
		v.Heading = w.Count("instance.heading.lacking", lacking)
		v.Foot.Note = w.Count("rights.foot", lacking)
	}
	for _, r := range i.Rights {
		if r.Write && lookOnly {
			continue
		}
		right := Right{Name: r.Name, Opens: w.Say("instance.opens." + slug(r.Name)), Tone: look.GoodTone, Sign: w.Say("check.good")}
		switch {
		case r.Granted:
		case r.Optional:
			right.Tone, right.Sign = look.WarningTone, w.Say("instance.optional")
		default:
			right.Tone, right.Sign = look.BadTone, w.Say("check.bad")
		}
		v.Rights = append(v.Rights, right)
	}
	for _, l := range i.Lines {
		v.Lines = append(v.Lines, lineOf(w, l))
	}
	if i.NativeSync {
		v.Foot.Note = w.Say("instance.foot.native")
	}
	if !i.Since.IsZero() {
		v.Lines = append(v.Lines, frame.Line{Tone: look.GoodTone, Sign: w.Say("check.good"), What: w.Say("instance.since", "date", w.Day(i.Since))})
	}
	quota := frame.Line{Tone: look.GoodTone, Sign: w.Say("check.good"),
		What: w.Say("instance.quota", "today", w.Number(i.Today), "limit", w.Number(i.Limit), "share", w.Number(i.Share))}
	if i.Limit > 0 && i.Today*10 > i.Limit*9 {
		quota.Tone, quota.Sign, quota.Do = look.WarningTone, w.Say("check.warning"), w.Say("instance.quota.do")
	}
	v.Lines = append(v.Lines, quota)
	for _, u := range i.Users {
		name := u.Name
		if u.Ours {
			name = w.Say("instance.ours", "user", u.Name)
		}
		v.Users = append(v.Users, User{name, w.Number(u.Today), w.Number(u.Week)})
	}
	switch {
	case i.Partitions == nil:
	case i.Partition != "":
		v.Partitions = w.Say("instance.partition.set", "partition", i.Partition, "all", strings.Join(i.Partitions, ", "))
	case len(i.Partitions) > 1:
		v.Partitions = w.Say("instance.partition.default", "all", strings.Join(i.Partitions, ", "))
	}
}

// slug is a permission's name as the end of a key.
func slug(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }

func lineOf(w *words.Words, l app.CheckLine) frame.Line {
	tone := map[app.CheckState]look.Tone{app.CheckGood: look.GoodTone, app.CheckWarning: look.WarningTone, app.CheckBad: look.BadTone}[l.State]
	sign := map[app.CheckState]string{app.CheckGood: "check.good", app.CheckWarning: "check.warning", app.CheckBad: "check.bad"}[l.State]
	return frame.Line{Tone: tone, Sign: w.Say(sign), What: w.Sentence(l.What), Do: w.Sentence(l.Do)}
}

// Read says how an address was understood, whether it was, and what is still missing before somebody can sign in.
func Read(w *words.Words, t Typed) (is string, bad bool, foot wizard.Foot) {
	foot.Continue = w.Say("signin.do")
	missing := ""
	switch where, err := app.UnderstandMarketo(t.Address); {
	case strings.TrimSpace(t.Address) == "":
		is, missing = w.Say("instance.is.nothing"), "instance.address"
	case err != nil:
		is, bad, missing = w.Problem(err).What, true, "instance.address"
	case where.Munchkin != "":
		is = w.Say("instance.is", "munchkin", where.Munchkin, "host", strings.TrimPrefix(where.Host, "https://"))
	default:
		is = w.Say("instance.is.elsewhere", "host", where.Host)
	}
	_, counts := t.daily()
	switch {
	case missing != "":
	case strings.TrimSpace(t.ClientID) == "":
		missing = "instance.client"
	case strings.TrimSpace(t.Secret) == "":
		missing = "instance.secret"
	case !counts:
		missing = "instance.daily"
	}
	if missing == "" {
		foot.Ready = true
	} else {
		foot.Note = w.Say("org.missing", "field", w.Say(missing))
	}
	return is, bad, foot
}
