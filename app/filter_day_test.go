package app

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

var filteredSeeds = flag.Int("filtered-seeds", 2, "how many simulated days with a filter are lived through")

// TestFilteredDay lives through simulated days on which people leave the filter and come back all the time, and the filter itself
// changes in the midst of it. Taken away in the end, it must have cost nobody anything: the same promises hold as without one.
func TestFilteredDay(t *testing.T) {
	for i := range *filteredSeeds {
		seed := *seedAt + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			home := t.TempDir()
			cryptotest.SetGlobalRandom(t, seed)
			synctest.Test(t, func(t *testing.T) {
				broken, diary := filteredDay(t, home, seed)
				if len(broken) == 0 {
					return
				}
				for _, line := range diary {
					t.Log(line)
				}
				for _, promise := range broken {
					t.Error(promise)
				}
			})
		})
	}
}

func filteredDay(t *testing.T, home string, seed uint64) (broken, diary []string) {
	rng := rand.New(rand.NewPCG(seed, 0xf117e5))
	var staff *office
	restless := true
	a, staff, line := opened(t, home, seed, func(c cycle.Config) cycle.Config {
		for _, object := range []record.Object{record.Lead, record.Contact} {
			for n := rng.IntN(3); restless && staff != nil && n > 0; n-- {
				staff.ticks(rng, object)
			}
		}
		return c
	})
	must(t, staff.pair.Instance().AddField("keptOut", "Kept Out", "boolean"))
	setFilter(t, a, "Do_Not_Sync_to_Marketo is not true")
	days := script(seed)
	first := days[:0:0]
	var rest []deed
	for _, d := range days {
		if d.cycle < simulatedCycles/2 {
			first = append(first, d)
		} else {
			d.cycle -= simulatedCycles / 2
			rest = append(rest, d)
		}
	}
	trouble(t, a, staff, line, first)
	must(t, staff.pair.Faults("none"))
	leaving := []string{"frozen", "unlinked", "marked in keptOut"}[seed%3]
	setFilter(t, a, []string{"lead where Email is filled\ncontact where Do_Not_Sync_to_Marketo is not true", "contact where account.Name is filled"}[seed%2]+"\nwho leaves is "+leaving)
	trouble(t, a, staff, line, rest)
	restless = false
	must(t, staff.pair.Faults("none"))
	_, err := a.SetFilter(t.Context(), sampleName, FilterChange{None: true}, agree)
	must(t, err)
	time.Sleep(staff.longest())
	for range 3 {
		if _, err := a.Sync(t.Context(), sampleName, SyncOptions{}); err != nil {
			return []string{"a cycle without faults failed: " + Say(err)}, staff.pages
		}
		time.Sleep(betweenCycles)
	}
	if s, err := a.Status(t.Context(), sampleName); err != nil || s.People.Filtered != 0 {
		return []string{fmt.Sprintf("%d are kept out by no filter (%v)", s.People.Filtered, err)}, staff.pages
	}
	return append(judge(t, a, staff), staff.ticked(t, a)...), staff.pages
}

// ticked tells of people who are linked and still ticked as kept out.
func (o *office) ticked(t *testing.T, a *App) (broken []string) {
	var ids []record.ID
	o.pair.Instance().Each(record.Person, func(id string, get func(string) (string, bool)) bool {
		if text, _ := get("keptOut"); text == "true" {
			ids = append(ids, record.ID(id))
		}
		return true
	})
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
		known, err := w.Known(t.Context(), record.Marketo, ids)
		for i, k := range known {
			if k.Link.State == cycle.Linked {
				broken = append(broken, fmt.Sprintf("person %s passes and is ticked as kept out", ids[i]))
			}
		}
		return err
	}))
	return broken
}

// ticks has a user tick or untick a record's box that keeps it out of Marketo.
func (o *office) ticks(rng *rand.Rand, object record.Object) {
	var ids []string
	values := map[string]string{}
	o.pair.Org().Each(string(object), func(id string, get func(string) (string, bool)) bool {
		deleted, _ := get("IsDeleted")
		converted, _ := get("IsConverted")
		if deleted != "true" && converted != "true" {
			ids = append(ids, id)
			values[id], _ = get(doNotSync)
		}
		return true
	})
	if len(ids) == 0 {
		return
	}
	id := ids[rng.IntN(len(ids))]
	value := fmt.Sprint(values[id] != "true")
	// Somebody else may hold the record at this moment: then nothing becomes of it.
	o.diary("%s of %s becomes %s: %v", doNotSync, id, value, o.pair.Org().Set(id, map[string]string{doNotSync: value}))
}
