package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app"
)

type setupCommand struct {
	Name       string `arg:"" help:"The workspace."`
	Action     string `arg:"" help:"rights: what the sync user may do. request: what the Salesforce admin is asked for. package: metadata that grants it. deploy: put it into effect. key: make a key to sign in with, and write its certificate." enum:"rights,request,package,deploy,key"`
	Out        string `placeholder:"FILE" help:"With request: a .html, .pdf or .txt file. With package: a .zip file. With key: a .crt file. - is standard output." type:"path"`
	New        bool   `help:"With key: make a new key beside the one that signs in, for when its certificate ends. The old one signs in until the app has the new certificate."`
	Conversion bool   `help:"With package: have a converted lead's fields of the set-up become its contact's. It takes the place of the org's own mapping of custom lead fields."`
	AsAdmin    bool   `help:"With deploy: an admin signs in in the browser for this once."`
	Try        bool   `help:"With deploy: have Salesforce say whether it would take the package, and keep nothing."`
	Yes        bool   `help:"With deploy: really do it."`
}

func (c setupCommand) Run(ctx context.Context, s *shell) error {
	switch c.Action {
	case "request", "package":
		if c.Out == "" {
			return &app.InputError{Text: "setup " + c.Action + " wants --out FILE"}
		}
		return c.write(ctx, s)
	case "deploy":
		return c.deploy(ctx, s)
	case "key":
		return c.key(ctx, s)
	}
	r, err := s.app.Rights(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(rightsDocument(r), func() { s.rights(r) })
	return nil
}

// key writes the certificate of the workspace's own key; the key stays in the keychain.
func (c setupCommand) key(ctx context.Context, s *shell) error {
	if c.Out == "" {
		return &app.InputError{Text: "setup key wants --out FILE, for the certificate; the key itself stays in the keychain"}
	}
	make := s.app.SigningKey
	if c.New {
		make = s.app.RenewSigningKey
	}
	key, err := make(ctx, c.Name)
	if err != nil {
		return err
	}
	if c.Out == "-" {
		_, err := s.out.Write(key.Certificate)
		return err
	}
	if err := intoFile(c.Out, func(w io.Writer) error { _, err := w.Write(key.Certificate); return err }); err != nil {
		return err
	}
	s.answer(map[string]any{"file": c.Out, "until": key.Until.UTC().Format(time.RFC3339)}, func() {
		if c.New {
			s.say("Wrote %s, good until %s. Next: the Salesforce admin uploads it to the app in place of the old one. Doppio signs in with the old key until then, and with the new one from then on.", c.Out, key.Until.Format(time.DateOnly))
			return
		}
		s.say("Wrote %s, good until %s. Next: the Salesforce admin uploads it to the app (Flow Enablement > Enable JWT Bearer Flow), then\n  doppioctl connect salesforce %q --flow jwt --username … --login-url … --client-id …", c.Out, key.Until.Format(time.DateOnly), c.Name)
	})
	return nil
}

// write writes the request or the package into a file.
func (c setupCommand) write(ctx context.Context, s *shell) error {
	var rights app.Rights
	pour := func(w io.Writer) (err error) {
		if c.Action == "package" {
			rights, err = s.app.WritePackage(ctx, c.Name, w, c.Conversion)
			return err
		}
		form := app.RequestText
		if c.Out != "-" {
			form = app.RequestForm(strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), "."))
		}
		rights, err = s.app.WriteRequest(ctx, c.Name, form, w, nil)
		return err
	}
	if c.Out == "-" {
		return pour(s.out)
	}
	var whole bytes.Buffer // asked for first: what fails there is no matter of the file
	if err := pour(&whole); err != nil {
		return err
	}
	if err := intoFile(c.Out, func(w io.Writer) error { _, err := whole.WriteTo(w); return err }); err != nil {
		return err
	}
	s.answer(map[string]any{"file": c.Out, "asks": len(rights.Asks())}, func() {
		s.say("Wrote %s: %d things to ask of the Salesforce admin.", c.Out, len(rights.Asks()))
	})
	return nil
}

func (c setupCommand) deploy(ctx context.Context, s *shell) error {
	if !c.Yes && !c.Try {
		return &app.InputError{Text: "setup deploy changes the org: it makes the fields that are lacking and a permission set, and gives that to the sync user. Say --yes to do it, --try to have Salesforce look first; setup request lists what it is about"}
	}
	done, err := s.app.Deploy(ctx, c.Name, app.Deploy{Try: c.Try, AsAdmin: c.AsAdmin, Open: s.browser(ctx, "as an admin of the org; nothing of it is kept")})
	if err != nil {
		return err
	}
	document := rightsDocument(done.Rights)
	document["status"], document["assigned"] = done.Status, done.Assigned
	s.answer(document, func() {
		if c.Try {
			s.say("Salesforce would take the package. Nothing was changed.")
			return
		}
		s.say("Salesforce took the package, and the sync user has its permission set.")
		s.missing(done.Rights)
	})
	return nil
}

func rightsDocument(r app.Rights) map[string]any {
	asks := []map[string]any{}
	for _, a := range r.Asks() {
		asks = append(asks, map[string]any{"state": a.State, "what": a.What.Text, "why": a.Why.Text, "how": a.How.Text, "package": a.Package})
	}
	return map[string]any{
		"org": r.Org, "edition": r.Edition, "sandbox": r.Sandbox, "user": r.User.Username, "profile": r.User.Profile,
		"state": r.State(), "objects": r.Objects, "rights": r.Matrix.Rights, "asks": asks,
	}
}

// rights prints the matrix.
func (s *shell) rights(r app.Rights) {
	s.say("%s (%s), as %s, profile %s.", r.Org, r.Edition, r.User.Username, r.User.Profile)
	sign := map[app.Right]string{app.RightGranted: "yes", app.RightMissing: "NO", app.RightUnneeded: "not needed", app.RightUnknown: "?"}
	var rows [][]string
	for _, o := range r.Objects {
		var lacks []string
		for _, f := range o.Fields {
			if f.State != app.RightsGood {
				lacks = append(lacks, f.Name)
			}
		}
		rows = append(rows, []string{string(o.Object), sign[o.Read], sign[o.Create], sign[o.Edit], sign[o.Everybody], fmt.Sprintf("%d of %d", len(o.Fields)-len(lacks), len(o.Fields)), strings.Join(lacks, " ")})
	}
	s.table([]string{"OBJECT", "READ", "CREATE", "EDIT", "ALL RECORDS", "FIELDS", "LACKS"}, rows)
	for _, u := range r.Matrix.Rights {
		s.say("%s: %s", u.Name, sign[u.Right])
	}
	s.missing(r)
}

func (s *shell) missing(r app.Rights) {
	asks := r.Asks()
	if len(asks) == 0 {
		s.say("Nothing is missing.")
		return
	}
	s.say("\nTo ask of the Salesforce admin; what is marked with + is done by the package (doppioctl setup NAME package):")
	for _, a := range asks {
		mark := "-"
		if a.Package {
			mark = "+"
		}
		s.say("%s %-7s  %s\n           %s", mark, a.State, a.What, a.Why)
	}
}

// intoFile writes a file that stays as it was when that fails.
func intoFile(name string, write func(io.Writer) error) error {
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return &app.InputError{Text: "the file cannot be written: " + err.Error()}
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(part, name)
	}
	if err != nil {
		return fmt.Errorf("the file %s could not be written: %w", name, errors.Join(err, os.Remove(part)))
	}
	return nil
}
