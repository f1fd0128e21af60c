package org

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bodies finds the folder of recorded answers by walking up; "" when this checkout has none beside it.
func bodies(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		for _, place := range []string{"shared", filepath.Join("..", "shared")} {
			if at := filepath.Join(dir, place, "reference", "bodies", "salesforce"); isDir(at) {
				return at
			}
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// TestHonesty holds describe against recorded answers of a real org: every key that the real one has is there with
// the same JSON type, and standard fields agree in what a sync relies on.
func TestHonesty(t *testing.T) {
	dir := bodies(t)
	if dir == "" {
		t.Skip("no recorded answers beside this checkout")
	}
	b := newBench(t)
	for _, name := range []string{"Lead", "Contact", "Account", "Campaign"} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			data, err := os.ReadFile(filepath.Join(dir, "describe-"+strings.ToLower(name)+".json"))
			if err != nil {
				t.Fatal(err)
			}
			real, ours := decoded(t, string(data)).(map[string]any), b.send("GET", "sobjects/"+name+"/describe", "").at().(map[string]any)
			for key, value := range real {
				if got, ok := ours[key]; !ok || jsonKind(got) != jsonKind(value) && value != nil {
					t.Errorf("the object's key %s is %s, want %s", key, jsonKind(got), jsonKind(value))
				}
			}
			mine := map[string]map[string]any{}
			for _, f := range ours["fields"].([]any) {
				mine[f.(map[string]any)["name"].(string)] = f.(map[string]any)
			}
			for _, f := range real["fields"].([]any) {
				compareField(t, f.(map[string]any), mine)
			}
		})
	}
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "list"
	}
	return "object"
}

func compareField(t *testing.T, real map[string]any, mine map[string]map[string]any) {
	name := real["name"].(string)
	ours, ok := mine[name]
	if !ok || strings.HasSuffix(name, "__c") {
		return // this org has fewer standard fields, and custom ones of its own
	}
	for key := range real {
		if _, ok := ours[key]; !ok {
			t.Errorf("%s lacks the key %s", name, key)
		}
	}
	for _, key := range []string{
		"label", "type", "length", "byteLength", "digits", "precision", "scale", "soapType", "nillable", "createable", "updateable", "defaultedOnCreate",
		"permissionable", "idLookup", "externalId", "filterable", "sortable", "groupable", "aggregatable", "referenceTo", "relationshipName",
		"compoundFieldName", "extraTypeInfo", "nameField", "custom", "calculated", "namePointing", "polymorphicForeignKey",
	} {
		if a, b := mustJSON(t, real[key]), mustJSON(t, ours[key]); a != b {
			t.Errorf("%s.%s is %s, want %s", name, key, b, a)
		}
	}
}

// TestHonestRows holds rows, limits and describe global against recorded answers: what both have is of one JSON type,
// and what stands in both entries of Account is equal.
func TestHonestRows(t *testing.T) {
	dir := bodies(t)
	if dir == "" {
		t.Skip("no recorded answers beside this checkout")
	}
	b := newBench(t)
	recorded := func(name string) map[string]any {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return decoded(t, string(data)).(map[string]any)
	}
	ids := map[string]string{
		"Lead": b.lead(), "Contact": b.made("Contact", `{"LastName":"Smith"}`), "Account": b.made("Account", `{"Name":"Smith"}`),
	}
	for name, id := range ids {
		real, ours := recorded("retrieve-"+strings.ToLower(name)+".json"), b.send("GET", "sobjects/"+name+"/"+id, "").at().(map[string]any)
		shared := 0
		for key, value := range real {
			got, ok := ours[key]
			if !ok {
				continue
			}
			shared++
			if value != nil && got != nil && jsonKind(got) != jsonKind(value) {
				t.Errorf("%s.%s is %s, want %s", name, key, jsonKind(got), jsonKind(value))
			}
		}
		if shared < 30 {
			t.Errorf("%s shares only %d keys with the recorded row", name, shared)
		}
	}
	for key, value := range recorded("limits.json") {
		if got, ok := b.send("GET", "limits", "").at(key).(map[string]any); ok {
			for part := range value.(map[string]any) {
				if jsonKind(got[part]) != "number" {
					t.Errorf("limits: %s lacks %s", key, part)
				}
			}
		}
	}
	real := recorded("describe-global-one.json")["sobjects"].([]any)[0].(map[string]any)
	for _, entry := range b.send("GET", "sobjects", "").at("sobjects").([]any) {
		ours := entry.(map[string]any)
		if ours["name"] != "Account" {
			continue
		}
		for key, value := range real {
			if key != "urls" && mustJSON(t, ours[key]) != mustJSON(t, value) {
				t.Errorf("Account.%s is %s, want %s", key, mustJSON(t, ours[key]), mustJSON(t, value))
			}
		}
	}
}
