package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Rows are a filter as an editor shows it: a block for each sentence, of rows that each ask a field for something. Read makes one of a
// text, Text writes it again, and both mean the same filter: whatever Parse understands they can show, and remarks are kept.
type Rows struct {
	Blocks  []Block `json:"blocks,omitempty"`
	Leaving Leaving `json:"leaving,omitempty"`
	// Mark is the checkbox in Marketo of a Leaving that is Mark, as a sentence names it.
	Mark string `json:"mark,omitempty"`
	// Remarks stand below the last block, without their #.
	Remarks []string `json:"remarks,omitempty"`
}

// Block is a sentence: whom it is about (nobody named is leads and contacts alike), and a group of what must hold.
type Block struct {
	Objects []record.Object `json:"objects,omitempty"`
	// Remarks stand above it, or did within it.
	Remarks []string `json:"remarks,omitempty"`
	Top     Node     `json:"top"`
}

// Node is a row, or a group of parts.
type Node struct {
	Join  Join   `json:"join,omitempty"`
	Nodes []Node `json:"nodes,omitempty"`
	Row   Row    `json:"row,omitzero"`
}

// Join says what a Node is, and how many of a group's parts must hold.
type Join uint8

// The joins. A group in which nothing is whole yet says nothing, and one of a single part says what that says.
const (
	Alone Join = iota // a row
	EachOf
	AnyOf
	NotEachOf
	NoneOf
)

// Read reads a filter's text as rows; one without a sentence has none. The error is a *ParseError.
func Read(text string, catalog Catalog) (Rows, error) {
	if tokens, remarks, err := lex(text); err == nil && len(tokens) == 1 {
		var rows Rows
		for _, r := range remarks {
			rows.Remarks = append(rows.Remarks, strings.TrimSpace(text[r.pos+1:r.end]))
		}
		return rows, nil
	}
	f, remarks, err := parse(text, catalog)
	if err != nil {
		return Rows{}, err
	}
	rows := RowsOf(f)
	for _, r := range remarks {
		if r.sentence < len(rows.Blocks) {
			b := &rows.Blocks[r.sentence]
			b.Remarks = append(b.Remarks, r.text)
		} else {
			rows.Remarks = append(rows.Remarks, r.text)
		}
	}
	return rows, nil
}

// RowsOf gives a filter as rows.
func RowsOf(f Filter) Rows { return rowsOf(f, written) }

// rowsOf names fields as name does.
func rowsOf(f Filter, name func(*Test) string) Rows {
	rows := Rows{Leaving: f.Leaving}
	if f.Leaving == Mark {
		rows.Mark = name(&Test{Field: f.Mark})
	}
	for _, s := range f.Sentences {
		b := Block{Top: nodeOf(s.Where, name)}
		if !s.Bare {
			b.Objects = slices.Clone(s.Objects)
		}
		if b.Top.Join == Alone {
			b.Top = Node{Join: EachOf, Nodes: []Node{b.Top}}
		}
		rows.Blocks = append(rows.Blocks, b)
	}
	return rows
}

// NodeOf gives a condition as rows.
func NodeOf(e Expr) Node { return nodeOf(e, written) }

func nodeOf(e Expr, name func(*Test) string) Node {
	group := func(j Join, terms ...Expr) Node {
		p := Node{Join: j}
		for _, t := range terms {
			p.Nodes = append(p.Nodes, nodeOf(t, name))
		}
		return p
	}
	switch e := e.(type) {
	case *All:
		return group(EachOf, e.Terms...)
	case *Any:
		return group(AnyOf, e.Terms...)
	case *Not:
		switch inner := e.Term.(type) {
		case *All:
			return group(NotEachOf, inner.Terms...)
		case *Any:
			return group(NoneOf, inner.Terms...)
		}
		return group(NoneOf, e.Term)
	case *Test:
		return Node{Row: rowOf(e, name(e))}
	}
	return Node{}
}

// Text writes the rows. What is not whole is left out; where nothing is whole it is empty.
func (f Rows) Text() string {
	var lines []string
	remark := func(remarks []string) {
		for _, r := range remarks {
			lines = append(lines, strings.TrimRight("# "+r, " "))
		}
	}
	for _, b := range f.Blocks {
		remark(b.Remarks)
		if line := b.Text(); line != "" {
			lines = append(lines, line)
		}
	}
	switch f.Leaving {
	case Unlink:
		lines = append(lines, "who leaves is unlinked")
	case Mark:
		lines = append(lines, "who leaves is marked in "+f.Mark)
	}
	remark(f.Remarks)
	return strings.Join(lines, "\n")
}

// Text writes the block as a sentence, without its remarks.
func (b Block) Text() string {
	line := b.Top.Text()
	if line == "" || len(b.Objects) == 0 {
		return line
	}
	var objects []string
	for _, o := range b.Objects {
		objects = append(objects, name(objectWord(o)))
	}
	return strings.Join(objects, ", ") + " where " + line
}

// Text writes the part as a condition.
func (p Node) Text() string { return p.text(0) }

// text puts brackets where they must stand, and around an "and" within an "or", for the reader: outer is 0 at the top, 1 within an
// "or", 2 within an "and", 3 after a "not".
func (p Node) text(outer int) string {
	level, between, not := 2, " and ", ""
	switch p.Join {
	case Alone:
		return p.Row.Text()
	case AnyOf, NoneOf:
		level, between = 1, " or "
	}
	if p.Join == NotEachOf || p.Join == NoneOf {
		not, outer = "not ", 3
	}
	var texts []string
	var only Node
	for _, part := range p.Nodes {
		if s := part.text(level); s != "" {
			texts, only = append(texts, s), part
		}
	}
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return not + only.text(outer)
	}
	s := strings.Join(texts, between)
	if outer > 0 {
		s = "(" + s + ")"
	}
	return not + s
}
