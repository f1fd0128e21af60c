package instance

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// staticAssets are the static lists as the asset API shows them.
func (i *Instance) staticAssets(*call) []asset {
	var out []asset
	for _, one := range i.lists.all {
		out = append(out, asset{one.id, one.name, one.created, one.updated, func(b []byte) []byte {
			b = i.appendAsset(b, one.id, one.name, one.about, one.created, one.updated, "ST")
			b = append(b, `,"folder":{"id":12,"type":"Folder"}`...)
			return append(appendMember(b, ",", "computedUrl", "https://app-sandbox.example/#ST"+strconv.Itoa(one.id)+"A1"), '}')
		}})
	}
	return out
}

var (
	staticLists      = browse((*Instance).staticAssets)
	staticListByID   = byID((*Instance).staticAssets)
	staticListByName = byName((*Instance).staticAssets)
)

// createStaticList takes a form with name and folder, as asset writes do.
func createStaticList(c *call) error {
	name := strings.TrimSpace(c.q.Get("name"))
	if name == "" {
		return fail(701, "name cannot be blank")
	}
	var folder struct {
		ID   int    `json:"id"`
		Type string `json:"type"`
	}
	if err := json.Unmarshal([]byte(c.q.Get("folder")), &folder); err != nil || (folder.Type != "Folder" && folder.Type != "Program") {
		return fail(1001, "Invalid value '"+c.q.Get("folder")+"'. Required of type 'Folder'")
	}
	var err error
	c.i.update(func(tx *table.Tx) {
		for _, one := range c.i.lists.all {
			if one.name == name {
				err = fail(709, "Static list name already exists")
				return
			}
		}
		one := c.i.lists.add(name, c.q.Get("description"), "", tx.Now())
		c.wrote++
		for _, a := range c.i.staticAssets(c) {
			if a.id == one.id {
				c.element()
				c.buf = a.appendTo(c.buf)
			}
		}
	})
	return err
}

func deleteStaticList(c *call) error {
	var err error
	c.i.update(func(*table.Tx) {
		one := c.i.lists.get(c.vars[0])
		if one == nil {
			err = fail(702, "Static list not found")
			return
		}
		all := c.i.lists.all[:0:0]
		for _, other := range c.i.lists.all {
			if other != one {
				all = append(all, other)
			}
		}
		c.i.lists.all = all
		c.wrote++
		c.element()
		c.buf = append(strconv.AppendInt(append(c.buf, `{"id":`...), int64(one.id), 10), '}')
	})
	return err
}
