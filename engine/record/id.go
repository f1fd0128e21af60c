package record

import (
	"fmt"
	"strconv"
)

// LongID gives the 18-character form of a Salesforce id, which may come with 15 or 18 characters. The three added
// characters say which of each five letters are capitals (verified against recorded ids). An id that is neither is an error.
func LongID(id string) (ID, error) {
	if len(id) != 15 && len(id) != 18 {
		return "", fmt.Errorf("a Salesforce id has 15 or 18 characters, this has %d", len(id))
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	var long [18]byte
	for block := range 3 {
		capitals := 0
		for j := range 5 {
			c := id[5*block+j]
			switch {
			case c >= 'A' && c <= 'Z':
				capitals |= 1 << j
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			default:
				return "", fmt.Errorf("a Salesforce id has letters and digits only")
			}
			long[5*block+j] = c
		}
		long[15+block] = alphabet[capitals]
	}
	return ID(long[:]), nil
}

// MarketoID gives the id of a Marketo person or company.
func MarketoID(n int64) ID { return ID(strconv.FormatInt(n, 10)) }

// Number is the numeric form of a Marketo id.
func (id ID) Number() (int64, error) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("a Marketo id is a positive whole number")
	}
	return n, nil
}
