package org

import (
	"net/http"
	"strings"
	"time"
)

// describedAt is when the schema was last changed, as far as conditional requests are told. What a user may see is no part of it.
func (o *Org) describedAt() time.Time { return time.Unix(o.altered.Load(), 0).UTC() }

// schemaUnchanged sets the validators of a describe and answers 304 where the client knows it already.
func (o *Org) schemaUnchanged(c *call) bool {
	at := o.describedAt()
	c.out.set("Last-Modified", at.Format(http.TimeFormat))
	if c.inside {
		c.out.set("ETag", `"f2293620"`)
	}
	if since, ok := c.date("If-Modified-Since"); ok && !at.After(since) {
		c.ok(http.StatusNotModified)
		return true
	}
	if since, ok := c.date("If-Unmodified-Since"); ok && at.After(since) {
		c.fail(errPrecondition)
		return true
	}
	return false
}

// describeGlobal answers vNN/sobjects: the objects that the user may see.
func (o *Org) describeGlobal(c *call) {
	if !c.allow(http.MethodGet) || o.schemaUnchanged(c) {
		return
	}
	b := append(c.out.buf, `{"encoding":"UTF-8","maxBatchSize":200,"sobjects":[`...)
	first := true
	for _, obj := range o.objects {
		if !c.rights.sees(obj) || obj.flags.tooling {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = o.appendObjectSummary(b, c, obj)
	}
	c.out.buf = append(b, "]}"...)
	c.ok(http.StatusOK)
}

// member writes one key of a JSON object, with the comma that belongs before it.
type member struct{ b []byte }

func (m *member) key(name string) {
	if last := m.b[len(m.b)-1]; last != '{' {
		m.b = append(m.b, ',')
	}
	m.b = append(m.b, '"')
	m.b = append(m.b, name...)
	m.b = append(m.b, '"', ':')
}

func (m *member) flag(name string, yes bool) {
	m.key(name)
	if yes {
		m.b = append(m.b, "true"...)
		return
	}
	m.b = append(m.b, "false"...)
}

func (m *member) number(name string, n int) { m.key(name); m.b = appendInt(m.b, n) }

// text writes a text, null for an empty one.
func (m *member) text(name, text string) {
	m.key(name)
	if text == "" {
		m.b = append(m.b, "null"...)
		return
	}
	m.b = appendString(m.b, text)
}

func (m *member) raw(name, json string) { m.key(name); m.b = append(m.b, json...) }

// appendObjectSummary appends an object's entry of describe global.
func (o *Org) appendObjectSummary(b []byte, c *call, obj *object) []byte {
	m := &member{append(b, '{')}
	o.objectKeys(m, c, obj)
	m.key("urls")
	m.b = append(m.b, '{')
	m.text("sobject", c.href("sobjects/"+obj.name))
	m.text("describe", c.href("sobjects/"+obj.name+"/describe"))
	m.text("rowTemplate", c.href("sobjects/"+obj.name+"/{ID}"))
	return append(m.b, "}}"...)
}

// objectKeys are the keys that describe global and describe share.
func (o *Org) objectKeys(m *member, c *call, obj *object) {
	m.flag("activateable", false)
	m.flag("createable", c.rights.creates(obj))
	m.flag("custom", obj.flags.custom)
	m.flag("customSetting", false)
	m.flag("deepCloneable", false)
	m.flag("deletable", c.rights.removes(obj))
	m.flag("deprecatedAndHidden", false)
	m.flag("feedEnabled", obj.flags.mergeable)
	m.flag("hasSubtypes", false)
	m.flag("isInterface", false)
	m.flag("isSubtype", false)
	m.text("keyPrefix", obj.prefix)
	m.text("label", obj.label)
	m.text("labelPlural", obj.plural)
	m.flag("layoutable", obj.flags.createable)
	m.flag("mergeable", obj.flags.mergeable && c.rights.removes(obj))
	m.flag("mruEnabled", obj.flags.createable)
	m.text("name", obj.name)
	m.flag("queryable", true)
	m.flag("replicateable", obj.flags.replicateable)
	m.flag("retrieveable", true)
	m.flag("searchable", obj.flags.createable)
	m.flag("triggerable", obj.flags.triggerable)
	m.flag("undeletable", obj.flags.undeletable && c.rights.removes(obj))
	m.flag("updateable", c.rights.updates(obj))
}

// describe answers sobjects/Lead/describe with the user's rights applied.
func (o *Org) describe(c *call, obj *object) {
	if !c.allow(http.MethodGet) || o.schemaUnchanged(c) {
		return
	}
	m := &member{append(c.out.buf, '{')}
	m.raw("actionOverrides", "[]")
	o.objectKeys(m, c, obj)
	m.flag("compactLayoutable", obj.flags.createable)
	m.key("childRelationships")
	m.b = o.appendChildren(m.b, c, obj)
	m.key("fields")
	m.b = append(m.b, '[')
	for _, f := range obj.fields {
		if !c.rights.reads(f) {
			continue
		}
		if m.b[len(m.b)-1] != '[' {
			m.b = append(m.b, ',')
		}
		m.b = appendFieldDescribe(m.b, c, f)
	}
	m.b = append(m.b, ']')
	m.raw("listviewable", "null")
	m.raw("lookupLayoutable", "null")
	m.raw("namedLayoutInfos", "[]")
	m.raw("networkScopeFieldName", "null")
	m.raw("recordTypeInfos", `[{"active":true,"available":true,"defaultRecordTypeMapping":true,"developerName":"Master","master":true,"name":"Master","recordTypeId":"012000000000000AAA","urls":{"layout":"`+
		c.href("sobjects/"+obj.name+"/describe/layouts/012000000000000AAA")+`"}}]`)
	m.flag("searchLayoutable", obj.flags.createable)
	m.text("sobjectDescribeOption", "FULL")
	m.raw("supportedScopes", `[{"label":"All `+strings.ToLower(obj.plural)+`","name":"everything"},{"label":"My `+strings.ToLower(obj.plural)+`","name":"mine"}]`)
	m.key("urls")
	m.b = append(m.b, '{')
	base, own := o.Base(), c.href("sobjects/"+obj.name)
	for _, name := range []string{"compactLayouts", "approvalLayouts", "layouts"} {
		m.text(name, own+"/describe/"+name)
	}
	m.text("rowTemplate", own+"/{ID}")
	m.text("uiDetailTemplate", base+"/{ID}")
	m.text("uiEditTemplate", base+"/{ID}/e")
	m.text("uiNewRecord", base+"/"+obj.prefix+"/e")
	m.text("listviews", own+"/listviews")
	m.text("describe", own+"/describe")
	m.text("quickActions", own+"/quickActions")
	m.text("sobject", own)
	c.out.buf = append(m.b, "}}"...)
	c.ok(http.StatusOK)
}

func (o *Org) appendChildren(b []byte, c *call, obj *object) []byte {
	m := &member{append(b, '[')}
	for _, r := range obj.children {
		if !c.rights.sees(r.child) || !c.rights.reads(r.field) {
			continue
		}
		if m.b[len(m.b)-1] != '[' {
			m.b = append(m.b, ',')
		}
		m.b = append(m.b, '{')
		m.flag("cascadeDelete", r.cascade)
		m.text("childSObject", r.child.name)
		m.flag("deprecatedAndHidden", false)
		m.text("field", r.field.name)
		m.raw("junctionIdListNames", "[]")
		m.raw("junctionReferenceTo", "[]")
		m.text("relationshipName", r.name)
		m.flag("restrictedDelete", false)
		m.b = append(m.b, '}')
	}
	return append(m.b, ']')
}
