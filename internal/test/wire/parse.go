package wire

import (
	"bytes"
	"encoding/binary"
	"io"
)

// A postgres reads what a client sends by PostgreSQL's protocol, version 3.
type postgres struct {
	note     func(statement string)
	begun    bool // the first message, which has no type, is behind
	prepared map[string]string
	unread   []byte
}

func newPostgres(note func(string)) io.Writer {
	return &postgres{note: note, prepared: map[string]string{}}
}

func (p *postgres) Write(b []byte) (int, error) {
	p.unread = append(p.unread, b...)
	for {
		kind, head := byte(0), 4
		if p.begun {
			head = 5
		}
		if len(p.unread) < head {
			return len(b), nil
		}
		if p.begun {
			kind = p.unread[0]
		}
		end := head - 4 + int(binary.BigEndian.Uint32(p.unread[head-4:]))
		if len(p.unread) < end {
			return len(b), nil
		}
		p.message(kind, p.unread[head:end])
		p.begun, p.unread = true, p.unread[end:]
	}
}

func (p *postgres) message(kind byte, body []byte) {
	texts := bytes.SplitN(body, []byte{0}, 3)
	switch kind {
	case 'P': // Parse: name and text
		p.prepared[string(texts[0])] = string(texts[1])
	case 'B': // Bind: portal and name
		p.note(p.prepared[string(texts[1])])
	case 'Q': // Query
		p.note(string(texts[0]))
	}
}

// A mysql reads what a client sends by MySQL's protocol.
type mysql struct {
	note   func(statement string)
	unread []byte
}

func newMySQL(note func(string)) io.Writer { return &mysql{note: note} }

func (m *mysql) Write(b []byte) (int, error) {
	const head, query = 4, 3
	m.unread = append(m.unread, b...)
	for len(m.unread) >= head {
		end := head + int(m.unread[0]) + int(m.unread[1])<<8 + int(m.unread[2])<<16
		if len(m.unread) < end {
			break
		}
		// Packets with another number than 0 are of the handshake.
		if body := m.unread[head:end]; m.unread[3] == 0 && len(body) > 0 && body[0] == query {
			m.note(string(body[1:]))
		}
		m.unread = m.unread[end:]
	}
	return len(b), nil
}
