package mysql

import "testing"

// This test calls checkVersion itself, because the tests start one version of one server.
func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"10.11.19-MariaDB-0+deb12u1": true, "10.6.0-MariaDB": true, "11.8.2-MariaDB-ubu2404": true, "12.0.1-MariaDB": true,
		"10.5.29-MariaDB": false, "5.5.68-MariaDB": false,
		"8.0.16": true, "8.0.43-0ubuntu0.24.04.1": true, "8.4.6": true, "9.4.0": true,
		"8.0.15": false, "5.7.44-log": false, "8.0.11-TiDB-v7.5.0": false,
		"cloud": true, "": true,
	} {
		if err := checkVersion(version); (err == nil) != want {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// What a server without TLS cannot show.
func TestEncryption(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"mysql://ann@db/app":                 "preferred",
		"mysql://ann@db/app?tls=true":        "true",
		"mysql://ann@db/app?tls=false":       "false",
		"mysql://ann@db/app?socket=/run/s":   "",
		"ann:pass@tcp(db:3306)/app":          "preferred",
		"ann:pass@tcp(db:3306)/app?tls=true": "true",
		"ann:pass@unix(/run/mysql.sock)/app": "",
	} {
		c, err := parse(address)
		if err != nil || c.TLSConfig != want {
			t.Errorf("%s: %q, %v, want %q", address, c.TLSConfig, err, want)
		}
	}
}
