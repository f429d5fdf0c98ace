package vault

import (
	"fmt"
	"io"
)

// Format writes a name alone, for every verb. By itself fmt would print tokens
// and client secrets that stand in unexported fields, where it does not ask an
// secret.Text how it wants to be printed.
func (v *Vault) Format(f fmt.State, _ rune) { io.WriteString(f, "vault") }

// Format writes a name alone; see Vault.Format.
func (t *transport) Format(f fmt.State, _ rune) {
	io.WriteString(f, "transport of connection "+t.conn.ID)
}

// Format writes a name alone; see Vault.Format.
func (s tokenSource) Format(f fmt.State, _ rune) {
	io.WriteString(f, "token source of connection "+s.c.ID)
}
