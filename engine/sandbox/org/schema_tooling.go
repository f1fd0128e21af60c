package org

import (
	"strconv"
	"strings"
	"time"
)

// tooling is an object that /tooling/query alone knows.
var tooling = objectFlags{tooling: true}

// defineTooling makes the objects that tell of the schema itself and of what may interfere with a write: rules, triggers,
// flows. This org has no flows and no workflow rules. Key prefixes of definitions are inventions: the real ones have none.
func (o *Org) defineTooling() {
	name := func(name, label string) *field { return text(name, label, 255) }
	entity := func() *field {
		return reference("EntityDefinitionId", "Entity Definition ID", "EntityDefinition", "EntityDefinition").searched()
	}
	table := func() *field { return name("TableEnumOrId", "Entity Enum Or ID").searched() }
	o.define("EntityDefinition", "Entity Definition", "Entity Definitions", "4e0", setup, []*field{
		idField("Entity Definition"), name("DurableId", "Durable ID"), name("QualifiedApiName", "Qualified API Name").searched(),
		name("DeveloperName", "Developer Name"), name("Label", "Label"), text("KeyPrefix", "Key Prefix", 3), checkbox("IsQueryable", "Is Queryable"),
	})
	o.define("FieldDefinition", "Field Definition", "Field Definitions", "4f0", setup, []*field{
		idField("Field Definition"), entity(), name("QualifiedApiName", "Qualified API Name"), name("DeveloperName", "Developer Name"),
		name("Label", "Label"), name("DataType", "Data Type"), number("int", "Length", "Length", 9, 0), checkbox("IsIndexed", "Is Indexed"),
		checkbox("IsCompound", "Is Compound"), name("Description", "Description"), datetime("LastModifiedDate", "Last Modified Date"),
	})
	o.define("CustomField", "Custom Field", "Custom Fields", "00N", tooling, join([]*field{
		idField("Custom Field"), name("DeveloperName", "Developer Name"), table(), text("NamespacePrefix", "Namespace Prefix", 15),
	}, tail()))
	o.define("ApexTrigger", "Apex Trigger", "Apex Triggers", "01q", tooling, join([]*field{
		idField("Apex Trigger"), name("Name", "Name").naming(), table(), text("Status", "Status", 40), text("NamespacePrefix", "Namespace Prefix", 15),
		checkbox("UsageBeforeInsert", "Before Insert"), checkbox("UsageBeforeUpdate", "Before Update"),
		checkbox("UsageAfterInsert", "After Insert"), checkbox("UsageAfterUpdate", "After Update"),
	}, tail()))
	o.define("ValidationRule", "Validation Rule", "Validation Rules", "03d", tooling, join([]*field{
		idField("Validation Rule"), name("ValidationName", "Rule Name"), entity(), checkbox("Active", "Active"), name("ErrorMessage", "Error Message"),
		name("ErrorDisplayField", "Error Display Field"), text("NamespacePrefix", "Namespace Prefix", 15),
	}, tail()))
	o.define("WorkflowRule", "Workflow Rule", "Workflow Rules", "01W", tooling, join([]*field{idField("Workflow Rule"), name("Name", "Name").naming(), table()}, tail()))
	o.define("FlowDefinitionView", "Flow Definition", "Flow Definitions", "3dd", setup, []*field{
		idField("Flow Definition"), name("DurableId", "Durable ID"), name("ApiName", "API Name"), name("Label", "Label"), name("ProcessType", "Process Type"),
		name("TriggerType", "Trigger Type"), reference("TriggerObjectOrEventId", "Trigger Object ID", "TriggerObjectOrEvent", "EntityDefinition"),
		name("TriggerObjectOrEventLabel", "Trigger Object Label"), name("RecordTriggerType", "Record Trigger Type"), checkbox("IsActive", "Active"),
		text("LatestVersionId", "Latest Version ID", 18),
	})
	for _, rule := range [][2]string{{"Duplicate", "0Bm"}, {"Matching", "0JD"}} {
		label := rule[0] + " Rule"
		o.define(rule[0]+"Rule", label, label+"s", rule[1], setup, join([]*field{
			idField(label), name("DeveloperName", "Developer Name"), name("MasterLabel", "Rule Name"), checkbox("IsActive", "Active"), name("SobjectType", "Object"),
		}, tail()))
	}
	o.define("AssignmentRule", "Assignment Rule", "Assignment Rules", "01Q", setup, join([]*field{
		idField("Assignment Rule"), name("Name", "Name").naming(), checkbox("Active", "Active"), name("SobjectType", "Object"),
	}, tail()))
}

