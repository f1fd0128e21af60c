package rehearsal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// LiveView is one picture of the page Go live.
type LiveView struct {
	State   State
	Heading string
	Sub     string
	Share   float64 // of the work that is done; 0: nobody knows
	People  []SharedPerson
	More    string // of the people who are not shown
	Explain string // what stands where the people will
	GoOn    bool   // a share was cut off
	Left    string // what waits still
	Effort  []string
	// Differences are what became otherwise since the rehearsal.
	Differences []Point
	Told        string // that there are some, or none
	Foot        string
	On          string // what the button says that leads on
	Busy        bool
	Problem     *words.Told
}

// SharedPerson is one of the first people.
type SharedPerson struct {
	Tone       look.Tone
	State      string
	Name       string
	IDs        string // where the name is one
	Did        string
	Page       string // in Salesforce
	Marketo    string // the person's id
	Salesforce string
}

// peopleAtMost and differencesAtMost are how many are shown.
const (
	peopleAtMost      = 20
	differencesAtMost = 30
)

// LivePicture is the view of what was rehearsed, and of a share that was written; nil: none.
func LivePicture(w *words.Words, r app.Rehearsal, share *app.Share, o *app.Outcome, now time.Time) LiveView {
	return livePicture(w, going{loaded: true, rehearsal: &r, share: share, outcome: o}, now)
}

func livePicture(w *words.Words, g going, now time.Time) LiveView {
	v := LiveView{State: Loading, Heading: w.Say("golive.heading"), Sub: w.Say("golive.sub"), Busy: g.busy, Explain: w.Say("golive.explain")}
	if g.rehearsal != nil {
		fillLive(w, &v, g, now)
	}
	switch {
	case g.progress != nil:
		v.State, v.Sub = Working, w.Progress(*g.progress, now)
		v.Heading = w.Say("golive.heading.comparing")
		if g.sharing > 0 {
			v.Heading = w.Count("golive.heading.writing", g.sharing)
		}
		if g.progress.Total > 0 {
			v.Share = float64(g.progress.Done) / float64(g.progress.Total)
		}
	case g.failed != nil:
		told := w.Problem(g.failed)
		v.Problem = &told
		if g.rehearsal == nil {
			v.State, v.Heading = Failed, w.Say("golive.heading.failed")
		}
	case g.loaded && g.rehearsal == nil:
		v.State, v.Heading, v.Foot = Empty, w.Say("golive.heading.empty"), w.Say("golive.foot.empty")
	}
	return v
}

func fillLive(w *words.Words, v *LiveView, g going, now time.Time) {
	r := *g.rehearsal
	v.State = Full
	writes := r.Count(0, "create", "update", app.ActionLink, "delete", app.ActionMerge)
	v.Heading = w.Count("golive.heading.ready", writes)
	v.Sub = w.Say("golive.sub.ready", "when", w.Ago(r.At, now))
	v.On = w.Say("golive.on")
	v.Left = w.Count("golive.left", writes)
	for _, s := range r.Sides {
		v.Effort = append(v.Effort, effort(w, s))
	}
	if r.Outcome != nil {
		v.Heading, v.Foot = w.Count("golive.heading.done", r.Outcome.AsAnnounced), w.Say("golive.foot.done")
	}
	if g.share != nil {
		fillShare(w, v, *g.share)
		v.Left = w.Count("golive.left.of", g.share.Left, "all", w.Number(writes))
	}
	if r.Brake != nil {
		v.Foot = w.Say("golive.foot.brake")
	}
	o := g.outcome
	if o == nil {
		o = r.Outcome
	}
	switch {
	case o == nil:
		v.Told = w.Say("golive.differ.later")
	case o.Differ() == 0:
		v.Told = w.Say("golive.differ.none")
	default:
		v.Told = w.Count("golive.differ", o.Differ())
		if g.outcome != nil {
			v.Heading, v.Sub = w.Count("golive.heading.differ", o.Differ()), w.Say("golive.sub.differ", "when", w.Ago(r.At, now))
			v.On, v.Foot = w.Say("golive.on.anyway"), w.Say("golive.foot.differ")
		}
		for i, d := range o.Differences {
			if i == differencesAtMost {
				v.Differences = append(v.Differences, Point{What: w.Count("golive.differ.more", o.Differ()-i)})
				break
			}
			v.Differences = append(v.Differences, difference(w, d))
		}
	}
}

