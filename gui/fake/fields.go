package fake

import (
	"context"

	"github.com/doppio-sync/doppio/app"
)

// FieldAnswers are what the page Fields is answered.
type FieldAnswers struct {
	Setup   app.FieldSetup
	Prices  []app.FieldPrice
	Err     error // of asking
	Kept    app.KeptFields
	KeepErr error
}

// AnswerFields says what the page Fields is answered from now on.
func (r *Running) AnswerFields(a FieldAnswers) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fields = a
}

func (r *Running) answers() FieldAnswers {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fields
}

func (r *Running) FieldSetup(context.Context) (app.FieldSetup, error) {
	r.called("FieldSetup", nil)
	a := r.answers()
	return a.Setup, a.Err
}

func (r *Running) FieldPrices(context.Context, int) ([]app.FieldPrice, error) {
	r.called("FieldPrices", nil)
	return r.answers().Prices, nil
}

func (r *Running) KeepFields(context.Context, app.MappingDocument, app.Winners) (app.KeptFields, error) {
	r.called("KeepFields", nil)
	a := r.answers()
	return a.Kept, a.KeepErr
}
