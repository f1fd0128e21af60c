package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
)

var rowStates = map[cycle.RowState]string{cycle.Waiting: "waiting", cycle.Sending: "sending", cycle.Failed: "failed", cycle.Held: "held", cycle.Resting: "resting"}

// explainRow says what a row waits for: what was refused of it, each cause by itself, then what is on its way.
func explainRow(r cycle.Row, name func(uint16) string) (waits []ExplainedWait) {
	if r.State != cycle.Held {
		waits = explainRefused(r, name)
	}
	if len(r.Refused) > 0 && len(r.Fields) == 0 && r.Carry == "" && len(waits) > 0 {
		return waits
	}
	w := ExplainedWait{Side: r.Side, State: rowStates[r.State]}
	for _, c := range r.Fields {
		w.Fields = append(w.Fields, name(c.Field))
	}
	switch r.State {
	case cycle.Failed:
		w.Sentence = sideName(r.Side) + " refused it: " + sayCause(r, r.Cause)
	case cycle.Sending:
		w.Sentence = "It was being sent when the last cycle ended; the next one looks up what became of it."
	case cycle.Resting:
		w.Until = r.Next.UTC()
		w.Sentence = fmt.Sprintf("%s waits until %s to be written to %s: it is a quiet field. Any other change of the record takes it along.",
			strings.Join(w.Fields, ", "), r.Next.Local().Format("15:04 on 2 January"), sideName(r.Side))
	default:
		what := count(len(r.Fields), "field waits", "fields wait") + " to be written to "
		switch {
		case r.Action == cycle.Create:
			what = "It waits to be created in "
		case r.Action == cycle.Delete:
			what = "It waits to be deleted in "
		case len(r.Fields) == 0:
			what = "The other side's id waits to be written to "
		}
		w.Sentence = what + sideName(r.Side)
		if !r.Since.IsZero() {
			w.Sentence += ", since " + r.Since.Local().Format("15:04 on 2 January")
		}
		w.Sentence += "."
		if r.Cause != "" {
			w.Sentence += " The last try did not work: " + explainCause(r.Side, r.Object, r.Cause).Sentence().Text
		}
	}
	return append(waits, w)
}

// explainRefused says of the fields of a row that were refused why: those of one cause together.
func explainRefused(r cycle.Row, name func(uint16) string) (waits []ExplainedWait) {
	byCode := map[string]int{}
	causes := []string{}
	for _, f := range r.Refused {
		code, field, _ := strings.Cut(f.Cause, ":")
		at, met := byCode[code]
		if !met {
			at = len(waits)
			byCode[code] = at
			waits, causes = append(waits, ExplainedWait{Side: r.Side, State: rowStates[cycle.Failed]}), append(causes, f.Cause)
		} else if _, names := causeOf(causes[at]); !slices.Contains(names, field) {
			causes[at] += "," + field
		}
		waits[at].Fields = append(waits[at].Fields, name(f.Field))
	}
	for i := range waits {
		was := "was"
		if len(waits[i].Fields) > 1 {
			was = "were"
		}
		waits[i].Sentence = fmt.Sprintf("%s %s refused by %s, which holds back nothing else of the record: %s", strings.Join(waits[i].Fields, ", "), was, sideName(r.Side), sayCause(r, causes[i]))
	}
	return waits
}

// sayCause says why a side refused a write, who can see to it, and when it is tried again.
func sayCause(r cycle.Row, cause string) string {
	why := explainCause(r.Side, r.Object, cause)
	remedy := remedyOf(r.Side, why)
	return fmt.Sprintf("%s %s: %s Doppio tries again when the record, the mapping or a rule changes, or when asked (doppioctl retry --record).",
		why.Sentence().Text, upperFirst(string(remedy.Fixer)), remedy.Step)
}
