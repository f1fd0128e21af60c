package instance

import (
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// asset is what the asset API shows: anything that appends itself.
type asset struct {
	id       int
	name     string
	created  time.Time
	updated  time.Time
	appendTo func(b []byte) []byte
}

func (i *Instance) assetRoutes(get, form adder) {
	get("/rest/asset/v1/programs", readAsset, browse((*Instance).programAssets))
	get("/rest/asset/v1/program/{id}", readAsset, byID((*Instance).programAssets))
	get("/rest/asset/v1/program/byName", readAsset, byName((*Instance).programAssets))
	get("/rest/asset/v1/channels", readAsset, browse((*Instance).channelAssets))
	get("/rest/asset/v1/channel/byName", readAsset, byName((*Instance).channelAssets))
	get("/rest/asset/v1/smartLists", readAsset, browse((*Instance).smartListAssets))
	get("/rest/asset/v1/smartList/{id}", readAsset, smartListByID)
	get("/rest/asset/v1/smartList/byName", readAsset, byName((*Instance).smartListAssets))
	get("/rest/asset/v1/smartCampaigns", readAsset, browse((*Instance).campaignAssets))
	get("/rest/asset/v1/smartCampaign/{id}", readAsset, byID((*Instance).campaignAssets))
	get("/rest/asset/v1/smartCampaign/byName", readAsset, byName((*Instance).campaignAssets))
	get("/rest/asset/v1/smartCampaign/{id}/smartList", readAsset, campaignSmartList)
	form("/rest/asset/v1/smartCampaign/{id}/activate", writeAsset, activate(true))
	form("/rest/asset/v1/smartCampaign/{id}/deactivate", writeAsset, activate(false))
	get("/rest/asset/v1/folders", readAsset, browse((*Instance).folderAssets))
	get("/rest/asset/v1/folder/byName", readAsset, byName((*Instance).folderAssets))
}

type assetList = func(i *Instance, c *call) []asset

// browse pages by offset and maxReturn over what stands there at that moment: there is no snapshot, so what is added or
// removed between two pages shifts the rest.
func browse(list assetList) func(*call) error {
	return func(c *call) error {
		number := func(name string, otherwise, most int) (int, error) {
			text := c.q.Get(name)
			if text == "" {
				return otherwise, nil
			}
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > most {
				return 0, fail(1001, "Invalid value '"+text+"'. Required of type 'Integer'")
			}
			return n, nil
		}
		offset, err := number("offset", 0, 1<<31)
		if err != nil {
			return err
		}
		size, err := number("maxReturn", 20, 200)
		if err != nil {
			return err
		}
		from, to := time.Time{}, c.now.AddDate(100, 0, 0)
		for name, at := range map[string]*time.Time{"earliestUpdatedAt": &from, "latestUpdatedAt": &to} {
			if text := c.q.Get(name); text != "" {
				if *at, err = parameterTime(text); err != nil {
					return err
				}
			}
		}
		c.i.db.View(func() {
			for _, one := range list(c.i, c) {
				if one.updated.Before(from) || one.updated.After(to) {
					continue
				}
				if offset--; offset >= 0 {
					continue
				}
				if c.elements == size {
					return
				}
				c.element()
				c.buf = one.appendTo(c.buf)
			}
		})
		return nil
	}
}

// byID and byName answer one asset, or none with the warning that says so.
func byID(list assetList) func(*call) error {
	return pickAsset(list, func(c *call, one asset) bool { return strconv.Itoa(one.id) == c.vars[0] })
}

func byName(list assetList) func(*call) error {
	return pickAsset(list, func(c *call, one asset) bool { return one.name == c.q.Get("name") })
}

func pickAsset(list assetList, is func(*call, asset) bool) func(*call) error {
	return func(c *call) error {
		c.i.db.View(func() {
			for _, one := range list(c.i, c) {
				if is(c, one) {
					c.element()
					c.buf = one.appendTo(c.buf)
					return
				}
			}
		})
		return nil
	}
}

// appendAsset appends what all assets begin with.
func (i *Instance) appendAsset(b []byte, id int, name, about string, created, updated time.Time, code string) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), int64(id), 10)
	b = appendMember(b, ",", "name", name)
	b = appendMember(b, ",", "description", about)
	b = appendAssetTime(append(b, `,"createdAt":`...), created)
	b = appendAssetTime(append(b, `,"updatedAt":`...), updated)
	url := "https://app-sandbox.example/#" + code + strconv.Itoa(id) + "A1"
	b = appendMember(b, ",", "url", url)
	return appendMember(b, ",", "workspace", "Default")
}

func (i *Instance) programAssets(c *call) []asset {
	var out []asset
	values := map[string]bool{}
	for v := range splitIDs(c.q["filterValues"]) {
		values[v] = true
	}
	for _, one := range i.programs.all {
		switch c.q.Get("filterType") {
		case "id", "programId":
			if !values[strconv.Itoa(one.id)] {
				continue
			}
		case "workspace":
			if !values["Default"] {
				continue
			}
		}
		if status := c.q.Get("status"); status != "" && status != one.status {
			continue
		}
		out = append(out, asset{one.id, one.name, one.created, one.updated, func(b []byte) []byte {
			b = i.appendAsset(b, one.id, one.name, one.about, one.created, one.updated, "ME")
			b = appendMember(b, ",", "type", one.kind)
			b = appendMember(b, ",", "channel", one.channel.name)
			b = append(b, `,"folder":{"type":"Folder","value":75,"folderName":"Active Programs"}`...)
			b = appendMember(b, ",", "status", one.status)
			b = append(b, `,"headStart":false`...)
			if c.vars != nil || c.q.Get("includeTags") == "true" || c.q.Get("includeCosts") == "true" { // browsing gives neither
				b = append(b, `,"tags":[],"costs":[]`...)
			}
			if one.sfdcID != "" {
				b = appendMember(b, ",", "sfdcId", one.sfdcID)
				b = appendMember(b, ",", "sfdcName", one.sfdcName)
			}
			return append(b, '}')
		}})
	}
	return out
}

