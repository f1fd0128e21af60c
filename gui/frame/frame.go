// Package frame is what stands around every screen: the sidebar of a workspace, the head of a page, and a problem shown
// in place.
//
// Finished texts flow in, presses flow out through funcs that run on the UI thread.
package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Sidebar is the column at the left: whose workspace this is, where one can go, and at the foot the way out.
type Sidebar struct {
	name, under *look.Text
	foot        *fyne.Container
	leave       *look.Button
	content     fyne.CanvasObject
}

// Place is an entry of a sidebar.
type Place struct {
	Text string
	Here bool
	Go   func()
}

// NewSidebar is a sidebar with places, and with leave as its last entry.
func NewSidebar(places []Place, leave Place) *Sidebar {
	s := &Sidebar{name: look.Title(""), under: look.Caption(""), foot: look.Column(look.Small)}
	s.name.Lines, s.under.Lines = 1, 1
	list := look.Column(2)
	for _, p := range places {
		b := look.NewButton(look.Entry, p.Text, p.Go)
		b.Select(p.Here)
		list.Add(b)
	}
	s.leave = look.NewButton(look.Entry, leave.Text, leave.Go)
	top := look.Column(look.Medium, look.Pad(10, 0, look.Column(2, s.name, s.under)), list)
	bottom := look.Column(look.Small, s.foot, s.leave)
	s.content = Column(container.NewBorder(top, bottom, nil, nil))
	return s
}

// Column is the area of a sidebar around what stands in it.
func Column(content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(look.Fill(look.Sidebar), look.Edge(), container.New(layout.NewCustomPaddedLayout(24, 16, 10, 11), content))
}

// Content is what to draw.
func (s *Sidebar) Content() fyne.CanvasObject { return s.content }

// Set says whose workspace this is, and how it runs.
func (s *Sidebar) Set(name, under string) {
	s.name.Set(name)
	s.under.Set(under)
}

// HintLeave lets a layer say a text about the last entry.
func (s *Sidebar) HintLeave(layer *look.Hints, text string) { s.leave.SetHint(layer, text) }

// Foot puts a block above the last entry.
func (s *Sidebar) Foot(block fyne.CanvasObject) {
	s.foot.Objects = []fyne.CanvasObject{block}
	s.foot.Refresh()
}

// Looking is the block for the foot of a sidebar that says what a workspace can not do that only looks.
func Looking(w *words.Words) fyne.CanvasObject {
	text := look.Wrapped(w.Say("looking.text"), look.Soft, 24)
	text.SizeName = look.SizeCaption
	return look.Inset(look.Column(look.Small, look.Title(w.Say("looking.title")), text))
}

// Beside sets a sidebar beside a page.
func Beside(side, page fyne.CanvasObject) fyne.CanvasObject {
	return container.New(beside{}, side, page)
}

// beside gives the first object the sidebar's width, and the second the rest.
type beside struct{}

func (beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	page := o[1].MinSize()
	return fyne.NewSize(look.SidebarWidth+page.Width, max(o[0].MinSize().Height, page.Height))
}

func (beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(look.SidebarWidth, size.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width-look.SidebarWidth, size.Height))
	o[1].Move(fyne.NewPos(look.SidebarWidth, 0))
}

// Page is the head of a screen (its sentence, the facts under it, its buttons), and below it the rest, which scrolls
// when the window is low. In a narrow window the sentence has two lines.
func Page(heading, sub *look.Text, buttons, rest fyne.CanvasObject) fyne.CanvasObject {
	body := container.New(layout.NewCustomPaddedLayout(0, 20, look.Large, look.Large), rest)
	return container.New(&page{heading, sub, buttons}, heading, sub, buttons, container.NewVScroll(body))
}

type page struct {
	heading, sub *look.Text
	buttons      fyne.CanvasObject
}

const (
	pageTop     float32 = 22
	headOneLine float32 = 720 // the least width at which the sentence of most days fits on one line
)

// MinSize does not change with the width, because it is asked before the width is known.
func (p *page) MinSize(o []fyne.CanvasObject) fyne.Size {
	rest := o[3].MinSize()
	return fyne.NewSize(max(rest.Width, p.buttons.MinSize().Width+8*look.Large), pageTop+p.buttons.MinSize().Height+rest.Height+4*look.Large)
}

func (p *page) Layout(o []fyne.CanvasObject, size fyne.Size) {
	wide := size.Width - 2*look.Large
	taken := p.buttons.MinSize()
	room := wide - taken.Width - look.Small
	lines := 1
	if room < headOneLine {
		lines = 2
	}
	p.heading.SetLines(lines)
	place := func(o fyne.CanvasObject, x, y, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
	}
	heading, sub := p.heading.MinSize().Height, p.sub.MinSize().Height
	place(p.heading, look.Large, pageTop, room, heading)
	under := room
	if lines > 1 {
		under = wide // the buttons stand above it
	}
	place(p.sub, look.Large, pageTop+heading, under, sub)
	beside := heading + sub
	if lines > 1 {
		beside = heading
	}
	place(p.buttons, size.Width-look.Large-taken.Width, pageTop+max(0, float32(int((beside-taken.Height)/2))), taken.Width, taken.Height)
	head := pageTop + max(heading+sub, taken.Height) + look.Tiny
	place(o[3], 0, head, size.Width, max(0, size.Height-head))
}

// Centred keeps a page from growing wider than one likes to read: beyond a width it stands in the middle.
func Centred(widest float32, page fyne.CanvasObject) fyne.CanvasObject {
	return container.New(centred(widest), page)
}

type centred float32

func (c centred) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (c centred) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, float32(c))
	o[0].Move(fyne.NewPos(float32(int((size.Width-width)/2)), 0))
	o[0].Resize(fyne.NewSize(width, size.Height))
}
