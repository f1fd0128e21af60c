//go:build keychain

package keychain_test

// realKeychain: the tests of OS run against the keychain of this session; the make target starts one on a private bus.
const realKeychain = true
