package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/plan"
)

// Settings are a workspace's decisions. The zero value is not usable; begin with DefaultSettings.
type Settings struct {
	FirstSync          plan.Policy   `json:"first_sync"`
	Conflicts          Conflicts     `json:"conflicts"`
	CreateInSalesforce bool          `json:"create_in_salesforce"`
	Deletes            string        `json:"deletes"`
	Merges             string        `json:"merges"`
	BrakePercent       int           `json:"brake_percent"`
	BrakeRecords       int           `json:"brake_records"`
	ShareSalesforce    int           `json:"share_salesforce"`
	ShareMarketo       int           `json:"share_marketo"`
	MarketoDailyCalls  int           `json:"marketo_daily_calls"`
	Pace               int           `json:"pace"`
	ReservePercent     int           `json:"reserve_percent"`
	BusinessHours      Hours         `json:"business_hours"`
	Partition          string        `json:"partition"`
	Every              time.Duration `json:"every"`
	Bulk               bool          `json:"bulk"`
	RetentionDays      int           `json:"retention_days"`
}

// Conflicts says who wins when both sides changed one field, by the kind of the Salesforce record.
type Conflicts struct{ Lead, Contact plan.Policy }

// String is one word when both kinds are treated alike, "default" for the blueprint's choice, else lead:contact.
func (c Conflicts) String() string {
	switch {
	case c == DefaultSettings().Conflicts:
		return "default"
	case c.Lead == c.Contact:
		return c.Lead.String()
	}
	return "lead:" + c.Lead.String() + ",contact:" + c.Contact.String()
}

// DefaultSettings are the blueprint's defaults.
func DefaultSettings() Settings {
	return Settings{
		FirstSync: plan.SalesforceWins, Conflicts: Conflicts{Lead: plan.MarketoWins, Contact: plan.SalesforceWins},
		Deletes: "mark", Merges: "hold", BrakePercent: 20, BrakeRecords: 100, ShareSalesforce: 50, ShareMarketo: 50,
		MarketoDailyCalls: 50_000, Pace: 50, ReservePercent: 20, BusinessHours: Hours{8, 18}, Every: 5 * time.Minute, Bulk: true, RetentionDays: 90,
	}
}

// setting is one line of the settings: its name, how to read it, how to write it, and what it is for.
type setting struct {
	name string
	get  func(*Settings) string
	set  func(*Settings, string) error
	help string
}

// settings is the table of all of them, in the order in which they are shown.
var settings = []setting{
	{"first_sync", func(s *Settings) string { return s.FirstSync.String() }, func(s *Settings, v string) (err error) {
		s.FirstSync, err = plan.ParsePolicy(v)
		return err
	}, "who wins at the first sync when both sides are filled: salesforce, marketo, newest, hold"},
	{"conflicts", func(s *Settings) string { return s.Conflicts.String() }, setConflicts,
		"who wins when both sides changed a field: default (marketo on leads, salesforce on contacts), salesforce, marketo, newest, hold, or lead:…,contact:…"},
	{"create_in_salesforce", func(s *Settings) string { return strconv.FormatBool(s.CreateInSalesforce) }, func(s *Settings, v string) (err error) {
		s.CreateInSalesforce, err = parseSwitch(v)
		return err
	}, "make a Lead of a person who is in Marketo only: true, false"},
	{"deletes", func(s *Settings) string { return s.Deletes }, func(s *Settings, v string) error {
		if _, ok := deletions[v]; !ok {
			return fmt.Errorf("%q is not a way to treat deletions: mark (the other side's record is flagged), unlink (it stays as it is), delete (it is deleted too)", v)
		}
		s.Deletes = v
		return nil
	}, "what a deletion on one side does on the other: mark (a flag, where there is a field for it), unlink (nothing), delete (never a contact)"},
	{"merges", func(s *Settings) string { return s.Merges }, func(s *Settings, v string) error {
		if v != "hold" && v != "marketo" {
			return fmt.Errorf("%q is not a way to treat merges: hold (you decide about the two people), marketo (they are merged there, for good)", v)
		}
		s.Merges = v
		return nil
	}, "when two linked records become one in Salesforce: hold (you decide about their people), marketo (they are merged there, for good)"},
	{"brake_percent", number(func(s *Settings) *int { return &s.BrakePercent }), setNumber(func(s *Settings) *int { return &s.BrakePercent }, 0, 100),
		"stop a cycle that would change more than this share of the linked people"},
	{"brake_records", number(func(s *Settings) *int { return &s.BrakeRecords }), setNumber(func(s *Settings) *int { return &s.BrakeRecords }, 1, 1_000_000),
		"but never for fewer records than this"},
	{"share_salesforce", number(func(s *Settings) *int { return &s.ShareSalesforce }), setNumber(func(s *Settings) *int { return &s.ShareSalesforce }, 1, 100),
		"percent of Salesforce's daily calls that Doppio may use"},
	{"share_marketo", number(func(s *Settings) *int { return &s.ShareMarketo }), setNumber(func(s *Settings) *int { return &s.ShareMarketo }, 1, 100),
		"percent of Marketo's daily calls that Doppio may use"},
	{"marketo_daily_calls", number(func(s *Settings) *int { return &s.MarketoDailyCalls }), setNumber(func(s *Settings) *int { return &s.MarketoDailyCalls }, 100, 10_000_000),
		"Marketo's daily allowance; Marketo does not tell it (Admin > Web Services)"},
	{"pace", number(func(s *Settings) *int { return &s.Pace }), setNumber(func(s *Settings) *int { return &s.Pace }, 1, 100),
		"Marketo calls per 20 seconds in ordinary cycles; the first sync uses 100"},
	{"reserve_percent", number(func(s *Settings) *int { return &s.ReservePercent }), setNumber(func(s *Settings) *int { return &s.ReservePercent }, 0, 90),
		"percent of Doppio's share of calls that is kept for business hours; what a person asks for may use it"},
	{"business_hours", func(s *Settings) string { return s.BusinessHours.String() }, func(s *Settings, v string) (err error) {
		s.BusinessHours, err = parseHours(v)
		return err
	}, "business hours from Monday to Friday, on this computer's clock: 8-18"},
	{"partition", func(s *Settings) string { return s.Partition }, func(s *Settings, v string) error { s.Partition = v; return nil },
		"Marketo lead partition in which people are created; empty for the default one"},
	{"every", func(s *Settings) string { return s.Every.String() }, func(s *Settings, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < time.Minute || d > 24*time.Hour {
			return fmt.Errorf("%q is not a time between two cycles: from 1m to 24h", v)
		}
		s.Every = d
		return nil
	}, "time between two cycles"},
	{"bulk", func(s *Settings) string { return strconv.FormatBool(s.Bulk) }, func(s *Settings, v string) (err error) {
		s.Bulk, err = parseSwitch(v)
		return err
	}, "read and write by bulk jobs where these take at most half of the calls: true, false"},
	{"retention_days", number(func(s *Settings) *int { return &s.RetentionDays }), setNumber(func(s *Settings) *int { return &s.RetentionDays }, 1, 3650),
		"days for which history is kept"},
}

