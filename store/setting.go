package store

import (
	"context"
	"fmt"
	"strings"
)

// ownSettings begin with this: they are the store's and no caller may set them.
const ownSettings = "store."

// Setting is a small fact by name; "" when it was never set.
func (w *Workspace) Setting(ctx context.Context, name string) (value string, err error) {
	err = w.read(ctx, "read a setting", func(t *tx) error {
		value, err = t.setting(name)
		return err
	})
	return value, err
}

// SetSetting keeps a small fact by name; "" forgets it. Secrets and people's data do not belong here.
func (w *Workspace) SetSetting(ctx context.Context, name, value string) error {
	return w.SetSettings(ctx, map[string]string{name: value})
}

// Settings are all facts whose names begin with prefix.
func (w *Workspace) Settings(ctx context.Context, prefix string) (map[string]string, error) {
	settings := map[string]string{}
	err := w.read(ctx, "read the settings", func(t *tx) error {
		return t.query(`SELECT name, value FROM setting WHERE name >= ?1 AND name < ?1 || char(0x10ffff)`, func(r row) error {
			if name := r.text(0); !strings.HasPrefix(name, ownSettings) {
				settings[name] = r.text(1)
			}
			return nil
		}, prefix)
	})
	return settings, err
}

// SetSettings keeps several facts in one transaction: all of them or none.
func (w *Workspace) SetSettings(ctx context.Context, settings map[string]string) error {
	return w.write(ctx, "keep a setting", func(t *tx) error { return t.setSettings(settings) })
}

func (t *tx) setSettings(settings map[string]string) error {
	for name, value := range settings {
		if strings.HasPrefix(name, ownSettings) {
			return fmt.Errorf("the setting %s is not for others", name)
		}
		if err := t.setSetting(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) setting(name string) (value string, err error) {
	_, err = t.first(`SELECT value FROM setting WHERE name = ?1`, func(r row) error { value = r.text(0); return nil }, name)
	return value, err
}

func (t *tx) setSetting(name, value string) error {
	if value == "" {
		_, err := t.exec(`DELETE FROM setting WHERE name = ?1`, name)
		return err
	}
	_, err := t.exec(`INSERT INTO setting(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