func difference(w *words.Words, d app.Difference) Point {
	record := string(d.ID)
	if d.ID == "" {
		record = string(d.Source)
	}
	key := "golive.differ." + d.How
	what := w.Say(key, "record", w.Object(d.Object)+" "+record, "side", side(d.Side))
	text := w.Sentence(d.Cause)
	if len(d.Fields) > 0 {
		text += " (" + named(d.Fields, 4) + ")"
	}
	return Point{What: what, Text: text}
}

// fillShare tells of the first people: those first who need somebody.
func fillShare(w *words.Words, v *LiveView, share app.Share) {
	good := 0
	for _, p := range share.People {
		if p.State == app.NowWritten || p.State == app.NowNothing {
			good++
		}
	}
	v.GoOn = !share.Whole
	switch n := len(share.People); {
	case !share.Whole:
		v.Heading, v.Sub = w.Say("golive.heading.cut"), w.Say("golive.sub.cut")
	case good == n:
		v.Heading, v.Sub = w.Count("golive.heading.shared", n), w.Say("golive.sub.shared")
	default:
		v.Heading, v.Sub = w.Count("golive.heading.some", n-good, "all", w.Number(n)), w.Say("golive.sub.some")
	}
	people := slices.Clone(share.People)
	slices.SortStableFunc(people, func(a, b app.SharedPerson) int { return int(tone(a.State)) - int(tone(b.State)) })
	slices.Reverse(people)
	for i, p := range people {
		if i == peopleAtMost {
			v.More = w.Count("golive.people.more", len(people)-i)
			break
		}
		v.People = append(v.People, sharedPerson(w, p))
	}
	v.Explain = ""
}

// tone tells good from bad; bad is the highest.
func tone(s app.NowState) look.Tone {
	switch s {
	case app.NowFailed:
		return look.BadTone
	case app.NowHeld, app.NowWaiting, app.NowUnknown:
		return look.WarningTone
	case app.NowWritten:
		return look.GoodTone
	}
	return look.QuietTone
}

func sharedPerson(w *words.Words, p app.SharedPerson) SharedPerson {
	out := SharedPerson{Tone: tone(p.State), Name: cmp.Or(p.Name, p.Text()), Page: p.Page, Marketo: string(p.Marketo), Salesforce: string(p.Salesforce)}
	if p.Name != "" {
		out.IDs = p.Text()
	}
	switch p.State {
	case app.NowFailed:
		out.State = w.Say("golive.state.failed")
	case app.NowHeld:
		out.State = w.Say("golive.state.held")
	case app.NowWritten:
		out.State = w.Say("golive.state.written")
	case app.NowFiltered:
		out.State = w.Say("golive.state.filtered")
	case app.NowNothing:
		out.State = w.Say("golive.state.nothing")
	default:
		out.State = w.Say("golive.state.waiting")
	}
	var did []string
	for _, d := range p.Did {
		switch {
		case d.Created:
			did = append(did, w.Say("golive.did.created", "side", side(d.Side)))
		case d.Linked:
			did = append(did, w.Say("golive.did.linked", "side", side(d.Side)))
		default:
			did = append(did, w.Count("golive.did.fields", len(d.Fields), "side", side(d.Side), "fields", named(d.Fields, 5)))
		}
	}
	if p.Why.Text != "" {
		did = append(did, sentence(w, p.Why))
	}
	out.Did = strings.Join(did, " ")
	return out
}