func number(field func(*Settings) *int) func(*Settings) string {
	return func(s *Settings) string { return strconv.Itoa(*field(s)) }
}

func setNumber(field func(*Settings) *int, low, high int) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return input(pace.Say("trouble.setting.number", "\"%1\" is not a whole number from %2 to %3", v, strconv.Itoa(low), strconv.Itoa(high)))
		}
		*field(s) = n
		return nil
	}
}

func parseSwitch(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "on", "yes":
		return true, nil
	case "false", "off", "no":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", v)
}

func setConflicts(s *Settings, v string) error {
	if v == "default" {
		s.Conflicts = DefaultSettings().Conflicts
		return nil
	}
	if both, err := plan.ParsePolicy(v); err == nil {
		s.Conflicts = Conflicts{both, both}
		return nil
	}
	c := s.Conflicts
	for _, part := range strings.Split(v, ",") {
		kind, word, _ := strings.Cut(part, ":")
		policy, err := plan.ParsePolicy(word)
		switch {
		case err != nil:
			return fmt.Errorf("%q is not a rule for conflicts: default, salesforce, marketo, newest, hold, or lead:…,contact:…", v)
		case kind == "lead":
			c.Lead = policy
		case kind == "contact":
			c.Contact = policy
		default:
			return fmt.Errorf("%q is neither lead nor contact", kind)
		}
	}
	s.Conflicts = c
	return nil
}

// Set changes settings given as KEY=VALUE. All of them are checked before any is changed; an error is ErrInput.
func (s *Settings) Set(assignments ...string) error {
	changed := *s
	for _, a := range assignments {
		name, value, ok := strings.Cut(a, "=")
		if !ok {
			return inputf("%q is not KEY=VALUE", a)
		}
		i := slices.IndexFunc(settings, func(line setting) bool { return line.name == name })
		if i < 0 {
			return inputf("there is no setting %q; there are: %s", name, strings.Join(SettingNames(), " "))
		}
		if err := settings[i].set(&changed, value); err != nil {
			return &InputError{name + ": " + err.Error(), Told(err)}
		}
	}
	*s = changed
	return nil
}

// SettingNames are the names of all settings, in the order in which they are shown.
func SettingNames() []string {
	names := make([]string, len(settings))
	for i, line := range settings {
		names[i] = line.name
	}
	return names
}

// SettingLine is one setting as it is shown.
type SettingLine struct{ Name, Value, Help string }

// Lines are all settings as they are shown.
func (s *Settings) Lines() []SettingLine {
	lines := make([]SettingLine, len(settings))
	for i, line := range settings {
		lines[i] = SettingLine{line.name, line.get(s), line.help}
	}
	return lines
}

// deletions are the ways to treat deletions, by their words.
var deletions = map[string]cycle.Deletes{"mark": cycle.DeletesMark, "unlink": cycle.DeletesUnlink, "delete": cycle.DeletesDelete}

// policy is what a cycle needs of the settings.
func (s *Settings) policy() cycle.Policy {
	bulkFrom := 0
	if !s.Bulk {
		bulkFrom = -1
	}
	return cycle.Policy{
		BulkFrom: bulkFrom,
		First:    s.FirstSync, Lead: s.Conflicts.Lead, Contact: s.Conflicts.Contact, CreateInSalesforce: s.CreateInSalesforce,
		Deletes: deletions[s.Deletes], MergeInMarketo: s.Merges == "marketo",
		BrakePercent: s.BrakePercent, BrakeRecords: s.BrakeRecords, Interval: s.Every,
	}
}
