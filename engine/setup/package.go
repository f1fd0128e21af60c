package setup

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
)

// PermissionSet is the API name of the permission set in the package.
const PermissionSet = "Doppio_Sync"

// metadataVersion is the API version in which the package is written.
const metadataVersion = "61.0"

const namespace = "http://soap.sforce.com/2006/04/metadata"

// The files of a package in Metadata API format (Metadata API Developer Guide: Package, CustomObject, PermissionSet, LeadConvertSettings).

type manifest struct {
	XMLName xml.Name   `xml:"Package"`
	NS      string     `xml:"xmlns,attr"`
	Types   []typeList `xml:"types"`
	Version string     `xml:"version"`
}

type typeList struct {
	Members []string `xml:"members"`
	Name    string   `xml:"name"`
}

type customObject struct {
	XMLName xml.Name      `xml:"CustomObject"`
	NS      string        `xml:"xmlns,attr"`
	Fields  []customField `xml:"fields"`
}

type customField struct {
	Name          string `xml:"fullName"`
	CaseSensitive *bool  `xml:"caseSensitive,omitempty"`
	Default       string `xml:"defaultValue,omitempty"`
	Description   string `xml:"description"`
	External      bool   `xml:"externalId"`
	Help          string `xml:"inlineHelpText"`
	Label         string `xml:"label"`
	Length        int    `xml:"length,omitempty"`
	Required      *bool  `xml:"required,omitempty"`
	Type          string `xml:"type"`
	Unique        *bool  `xml:"unique,omitempty"`
}

type permissionSet struct {
	XMLName     xml.Name           `xml:"PermissionSet"`
	NS          string             `xml:"xmlns,attr"`
	Description string             `xml:"description"`
	Fields      []fieldPermission  `xml:"fieldPermissions"`
	Activation  bool               `xml:"hasActivationRequired"`
	Label       string             `xml:"label"`
	Objects     []objectPermission `xml:"objectPermissions"`
	User        []userPermission   `xml:"userPermissions"`
}

type fieldPermission struct {
	Editable bool   `xml:"editable"`
	Field    string `xml:"field"`
	Readable bool   `xml:"readable"`
}

type objectPermission struct {
	Create    bool   `xml:"allowCreate"`
	Delete    bool   `xml:"allowDelete"`
	Edit      bool   `xml:"allowEdit"`
	Read      bool   `xml:"allowRead"`
	ModifyAll bool   `xml:"modifyAllRecords"`
	Object    string `xml:"object"`
	ViewAll   bool   `xml:"viewAllRecords"`
}

type userPermission struct {
	Enabled bool   `xml:"enabled"`
	Name    string `xml:"name"`
}

type leadConvert struct {
	XMLName  xml.Name        `xml:"LeadConvertSettings"`
	NS       string          `xml:"xmlns,attr"`
	Mappings []objectMapping `xml:"objectMapping"`
}

type objectMapping struct {
	Input  string         `xml:"inputObject"`
	Fields []fieldMapping `xml:"mappingFields"`
	Output string         `xml:"outputObject"`
}

type fieldMapping struct {
	Input  string `xml:"inputField"`
	Output string `xml:"outputField"`
}

// packed is a file of a package.
type packed struct {
	name string
	body any
}

// Options of a package.
type Options struct {
	// Conversion has the package also say that a lead's fields of the set-up become those of its contact at a conversion. Deployed, it
	// takes the place of the mapping of custom fields that the org has: leave it out where there is one.
	Conversion bool
	// Permissionable tells whether the rights on a field that is shown can be set at all: on required and on system fields they cannot, and
	// naming one fails the whole deployment ("You cannot deploy to a required field").
	Permissionable func(object record.Object, field string) bool
}

