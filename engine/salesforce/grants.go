package salesforce

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/doppio-sync/doppio/engine/record"
)

// Grants are what a user's permission sets and profile grant, all of them together.
type Grants struct {
	// User are the rights of the user as a whole, by API name ("PermissionsApiEnabled").
	User map[string]bool
	// ViewAll are the objects of which it sees the records of everybody.
	ViewAll map[record.Object]bool
	// Sets are the ids of the permission sets by name.
	Sets map[string]record.ID
}

// userRights are the columns of PermissionSet that are asked for; View All Data shows every object's records.
var userRights = []string{"PermissionsApiEnabled", "PermissionsViewSetup", "PermissionsEditTask", "PermissionsConvertLeads", "PermissionsViewAllData", "PermissionsModifyAllData"}

// Grants asks, in one call, what is granted to a user: the union over its profile, permission sets and groups. A user who may not see
// the setup may not be told: that is an *Error.
func (c *Client) Grants(ctx context.Context, user record.ID) (Grants, error) {
	me := Literal(string(user))
	columns := "PermissionSet.Name,PermissionSetId"
	for _, name := range userRights {
		columns += ",PermissionSet." + name
	}
	var sets, objects []Row
	parts := []*part{
		c.rowsPart("SELECT "+columns+" FROM PermissionSetAssignment WHERE AssigneeId = "+me, &sets),
		c.rowsPart("SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords = true AND ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = "+me+")", &objects),
	}
	if _, err := c.read(ctx, record.Check, parts); err != nil {
		return Grants{}, err
	}
	for _, p := range parts {
		if p.refused != nil {
			return Grants{}, p.refused
		}
	}
	g := Grants{User: map[string]bool{}, ViewAll: map[record.Object]bool{}, Sets: map[string]record.ID{}}
	for _, row := range sets {
		if id, err := record.LongID(row.Get("PermissionSetId")); err == nil {
			g.Sets[row.Get("PermissionSet.Name")] = id
		}
		for _, name := range userRights {
			g.User[name] = g.User[name] || row.Is("PermissionSet."+name)
		}
	}
	for _, row := range objects {
		g.ViewAll[record.Object(row.Get("SobjectType"))] = true
	}
	return g, nil
}

// Everybody tells whether records of an object are seen whosever they are.
func (g Grants) Everybody(object record.Object) bool {
	return g.ViewAll[object] || g.User["PermissionsViewAllData"] || g.User["PermissionsModifyAllData"]
}

// Assign gives a permission set, found by its API name, to a user who may have it already. It needs "Assign Permission Sets".
func (c *Client) Assign(ctx context.Context, set string, user record.ID) error {
	var id string
	for row, err := range c.Query(ctx, record.Check, "SELECT Id FROM PermissionSet WHERE Name = "+Literal(set)) {
		if err != nil {
			return err
		}
		id = row.Get("Id")
	}
	body, err := json.Marshal(map[string]string{"AssigneeId": string(user), "PermissionSetId": id}, json.Deterministic(true))
	if err != nil {
		return localError(codeLocal, err)
	}
	err = c.send(ctx, &request{
		purpose: record.Check, method: http.MethodPost, path: c.data("/sobjects/PermissionSetAssignment"), body: body, contentType: "application/json",
		repeatable: true, write: true, decode: func(*answer) error { return nil },
	})
	var refused *Error
	if errors.As(err, &refused) && refused.code == "DUPLICATE_VALUE" {
		return nil
	}
	return err
}
