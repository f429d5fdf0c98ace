package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// A front answers as a replica set of one member and lets FerretDB execute the commands.
// It executes one command at a time, so that each is atomic, and no other one between
// those of a transaction. As MongoDB does, it ends a transaction in which a command fails.
type front struct {
	address string
	ferret  *mongo.Client
	turn    chan struct{} // has a value while a command or transaction is executed

	mu        sync.Mutex
	open      *transaction
	conflicts int
}

func newFront(address string, ferret *mongo.Client) *front {
	return &front{address: address, ferret: ferret, turn: make(chan struct{}, 1)}
}

func (f *front) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go f.converse(c)
	}
}

func (f *front) converse(c net.Conn) {
	defer c.Close()
	for {
		m, err := read(c)
		if err != nil {
			return
		}
		answer := message{answers: m.id, code: opMsg, body: f.answer(m.body)}
		if m.code == opQuery {
			answer.code = opReply
		}
		if err := write(c, answer); err != nil {
			return
		}
	}
}

var done = bson.D{{Key: "ok", Value: 1}}

// failed is the answer with an error of MongoDB's server. Its label asks the driver to
// begin the transaction again.
func failed(code int32, name string) bson.D {
	return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "codeName", Value: name}, {Key: "errmsg", Value: name},
		{Key: "errorLabels", Value: bson.A{"TransientTransactionError"}}}
}

var (
	writeConflict     = failed(112, "WriteConflict")
	noSuchTransaction = failed(251, "NoSuchTransaction")
)

func (f *front) answer(command bson.D) bson.D {
	switch name := command[0].Key; name {
	case "hello", "isMaster", "ismaster":
		return f.hello()
	case "endSessions":
		return done
	case "conflicts": // makes the next writes in transactions fail, as many as it says
		f.mu.Lock()
		defer f.mu.Unlock()
		n, _ := command[0].Value.(int32)
		f.conflicts = int(n)
		return done
	case "commitTransaction", "abortTransaction":
		return f.end(key(command), name == "commitTransaction")
	}
	id := key(command)
	switch {
	case id == "":
		f.turn <- struct{}{}
		defer func() { <-f.turn }()
		answer, _ := f.execute(command)
		return answer
	case field(command, "startTransaction") == true:
		f.turn <- struct{}{}
		f.begin(id)
	}
	return f.inside(id, command)
}

func (f *front) hello() bson.D {
	return bson.D{{Key: "helloOk", Value: true}, {Key: "ismaster", Value: true}, {Key: "isWritablePrimary", Value: true},
		{Key: "setName", Value: "rs0"}, {Key: "setVersion", Value: 1}, {Key: "hosts", Value: bson.A{f.address}},
		{Key: "primary", Value: f.address}, {Key: "me", Value: f.address}, {Key: "logicalSessionTimeoutMinutes", Value: 30},
		{Key: "maxBsonObjectSize", Value: 16 << 20}, {Key: "maxMessageSizeBytes", Value: maxMessage},
		{Key: "maxWriteBatchSize", Value: 100_000}, {Key: "localTime", Value: time.Now()},
		{Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "readOnly", Value: false}, {Key: "ok", Value: 1}}
}

func field(d bson.D, name string) any {
	for _, e := range d {
		if e.Key == name {
			return e.Value
		}
	}
	return nil
}

// frontOnly are the fields that FerretDB does not know.
var frontOnly = map[string]bool{"lsid": true, "txnNumber": true, "startTransaction": true, "autocommit": true,
	"readConcern": true, "writeConcern": true, "$clusterTime": true, "$readPreference": true, "maxTimeMS": true, "$db": true}

// execute lets FerretDB execute a command and reports whether it succeeded.
func (f *front) execute(command bson.D) (answer bson.D, ok bool) {
	var plain bson.D
	for _, e := range command {
		if !frontOnly[e.Key] {
			plain = append(plain, e)
		}
	}
	database, _ := field(command, "$db").(string)
	raw, err := f.ferret.Database(database).RunCommand(context.Background(), plain).Raw()
	var single mongo.CommandError
	var several mongo.WriteException
	switch {
	case errors.As(err, &single):
		return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: single.Code}, {Key: "codeName", Value: single.Name},
			{Key: "errmsg", Value: single.Message}}, false
	case errors.As(err, &several):
		raw = several.Raw
	case err != nil:
		return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: 1}, {Key: "errmsg", Value: err.Error()}}, false
	}
	if failed := bson.Unmarshal(raw, &answer); failed != nil {
		return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: 1}, {Key: "errmsg", Value: failed.Error()}}, false
	}
	return answer, err == nil && field(answer, "writeErrors") == nil
}
