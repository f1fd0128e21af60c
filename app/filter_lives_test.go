package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// linkOf is the link of a Salesforce record.
func linkOf(t *testing.T, a *App, id string) (k cycle.Known) {
	t.Helper()
	long, err := record.LongID(id)
	must(t, err, a.beside(t.Context(), sampleName, true, func(w *store.Workspace) error {
		known, err := w.Known(t.Context(), record.Salesforce, []record.ID{long})
		if err == nil {
			k = known[0]
		}
		return err
	}))
	return k
}

// entered makes a lead and has it linked.
func (o *office) linkedLead(t *testing.T, a *App, name string, more map[string]string) (lead, person string) {
	t.Helper()
	values := map[string]string{"LastName": name, "Company": name, "Email": name + "@filter.example"}
	for field, value := range more {
		values[field] = value
	}
	lead, err := o.pair.Org().Create("Lead", values)
	must(t, err)
	cycles(t, a, 2)
	if person = o.personOf(lead); person == "" {
		t.Fatalf("%s has no person", name)
	}
	return lead, person
}

// Deletions, merges and conversions are followed although a pair is frozen; what it becomes is judged by the filter anew.
func TestFilterLives(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		setFilter(t, a, "Do_Not_Sync_to_Marketo is not true")
		cycles(t, a, 1)
		freeze := func(id string) {
			must(t, o.pair.Org().Set(id, map[string]string{doNotSync: "true"}))
			cycles(t, a, 1)
			if s := linkOf(t, a, id).Link.State; s != cycle.Frozen {
				t.Fatalf("state %d, not frozen", s)
			}
		}
		lead, person := o.linkedLead(t, a, "converted", nil)
		freeze(lead)
		made, err := o.pair.Org().Convert(lead, "")
		must(t, err)
		cycles(t, a, 2)
		if k := linkOf(t, a, made.Contact); string(k.Link.Marketo) != person {
			t.Errorf("the contact of a frozen lead is linked with %q, not with %s: %+v", k.Link.Marketo, person, k.Link)
		}

		loser, person := o.linkedLead(t, a, "loser", nil)
		winner, err := o.pair.Org().Create("Lead", map[string]string{"LastName": "winner", "Company": "winner", doNotSync: "true"})
		must(t, err)
		freeze(loser)
		must(t, o.pair.Org().Merge(winner, loser))
		cycles(t, a, 2)
		k := linkOf(t, a, winner)
		if string(k.Link.Marketo) != person || k.Link.State != cycle.Frozen {
			t.Errorf("the winner of a merge is %+v, its person was %s", k.Link, person)
		}
		must(t, o.pair.Org().Set(winner, map[string]string{doNotSync: "false", "Title": "Winner"}))
		cycles(t, a, 2)
		if k = linkOf(t, a, winner); k.Link.State != cycle.Linked || o.title(record.Marketo, person) != "Winner" {
			t.Errorf("a winner that came to pass: %+v, %q", k.Link, o.title(record.Marketo, person))
		}

		gone, person := o.linkedLead(t, a, "gone", nil)
		freeze(gone)
		must(t, o.pair.Instance().Delete(person))
		cycles(t, a, 1)
		if s := linkOf(t, a, gone).Link.State; s == cycle.Frozen || s == cycle.Linked {
			t.Errorf("a frozen pair whose person was deleted is in state %d", s)
		}
	})
}

// The tick in Marketo that says that somebody is kept out goes when they pass again, also as another record.
func TestNobodyWhoPassesIsTicked(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 9, nil)
		must(t, o.pair.Instance().AddField("keptOut", "Kept Out", "boolean"))
		const rule = "Do_Not_Sync_to_Marketo is not true\nwho leaves is "
		setFilter(t, a, rule+"marked in keptOut")
		cycles(t, a, 1)
		ticked := func(person string) bool {
			var text string
			o.pair.Instance().Look(record.Person, person, func(get func(string) (string, bool)) { text, _ = get("keptOut") })
			return text == "true"
		}
		var people []string
		for _, name := range []string{"again", "anew"} {
			lead, person := o.linkedLead(t, a, name, nil)
			must(t, o.pair.Org().Set(lead, map[string]string{doNotSync: "true"}))
			cycles(t, a, 1)
			if !ticked(person) {
				t.Errorf("%s is kept out and not ticked", name)
			}
			people = append(people, person)
		}
		again, anew := o.partner(edit{side: record.Marketo, id: people[0]}), o.partner(edit{side: record.Marketo, id: people[1]})
		setFilter(t, a, rule+"unlinked")
		must(t, o.pair.Org().Set(again, map[string]string{doNotSync: "false"}))
		must(t, o.pair.Org().Delete(anew))
		_, err := o.pair.Org().Create("Lead", map[string]string{"LastName": "anew", "Company": "anew", "Email": "anew@filter.example"})
		must(t, err)
		cycles(t, a, 3)
		for _, person := range people {
			if lead := o.partner(edit{side: record.Marketo, id: person}); lead == "" || ticked(person) {
				t.Errorf("person %s of %q passes, ticked: %v", person, lead, ticked(person))
			}
		}
	})
}

