package importedhash_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts/internal/importedhash"
)

// Hashes that the systems made match the password they were made of, and no other.
func TestHashesOfOtherSystems(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ System, Scheme, Password, Hash, Salt string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if v.Salt != "" || strings.Contains(v.Hash, "$argon2id$") {
			continue // not of the password, or read elsewhere
		}
		h, err := importedhash.Parse(v.Hash)
		if err != nil {
			t.Errorf("%s %s: %v", v.System, v.Scheme, err)
			continue
		}
		counts := func(password string) string {
			if h.Covers(password) {
				return password
			}
			return password[:72]
		}
		for _, password := range []string{v.Password, "x" + v.Password, v.Password + "x", v.Password[1:], "", strings.ToUpper(v.Password)} {
			if got, want := h.Matches(password), counts(password) == counts(v.Password); got != want {
				t.Errorf("%s %s: %q matches %t", v.System, v.Scheme, password, got)
			}
		}
		if cut := v.Scheme == "bcrypt" || v.Scheme == "bcrypt 2a"; h.Covers(strings.Repeat("x", 73)) == cut || !h.Covers(strings.Repeat("x", 72)) {
			t.Errorf("%s %s covers 73 bytes %t", v.System, v.Scheme, !cut)
		}
	}
}

const (
	bcrypt  = "VS0HEzap9rmr8B5Mz.W2BuLDeAeF4OLR3kL1WjnshjBarTID5Lqzu"
	key     = "ZAo5FL/UlCEDJgcC/aNXwFYOBmpRM/riWAB.K2C1734"
	std     = "F+BU+/PUBlmoYrNfaSYUs47tMiT48PVxWEcqOzzgjoU="
	raw     = "xVkjCMVmSNoNDmI9l3E/MTLDz/rmwMCy+r6YnorMdBg"
	hexKey  = "0fd01481f9e4035b8426c45a644e3c685bc63d9c8402054188269041c0b225aa"
	salt    = "9H4vxXjvPYdQKkVorTXmnA"
	tooLong = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const none = -1
	for hash, test := range map[string]struct {
		memory int64 // KiB
		err    error
	}{
		"":                               {none, importedhash.ErrUnknown},
		"password":                       {none, importedhash.ErrUnknown},
		"$1$salt$key":                    {none, importedhash.ErrUnknown},
		"$2$04$" + bcrypt:                {none, importedhash.ErrUnknown},
		"$2x$04$" + bcrypt:               {none, importedhash.ErrUnknown},
		"$2a$04$" + bcrypt:               {0, nil},
		"$2y$16$" + bcrypt:               {0, nil},
		"$2b$17$" + bcrypt:               {none, importedhash.ErrCost},
		"$2b$31$" + bcrypt:               {none, importedhash.ErrCost},
		"$2b$03$" + bcrypt:               {none, importedhash.ErrUnknown},
		"$2b$4$" + bcrypt:                {none, importedhash.ErrUnknown},
		"$2b$-4$" + bcrypt:               {none, importedhash.ErrUnknown},
		"$2b$+4$" + bcrypt:               {none, importedhash.ErrUnknown},
		"$2b$xx$" + bcrypt:               {none, importedhash.ErrUnknown},
		"$2b$04" + bcrypt:                {none, importedhash.ErrUnknown},
		"$2b$04$" + bcrypt[1:]:           {none, importedhash.ErrUnknown},
		"$2b$04$" + bcrypt + "x":         {none, importedhash.ErrUnknown},
		"$2b$04$+" + bcrypt[1:]:          {none, importedhash.ErrUnknown},
		"$2b$04${" + bcrypt[1:]:          {none, importedhash.ErrUnknown},
		"bcrypt$$2b$04$" + bcrypt:        {0, nil},
		"bcrypt$$2a$04$" + bcrypt:        {0, nil},
		"bcrypt$$2y$04$" + bcrypt:        {0, nil},
		"bcrypt$" + bcrypt:               {none, importedhash.ErrUnknown},
		"bcrypt_sha256$$2b$04" + "$":     {none, importedhash.ErrUnknown},
		"bcrypt_sha256$$2b$17$" + bcrypt: {none, importedhash.ErrCost},
		"$bcrypt-sha256$2b,12$" + bcrypt[:22] + "$" + bcrypt[22:]:         {0, nil},
		"$bcrypt-sha256$2a,12$" + bcrypt[:22] + "$" + bcrypt[22:]:         {0, nil},
		"$bcrypt-sha256$2x,12$" + bcrypt[:22] + "$" + bcrypt[22:]:         {none, importedhash.ErrUnknown},
		"$bcrypt-sha256$12$" + bcrypt[:22] + "$" + bcrypt[22:]:            {none, importedhash.ErrUnknown},
		"$bcrypt-sha256$v=2,t=2b,r=9$" + bcrypt[:22] + "$" + bcrypt[22:]:  {0, nil},
		"$bcrypt-sha256$v=2,t=2b,r=17$" + bcrypt[:22] + "$" + bcrypt[22:]: {none, importedhash.ErrCost},
		"$bcrypt-sha256$v=3,t=2b,r=9$" + bcrypt[:22] + "$" + bcrypt[22:]:  {none, importedhash.ErrUnknown},
		"$bcrypt-sha256$2b,12$" + bcrypt:                                  {none, importedhash.ErrUnknown},

		"$pbkdf2-sha256$1000$" + salt + "$" + key:               {0, nil},
		"$pbkdf2-sha256$10000000$" + salt + "$" + key:           {0, nil},
		"$pbkdf2-sha256$10000001$" + salt + "$" + key:           {none, importedhash.ErrCost},
		"$pbkdf2-sha256$4294967296$" + salt + "$" + key:         {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$0$" + salt + "$" + key:                  {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$x$" + salt + "$" + key:                  {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$0x10$" + salt + "$" + key:               {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$010$" + salt + "$" + key:                {0, nil},
		"$pbkdf2-sha256$1000$" + salt + "$" + key + "!":         {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$1000$" + salt + "$":                     {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$1000$" + salt + "$AAAAAAAAAAAAAAAAAAAA": {none, importedhash.ErrUnknown}, // 15 bytes
		"$pbkdf2-sha256$1000$" + salt + "$" + tooLong:           {none, importedhash.ErrUnknown}, // 65 bytes
		"$pbkdf2-sha256$1000$" + salt + "$" + tooLong[1:]:       {0, nil},
		"$pbkdf2-sha256$1000$" + salt:                           {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$1000$" + salt + "$" + key + "$":         {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$1000$!$" + key:                          {none, importedhash.ErrUnknown},
		"$pbkdf2-sha256$1000$" + salt + "$!" + key:              {none, importedhash.ErrUnknown},
		"$pbkdf2-sha224$1000$" + salt + "$" + key:               {none, importedhash.ErrUnknown},
		"pbkdf2_sha256$1000$salt$" + std:                        {0, nil},
		"pbkdf2_sha256$1000$salt$" + std[:43]:                   {none, importedhash.ErrUnknown},
		"pbkdf2_sha256$1000$" + std:                             {none, importedhash.ErrUnknown},
		"pbkdf2_md5$1000$salt$" + std:                           {none, importedhash.ErrUnknown},
		"pbkdf2:sha256:1000$salt$" + hexKey:                     {0, nil},
		"pbkdf2:sha256:1000$salt$" + hexKey[1:]:                 {none, importedhash.ErrUnknown},
		"pbkdf2:sha256$salt$" + hexKey:                          {none, importedhash.ErrUnknown},
		"pbkdf2:md5:1000$salt$" + hexKey:                        {none, importedhash.ErrUnknown},
		"pbkdf2:sha256:1000$" + hexKey:                          {none, importedhash.ErrUnknown},

		"$scrypt$ln=16,r=8,p=1$" + salt + "$" + raw:          {64 << 10, nil},
		"$scrypt$ln=17,r=64,p=16$" + salt + "$" + raw:        {1 << 20, nil},
		"$scrypt$ln=18,r=64,p=1$" + salt + "$" + raw:         {none, importedhash.ErrCost},
		"$scrypt$ln=10,r=65,p=1$" + salt + "$" + raw:         {none, importedhash.ErrCost},
		"$scrypt$ln=10,r=8,p=17$" + salt + "$" + raw:         {none, importedhash.ErrCost},
		"$scrypt$ln=31,r=64,p=1$" + salt + "$" + raw:         {none, importedhash.ErrCost},
		"$scrypt$ln=32,r=8,p=1$" + salt + "$" + raw:          {none, importedhash.ErrUnknown},
		"$scrypt$ln=0,r=8,p=1$" + salt + "$" + raw:           {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=0,p=1$" + salt + "$" + raw:          {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,p=1,r=8$" + salt + "$" + raw:          {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=8$" + salt + "$" + raw:              {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=8,1$" + salt + "$" + raw:            {none, importedhash.ErrUnknown},
		"$scrypt$ln=0x4,r=8,p=1$" + salt + "$" + raw:         {none, importedhash.ErrUnknown},
		"$scrypt$ln=4294967298,r=8,p=1$" + salt + "$" + raw:  {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=0x8,p=1$" + salt + "$" + raw:        {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=4294967296,p=1$" + salt + "$" + raw: {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=8,p=1$" + salt + "$" + raw[:41]:     {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=8,p=1$!$" + raw:                     {none, importedhash.ErrUnknown},
		"$scrypt$ln=10,r=8,p=1$" + salt:                      {none, importedhash.ErrUnknown},
		"scrypt$16384$salt$8$1$" + std:                       {16 << 10, nil},
		"scrypt$16383$salt$8$1$" + std:                       {none, importedhash.ErrUnknown},
		"scrypt$1$salt$8$1$" + std:                           {none, importedhash.ErrUnknown},
		"scrypt$16384$salt$8$1$" + raw:                       {none, importedhash.ErrUnknown},
		"scrypt$16384$salt$8$" + std:                         {none, importedhash.ErrUnknown},
		"scrypt:32768:8:1$salt$" + hexKey:                    {32 << 10, nil},
		"scrypt:32768:8$salt$" + hexKey:                      {none, importedhash.ErrUnknown},
		"scrypt:32768:8:1$salt$" + hexKey[:30]:               {none, importedhash.ErrUnknown},
		"scrypt:32768:8:1$salt$x" + hexKey[1:]:               {none, importedhash.ErrUnknown},
		"scrypt:32768:8:1$salt$" + hexKey + "x":              {none, importedhash.ErrUnknown},
		"scrypt:32768:8:1$" + hexKey:                         {none, importedhash.ErrUnknown},

		"$argon2i$v=19$m=65536,t=3,p=4$" + salt + "$" + raw:        {64 << 10, nil},
		"argon2$argon2i$v=19$m=1024,t=16,p=16$" + salt + "$" + raw: {1 << 10, nil},
		"$argon2i$v=19$m=1048577,t=3,p=4$" + salt + "$" + raw:      {none, importedhash.ErrCost},
		"$argon2i$v=19$m=1024,t=17,p=4$" + salt + "$" + raw:        {none, importedhash.ErrCost},
		"$argon2i$v=19$m=1024,t=1,p=17$" + salt + "$" + raw:        {none, importedhash.ErrCost},
		"$argon2i$v=19$m=1024,t=0,p=1$" + salt + "$" + raw:         {none, importedhash.ErrUnknown},
		"$argon2i$v=16$m=1024,t=1,p=1$" + salt + "$" + raw:         {none, importedhash.ErrUnknown},
		"$argon2i$m=1024,t=1,p=1$" + salt + "$" + raw:              {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1024,t=1$" + salt + "$" + raw:             {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1024,t=1,1$" + salt + "$" + raw:           {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=0x400,t=1,p=1$" + salt + "$" + raw:        {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=4294968320,t=1,p=1$" + salt + "$" + raw:   {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1048576,t=1,p=1$" + salt + "$" + raw:      {1 << 20, nil},
		"$argon2i$v=19$m=1024,t=1,p=1$" + salt + "!$" + raw:        {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1024,t=1,p=1$" + salt + "$" + raw + "!":   {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1024,t=1,p=1$" + salt + "$" + raw + "$":   {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1024,t=1,p=1$" + salt:                     {none, importedhash.ErrUnknown},
		"$argon2i$v=19$m=1024,t=1,p=1$AAAAAAAAAAA$" + raw:          {1 << 10, nil},                  // 8 bytes
		"$argon2i$v=19$m=1024,t=1,p=1$AAAAAAAAAA$" + raw:           {none, importedhash.ErrUnknown}, // 7 bytes
		"$argon2i$v=19$m=1024,t=1,p=1$" + salt + "$" + raw[:20]:    {none, importedhash.ErrUnknown},
		"$argon2d$v=19$m=1024,t=1,p=1$" + salt + "$" + raw:         {none, importedhash.ErrUnknown},
	} {
		h, err := importedhash.Parse(hash)
		memory := h.Memory()
		if err != nil {
			memory = none
		}
		if memory != test.memory || !errors.Is(err, test.err) {
			t.Errorf("%s: %d KiB, %v; want %d, %v", hash, memory, err, test.memory, test.err)
		}
		if err != nil && strings.Contains(err.Error(), "$") {
			t.Errorf("%s: the error has a part of it: %v", hash, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, hash := range []string{"$2b$04$" + bcrypt, "pbkdf2:sha256:1$salt$" + hexKey, "scrypt:2:1:1$salt$" + hexKey, "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + raw} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := importedhash.Parse(s)
		if err == nil && (h.Memory() < 0 || h.Memory() > 1<<20) {
			t.Errorf("%q takes %d KiB", s, h.Memory())
		}
	})
}
