package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// clientsProgram is the program that syncs with jsforce and node-marketo-rest, in the folder where their packages are.
const clientsProgram = "first.mjs"

// ClientsMeasured is what that program took for a first sync, and how many records it wrote.
type ClientsMeasured struct {
	Taken
	Written map[string]int `json:"written"`
}

// clientsObject is an object of the mapping as the program takes it.
type clientsObject struct {
	Name   record.Object  `json:"name"`
	Twin   record.Object  `json:"twin"`
	Key    string         `json:"key,omitempty"`
	Fields []clientsField `json:"fields"`
}

type clientsField struct {
	Salesforce string `json:"salesforce"`
	Marketo    string `json:"marketo"`
	Both       bool   `json:"both,omitempty"`
	Person     bool   `json:"person,omitempty"` // it names a lead or contact, and Marketo wants the person's id
	Blank      string `json:"blank,omitempty"`  // what stands in Marketo for none
}

// measureClients has the program do a first sync of a pair, with the mapping that Doppio begins with.
func measureClients(ctx context.Context, folder string, pair ServedSandbox) (done ClientsMeasured, err error) {
	mapping, err := sampleMapping(ctx, pair)
	if err != nil {
		return done, err
	}
	input, err := json.Marshal(struct {
		ServedSandbox
		Mapping []clientsObject `json:"mapping"`
	}{pair, clientsMapping(mapping)})
	if err != nil {
		return done, err
	}
	command := exec.CommandContext(ctx, "node", clientsProgram)
	var said bytes.Buffer
	command.Dir, command.Stdin, command.Stderr = folder, bytes.NewReader(input), &said
	began := time.Now()
	out, err := command.Output()
	if err != nil {
		return done, fmt.Errorf("sync with jsforce and node-marketo-rest: %w: %s", err, said.String())
	}
	done.Taken = takenSince(began, command)
	return done, json.Unmarshal(out, &done.Written)
}

// clientsMapping is a mapping as the program takes it.
func clientsMapping(m schema.Mapping) (objects []clientsObject) {
	for _, o := range m.Objects {
		one := clientsObject{Name: o.Name, Twin: o.Twin, Key: o.Key}
		for _, f := range o.Fields {
			one.Fields = append(one.Fields, clientsField{
				f.Salesforce, f.Marketo, f.Direction == schema.Both, f.To.IsPerson(), f.Blank,
			})
		}
		objects = append(objects, one)
	}
	return objects
}

// sampleMapping is the mapping that a workspace of this pair begins with.
func sampleMapping(ctx context.Context, pair ServedSandbox) (m schema.Mapping, err error) {
	a, forget, err := benchWorkspace(ctx, pair)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, forget()) }()
	err = a.asSyncUser(ctx, sampleName, func(s *session) error {
		described, err := s.described(ctx)
		if err == nil {
			m = schema.Begin(described, a.world.now()).Travelling()
		}
		return err
	})
	return m, err
}
