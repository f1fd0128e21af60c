package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Instance is what a Marketo instance says of itself and of the API user.
type Instance struct {
	Address string // its host
	User    string // the API-only user behind the custom service
	Rights  []MarketoRight
	// Partitions are those that the API user may use; nil where it may not see them. Partition is the one that people are created in,
	// empty for the default.
	Partitions []string
	Partition  string
	// Today counts the calls of all programs since midnight in the zone of Marketo's day, Limit is how many there may be as the settings
	// say, Share how many of them Doppio may make.
	Today, Limit, Share int
	Users               []MarketoUser // who made them, the most first
	NativeSync          bool
	// Since is when somebody connected it last; zero where that is not known.
	Since time.Time
	// Lines are the evidence for a native sync and what it means, and what else stands out.
	Lines []CheckLine
}

// MarketoRight is one permission of the API user's role.
type MarketoRight struct {
	Name     string // as Marketo's screens call it
	Granted  bool
	Optional bool // only some objects stay out without it
	Write    bool // it is needed for writing alone
}

// MarketoUser is what one API user spent.
type MarketoUser struct {
	Name        string // in the form of an address
	Today, Week int
	Ours        bool
}

// Lacking counts the rights that Doppio cannot work without and that are missing; a workspace that only looks writes nothing.
func (i Instance) Lacking(lookOnly bool) int {
	n := 0
	for _, r := range i.Rights {
		if !r.Granted && !r.Optional && !(r.Write && lookOnly) {
			n++
		}
	}
	return n
}

// Instance asks Marketo what the API user may do, what is left of the allowance, and whether Marketo's own sync is on. It only reads;
// Salesforce need not be connected.
func (n Named) Instance(ctx context.Context) (i Instance, err error) {
	err = n.app.asUser(ctx, n.name, record.Observe, (*session).connectInstance, func(s *session) error {
		i, err = s.instance(ctx)
		return err
	})
	return i, err
}

// connectInstance builds the client of Marketo alone.
func (s *session) connectInstance(ctx context.Context) error {
	if err := s.makePacers(ctx); err != nil {
		return err
	}
	sf, mk, err := s.connections(ctx)
	if err != nil {
		return err
	}
	if mk.BaseURL == "" {
		return notConnected(s.name, sf, mk)
	}
	return s.connectMarketo(ctx, mk)
}

func (s *session) instance(ctx context.Context) (i Instance, err error) {
	_, connection, err := s.connections(ctx)
	if err != nil {
		return i, err
	}
	i.Address, i.Partition, i.Since = hostOf(connection.BaseURL), s.settings.Partition, connection.Since
	if i.User, err = s.mk.User(ctx); err != nil {
		return i, err
	}
	probes, err := s.mk.Check(ctx)
	if err != nil {
		return i, err
	}
	people := true
	for _, p := range probes {
		i.Rights = append(i.Rights, MarketoRight{p.Permission, p.OK, p.Optional, p.Write})
		people = people && (p.OK || p.Permission != probes[0].Permission)
	}
	if people { // without that right, nothing more can be asked about them
		if err := s.aboutPeople(ctx, &i); err != nil {
			return i, err
		}
	}
	return i, s.spending(ctx, &i)
}

func (s *session) aboutPeople(ctx context.Context, i *Instance) error {
	d, err := s.mk.Describe(ctx)
	if err != nil {
		return err
	}
	i.NativeSync = d.NativeSync
	i.Lines = append(i.Lines, nativeLines(d)...)
	if !slices.ContainsFunc(d.Person, func(f marketo.FieldInfo) bool { return f.Name == schema.SalesforceIDField }) {
		i.Lines = append(i.Lines, lacksKey())
	}
	var refused *marketo.Error
	if i.Partitions, err = s.mk.Partitions(ctx); err != nil && !errors.As(err, &refused) {
		return err
	}
	return nil
}

// nativeLines say whether Marketo's own sync is on, by what it is told, and what that means.
func nativeLines(d marketo.Description) []CheckLine {
	line := CheckLine{State: CheckWarning, Side: record.Marketo}
	switch {
	case d.Managed > 0 && d.CRM:
		line.What = pace.Say("check.native.both", "Marketo's own sync with a CRM is on: %1 fields of the person are managed by it, and companies are closed to the API.", strconv.Itoa(d.Managed))
	case d.Managed > 0:
		line.What = pace.Say("check.native.fields", "Marketo's own sync with a CRM is on: %1 fields of the person are managed by it.", strconv.Itoa(d.Managed))
	case d.CRM:
		line.What = pace.Say("check.native.companies", "Marketo's own sync with a CRM is on: companies are closed to the API.")
	default:
		return []CheckLine{{State: CheckGood, Side: record.Marketo, What: pace.Say("check.native.off", "Marketo's own sync is off: no field of the person is managed by a CRM.")}}
	}
	line.Do = pace.Say("check.native.do", "Doppio only looks here: two syncs on one pair would overwrite each other. Live is refused.")
	return []CheckLine{line}
}

func lacksKey() CheckLine {
	return CheckLine{CheckWarning, record.Marketo, pace.Say("check.marketo.key", "The person has no field %1.", schema.SalesforceIDField),
		pace.Say("check.marketo.key.do", "Doppio works without it, by looking people up by their address; whoever has none is not created there. Ask the Marketo admin to make it: Admin > Field Management > New Custom Field, type String.")}
}

// spending adds who uses the allowance.
func (s *session) spending(ctx context.Context, i *Instance) error {
	day, err := s.mk.Usage(ctx)
	if err != nil {
		return err
	}
	week, err := s.mk.Week(ctx)
	if err != nil {
		return err
	}
	u := s.mkPace.Usage()
	i.Today, i.Limit, i.Share = day.Today, s.settings.MarketoDailyCalls, u.Share
	for name, n := range week.ByUser {
		i.Users = append(i.Users, MarketoUser{Name: name, Today: day.ByUser[name], Week: n, Ours: name == i.User})
	}
	slices.SortFunc(i.Users, func(a, b MarketoUser) int {
		return cmp.Or(cmp.Compare(b.Week, a.Week), cmp.Compare(a.Name, b.Name))
	})
	return nil
}
