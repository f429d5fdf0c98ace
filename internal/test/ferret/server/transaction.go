package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// lifetime is how long a transaction may take before it is undone.
const lifetime = time.Minute

// A transaction has the turn from its first command to its end.
type transaction struct {
	id   string
	undo []image
	late *time.Timer
}

// An image is what is needed to undo a write.
type image struct {
	in       *mongo.Collection
	restore  []bson.Raw // documents before the write
	inserted []any      // keys of new documents
}

// key returns the ID of the transaction that a command is part of, "" for none.
func key(command bson.D) string {
	if field(command, "autocommit") != false {
		return ""
	}
	return fmt.Sprint(field(command, "lsid"), field(command, "txnNumber"))
}

func (f *front) begin(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = &transaction{id: id, late: time.AfterFunc(lifetime, func() { f.end(id, false) })}
}

// end ends the transaction, and undoes it unless keep is true.
func (f *front) end(id string, keep bool) bson.D {
	f.mu.Lock()
	defer f.mu.Unlock()
	tx := f.open
	if tx == nil || tx.id != id {
		return noSuchTransaction
	}
	f.close(keep)
	return done
}

func (f *front) close(keep bool) {
	f.open.late.Stop()
	if !keep {
		for _, i := range slices.Backward(f.open.undo) {
			i.undo()
		}
	}
	f.open = nil
	<-f.turn
}

// inside executes a command of a transaction.
func (f *front) inside(id string, command bson.D) bson.D {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil || f.open.id != id {
		return noSuchTransaction
	}
	i, writes := f.imageOf(command)
	if writes && f.conflicts > 0 {
		f.conflicts--
		f.close(false)
		return writeConflict
	}
	answer, ok := f.execute(command)
	if !ok {
		f.close(false)
		return answer
	}
	i.inserted = append(i.inserted, inserted(answer)...)
	f.open.undo = append(f.open.undo, i)
	return answer
}

// imageOf reads the documents that a command is about to change.
func (f *front) imageOf(command bson.D) (i image, writes bool) {
	database, _ := field(command, "$db").(string)
	name, _ := command[0].Value.(string)
	i.in = f.ferret.Database(database).Collection(name)
	each := func(list, filter string) {
		entries, _ := field(command, list).(bson.A)
		for _, e := range entries {
			var d bson.D
			raw, _ := e.(bson.Raw)
			if bson.Unmarshal(raw, &d) == nil {
				i.read(field(d, filter))
			}
		}
	}
	switch command[0].Key {
	case "insert":
		entries, _ := field(command, "documents").(bson.A)
		for _, e := range entries {
			raw, _ := e.(bson.Raw)
			i.inserted = append(i.inserted, raw.Lookup("_id"))
		}
	case "update":
		each("updates", "q")
	case "delete":
		each("deletes", "q")
	case "findAndModify":
		i.read(field(command, "query"))
	default:
		return i, false
	}
	return i, true
}

func (i *image) read(filter any) {
	cursor, err := i.in.Find(context.Background(), filter)
	if err != nil {
		return
	}
	var found []bson.Raw
	if cursor.All(context.Background(), &found) == nil {
		i.restore = append(i.restore, found...)
	}
}

// inserted returns the keys of the documents that an update inserted.
func inserted(answer bson.D) (keys []any) {
	list, _ := field(answer, "upserted").(bson.A)
	for _, e := range list {
		if d, ok := e.(bson.D); ok {
			keys = append(keys, field(d, "_id"))
		}
	}
	if last, ok := field(answer, "lastErrorObject").(bson.D); ok {
		if k := field(last, "upserted"); k != nil {
			keys = append(keys, k)
		}
	}
	return keys
}

func (i image) undo() {
	ctx := context.Background()
	for _, k := range i.inserted {
		i.in.DeleteOne(ctx, bson.D{{Key: "_id", Value: k}})
	}
	for _, d := range i.restore {
		i.in.ReplaceOne(ctx, bson.D{{Key: "_id", Value: d.Lookup("_id")}}, d, options.Replace().SetUpsert(true))
	}
}
