package app

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
)

const doNotSync = "Do_Not_Sync_to_Marketo__c"

func agree(FilterPreview) (bool, error) { return true, nil }

func setFilter(t *testing.T, a *App, text string) FilterPreview {
	t.Helper()
	p, err := a.SetFilter(t.Context(), sampleName, FilterChange{Text: text}, agree)
	must(t, err)
	if !p.Set {
		t.Fatal("not set")
	}
	return p
}

// leadsWhere are the ids of living leads for which a condition holds.
func (o *office) leadsWhere(holds func(get func(string) (string, bool)) bool) (ids []string) {
	o.pair.Org().Each("Lead", func(id string, get func(string) (string, bool)) bool {
		if deleted, _ := get("IsDeleted"); deleted != "true" && holds(get) {
			ids = append(ids, id)
		}
		return true
	})
	return ids
}

// personOf is the Marketo person that carries a Salesforce id, "" for none.
func (o *office) personOf(id string) (person string) {
	o.pair.Instance().Each(record.Person, func(at string, get func(string) (string, bool)) bool {
		if text, _ := get("salesforceId"); text == id {
			person = at
		}
		return true
	})
	return person
}

func (o *office) title(side record.Side, id string) (text string) {
	read := func(name string) func(get func(string) (string, bool)) {
		return func(get func(string) (string, bool)) { text, _ = get(name) }
	}
	if side == record.Salesforce {
		o.pair.Org().Look("Lead", id, read("Title"))
	} else {
		o.pair.Instance().Look(record.Person, id, read("title"))
	}
	return text
}

func writes(o *office) journal.Snapshot { return o.pair.Journal() }

// A record that does not pass takes no part, from the first sync on; a pair that leaves is frozen, and loses nothing.
func TestFilterKeepsOut(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		leads := o.leadsWhere(func(get func(string) (string, bool)) bool { c, _ := get("IsConverted"); return c != "true" })
		ticked := leads[:5]
		for _, id := range ticked {
			must(t, o.pair.Org().Set(id, map[string]string{doNotSync: "true"}))
		}
		p := setFilter(t, a, "Do_Not_Sync_to_Marketo is not true")
		if len(p.Objects) != 2 || p.Objects[0].Salesforce.Leaves < len(ticked) || p.Objects[0].Marketo.Leaves != 0 {
			t.Errorf("before anybody is linked: %+v", p.Objects)
		}
		cycles(t, a, 2)
		out := len(o.leadsWhere(func(get func(string) (string, bool)) bool {
			c, _ := get("IsConverted")
			n, _ := get(doNotSync)
			return c != "true" && n == "true"
		}))
		o.pair.Org().Each("Contact", func(_ string, get func(string) (string, bool)) bool {
			if n, _ := get(doNotSync); n == "true" {
				out++
			}
			return true
		})
		status, err := a.Status(t.Context(), sampleName)
		must(t, err)
		if status.People.Filtered != out {
			t.Errorf("%d are kept out, told are %d", out, status.People.Filtered)
		}
		for _, id := range ticked {
			if person := o.personOf(id); person != "" {
				t.Errorf("a lead that is kept out is person %s", person)
			}
		}
		must(t, o.pair.Org().Set(ticked[0], map[string]string{doNotSync: "false"}))
		cycles(t, a, 2)
		if o.personOf(ticked[0]) == "" {
			t.Error("a lead that came to pass has no person")
		}
		e, err := a.Explain(t.Context(), sampleName, ticked[1])
		must(t, err)
		if e.Filter.Passes || !strings.Contains(e.Filter.Because, "Do Not Sync to Marketo is not ticked") {
			t.Errorf("explained: %+v", e.Filter)
		}

		// A pair that leaves and comes back.
		linked := ticked[0]
		person := o.personOf(linked)
		must(t, o.pair.Org().Set(linked, map[string]string{doNotSync: "true"}))
		cycles(t, a, 2)
		e, err = a.Explain(t.Context(), sampleName, linked)
		must(t, err)
		if e.Filter.Passes || !strings.Contains(e.Sentence, "frozen") {
			t.Errorf("a pair that left: %+v %s", e.Filter, e.Sentence)
		}
		o.pair.ResetJournal()
		must(t, o.pair.Org().Set(linked, map[string]string{"Title": "Chief Freezer"}), o.pair.Instance().Set(person, map[string]string{"city": "Frozen Town"}))
		cycles(t, a, 2)
		if r := writes(o); r.Salesforce.Writes+r.Marketo.Writes != 0 || o.title(record.Marketo, person) == "Chief Freezer" {
			t.Errorf("something travelled to or from a frozen pair: %+v", r)
		}
		must(t, o.pair.Org().Set(linked, map[string]string{doNotSync: "false"}))
		cycles(t, a, 2)
		city := ""
		o.pair.Org().Look("Lead", linked, func(get func(string) (string, bool)) { city, _ = get("City") })
		if o.title(record.Marketo, person) != "Chief Freezer" || city != "Frozen Town" {
			t.Errorf("what changed while the pair was frozen was lost: %q, %q", o.title(record.Marketo, person), city)
		}
		o.pair.ResetJournal()
		cycles(t, a, 1)
		if r := writes(o); r.Salesforce.Writes+r.Marketo.Writes != 0 {
			t.Errorf("a quiet pair is not quiet: %+v", r)
		}
	})
}

