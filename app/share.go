package app

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// Share is a part of a rehearsed plan that was carried out ahead of the rest: some people, and the companies and owners that they name.
// Whatever the workspace's mode, these alone were written to.
type Share struct {
	At    time.Time `json:"at"`
	Cycle int64     `json:"cycle"`
	// Whole: it came to its end. One that was cut off is taken up again by the next share.
	Whole  bool           `json:"whole"`
	People []SharedPerson `json:"people"`
	// Left is how many of the writes that were announced wait still.
	Left int `json:"left"`
}

// SharedPerson is what became of one of them.
type SharedPerson struct {
	Object     record.Object `json:"object"` // Lead or Contact
	Salesforce record.ID     `json:"salesforce,omitempty"`
	Marketo    record.ID     `json:"marketo,omitempty"`
	// Name is the person's, where people's data was asked for. It is read from the sides and not kept.
	Name     string        `json:"name,omitempty"`
	State    NowState      `json:"state"`
	Did      []SharedWrite `json:"did"`
	Sentence string        `json:"sentence"`
	// Why says why a write was refused, or what is to be decided; zero where neither is.
	Why Sentence `json:"-"`
	// Page is where Salesforce shows the record. Marketo's pages cannot be told from its API: people are found there by id.
	Page string `json:"page,omitempty"`
}

// SharedWrite is what was written to one side.
type SharedWrite struct {
	Side    record.Side `json:"side"`
	Created bool        `json:"created"`
	Fields  []string    `json:"fields"` // by the side's names; of one that was created none
	// Linked: the other side's id was written, and nothing else.
	Linked bool `json:"linked"`
}

// ShareAtMost is how many people a share may have: they are read and written one page after the other, ahead of everything else.
const ShareAtMost = 2000

// metaShare is the setting that holds whom the last share was about, by the numbers of their links.
const metaShare = "share"

type keptShare struct {
	At    time.Time      `json:"at"`
	Cycle int64          `json:"cycle,omitempty"` // 0 while it is not through
	Links []cycle.LinkID `json:"links"`
	Home  string         `json:"home,omitempty"` // where Salesforce shows records
}

// Share carries out the last rehearsal for so many people, or takes up the share that was cut off. It is refused where nothing was
// rehearsed, where the workspace is live already, and where live would be. The result is as complete as it got, also when the error is not nil.
func (a *App) Share(ctx context.Context, name string, people int, o SyncOptions) (SyncResult, error) {
	if people < 1 || people > ShareAtMost {
		return SyncResult{}, input(pace.Say("trouble.share.size", "a share is of 1 to %1 people; for all of them go live", strconv.Itoa(ShareAtMost)))
	}
	meta, err := a.Workspace(ctx, name)
	switch {
	case err != nil:
		return SyncResult{}, err
	case meta.LookOnly:
		return SyncResult{}, input(pace.Say("trouble.share.looking", "workspace \"%1\" is look-only: nothing can be written from it", name))
	case meta.Mode == record.Live:
		return SyncResult{}, input(pace.Say("trouble.share.live", "workspace \"%1\" is live already: every cycle writes all that waits", name))
	}
	if err := a.refuseNativeSync(ctx, name); err != nil {
		return SyncResult{}, err
	}
	o.First = people
	return a.Sync(ctx, name, o)
}

// LastShare is what became of the last share; one without people where there was none. It reads the workspace's file alone.
func (a *App) LastShare(ctx context.Context, name string) (share Share, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		share, err = shareOf(ctx, w)
		return err
	})
	return share, err
}

