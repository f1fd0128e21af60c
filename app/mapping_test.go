package app

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// edited is the mapping with a change made to it, as a person makes it in the text.
func edited(t *testing.T, a *App, change func(d *MappingDocument)) []byte {
	t.Helper()
	d, err := a.Mapping(t.Context(), sampleName)
	if err != nil {
		t.Fatal(err)
	}
	change(&d)
	text, err := MarshalMapping(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mappedField(t *testing.T, d *MappingDocument, object record.Object, name string) *MappingField {
	t.Helper()
	for i := range d.Objects {
		for j := range d.Objects[i].Fields {
			if d.Objects[i].Salesforce == object && d.Objects[i].Fields[j].Salesforce == name {
				return &d.Objects[i].Fields[j]
			}
		}
	}
	t.Fatalf("%s.%s is not in the mapping", object, name)
	return nil
}

// A field that is mapped in the middle of a workspace's life reaches everybody who is linked, also whoever nobody edits; what a person
// decided outlives the daily look at both sides.
func TestAFieldMappedLater(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 300, Seed: 1})
		cycles(t, a, 2)
		if err := pair.Instance().AddField("region", "Region", "string"); err != nil {
			t.Fatal(err)
		}
		found, err := a.SuggestMapping(ctx, sampleName, "likely")
		if err != nil {
			t.Fatal(err)
		}
		text, err := MarshalMapping(found.Mapping)
		if err != nil {
			t.Fatal(err)
		}
		change, err := a.SetMapping(ctx, sampleName, text)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(change.Added, "Lead.Region__c") || !slices.Contains(change.Added, "Contact.Region__c") || change.Compared < 200 {
			t.Fatalf("added %v, to be compared %d", change.Added, change.Compared)
		}
		// So many people are more than the brake lets pass unasked.
		var brake *cycle.BrakeError
		if _, err := a.Sync(ctx, sampleName, SyncOptions{}); !errors.As(err, &brake) {
			t.Fatalf("the new field was sent to everybody without a question: %v", err)
		}
		if _, err := a.Sync(ctx, sampleName, SyncOptions{}); !errors.As(err, &brake) || brake.By != cycle.MappingEdit || !strings.Contains(err.Error(), "most of it is Region__c, because the mapping was changed") {
			t.Errorf("a cycle later the brake says %v", err)
		}
		if holds, err := a.Holds(ctx, sampleName); err != nil || !strings.Contains(holds[len(holds)-1].Sentence, "Most of it was made by the change of the mapping.") {
			t.Errorf("the decision does not say what made it: %+v, %v", holds, err)
		}
		if _, err := a.Sync(ctx, sampleName, SyncOptions{Resume: true}); err != nil {
			t.Fatal(err)
		}
		cycles(t, a, 1)
		filled := func() (n int) {
			for _, person := range linkedPeople(t, a) {
				pair.Instance().Look(record.Person, string(person), func(get func(string) (string, bool)) {
					if v, ok := get("region"); ok && v != "" {
						n++
					}
				})
			}
			return n
		}
		if n := filled(); n < 200 {
			t.Errorf("of %d linked people %d have a region in Marketo", change.Compared, n)
		}
		pair.ResetJournal()
		cycles(t, a, 1)
		if j := pair.Journal(); j.Of(record.Salesforce).Calls > 2 || j.Of(record.Marketo).Calls > 3 || j.Of(record.Salesforce).Writes+j.Of(record.Marketo).Writes > 0 {
			t.Errorf("after the comparison a cycle is not idle: %+v", j)
		}

		if _, err := a.SetMapping(ctx, sampleName, edited(t, a, func(d *MappingDocument) {
			f := mappedField(t, d, record.Lead, "Title")
			f.NeverBlank, f.Policy, f.Owner, f.Why = true, "newest", "Ops", "routing"
		})); err != nil {
			t.Fatal(err)
		}
		time.Sleep(25 * time.Hour)
		cycles(t, a, 1)
		d, err := a.Mapping(ctx, sampleName)
		if err != nil {
			t.Fatal(err)
		}
		if f := mappedField(t, &d, record.Lead, "Title"); !f.NeverBlank || f.Policy != "newest" || f.Owner != "Ops" || f.Why != "routing" {
			t.Errorf("a day later the field is %+v", f)
		}
	})
}

