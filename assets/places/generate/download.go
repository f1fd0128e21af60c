package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// pinned are the packages, with what of them is used. The hashes are those that the registry names as integrity.
var pinned = []struct{ name, version, sha512, folder string }{
	{"cldr-localenames-full", "48.2.0", "4o0paYDz0UXhfhChAVFkmVl2CP0YTSEqE6WrC0fNafaSC5u5DAXphxH3SZ1Ujczarikr8DToKZfiok6EqWLdNQ==", "main/"},
	{"cldr-subdivisions-full", "48.2.0", "UPGETKyPhuWAGZDNwN38KZA+mDrp7TDIyLoNqAdoZ9LUQxqChFx9AAsA4mZfeWdO5ev1hcRO4NIoBGzRwk6wHA==", "subdivisions/en/"},
	{"cldr", "8.0.0", "wRq8XBgmVemoq5jJeSWw8Sq1TdsVx02ZZWvfOAio3OEPjkstGprBHTMC3DxI1tmdd7CjS826lIOsdfgJHMu2lg==", "3rdparty/cldr/common/su"}, // subdivisions and supplemental
	{"libphonenumber-js", "1.13.16", "tIOCM9yx2Go6d5/ZANe0K+G4AZek1Ymx81HxQpf19Sri4zMP95eQbKdnUGHAvFQ4nx0PeLhFqvAfisTADXj3tQ==", "metadata.min.json"},
}

// sources are the files that are used, by package and path.
type sources map[string]map[string][]byte

func download() (sources, error) {
	out := sources{}
	client := &http.Client{Timeout: 5 * time.Minute}
	for _, p := range pinned {
		packed, err := fetch(client, fmt.Sprintf("https://registry.npmjs.org/%s/-/%s-%s.tgz", p.name, p.name, p.version))
		if err != nil {
			return nil, err
		}
		sum := sha512.Sum512(packed)
		if got := base64.StdEncoding.EncodeToString(sum[:]); got != p.sha512 {
			return nil, fmt.Errorf("%s %s has the hash %s, pinned is %s", p.name, p.version, got, p.sha512)
		}
		if out[p.name], err = unpack(packed, p.folder); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return out, nil
}

func fetch(client *http.Client, url string) (_ []byte, err error) {
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// unpack gives a package's files whose paths begin with folder.
func unpack(packed []byte, folder string) (map[string][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if path := strings.TrimPrefix(h.Name, "package/"); h.Typeflag == tar.TypeReg && strings.HasPrefix(path, folder) {
			if files[path], err = io.ReadAll(t); err != nil {
				return nil, err
			}
		}
	}
}