// share carries out a part of the plan.
func (s *session) share(ctx context.Context, o SyncOptions) (SyncResult, error) {
	r, err := rehearsalOf(ctx, s.ws)
	if notRehearsed(err) || err == nil && r.Outcome != nil {
		return SyncResult{}, input(pace.Say("trouble.share.unrehearsed", "there is no plan to carry out: rehearse first (doppioctl sync \"%1\" --rehearse)", s.name))
	}
	if err != nil {
		return SyncResult{}, err
	}
	kept, err := keptShareOf(ctx, s.ws)
	if err != nil {
		return SyncResult{}, err
	}
	if len(kept.Links) == 0 || kept.Cycle != 0 {
		kept = keptShare{At: s.app.world.now().UTC()}
		if kept.Links, err = s.chosen(ctx, r, o.First); err != nil {
			return SyncResult{}, err
		}
	}
	if token, err := s.sf.SignIn(ctx); err == nil { // it was made for the work anyway; without it there are no addresses of pages
		kept.Home = token.InstanceURL
	}
	if err := keepShare(ctx, s.ws, kept); err != nil {
		return SyncResult{}, err
	}
	if o.Now, err = s.idsOf(ctx, kept.Links); err != nil {
		return SyncResult{}, err
	}
	was := s.mode.Swap(uint32(record.Live))
	result, err := s.hurry(ctx, o)
	s.mode.Store(was)
	result.Now = nil
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err == nil {
		kept.Cycle = result.Cycle.N
		if err := keepShare(last, s.ws, kept); err != nil {
			return result, err
		}
	}
	share, shareErr := shareOf(last, s.ws)
	if shareErr == nil {
		if result.Share = &share; o.Values && len(share.People) <= namedAtMost {
			s.nameShare(last, &share)
		}
	}
	if err == nil {
		err = shareErr
	}
	return result, err
}

// namedAtMost is how many people of a share are named: more of them nobody looks at one by one.
const namedAtMost = 100

// nameShare reads the names of a share's people, a call an object. Where they cannot be read their ids have to do.
func (s *session) nameShare(ctx context.Context, share *Share) {
	text := record.Type{Kind: record.Text}
	names := map[record.ID]string{}
	note := func(found []record.Record, err error) {
		if err != nil {
			s.app.log.Warn("the names of a share's people could not be read", "err", err)
		}
		for _, r := range found {
			names[r.ID] = strings.TrimSpace(r.Values[0].Text() + " " + r.Values[1].Text())
		}
	}
	ids := map[record.Object][]record.ID{}
	for _, p := range share.People {
		if p.Salesforce == "" {
			ids[record.Person] = append(ids[record.Person], p.Marketo)
		} else {
			ids[p.Object] = append(ids[p.Object], p.Salesforce)
		}
	}
	for _, object := range []record.Object{record.Lead, record.Contact} {
		if len(ids[object]) > 0 {
			note(s.sf.Get(ctx, record.LookUp, object, ids[object], []record.Column{{Name: "FirstName", Type: text}, {Name: "LastName", Type: text}}, ""))
		}
	}
	note(s.mk.People(ctx, record.LookUp, ids[record.Person], []record.Column{{Name: "firstName", Type: text}, {Name: "lastName", Type: text}}, ""))
	for i := range share.People {
		p := &share.People[i]
		if p.Name = names[p.Salesforce]; p.Salesforce == "" {
			p.Name = names[p.Marketo]
		}
	}
}

// chosen are people of the plan, of each kind of write about as many, so that a small share shows what all of it does.
func (s *session) chosen(ctx context.Context, r Rehearsal, n int) ([]cycle.LinkID, error) {
	left := map[kindOfWrite]int{} // of each kind, how many are looked for still
	for _, w := range r.Writes {
		if w.Object.IsPerson() {
			left[kindOfWrite{w.Side, w.Object, w.Action}] = min(n, w.Count)
		}
	}
	found := map[kindOfWrite][]cycle.LinkID{}
	errEnough := context.Canceled // ends the reading; nothing failed
	err := plannerOf(s.ws, s.mapping).waiting(ctx, func(rows []cycle.Row) error {
		for i := range rows {
			row := &rows[i]
			kind := kindOfRow(row)
			if !row.Object.IsPerson() || row.ID == 0 || len(found[kind]) >= n {
				continue
			}
			found[kind] = append(found[kind], row.Link)
			left[kind]--
		}
		for _, more := range left {
			if more > 0 {
				return nil
			}
		}
		return errEnough
	})
	if err != nil && (err != errEnough || ctx.Err() != nil) {
		return nil, err
	}
	return oneOfEach(found, n), nil
}

// oneOfEach takes one of each kind after the other, n in all and nobody twice: those that change the most first.
func oneOfEach(found map[kindOfWrite][]cycle.LinkID, n int) []cycle.LinkID {
	kinds := make([]kindOfWrite, 0, len(found))
	for kind := range found {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, compareKinds)
	var links []cycle.LinkID
	for i := 0; i < n && len(links) < n; i++ {
		for _, kind := range kinds {
			if list := found[kind]; i < len(list) && len(links) < n && !slices.Contains(links, list[i]) {
				links = append(links, list[i])
			}
		}
	}
	return links
}

