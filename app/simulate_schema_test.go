package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/engine/schema"
)

// shape is what an admin made of one field of one side.
type shape struct {
	side  record.Side
	field string // as Lead.Title, or a person's REST name
	how   string // hidden, deleted, read-only, shortened, retyped
	back  func() error
}

// gone tells whether the field is not shown any more.
func (s shape) gone() bool { return s.how == "hidden" || s.how == "deleted" }

// The fields that an admin changes: those that people edit, and of those that they made themselves the ones that can be deleted.
var (
	adminsFields = []string{"Lead.Title", "Contact.Title", "Lead.Phone", "Contact.MobilePhone", "Lead.City", "Contact.MailingCity",
		"Contact.Department", "Lead.HasOptedOutOfEmail", "Contact.Birthdate", "Lead.Country", "Lead.Segment__c", "Contact.Segment__c", "Lead.Lead_Score__c"}
	ownFields     = []string{"Lead.Segment__c", "Contact.Segment__c", "Lead.Lead_Score__c", "Contact.Lead_Score__c"}
	markedsFields = []string{"title", "phone", "city", "firstName", "segment", "department", "leadScore", "dateOfBirth", "unsubscribed"}
)

// reshapes changes what one field looks like, or takes an earlier change back.
func (o *office) reshapes() {
	if o.shape == nil {
		o.shape = map[string]shape{}
	}
	sales, access := o.pair.Org(), func(field string, read, edit bool) func() error {
		return func() error { o.pair.Org().SetFieldAccess(field, read, edit); return nil }
	}
	switch o.rng.IntN(10) {
	case 0, 1:
		field := drawn(o, adminsFields...)
		o.reshape(shape{record.Salesforce, field, "hidden", access(field, true, true)}, access(field, false, false))
	case 2:
		field := drawn(o, adminsFields...)
		o.reshape(shape{record.Salesforce, field, "read-only", access(field, true, true)}, access(field, true, false))
	case 3:
		field := drawn(o, ownFields...)
		present := func(is bool) func() error {
			return func() error { o.line.trail.present(field, is); sales.SetFieldPresent(field, is); return nil }
		}
		o.reshape(shape{record.Salesforce, field, "deleted", present(true)}, present(false))
	case 4:
		field := drawn(o, markedsFields...)
		hide := func(is bool) func() error { return func() error { return o.pair.Instance().HideField(field, is) } }
		o.reshape(shape{record.Marketo, field, "hidden", hide(false)}, hide(true))
	case 5:
		o.relabels()
	case 6:
		o.alters()
	default:
		for _, name := range o.shapes() {
			if o.rng.IntN(2) == 0 {
				o.diary("%s is as it was: %v", name, o.shape[name].back())
				delete(o.shape, name)
			}
		}
	}
}

// shapes are the changes that stand, in an order that a seed repeats.
func (o *office) shapes() []string { return slices.Sorted(maps.Keys(o.shape)) }

func (o *office) reshape(s shape, do func() error) {
	if _, already := o.shape[s.field]; already {
		return
	}
	o.diary("%s is %s in %s: %v", s.field, s.how, s.side, do())
	o.shape[s.field] = s
}

// impossible is an error that no day has, but one on which an admin changed a field that somebody wanted to write into.
func (o *office) impossible(err error) {
	switch {
	case err == nil:
	case len(o.shape) > 0:
		o.diary("it cannot be done: %v", err)
	default:
		o.t.Error(err)
	}
}

// relabels gives a field another label. Marketo's log calls it so at once, also for what lies in the past.
func (o *office) relabels() {
	o.count++
	label := fmt.Sprintf("Label %d", o.count)
	if o.rng.IntN(3) == 0 && !o.inCycle {
		field := drawn(o, adminsFields...)
		o.pair.Org().AlterField(field, org.Alteration{Label: label})
		o.diary("%s is called %s", field, label)
		return
	}
	field := drawn(o, markedsFields...)
	o.diary("%s is called %s: %v", field, label, o.pair.Instance().RenameField(field, label))
}

// alters shortens a field of Salesforce or gives it another type, which no call may meet.
func (o *office) alters() {
	if o.inCycle {
		return
	}
	alter := func(field string, a org.Alteration) func() error {
		return func() error { o.pair.Org().AlterField(field, a); return nil }
	}
	switch o.rng.IntN(4) {
	case 0:
		field := drawn(o, "Lead.Title", "Contact.Title")
		o.reshape(shape{record.Salesforce, field, "shortened", alter(field, org.Alteration{Length: 128})}, alter(field, org.Alteration{Length: 6}))
	case 1: // of a type that fits
		field := drawn(o, "Lead.Title", "Contact.Title")
		o.reshape(shape{record.Salesforce, field, "retyped", alter(field, org.Alteration{Type: "string"})}, alter(field, org.Alteration{Type: "url"}))
	case 2:
		field := drawn(o, "Lead.Lead_Score__c", "Contact.Lead_Score__c")
		o.reshape(shape{record.Salesforce, field, "retyped", alter(field, org.Alteration{Type: "double"})}, alter(field, org.Alteration{Type: "percent"}))
	case 3: // of one in which its values cannot be compared
		field := drawn(o, "Lead.Legacy_Number__c", "Contact.Legacy_Number__c")
		o.reshape(shape{record.Salesforce, field, "incomparable", alter(field, org.Alteration{Type: "string"})}, alter(field, org.Alteration{Type: "multipicklist"}))
	}
}

// noticed looks whether each field that a side does not show stands among the notices, so that nobody wonders why it does not travel.
func (o *office) noticed() {
	d, err := o.a.Mapping(o.t.Context(), sampleName)
	if err != nil {
		o.t.Error(err)
	}
	for _, name := range o.shapes() {
		s := o.shape[name]
		kind := map[bool]schema.NoticeKind{true: schema.NoticeGone, s.how == "incomparable": schema.NoticeRetyped}[true]
		for _, object := range d.Objects {
			for _, f := range object.Fields {
				there := s.side == record.Salesforce && s.field == fmt.Sprintf("%s.%s", object.Salesforce, f.Salesforce) ||
					s.side == record.Marketo && object.Marketo == record.Person && s.field == f.Marketo
				if !there || !s.gone() && s.how != "incomparable" {
					continue
				}
				if f.State == schema.Travels || !slices.ContainsFunc(d.Notices, func(n schema.Notice) bool {
					return n.Kind == kind && n.Object == object.Salesforce && n.Field == f.Salesforce
				}) {
					o.broken = append(o.broken, fmt.Sprintf("promise 8: %s is %s in %s, and no notice says so of %s.%s", s.field, s.how, s.side, object.Salesforce, f.Salesforce))
				}
			}
		}
	}
}

// restores makes both sides look as they did in the morning.
func (o *office) restores() (err error) {
	for _, name := range o.shapes() {
		err = errors.Join(err, o.shape[name].back())
		delete(o.shape, name)
		o.diary("%s is as it was", name)
	}
	return err
}
