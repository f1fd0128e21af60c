// Package soql reads the Salesforce Object Query Language.
//
// In goes the text of a query, out comes a tree with the place of every name in the text, or the refusal that
// Salesforce itself would word. It knows the language and nothing of any org: which objects and fields exist is for
// the caller to find out, who words an unknown name through Query.At so that row and column are right.
//
// The subset is the one that integrations use (SOQL and SOSL Reference): field lists with parents, functions, FIELDS(),
// TYPEOF and child queries; every filter, semi-joins included; grouping, ordering, limits. Data categories, geolocation
// and roll-up grouping are refused as unexpected tokens.
package soql

// MaxLength is the longest statement in characters (SOQL and SOSL Reference, SOQL and SOSL limits).
const MaxLength = 100_000

// MaxOffset is the largest OFFSET (SOQL and SOSL Reference, OFFSET).
const MaxOffset = 2000

// MaxLiteral is the longest string literal of a filter in characters (SOQL and SOSL Reference, limits).
const MaxLiteral = 4000

// maxDepth bounds nested brackets: far more than people write, far less than a stack holds.
const maxDepth = 100

// Pos is a place in the query's text: the offset in bytes, from 0.
type Pos int

// Query is one SELECT. Limit and Offset are -1 where the text has none.
type Query struct {
	Select  []Item
	From    Path
	Alias   string
	Scope   string
	Where   Condition
	Mode    string // of WITH: SECURITY_ENFORCED, USER_MODE or SYSTEM_MODE
	GroupBy []Operand
	Having  Condition
	OrderBy []Order
	Limit   int
	Offset  int
	// AllRows is Apex's ALL ROWS: rows in the recycle bin take part.
	AllRows bool

	text string
	pos  Pos
}

// Text is the statement that was parsed; a child query gives the whole of it.
func (q *Query) Text() string { return q.text }

// Begin is where this SELECT stands in the text.
func (q *Query) Begin() Pos { return q.pos }

// Path is a name with the relationships that lead to it: Owner.Profile.Name has three parts.
type Path struct {
	Names []string
	Pos   Pos
}

// Last is the name at the end of the path.
func (p Path) Last() string { return p.Names[len(p.Names)-1] }

// String is the path as it was written.
func (p Path) String() string {
	if len(p.Names) == 1 {
		return p.Names[0]
	}
	out := p.Names[0]
	for _, name := range p.Names[1:] {
		out += "." + name
	}
	return out
}

// Item is one entry of the select list: *Column, *Expansion, *Children or *TypeOf.
type Item interface {
	// Begin is where the entry stands in the text.
	Begin() Pos
	item()
}

// Operand is a field, or a function of one. Func is in capitals, empty for a bare field. COUNT() has no Path.
type Operand struct {
	Func string
	Path Path
	Pos  Pos
	// Local is true where the field stands in convertTimezone(): its day is the user's, not Greenwich's.
	Local bool
}

// IsAggregate reports whether the operand is computed over rows.
func (o Operand) IsAggregate() bool {
	switch o.Func {
	case "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX":
		return true
	}
	return false
}

// Column is a field or function in the select list, with its alias if it has one.
type Column struct {
	Operand
	Alias string
}

// Begin is where the column stands.
func (c *Column) Begin() Pos { return c.Pos }
func (*Column) item()        {}

// Expansion is FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM); Which is in capitals.
type Expansion struct {
	Which string
	Pos   Pos
}

// Begin is where FIELDS stands.
func (e *Expansion) Begin() Pos { return e.Pos }
func (*Expansion) item()        {}

// Children is a query over a child relationship, whose name is the query's From.
type Children struct{ Query *Query }

// Begin is where the inner SELECT stands.
func (c *Children) Begin() Pos { return c.Query.pos }
func (*Children) item()        {}

// TypeOf picks columns by the kind of record that a polymorphic relationship points to.
type TypeOf struct {
	Relationship Path
	When         []Branch
	Else         []Path
}

// Branch is one WHEN of a TypeOf.
type Branch struct {
	Object Path
	Then   []Path
}

// Begin is where the relationship's name stands.
func (t *TypeOf) Begin() Pos { return t.Relationship.Pos }
func (*TypeOf) item()        {}

// Condition is a filter: *Logic, *Not, *Comparison, *Membership or *SemiJoin.
type Condition interface{ condition() }

// Logic joins two or more conditions by AND, or by OR if Or.
type Logic struct {
	Or    bool
	Terms []Condition
}

// Not is the opposite of a condition.
type Not struct{ Term Condition }

// Operator compares an operand with one value.
type Operator uint8

// The operators of a Comparison.
const (
	Equal Operator = iota + 1
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	Like
)

// Comparison is operand, operator, value.
type Comparison struct {
	Operand Operand
	Op      Operator
	Value   Literal
}

// Membership is IN or, if Includes, INCLUDES; Negated makes them NOT IN and EXCLUDES.
type Membership struct {
	Operand  Operand
	Negated  bool
	Includes bool
	Values   []Literal
}

// SemiJoin is IN or NOT IN the one column of another query.
type SemiJoin struct {
	Operand Operand
	Negated bool
	Query   *Query
}

func (*Logic) condition()      {}
func (*Not) condition()        {}
func (*Comparison) condition() {}
func (*Membership) condition() {}
func (*SemiJoin) condition()   {}

// Order is one entry of ORDER BY. Salesforce puts nulls first unless told otherwise, in both directions.
type Order struct {
	Operand   Operand
	Desc      bool
	NullsLast bool
}
