// Package keyring seals values under keys that change over time.
//
// A [Ring] seals under its first key and opens under all of them: [Parse] makes
// one of keys in text, [New] one of any AEAD, such as a Tink primitive. A sealed
// value names its key, and opens only with the associated data it was sealed
// with; see [Bind]. [Encoder] and [Decoder] lay out what is sealed.
package keyring
