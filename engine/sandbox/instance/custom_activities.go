package instance

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// customTypes are the activity types that the subscription has made for itself, by API name.
var customTypes = map[string]int{"attendedPlantTour": 100002, "salesforceActivity": typeSalesforceActivity}

// customType is one of them that this instance has: what the set-up makes is missing in the scenario "bare".
func (i *Instance) customType(id int) *activityType {
	if id == typeSalesforceActivity && i.bare {
		return nil
	}
	return typesByID[id]
}

func (t *activityType) appendCustom(b []byte, apiName string) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), int64(t.id), 10)
	b = appendMember(b, ",", "apiName", apiName)
	b = appendMember(b, ",", "name", t.name)
	b = appendMember(b, ",", "description", t.about)
	b = appendMember(b, ",", "triggerName", t.name)
	b = appendMember(b, ",", "filterName", "Was "+t.name)
	b = appendTime(append(b, `,"createdAt":`...), schemaBirth)
	b = appendTime(append(b, `,"updatedAt":`...), schemaBirth)
	b = append(b, `,"status":"approved","primaryAttribute":`...)
	b = appendCustomAttribute(b, t.primary, true)
	b = append(b, `,"attributes":[`...)
	for n, at := range t.attributes {
		if n > 0 {
			b = append(b, ',')
		}
		b = appendCustomAttribute(b, at, false)
	}
	return append(b, `]}`...)
}

func appendCustomAttribute(b []byte, at [2]string, primary bool) []byte {
	b = appendMember(append(b, '{'), "", "apiName", at[0])
	b = appendMember(appendMember(b, ",", "name", at[0]), ",", "dataType", at[1])
	return append(strconv.AppendBool(append(b, `,"isPrimary":`...), primary), '}')
}

func customActivityTypes(c *call) error {
	for _, name := range slices.Sorted(maps.Keys(customTypes)) {
		if t := c.i.customType(customTypes[name]); t != nil {
			c.element()
			c.buf = t.appendCustom(c.buf, name)
		}
	}
	return nil
}

func customActivityType(c *call) error {
	t := c.i.customType(customTypes[c.vars[0]])
	if t == nil {
		return fail(1013, "Activity type '"+c.vars[0]+"' not found")
	}
	c.element()
	c.buf = t.appendCustom(c.buf, c.vars[0])
	return nil
}

// customActivity is one activity as Add Custom Activities takes it.
type customActivity struct {
	Lead       uint64 `json:"leadId"`
	Date       string `json:"activityDate"`
	Type       int    `json:"activityTypeId"`
	APIName    string `json:"apiName"`
	Primary    any    `json:"primaryAttributeValue"`
	Attributes []struct {
		Name    string          `json:"name"`
		APIName string          `json:"apiName"`
		Value   json.RawMessage `json:"value"`
	} `json:"attributes"`
}

// addActivities takes activities in; the problems of a record stand under "errors", not "reasons".
func addActivities(c *call) error {
	var body struct {
		Input []customActivity `json:"input"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if len(body.Input) == 0 {
		return missing("input")
	}
	if len(body.Input) > maxRecords {
		return fail(1003, "The number of records in input exceeds the limit of 300")
	}
	c.i.update(func(tx *table.Tx) {
		c.i.log.settle(tx.Now().Unix())
		for _, in := range body.Input {
			a, refusal := c.i.customActivity(in)
			c.element()
			if refusal != nil {
				c.buf = append(appendReason(append(c.buf, `{"status":"skipped","errors":[`...), refusal.code, refusal.message), `]}`...)
				continue
			}
			pos := c.i.write(a)
			c.wrote++
			c.buf = strconv.AppendInt(append(c.buf, `{"id":`...), activityID(pos), 10)
			c.buf = strconv.AppendInt(append(c.buf, `,"marketoGUID":"`...), activityID(pos), 10)
			c.buf = append(c.buf, `","status":"added"}`...)
		}
	})
	return nil
}

func (i *Instance) customActivity(in customActivity) (*activity, *reason) {
	if _, ok := i.people.Get(in.Lead); !ok {
		return nil, &reason{1004, "Lead not found"}
	}
	kind := in.Type
	if kind == 0 {
		kind = customTypes[in.APIName]
	}
	t := i.customType(kind)
	if t == nil || !slices.Contains(slices.Collect(maps.Values(customTypes)), kind) {
		return nil, &reason{1003, "Invalid activity type"}
	}
	at, ok := parseTime(in.Date)
	if !ok {
		return nil, &reason{1003, "Invalid value for field 'activityDate' and value '" + in.Date + "'"}
	}
	primary, err := json.Marshal(in.Primary)
	if err != nil || in.Primary == nil {
		return nil, &reason{1002, "Missing value for required parameter 'primaryAttributeValue'"}
	}
	a := &activity{at: at.Unix(), kind: kind, lead: in.Lead, text: plainJSON(primary)}
	size := 0
	for _, v := range in.Attributes {
		name := v.Name
		if name == "" {
			name = v.APIName
		}
		known := false
		for _, have := range t.attributes {
			known = known || have[0] == name
		}
		if !known {
			return nil, &reason{1006, "Field '" + name + "' not found"}
		}
		size += len(v.Value)
		a.attrs = append(a.attrs, text(name, plainJSON(v.Value)))
	}
	if size > 65_536 {
		return nil, &reason{1049, "Failed to create activity"}
	}
	return a, nil
}

// plainJSON is a JSON value as text: a string without its quotes.
func plainJSON(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}
