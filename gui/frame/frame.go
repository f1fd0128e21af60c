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
)

// Sidebar is the column at the left: whose workspace this is, where one can go, and at the foot the way out.
type Sidebar struct {
	name, under *look.Text
	foot        *fyne.Container
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
	out := look.NewButton(look.Entry, leave.Text, leave.Go)
	top := look.Column(look.Medium, look.Pad(10, 0, look.Column(2, s.name, s.under)), list)
	bottom := look.Column(look.Small, s.foot, out)
	column := container.NewBorder(top, bottom, nil, nil)
	s.content = container.NewStack(look.Fill(look.Sidebar), look.Edge(), container.New(layout.NewCustomPaddedLayout(24, 16, 10, 11), column))
	return s
}

// Content is what to draw.
func (s *Sidebar) Content() fyne.CanvasObject { return s.content }

// Set says whose workspace this is, and how it runs.
func (s *Sidebar) Set(name, under string) {
	s.name.Set(name)
	s.under.Set(under)
}

// Foot puts a block above the last entry.
func (s *Sidebar) Foot(block fyne.CanvasObject) {
	s.foot.Objects = []fyne.CanvasObject{block}
	s.foot.Refresh()
}

// Beside sets a sidebar beside a page.
func Beside(s *Sidebar, page fyne.CanvasObject) fyne.CanvasObject {
	return container.New(beside{}, s.Content(), page)
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
// when the window is low.
func Page(heading, sub *look.Text, buttons, rest fyne.CanvasObject) fyne.CanvasObject {
	head := look.Ends(look.Column(0, heading, sub), buttons)
	body := container.New(layout.NewCustomPaddedLayout(0, 20, look.Large, look.Large), rest)
	return container.NewBorder(container.New(layout.NewCustomPaddedLayout(22, 0, look.Large, look.Large), head), nil, nil, nil, container.NewVScroll(body))
}
