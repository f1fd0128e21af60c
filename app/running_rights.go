package app

import (
	"context"
	"io"
)

// Rights asks Salesforce what the sync user may do, beside the cycles.
func (r *running) Rights(ctx context.Context) (Rights, error) { return r.app.Rights(ctx, r.name) }

// WriteRequest writes what the Salesforce admin is asked for.
func (r *running) WriteRequest(ctx context.Context, form RequestForm, to io.Writer, say func(Sentence) string) error {
	_, err := r.app.WriteRequest(ctx, r.name, form, to, say)
	return err
}

// WritePackage writes the metadata package that grants it.
func (r *running) WritePackage(ctx context.Context, to io.Writer) error {
	_, err := r.app.WritePackage(ctx, r.name, to, false)
	return err
}