// A field that is marked never blank gets its value back from the other side, on either side.
func TestNeverBlankGivesBack(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 60, Seed: 1})
		cycles(t, a, 2)
		if _, err := a.SetMapping(ctx, sampleName, edited(t, a, func(d *MappingDocument) {
			for _, o := range []record.Object{record.Lead, record.Contact} {
				mappedField(t, d, o, "FirstName").NeverBlank = true
			}
		})); err != nil {
			t.Fatal(err)
		}
		var person string
		name := func() (out string) {
			pair.Instance().Look(record.Person, person, func(get func(string) (string, bool)) { out, _ = get("firstName") })
			return out
		}
		for _, id := range linkedPeople(t, a) {
			if person = string(id); name() != "" {
				break
			}
		}
		before := name()
		if err := pair.Instance().Set(person, map[string]string{"firstName": ""}); err != nil {
			t.Fatal(err)
		}
		if before == "" || name() != "" {
			t.Fatalf("the name was %t filled and is not cleared", before != "")
		}
		cycles(t, a, 2)
		if name() != before {
			t.Error("the name did not come back from Salesforce")
		}
	})
}

// What changed while a field did not travel arrives once it does, whoever noticed that it may: the daily look at both sides, or a person who
// changed the mapping first.
func TestAMappedFieldCatchesUp(t *testing.T) {
	title := func(d *MappingDocument, o record.Object, direction string) {
		mappedField(t, d, o, "Title").Direction = direction
	}
	for name, story := range map[string]struct {
		stops, goesOn func(t *testing.T, a *App, pair *sandbox.Pair) func(d *MappingDocument)
	}{
		"it was hidden": {
			stops: func(t *testing.T, _ *App, pair *sandbox.Pair) func(*MappingDocument) {
				must(t, pair.Instance().HideField("title", true))
				return nil
			},
			goesOn: func(t *testing.T, _ *App, pair *sandbox.Pair) func(*MappingDocument) {
				must(t, pair.Instance().HideField("title", false))
				return func(d *MappingDocument) { mappedField(t, d, record.Lead, "Phone").Policy = "newest" }
			},
		},
		"it travelled the other way alone": {
			stops: func(t *testing.T, _ *App, _ *sandbox.Pair) func(*MappingDocument) {
				return func(d *MappingDocument) { title(d, record.Lead, "to_salesforce") }
			},
			goesOn: func(t *testing.T, _ *App, _ *sandbox.Pair) func(*MappingDocument) {
				return func(d *MappingDocument) { title(d, record.Lead, "both") }
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair := pairOf(t, home, sandbox.Options{People: 40, Seed: 1})
				cycles(t, a, 2)
				maps := func(change func(d *MappingDocument)) {
					if change != nil {
						_, err := a.SetMapping(t.Context(), sampleName, edited(t, a, change))
						must(t, err)
					}
				}
				maps(story.stops(t, a, pair))
				lead, err := pair.Org().Create("Lead", map[string]string{"LastName": "Later", "Company": "Later", "Email": "later@example.com", "Title": "Zookeeper"})
				must(t, err)
				time.Sleep(25 * time.Hour)
				cycles(t, a, 3)
				maps(story.goesOn(t, a, pair))
				cycles(t, a, 2)
				var person, got string
				pair.Org().Look("Lead", lead, func(get func(string) (string, bool)) { person, _ = get("Marketo_Person_Id__c") })
				pair.Instance().Look(record.Person, person, func(get func(string) (string, bool)) { got, _ = get("title") })
				if got != "Zookeeper" {
					t.Errorf("the title of person %q is %q", person, got)
				}
			})
		})
	}
}

// Of a mapping with mistakes nothing is kept, and each mistake is named with its line.
func TestAMappingWithMistakes(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, _ := pairOf(t, home, sandbox.Options{People: 20, Seed: 1})
		before := edited(t, a, func(*MappingDocument) {})
		for _, row := range []struct{ name, from, to, says string }{
			{"no JSON", string(before), "mapping: none", "this is not JSON"},
			{"cut off", string(before), string(before[:len(before)/2]), "the text ends in the middle"},
			{"a key that is misspelt", `"never_blank"`, `"neverblank"`, `line 13: a field has no key "neverblank"`},
			{"a word for a switch", `"never_blank": false`, `"never_blank": "yes"`, "never_blank takes true or false"},
			{"a wrong policy", `"policy": ""`, `"policy": "mine"`, "none of salesforce, marketo, newest, hold"},
			{"another time to read again", `"reread": ""`, `"reread": "hourly"`, `reread "hourly" is not "nightly"`},
			{"a rule that there is none of", `"rule": ""`, `"rule": "polish"`, `names the rule "polish", which there is none of`},
			{"no fields", string(before), `{"objects": []}`, "the mapping has no fields"},
			{"a list where an object is wanted", string(before), `[]`, "an object {…} is wanted here"},
			{"two mistakes", "\"firstName\"", "\"firstNam\"", "Did you mean firstName?"},
		} {
			text := strings.ReplaceAll(string(before), row.from, row.to)
			_, err := a.SetMapping(ctx, sampleName, []byte(text))
			if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%s: refused with %v", row.name, err)
				continue
			}
			if row.name == "two mistakes" && strings.Count(err.Error(), "Did you mean firstName?") < 2 {
				t.Errorf("not every mistake is named: %v", err)
			}
		}
		after := edited(t, a, func(*MappingDocument) {})
		if string(after) != string(before) {
			t.Error("something was kept of a mapping with a mistake")
		}
	})
}

