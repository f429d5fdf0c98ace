// Command server serves FerretDB, which speaks MongoDB's protocol, on files in a
// new folder until its standard input ends. It prints two addresses: that of FerretDB,
// which has no transactions, and that of a front, which acts as a replica set of one
// member and executes one transaction after another.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	folder, err := os.MkdirTemp("", "ferretdb")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	address := server.MongoDBURI()
	ferret, err := mongo.Connect(options.Client().ApplyURI(address))
	if err != nil {
		return err
	}
	f := newFront(listener.Addr().String(), ferret)
	go f.serve(listener)
	fmt.Printf("%s mongodb://%s/\n", address, listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return <-ended
}
