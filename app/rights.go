package app

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/setup"
)

// Rights is what the sync user may do in Salesforce of what the workspace needs.
type Rights struct {
	setup.Matrix
	Org, Edition string
	Sandbox      bool

	user      record.ID
	described []salesforce.Description
}

// What a matrix of rights says, for whoever draws it.
type (
	Right     = setup.Right
	RightsRow = setup.Row
	Ask       = setup.Ask
)

// The rights, and the states of a row or of something to ask for.
const (
	RightGranted, RightMissing, RightUnneeded, RightUnknown = setup.Granted, setup.Missing, setup.Unneeded, setup.Unknown
	RightsGood, RightsWarning, RightsBad                    = setup.Good, setup.Warning, setup.Bad
)

// Rights asks Salesforce what the sync user may do. It only reads, a handful of calls; Marketo need not be connected yet.
func (a *App) Rights(ctx context.Context, name string) (r Rights, err error) {
	err = a.asSalesforceUser(ctx, name, record.Observe, func(s *session) error {
		r, err = s.rights(ctx)
		return err
	})
	return r, err
}

func (s *session) rights(ctx context.Context) (r Rights, err error) {
	wishes, err := s.wishes(ctx)
	if err != nil {
		return r, err
	}
	who, err := s.sf.Identity(ctx)
	if err != nil {
		return r, err
	}
	r.Org, r.Edition, r.Sandbox = who.OrgName, who.Edition, who.IsSandbox
	user := setup.User{Username: who.Username, Profile: who.Profile, Marketing: who.MarketingUser}
	r.user = who.UserID
	grants, err := s.sf.Grants(ctx, r.user)
	var refused *salesforce.Error
	switch {
	case err == nil:
		user.Rights = grants.User
	case !errors.As(err, &refused): // not told: the matrix says so
		return r, err
	}
	var objects []record.Object
	for _, n := range setup.Needs(wishes) {
		objects = append(objects, n.Object)
	}
	if r.described, err = s.sf.Describe(ctx, record.Check, objects); err != nil {
		return r, err
	}
	seen := make([]setup.Seen, len(r.described))
	for i, d := range r.described {
		seen[i] = seenOf(d, grants.Everybody(d.Object))
	}
	r.Matrix = setup.Compare(wishes, user, seen)
	return r, nil
}

func seenOf(d salesforce.Description, everybody bool) setup.Seen {
	s := setup.Seen{Object: d.Object, Label: d.Label, Hidden: d.Err != nil, Create: d.Createable, Edit: d.Updateable, Everybody: everybody}
	if s.Label == "" {
		s.Label = upperFirst(d.Object.Words())
	}
	for _, f := range d.Fields {
		s.Fields = append(s.Fields, setup.SeenField{Name: f.Name, Label: f.Label, Edit: f.Updateable || f.Createable, Fixed: f.Calculated || f.AutoNumber || !f.Permissionable && !f.Updateable, Key: f.ExternalID && f.Unique})
	}
	return s
}

// wishes are what the workspace wants to do, as far as Salesforce has a say in it.
func (s *session) wishes(ctx context.Context) (w setup.Wishes, err error) {
	if w.Mapping, err = mappingOf(ctx, s.ws); err != nil {
		return w, err
	}
	w.Leads, w.Marks = s.settings.CreateInSalesforce, s.settings.Deletes == "mark"
	if w.Tasks, err = s.makesTasks(ctx); err != nil {
		return w, err
	}
	pairs, err := pairsOf(ctx, s.ws)
	if err != nil {
		return w, err
	}
	w.Campaigns = len(pairs) > 0
	kept, err := keptFilter(ctx, s.ws)
	if err != nil {
		return w, err
	}
	filter, broken := kept.filtering()
	if broken != nil { // what it reads cannot be told
		return w, nil
	}
	w.Filter = map[record.Object][]string{}
	for object, names := range filter.Reads() {
		for _, name := range names {
			of, field, related := strings.Cut(name, ".")
			if !related {
				of, field = string(object), name
			}
			if o := record.Object(of); !slices.Contains(w.Filter[o], field) {
				w.Filter[o] = append(w.Filter[o], field)
			}
		}
	}
	return w, nil
}

// WritePackage writes the metadata package that grants what is missing, a zip for the Metadata API.
func (a *App) WritePackage(ctx context.Context, name string, w io.Writer, conversion bool) (Rights, error) {
	r, err := a.Rights(ctx, name)
	if err != nil {
		return r, err
	}
	return r, r.pack(w, conversion)
}

func (r Rights) pack(w io.Writer, conversion bool) error {
	return r.Package(w, setup.Options{Conversion: conversion, Permissionable: r.permissionable})
}

// permissionable tells whether rights on a field that is shown can be granted.
func (r Rights) permissionable(object record.Object, field string) bool {
	for _, d := range r.described {
		if f, shown := d.Field(field); shown && d.Object == object {
			return f.Permissionable
		}
	}
	return false
}
