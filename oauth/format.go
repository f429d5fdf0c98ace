package oauth

import "fmt"

// Format writes the ID. fmt would print secrets in unexported fields, since it calls
// no methods of theirs.
func (c *oauth1Client) Format(f fmt.State, _ rune) { writeClient(f, c.about) }

// Format writes the ID.
func (c *oauth2Client) Format(f fmt.State, _ rune) { writeClient(f, c.about) }

// Format writes the ID.
func (c *oidcClient) Format(f fmt.State, _ rune) { writeClient(f, c.about) }

func writeClient(f fmt.State, d Description) { fmt.Fprintf(f, "%s client of %s", d.Protocol, d.ID) }
