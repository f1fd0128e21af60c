package start

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

func title(text string) fyne.CanvasObject {
	t := look.Heading(text)
	t.SizeName = look.SizeNumber
	return t
}

func claim(text string) fyne.CanvasObject {
	t := look.Explain(text, 1)
	t.SizeName = look.SizeClaim
	return t
}

// way is a card that offers one thing to do.
func way(title string, text *look.Text, action fyne.CanvasObject) fyne.CanvasObject {
	head := look.Title(title)
	head.SizeName, head.Lines, head.Shrinks = look.SizeTitle, 1, true
	return look.Card(look.Pad(6, 6, look.Column(look.Small, head, text, container.New(actionSlot{}, action))))
}

// demoProgress stands in the place of the button while the sample data is being made; what is being done takes the
// place of the explanation.
type demoProgress struct {
	explain string
	text    *look.Text
	bar     *look.Bar
	content *fyne.Container
}

func newDemoProgress(w *words.Words, stop func()) demoProgress {
	p := demoProgress{explain: w.Say("start.demo.text"), text: look.Explain("", 4), bar: look.NewBar(look.Accent, 4)}
	p.content = look.Ends(p.bar, look.NewButton(look.Outlined, w.Say("start.stop"), stop))
	p.content.Hide()
	return p
}

func (p *demoProgress) show(v View) {
	if v.Opening == "" || !v.Demo {
		p.text.Set(p.explain)
		p.content.Hide()
		return
	}
	p.text.Set(v.Doing + ".")
	p.bar.Set(v.Share)
	p.content.Show()
}

// actionSlot keeps the height of a button, whatever stands in it.
type actionSlot struct{}

func (actionSlot) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 38) }

func (actionSlot) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, child := range o {
		child.Resize(size)
	}
}

// thirds sets three cards of one width and one height beside each other.
type thirds struct{}

func (thirds) MinSize(o []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for _, child := range o {
		least = least.Max(child.MinSize())
	}
	return fyne.NewSize(3*max(least.Width, 220)+2*look.Medium, least.Height)
}

func (thirds) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := (size.Width - 2*look.Medium) / 3
	for i, child := range o {
		child.Move(fyne.NewPos(float32(i)*(width+look.Medium), 0))
		child.Resize(fyne.NewSize(width, size.Height))
	}
}

// centred keeps a column from growing wider than one likes to read.
type centred struct{ width, top float32 }

func (c centred) MinSize(o []fyne.CanvasObject) fyne.Size {
	least := o[0].MinSize()
	return fyne.NewSize(least.Width+2*look.Large, least.Height+c.top+look.Large)
}

func (c centred) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width-2*look.Large, c.width)
	o[0].Move(fyne.NewPos((size.Width-width)/2, c.top))
	o[0].Resize(fyne.NewSize(width, o[0].MinSize().Height))
}

// workspaceRow sets name, mode, fact and two buttons of a workspace in columns that all rows share.
type workspaceRow struct{}

const (
	workspaceHeight float32 = 54
	modeAt          float32 = 0.36
	factAt          float32 = 0.47
)

func (workspaceRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(560, workspaceHeight)
}

func (workspaceRow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	forget, button := o[3].MinSize().Width, o[4].MinSize().Width
	inner := size.Width - 2*look.Small
	mode, fact := look.Small+inner*modeAt, look.Small+inner*factAt
	look.Place(o[0], look.Small, mode-2*look.Small, size.Height)
	look.Place(o[1], mode, fact-mode, size.Height)
	look.Place(o[2], fact, size.Width-2*look.Small-forget-button-fact, size.Height)
	look.Place(o[3], size.Width-look.Small-button-forget, forget, size.Height)
	look.Place(o[4], size.Width-look.Small-button, button, size.Height)
}
