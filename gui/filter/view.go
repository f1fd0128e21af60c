package filter

import (
	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// State is what the page is like as a whole.
type State uint8

// The states.
const (
	Loading State = iota
	Failed
	Full
)

// View is the page in texts. Fields without a text are not shown.
type View struct {
	State State
	// Rev rises with every edit: what is drawn of an older one than was typed since would take letters back.
	Rev     int
	Lines   []Line
	Text    string
	Wrong   *Wrong // the text is not understood, and the rows are of before
	Said    string // the filter in a sentence
	Notes   []string
	Undo    bool
	Redo    bool
	Means   Means
	Which   Which
	Who     []Who
	Empty   string // why Who is empty
	Past    []Version
	Confirm string // what is asked before it is set; empty: nothing is
	Why     string
	Note    string
	Ready   bool // Continue may be pressed
	Setting bool
	Changed bool // from what is set
	Presets []Preset
	Problem *words.Told
	Focus   Path // where the keyboard goes, once
}

// Kind is what a line of the rows is.
type Kind uint8

// The kinds.
const (
	Head   Kind = iota // of a block: how its rows hold together, and whom it is about
	Remark             // words that count nowhere
	Group              // of a group within
	RowLine
	Add // what can be added to a group
)

// Line is a line of the rows.
type Line struct {
	Kind  Kind
	Path  Path
	Depth int
	// Objects are those of the block, About names them; Join is how its group holds together.
	Objects []record.Object
	About   string
	Join    app.FilterJoin
	Text    string // of a remark
	// Of a row: its field, what can be asked of it, and its values.
	Row   app.FilterRow
	Label string
	Offer app.FilterOffer
	// Open says why the row does not count yet.
	Open string
	// Only says that nothing else is there, so that it cannot be removed.
	Only bool
}

// Wrong is a text that is not understood: the line with the word, why, and what may have been meant.
type Wrong struct {
	Before, Word, After string
	Why                 string
	Offset, Length      int
	Meant               []string
}

// Means is what the filter would do.
type Means struct {
	// Old says that the numbers are those of an earlier text, Asking that newer ones are on their way.
	Old, Asking bool
	// Whole says that all there is to know is known.
	Whole      bool
	Salesforce Side
	Marketo    Side
	Facts      []Fact
	Leaving    app.FilterLeaving
	Mark       string // the label of the checkbox
	Others     []string
}

// Side is one side's bar: what stays in, enters, leaves, as shares of all.
type Side struct {
	Text                string
	In, Entering, Going float64
}

// Fact is a line below the bars.
type Fact struct {
	Name, Number, Text string
	Of                 Mover
}

// Mover is whom a fact is about.
type Mover uint8

// The movers.
const (
	Entering Mover = iota + 1
	Leaving
	Hanging
)

// Which is what the list at the right shows.
type Which uint8

// The lists.
const (
	WhoLeaves Which = iota
	WhoEnters
	Versions
)

// Preset is a sentence to begin with.
type Preset struct{ Sentence, Title, About string }

// Who is somebody who would leave or enter.
type Who struct{ Name, Why string }

// Version is a filter that was set before.
type Version struct {
	Title, Text, Differs string
	Now                  bool
	N                    int
}