// A pair that is unlinked stays as it is on both sides, and is matched like a new one when it passes again.
func TestFilterUnlinks(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 8, nil)
		setFilter(t, a, "Do_Not_Sync_to_Marketo is not true\nwho leaves is unlinked")
		cycles(t, a, 1)
		lead, person := o.linkedLead(t, a, "parted", map[string]string{"Title": "Before"})
		must(t, o.pair.Org().Set(lead, map[string]string{doNotSync: "true"}))
		cycles(t, a, 1)
		if k := linkOf(t, a, lead); k.Link.State != cycle.Filtered || k.Link.Marketo != "" {
			t.Fatalf("not unlinked: %+v", k.Link)
		}
		must(t, o.pair.Instance().Set(person, map[string]string{"title": "Alone"}))
		people := o.pair.Truth().Salesforce["Lead"]
		cycles(t, a, 2)
		if o.title(record.Salesforce, lead) != "Before" || o.pair.Truth().Salesforce["Lead"] != people {
			t.Error("what became of the person reached Salesforce")
		}
		must(t, o.pair.Org().Set(lead, map[string]string{doNotSync: "false"}))
		cycles(t, a, 2)
		// A new pair: at first Salesforce wins, whatever the two had once agreed upon.
		if k := linkOf(t, a, lead); string(k.Link.Marketo) != person || o.title(record.Marketo, person) != "Before" {
			t.Errorf("found each other again as %+v, %q", k.Link, o.title(record.Marketo, person))
		}
	})
}

// A value that is to be put back on both sides stands nowhere but in what waits: freezing the pair must not drop it.
func TestFilterFreezesWhatWaits(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 9, nil)
		setFilter(t, a, "Do_Not_Sync_to_Marketo is not true")
		cycles(t, a, 1)
		lead, person := o.linkedLead(t, a, "waiting", map[string]string{"Title": "Agreed"})
		must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
			k := linkOfIn(t, w, lead)
			var rows []cycle.Row
			for _, side := range []record.Side{record.Salesforce, record.Marketo} {
				rows = append(rows, cycle.Row{
					Link: k.Link.ID, Side: side, Object: map[record.Side]record.Object{record.Salesforce: record.Lead, record.Marketo: record.Person}[side],
					Target: k.Link.On(side), Source: k.Link.On(side.Other()), Action: cycle.Update, State: cycle.Waiting, Lane: cycle.CycleLane, Since: time.Now(),
					Fields: []cycle.Change{{Field: 4, Value: record.Of("Put back"), At: time.Now(), Prior: k.Baseline.Print(4)}},
				})
			}
			return w.CommitPage(t.Context(), cycle.Page{At: time.Now(), Steps: []cycle.Step{{Link: k.Link, Out: rows}}})
		}), o.pair.Org().Set(lead, map[string]string{doNotSync: "true"}))
		cycles(t, a, 2)
		if o.title(record.Salesforce, lead) != "Agreed" || o.title(record.Marketo, person) != "Agreed" {
			t.Fatal("it was written although the pair is frozen")
		}
		must(t, o.pair.Org().Set(lead, map[string]string{doNotSync: "false"}))
		cycles(t, a, 2)
		if s, m := o.title(record.Salesforce, lead), o.title(record.Marketo, person); s != "Put back" || m != "Put back" {
			t.Errorf("what waited to be put back was lost: %q, %q", s, m)
		}
	})
}

func linkOfIn(t *testing.T, w *store.Workspace, id string) cycle.Known {
	t.Helper()
	long, err := record.LongID(id)
	must(t, err)
	known, err := w.Known(t.Context(), record.Salesforce, []record.ID{long})
	must(t, err)
	return known[0]
}

// A company that is kept out does not keep its people from being created.
func TestFilterCompanies(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		setFilter(t, a, `account where Industry is "Banking"`)
		account, err := o.pair.Org().Create("Account", map[string]string{"Name": "Farm", "Industry": "Agriculture"})
		must(t, err)
		contact, err := o.pair.Org().Create("Contact", map[string]string{"LastName": "Farmer", "Email": "farmer@filter.example", "AccountId": account})
		must(t, err)
		cycles(t, a, 2)
		if linkOf(t, a, account).Link.State != cycle.Filtered || linkOf(t, a, contact).Link.State != cycle.Linked {
			t.Errorf("the account is %+v, its contact %+v", linkOf(t, a, account).Link, linkOf(t, a, contact).Link)
		}
		must(t, o.pair.Org().Set(account, map[string]string{"Industry": "Banking"}))
		cycles(t, a, 3)
		company := ""
		o.pair.Instance().Look(record.Person, o.personOf(contact), func(get func(string) (string, bool)) { company, _ = get("externalCompanyId") })
		if company != account {
			t.Errorf("the contact's company is %q, not %s", company, account)
		}
	})
}

