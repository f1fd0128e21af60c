package org

import (
	"archive/zip"
	"bytes"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
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
		"package.xml": `<Package><types><members>Lead.Marketo_Person_Id__c</members><name>CustomField</name></types>
			<types><members>LeadConvertSettings</members><name>LeadConvertSettings</name></types>
			<types><members>Doppio_Sync</members><name>PermissionSet</name></types><version>61.0</version></Package>`,
		"objects/Lead.object": `<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><fields><fullName>Marketo_Person_Id__c</fullName><label>Id</label><type>Text</type><length>40</length></fields>
			<fields><fullName>Unlisted__c</fullName></fields></CustomObject>`,
		"LeadConvertSettings/LeadConvertSettings.LeadConvertSetting": `<LeadConvertSettings><objectMapping><inputObject>Lead</inputObject>
			<mappingFields><inputField>Segment__c</inputField><outputField>Segment__c</outputField></mappingFields><outputObject>Contact</outputObject></objectMapping></LeadConvertSettings>`,
		"permissionsets/Doppio_Sync.permissionset": `<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
			<fieldPermissions><editable>true</editable><field>Lead.Rating</field><readable>true</readable></fieldPermissions>
			<objectPermissions><allowCreate>true</allowCreate><allowEdit>true</allowEdit><allowRead>true</allowRead><object>Contact</object><viewAllRecords>true</viewAllRecords></objectPermissions>
			<userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions></PermissionSet>`,
	}
	body, kind := packaged(t, `{"deployOptions":{"checkOnly":false,"singlePackage":true}}`, files)
	b.send("POST", "metadata/deployRequest", body, "Content-Type: "+kind).refused(403, "INSUFFICIENT_ACCESS")

	b.token = b.openSession(b.people.admin, "", "", nil).token
	wrote := b.log.Snapshot().Salesforce.Writes
	id := b.send("POST", "metadata/deployRequest", body, "Content-Type: "+kind).at("id").(string)
	if n := b.log.Snapshot().Salesforce.Writes - wrote; n != 3 {
		t.Errorf("the journal counts %d components as written", n)
	}
	result := b.send("GET", "metadata/deployRequest/"+id+"?includeDetails=true", "")
	if result.at("deployResult", "status") != "Succeeded" || result.at("deployResult", "numberComponentsTotal") != 3.0 {
		t.Errorf("the deploy: %s", result.body)
	}
	set := b.ask("SELECT Id FROM PermissionSet WHERE Name = 'Doppio_Sync'")[0]["Id"].(string)
	assignment := `{"AssigneeId":"` + b.people.sync + `","PermissionSetId":"` + set + `"}`
	files["package.xml"] = strings.Replace(files["package.xml"], "<members>Lead.M", "<members>Lead.Other__c</members><members>Lead.Third__c</members><members>Lead.M", 1)
	files["objects/Lead.object"] = `<CustomObject><fields><fullName>Other__c</fullName><label>O</label><type>Checkbox</type><defaultValue>false</defaultValue></fields></CustomObject>`
	files["permissionsets/Doppio_Sync.permissionset"] = `<PermissionSet><fieldPermissions><field>Lead.LastName</field></fieldPermissions></PermissionSet>`
	body, kind = packaged(t, `{"deployOptions":{}}`, files)
	id = b.send("POST", "metadata/deployRequest", body, "Content-Type: "+kind).at("id").(string)
	result = b.send("GET", "metadata/deployRequest/"+id, "").refused(200, "You cannot deploy to a required field: Lead.LastName").
		refused(200, "This org has no room for the field Lead.Other__c").refused(200, "An object 'Lead.Third__c' of type CustomField was named in package.xml, but was not found in zipped directory")
	if result.at("deployResult", "status") != "Failed" {
		t.Errorf("the deploy of an unknown field: %s", result.body)
	}

	b.token = sync
	b.send("POST", "sobjects/PermissionSetAssignment", assignment).refused(400, "INSUFFICIENT_ACCESS_OR_READONLY")
	b.send("POST", "sobjects/Contact", `{"LastName":"A"}`).refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY") // the set is there, and not assigned yet
	b.token = b.openSession(b.people.admin, "", "", nil).token
	if got := b.send("POST", "sobjects/PermissionSetAssignment", assignment); got.status != 201 {
		t.Fatalf("the assignment: %d %s", got.status, got.body)
	}
	b.send("POST", "sobjects/PermissionSetAssignment", assignment).refused(400, "DUPLICATE_VALUE")
	b.token = sync
	lead := b.made("Lead", `{"LastName":"A","Company":"B","Marketo_Person_Id__c":"7","Rating":"Hot"}`)
	b.send("GET", "sobjects/Lead/"+lead, "").refused(200, "Marketo_Person_Id__c")
	b.made("Contact", `{"LastName":"A"}`)
}
