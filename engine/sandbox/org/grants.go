package org

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// writeGrants makes the rows of PermissionSet and its companions tell what the users may do. Each profile is a
// permission set that it owns; FieldPermissions has rows only where something is granted.
func (o *Org) writeGrants() {
	o.mu.Lock()
	held := map[uint64]*rights{1: o.grants[o.people.admin], 2: o.grants[o.people.private], 3: o.grants[o.people.sync]}
	o.mu.Unlock()
	profiles := map[string]uint64{
		o.people.admin: 1, o.people.sync: 3, o.people.private: 2, o.people.locked: 2, o.people.inactive: 2,
	}
	c := o.internal()
	err := o.update(c, func() error {
		for _, name := range []string{"PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions"} {
			obj := o.object(name)
			for row := range obj.table.ByID(0) {
				if err := c.tx.Delete(obj.table, row.ID()); err != nil {
					return err
				}
			}
		}
		p := planter{o, c, time.Date(2019, 3, 4, 9, 0, 0, 0, time.UTC), nil}
		var row uint64
		for profile := uint64(1); profile <= 3; profile++ {
			o.writeProfile(&p, profile, held[profile], &row)
		}
		o.writeSets(&p, &row)
		for i, user := range []string{o.people.admin, o.people.sync, o.people.private, o.people.locked, o.people.inactive} {
			p.put("PermissionSetAssignment", uint64(i+1), fields{
				"AssigneeId": user, "PermissionSetId": o.object("PermissionSet").longID(profiles[user]), "SystemModstamp": stampText(p.at.Unix()),
			})
		}
		return p.err
	})
	if err != nil {
		panic("org: the grants cannot be written: " + err.Error())
	}
}

// writeSets makes the rows of deployed permission sets.
func (o *Org) writeSets(p *planter, row *uint64) {
	o.mu.Lock()
	sets := slices.Clone(o.sets)
	o.mu.Unlock()
	is := strconv.FormatBool
	for _, s := range sets {
		id := o.object("PermissionSet").longID(s.row)
		values := fields{"Name": s.name, "Label": strings.ReplaceAll(s.name, "_", " "), "IsOwnedByProfile": "false"}
		for _, u := range s.content.User {
			values["Permissions"+u.Name] = is(u.Enabled)
		}
		p.put("PermissionSet", s.row, values)
		if s.assigned {
			p.put("PermissionSetAssignment", s.row, fields{"AssigneeId": o.people.sync, "PermissionSetId": id, "SystemModstamp": stampText(p.at.Unix())})
		}
		for _, m := range s.content.Objects {
			*row++
			p.put("ObjectPermissions", *row, fields{
				"ParentId": id, "SobjectType": m.Object, "PermissionsRead": is(m.Read), "PermissionsCreate": is(m.Create), "PermissionsEdit": is(m.Edit),
				"PermissionsDelete": is(m.Delete), "PermissionsViewAllRecords": is(m.All), "PermissionsModifyAllRecords": "false",
			})
		}
		for _, m := range s.content.Fields {
			*row++
			p.put("FieldPermissions", *row, fields{
				"ParentId": id, "SobjectType": strings.Split(m.Field, ".")[0], "Field": m.Field, "PermissionsRead": is(m.Readable), "PermissionsEdit": is(m.Editable),
			})
		}
	}
}

func (o *Org) writeProfile(p *planter, profile uint64, r *rights, row *uint64) {
	is := strconv.FormatBool
	set := o.object("PermissionSet").longID(profile)
	p.put("PermissionSet", profile, fields{
		"Name": "X00e" + strconv.FormatUint(profile, 10), "Label": "00e" + strconv.FormatUint(profile, 10),
		"ProfileId": o.object("Profile").longID(profile), "IsOwnedByProfile": "true", "PermissionsApiEnabled": "true",
		"PermissionsApiUserOnly": is(profile == 3), "PermissionsViewAllData": is(r.viewAll), "PermissionsModifyAllData": is(r.modifyAll),
		"PermissionsViewSetup": is(r.viewSetup), "PermissionsBulkApiHardDelete": is(r.hardDelete),
		"PermissionsConvertLeads": is(r.convertLeads), "PermissionsEditTask": "true",
	})
	for _, obj := range o.objects {
		may := r.objects[obj]
		if obj.flags == setup || obj.flags.tooling || obj.name == "User" || !may.read {
			continue
		}
		*row++
		p.put("ObjectPermissions", *row, fields{
			"ParentId": set, "SobjectType": obj.name, "PermissionsRead": "true", "PermissionsCreate": is(may.create),
			"PermissionsEdit": is(may.edit), "PermissionsDelete": is(may.remove), "PermissionsViewAllRecords": is(r.viewAll),
			"PermissionsModifyAllRecords": is(r.modifyAll),
		})
		for _, f := range obj.fields {
			if !f.permissionable || !r.reads(f) {
				continue
			}
			*row++
			p.put("FieldPermissions", *row, fields{
				"ParentId": set, "SobjectType": obj.name, "Field": obj.name + "." + f.name,
				"PermissionsRead": "true", "PermissionsEdit": is(r.edits(f) && (f.updateable || f.createable)),
			})
		}
	}
}
