package org

import (
	"archive/zip"
	"bytes"
	"io"
	"mime/multipart"
	"net/textproto"
	"testing"
)

// packaged is a deploy request's body and Content-Type.
func packaged(t *testing.T, options string, files map[string]string) (body, kind string) {
	t.Helper()
	var packed, form bytes.Buffer
	archive := zip.NewWriter(&packed)
	for name, text := range files {
		w, err := archive.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	w := multipart.NewWriter(&form)
	for name, data := range map[string][]byte{"json": []byte(options), "file": packed.Bytes()} {
		head := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + name + `"; filename="` + name + `"`}}
		part, err := w.CreatePart(head)
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return form.String(), w.FormDataContentType()
}

// TestDeploy sets a bare org up as its admin would.
func TestDeploy(t *testing.T) {
	b := newBench(t, bare)
	sync := b.token
	files := map[string]string{
		"package.xml":         `<Package/>`,
		"objects/Lead.object": `<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><fields><fullName>Marketo_Person_Id__c</fullName></fields></CustomObject>`,
		"permissionsets/Doppio_Sync.permissionset": `<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
			<fieldPermissions><editable>true</editable><field>Lead.Rating</field><readable>true</readable></fieldPermissions>
			<objectPermissions><allowCreate>true</allowCreate><allowEdit>true</allowEdit><allowRead>true</allowRead><object>Contact</object><viewAllRecords>true</viewAllRecords></objectPermissions></PermissionSet>`,
	}
	body, kind := packaged(t, `{"deployOptions":{"checkOnly":false,"singlePackage":true}}`, files)
	b.send("POST", "metadata/deployRequest", body, "Content-Type: "+kind).refused(403, "INSUFFICIENT_ACCESS")

	b.token = b.openSession(b.people.admin, "", "", nil).token
	id := b.send("POST", "metadata/deployRequest", body, "Content-Type: "+kind).at("id").(string)
	result := b.send("GET", "metadata/deployRequest/"+id+"?includeDetails=true", "")
	if result.at("deployResult", "status") != "Succeeded" || result.at("deployResult", "numberComponentsTotal") != 2.0 {
		t.Errorf("the deploy: %s", result.body)
	}
	files["objects/Lead.object"] = `<CustomObject><fields><fullName>Other__c</fullName></fields></CustomObject>`
	files["permissionsets/Doppio_Sync.permissionset"] = `<PermissionSet><fieldPermissions><field>Lead.LastName</field></fieldPermissions></PermissionSet>`
	body, kind = packaged(t, `{"deployOptions":{}}`, files)
	id = b.send("POST", "metadata/deployRequest", body, "Content-Type: "+kind).at("id").(string)
	result = b.send("GET", "metadata/deployRequest/"+id, "").refused(200, "You cannot deploy to a required field: Lead.LastName")
	if result.at("deployResult", "status") != "Failed" {
		t.Errorf("the deploy of an unknown field: %s", result.body)
	}

	b.token = sync
	lead := b.made("Lead", `{"LastName":"A","Company":"B","Marketo_Person_Id__c":"7","Rating":"Hot"}`)
	b.send("GET", "sobjects/Lead/"+lead, "").refused(200, "Marketo_Person_Id__c")
	b.made("Contact", `{"LastName":"A"}`)
}