func (i *Instance) channelAssets(*call) []asset {
	var out []asset
	for _, one := range i.programs.channels {
		out = append(out, asset{one.id, one.name, schemaBirth, schemaBirth, func(b []byte) []byte {
			b = strconv.AppendInt(append(b, `{"id":`...), int64(one.id), 10)
			b = appendMember(b, ",", "name", one.name)
			b = appendMember(b, ",", "applicableProgramType", strings.ToLower(one.kind))
			b = append(b, `,"progressionStatuses":[`...)
			for n, s := range one.steps {
				if n > 0 {
					b = append(b, ',')
				}
				b = appendMember(append(b, '{'), "", "name", s.name)
				b = append(b, `,"description":"","hidden":false,"type":""`...)
				b = strconv.AppendInt(append(b, `,"step":`...), int64(s.step), 10)
				b = append(strconv.AppendBool(append(b, `,"success":`...), s.success), '}')
			}
			b = appendAssetTime(append(b, `],"createdAt":`...), schemaBirth)
			return append(appendAssetTime(append(b, `,"updatedAt":`...), schemaBirth), '}')
		}})
	}
	return out
}

func (i *Instance) campaignAssets(c *call) []asset {
	var out []asset
	for _, one := range i.campaigns.list {
		if c.q.Get("isActive") == "true" && !one.active {
			continue
		}
		out = append(out, asset{one.id, one.name, one.created, one.updated, func(b []byte) []byte {
			b = i.appendAsset(b, one.id, one.name, one.about, one.created, one.updated, "SC")
			b = appendMember(b, ",", "type", one.kind)
			b = appendMember(b, ",", "status", one.status)
			b = append(b, `,"isSystem":false`...)
			b = strconv.AppendBool(append(b, `,"isActive":`...), one.active)
			b = strconv.AppendBool(append(b, `,"isRequestable":`...), one.requestable)
			b = append(b, `,"isCommunicationLimitEnabled":false,"recurrence":{"weekdayOnly":false},"qualificationRuleType":"any"`...)
			b = strconv.AppendInt(append(b, `,"smartListId":`...), int64(one.list.id), 10)
			b = strconv.AppendInt(append(b, `,"flowId":`...), int64(one.flow), 10)
			if one.program != 0 {
				b = strconv.AppendInt(append(b, `,"parentProgramId":`...), int64(one.program), 10)
				b = strconv.AppendInt(append(b, `,"folder":{"id":`...), int64(one.program), 10)
				b = append(b, `,"type":"Program"}`...)
			} else {
				b = append(b, `,"folder":{"id":75,"type":"Folder"}`...)
			}
			return append(appendMember(b, ",", "computedUrl", "https://app-sandbox.example/#SC"+strconv.Itoa(one.id)+"A1"), '}')
		}})
	}
	return out
}

// activate switches a trigger campaign on or off.
func activate(on bool) func(*call) error {
	return func(c *call) error {
		var err error
		c.i.update(func(tx *table.Tx) {
			one := c.i.campaigns.get(c.vars[0])
			switch {
			case one == nil:
				err = fail(702, "Smart Campaign not found")
				return
			case one.kind != "trigger":
				err = fail(709, "Only a trigger campaign can be activated or deactivated")
				return
			}
			if one.active != on {
				one.active, one.updated = on, tx.Now()
				one.status = map[bool]string{true: "Active", false: "Inactive"}[on]
				c.wrote++
			}
			c.element()
			c.buf = append(strconv.AppendInt(append(c.buf, `{"id":`...), int64(one.id), 10), '}')
		})
		return err
	}
}

// folders of the instance, by id.
var folders = []struct {
	id, parent       int
	name, kind, path string
}{
	{5, 1, "Default", "Zone", "/Lead Database/Default"},
	{12, 5, "Group Lists", "Marketing Folder", "/Lead Database/Default/Group Lists"},
	{75, 13, "Active Programs", "Marketing Folder", "/Marketing Activities/Default/Active Programs"},
}

func (i *Instance) folderAssets(*call) []asset {
	var out []asset
	for _, one := range folders {
		out = append(out, asset{one.id, one.name, schemaBirth, schemaBirth, func(b []byte) []byte {
			b = i.appendAsset(b, one.id, one.name, "", schemaBirth, schemaBirth, "FD")
			b = strconv.AppendInt(append(b, `,"folderId":{"id":`...), int64(one.id), 10)
			b = appendMember(append(b, `,"type":"Folder"}`...), ",", "folderType", one.kind)
			b = strconv.AppendInt(append(b, `,"parent":{"id":`...), int64(one.parent), 10)
			b = appendMember(append(b, `,"type":"Folder"}`...), ",", "path", one.path)
			return append(b, `,"isArchive":false,"isSystem":true,"accessZoneId":1}`...)
		}})
	}
	return out
}
