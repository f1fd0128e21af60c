package schema

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// LeadOnly are the mapped fields of a lead that neither a contact nor its account has: what they hold stays behind when a lead is
// converted. Fields are the same where they are the same in Marketo.
func (m Mapping) LeadOnly() []Field {
	lead, ok := m.Object(record.Lead)
	if _, contacts := m.Object(record.Contact); !ok || !contacts {
		return nil
	}
	var alone []Field
	for _, f := range lead.Fields {
		twin := slices.ContainsFunc([]record.Object{record.Contact, record.Account}, func(name record.Object) bool {
			o, _ := m.Object(name)
			return slices.ContainsFunc(o.All(), func(g Field) bool { return strings.EqualFold(f.Marketo, g.Marketo) })
		})
		if !twin {
			alone = append(alone, f)
		}
	}
	return alone
}

// Custom reports whether a Salesforce field was made by the org's admin: those of Salesforce's own that leads have alone are so by nature.
func (f Field) Custom() bool { return strings.HasSuffix(f.Salesforce, "__c") }

// NoticeLeadOnly: a custom field is mapped for leads and has no twin on contacts. It stands until it has.
const NoticeLeadOnly NoticeKind = "lead-only"

// leadOnly notes custom fields that will be lost when a lead is converted, each once.
func (n *noticing) leadOnly(m Mapping, told []Notice) {
	for _, f := range m.LeadOnly() {
		if f.Custom() && !slices.ContainsFunc(told, func(x Notice) bool { return x.Kind == NoticeLeadOnly && x.Field == f.Salesforce }) {
			n.note(NoticeLeadOnly, 0, record.Lead, f.Salesforce, "Lead.%s (%s in Marketo) has no twin on contacts: what it holds stays behind when a lead is converted. Make one on Contact, map it in Salesforce (Object Manager, Lead, Map Lead Fields) and here.", f.Salesforce, f.Marketo)
		}
	}
}

func (m Mapping) isLeadOnly(name string) bool {
	return slices.ContainsFunc(m.LeadOnly(), func(f Field) bool { return f.Salesforce == name })
}
