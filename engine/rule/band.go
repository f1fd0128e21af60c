package rule

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// band turns a number into the band in which it is. Towards the band alone it travels: no number can be made of a band.
type band struct {
	to     record.Side
	bands  []interval
	margin float64
}

// interval is one band: from low on, until the next one begins. It says sent.
type interval struct {
	low, high float64
	sent      record.Value
}

// of is the band of a value. A number stays in the band that was agreed upon until it is more than the margin outside of it, so that one
// that wavers about an edge is not written each time. What already is a band stays, and so does what is no number.
func (b *band) of(v record.Value, from record.Side, number uint16, agreed Agreed) record.Value {
	n, err := strconv.ParseFloat(v.Text(), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return v
	}
	if from != b.to && b.margin > 0 && agreed != nil {
		for _, i := range b.bands {
			if n >= i.low-b.margin && n <= i.high+b.margin && agreed.Same(number, i.sent) {
				return i.sent
			}
		}
	}
	at := 0
	for i := range b.bands {
		if n >= b.bands[i].low {
			at = i
		}
	}
	return b.bands[at].sent
}

// bandEntry is how the rule file says it.
type bandEntry struct {
	Bands  []intervalEntry `json:"bands,omitempty"`
	Margin *float64        `json:"margin,omitempty"`
	To     *record.Side    `json:"to,omitempty"`
	Send   string          `json:"send,omitempty"`
}

// intervalEntry is "26-50", or with a word of one's own {"band": "26-50", "send": "warm"}.
type intervalEntry struct {
	Band string `json:"band"`
	Send string `json:"send,omitempty"`
}

// UnmarshalJSON reads either form.
func (e *intervalEntry) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &e.Band)
	}
	type plain intervalEntry
	return strict(text, (*plain)(e))
}

// MarshalJSON writes the shorter form that says it.
func (e intervalEntry) MarshalJSON() ([]byte, error) {
	if e.Send == "" {
		return json.Marshal(e.Band)
	}
	type plain intervalEntry
	return json.Marshal(plain(e))
}

var (
	presetBands   = []intervalEntry{{Band: "0-25"}, {Band: "26-50"}, {Band: "51-75"}, {Band: "76-100"}}
	presetMargin  = 2.0
	intervalShape = regexp.MustCompile(`^\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|to|\.\.)\s*(-?\d+(?:\.\d+)?)\s*$`)
)

// compile makes a band for a field of a type; what is wrong names the entry.
func (e bandEntry) compile(t record.Type) (*band, error) {
	b := &band{to: record.Salesforce, margin: presetMargin}
	if e.To != nil {
		b.to = *e.To
	}
	if e.Margin != nil {
		b.margin = *e.Margin
	}
	if b.margin < 0 {
		return nil, at("margin", "rule.band.margin", "a margin is 0 or more")
	}
	entries := e.Bands
	if len(entries) == 0 {
		entries = presetBands
	}
	for i, entry := range entries {
		place := fmt.Sprintf("bands[%d]", i)
		m := intervalShape.FindStringSubmatch(entry.Band)
		if m == nil {
			return nil, at(place, "rule.band.shape", "\"%1\" is no band: two numbers with a hyphen between them, as 26-50", entry.Band)
		}
		low, lowErr := strconv.ParseFloat(m[1], 64)
		high, highErr := strconv.ParseFloat(m[2], 64)
		if lowErr != nil || highErr != nil || low > high {
			return nil, at(place, "rule.band.ends", "\"%1\" ends before it begins", entry.Band)
		}
		if i > 0 && low <= b.bands[i-1].high {
			return nil, at(place, "rule.band.overlap", "\"%1\" begins before the band in front of it ends", entry.Band)
		}
		sent, err := t.Canon(e.says(entry, m, t))
		if err != nil || sent.IsBlank() {
			return nil, at(place, "rule.band.stored", "what is sent for \"%1\" cannot be stored in this field; a field for numbers takes \"send\": \"low\" or \"high\"", entry.Band)
		}
		for _, other := range b.bands {
			if other.sent == sent {
				return nil, at(place, "rule.band.same", "\"%1\" sends the same as another band", entry.Band)
			}
		}
		b.bands = append(b.bands, interval{low, high, sent})
	}
	return b, nil
}

// says is what is sent for a band: a word of its own, else what the entry says of all, else what suits the type.
func (e bandEntry) says(entry intervalEntry, m []string, t record.Type) string {
	number := t.Kind == record.Integer || t.Kind == record.Decimal
	switch {
	case entry.Send != "":
		return entry.Send
	case e.Send == "high":
		return m[2]
	case e.Send == "low", e.Send == "" && number:
		return m[1]
	}
	return strings.TrimSpace(m[1] + "-" + m[2])
}

// Band is the preset band of numbers: what the price of a field is reckoned with where it has no band of its own.
func Band(t record.Type) (*Bands, bool) {
	b, err := bandEntry{}.compile(t)
	if err != nil {
		return nil, false
	}
	return &Bands{b: b}, true
}

// Bands are the bands of one field, for reckoning with.
type Bands struct {
	b   *band
	own bool // values may be bands already
}

// Of is the band of a value that was in the band was before; a blank was is none.
func (b *Bands) Of(v, was record.Value) record.Value {
	if b.own {
		for _, i := range b.b.bands {
			if i.sent == v {
				return v
			}
		}
	}
	return b.b.of(v, b.b.to.Other(), 0, one{was})
}

// one agrees upon one value.
type one struct{ v record.Value }

func (o one) Same(_ uint16, v record.Value) bool { return !v.IsBlank() && v == o.v }

// Bands are the bands of the field at a place; ok is false when it has none.
func (o *Object) Bands(place int) (*Bands, bool) {
	if o == nil || o.fields[place] == nil || o.fields[place].band == nil {
		return nil, false
	}
	return &Bands{o.fields[place].band, true}, true
}
