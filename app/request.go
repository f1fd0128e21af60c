package app

import (
	"context"
	"io"

	"github.com/doppio-sync/doppio/app/report"
)

// RequestForm is a form in which the request to the admin can be had.
type RequestForm string

// The forms.
const (
	RequestHTML RequestForm = "html"
	RequestPDF  RequestForm = "pdf"
	RequestText RequestForm = "txt"
)

// WriteRequest writes what the Salesforce admin is asked for, from what the sync user lacks now. say puts it into another language than
// English; nil does not.
func (a *App) WriteRequest(ctx context.Context, name string, form RequestForm, w io.Writer, say func(Sentence) string) (Rights, error) {
	write, known := map[RequestForm]func(report.Request, io.Writer) error{
		RequestHTML: report.Request.HTML, RequestPDF: report.Request.PDF, RequestText: report.Request.Text,
	}[form]
	if !known {
		return Rights{}, inputf("a request can be had as .html, .pdf and .txt, not as %q", form)
	}
	r, err := a.Rights(ctx, name)
	if err != nil {
		return r, err
	}
	return r, write(report.Request{Org: r.Org, User: r.User.Username, Asks: r.Asks(), Made: a.world.now(), Say: say}, w)
}
