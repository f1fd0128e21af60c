package keychain

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zalando/go-keyring"
)

// service is the name under which everything of Doppio's stands in the keychain.
const service = "doppio"

// partSize is how many bytes of a secret go into one entry, as 2,000 characters: Windows takes 2,560 bytes an entry,
// macOS about 3,000 for service, user and secret together (go-keyring, ErrSetDataTooBig).
const partSize = 1500

// OS keeps secrets in the keychain of the operating system.
//
// A keychain can neither list nor write several entries at once. So each workspace has an entry with the names of its
// secrets, written before a new secret is, so that Forget finds all; and a secret longer than partSize is written part
// by part under a new generation, its first part last, so that a torn write leaves the old secret whole.
type OS struct {
	guard sync.Mutex // between reading the list of names and writing it
}

var _ Secrets = (*OS)(nil)

// OpenOS looks whether there is a keychain now. ErrUnavailable when there is none.
func OpenOS() (*OS, error) {
	if _, err := keyring.Get(service, "is there a keychain"); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return nil, unavailable(err)
	}
	return &OS{}, nil
}

func unavailable(err error) error { return fmt.Errorf("%w (%w)", ErrUnavailable, err) }

// user is the entry's second name. Both parts are escaped, so that no workspace reaches into another.
func user(workspace string, rest ...string) string {
	parts := []string{url.QueryEscape(workspace)}
	for _, r := range rest {
		parts = append(parts, url.QueryEscape(r))
	}
	return strings.Join(parts, "/")
}

func get(user string) (text string, ok bool, err error) {
	text, err = keyring.Get(service, user)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return "", false, nil
	case err != nil:
		return "", false, unavailable(err)
	}
	return text, true, nil
}

func set(user, text string) error {
	if err := keyring.Set(service, user, text); err != nil {
		return unavailable(err)
	}
	return nil
}

// remove deletes an entry and tells whether it was there.
func remove(user string) (was bool, err error) {
	switch err = keyring.Delete(service, user); {
	case errors.Is(err, keyring.ErrNotFound):
		return false, nil
	case err != nil:
		return false, unavailable(err)
	}
	return true, nil
}

// head is the first entry of a secret: "generation.parts.text".
type head struct {
	generation, parts int
	text              string
}

func (h head) String() string { return fmt.Sprintf("%d.%d.%s", h.generation, h.parts, h.text) }

func readHead(entry string) (head, error) {
	fields := strings.SplitN(entry, ".", 3)
	if len(fields) == 3 {
		generation, err1 := strconv.Atoi(fields[0])
		parts, err2 := strconv.Atoi(fields[1])
		if err1 == nil && err2 == nil && parts > 0 {
			return head{generation, parts, fields[2]}, nil
		}
	}
	return head{}, ErrSpoiled
}

// Get gives a secret; ok is false when there is none of that name.
func (o *OS) Get(ctx context.Context, workspace, name string) ([]byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	entry, ok, err := get(user(workspace, name))
	if err != nil || !ok {
		return nil, false, err
	}
	h, err := readHead(entry)
	if err != nil {
		return nil, false, err
	}
	text := h.text
	for i := 1; i < h.parts; i++ {
		part, ok, err := get(part(workspace, name, h.generation, i))
		if err != nil {
			return nil, false, err
		}
		if !ok {
			return nil, false, fmt.Errorf("%w (part %d of the secret %s is missing)", ErrSpoiled, i+1, name)
		}
		text += part
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, false, fmt.Errorf("%w (the secret %s)", ErrSpoiled, name)
	}
	return secret, true, nil
}

func part(workspace, name string, generation, i int) string {
	return user(workspace, name, strconv.Itoa(generation), strconv.Itoa(i))
}

// Set keeps a secret in place of the one before.
func (o *OS) Set(ctx context.Context, workspace, name string, secret []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.guard.Lock()
	defer o.guard.Unlock()
	if err := o.list(workspace, name, true); err != nil {
		return err
	}
	before, was, err := get(user(workspace, name))
	if err != nil {
		return err
	}
	generation := 0
	if was {
		if h, err := readHead(before); err == nil {
			generation = h.generation + 1
		}
	}
	text := base64.StdEncoding.EncodeToString(secret)
	const length = partSize / 3 * 4
	parts := slices.Collect(slices.Chunk([]byte(text), length))
	if len(parts) == 0 {
		parts = [][]byte{nil}
	}
	for i := len(parts) - 1; i > 0; i-- {
		if err := set(part(workspace, name, generation, i), string(parts[i])); err != nil {
			return err
		}
	}
	if err := set(user(workspace, name), head{generation, len(parts), string(parts[0])}.String()); err != nil {
		return err
	}
	return removeParts(workspace, name, generation-1)
}

// removeParts deletes the later parts of one generation of a secret.
func removeParts(workspace, name string, generation int) error {
	for i := 1; ; i++ {
		if was, err := remove(part(workspace, name, generation, i)); err != nil || !was {
			return err
		}
	}
}

// names are the secrets that a workspace has or may have.
func names(workspace string) (list []string, err error) {
	entry, ok, err := get(user(workspace))
	if err != nil || !ok {
		return nil, err
	}
	if err := json.Unmarshal([]byte(entry), &list); err != nil {
		return nil, fmt.Errorf("%w (the list of a workspace's secrets)", ErrSpoiled)
	}
	return list, nil
}

// list puts a name on the workspace's list, or takes it off.
func (o *OS) list(workspace, name string, on bool) error {
	list, err := names(workspace)
	if err != nil || slices.Contains(list, name) == on {
		return err
	}
	if on {
		list = append(list, name)
	} else {
		list = slices.DeleteFunc(list, func(n string) bool { return n == name })
	}
	if len(list) == 0 {
		_, err := remove(user(workspace))
		return err
	}
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("list the secrets: %w", err)
	}
	return set(user(workspace), string(text))
}

// Delete removes a secret; one that is not there is no error.
func (o *OS) Delete(ctx context.Context, workspace, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.guard.Lock()
	defer o.guard.Unlock()
	if err := o.delete(workspace, name); err != nil {
		return err
	}
	return o.list(workspace, name, false)
}

// delete removes the parts of a secret, also those of a write that was cut off, and its head last.
func (o *OS) delete(workspace, name string) error {
	entry, ok, err := get(user(workspace, name))
	if err != nil {
		return err
	}
	generation := 0
	if ok {
		if h, err := readHead(entry); err == nil {
			generation = h.generation
		}
	}
	for g := max(generation-1, 0); g <= generation+1; g++ {
		if err := removeParts(workspace, name, g); err != nil {
			return err
		}
	}
	_, err = remove(user(workspace, name))
	return err
}

// Forget removes all secrets of a workspace, and their list last: cut off, it can be done again.
func (o *OS) Forget(ctx context.Context, workspace string) error {
	o.guard.Lock()
	defer o.guard.Unlock()
	list, err := names(workspace)
	if err != nil {
		return err
	}
	for _, name := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := o.delete(workspace, name); err != nil {
			return err
		}
	}
	_, err = remove(user(workspace))
	return err
}
