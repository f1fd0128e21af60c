package org

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
)

// maxPackage bounds a deployed zip (Metadata API: 39 MB unpacked into base64's 50 MB).
const maxPackage = 39 << 20

// deployment is a finished deploy request.
type deployment struct {
	id        string
	checkOnly bool
	successes []component
	failures  []component
}

type component struct{ kind, name, file, problem string }

// metadataObject is what this org reads of objects/Lead.object.
type metadataObject struct {
	Fields []struct {
		Name string `xml:"fullName"`
	} `xml:"fields"`
}

// metadataSet is what this org reads of permissionsets/X.permissionset.
type metadataSet struct {
	Fields []struct {
		Editable bool   `xml:"editable"`
		Field    string `xml:"field"`
		Readable bool   `xml:"readable"`
	} `xml:"fieldPermissions"`
	Objects []struct {
		Object string `xml:"object"`
		Read   bool   `xml:"allowRead"`
		Create bool   `xml:"allowCreate"`
		Edit   bool   `xml:"allowEdit"`
		Delete bool   `xml:"allowDelete"`
		All    bool   `xml:"viewAllRecords"`
	} `xml:"objectPermissions"`
}

// metadata answers vNN/metadata/deployRequest: a zip of custom fields and permission sets. Fields that this org knows
// and lacks appear; any other is a failure. A permission set is taken as assigned to the sync user at once. A deploy is
// finished when it is asked for.
func (o *Org) metadata(c *call, tail []string) {
	switch {
	case len(tail) == 0 || !strings.EqualFold(tail[0], "deployRequest") || len(tail) > 2:
		c.fail(errNotFound)
	case !c.rights.modifyMetadata:
		c.fail(fault1(http.StatusForbidden, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id: metadata deployment needs Modify Metadata Through Metadata API Functions"))
	case len(tail) == 1:
		if c.allow(http.MethodPost) {
			o.deploy(c)
		}
	default:
		if !c.allow(http.MethodGet) {
			return
		}
		o.mu.Lock()
		d := o.deployments[tail[1]]
		o.mu.Unlock()
		if d == nil {
			c.fail(errNotFound)
			return
		}
		c.out.buf = d.append(c.out.buf, true)
		c.ok(http.StatusOK)
	}
}

func (o *Org) deploy(c *call) {
	options, packed, err := deployParts(c)
	if err != nil {
		c.fail(badRequest("INVALID_INPUT", "The deploy request needs the parts json and file: "+err.Error()))
		return
	}
	body, refusal := parseObject(options)
	if refusal != nil {
		c.fail(refusal)
		return
	}
	settings, _ := body.get("deployOptions")
	d := &deployment{id: "0Af5g00000" + o.opaque("deploy")[:8], checkOnly: settings.flag("checkOnly")}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		c.fail(badRequest("INVALID_INPUT", "The part file is not a zip archive"))
		return
	}
	var apply []func()
	for _, f := range archive.File {
		apply = append(apply, o.unpack(d, f)...)
	}
	if len(d.failures) == 0 && !d.checkOnly {
		for _, step := range apply {
			step()
		}
	}
	o.mu.Lock()
	o.deployments[d.id] = d
	o.mu.Unlock()
	c.out.buf = d.append(c.out.buf, false)
	c.ok(http.StatusCreated)
}

// deployParts takes the multipart body apart.
func deployParts(c *call) (options, packed []byte, err error) {
	_, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil {
		return nil, nil, err
	}
	parts := multipart.NewReader(c.stream, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		data, err := io.ReadAll(io.LimitReader(part, maxPackage))
		if err != nil {
			return nil, nil, err
		}
		switch part.FormName() {
		case "json", "entity_content":
			options = data
		case "file":
			packed = data
		}
	}
	if options == nil || packed == nil {
		return nil, nil, errors.New("one is missing")
	}
	return options, packed, nil
}

// unpack takes one file of the package: what it holds, and how to put it into effect.
func (o *Org) unpack(d *deployment, f *zip.File) (apply []func()) {
	name := strings.TrimSuffix(path.Base(f.Name), path.Ext(f.Name))
	fail := func(kind, full, problem string) {
		d.failures = append(d.failures, component{kind, full, f.Name, problem})
	}
	content := func(into any) bool {
		file, err := f.Open()
		if err == nil {
			err = xml.NewDecoder(io.LimitReader(file, maxPackage)).Decode(into)
		}
		if err != nil {
			fail("", name, "Error parsing file: "+err.Error())
		}
		return err == nil
	}
	switch path.Ext(f.Name) {
	case ".object":
		var object metadataObject
		if !content(&object) {
			return nil
		}
		for _, m := range object.Fields {
			full := name + "." + m.Name
			if o.fieldByPath(full) == nil {
				fail("CustomField", full, "This org has no room for the field "+full)
				continue
			}
			d.successes = append(d.successes, component{"CustomField", full, f.Name, ""})
			apply = append(apply, func() { o.SetFieldPresent(full, true) })
		}
	case ".permissionset":
		var set metadataSet
		if !content(&set) {
			return nil
		}
		for _, m := range set.Fields {
			switch known := o.fieldByPath(m.Field); {
			case known == nil:
				fail("PermissionSet", name, "In field: field - no CustomField named "+m.Field+" found")
			case !known.permissionable:
				fail("PermissionSet", name, "You cannot deploy to a required field: "+m.Field)
			default:
				apply = append(apply, func() { o.grantField(known, m.Readable, m.Editable) })
			}
		}
		for _, m := range set.Objects {
			apply = append(apply, func() { o.grantObject(m.Object, m.Read, m.Create, m.Edit, m.Delete, m.All) })
		}
		d.successes = append(d.successes, component{"PermissionSet", name, f.Name, ""})
	}
	return apply
}

// append writes the deployment; details names its components.
func (d *deployment) append(b []byte, finished bool) []byte {
	m := &member{append(b, '{')}
	m.text("id", d.id)
	m.raw("validatedDeployRequestId", "null")
	if !finished {
		m.raw("deployResult", "null")
	} else {
		m.key("deployResult")
		m.b = append(m.b, '{')
		status := "Succeeded"
		if len(d.failures) > 0 {
			status = "Failed"
		}
		m.text("id", d.id)
		m.text("status", status)
		m.flag("done", true)
		m.flag("success", len(d.failures) == 0)
		m.flag("checkOnly", d.checkOnly)
		m.number("numberComponentsTotal", len(d.successes)+len(d.failures))
		m.number("numberComponentsDeployed", len(d.successes))
		m.number("numberComponentErrors", len(d.failures))
		m.key("details")
		m.b = append(m.b, '{')
		m.components("componentFailures", d.failures)
		m.components("componentSuccesses", d.successes)
		m.b = append(m.b, "}}"...)
	}
	m.key("deployOptions")
	m.b = append(m.b, '{')
	m.flag("checkOnly", d.checkOnly)
	return append(m.b, "}}"...)
}

func (m *member) components(key string, list []component) {
	m.key(key)
	m.b = append(m.b, '[')
	for i, c := range list {
		if i > 0 {
			m.b = append(m.b, ',')
		}
		m.b = append(m.b, '{')
		m.text("componentType", c.kind)
		m.text("fullName", c.name)
		m.text("fileName", c.file)
		m.flag("success", c.problem == "")
		if c.problem != "" {
			m.text("problem", c.problem)
			m.text("problemType", "Error")
		}
		m.b = append(m.b, '}')
	}
	m.b = append(m.b, ']')
}
