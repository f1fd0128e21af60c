package cycle

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// pushImport asks after the import that is under way, and makes others of what waits for people in Marketo, where so many rows have the
// same fields that it is worth it. It counts the rows that were answered.
func (r *run) pushImport(ctx context.Context) (answered int, err error) {
	patience := importPatience
	if r.asked != nil {
		patience = 0
	}
	if answered, err = r.importAnswered(ctx, patience); err != nil || r.held != nil || r.asked != nil || r.Mapping.SalesforceID == "" {
		return answered, err
	}
	least := r.Policy.importsFrom()
	waiting, err := r.Ledger.Backlog(ctx)
	if err != nil || waiting.ToMarketo < least {
		return answered, err
	}
	for _, values := range []bool{false, true} {
		n, done, err := r.importGroups(ctx, values, least)
		if answered += n; err != nil || done {
			return answered, err
		}
	}
	return answered, nil
}

// importGroups imports the groups of rows with the same fields that are large enough. stop says that no more is to be imported for now.
func (r *run) importGroups(ctx context.Context, values bool, least int) (answered int, stop bool, err error) {
	sizes := map[string]int{}
	for after := int64(0); ; {
		rows, err := r.importable(ctx, values, r.Now(), after)
		if err != nil {
			return 0, false, err
		}
		for _, row := range rows {
			after = row.ID
			if w, ok := r.importWrite(row); ok {
				sizes[fieldsOf(w)]++
			}
		}
		if len(rows) < bulkAtOnce {
			break
		}
	}
	maps.DeleteFunc(sizes, func(_ string, n int) bool { return n < least })
	if len(sizes) == 0 {
		return 0, false, nil
	}
	// What people belong to is there before they name it.
	r.held = map[int64]uint32{}
	answered, err = r.pushSide(ctx, record.Marketo)
	if r.held = nil; err != nil {
		return answered, false, err
	}
	for _, fields := range slices.Sorted(maps.Keys(sizes)) {
		for n, after := sizes[fields], int64(0); n >= least; n -= importRows {
			file, in, last, err := r.importFile(ctx, values, fields, after)
			if err != nil {
				return answered, false, err
			}
			if after = last; in.n < min(least, importRows) {
				break
			}
			more, stop, err := r.importOne(ctx, file, &importing{Values: values, Fields: strings.Split(fields, ","), Rows: in.packed})
			if answered += more; err != nil || stop {
				return answered, stop, err
			}
		}
	}
	return answered, false, nil
}

// importWrite is what a row writes, if an import can carry it: an import cannot empty fields, and says little of what it refuses.
func (r *run) importWrite(row Row) (w marketo.Write, ok bool) {
	if row.Target == "" || row.Tries > 0 || slices.ContainsFunc(row.Fields, func(c Change) bool { return isFlag(c.Field) }) {
		return w, false
	}
	w = r.marketoWrite(row)
	blank := slices.ContainsFunc(w.Fields, func(f marketo.Field) bool { return f.Value.IsBlank() })
	return w, len(w.Fields) > 0 && !blank
}

// fieldsOf names the columns of a file for a row.
func fieldsOf(w marketo.Write) string {
	names := make([]string, len(w.Fields))
	for i, f := range w.Fields {
		names[i] = f.Name
	}
	return strings.Join(names, ",")
}

// importFile fills a file with rows that have the same fields and whose references are in Marketo, from after a row on.
func (r *run) importFile(ctx context.Context, values bool, fields string, after int64) (file *marketo.File, in manifest, last int64, err error) {
	file = marketo.NewFile(strings.Split(fields, ","))
	for {
		rows, err := r.importable(ctx, values, r.Now(), after)
		if err != nil {
			return nil, in, 0, err
		}
		more := len(rows) == bulkAtOnce
		if len(rows) > 0 {
			after = rows[len(rows)-1].ID
		}
		if rows, _, err = r.travelling(ctx, rows); err != nil {
			return nil, in, 0, err
		}
		if rows, _, err = r.ready(ctx, rows, batch{}); err != nil {
			return nil, in, 0, err
		}
		for _, row := range rows {
			w, ok := r.importWrite(row)
			if !ok || fieldsOf(w) != fields || len(r.lost[row.ID]) > 0 {
				continue
			}
			if in.n == importRows || !file.Add(w.ID, w.Fields) {
				return file, in, in.last, nil
			}
			in.add(row)
		}
		if !more {
			return file, in, after, nil
		}
	}
}

// importOne sends a file and waits for what becomes of it.
func (r *run) importOne(ctx context.Context, file *marketo.File, job *importing) (answered int, stop bool, err error) {
	job.Since = r.Now()
	if err := r.keepImport(ctx, job); err != nil {
		return 0, true, err
	}
	purpose := record.WriteBack
	if job.Values {
		purpose = record.Push
	}
	got, err := r.Marketo.ImportPeople(ctx, purpose, file)
	var refused *marketo.Error
	switch {
	case err == nil:
		job.ID = got.ID
		if err := r.keepImport(ctx, job); err != nil {
			return 0, true, err
		}
	case marketo.Unsure(err): // it may be in the queue
	case errors.Is(err, pace.ErrQuota), !errors.As(err, &refused), refused.Class() == pace.SignIn:
		if ctx.Err() == nil { // it never left
			err = errors.Join(err, r.keepImport(ctx, nil))
		}
		return 0, true, err
	default:
		r.Log.Warn("Marketo takes no import; people are written by calls", "err", err)
		return 0, true, r.keepImport(ctx, nil)
	}
	answered, err = r.importAnswered(ctx, importPatience)
	return answered, err != nil || r.held != nil, err
}
