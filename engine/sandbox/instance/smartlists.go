package instance

import (
	"strconv"
	"time"
)

// rule is a filter of a smart list: name, the attribute it looks at, an operator and values.
type rule struct {
	name, kind, attribute, operator string
	values                          []string
}

// smartList says who: by filters, and for a trigger campaign also by triggers.
type smartList struct {
	id               int
	name             string
	triggers         []rule
	filters          []rule
	created, updated time.Time
	own              bool // made by a user, not part of a campaign
}

func (one *smartList) append(i *Instance, b []byte, rules bool) []byte {
	b = i.appendAsset(b, one.id, one.name, "", one.created, one.updated, "SL")
	b = append(b, `,"folder":{"id":75,"type":"Folder"}`...)
	if rules {
		b = append(b, `,"rules":{"filterMatchType":"All","triggers":[`...)
		b = appendRules(b, one.triggers)
		b = append(b, `],"filters":[`...)
		b = append(appendRules(b, one.filters), `]}`...)
	}
	return append(b, '}')
}

// appendRules appends rules. Triggers look like filters here; the published shape calls them strings and every example
// shows none.
func appendRules(b []byte, rules []rule) []byte {
	for n, r := range rules {
		if n > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"id":`...), int64(n+1), 10)
		b = appendMember(b, ",", "name", r.name)
		b = strconv.AppendInt(append(b, `,"ruleTypeId":`...), int64(100+len(r.name)), 10)
		b = appendMember(b, ",", "ruleType", r.kind)
		b = appendMember(b, ",", "operator", r.operator)
		b = append(b, `,"conditions":[`...)
		if r.attribute != "" {
			b = strconv.AppendInt(append(b, `{"activityAttributeId":`...), int64(200+len(r.attribute)), 10)
			b = appendMember(b, ",", "activityAttributeName", r.attribute)
			b = appendMember(b, ",", "operator", r.operator)
			b = append(appendNames(append(b, `,"values":`...), r.values), `,"isPrimary":true}`...)
		}
		b = append(b, `]}`...)
	}
	return b
}

func (i *Instance) smartListAssets(*call) []asset {
	var out []asset
	for _, one := range i.campaigns.smartLists {
		if one.own {
			out = append(out, asset{one.id, one.name, one.created, one.updated, func(b []byte) []byte { return one.append(i, b, false) }})
		}
	}
	return out
}

func smartListByID(c *call) error {
	return c.smartList(func(one *smartList) bool { return strconv.Itoa(one.id) == c.vars[0] })
}

// campaignSmartList tells by which rules a campaign chooses people.
func campaignSmartList(c *call) error {
	return c.smartList(func(one *smartList) bool {
		campaign := c.i.campaigns.get(c.vars[0])
		return campaign != nil && campaign.list == one
	})
}

func (c *call) smartList(is func(*smartList) bool) error {
	c.i.db.View(func() {
		for _, one := range c.i.campaigns.smartLists {
			if is(one) {
				c.element()
				c.buf = one.append(c.i, c.buf, c.q.Get("includeRules") == "true")
			}
		}
	})
	return nil
}
