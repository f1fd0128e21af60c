package app

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/app/keychain"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/store"
)

// plain are errors whose own text says everything; what was being done when they came up helps nobody.
var plain = []error{
	store.ErrInUse, store.ErrNewer, store.ErrOutdated, store.ErrDiskFull, store.ErrDisk, store.ErrReadOnly, store.ErrForeign, store.ErrWrongKey,
	keychain.ErrUnavailable, keychain.ErrPassphrase, keychain.ErrNoPassphrase, keychain.ErrDamaged,
}

// Say is what a person reads of an error: what happened and what to do. It names no person and no secret.
func Say(err error) string {
	var failure pace.Failure
	var input *InputError
	var broken *store.BrokenError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &input):
		return input.Text
	case errors.Is(err, context.Canceled):
		return "Stopped. What was acknowledged is kept; the next run goes on from there."
	case errors.As(err, &failure):
		return failure.Sentence().Text
	case errors.As(err, &broken):
		return sentence(broken.Error())
	}
	for _, known := range plain {
		if errors.Is(err, known) {
			return sentence(known.Error()) + place(err)
		}
	}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "A file of Doppio's cannot be read or written; check its permissions and those of its folder." + place(err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return sentence(store.ErrDiskFull.Error())
	}
	if networkBroke(err) {
		return "The network did not carry the call. Check the connection and the address, then try again. (" + err.Error() + ")"
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

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
