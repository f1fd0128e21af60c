package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/doppio-sync/doppio/app/keychain"
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
)

// ErrInput is found by errors.Is in every error that says: what was typed cannot be used.
var ErrInput = errors.New("wrong input")

// ErrNoWorkspace is found when a workspace does not exist.
var ErrNoWorkspace = errors.New("no such workspace")

// InputError is ErrInput with its sentence.
type InputError struct {
	Text string

	said Sentence // the same, for other languages; zero where there is only the text
}

// Error is the sentence.
func (e *InputError) Error() string { return e.Text }

// Is makes every InputError an ErrInput.
func (e *InputError) Is(target error) bool { return target == ErrInput }

// told is an error with a sentence of its own, which other languages can say; errors.Is finds it as the kind that it is of.
type told struct {
	kind error
	said Sentence
}

func (t *told) Error() string { return t.said.Text }
func (t *told) Unwrap() error { return t.kind }

// input is an InputError that other languages can say.
func input(said Sentence) error { return &InputError{said.Text, said} }

// misread makes an InputError of what is wrong in a text that somebody wrote.
func misread(err error) error {
	said := Told(err)
	said.Text = err.Error()
	return &InputError{said.Text, said}
}

// inputf is an InputError of a command: no screen leads to it, so it is said in English alone.
func inputf(format string, args ...any) error { return &InputError{Text: fmt.Sprintf(format, args...)} }

// Exit codes of doppioctl. They are a contract with whoever scripts against it.
const (
	ExitDone        = 0
	ExitFailure     = 1
	ExitUsage       = 2
	ExitOpen        = 3 // done, but failures or holds are open
	ExitSignIn      = 4
	ExitQuota       = 5
	ExitBrake       = 6
	ExitInUse       = 7
	ExitInterrupted = 130
)

// ExitCode is the one table from errors to exit codes.
func ExitCode(err error) int {
	var brake *cycle.BrakeError
	var failure pace.Failure
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, ErrInput), errors.Is(err, ErrNoWorkspace), errors.Is(err, ErrNotConnected), errors.Is(err, ErrNotRehearsed),
		errors.Is(err, keychain.ErrPassphrase), errors.Is(err, keychain.ErrNoPassphrase):
		return ExitUsage
	case errors.As(err, &brake), errors.Is(err, ErrOtherOrg):
		return ExitBrake
	case errors.Is(err, ErrInUse):
		return ExitInUse
	case errors.Is(err, ErrNotAdmin), errors.Is(err, ErrOtherUser):
		return ExitSignIn
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.Is(err, pace.ErrQuota):
		return ExitQuota
	case errors.As(err, &failure):
		switch failure.Class() {
		case pace.SignIn, pace.Permission:
			return ExitSignIn
		case pace.Quota:
			return ExitQuota
		}
	}
	return ExitFailure
}
