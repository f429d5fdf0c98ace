package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosocial/social/schema"
)

// A step makes collections with their indexes.
type step struct {
	accounts    bool // ConnectionsOnly leaves it out
	collections []collectionStep
}

type collectionStep struct {
	name    string
	indexes []index
}

type index struct {
	fields bson.D
	kind   indexKind
}

type indexKind int

const (
	plain indexKind = iota
	unique
	sparse // leaves out documents without the field, as a unique one does
)

// steps are those of the schema, from version 1 on. A step can be done again, also by
// several processes at once.
var steps = []step{
	{false, []collectionStep{
		{"connections", []index{
			{up("provider_id", "provider_user_id", "tenant"), unique}, // so that an account is found in all tenants
			{up("tenant", "user_id", "provider_id", "rank", "_id"), plain},
		}},
		{"owners", nil},
		{"claims", []index{{up("expires_at"), plain}}},
		{"one_time", []index{{up("not_before", "_id"), plain}}},
		{"audit", []index{
			{up("tenant", "_id"), plain}, {up("tenant", "user_id", "_id"), plain}, {up("tenant", "event", "_id"), plain},
			{up("position", "_id"), plain},
		}},
		{"audit_last", nil},
	}},
	{true, []collectionStep{
		{"users", []index{{up("tenant", "_id"), plain}, {up("email_key"), unique}, {up("username_key"), unique}, {up("deletion_at"), sparse}}},
		{"sessions", []index{
			{bson.D{{Key: "tenant", Value: 1}, {Key: "user_id", Value: 1}, {Key: "created_at", Value: -1}, {Key: "_id", Value: 1}}, plain},
			{up("expires_at"), plain},
			{up("provider_session"), sparse},
		}},
		{"roles", []index{{up("tenant", "_id"), plain}}},
		{"attempts", []index{{up("ends_at"), plain}}},
		{"factors", []index{{up("tenant", "user_id", "kind", "factor_id"), plain}}},
		{"api_tokens", []index{{up("tenant", "user_id"), plain}, {up("expires_at"), plain}}},
		{"tickets", []index{{up("hash"), unique}, {up("tenant", "user_id"), plain}, {up("expires_at"), plain}}},
	}},
	{false, []collectionStep{
		{"documents", []index{
			{up("kind", "tenant", "id"), plain}, {up("kind", "owner", "id"), plain}, {up("kind", "due_at", "id"), plain},
		}},
	}},
}

// ofAccounts reports whether a step of accounts makes the collection.
func ofAccounts(name string) bool {
	return slices.ContainsFunc(steps, func(s step) bool {
		return s.accounts && slices.ContainsFunc(s.collections, func(c collectionStep) bool { return c.name == name })
	})
}

// up are the ascending fields of an index.
func up(fields ...string) bson.D {
	var keys bson.D
	for _, f := range fields {
		keys = append(keys, bson.E{Key: f, Value: 1})
	}
	return keys
}

// Plan implements schema.Migrator.
func (d *database) Plan(ctx context.Context) ([]schema.Step, error) {
	status, err := d.Status(ctx)
	if err != nil {
		return nil, err
	}
	if err := status.Err(); errors.Is(err, schema.ErrNewer) {
		return nil, fmt.Errorf("mongostore: %w", err)
	}
	var plan []schema.Step
	for _, version := range status.Pending {
		var commands []string
		for _, c := range steps[version-1].collections {
			name := d.named(c.name).of.Name()
			commands = append(commands, fmt.Sprintf("db.createCollection(%q)", name))
			for _, i := range c.indexes {
				fields, err := bson.MarshalExtJSON(i.fields, false, false)
				if err != nil {
					return nil, fmt.Errorf("mongostore: %w", err)
				}
				options := map[indexKind]string{unique: ", {unique: true, sparse: true}", sparse: ", {sparse: true}"}[i.kind]
				commands = append(commands, fmt.Sprintf("db.getCollection(%q).createIndex(%s%s)", name, fields, options))
			}
		}
		commands = append(commands, fmt.Sprintf("db.getCollection(%q).insertOne({_id: Long(\"%d\"), at: new Date()})",
			d.schema.of.Name(), version))
		plan = append(plan, schema.Step{Version: version, Statements: commands})
	}
	return plan, nil
}
