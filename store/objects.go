package store

import (
	"fmt"

	"github.com/doppio-sync/doppio/engine/record"
)

// objects are the numbers under which objects are stored: their places here. New ones go to the end.
var objects = []record.Object{"", record.Lead, record.Contact, record.Account, record.Person, record.Company}

func objectNumber(o record.Object) (int64, error) {
	for i, known := range objects {
		if o == known {
			return int64(i), nil
		}
	}
	return 0, fmt.Errorf("bug: the object %q has no number in the store", o)
}

func objectOf(n int64) record.Object {
	if n < 0 || n >= int64(len(objects)) {
		return ""
	}
	return objects[n]
}
