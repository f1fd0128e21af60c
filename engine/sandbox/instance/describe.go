package instance

import (
	"strconv"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// describeLeads is the older describe, the only one that tells the ids by which activities name fields.
func describeLeads(c *call) error {
	c.i.db.View(func() {
		for _, f := range c.i.schema.fields {
			if f.hidden {
				continue
			}
			c.element()
			b := strconv.AppendInt(append(c.buf, `{"id":`...), int64(f.id), 10)
			b = appendMember(b, ",", "displayName", f.label)
			b = appendMember(b, ",", "dataType", f.kind.String())
			if f.length > 0 {
				b = strconv.AppendInt(append(b, `,"length":`...), int64(f.length), 10)
			}
			b = appendAPIName(b, "rest", f.name, f.readOnly)
			if f.soap != "" {
				b = appendAPIName(b, "soap", f.soap, f.readOnly)
			}
			c.buf = append(b, '}')
		}
	})
	return nil
}

func appendAPIName(b []byte, api, name string, readOnly bool) []byte {
	b = append(append(append(b, `,"`...), api...), `":{`...)
	b = appendMember(b, "", "name", name)
	return append(strconv.AppendBool(append(b, `,"readOnly":`...), readOnly), '}')
}

// describe2 appends a field as the newer describes write it.
func (f *field) describe2(b []byte, updateable bool) []byte {
	b = appendMember(append(b, '{'), "", "name", f.name)
	b = appendMember(b, ",", "displayName", f.label)
	b = appendMember(b, ",", "dataType", f.kind.String())
	if f.length > 0 {
		b = strconv.AppendInt(append(b, `,"length":`...), int64(f.length), 10)
	}
	b = strconv.AppendBool(append(b, `,"updateable":`...), updateable)
	return append(strconv.AppendBool(append(b, `,"crmManaged":`...), f.crm), '}')
}

// describeLeads2 tells what can be searched and what a CRM manages.
func describeLeads2(c *call) error {
	c.i.db.View(func() {
		c.element()
		b := append(c.buf, `{"name":"API Lead","searchableFields":[`...)
		n := 0
		for _, f := range c.i.schema.fields {
			if !f.search || f.hidden {
				continue
			}
			if n++; n > 1 {
				b = append(b, ',')
			}
			b = append(appendText(append(b, '['), f.name), ']')
		}
		b = append(b, `],"fields":[`...)
		n = 0
		for _, f := range c.i.schema.fields {
			if f.hidden {
				continue
			}
			if n++; n > 1 {
				b = append(b, ',')
			}
			b = f.describe2(b, !f.readOnly && f.name != "id")
		}
		c.buf = append(b, `]}`...)
	})
	return nil
}

// appendSchema appends a field as …/schema/fields writes it: hidden ones too.
func (f *field) appendSchema(b []byte) []byte {
	b = appendMember(append(b, '{'), "", "displayName", f.label)
	b = appendMember(b, ",", "name", f.name)
	if f.about == "" {
		b = append(b, `,"description":null`...)
	} else {
		b = appendMember(b, ",", "description", f.about)
	}
	b = appendMember(b, ",", "dataType", f.kind.String())
	if f.length > 0 {
		b = strconv.AppendInt(append(b, `,"length":`...), int64(f.length), 10)
	}
	b = strconv.AppendBool(append(b, `,"isHidden":`...), f.hidden)
	b = append(b, `,"isHtmlEncodingInEmail":true`...)
	b = strconv.AppendBool(append(b, `,"isSensitive":`...), f.kind == kindEmail)
	b = strconv.AppendBool(append(b, `,"isCustom":`...), f.custom)
	return append(strconv.AppendBool(append(b, `,"isApiCreated":`...), f.byAPI), '}')
}

// fieldPage answers a page of fields.
func (c *call) fieldPage(fields []*field) error {
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	from := 0
	if text := c.q.Get("nextPageToken"); text != "" {
		at, ok := c.i.readToken(text)
		if !ok || at.kind != offsetToken {
			return errToken
		}
		from = min(int(at.at), len(fields))
	}
	to := min(from+size, len(fields))
	for _, f := range fields[from:to] {
		c.element()
		c.buf = f.appendSchema(c.buf)
	}
	if to < len(fields) {
		c.page(c.i.token(place{offsetToken, uint64(to)}), true)
	}
	return nil
}

func leadFields(c *call) (err error) {
	c.i.db.View(func() { err = c.fieldPage(c.i.schema.fields) })
	return err
}

func objectFields(c *call, o *object) error { return c.fieldPage(o.fields) }

func objectField(c *call, o *object) error { return c.oneField(o.byName[c.vars[0]]) }

func leadField(c *call) (err error) {
	c.i.db.View(func() { err = c.oneField(c.i.schema.byName[c.vars[0]]) })
	return err
}

func (c *call) oneField(f *field) error {
	if f == nil {
		return fail(1006, "Field '"+c.vars[0]+"' not found")
	}
	c.element()
	c.buf = f.appendSchema(c.buf)
	return nil
}

// createLeadFields makes custom fields.
func createLeadFields(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	c.i.update(func(*table.Tx) {
		for _, r := range cmd.input {
			get := func(name string) string { v, _ := r.get(name); return v.text }
			k, known := kindString, false
			for n, name := range kindNames {
				if name == get("dataType") && kind(n) != kindText && kind(n) != kindReference {
					k, known = kind(n), true
				}
			}
			status, refusal := "created", error(nil)
			if !known {
				refusal = errSchema("Invalid dataType '" + get("dataType") + "'")
			} else {
				_, refusal = c.i.schema.create(get("name"), get("displayName"), k, get("description"))
			}
			if refusal != nil {
				status = "skipped"
			} else {
				c.wrote++
			}
			c.element()
			c.buf = appendMember(append(c.buf, '{'), "", "name", get("name"))
			c.buf = appendMember(c.buf, ",", "status", status)
			if refusal != nil {
				c.buf = appendReasons(c.buf, []reason{{1003, refusal.Error()}})
			}
			c.buf = append(c.buf, '}')
		}
	})
	return nil
}

// changeLeadField changes a field's label, description and whether it is hidden, as far as its origin allows.
func changeLeadField(c *call) error {
	cmd, err := c.records()
	if err != nil {
		return err
	}
	c.i.update(func(*table.Tx) {
		f := c.i.schema.byName[c.vars[0]]
		if f == nil {
			err = fail(1006, "Field '"+c.vars[0]+"' not found")
			return
		}
		for _, m := range cmd.input[0] {
			switch {
			case m.name == "description":
				f.about = m.value.text
			case m.name == "displayName" && f.custom:
				f.label = m.value.text
			case m.name == "isHidden" && f.byAPI:
				f.hidden = m.value.kind == 't'
			case m.name == "isHtmlEncodingInEmail" || m.name == "isSensitive":
			default:
				err = fail(1003, "Attribute '"+m.name+"' cannot be updated")
				return
			}
		}
		c.wrote++
		c.element()
		c.buf = append(appendMember(append(c.buf, '{'), "", "name", f.name), `,"status":"updated"}`...)
	})
	return err
}
