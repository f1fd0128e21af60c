package store

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"

	"github.com/doppio-sync/doppio/engine/record"
)

// objects are the numbers under which objects are stored: their places here. New ones go to the end.
var objects = []record.Object{
	"", record.Lead, record.Contact, record.Account, record.Person, record.Company,
	record.Opportunity, record.OpportunityContactRole, record.User, record.MarketoOpportunity, record.OpportunityRole, record.SalesPerson,
	record.CampaignMember, record.ProgramMember, record.Task, record.Event, record.Activity,
}

// firstCustom is the least number of a custom object. Theirs follow from their names, which the table object keeps.
const firstCustom = 1 << 16

// customs are the names of the custom objects that this process has met, by number: the same in every workspace.
var customs sync.Map

func isCustom(o record.Object) bool { return strings.HasSuffix(string(o), "_c") }

func objectNumber(o record.Object) (int64, error) {
	for i, known := range objects {
		if o == known {
			return int64(i), nil
		}
	}
	if !isCustom(o) {
		return 0, fmt.Errorf("bug: the object %q has no number in the store", o)
	}
	hash := fnv.New64a()
	hash.Write([]byte(o)) // a hash takes everything
	n := firstCustom + int64(hash.Sum64()>>24)
	if was, met := customs.LoadOrStore(n, o); met && was != o {
		return 0, fmt.Errorf("bug: the objects %q and %q have one number in the store", was, o)
	}
	return n, nil
}

func objectOf(n int64) record.Object {
	if n >= 0 && n < int64(len(objects)) {
		return objects[n]
	}
	if o, met := customs.Load(n); met {
		return o.(record.Object)
	}
	return ""
}

// object is the number of an object that is about to be stored. The name of a custom one is kept beside it.
func (t *tx) object(o record.Object) (int64, error) {
	n, err := objectNumber(o)
	if err != nil || n < firstCustom || t.objects[n] {
		return n, err
	}
	if t.objects == nil {
		t.objects = map[int64]bool{}
	}
	t.objects[n] = true
	_, err = t.exec(`INSERT INTO object(n, name) VALUES(?1, ?2) ON CONFLICT(n) DO NOTHING`, n, string(o))
	return n, err
}

// meetObjects learns the names of the custom objects that a file has.
func (t *tx) meetObjects() error {
	return t.query(`SELECT name FROM object`, func(r row) error {
		_, err := objectNumber(record.Object(r.text(0)))
		return err
	})
}

// linkTallies calls fn with each number that counts links, what it counts taken apart.
func linkTallies(tally map[string]int64, fn func(state, object int64, known, n int)) {
	for name, n := range tally {
		parts := strings.Split(name, ".")
		if len(parts) != 4 || parts[0] != "link" {
			continue
		}
		var at [3]int64
		for i := range at {
			at[i], _ = strconv.ParseInt(parts[i+1], 10, 64) // linkTallyOf wrote it
		}
		fn(at[0], at[1], int(at[2]), int(n))
	}
}
