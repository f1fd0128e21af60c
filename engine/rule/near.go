package rule

// bound is how many mistakes are forgiven in a name of so many letters: none in a short one, where a mistake makes another name.
func bound(letters int) int {
	switch {
	case letters < 5:
		return 0
	case letters < 9:
		return 1
	}
	return 2
}
