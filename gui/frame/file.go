package frame

import "io"

// File is a place that a person chose for what is to be saved.
type File interface {
	io.WriteCloser
	Name() string
}
