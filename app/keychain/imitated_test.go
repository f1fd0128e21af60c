//go:build !keychain

package keychain_test

// realKeychain: the tests of OS run against an imitated keychain.
const realKeychain = false