// idsOf names people by an id of either side.
func (s *session) idsOf(ctx context.Context, links []cycle.LinkID) ([]string, error) {
	known, err := s.ws.KnownLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, k := range known {
		if k.Link.ID != 0 {
			ids = append(ids, string(firstID(k.Link)))
		}
	}
	return ids, nil
}

func keptShareOf(ctx context.Context, w *store.Workspace) (kept keptShare, err error) {
	text, err := w.Setting(ctx, metaShare)
	if err != nil {
		return kept, err
	}
	return kept, decodeFact(text, &kept)
}

func keepShare(ctx context.Context, w *store.Workspace, kept keptShare) error {
	text, err := encodeFact(kept)
	if err != nil {
		return err
	}
	return w.SetSetting(ctx, metaShare, text)
}

// shareOf tells what became of the last share, from the histories of its people.
func shareOf(ctx context.Context, w *store.Workspace) (Share, error) {
	kept, err := keptShareOf(ctx, w)
	if err != nil {
		return Share{}, err
	}
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return Share{}, err
	}
	known, err := w.KnownLinks(ctx, kept.Links)
	if err != nil {
		return Share{}, err
	}
	share := Share{At: kept.At, Cycle: kept.Cycle, Whole: kept.Cycle != 0, People: []SharedPerson{}}
	p := plannerOf(w, mapping)
	for _, k := range known {
		if k.Link.ID == 0 { // it became one with another since
			continue
		}
		events, err := w.EventsOf(ctx, k.Link.ID, eventsAtMost)
		if err != nil {
			return share, err
		}
		share.People = append(share.People, p.shared(k, events, kept))
	}
	_, fates, err := w.Rehearsed(ctx)
	share.Left = fates[store.Announced]
	return share, err
}

// shared tells what a share did to one person.
func (p planner) shared(k cycle.Known, events []store.Event, kept keptShare) SharedPerson {
	out := SharedPerson{Object: k.Link.Object, Salesforce: k.Link.Salesforce, Marketo: k.Link.Marketo, Did: []SharedWrite{}}
	if kept.Home != "" && k.Link.Salesforce != "" {
		out.Page = kept.Home + "/" + string(k.Link.Salesforce)
	}
	asked := cycle.Person{}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		did := SharedWrite{Side: side, Fields: []string{}}
		for _, e := range slices.Backward(events) { // the newest comes first
			if e.Side != side || e.At.Before(kept.At) {
				continue
			}
			object := e.Object
			if object == "" {
				object = k.Link.Object
			}
			switch e.Kind {
			case "created":
				did.Created = true
			case "written":
				o, _ := p.shown.Object(object)
				if f, ok := o.Numbered(e.Field); ok && !slices.Contains(did.Fields, f.On(side)) {
					did.Fields = append(did.Fields, f.On(side))
				}
			}
		}
		row := k.Out[side]
		did.Linked = !did.Created && len(did.Fields) == 0 && kept.Cycle != 0 && row == nil && k.Link.State == cycle.Linked
		if did.Created || did.Linked || len(did.Fields) > 0 {
			out.Did = append(out.Did, did)
			asked.Written = append(asked.Written, side)
		}
	}
	out.State, out.Sentence = nowState(asked, k, record.Live, p.mapping)
	if open := k.Open(); len(open) > 0 {
		out.Why = CauseSentence(open[0].Cause)
	}
	for _, row := range k.Out {
		if row.Fails() {
			out.Why = explainCause(row.Side, row.Object, row.FailsFor()[0]).Sentence()
		}
	}
	return out
}

// Text names a person by its ids.
func (s SharedPerson) Text() string {
	switch {
	case s.Marketo == "":
		return string(s.Object) + " " + string(s.Salesforce)
	case s.Salesforce == "":
		return "Person " + string(s.Marketo)
	}
	return string(s.Object) + " " + string(s.Salesforce) + " / " + string(s.Marketo)
}

// Sentence says in English what a share did.
func (s Share) Sentence() string {
	states := map[NowState]int{}
	for _, p := range s.People {
		states[p.State]++
	}
	text := count(len(s.People), "person", "people") + ":"
	for i, state := range nowOrder {
		if n := states[state]; n > 0 {
			if i > 0 && text[len(text)-1] != ':' {
				text += ","
			}
			text += " " + strconv.Itoa(n) + " " + string(state)
		}
	}
	if !s.Whole {
		text += "; it was cut off, and the next share takes it up"
	}
	return text + ". " + count(s.Left, "write", "writes") + " of the plan wait."
}
