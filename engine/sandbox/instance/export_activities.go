package instance

import (
	"slices"
	"strconv"
	"time"
)

// activityColumns of a bulk file.
var activityColumns = []string{
	"marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId", "primaryAttributeValueId", "primaryAttributeValue", "attributes",
}

// planActivities plans an extract of activities; their attributes are a JSON object in one cell.
func planActivities(c *call, o exportOrder) (func(*rowWriter), error) {
	f := o.Filter
	if f.CreatedAt == nil {
		return nil, missing("createdAt")
	}
	from, to, err := f.CreatedAt.span()
	if err != nil {
		return nil, err
	}
	if slices.Contains(f.ActivityTypes, typeDeleteLead) {
		return nil, fail(1003, "Activity type 37 is not supported")
	}
	if len(f.PrimaryIDs)+len(f.PrimaryValues) > 0 && (len(f.ActivityTypes) == 0 || (len(f.PrimaryIDs) > 0 && len(f.PrimaryValues) > 0)) {
		return nil, fail(1003, "Primary attribute filters need activityTypeIds, and exclude one another")
	}
	if len(f.PrimaryIDs) > 50 || len(f.PrimaryValues) > 50 {
		return nil, fail(1003, "The number of primary attribute values exceeds the limit of 50")
	}
	columns := o.Fields
	if len(columns) == 0 {
		columns = activityColumns
	}
	for _, name := range columns {
		if !slices.Contains(activityColumns, name) && name != "actionResult" {
			return nil, fail(1006, "Field '"+name+"' not found")
		}
	}
	i := c.i
	return func(w *rowWriter) {
		w.header(o.headers(columns))
		now := i.clock.Now().Unix()
		var a activity
		for pos, more := -1, true; more; {
			i.db.View(func() {
				if pos < 0 {
					pos = i.log.since(from)
				}
				for seen := 0; seen < 5000; seen++ {
					if pos >= i.log.end() {
						more = false
						return
					}
					if !i.wantsActivity(pos, from, to, now, f, &a) {
						if at, _, _ := i.log.head(pos); at > to {
							more = false
							return
						}
						pos++
						continue
					}
					for _, name := range columns {
						w.cell(i.activityCell(pos, &a, name))
					}
					w.end()
					pos++
				}
			})
		}
	}, nil
}

func (i *Instance) wantsActivity(pos int, from, to, now int64, f exportFilter, a *activity) bool {
	at, kind, _ := i.log.head(pos)
	if at > to || kind == typeDeleteLead || (len(f.ActivityTypes) > 0 && !slices.Contains(f.ActivityTypes, kind)) {
		return false
	}
	if days := typesByID[kind].retention; days > 0 && now-at > int64(days)*86_400 {
		return false
	}
	if !i.log.visible(pos, now) || !i.activityAt(pos, a) || a.at < from || a.at > to {
		return false
	}
	if len(f.PrimaryIDs) > 0 && !slices.Contains(f.PrimaryIDs, a.primary) {
		return false
	}
	return len(f.PrimaryValues) == 0 || slices.Contains(f.PrimaryValues, i.primaryText(a))
}

func (i *Instance) activityCell(pos int, a *activity, name string) (string, bool) {
	switch name {
	case "marketoGUID":
		return strconv.FormatInt(activityID(pos), 10), true
	case "leadId":
		return strconv.FormatUint(a.lead, 10), true
	case "activityDate":
		return unixTime(a.at).Format(time.RFC3339), true
	case "activityTypeId":
		return strconv.Itoa(a.kind), true
	case "campaignId":
		return strconv.Itoa(a.campaign), a.campaign != 0
	case "primaryAttributeValueId":
		return strconv.FormatInt(a.primary, 10), a.primary != 0
	case "primaryAttributeValue":
		text := i.primaryText(a)
		return text, text != ""
	case "actionResult":
		return "succeeded", true
	}
	b := []byte{'{'}
	for _, at := range a.attrs {
		if at.kind == attrText && at.text == "" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendText(b, at.label()), ':')
		b = at.appendValue(b)
	}
	return string(append(b, '}')), true
}
