package pace

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "***"

// Secret is a password, token or key. However it is printed, logged or encoded it is "***" (promise 9); only the
// conversion string(s) gives the content, and whoever converts answers for where it goes.
type Secret string

// Format hides the content under every verb.
func (Secret) Format(f fmt.State, _ rune) { write(f) }

// String hides the content.
func (Secret) String() string { return hidden }

// MarshalText hides the content, and with it JSON and XML do.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the content.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Sensitive is a text that may hold people's data, such as the message of a side about a value it refused. It hides
// like a Secret; string(s) gives the content for a screen that the user asked for.
type Sensitive string

// Format hides the content under every verb.
func (Sensitive) Format(f fmt.State, _ rune) { write(f) }

// String hides the content.
func (Sensitive) String() string { return hidden }

// MarshalText hides the content, and with it JSON and XML do.
func (Sensitive) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the content.
func (Sensitive) LogValue() slog.Value { return slog.StringValue(hidden) }

// write prints the mask. A fmt.State cannot report a failed write: fmt drops it for every type alike.
func write(f fmt.State) {
	if _, err := io.WriteString(f, hidden); err != nil {
		return
	}
}
