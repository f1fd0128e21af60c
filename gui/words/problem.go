package words

import (
	"html"
	"unicode"

	"github.com/doppio-sync/doppio/app"
)

// Told is a problem in words.
type Told struct{ What, Do, Details string }

// Problem says an error to a person. An error that knows its sentence says it; one that only has a text, which is English,
// says that in English, and in other languages that it is one. Details is the whole chain, for Copy details.
func (w *Words) Problem(err error) Told {
	if told := app.Told(err); told.Key != "" {
		return Told{What: w.Whole(told), Details: err.Error()}
	}
	text := whole(err.Error())
	switch {
	case text == "":
		text = w.Say("problem.unknown")
	case w.Language() != Languages()[0]:
		text = w.Say("problem.english", "text", text)
	}
	return Told{What: text, Do: w.Say("problem.unknown.do"), Details: err.Error()}
}

// Whole is Sentence where it stands by itself: it begins with a capital and ends with a stop.
func (w *Words) Whole(s app.Sentence) string { return whole(w.Sentence(s)) }

func whole(text string) string {
	letters := []rune(text)
	if len(letters) == 0 {
		return ""
	}
	letters[0] = unicode.ToUpper(letters[0])
	if last := letters[len(letters)-1]; unicode.IsLetter(last) || unicode.IsDigit(last) || last == '"' {
		letters = append(letters, '.')
	}
	return string(letters)
}

// Page is what a browser shows at the end of a sign-in: one sentence.
func (w *Words) Page(sentence string) string {
	return `<!doctype html><html lang="` + w.Language() + `"><meta charset="utf-8"><title>Doppio</title><p>` + html.EscapeString(sentence)
}
