package app

import (
	"context"
	"errors"
	"net"

	"github.com/doppio-sync/doppio/engine/pace"
)

// Say is what a person reads of an error: what happened and what to do. It names no person and no secret.
func Say(err error) string {
	var failure pace.Failure
	var input *InputError
	var network net.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &input):
		return input.Text
	case errors.Is(err, context.Canceled):
		return "Stopped. What was acknowledged is kept; the next run goes on from there."
	case errors.As(err, &failure):
		return failure.Sentence().Text
	case errors.As(err, &network):
		return "The network did not carry the call. Check the connection and the address, then try again. (" + err.Error() + ")"
	}
	return err.Error()
}
