package rehearsal

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// shares are how many people can be written ahead of everybody.
var shares = []int{10, 100, 1000}

// Live is the page Go live. All methods but Run and Leave belong to the UI thread.
type Live struct {
	words *words.Words
	model *LiveModel
	ways  Ways
	at    wizard.At
	work  live.Jobs
	view  LiveView

	heading, sub  *look.Text
	again         *look.Button
	bar           *look.Bar
	barRoom       fyne.CanvasObject
	problem       *frame.Problem
	shares        []*look.Button
	explain, more *look.Text
	people        *fyne.Container
	shown         []SharedPerson
	left, told    *look.Text
	later         *look.Button
	stays         atomic.Bool // the set-up ends without going live
	effort        [2]*look.Text
	differ        *fyne.Container
	differs       []Point
	content       fyne.CanvasObject
}

// NewLive is the page of a workspace.
func NewLive(w *words.Words, at wizard.At, ways Ways) *Live {
	s := &Live{words: w, model: NewLiveModel(w, at.Workspace, ways.Now), ways: ways, at: at, work: live.NewJobs(1)}
	s.heading, s.sub = look.Heading(""), look.Explain("", 1)
	s.again = look.NewButton(look.Outlined, "", s.Check)
	s.again.Reserve(w.Say("golive.compare"), w.Say("rehearse.stop"))
	s.problem = frame.NewProblem(w, s.Check, ways.Clipboard)
	s.bar = look.NewBar(look.Accent, 6)
	s.barRoom = look.Pad(0, look.Small, s.bar)

	row := look.Row(look.Small)
	for _, n := range shares {
		b := look.NewButton(look.Outlined, w.Count("golive.share", n), func() { s.share(n) })
		s.shares = append(s.shares, b)
		row.Add(b)
	}
	s.explain, s.more = look.Explain("", 4), look.Explain("", 1)
	s.people = look.Column(look.Medium)
	list := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, look.Small, 0, 12), s.people))
	head := look.Column(look.Small, look.Title(w.Say("golive.first")), row, s.barRoom, s.explain)
	first := look.Card(container.NewBorder(head, s.more, nil, nil, look.Pad(0, look.Small, list)))

	s.left, s.told = look.NewText(""), look.Wrapped("", look.Soft, lettersInLine)
	s.left.Lines, s.left.Shrinks = 1, true
	s.effort = [2]*look.Text{look.Wrapped("", look.Soft, lettersInLine), look.Wrapped("", look.Soft, lettersInLine)}
	s.differ = look.Column(look.Medium)
	s.later = look.NewButton(look.Outlined, w.Say("golive.later"), s.notYet)
	all := look.Column(look.Small, look.Title(w.Say("golive.all")), s.left, s.effort[0], s.effort[1], look.Rule(), s.told)
	var foot fyne.CanvasObject
	if !at.Open { // an open workspace rehearses by its mode
		foot = look.Row(0, s.later)
	}
	then := look.Card(container.NewBorder(all, foot, nil, nil, look.Pad(0, look.Small, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), s.differ)))))

	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, look.TwoThirds(first, then))
	s.content = frame.Page(s.heading, s.sub, s.again, rest)
	s.Show(livePicture(w, going{busy: true}, time.Time{}))
	return s
}

// Content is what to draw.
func (s *Live) Content() fyne.CanvasObject { return s.content }

// First is where the keyboard begins: with the first ten people.
func (s *Live) First() fyne.Focusable { return s.shares[0] }

// Run looks for the last rehearsal, and keeps the screen up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of
// the screen runs any more.
func (s *Live) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		s.model.Load(ctx)
		s.work.Run(ctx)
	})
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Check looks what became otherwise since the rehearsal, or stops: the button, and Ctrl+R.
func (s *Live) Check() {
	if s.view.State == Working {
		s.model.Stop()
		return
	}
	s.work.Do(s.model.Compare)
}

// Leave goes live, or lets the cycles go on rehearsing. Where something became otherwise since the rehearsal it shows that first, and wants
// to be told once more.
func (s *Live) Leave(ctx context.Context) bool {
	if s.stays.Swap(false) {
		return s.model.Stay(ctx)
	}
	return s.model.GoLive(ctx)
}

