package org

import "net/http"

// deleteMany answers DELETE composite/sobjects?ids=a,b&allOrNone=false.
func (o *Org) deleteMany(c *call) {
	list := commaList(c.query.Get("ids"))
	switch {
	case len(list) == 0:
		c.fail(badRequest("INVALID_INPUT", "The ids parameter is required"))
		return
	case len(list) > maxCollection:
		c.fail(tooMany)
		return
	}
	results := make([]outcome, len(list))
	o.allOrNone(c, c.query.Get("allOrNone") == "true", results, func(i int) outcome {
		obj, n, err := o.parseID(list[i])
		if err != nil || obj == nil {
			return outcome{errs: []rowError{malformed(list[i])}}
		}
		if !c.rights.sees(obj) {
			return outcome{errs: []rowError{noRow}}
		}
		return outcome{object: obj, row: n, errs: o.remove(c, obj, n)}
	})
	o.appendOutcomes(c, results, false)
}

// readMany answers composite/sobjects/Lead: rows in the order asked for, null for what is missing, deleted or
// invisible.
func (o *Org) readMany(c *call, obj *object) {
	if !c.allow(http.MethodGet, http.MethodPost) {
		return
	}
	list, names := commaList(c.query.Get("ids")), commaList(c.query.Get("fields"))
	if c.method == http.MethodPost {
		body, refusal := c.object()
		if refusal != nil {
			c.fail(refusal)
			return
		}
		list, names = body.words("ids"), body.words("fields")
	}
	switch {
	case len(list) == 0 || len(names) == 0:
		c.fail(badRequest("INVALID_INPUT", "ids and fields are required"))
		return
	case len(list) > maxRetrieve:
		c.fail(badRequest("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 2000 records into this call"))
		return
	}
	fields, refusal := o.fieldList(c, obj, names)
	if refusal != nil {
		c.fail(refusal)
		return
	}
	for _, id := range list {
		if of, _, err := o.parseID(id); err != nil || of != obj {
			c.fail(badRequest("MALFORMED_ID", "malformed id "+id))
			return
		}
	}
	o.view(c, func() {
		b := append(c.out.buf, '[')
		for i, id := range list {
			if i > 0 {
				b = append(b, ',')
			}
			_, n, err := o.parseID(id)
			row, ok := o.find(c, obj, n)
			if err != nil || !ok || obj.isDeleted(row) {
				b = append(b, "null"...)
				continue
			}
			b = o.appendRow(b, c, obj, row, fields)
		}
		c.out.buf = append(b, ']')
	})
	c.ok(http.StatusOK)
}

// words are the texts of a list member.
func (v value) words(name string) []string {
	list, _ := v.get(name)
	var words []string
	for _, item := range list.items {
		if item.text != "" {
			words = append(words, item.text)
		}
	}
	return words
}
