package main

import "testing"

// The ID of a host is none of the catalog's, whose connections it would take over.
func TestIDOfHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"social.example.org": "socialexampleorg", "https://Git.Example.org:3000/forge": "gitexampleorg", "[::1]:8080": "1", "[::]": "work",
		"drop.box": "dropboxhost", "http://git.hub/x": "githubhost", "x": "xhost", "my-drop.box": "mydropbox",
	} {
		if got := idOf(host); got != want {
			t.Errorf("of %s: %s", host, got)
		}
	}
}
