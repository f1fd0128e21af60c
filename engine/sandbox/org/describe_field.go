package org

// soapTypes are the XML types by describe's type; all others are strings.
var soapTypes = map[string]string{
	"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
	"currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime", "address": "urn:address",
}

// appendFieldDescribe appends a field's entry of describe, in the order and with the keys of recorded answers.
// createable and updateable include what the user may do.
func appendFieldDescribe(b []byte, c *call, f *field) []byte {
	m := &member{append(b, '{')}
	m.flag("aggregatable", f.aggregatable)
	m.flag("aiPredictionField", false)
	m.flag("autoNumber", false)
	m.number("byteLength", f.byteLength())
	m.flag("calculated", f.calculated)
	m.text("calculatedFormula", f.calculatedFormula)
	m.flag("cascadeDelete", false)
	m.flag("caseSensitive", false)
	m.text("compoundFieldName", f.compound)
	m.text("controllerName", f.controller)
	m.flag("createable", c.rights.createsField(f))
	m.flag("custom", f.custom)
	m.key("defaultValue")
	switch {
	case f.kind == "boolean":
		m.b = append(m.b, f.defaultBoolean()...)
	case f.kind == "picklist" || f.defaultValue == "":
		m.b = append(m.b, "null"...)
	default:
		m.b = appendString(m.b, f.defaultValue)
	}
	m.raw("defaultValueFormula", "null")
	m.flag("defaultedOnCreate", f.defaulted)
	m.flag("dependentPicklist", f.controller != "")
	m.flag("deprecatedAndHidden", false)
	m.number("digits", f.digits)
	m.flag("displayLocationInDecimal", false)
	m.flag("encrypted", false)
	m.flag("externalId", f.externalID)
	m.text("extraTypeInfo", f.extra)
	m.flag("filterable", f.filterable)
	m.raw("filteredLookupInfo", "null")
	m.flag("formulaTreatNullNumberAsZero", false)
	m.flag("groupable", f.groupable)
	m.flag("highScaleNumber", false)
	m.flag("htmlFormatted", f.htmlFormatted)
	m.flag("idLookup", f.idLookup)
	m.raw("inlineHelpText", "null")
	m.text("label", f.label)
	m.number("length", f.length)
	m.raw("mask", "null")
	m.raw("maskType", "null")
	m.text("name", f.name)
	m.flag("nameField", f.nameField)
	m.flag("namePointing", len(f.references) > 1)
	m.flag("nillable", f.nillable)
	m.flag("permissionable", f.permissionable)
	m.key("picklistValues")
	m.b = f.appendPicklist(m.b)
	m.flag("polymorphicForeignKey", len(f.references) > 1)
	m.number("precision", f.precision)
	m.flag("queryByDistance", false)
	m.raw("referenceTargetField", "null")
	m.key("referenceTo")
	m.b = append(m.b, '[')
	for i, to := range f.references {
		if i > 0 {
			m.b = append(m.b, ',')
		}
		m.b = appendString(m.b, to)
	}
	m.b = append(m.b, ']')
	m.text("relationshipName", f.relationship)
	m.raw("relationshipOrder", "null")
	m.flag("restrictedDelete", false)
	m.flag("restrictedPicklist", f.restricted)
	m.number("scale", f.scale)
	m.flag("searchPrefilterable", f.kind == "reference")
	soap, ok := soapTypes[f.kind]
	if !ok {
		soap = "xsd:string"
	}
	m.text("soapType", soap)
	m.flag("sortable", f.sortable)
	m.text("type", f.kind)
	m.flag("unique", f.unique)
	m.flag("updateable", c.rights.updatesField(f))
	m.flag("writeRequiresMasterRead", false)
	return append(m.b, '}')
}

// byteLength is three bytes a character for texts; ids are plain.
func (f *field) byteLength() int {
	if f.kind == "id" || f.kind == "reference" {
		return f.length
	}
	return 3 * f.length
}

func (f *field) defaultBoolean() string {
	if f.defaultValue == "true" {
		return "true"
	}
	return "false"
}

func (f *field) appendPicklist(b []byte) []byte {
	b = append(b, '[')
	for i, v := range f.picklist {
		if i > 0 {
			b = append(b, ',')
		}
		m := &member{append(b, '{')}
		m.flag("active", true)
		m.flag("defaultValue", v == f.defaultValue)
		label := v
		if f.labels != nil {
			label = f.labels[i]
		}
		m.text("label", label)
		valid := ""
		if f.validFor != nil {
			valid = f.validFor[i]
		}
		m.text("validFor", valid)
		m.text("value", v)
		b = append(m.b, '}')
	}
	return append(b, ']')
}
