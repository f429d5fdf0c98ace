package app

// An EntryKey is a key of the configuration that an entry of the catalog has in addition to
// its credentials and parameters.
type EntryKey struct {
	Name    string
	Default string // "": it has to be given
	Help    string // what it is, for people
}

// EntryKeys returns the further keys of the catalog's entry with the ID, nil for most.
func EntryKeys(id string) []EntryKey {
	switch id {
	case "apple":
		return []EntryKey{
			{Name: "team_id", Help: "the ten characters of your team"},
			{Name: "key_id", Help: "the ten characters of the key"},
			{Name: "private_key", Help: "the key, in place of consumer_secret"},
		}
	case "microsoft":
		return []EntryKey{{Name: "tenant", Default: "common", Help: "who may sign in: common, organizations, consumers, or a tenant's ID or domain; the application's supported account types have to allow it"}}
	}
	return nil
}
