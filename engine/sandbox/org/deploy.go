package org

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
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

// metadataManifest is package.xml.
type metadataManifest struct {
	Types []struct {
		Members []string `xml:"members"`
		Name    string   `xml:"name"`
	} `xml:"types"`
	Version string `xml:"version"`
}

// metadataObject is what this org reads of objects/Lead.object.
type metadataObject struct {
	Fields []struct {
		Name    string `xml:"fullName"`
		Label   string `xml:"label"`
		Type    string `xml:"type"`
		Length  string `xml:"length"`
		Default string `xml:"defaultValue"`
	} `xml:"fields"`
}

// metadataConversion is LeadConvertSettings.
type metadataConversion struct {
	Mappings []struct {
		Output string `xml:"outputObject"`
		Fields []struct {
			Input  string `xml:"inputField"`
			Output string `xml:"outputField"`
		} `xml:"mappingFields"`
	} `xml:"objectMapping"`
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
	User []struct {
		Enabled bool   `xml:"enabled"`
		Name    string `xml:"name"`
	} `xml:"userPermissions"`
}

// metadata answers vNN/metadata/deployRequest: a zip of custom fields, permission sets and the mapping of a lead's custom fields at its
// conversion, as far as package.xml names them. Fields that this org knows and lacks appear; any other is a failure. A deploy is finished
// when it is asked for, whole or not at all.
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
	u := &unpacking{o: o, deployment: d, named: map[string]bool{}}
	u.manifest(archive)
	for _, f := range archive.File {
		u.file(f)
	}
	u.missing()
	if len(d.failures) == 0 && !d.checkOnly {
		for _, step := range u.apply {
			step()
		}
		c.wrote += len(d.successes)
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
