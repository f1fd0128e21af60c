package org

import (
	"errors"

	"github.com/doppio-sync/doppio/engine/record"
)

// A row's id is its object's key prefix, the pod, a reserved character and the row's number in base 62. Digits sort
// before capitals before small letters, as in Salesforce, so the order of ids is the order of row numbers.
const (
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	pod        = "5g0"
	firstInOrg = 20 * 62 * 62 * 62 * 62 // ids of a used org do not begin at nought
)

// errMalformedID tells that a text cannot be an id at all.
var errMalformedID = errors.New("malformed id")

// longID is the 18-character id of a row number.
func (obj *object) longID(row uint64) string {
	var id [18]byte
	return string(obj.appendID(id[:0], row))
}

// appendID appends the 18-character id of a row number.
func (obj *object) appendID(b []byte, row uint64) []byte {
	var id [15]byte
	copy(id[:], obj.prefix)
	copy(id[3:], pod)
	n := row + firstInOrg
	for i := 14; i >= 6; i-- {
		id[i] = base62[n%62]
		n /= 62
	}
	b = append(b, id[:]...)
	for block := range 3 {
		capitals := 0
		for j := range 5 {
			if c := id[5*block+j]; c >= 'A' && c <= 'Z' {
				capitals |= 1 << j
			}
		}
		b = append(b, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals])
	}
	return b
}

// parseID reads an id of 15 or 18 characters. The object is nil when no object has its prefix; the row number is 0 when
// the id is well-formed but was made by another org. What is no id at all is errMalformedID.
func (o *Org) parseID(text string) (*object, uint64, error) {
	long, err := record.LongID(text)
	if err != nil || (len(text) == 18 && string(long) != text) {
		return nil, 0, errMalformedID
	}
	obj := o.byKey[text[:3]]
	if text[3:6] != pod {
		return obj, 0, nil
	}
	n := uint64(0)
	for i := 6; i < 15; i++ {
		n = n*62 + digit62(text[i])
	}
	if n <= firstInOrg {
		return obj, 0, nil
	}
	return obj, n - firstInOrg, nil
}

func digit62(c byte) uint64 {
	switch {
	case c <= '9':
		return uint64(c - '0')
	case c <= 'Z':
		return uint64(c-'A') + 10
	}
	return uint64(c-'a') + 36
}