// A filter that is set while the first sync is under way counts for everybody, also for those who were read before.
func TestFilterWithinFirstSync(t *testing.T) {
	for _, call := range []int{7, 8, 11} { // twice while it reads, and once while it writes
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, o, line := opened(t, home, 7, nil)
			lead := o.leadsWhere(func(get func(string) (string, bool)) bool { c, _ := get("IsConverted"); return c != "true" })[0]
			must(t, o.pair.Org().Set(lead, map[string]string{doNotSync: "true"}))
			setFilter(t, a, "lead where Email is filled")
			time.Sleep(time.Hour) // what was just changed would be read again in any case
			ctx, cancel := context.WithCancel(t.Context())
			line.expect(map[int][]func(){call: {func() { time.Sleep(time.Second); cancel() }}}, nil) // what came before is kept by then
			if _, err := a.Sync(ctx, sampleName, SyncOptions{}); err == nil {
				t.Fatal("the first sync was not cut off")
			}
			line.expect(nil, nil)
			first := ""
			must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) (err error) {
				first, err = w.Setting(t.Context(), "first_sync")
				return err
			}))
			setFilter(t, a, "Do_Not_Sync_to_Marketo is not true")
			cycles(t, a, 2)
			// Whoever had a person by then is frozen.
			if k := linkOf(t, a, lead); k.Link.State != cycle.Filtered && !(first == "done" && k.Link.State == cycle.Frozen) {
				t.Errorf("cut off at call %d: who was read under the former filter is %+v", call, k.Link)
			}
		})
	}
}

// A formula changes without a sign: that is seen the next day.
func TestFilterNextDay(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 9, nil)
		setFilter(t, a, `lead where Region__c is not "Moved"`)
		cycles(t, a, 1)
		formula, _ := o.linkedLead(t, a, "formula", map[string]string{"Country": "Atlantis"})
		cycles(t, a, 2)
		o.pair.Org().EditFormula("Atlantis", "Moved")
		cycles(t, a, 1)
		if s := linkOf(t, a, formula).Link.State; s != cycle.Linked {
			t.Fatalf("a formula was seen at once: %d", s)
		}
		time.Sleep(25 * time.Hour)
		cycles(t, a, 1)
		if s := linkOf(t, a, formula).Link.State; s != cycle.Frozen {
			t.Errorf("a formula that changed was not seen: %d", s)
		}
	})
}

// Whom a filter marks is frozen and ticked in Marketo, and unticked when it passes again, also when no filter is left.
func TestFilterMarks(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		must(t, o.pair.Instance().AddField("keptOut", "Kept Out", "boolean"))
		if _, err := a.SetFilter(t.Context(), sampleName, FilterChange{Text: "Email is filled\nwho leaves is marked in Kept_Ot"}, agree); !errors.Is(err, ErrInput) {
			t.Errorf("a checkbox that is none: %v", err)
		}
		setFilter(t, a, "Do_Not_Sync_to_Marketo is not true\nwho leaves is marked in \"Kept Out\"")
		cycles(t, a, 1)
		lead, person := o.linkedLead(t, a, "marked", map[string]string{"Title": "Before"})
		ticked := func(want bool) {
			t.Helper()
			text := ""
			o.pair.Instance().Look(record.Person, person, func(get func(string) (string, bool)) { text, _ = get("keptOut") })
			if (text == "true") != want {
				t.Errorf("the checkbox is %q", text)
			}
		}
		ticked(false)
		must(t, o.pair.Org().Set(lead, map[string]string{doNotSync: "true", "Title": "Meanwhile"}))
		cycles(t, a, 2)
		ticked(true)
		if o.title(record.Marketo, person) != "Before" {
			t.Error("more than the tick travelled")
		}
		o.pair.ResetJournal()
		cycles(t, a, 2)
		if w := writes(o); w.Marketo.Writes+w.Salesforce.Writes != 0 {
			t.Errorf("a marked pair is not quiet: %+v", w)
		}
		_, err := a.SetFilter(t.Context(), sampleName, FilterChange{None: true}, agree)
		must(t, err)
		cycles(t, a, 2)
		ticked(false)
		if o.title(record.Marketo, person) != "Meanwhile" {
			t.Error("what changed meanwhile was lost")
		}
		o.pair.ResetJournal()
		cycles(t, a, 2)
		if w := writes(o); w.Marketo.Writes+w.Salesforce.Writes != 0 {
			t.Errorf("a pair that came back is not quiet: %+v", w)
		}
	})
}
