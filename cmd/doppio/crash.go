package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"
)

// crashFile takes what the runtime writes when the program dies: a window has no terminal that would show it. It holds
// stacks, never values of people or secrets.
type crashFile struct {
	file *os.File
}

// watchForCrash makes the crash file in the home folder (the operating system's configuration folder + "doppio" when
// home is empty). What an earlier crash left there is kept under its date.
func watchForCrash(home string) (*crashFile, error) {
	if home == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return nil, fmt.Errorf("find the configuration folder: %w", err)
		}
		home = filepath.Join(config, "doppio")
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("make the home folder: %w", err)
	}
	path := filepath.Join(home, "crash.txt")
	if err := keepEarlier(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the crash file: %w", err)
	}
	if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		return nil, errors.Join(fmt.Errorf("watch for a crash: %w", err), file.Close())
	}
	return &crashFile{file}, nil
}

func keepEarlier(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the crash file: %w", err)
	}
	if info.Size() == 0 {
		return nil // another window is open, or the power went
	}
	kept := filepath.Join(filepath.Dir(path), "crash-"+info.ModTime().UTC().Format(time.DateOnly+"T150405")+".txt")
	if err := os.Rename(path, kept); err != nil {
		return fmt.Errorf("keep the crash file: %w", err)
	}
	return nil
}

// End says that the program ends well: the file goes. Without one it does nothing.
func (c *crashFile) End() error {
	if c == nil {
		return nil
	}
	return errors.Join(debug.SetCrashOutput(nil, debug.CrashOptions{}), c.file.Close(), os.Remove(c.file.Name()))
}
