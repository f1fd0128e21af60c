package store

import (
	"database/sql/driver"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// events adds lines to a link's history.
func (p *pen) events(link cycle.LinkID, events []cycle.Event) error {
	for i := range events {
		e := &events[i]
		id, err := p.next("history")
		if err != nil {
			return err
		}
		var content, field driver.Value
		if !e.Old.IsBlank() || !e.New.IsBlank() {
			sealed, err := p.keys.seal(historySeal, id, packEvent(*e))
			if err != nil {
				return err
			}
			content = sealed
			p.count(historyBytes, int64(len(sealed)))
		}
		if e.Field != cycle.NoField {
			field = int64(e.Field)
		}
		p.count(historyBytes, historyRowBytes+int64(len(e.Kind)+len(e.Detail)))
		if _, err := p.exec(`INSERT INTO history(id, link, at, cycle, side, kind, field, detail, content) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
			id, int64(link), stamp(e.At), e.Cycle, int64(e.Side), e.Kind, field, textOrNull(e.Detail), content); err != nil {
			return err
		}
	}
	return nil
}

// historyBytes is about how much of the file the history takes; historyRowBytes is what a line takes beside its texts,
// its place in the index included.
const (
	historyBytes    = "history.bytes"
	historyRowBytes = 40
)

const selectEvent = `SELECT h.id, h.at, h.cycle, h.side, h.kind, h.field, h.detail, h.content, h.link FROM `
