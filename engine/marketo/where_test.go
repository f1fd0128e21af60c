package marketo_test

import (
	"errors"
	"testing"

	"github.com/doppio-sync/doppio/engine/marketo"
)

// TestUnderstand reads what people paste.
func TestUnderstand(t *testing.T) {
	acme := marketo.Where{Host: "https://123-abc-456.mktorest.com", Munchkin: "123-ABC-456"}
	for pasted, want := range map[string]marketo.Where{
		"123-ABC-456": acme, " 123-abc-456 ": acme, "123-ABC-456.mktorest.com": acme,
		"https://123-ABC-456.mktorest.com/rest": acme, "https://123-ABC-456.mktorest.com/identity/": acme, "https://123-ABC-456.mktoapi.com/soap/mktows/3_1": acme,
		"https://experience.adobe.com/#/@acme/so:123-ABC-456/marketo-engage/classic/MM0A1": acme,
		"http://127.0.0.1:4712/rest": {Host: "http://127.0.0.1:4712"},
	} {
		if got, err := marketo.Understand(pasted); err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", pasted, got, err, want)
		}
	}
	for _, pasted := range []string{"https://app-ab12.marketo.com/#MM0A1", "app-sj01.marketo.com", "https://experience.adobe.com/#/@acme/marketo-engage"} {
		if _, err := marketo.Understand(pasted); !errors.Is(err, marketo.ErrScreens) {
			t.Errorf("%q: %v", pasted, err)
		}
	}
	for _, pasted := range []string{"", "acme", "http://acme.example", "1123-ABC-456"} {
		if got, err := marketo.Understand(pasted); err == nil {
			t.Errorf("%q is taken for %+v", pasted, got)
		}
	}
}