// notYet ends the set-up without a write.
func (s *Live) notYet() {
	s.stays.Store(true)
	s.at.On()
}

func (s *Live) share(people int) {
	if s.view.State != Full {
		return
	}
	s.work.Do(func(ctx context.Context) { s.model.Share(ctx, people) })
}

// Show draws a view.
func (s *Live) Show(v LiveView) {
	s.view = v
	s.heading.Set(v.Heading)
	s.sub.Set(v.Sub)
	s.bar.Set(v.Share)
	if v.State == Working {
		s.barRoom.Show()
		s.again.SetText(s.words.Say("rehearse.stop"))
	} else {
		s.barRoom.Hide()
		s.again.SetText(s.words.Say("golive.compare"))
	}
	s.at.Foot(wizard.Foot{Note: v.Foot, Ready: v.State == Full && !v.Busy, Continue: v.On})
	s.problem.Tell(v.Problem)
	look.Enable(s.again, v.State == Working || v.State == Full && !v.Busy)
	look.Enable(s.later, v.State == Full && !v.Busy)
	for i, b := range s.shares {
		text := s.words.Count("golive.share", shares[i])
		if v.GoOn && i == 0 {
			text = s.words.Say("golive.go.on")
		}
		b.SetText(text)
		look.Enable(b, v.State == Loading || v.State == Full && !v.Busy && (i == 0 || !v.GoOn)) // what is loaded in a moment can have the focus
	}
	s.explain.Set(v.Explain)
	look.Show(s.explain, v.Explain != "")
	s.more.Set(v.More)
	look.Show(s.more, v.More != "")
	s.left.Set(v.Left)
	for i, t := range s.effort {
		text := ""
		if i < len(v.Effort) {
			text = v.Effort[i]
		}
		t.Set(text)
	}
	s.told.Set(v.Told)
	s.showPeople(v)
	if !slices.Equal(v.Differences, s.differs) {
		s.differs = v.Differences
		s.differ.RemoveAll()
		for _, p := range v.Differences {
			s.differ.Add(pointed(p))
		}
		s.differ.Refresh()
	}
}

func (s *Live) showPeople(v LiveView) {
	if slices.Equal(v.People, s.shown) {
		return
	}
	s.shown = v.People
	s.people.RemoveAll()
	for i, p := range v.People {
		name, ids := look.NewText(p.Name), look.Caption(p.IDs)
		name.Lines, name.Shrinks, name.Bold = 1, true, true
		ids.Lines, ids.Shrinks = 1, true
		line := container.NewBorder(nil, nil, container.NewCenter(look.NewBadge(p.Tone, p.State)), nil, look.Pad(look.Small, 0, container.New(layout.NewGridLayout(2), name, ids)))
		if p.IDs == "" {
			line = container.NewBorder(nil, nil, container.NewCenter(look.NewBadge(p.Tone, p.State)), nil, look.Pad(look.Small, 0, name))
		}
		entry := look.Column(2, line, look.Wrapped(p.Did, look.Soft, lettersInRow), s.doors(p))
		if i > 0 {
			entry = look.Column(look.Small, look.Rule(), entry)
		}
		s.people.Add(entry)
	}
	s.people.Refresh()
}

// doors lead to a person on both sides.
func (s *Live) doors(p SharedPerson) fyne.CanvasObject {
	row := look.Row(look.Tiny)
	if p.Page != "" {
		row.Add(look.NewButton(look.Choice, s.words.Say("golive.open"), func() {
			s.work.Do(func(context.Context) { s.model.opened(s.ways.Browser(p.Page)) })
		}))
	}
	if p.Marketo != "" {
		row.Add(look.NewButton(look.Choice, s.words.Say("golive.copy"), func() { s.ways.Clipboard(p.Marketo) }))
	}
	return row
}

// lettersInRow is how many letters the wider card takes on a line, or somewhat fewer.
const lettersInRow = 46