// A filter that is set later is gone through once; taken away, everybody is back as before.
func TestFilterChanges(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, _ := opened(t, home, 8, nil)
		cycles(t, a, 2)
		before, err := a.Status(t.Context(), sampleName)
		must(t, err)
		seen, err := a.SetFilter(t.Context(), sampleName, FilterChange{Text: "lead where Email is blank\nwho leaves is unlinked"}, nil)
		must(t, err)
		lead := seen.Objects[0]
		if seen.Set || lead.Marketo.Leaves == 0 || lead.Passes+lead.Salesforce.Leaves != lead.Records || len(lead.Examples.Leaves) == 0 || lead.Examples.Leaves[0].Name != "" {
			t.Errorf("looked at: %+v", seen)
		}
		cycles(t, a, 1)
		if now, err := a.Status(t.Context(), sampleName); err != nil || now.People != before.People {
			t.Errorf("looking changed something: %+v", now.People)
		}
		setFilter(t, a, "lead where Email is blank")
		cycles(t, a, 1)
		frozen, err := a.Status(t.Context(), sampleName)
		must(t, err)
		if frozen.People.Linked != before.People.Linked-lead.Marketo.Leaves || frozen.People.Filtered < lead.Marketo.Leaves {
			t.Errorf("%+v, before %+v, leaving %d", frozen.People, before.People, lead.Marketo.Leaves)
		}
		p, err := a.SetFilter(t.Context(), sampleName, FilterChange{None: true}, agree)
		must(t, err)
		if len(p.Objects) != 1 || p.Objects[0].Salesforce.Enters != lead.Salesforce.Leaves {
			t.Errorf("taking it away: %+v", p.Objects)
		}
		cycles(t, a, 3)
		after, err := a.Status(t.Context(), sampleName)
		must(t, err)
		if after.People.Linked < before.People.Linked || after.People.Filtered != 0 {
			t.Errorf("%+v, before %+v", after.People, before.People)
		}
		shown, err := a.ShowFilter(t.Context(), sampleName)
		must(t, err)
		if shown.Text != "" || len(shown.Former) != 1 || shown.Former[0].Text != "lead where Email is blank" {
			t.Errorf("%+v", shown)
		}
		if _, err := a.SetFilter(t.Context(), sampleName, FilterChange{Back: -1}, agree); err != nil {
			t.Error(err)
		}
		if shown, err = a.ShowFilter(t.Context(), sampleName); err != nil || shown.Text != "lead where Email is blank" {
			t.Errorf("put back: %+v, %v", shown, err)
		}
		if _, err := a.SetFilter(t.Context(), sampleName, FilterChange{Text: "lead where Emial is blank"}, agree); !errors.Is(err, ErrInput) || !strings.Contains(Say(err), "did you mean Email") {
			t.Errorf("a slip: %v", err)
		}
	})
}

// Time alone, and a change of a related record, move people out.
func TestFilterMovers(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 9, nil)
		account, err := o.pair.Org().Create("Account", map[string]string{"Name": "Leaving", "Industry": "Banking"})
		must(t, err)
		contact, err := o.pair.Org().Create("Contact", map[string]string{"LastName": "Leaver", "Email": "leaver@filter.example", "AccountId": account})
		must(t, err)
		lead, err := o.pair.Org().Create("Lead", map[string]string{"LastName": "Young", "Company": "Young", "Email": "young@filter.example"})
		must(t, err)
		setFilter(t, a, "contact where account.Industry is not \"Retail\"\nlead where CreatedDate within 3 days")
		cycles(t, a, 2)
		passes := func(id string) bool {
			t.Helper()
			e, err := a.Explain(t.Context(), sampleName, id)
			must(t, err)
			return e.Filter.Passes && e.Linked
		}
		if !passes(contact) || !passes(lead) {
			t.Fatal("they do not pass to begin with")
		}
		must(t, o.pair.Org().Set(account, map[string]string{"Industry": "Retail"}))
		cycles(t, a, 1)
		if passes(contact) {
			t.Error("the account's change moved nobody")
		}
		time.Sleep(4 * 24 * time.Hour)
		cycles(t, a, 1)
		if passes(lead) {
			t.Error("four days moved nobody")
		}
		must(t, o.pair.Org().Set(account, map[string]string{"Industry": "Banking"}))
		cycles(t, a, 1)
		if !passes(contact) {
			t.Error("the account's change moved nobody back")
		}
	})
}