// Package writes the zip that grants what is needed, in the form that the Metadata API takes: fields of the set-up, and a permission
// set. It grants no more than the matrix asks for, and deleting never.
func (m Matrix) Package(w io.Writer, o Options) error {
	fields := map[string][]customField{}
	var conversion []fieldMapping
	set := permissionSet{NS: namespace, Label: "Doppio Sync", Description: "What Doppio's sync user needs to keep Salesforce and Marketo in step"}
	for _, r := range m.Objects {
		for _, f := range r.Fields {
			made, ok := madeField(r.Object, f.Name)
			if f.Lacking { // one that is there stays as it is
				file := fileOf(r.Object)
				fields[file] = append(fields[file], made.field())
			}
			if ok && r.Object == record.Lead && !made.Key { // an id belongs to one record only: the contact gets its own from Doppio
				conversion = append(conversion, fieldMapping{made.Name, made.Name})
			}
			if m.grantable(r.Object, f, o) {
				set.Fields = append(set.Fields, fieldPermission{Editable: f.Edit == Granted || f.Edit == Missing, Field: string(r.Object) + "." + f.Name, Readable: true})
			}
		}
		if hasRights(r.Object) {
			set.Objects = append(set.Objects, objectPermission{Create: r.Create != Unneeded, Edit: r.Edit != Unneeded || r.Create != Unneeded, Read: true, Object: string(r.Object), ViewAll: true})
		}
	}
	for _, r := range m.Rights {
		if name, ok := userPermissions[r.Name]; ok {
			set.User = append(set.User, userPermission{true, name})
		}
	}
	files := []packed{{"package.xml", m.manifest(fields, o.Conversion && len(conversion) > 0)}}
	for _, object := range slices.Sorted(maps.Keys(fields)) {
		files = append(files, packed{"objects/" + object + ".object", customObject{NS: namespace, Fields: fields[object]}})
	}
	if o.Conversion && len(conversion) > 0 {
		files = append(files, packed{"LeadConvertSettings/LeadConvertSettings.LeadConvertSetting", leadConvert{NS: namespace, Mappings: []objectMapping{{"Lead", conversion, "Contact"}}}})
	}
	files = append(files, packed{"permissionsets/" + PermissionSet + ".permissionset", set})
	z := zip.NewWriter(w)
	for _, f := range files {
		var b bytes.Buffer
		b.WriteString(xml.Header)
		e := xml.NewEncoder(&b)
		e.Indent("", "    ")
		if err := e.Encode(f.body); err != nil {
			return err
		}
		b.WriteByte('\n')
		to, err := z.Create(f.name)
		if err != nil {
			return err
		}
		if _, err := to.Write(b.Bytes()); err != nil {
			return err
		}
	}
	return z.Close()
}

// userPermissions are the Metadata API's names of user rights.
var userPermissions = map[string]string{"API Enabled": "ApiEnabled", "View Setup and Configuration": "ViewSetup", "Edit Tasks": "EditTask"}

// manifest lists what the package holds.
func (m Matrix) manifest(fields map[string][]customField, conversion bool) manifest {
	var names []string
	for _, object := range slices.Sorted(maps.Keys(fields)) {
		for _, f := range fields[object] {
			names = append(names, object+"."+f.Name)
		}
	}
	p := manifest{NS: namespace, Version: metadataVersion}
	if len(names) > 0 {
		p.Types = append(p.Types, typeList{names, "CustomField"})
	}
	if conversion {
		p.Types = append(p.Types, typeList{[]string{"LeadConvertSettings"}, "LeadConvertSettings"})
	}
	p.Types = append(p.Types, typeList{[]string{PermissionSet}, "PermissionSet"})
	return p
}

// grantable tells whether the set may name a field.
func (m Matrix) grantable(o record.Object, f FieldRow, opts Options) bool {
	switch {
	case f.Lacking:
		return true
	case f.Read == Missing:
		return !sometimes(f.Name) // a package must name nothing that is not there
	}
	return opts.Permissionable(o, f.Name)
}

// hasRights tells whether an object has rights of its own in a permission set: a contact role goes with its opportunity, a campaign
// member with its campaign, tasks and users have rights of the user.
func hasRights(o record.Object) bool {
	return !slices.Contains([]record.Object{record.User, record.OpportunityContactRole, record.CampaignMember, record.Task}, o)
}

// fileOf is the object whose file defines a field: tasks have the fields of Activity.
func fileOf(o record.Object) string {
	if o == record.Task {
		return "Activity"
	}
	return string(o)
}

// field is the field's definition.
func (m Made) field() customField {
	no := false
	f := customField{Name: m.Name, Label: m.Label, Description: m.Help, Help: m.Help}
	if m.Text == 0 {
		f.Type, f.Default = "Checkbox", "false"
		return f
	}
	f.Type, f.Length, f.External = "Text", m.Text, m.Key
	f.CaseSensitive, f.Required, f.Unique = &no, &no, &m.Key
	return f
}
