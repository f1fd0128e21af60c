package instance

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

func boundaryOf(contentType string) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return "", http.ErrNotMultipart
	}
	return params["boundary"], nil
}

// importCustom takes a file of custom object records.
func importCustom(c *call) error {
	o := c.i.objects[c.vars[0]]
	if o == nil || !o.custom {
		return fail(1013, "Object '"+c.vars[0]+"' not found")
	}
	j, err := c.upload()
	if err != nil {
		return err
	}
	for _, name := range j.rows[0] {
		if o.byName[strings.TrimSpace(name)] == nil {
			return fail(1006, "Field '"+name+"' not found")
		}
	}
	j.kind = o.name
	i, later := c.i, &call{i: c.i, service: c.service}
	j.apply = func(j *importJob) {
		i.update(func(tx *table.Tx) {
			for _, row := range j.rows[1:] {
				w := later.syncRecord(tx, o, "createOrUpdate", o.dedupe, j.record(row), map[string]bool{})
				if w.status == "skipped" {
					j.fail(row, w.reasons[0].message)
					continue
				}
				j.handled++
			}
			j.wrote = later.wrote
		})
	}
	return c.beginImport(j)
}

// importMembers takes a file of a program's members: people by e-mail, who are made where there are none.
func importMembers(c *call) error {
	j, err := c.upload()
	if err != nil {
		return err
	}
	status := c.q.Get("programMemberStatus")
	var to progression
	err = c.onProgram(false, func(one *program, _ time.Time) {
		to = one.channel.steps[0]
		if status != "" {
			var known bool
			if to, known = one.channel.status(status); !known {
				to = progression{}
			}
		}
	})
	if err != nil {
		return err
	}
	if to.name == "" {
		return fail(1025, "Program status '"+status+"' not found")
	}
	u, err := c.upsertOf(command{params: map[string]raw{"lookupField": {'"', "email"}}})
	if err != nil {
		return err
	}
	u.partial = false
	u.origin = origin{source: "List import", reason: "List import", list: "API import"}
	j.kind = "members"
	i, id, later := c.i, c.vars[0], &call{i: c.i, service: c.service, arrived: ^uint64(0)}
	j.apply = func(j *importJob) {
		before := len(j.failed)
		i.applyLeads(later, u, j)
		i.update(func(tx *table.Tx) {
			one := i.programs.get(id)
			for _, row := range j.rows[1:] {
				v, ok := j.record(row).get("email")
				if !ok || one == nil || len(j.failed)-before == len(j.rows)-1 {
					continue
				}
				for lead := range i.having(i.schema.email, v.text) {
					i.setStatus(tx.Now(), one, lead.ID(), to, "List import")
				}
			}
		})
	}
	return c.beginImport(j)
}
