package fields

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

// Edit is what a person has made of mapping and winners so far. It is changed by making another: what was is undone by going back.
type Edit struct {
	Mapping app.MappingDocument `json:"mapping"`
	Winners app.Winners         `json:"winners"`
}

// object are the fields of an object in an edit.
func (e Edit) object(o record.Object) []app.MappingField {
	for _, x := range e.Mapping.Objects {
		if x.Salesforce == o {
			return x.Fields
		}
	}
	return nil
}

// with is the edit with other fields of an object, which takes part by that where it did not.
func (e Edit) with(o, twin record.Object, fields []app.MappingField) Edit {
	e.Mapping.Objects = slices.Clone(e.Mapping.Objects)
	for i := range e.Mapping.Objects {
		if e.Mapping.Objects[i].Salesforce == o {
			e.Mapping.Objects[i].Fields = fields
			return e
		}
	}
	e.Mapping.Objects = append(e.Mapping.Objects, app.MappingObject{Salesforce: o, Marketo: twin, Fields: fields})
	return e
}

// has reports whether a side's field is mapped for an object.
func (e Edit) has(o record.Object, side record.Side, name string) bool {
	return slices.ContainsFunc(e.object(o), func(f app.MappingField) bool { return strings.EqualFold(on(f, side), name) })
}

func on(f app.MappingField, side record.Side) string {
	if side == record.Salesforce {
		return f.Salesforce
	}
	return f.Marketo
}

// pair is a field of the page, mapped or not.
type pair struct {
	object              record.Object
	salesforce, marketo string
}

func pairOf(o record.Object, f app.MappingField) pair { return pair{o, f.Salesforce, f.Marketo} }

// find gives the mapped field of a pair, -1 where it is not mapped.
func (e Edit) find(p pair) (fields []app.MappingField, at int) {
	fields = e.object(p.object)
	return fields, slices.IndexFunc(fields, func(f app.MappingField) bool {
		return strings.EqualFold(f.Salesforce, p.salesforce) && strings.EqualFold(f.Marketo, p.marketo)
	})
}

// put adds a field, unless it is there.
func (e Edit) put(o, twin record.Object, f app.MappingField) Edit {
	fields, at := e.find(pairOf(o, f))
	if at >= 0 {
		return e
	}
	return e.with(o, twin, append(slices.Clone(fields), f))
}

// drop takes a field out.
func (e Edit) drop(p pair) Edit {
	fields, at := e.find(p)
	if at < 0 {
		return e
	}
	return e.with(p.object, "", slices.Delete(slices.Clone(fields), at, at+1))
}

// change changes a field.
func (e Edit) change(p pair, how func(*app.MappingField)) Edit {
	fields, at := e.find(p)
	if at < 0 {
		return e
	}
	fields = slices.Clone(fields)
	how(&fields[at])
	return e.with(p.object, "", fields)
}
