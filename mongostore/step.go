package mongostore

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A made is a collection that is to be there, with indexes.
type made struct {
	collection string
	indexes    []index
}

type index struct {
	fields bson.D
	unique bool
}

// A schemaStep makes collections that accounts need, or that everybody does.
type schemaStep struct {
	accounts bool
	makes    []made
}

// steps are the schema's, in the order of versions, from 1 on. Making what is there
// already changes nothing, so that a step may be done twice, also by several at once.
var steps = []schemaStep{
	{false, []made{
		{"connections", []index{
			{up("tenant", "provider_id", "provider_user_id"), true},
			{up("tenant", "user_id", "provider_id", "rank", "_id"), false},
		}},
		{"owners", nil},
		{"claims", []index{{up("expires_at"), false}}},
		{"one_time", []index{{up("not_before", "_id"), false}, {up("expires_at"), false}}},
	}},
	{true, []made{
		{"users", []index{{up("tenant", "_id"), false}, {up("email_key"), true}, {up("username_key"), true}}},
		{"sessions", []index{
			{bson.D{{Key: "tenant", Value: 1}, {Key: "user_id", Value: 1}, {Key: "created_at", Value: -1}, {Key: "_id", Value: 1}}, false},
			{up("expires_at"), false},
		}},
		{"roles", []index{{up("tenant", "_id"), false}}},
		{"attempts", []index{{up("ends_at"), false}}},
	}},
}

// ofAccounts reports whether a collection is made by a step of accounts.
func ofAccounts(name string) bool {
	return slices.ContainsFunc(steps, func(s schemaStep) bool {
		return s.accounts && slices.ContainsFunc(s.makes, func(m made) bool { return m.collection == name })
	})
}

func up(fields ...string) bson.D {
	var keys bson.D
	for _, f := range fields {
		keys = append(keys, bson.E{Key: f, Value: 1})
	}
	return keys
}

// A Step is one that Migrate would do.
type Step struct {
	Version  int64
	Commands []string // as mongosh takes them
}

// Plan returns what Migrate would do, and does nothing. Whoever runs the commands by
// other means has migrated: they note the version too.
func (d *Documents) Plan(ctx context.Context) ([]Step, error) {
	status, err := d.Status(ctx)
	if err != nil {
		return nil, err
	}
	if status.Version > status.Latest {
		return nil, status.Err()
	}
	var plan []Step
	for _, version := range status.Pending {
		step := Step{Version: version}
		for _, c := range steps[version-1].makes {
			name := d.named(c.collection).of.Name()
			step.Commands = append(step.Commands, fmt.Sprintf("db.createCollection(%q)", name))
			for _, i := range c.indexes {
				fields, err := bson.MarshalExtJSON(i.fields, false, false)
				if err != nil {
					return nil, fmt.Errorf("mongostore: %w", err)
				}
				options := ""
				if i.unique {
					options = ", {unique: true, sparse: true}"
				}
				step.Commands = append(step.Commands, fmt.Sprintf("db.getCollection(%q).createIndex(%s%s)", name, fields, options))
			}
		}
		step.Commands = append(step.Commands, fmt.Sprintf("db.getCollection(%q).insertOne({_id: Long(\"%d\"), at: new Date()})",
			d.schema.of.Name(), version))
		plan = append(plan, step)
	}
	return plan, nil
}
