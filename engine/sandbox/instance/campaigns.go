package instance

import (
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// campaign is a smart campaign: a rule that says who, and a flow that nobody can read over REST.
type campaign struct {
	id               int
	name, about      string
	kind             string // batch, trigger, default
	active           bool
	requestable      bool
	program          int // 0: in a folder
	list             *smartList
	flow             int
	status           string
	created, updated time.Time
	members          map[uint64]time.Time // who went through it, since when
}

// campaigns are read and written under the lock of the rows.
type campaigns struct {
	list       []*campaign
	smartLists []*smartList
}

func (cs *campaigns) get(id string) *campaign {
	for _, one := range cs.list {
		if strconv.Itoa(one.id) == id {
			return one
		}
	}
	return nil
}

func (i *Instance) campaignRoutes(get, post adder) {
	get("/rest/v1/campaigns", readCampaign, listCampaigns)
	get("/rest/v1/campaigns/{id}", readCampaign, oneCampaign)
	post("/rest/v1/campaigns/{id}/trigger", executeCampaign, triggerCampaign)
	post("/rest/v1/campaigns/{id}/schedule", executeCampaign, scheduleCampaign)
}

func (i *Instance) appendCampaign(b []byte, one *campaign) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), int64(one.id), 10)
	b = appendMember(b, ",", "name", one.name)
	b = appendMember(b, ",", "description", one.about)
	b = appendMember(b, ",", "type", one.kind)
	if one.program != 0 {
		b = appendMember(b, ",", "programName", i.programs.get(strconv.Itoa(one.program)).name)
		b = strconv.AppendInt(append(b, `,"programId":`...), int64(one.program), 10)
	}
	b = append(b, `,"workspaceName":"Default"`...)
	b = appendTime(append(b, `,"createdAt":`...), one.created)
	b = appendTime(append(b, `,"updatedAt":`...), one.updated)
	return append(strconv.AppendBool(append(b, `,"active":`...), one.active), '}')
}

// listCampaigns pages by token alone.
func listCampaigns(c *call) error {
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	after, err := c.idPage()
	if err != nil {
		return err
	}
	c.i.db.View(func() {
		last := after
		for _, one := range c.i.campaigns.list {
			if uint64(one.id) <= after || (c.q.Get("isTriggerable") != "" && c.q.Get("isTriggerable") != strconv.FormatBool(one.requestable)) {
				continue
			}
			if c.elements == size {
				c.token = c.i.token(place{idToken, last})
				return
			}
			last = uint64(one.id)
			c.element()
			c.buf = c.i.appendCampaign(c.buf, one)
		}
	})
	return nil
}

func (c *call) onCampaign(fn func(one *campaign)) error {
	var err error
	c.i.db.View(func() {
		one := c.i.campaigns.get(c.vars[0])
		if one == nil {
			err = fail(1013, "Campaign '"+c.vars[0]+"' not found")
			return
		}
		fn(one)
	})
	return err
}

func oneCampaign(c *call) error {
	return c.onCampaign(func(one *campaign) {
		c.element()
		c.buf = c.i.appendCampaign(c.buf, one)
	})
}

// triggerCampaign requests a campaign that listens to "Campaign is Requested". Its flow changes nothing here; it is
// noted that the people went through it.
func triggerCampaign(c *call) error {
	var body struct {
		Input struct {
			Leads []struct {
				ID uint64 `json:"id"`
			} `json:"leads"`
		} `json:"input"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if len(body.Input.Leads) == 0 {
		return missing("leads")
	}
	if len(body.Input.Leads) > 100 {
		return fail(1003, "The number of leads exceeds the limit of 100")
	}
	var err error
	c.i.update(func(tx *table.Tx) {
		one := c.i.campaigns.get(c.vars[0])
		switch {
		case one == nil:
			err = fail(1013, "Campaign '"+c.vars[0]+"' not found")
			return
		case !one.requestable:
			err = fail(1003, "Campaign '"+c.vars[0]+"' is not requestable")
			return
		}
		for _, lead := range body.Input.Leads {
			if _, ok := c.i.people.Get(lead.ID); !ok {
				err = fail(1004, "Lead '"+strconv.FormatUint(lead.ID, 10)+"' not found")
				return
			}
		}
		c.i.log.settle(tx.Now().Unix())
		for _, lead := range body.Input.Leads {
			one.members[lead.ID] = tx.Now()
			c.i.write(&activity{at: tx.Now().Unix(), kind: typeRequestCampaign, lead: lead.ID, primary: int64(one.id), text: one.name, attrs: []attr{common("Source", "Web service API")}})
			c.wrote++
		}
		c.element()
		c.buf = append(strconv.AppendInt(append(c.buf, `{"id":`...), int64(one.id), 10), '}')
	})
	return err
}

// scheduleCampaign accepts a batch campaign's run, which then changes nothing.
func scheduleCampaign(c *call) error {
	var body struct {
		Input struct {
			RunAt string `json:"runAt"`
		} `json:"input"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if body.Input.RunAt != "" {
		at, ok := parseTime(body.Input.RunAt)
		if !ok || at.After(c.now.AddDate(2, 0, 0)) {
			return fail(1042, "Invalid runAt date")
		}
	}
	batch := false
	err := c.onCampaign(func(one *campaign) {
		batch = one.kind == "batch"
		c.element()
		c.buf = append(strconv.AppendInt(append(c.buf, `{"id":`...), int64(one.id), 10), '}')
	})
	if err == nil && !batch {
		return fail(1003, "Campaign '"+c.vars[0]+"' is not a batch campaign")
	}
	return err
}

// campaignMembership tells the campaigns that a person has been through.
func campaignMembership(c *call) error {
	id, err := c.leadVar()
	if err != nil {
		return err
	}
	c.i.db.View(func() {
		for _, one := range c.i.campaigns.list {
			if since, ok := one.members[id]; ok {
				c.element()
				c.buf = strconv.AppendInt(append(c.buf, `{"smartCampaignId":`...), int64(one.id), 10)
				c.buf = appendTime(append(c.buf, `,"createdAt":`...), since)
				c.buf = append(appendTime(append(c.buf, `,"updatedAt":`...), since), '}')
			}
		}
	})
	no := false
	c.more = &no
	return nil
}
