package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The messages of MongoDB's protocol that the driver sends: OP_MSG, and OP_QUERY for
// the first greeting, whose answer is an OP_REPLY.
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013

	headerSize = 16
	maxMessage = 48_000_000
)

// A message is one command, or one answer.
type message struct {
	id, answers, code int32
	body              bson.D
}

func read(r io.Reader) (message, error) {
	var header [4]int32
	if err := binary.Read(r, binary.LittleEndian, &header); err != nil {
		return message{}, err
	}
	m := message{id: header[1], answers: header[2], code: header[3]}
	if header[0] < headerSize || header[0] > maxMessage {
		return m, fmt.Errorf("a message of %d bytes", header[0])
	}
	rest := make([]byte, header[0]-headerSize)
	if _, err := io.ReadFull(r, rest); err != nil {
		return m, err
	}
	var err error
	switch m.code {
	case opMsg:
		m.body, err = sections(rest[4:]) // after the flags
	case opQuery:
		_, after, found := bytes.Cut(rest[4:], []byte{0})
		if !found || len(after) < 8 {
			return m, errors.New("a malformed OP_QUERY")
		}
		err = bson.Unmarshal(after[8:], &m.body)
	default:
		err = fmt.Errorf("a message with code %d", m.code)
	}
	return m, err
}

// sections joins the sections of an OP_MSG: a command, and sequences of documents that
// are fields of it.
func sections(data []byte) (bson.D, error) {
	var body, sequences bson.D
	for len(data) > 0 {
		kind := data[0]
		data = data[1:]
		if len(data) < 4 || int(binary.LittleEndian.Uint32(data)) > len(data) {
			return nil, io.ErrUnexpectedEOF
		}
		section := data[:binary.LittleEndian.Uint32(data)]
		data = data[len(section):]
		if kind == 0 {
			if err := bson.Unmarshal(section, &body); err != nil {
				return nil, err
			}
			continue
		}
		name, documents, _ := bytes.Cut(section[4:], []byte{0})
		var list bson.A
		for len(documents) > 0 {
			size := binary.LittleEndian.Uint32(documents)
			list = append(list, bson.Raw(documents[:size]))
			documents = documents[size:]
		}
		sequences = append(sequences, bson.E{Key: string(name), Value: list})
	}
	return append(body, sequences...), nil
}

func write(w io.Writer, m message) error {
	body, err := bson.Marshal(m.body)
	if err != nil {
		return err
	}
	before := []byte{0, 0, 0, 0, 0} // OP_MSG: flags, and a section of kind 0
	if m.code == opReply {
		before = make([]byte, 20) // flags, cursor, start, count
		before[16] = 1
	}
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, []int32{int32(headerSize + len(before) + len(body)), m.id, m.answers, m.code})
	b.Write(before)
	b.Write(body)
	_, err = w.Write(b.Bytes())
	return err
}
