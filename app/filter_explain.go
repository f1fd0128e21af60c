package app

import (
	"strconv"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/store"
)

// explainFilter says whether a link's record passes the filter, and which part of it decided. events are the link's, newest first.
func explainFilter(k KeptFilter, link cycle.Link, events []store.Event) ExplainedFilter {
	if k.Text == "" {
		return ExplainedFilter{Passes: true, Because: "no sync filter is set"}
	}
	f, err := k.read()
	if err != nil {
		return ExplainedFilter{Because: Say(err)}
	}
	whole := f.On(link.Object)
	switch {
	case link.Salesforce == "":
		return ExplainedFilter{Passes: true, Because: "the sync filter is about records in Salesforce, and this person has none there"}
	case whole == nil:
		return ExplainedFilter{Passes: true, Because: "no sentence of the sync filter is about " + string(link.Object)}
	case link.State != cycle.Filtered && link.State != cycle.Frozen:
		return ExplainedFilter{Passes: true, Because: "it holds that " + filter.Prose(whole, link.Object)}
	}
	because := whole
	for _, e := range events {
		if e.Kind != "filtered" && e.Kind != "frozen" && e.Kind != "unlinked" {
			continue
		}
		if version, part, ok := cycle.Because(e.Detail); ok && version == strconv.Itoa(k.Version) {
			if found := filter.Part(whole, part); found != nil {
				because = found
			}
		}
		break
	}
	return ExplainedFilter{Because: "it does not hold that " + filter.Prose(because, link.Object)}
}