// FuzzReadWishes: whatever is read as a mapping, it is wishes or a sentence.
func FuzzReadWishes(f *testing.F) {
	number := 1
	text, err := json.Marshal(MappingDocument{Objects: []MappingObject{{Salesforce: "Lead", Marketo: "Person", Fields: []MappingField{{Number: &number, Salesforce: "Email", Marketo: "email"}}}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(text), `{"objects":[{"fields":[{}]}]}`, `[`, `{"objects":{}}`, `{"objects":[{"salesforce":1}]}`, `{"x":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wishes, err := readWishes([]byte(text))
		if err == nil && len(wishes) == 0 {
			t.Error("neither wishes nor an error")
		}
		if err != nil && !errors.Is(err, ErrInput) {
			t.Errorf("an error that no person understands: %v", err)
		}
	})
}

// linkedPeople are the Marketo ids of everybody who is linked.
func linkedPeople(t *testing.T, a *App) (people []record.ID) {
	t.Helper()
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
		links, err := w.Links(t.Context(), 0, 100_000)
		for _, l := range links {
			if l.State == cycle.Linked && l.Object != record.Account {
				people = append(people, l.Marketo)
			}
		}
		return err
	}))
	return people
}

// A mapping that changes in the middle of a first sync, or an admin who hides a field then, mixes nothing up: what was read goes by
// the fields of its time, and is read again.
func TestTheMappingChangesDuringAFirstSync(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 3000, Seed: 1})
		line := &cutting{next: pair.Transport(), left: 22}
		a.world.transport = line
		if _, err := a.Sync(t.Context(), sampleName, SyncOptions{}); err == nil {
			t.Fatal("the first sync was not cut off")
		}
		line.left = 1 << 30
		pair.Org().SetFieldPresent("Lead.Segment__c", false)
		_, err := a.SetMapping(t.Context(), sampleName, edited(t, a, func(d *MappingDocument) {
			for i := range d.Objects {
				d.Objects[i].Fields = slices.DeleteFunc(d.Objects[i].Fields, func(f MappingField) bool { return f.Salesforce == "Phone" || f.Salesforce == "City" })
			}
		}))
		must(t, err)
		cycles(t, a, 3)
		mixed := 0
		for _, person := range linkedPeople(t, a) {
			pair.Instance().Look(record.Person, string(person), func(get func(string) (string, bool)) {
				if email, _ := get("email"); email != "" && !strings.Contains(email, "@") {
					mixed++
				}
				if title, _ := get("title"); strings.Contains(title, "@") {
					mixed++
				}
			})
		}
		must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
			m, err := mappingOf(t.Context(), w)
			if err != nil {
				return err
			}
			mapped := map[string]bool{}
			for _, o := range m.Objects {
				for _, f := range o.Fields {
					mapped[string(o.Name)+"."+f.Salesforce] = true
				}
			}
			rest, err := unexplained(t.Context(), w, pair)
			for _, d := range rest {
				if mapped[string(d.Object)+"."+d.SalesforceField] {
					mixed++
				}
			}
			return err
		}))
		if mixed > 0 {
			t.Errorf("%d values stand in the wrong field, or differ without a reason", mixed)
		}
	})
}

// cutting lets so many requests through and then none.
type cutting struct {
	next http.RoundTripper
	left int
	mu   sync.Mutex
}

func (c *cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.left--
	over := c.left < 0
	c.mu.Unlock()
	if over {
		return nil, errors.New("the line is cut")
	}
	return c.next.RoundTrip(r)
}
