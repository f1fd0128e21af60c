package org

import (
	"errors"
	"html"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// soapCalls are the calls that REST lacks (SOAP API Developer Guide): converting a lead, merging, the recycle bin. Each
// works record by record; a record that fails leaves the others alone.
var soapCalls = map[string]func(*Org, *call, *element) string{
	"convertLead": (*Org).soapConvert, "merge": (*Org).soapMerge, "undelete": (*Org).soapUndelete, "emptyRecycleBin": (*Org).soapEmptyBin,
}

// soapResult writes one result: the fields of a success, or what was wrong.
func soapResult(id string, err error, fields ...string) string {
	var b strings.Builder
	put := func(name, text string) {
		if text != "" {
			b.WriteString("<" + name + ">" + html.EscapeString(text) + "</" + name + ">")
		}
	}
	b.WriteString("<result>")
	if err != nil {
		code, message := "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
		if because := (refused{}); errors.As(err, &because) {
			code, message = because.Code, because.Message
		}
		b.WriteString("<errors>")
		put("message", message)
		put("statusCode", code)
		b.WriteString("</errors>")
	} else {
		for i := 0; i < len(fields); i += 2 {
			put(fields[i], fields[i+1])
		}
		put("id", id)
	}
	put("success", strconv.FormatBool(err == nil))
	b.WriteString("</result>")
	return b.String()
}

// soapConvert answers convertLead.
func (o *Org) soapConvert(c *call, asked *element) string {
	var b strings.Builder
	for _, one := range asked.all("leadConverts") {
		lead := one.word("leadId")
		into := Conversion{Account: one.word("accountId"), Contact: one.word("contactId"), Owner: one.word("ownerId")}
		if one.word("doNotCreateOpportunity") != "true" {
			if into.Opportunity = one.word("opportunityName"); into.Opportunity == "" {
				into.Opportunity = o.companyOf(c, lead)
			}
		}
		var made Converted
		err := error(refused{rowFault("INVALID_STATUS", "invalid convertedStatus: "+one.word("convertedStatus"))})
		if one.word("convertedStatus") == convertedStatus {
			made, err = o.convert(c, lead, into)
		}
		b.WriteString(soapResult("", err, "accountId", made.Account, "contactId", made.Contact, "leadId", lead, "opportunityId", made.Opportunity))
	}
	return b.String()
}

// companyOf is the lead's company, after which its opportunity is named.
func (o *Org) companyOf(c *call, lead string) (name string) {
	o.view(c, func() {
		obj := o.object("Lead")
		if row, err := o.live(c, obj, lead); err == nil {
			name, _ = o.value(obj.field("Company"), row)
		}
	})
	return name
}

// soapMerge answers merge: the master keeps what it has, but for the fields that come with it.
func (o *Org) soapMerge(c *call, asked *element) string {
	var b strings.Builder
	for _, one := range asked.all("mergeRequests") {
		var losers []string
		for _, id := range one.all("recordToMergeIds") {
			losers = append(losers, id.text)
		}
		master := one.find("masterRecord")
		var in []input
		if master != nil {
			for _, f := range master.children {
				switch f.name {
				case "type", "attributes", "Id", "id":
				case "fieldsToNull":
					in = append(in, input{f.text, nullValue()})
				default:
					in = append(in, input{f.name, rawValue(f.text)})
				}
			}
		}
		id := master.word("Id") + master.word("id")
		err := o.merge(c, id, losers, func(d *draft, _ []table.Row) []rowError {
			if errs := o.fill(c, d, in); errs != nil {
				return errs
			}
			return o.check(c, d)
		})
		merged := []string{}
		for _, loser := range losers {
			merged = append(merged, "mergedRecordIds", loser)
		}
		b.WriteString(soapResult(id, err, merged...))
	}
	return b.String()
}

// soapUndelete answers undelete.
func (o *Org) soapUndelete(c *call, asked *element) string {
	var b strings.Builder
	for _, id := range asked.all("ids") {
		err := o.undelete(c, id.text)
		if errors.Is(err, ErrNoRecord) {
			err = refused{rowFault("UNDELETE_FAILED", "Entity is not in the recycle bin")}
		}
		b.WriteString(soapResult(id.text, err))
	}
	return b.String()
}

// soapEmptyBin answers emptyRecycleBin: the records are gone for good, and no feed tells of it.
func (o *Org) soapEmptyBin(c *call, asked *element) string {
	var b strings.Builder
	for _, id := range asked.all("ids") {
		err := o.update(c, func() error {
			obj, n, err := o.parseID(id.text)
			if err != nil || obj == nil || obj.deleted == nil {
				return ErrNoRecord
			}
			row, ok := o.find(c, obj, n)
			if !ok || !obj.isDeleted(row) {
				return ErrNoRecord
			}
			c.wrote++
			return c.tx.Delete(obj.table, n)
		})
		b.WriteString(soapResult(id.text, err))
	}
	return b.String()
}
