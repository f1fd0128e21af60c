package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/store"
)

// town is a pair and a workspace on it.
type town struct {
	t    *testing.T
	a    *App
	pair *sandbox.Pair
	line *wire
	n    int
}

func newTown(t *testing.T, home, settings string) *town {
	t.Helper()
	pair, err := sandbox.New(sandbox.Options{People: 30, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	a, line, err := wired(home, pair, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := connectSample(t.Context(), a, pair.Credentials()); err != nil {
		t.Fatal(err)
	}
	if settings != "" {
		if _, err := a.ChangeSettings(t.Context(), sampleName, settings); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.SetMode(t.Context(), sampleName, record.Live); err != nil {
		t.Fatal(err)
	}
	return &town{t: t, a: a, pair: pair, line: line}
}

func (s *town) sync() SyncResult {
	s.t.Helper()
	r, err := s.a.Sync(s.t.Context(), sampleName, SyncOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(betweenCycles)
	return r
}

func (s *town) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *town) set(id, field, text string) {
	s.t.Helper()
	s.must(s.pair.Org().Set(id, map[string]string{field: text}))
}

func (s *town) setPerson(id, field, text string) {
	s.t.Helper()
	s.must(s.pair.Instance().Set(id, map[string]string{field: text}))
}

func (s *town) make(object string, fields map[string]string) string {
	s.t.Helper()
	id, err := s.pair.Org().Create(object, fields)
	s.must(err)
	return id
}

func (s *town) makePerson(fields map[string]string) string {
	s.t.Helper()
	id, err := s.pair.Instance().Create(fields)
	s.must(err)
	return id
}

// salesforce and marketo are what a field of a live record holds.
func (s *town) salesforce(id, field string) (text string, there bool) {
	object := "Lead"
	if id[:3] == "003" {
		object = "Contact"
	}
	there = s.pair.Org().Look(object, id, func(get func(string) (string, bool)) { text, _ = get(field) })
	return text, there
}

func (s *town) marketo(id, field string) (text string, there bool) {
	there = s.pair.Instance().Look(record.Person, id, func(get func(string) (string, bool)) { text, _ = get(field) })
	return text, there
}

// born enters the lead whose story is told, and perhaps another one.
func (s *town) born(story tale) *life {
	s.n++
	l := &life{town: s, story: story, name: fmt.Sprintf("Figure%d", s.n)}
	l.email = l.name + "@lives.example"
	if story.nameless {
		l.email = ""
	}
	l.lead = s.make("Lead", map[string]string{"LastName": l.name, "Company": "Lives GmbH", "Email": l.email, "MobilePhone": "+49 30 12"})
	if story.second != "" {
		fields := map[string]string{"LastName": l.name + "b", "Email": "b" + l.name + "@lives.example"}
		if story.second == "Lead" {
			fields["Company"] = "Lives GmbH"
		} else {
			fields["AccountId"] = s.make("Account", map[string]string{"Name": "Firm of " + l.name})
		}
		l.other = s.make(story.second, fields)
	}
	return l
}

// life is one person's story as it goes. The acts say what it came to.
type life struct {
	*town
	story         tale
	name, email   string
	lead, person  string // as it was in the beginning
	other, fellow string // the second record and its person
	ids           []string
	record        string            // what the person is in Salesforce in the end
	is            string            // and in Marketo
	values        map[string]string // by Marketo's names
}

type tale struct {
	second   string // the object of a second record, linked as well
	nameless bool   // there is no address to match by
	loose    bool   // nobody is linked in the end
	acts     []func(*life)
}

// find looks up whom Doppio made in Marketo.
func (l *life) find() {
	l.t.Helper()
	text, _ := l.salesforce(l.lead, "Marketo_Person_Id__c")
	l.person, l.record, l.is = text, l.lead, text
	l.values = map[string]string{"title": "Told early", "mobilePhone": "+49 30 12"}
	if l.other != "" {
		l.fellow, _ = l.salesforce(l.other, "Marketo_Person_Id__c")
	}
	if l.person == "" || l.other != "" && l.fellow == "" {
		l.t.Fatalf("%s was not linked", l.name)
	}
}

// link is the person's link, found by one of its ids.
func (l *life) link(who string) (k cycle.Known, events []store.Event) {
	l.t.Helper()
	err := l.a.within(l.t.Context(), sampleName, func(w *store.Workspace) error {
		links, err := w.FindPerson(l.t.Context(), who)
		if err != nil || len(links) != 1 {
			return fmt.Errorf("%s leads to %d links (%w)", who, len(links), err)
		}
		known, err := w.KnownLinks(l.t.Context(), []cycle.LinkID{links[0].ID})
		if err != nil {
			return err
		}
		k = known[0]
		events, err = w.EventsOf(l.t.Context(), k.Link.ID, 1000)
		return err
	})
	if err != nil {
		l.t.Errorf("%s: %v", l.name, err)
	}
	return k, events
}

func (l *life) judge(wrong func(string, ...any)) {
	k, events := l.link(l.lead)
	if l.story.loose {
		if k.Link.State != cycle.Ended {
			wrong("the link is in state %d", k.Link.State)
		}
	} else if k.Link.State != cycle.Linked || string(k.Link.Salesforce) != l.record || string(k.Link.Marketo) != l.is {
		wrong("the link is %+v, wanted %s with %s", k.Link, l.record, l.is)
	}
	for _, id := range append(l.ids, l.lead, l.person, l.record, l.is) {
		if other, _ := l.link(id); other.Link.ID != k.Link.ID {
			wrong("%s leads to link %d, the lead to %d", id, other.Link.ID, k.Link.ID)
		}
	}
	if len(k.Holds) > 0 || len(k.Out) > 0 {
		wrong("still open: %v %v", k.Holds, k.Out)
	}
	if !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "written" && e.New.Text() == "Told early" }) {
		wrong("the story does not tell of the time before")
	}
	for name, want := range l.values {
		on := map[string]string{"title": "Title", "mobilePhone": "MobilePhone", "department": "Department"}[name]
		sales, there := l.salesforce(l.record, on)
		marketing, also := l.marketo(l.is, name)
		if (there && sales != want) || (also && marketing != want) || !l.story.loose && !(there && also) {
			wrong("%s is %q in Salesforce and %q in Marketo, wanted %q (there: %v, %v)", name, sales, marketing, want, there, also)
		}
	}
}

func (l *life) convert(into org.Conversion) {
	l.t.Helper()
	made, err := l.pair.Org().ConvertInto(l.record, into)
	l.must(err)
	l.ids, l.record = append(l.ids, l.record), made.Contact
}

func (l *life) mergeInto(winner string) {
	l.t.Helper()
	l.must(l.pair.Org().Merge(winner, l.record))
	l.ids, l.record = append(l.ids, l.record), winner
}

func (l *life) mergePersonInto(winner string) {
	l.t.Helper()
	l.must(l.pair.Instance().Merge(winner, l.is))
	l.ids, l.is = append(l.ids, l.is), winner
}

// rival is a lead that nobody has seen yet.
func (l *life) rival(name string) string {
	l.t.Helper()
	return l.make("Lead", map[string]string{"LastName": l.name + name, "Company": "Lives GmbH", "Email": name + l.name + "@lives.example"})
}

func (l *life) stranger(name string) string {
	l.t.Helper()
	return l.makePerson(map[string]string{"lastName": l.name + name, "email": name + l.name + "@lives.example"})
}

// decide takes the one decision that waits for the person.
func (l *life) decide(d Decision) {
	l.t.Helper()
	k, _ := l.link(l.person)
	if len(k.Holds) != 1 || k.Holds[0].Cause != cycle.TwoPeople {
		l.t.Fatalf("the decisions that wait: %+v", k.Holds)
	}
	l.must(l.a.Resolve(l.t.Context(), sampleName, k.Holds[0].ID, d))
}
