package org

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

// queryPlan is one way to run a query, as query?explain answers it. A cost above 1 is one that is not selective.
type queryPlan struct {
	Cardinality       int        `json:"cardinality"`
	Fields            []string   `json:"fields"`
	Operation         string     `json:"leadingOperationType"`
	Notes             []planNote `json:"notes"`
	Cost              float64    `json:"relativeCost"`
	ObjectCardinality int        `json:"sobjectCardinality"`
	Object            string     `json:"sobjectType"`
}

type planNote struct {
	Description string   `json:"description"`
	Fields      []string `json:"fields"`
	Table       string   `json:"tableEnumOrId"`
}

// explain answers query?explain: the ways in which a query could be run, the cheapest first.
func (o *Org) explain(c *call, text string) {
	q, err := soql.Parse(text)
	if err != nil {
		c.fail(queryRefusal(err))
		return
	}
	o.view(c, func() {
		s, err := o.scopeOf(c, q, o.clock.Now())
		if err != nil {
			c.fail(queryRefusal(err))
			return
		}
		p, err := s.plan(false)
		if err != nil {
			c.fail(queryRefusal(err))
			return
		}
		plans, err := s.plans(p.count())
		if err != nil {
			c.fail(queryRefusal(err))
			return
		}
		body, err := json.Marshal(map[string]any{"plans": plans, "sourceQuery": text}, json.Deterministic(true))
		if err != nil {
			c.fail(badRequest(soql.MalformedQuery, err.Error()))
			return
		}
		c.out.buf = append(c.out.buf, body...)
		c.ok(http.StatusOK)
	})
}

// plans are the scan and one plan for each term with an index, the cheapest first; fits is how many rows the query gives. Salesforce uses an index for up
// to 30 % of the first million records, 15 % of the rest and a million at most; of a custom one, 10 %, 5 % and a third of a million.
func (s *scope) plans(fits int) ([]queryPlan, error) {
	name, all := s.obj.name, s.obj.table.Len()
	scan := queryPlan{Cardinality: fits, Fields: []string{}, Operation: "TableScan", Notes: []planNote{}, Cost: 1, ObjectCardinality: all, Object: name}
	var plans []queryPlan
	for _, term := range conjuncts(s.q.Where) {
		f := s.termField(term)
		if f == nil {
			continue
		}
		if !f.indexed && f.name != "CreatedDate" && f.name != "SystemModstamp" && f != s.obj.id {
			scan.Notes = append(scan.Notes, planNote{"Not considering filter for optimization because unindexed", []string{f.name}, name})
			continue
		}
		test, err := compile(s, term, s.operand, map[*soql.SemiJoin]*joined{})
		if err != nil {
			return nil, err
		}
		n := 0
		for row := range s.obj.table.ByID(0) {
			if test(row) {
				n++
			}
		}
		first, rest, most := 30, 15, 1_000_000
		if strings.HasSuffix(f.name, "__c") {
			first, rest, most = 10, 5, 333_333
		}
		least := min(max(1, (min(all, 1_000_000)*first+max(0, all-1_000_000)*rest)/100), most)
		plans = append(plans, queryPlan{
			Cardinality: n, Fields: []string{f.name}, Operation: "Index", Notes: []planNote{}, Cost: rounded(float64(n) / float64(least)), ObjectCardinality: all, Object: name,
		})
	}
	plans = append(plans, scan)
	slices.SortStableFunc(plans, func(a, b queryPlan) int { return cmp.Compare(a.Cost, b.Cost) })
	return plans, nil
}

// termField is the row's own field that a term compares in a way in which an index helps; nil for others.
func (s *scope) termField(term soql.Condition) *field {
	switch term := term.(type) {
	case *soql.Comparison:
		if term.Op != soql.NotEqual && (term.Op != soql.Like || !strings.HasPrefix(term.Value.Text(), "%")) && term.Value.Kind != soql.Null {
			return s.direct(term.Operand)
		}
	case *soql.Membership:
		if !term.Negated && !term.Includes {
			return s.direct(term.Operand)
		}
	}
	return nil
}

// rounded leaves four digits behind the point, as Salesforce does.
func rounded(cost float64) float64 {
	cost, _ = strconv.ParseFloat(strconv.FormatFloat(cost, 'f', 4, 64), 64)
	return cost
}
