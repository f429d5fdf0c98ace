package mongostore

import (
	"fmt"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/escape"
)

// text is a string of any bytes. BSON's strings are UTF-8.
type text string

// MarshalBSONValue implements bson.ValueMarshaler.
func (t text) MarshalBSONValue() (byte, []byte, error) {
	kind, data, err := bson.MarshalValue(escape.Text(string(t)))
	return byte(kind), data, err
}

// UnmarshalBSONValue implements bson.ValueUnmarshaler.
func (t *text) UnmarshalBSONValue(kind byte, data []byte) error {
	s, ok := bson.RawValue{Type: bson.Type(kind), Value: data}.StringValueOK()
	if !ok {
		return fmt.Errorf("a text is stored as %s", bson.Type(kind))
	}
	*t = text(escape.Undo(s))
	return nil
}

// keyIn is the key of a name in a tenant. No two tenants have a key in common, and the
// keys of one tenant have the order of the names.
func keyIn(tenant, name string) text { return text(strconv.Itoa(len(tenant)) + ":" + tenant + name) }

// byIDIn filters the document of an ID in a tenant.
func byIDIn(tenant, id string) bson.D { return bson.D{{Key: "_id", Value: keyIn(tenant, id)}} }

// nameKey is what an e-mail address or username is compared by within its tenant:
// without ASCII case. It is "" for none.
func nameKey(tenant, name string) text {
	if name == "" {
		return ""
	}
	return keyIn(tenant, accounts.Fold(name))
}

func textsOf(list []string) []text {
	texts := make([]text, len(list))
	for i, s := range list {
		texts[i] = text(s)
	}
	return texts
}

// stringsOf is the reverse of textsOf; none is nil.
func stringsOf(texts []text) []string {
	if len(texts) == 0 {
		return nil
	}
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = string(t)
	}
	return list
}
