package org

import (
	"archive/zip"
	"encoding/xml"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// unpacking takes a package apart: what it holds, and how to put it into effect.
type unpacking struct {
	*deployment
	o     *Org
	named map[string]bool // by package.xml, "CustomField Lead.X"; true once it was found
	apply []func()
}

func (u *unpacking) fail(f, kind, full, problem string) {
	u.failures = append(u.failures, component{kind, full, f, problem})
}

// manifest reads what the package says that it holds; nothing else of it counts.
func (u *unpacking) manifest(archive *zip.Reader) {
	for _, f := range archive.File {
		if f.Name != "package.xml" {
			continue
		}
		var m metadataManifest
		if !u.content(f, &m) {
			return
		}
		if m.Version == "" {
			u.fail(f.Name, "", "package.xml", "No version specified in package.xml")
		}
		for _, t := range m.Types {
			for _, name := range t.Members {
				u.named[t.Name+" "+name] = false
			}
		}
		return
	}
	u.fail("package.xml", "", "package.xml", "No package.xml found")
}

// missing are the components that package.xml names and the zip does not hold.
func (u *unpacking) missing() {
	for _, key := range slices.Sorted(maps.Keys(u.named)) {
		if kind, name, _ := strings.Cut(key, " "); !u.named[key] {
			u.fail("package.xml", kind, name, "An object '"+name+"' of type "+kind+" was named in package.xml, but was not found in zipped directory")
		}
	}
}

// takes tells whether package.xml names a component.
func (u *unpacking) takes(kind, name string) bool {
	_, named := u.named[kind+" "+name]
	if named {
		u.named[kind+" "+name] = true
	}
	return named
}

func (u *unpacking) content(f *zip.File, into any) bool {
	file, err := f.Open()
	if err == nil {
		err = xml.NewDecoder(io.LimitReader(file, maxPackage)).Decode(into)
	}
	if err != nil {
		u.fail(f.Name, "", path.Base(f.Name), "Error parsing file: "+err.Error())
	}
	return err == nil
}

func (u *unpacking) file(f *zip.File) {
	name := strings.TrimSuffix(path.Base(f.Name), path.Ext(f.Name))
	switch path.Ext(f.Name) {
	case ".object":
		u.fields(f, name)
	case ".permissionset":
		if u.takes("PermissionSet", name) {
			u.set(f, name)
		}
	case ".LeadConvertSetting":
		if u.takes("LeadConvertSettings", name) {
			u.conversion(f, name)
		}
	}
}

func (u *unpacking) fields(f *zip.File, object string) {
	var list metadataObject
	if !u.content(f, &list) {
		return
	}
	for _, m := range list.Fields {
		full := object + "." + m.Name
		if !u.takes("CustomField", full) {
			continue
		}
		at := full
		if object == "Activity" { // tasks and events have its fields
			at = "Task." + m.Name
		}
		known := u.o.fieldByPath(at)
		switch {
		case m.Label == "" || m.Type == "":
			u.fail(f.Name, "CustomField", full, "Required fields are missing: [label, type]")
		case m.Type == "Text" && m.Length == "":
			u.fail(f.Name, "CustomField", full, "Must specify 'length' for a CustomField of type Text")
		case m.Type == "Checkbox" && m.Default == "":
			u.fail(f.Name, "CustomField", full, "Must specify 'defaultValue' for a CustomField of type Checkbox")
		case known == nil:
			u.fail(f.Name, "CustomField", full, "This org has no room for the field "+full)
		default:
			u.successes = append(u.successes, component{"CustomField", full, f.Name, ""})
			u.apply = append(u.apply, func() { u.o.SetFieldPresent(at, true) })
		}
	}
}

func (u *unpacking) set(f *zip.File, name string) {
	var set metadataSet
	if !u.content(f, &set) {
		return
	}
	for _, m := range set.Fields {
		switch known := u.o.fieldByPath(m.Field); {
		case known == nil || known.absent.Load() && !u.named["CustomField "+strings.Replace(m.Field, "Task.", "Activity.", 1)]:
			u.fail(f.Name, "PermissionSet", name, "In field: field - no CustomField named "+m.Field+" found")
		case !known.permissionable:
			u.fail(f.Name, "PermissionSet", name, "You cannot deploy to a required field: "+m.Field)
		}
	}
	for _, m := range set.Objects {
		if u.o.object(m.Object) == nil {
			u.fail(f.Name, "PermissionSet", name, "In field: object - no CustomObject named "+m.Object+" found")
		}
	}
	u.successes = append(u.successes, component{"PermissionSet", name, f.Name, ""})
	u.apply = append(u.apply, func() { u.o.keepSet(name, set) })
}

func (u *unpacking) conversion(f *zip.File, name string) {
	var settings metadataConversion
	if !u.content(f, &settings) {
		return
	}
	for _, m := range settings.Mappings {
		var mapped [][2]string
		for _, pair := range m.Fields {
			for _, full := range []string{"Lead." + pair.Input, m.Output + "." + pair.Output} {
				if u.o.fieldByPath(full) == nil {
					u.fail(f.Name, "LeadConvertSettings", name, "Invalid field: "+full)
				}
			}
			mapped = append(mapped, [2]string{pair.Input, pair.Output})
		}
		if m.Output == "Contact" {
			u.apply = append(u.apply, func() { u.o.mapConversion(mapped) })
		}
	}
	u.successes = append(u.successes, component{"LeadConvertSettings", name, f.Name, ""})
}