// A filter whose field goes away stops the sync with a sentence, and lets nobody in or out meanwhile.
func TestFilterWithoutItsField(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 9, nil)
		setFilter(t, a, `Interests excludes ("Golf")`)
		cycles(t, a, 2)
		before, err := a.Status(t.Context(), sampleName)
		must(t, err)
		show := func(present bool) {
			for _, object := range []string{"Lead", "Contact"} {
				o.pair.Org().SetFieldPresent(object+".Interests__c", present)
			}
		}
		show(false)
		if _, err := a.Sync(t.Context(), sampleName, SyncOptions{}); ExitCode(err) != ExitUsage || !strings.Contains(Say(err), "have no field Interests__c") {
			t.Errorf("%d %s", ExitCode(err), Say(err))
		}
		show(true)
		cycles(t, a, 1)
		if after, err := a.Status(t.Context(), sampleName); err != nil || after.People != before.People {
			t.Errorf("%+v, before %+v", after.People, before.People)
		}
	})
}

// Who is kept out is told the reason of now: also when another filter keeps them out, and when they came to be out for another reason.
func TestTheReasonOfNow(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 9, nil)
		lead, err := o.pair.Org().Create("Lead", map[string]string{"LastName": "Outer", "Company": "Outer", "Email": "outer@filter.example", "Title": "Trainee"})
		must(t, err)
		reason := func(when, want string) {
			t.Helper()
			e, err := a.Explain(t.Context(), sampleName, lead)
			must(t, err)
			if e.Filter.Passes || !strings.Contains(e.Filter.Because, want) || strings.Contains(e.Filter.Because, " and ") {
				t.Errorf("%s: %+v, want %q", when, e.Filter, want)
			}
		}
		told := func() (n int) {
			e, err := a.Explain(t.Context(), sampleName, lead)
			must(t, err)
			for _, event := range e.History {
				if event.Kind == "filtered" || event.Kind == "frozen" {
					n++
				}
			}
			return n
		}
		cycles(t, a, 2)
		setFilter(t, a, `lead where Title is not "Trainee" and Company is not "Outer"`)
		cycles(t, a, 2)
		reason("frozen", "Title is not")
		must(t, o.pair.Org().Set(lead, map[string]string{"Title": "Manager"}))
		cycles(t, a, 1)
		reason("for another reason", "Company is not")
		setFilter(t, a, `lead where Email is not "outer@filter.example" and Company is not "Outer"`)
		cycles(t, a, 1)
		reason("by another filter", "Email is not")
		before := told()
		must(t, o.pair.Org().Set(lead, map[string]string{"Title": "Director"}))
		cycles(t, a, 2)
		if n := told(); before != 3 || n != before {
			t.Errorf("the reason was told %d times, and %d after a change that made no difference", before, n)
		}
	})
}

// Whether an index leads to those who pass, Salesforce itself is asked: it knows how many they are.
func TestSalesforceTellsOfItsIndex(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, _ := opened(t, home, 8, nil)
		cycles(t, a, 1)
		for text, want := range map[string][2]bool{ // guessed, asked
			`lead where Email is "nobody@index.example"`: {true, true},
			`lead where Email starts with "nobody@"`:     {true, true},
			`lead where Company is "Nowhere"`:            {false, false},
			`lead where CreatedDate after 2099-01-01`:    {true, true},
			`lead where CreatedDate after 1970-01-01`:    {true, false}, // it has one, but everybody fits
			`lead where Email is not "nobody@x.example"`: {false, false},
		} {
			for i, count := range []bool{false, true} {
				tested, err := a.TestFilter(t.Context(), sampleName, text, count)
				must(t, err)
				warned := slices.ContainsFunc(tested.Warnings, func(w string) bool { return strings.Contains(w, "can use no index") })
				if tested.Objects[0].Indexed != want[i] || warned == want[i] {
					t.Errorf("%s, asked %v: by an index %v, warned %v", text, count, tested.Objects[0].Indexed, warned)
				}
			}
			p, err := a.SetFilter(t.Context(), sampleName, FilterChange{Text: text}, nil)
			must(t, err)
			if p.Objects[0].Indexed != want[1] {
				t.Errorf("%s, looked at: by an index %v", text, p.Objects[0].Indexed)
			}
		}
	})
}
