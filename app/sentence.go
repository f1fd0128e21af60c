package app

import (
	"errors"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Say is the English of Told.
func Say(err error) string { return Told(err).Text }

// sentence makes an error's text begin and end as a sentence does.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// count is a number with its word, in the singular for one.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// place names the file that an error is about, where it is about one.
func place(err error) string {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return ""
	}
	return " (" + path.Path + ")"
}

// networkBroke reports whether an error comes from the network. An error of the file system fulfils net.Error too, so
// that does not tell.
func networkBroke(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) || errors.As(err, &dns)
}
