package words

import (
	"html"

	"github.com/doppio-sync/doppio/app"
)

// Told is a problem in words.
type Told struct{ What, Do, Details string }

// Problem says an error to a person. An error that knows its sentence says it; an error that only has a text says
// that, because every error of Doppio is a sentence. Details is the whole chain, for Copy details.
func (w *Words) Problem(err error) Told {
	if told := app.Told(err); told.Key != "" {
		return Told{What: w.Sentence(told), Details: err.Error()}
	}
	text := err.Error()
	if text == "" {
		text = w.Say("problem.unknown")
	}
	return Told{What: text, Do: w.Say("problem.unknown.do"), Details: err.Error()}
}

// Page is what a browser shows at the end of a sign-in: one sentence.
func (w *Words) Page(sentence string) string {
	return `<!doctype html><html lang="` + w.Language() + `"><meta charset="utf-8"><title>Doppio</title><p>` + html.EscapeString(sentence)
}
