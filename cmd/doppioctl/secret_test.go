package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf16"
)

// needles are a text in the shapes in which it could lie about: as it is, in hexadecimal, in both base64 alphabets at any of
// the three places where it could begin, and in UTF-16.
func needles(text string) [][]byte {
	raw := []byte(text)
	found := [][]byte{raw, []byte(hex.EncodeToString(raw)), []byte(strings.ToUpper(hex.EncodeToString(raw)))}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			encoded := alphabet.EncodeToString(append(make([]byte, shift), raw...))
			found = append(found, []byte(encoded[(shift*8+5)/6:len(encoded)-1])) // without the characters shared with neighbours
		}
	}
	for _, high := range []int{0, 1} {
		var wide []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			pair := []byte{byte(unit), byte(unit >> 8)}
			wide = append(wide, pair[high], pair[1-high])
		}
		found = append(found, wide)
	}
	return found
}

// secrets are all that the desk knows, by name.
func (d *desk) secrets() map[string]string {
	c := d.pair.Credentials()
	return map[string]string{
		"the client secret of Salesforce": c.Salesforce.ClientSecret, "the refresh token": c.Salesforce.RefreshToken,
		"the password": c.Salesforce.Password, "the client secret of Marketo": c.Marketo.ClientSecret, "the passphrase": passphrase,
	}
}

// secretFree fails when a secret is found in a text.
func (d *desk) secretFree(where, text string) {
	d.t.Helper()
	for name, secret := range d.secrets() {
		for _, needle := range needles(secret) {
			if bytes.Contains([]byte(text), needle) {
				d.t.Errorf("%s is in %s", name, where)
			}
		}
	}
}
