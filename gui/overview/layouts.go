package overview

import (
	"fyne.io/fyne/v2"

	"github.com/doppio-sync/doppio/gui/look"
)

// slot keeps a height, whether its object is visible or not, so that nothing below it jumps.
type slot float32

func (h slot) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, float32(h)) }

func (h slot) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(size.Width, float32(h)))
	}
}

// board sets four cards in two columns: what waits and what was done to the left, failures and calls to the right.
type board struct{}

const (
	boardLeft         float32 = 0.634 // of the width
	boardTop          float32 = 0.607 // of the height
	boardLeastTop     float32 = 372
	boardLeastBottom  float32 = 184
	boardLeastContent float32 = 700
)

func (board) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(boardLeastContent, boardLeastTop+look.Medium+boardLeastBottom)
}

func (board) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left := float32(int((size.Width - look.Medium) * boardLeft))
	right := size.Width - look.Medium - left
	top := float32(int((size.Height - look.Medium) * boardTop))
	top = max(boardLeastTop, min(top, size.Height-look.Medium-boardLeastBottom))
	bottom := size.Height - look.Medium - top
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	place(o[0], 0, 0, left, top)
	place(o[1], left+look.Medium, 0, right, top)
	place(o[2], 0, top+look.Medium, left, bottom)
	place(o[3], left+look.Medium, top+look.Medium, right, bottom)
}

var _ fyne.Layout = board{}
var _ fyne.Layout = slot(0)

// halfway sets one object in the middle of the height, as wide as there is room.
type halfway struct{}

func (halfway) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (halfway) Layout(o []fyne.CanvasObject, size fyne.Size) {
	height := o[0].MinSize().Height
	o[0].Move(fyne.NewPos(0, float32(int((size.Height-height)/2))))
	o[0].Resize(fyne.NewSize(size.Width, height))
}

// flow sets objects beside each other, and those that do not fit any more on a second line, whose room it always keeps.
type flow struct{}

func (flow) MinSize(o []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for _, child := range o {
		least = least.Max(child.MinSize())
	}
	return fyne.NewSize(least.Width, 2*least.Height)
}

func (flow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	at := fyne.NewPos(0, 0)
	for _, child := range o {
		least := child.MinSize()
		if at.X > 0 && at.X+least.Width > size.Width {
			at = fyne.NewPos(0, at.Y+least.Height)
		}
		child.Move(at)
		child.Resize(least)
		at.X += least.Width + 12
	}
}

// causeHeight is a line of the list of causes.
const causeHeight float32 = 35

// causesBelow sets a chart, its legend, and a list of causes under each other. The list always has three lines; in a high
// card it has more.
type causesBelow struct{}

func (causesBelow) MinSize(o []fyne.CanvasObject) fyne.Size {
	chart, legend := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(chart.Width, legend.Width), chart.Height+legend.Height+look.Tiny+3*causeHeight)
}

func (causesBelow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	legend := o[1].MinSize().Height
	n := float32(int(max(3, min(size.Height*0.4/causeHeight, float32(len(o[2].(*fyne.Container).Objects))))))
	chart := size.Height - legend - look.Tiny - n*causeHeight
	place := func(o fyne.CanvasObject, y, height float32) {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
	}
	place(o[0], 0, chart)
	place(o[1], chart, legend)
	place(o[2], chart+legend+look.Tiny, n*causeHeight)
}

// lines sets lines of one height under each other, as many as there is room for.
type lines struct{}

func (lines) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (lines) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for i, line := range o {
		top := float32(i) * causeHeight
		line.Move(fyne.NewPos(0, top))
		line.Resize(fyne.NewSize(size.Width, causeHeight))
		look.Show(line, top+causeHeight <= size.Height+1)
	}
}

// byHeight shows its first object where there is at least so much height, else its second, a text, in as many lines as fit, and its third, a
// shorter one, where these are few.
type byHeight float32

func (byHeight) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (h byHeight) Layout(o []fyne.CanvasObject, size fyne.Size) {
	text := o[1].(*look.Text)
	lines := max(1, int(size.Height*float32(text.Lines)/text.MinSize().Height))
	shown := o[0]
	switch {
	case size.Height >= float32(h):
	case lines > 2:
		shown = text
		text.SetLines(lines)
	default:
		shown = o[2]
		shown.(*look.Text).SetLines(lines)
	}
	for _, one := range o {
		look.Show(one, one == shown)
	}
	shown.Move(fyne.NewPos(0, 0))
	shown.Resize(size)
}

var (
	_ fyne.Layout = halfway{}
	_ fyne.Layout = causesBelow{}
	_ fyne.Layout = lines{}
	_ fyne.Layout = byHeight(0)
	_ fyne.Layout = flow{}
)
