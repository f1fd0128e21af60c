package frame

import (
	"context"
	"errors"
	"io"
)

// File is a place that a person chose for what is to be saved.
type File interface {
	io.WriteCloser
	Name() string
}

// Save writes what is there whole to the place that open gives, and tells its name; one that gives nothing was thought better of, and has
// none.
func Save(ctx context.Context, content []byte, open func(context.Context) (File, error)) (name string, err error) {
	file, err := open(ctx)
	if err != nil || file == nil {
		return "", err
	}
	_, err = file.Write(content)
	return file.Name(), errors.Join(err, file.Close())
}
