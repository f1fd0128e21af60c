package cycle

import (
	"context"
	"encoding/json"
	"fmt"
)

// entering is the ledger's setting that remembers whether the last cycle made leads of people whom Marketo alone has. It holds an entry.
const entering = "entering"

// entry says how far a turn of that switch was carried out: those whom Marketo alone had when it was turned on are entered, and those who
// still wait to be entered when it is turned off are not.
type entry struct {
	On    bool   `json:"on"`
	Done  bool   `json:"done"`
	After LinkID `json:"after"` // links up to this one were looked at
}

// turned keeps up with the switch. A first sync that begins with it on meets everybody anyway.
func (r *run) turned(ctx context.Context, stage string) error {
	e, err := r.entry(ctx)
	switch {
	case err != nil:
		return err
	case stage == "":
		return r.keepEntry(ctx, entry{On: r.Policy.CreateInSalesforce, Done: true})
	case e.On != r.Policy.CreateInSalesforce:
		return r.keepEntry(ctx, entry{On: r.Policy.CreateInSalesforce})
	}
	return nil
}

// enter carries out the last turn of the switch. People are met as anybody who is new in Marketo, by stored id and address first, so that
// nobody is entered who has a record.
func (r *run) enter(ctx context.Context) error {
	e, err := r.entry(ctx)
	if err != nil || e.Done {
		return err
	}
	of := Creating
	if e.On {
		of = Alone
	}
	page := func(ctx context.Context, links []Link) (int, error) {
		var ids []LinkID
		for _, l := range links {
			if l.Object.IsPerson() && l.State == of && l.Salesforce == "" {
				ids = append(ids, l.ID)
			}
		}
		return len(ids), r.readAfresh(ctx, ids)
	}
	e.Done, err = r.share(ctx, e.After, page, func(after LinkID) error {
		e.After = after
		return r.keepEntry(ctx, e)
	})
	if err != nil {
		return fmt.Errorf("look again at those whom Marketo alone has: %w", err)
	}
	if e.Done {
		return r.keepEntry(ctx, e)
	}
	return nil
}

// entry is what is kept. Where nothing is, the switch is off, or was turned on when that did not reach back.
func (r *run) entry(ctx context.Context) (e entry, err error) {
	text, err := r.Ledger.Setting(ctx, entering)
	if err != nil || text == "" {
		return entry{Done: true}, err
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, fmt.Errorf("how far people of Marketo were entered cannot be read: %w", err)
	}
	return e, nil
}

func (r *run) keepEntry(ctx context.Context, e entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return r.Ledger.SetSetting(ctx, entering, string(text))
}
