package org

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// typeOf compiles a TYPEOF: what is written of a parent depends on which object it is of.
func (l *selection) typeOf(item *soql.TypeOf) (entry, error) {
	s := l.scope
	names := s.names(item.Relationship)
	name := names[len(names)-1]
	via := s.relationship([]*object{s.obj}, name)
	if via == nil || len(names) > 1 {
		return entry{}, s.refuse(item.Begin(), soql.InvalidField, soql.NoSuchRelationship(name))
	}
	chosen := map[*object][]*field{}
	columns := func(obj *object, paths []soql.Path) error {
		for _, p := range paths {
			f := s.readable(obj, p.String())
			if f == nil {
				return s.refuse(p.Pos, soql.InvalidField, soql.NoSuchColumn(p.String(), obj.name))
			}
			chosen[obj] = append(chosen[obj], f)
		}
		return nil
	}
	parents := s.parents(via)
	for _, branch := range item.When {
		obj := s.o.object(branch.Object.String())
		at := slices.Index(parents, obj)
		if at < 0 {
			return entry{}, s.refuse(branch.Object.Pos, soql.InvalidType, soql.NoSuchObject(branch.Object.String()))
		}
		parents = slices.Delete(parents, at, at+1)
		if err := columns(obj, branch.Then); err != nil {
			return entry{}, err
		}
	}
	for _, obj := range parents {
		if err := columns(obj, item.Else); err != nil {
			return entry{}, err
		}
	}
	steps := []step{{via}}
	return entry{via.relationship, func(b []byte, row table.Row) []byte {
		obj, at, ok := s.climb(row, steps)
		if !ok {
			return append(b, "null"...)
		}
		return l.o.appendRow(b, l.c, obj, at, chosen[obj])
	}}, nil
}