// writeSchema makes the rows that tell of objects and fields, writeRules those that tell of the rules that are on.
func (o *Org) writeSchema() {
	o.rewrite([]string{"EntityDefinition", "FieldDefinition", "CustomField"}, func(put func(object string, values fields)) {
		for n, obj := range o.objects {
			plain := strings.TrimSuffix(obj.name, "__c")
			put("EntityDefinition", fields{
				"DurableId": obj.name, "QualifiedApiName": obj.name, "DeveloperName": plain, "Label": obj.label, "KeyPrefix": obj.prefix,
				"IsQueryable": strconv.FormatBool(!obj.flags.tooling),
			})
			for _, f := range obj.fields {
				if f.absent.Load() {
					continue
				}
				developer := strings.TrimSuffix(f.name, "__c")
				put("FieldDefinition", fields{
					"EntityDefinitionId": o.object("EntityDefinition").longID(uint64(n + 1)), "QualifiedApiName": f.name, "DeveloperName": developer,
					"Label": f.label, "DataType": f.dataType(), "Length": strconv.Itoa(f.length), "IsIndexed": strconv.FormatBool(f.indexed),
					"IsCompound": strconv.FormatBool(f.kind == "address"),
				})
				if f.custom {
					put("CustomField", fields{"DeveloperName": developer, "TableEnumOrId": obj.name})
				}
			}
		}
	})
}

func (o *Org) writeRules() {
	rules := o.businessRules()
	entity := map[string]string{}
	for n, obj := range o.objects {
		entity[obj.name] = o.object("EntityDefinition").longID(uint64(n + 1))
	}
	o.rewrite([]string{"ApexTrigger", "ValidationRule", "DuplicateRule", "MatchingRule", "AssignmentRule"}, func(put func(object string, values fields)) {
		for _, object := range []string{"Lead", "Contact"} {
			if rules.Poison != "" {
				put("ApexTrigger", fields{"Name": object + "Trigger", "TableEnumOrId": object, "Status": "Active", "UsageBeforeInsert": "true", "UsageBeforeUpdate": "true"})
			}
			if action := rules.Duplicates[object]; action != DuplicatesAllowed {
				put("DuplicateRule", fields{"DeveloperName": "Standard_" + object + "_Duplicate_Rule", "MasterLabel": "Standard " + object + " Duplicate Rule", "IsActive": "true", "SobjectType": object})
				put("MatchingRule", fields{"DeveloperName": "Standard_" + object + "_Match_Rule_v1_1", "MasterLabel": "Standard " + object + " Matching Rule", "IsActive": "true", "SobjectType": object})
			}
		}
		for n, v := range rules.Validations {
			display := ""
			if v.OnField {
				display = v.Field
			}
			put("ValidationRule", fields{
				"ValidationName": v.Object + "_" + v.Field + "_" + strconv.Itoa(n+1), "EntityDefinitionId": entity[v.Object], "Active": "true",
				"ErrorMessage": v.Message, "ErrorDisplayField": display,
			})
		}
		if rules.AssignLeadsTo != "" {
			put("AssignmentRule", fields{"Name": "Inbound leads", "Active": "true", "SobjectType": "Lead"})
		}
	})
}

// rewrite replaces the rows of objects that describe the org itself.
func (o *Org) rewrite(objects []string, fill func(put func(object string, values fields))) {
	c := o.internal()
	err := o.update(c, func() error {
		for _, name := range objects {
			obj := o.object(name)
			for row := range obj.table.ByID(0) {
				if err := c.tx.Delete(obj.table, row.ID()); err != nil {
					return err
				}
			}
		}
		p := planter{o, c, time.Date(2019, 3, 4, 9, 0, 0, 0, time.UTC), nil}
		next := map[string]uint64{}
		fill(func(object string, values fields) {
			next[object]++
			p.put(object, next[object], values)
		})
		return p.err
	})
	if err != nil {
		panic("org: what it says of itself cannot be written: " + err.Error())
	}
}

// dataType is a field's type as Setup shows it: "Text(40) (External ID) (Unique Case Insensitive)".
func (f *field) dataType() string {
	size := "(" + strconv.Itoa(f.length) + ")"
	kind := map[string]string{
		"string": "Text" + size, "textarea": "Text Area" + size, "picklist": "Picklist", "boolean": "Checkbox", "date": "Date",
		"datetime": "Date/Time", "email": "Email", "phone": "Phone", "url": "URL" + size, "address": "Address", "id": "Lookup()",
		"reference": "Lookup(" + strings.Join(f.references, ",") + ")", "int": "Number(" + strconv.Itoa(f.digits) + ", 0)",
		"double":   "Number(" + strconv.Itoa(f.precision-f.scale) + ", " + strconv.Itoa(f.scale) + ")",
		"currency": "Currency(" + strconv.Itoa(f.precision-f.scale) + ", " + strconv.Itoa(f.scale) + ")", "percent": "Percent",
	}[f.kind]
	if f.calculated {
		kind = "Formula (Text)"
	}
	if f.externalID {
		kind += " (External ID)"
	}
	if f.unique {
		kind += " (Unique Case Insensitive)"
	}
	return kind
}
