package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

const (
	tokenPath = "/oauth/token"

	grantClientCredentials = "client_credentials"
	grantTokenExchange     = "urn:ietf:params:oauth:grant-type:token-exchange"

	// SubjectUserID is the subject_token_type of a user's ID.
	SubjectUserID = "urn:gosocial:user-id"
	// SubjectJWT is that of an assertion which the client has signed (RFC 8693 §3).
	SubjectJWT = "urn:ietf:params:oauth:token-type:jwt"

	issuedAccessToken = "urn:ietf:params:oauth:token-type:access_token"

	leastLeft  = 30 * time.Second // of a token that is given out
	retryLater = 5 * time.Second  // Retry-After where the provider says none
)

// A tokenError is an answer of an error (RFC 6749 §5.2), with further members.
type tokenError struct {
	status      int
	Code        string     `json:"error"`
	Description string     `json:"error_description,omitempty"`
	Since       *time.Time `json:"since,omitempty"`
	Missing     []string   `json:"missing_scopes,omitempty"`
	wait        time.Duration
}

func (e *tokenError) Error() string { return "gateway: " + e.Code + ": " + e.Description }

func refused(code, description string) *tokenError {
	return &tokenError{status: http.StatusBadRequest, Code: code, Description: description}
}

func invalidRequest(description string) *tokenError { return refused("invalid_request", description) }

// token answers POST /oauth/token.
func (g *Gateway) token(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	form, err := input.Form(w, r)
	if err != nil || len(form) == 0 { // as of a body of another type
		g.refuseToken(w, r, TokenRefused{}, invalidRequest("the body is no form: application/x-www-form-urlencoded is expected"))
		return
	}
	for name, values := range form {
		// resource and audience may come several times (RFC 8693 §2.1).
		if len(values) > 1 && name != "resource" && name != "audience" {
			g.refuseToken(w, r, TokenRefused{}, invalidRequest("a parameter comes more than once"))
			return
		}
	}
	client, id, err := g.authenticate(ctx, r, form)
	if err != nil {
		g.refuseToken(w, r, TokenRefused{ClientID: id}, err)
		return
	}
	ctx = audit.WithActor(ctx, audit.Actor{Kind: audit.ActorClient, ID: client.ID})
	switch form.Get("grant_type") {
	case grantClientCredentials:
		err = g.clientCredentials(w, client, form)
	case grantTokenExchange:
		err = g.exchange(ctx, w, client, form)
	case "":
		err = invalidRequest("grant_type is missing")
	default:
		err = refused("unsupported_grant_type", "grant_type is neither "+grantClientCredentials+" nor "+grantTokenExchange)
	}
	if err != nil {
		g.refuseToken(w, r.WithContext(ctx), TokenRefused{ClientID: client.ID}, err)
	}
}

// refuseToken answers with an error, and records it.
func (g *Gateway) refuseToken(w http.ResponseWriter, r *http.Request, e TokenRefused, err error) {
	var answer *tokenError
	switch {
	case errors.As(err, &answer):
	case errors.Is(err, errInvalidClient), errors.Is(err, errAssertion):
		answer = &tokenError{status: http.StatusUnauthorized, Code: "invalid_client", Description: "the client is unknown, or its secret or assertion is wrong"}
		if r.Header.Get("Authorization") != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="gateway"`) // RFC 6749 §5.2
		}
	default:
		g.log.ErrorContext(r.Context(), "gateway: a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		answer = &tokenError{status: http.StatusInternalServerError, Code: "server_error", Description: "something unexpected happened; the log has the cause"}
	}
	e.Code = answer.Code
	if answer.status < http.StatusInternalServerError {
		if err := g.record(r.Context(), e); err != nil {
			g.log.ErrorContext(r.Context(), "gateway: a refusal is not recorded", "error", err)
		}
	}
	if answer.wait > 0 {
		reply.RetryAfter(w.Header(), answer.wait)
	}
	reply.JSON(w, answer.status, answer)
}

// clientCredentials answers a client with a token for the gateway (RFC 6749 §4.4).
func (g *Gateway) clientCredentials(w http.ResponseWriter, c *Client, form url.Values) error {
	scopes := c.Scopes
	if form.Has("scope") {
		narrow, err := ParseScopes(form.Get("scope"))
		if err != nil || !c.Scopes.Contains(narrow) || len(narrow) == 0 {
			return refused("invalid_scope", "a scope is unknown, or is not one of the client's")
		}
		scopes = narrow
	}
	token, err := g.issue(c, scopes)
	if err != nil {
		return err
	}
	reply.JSON(w, http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int64(TokenLifetime / time.Second), "scope": scopes.String(),
	})
	return nil
}

// exchange answers a client with a user's access token (RFC 8693).
func (g *Gateway) exchange(ctx context.Context, w http.ResponseWriter, c *Client, form url.Values) error {
	if t := form.Get("requested_token_type"); t != "" && t != issuedAccessToken {
		return invalidRequest("requested_token_type is not " + issuedAccessToken)
	}
	if form.Has("actor_token") {
		return invalidRequest("actor_token is not supported")
	}
	ctx, userID, err := g.subject(ctx, c, form)
	if err != nil {
		return err
	}
	conn, err := g.target(ctx, c, userID, form)
	if err != nil {
		return err
	}
	scopes := form.Get("scope")
	token, current, err := g.accessToken(ctx, conn, scopes)
	if err != nil {
		return err
	}
	given := TokenGiven{vault.Subject{Tenant: conn.Tenant, ConnectionID: conn.ID, UserID: conn.UserID, ProviderID: conn.ProviderID}, c.ID}
	if err := g.record(ctx, given); err != nil {
		return err
	}
	answer := map[string]any{
		"access_token": token.Access.Reveal(), "issued_token_type": issuedAccessToken, "token_type": "Bearer",
		"scope": Scopes(current.Scopes).String(), "connection_id": conn.ID,
	}
	if !token.Expiry.IsZero() {
		answer["expires_in"] = expiresIn(token.Expiry, g.now())
	}
	reply.JSON(w, http.StatusOK, answer)
	return nil
}

// subject returns the user whom a token exchange is about, and a context of the user's tenant.
func (g *Gateway) subject(ctx context.Context, c *Client, form url.Values) (context.Context, string, error) {
	text := form.Get("subject_token")
	if text == "" {
		return ctx, "", invalidRequest("subject_token is missing")
	}
	userID, tenantID := text, form.Get("tenant")
	switch form.Get("subject_token_type") {
	case SubjectUserID:
		if !c.Scopes.Has(PowerToken) {
			return ctx, "", refused("unauthorized_client", "the client has not the power "+PowerToken+"; a signed assertion ("+SubjectJWT+") needs none")
		}
	case SubjectJWT:
		claims, signer, err := g.assertion(ctx, text)
		if err == nil && signer.ID == c.ID {
			err = g.once(ctx, c, claims)
		} else if err == nil {
			err = errAssertion
		}
		if errors.Is(err, errAssertion) {
			return ctx, "", invalidRequest("subject_token is malformed, expired, used already, for another server, or not signed by a key of the client")
		}
		if err != nil {
			return ctx, "", err
		}
		userID, tenantID = claims.Subject, claims.Tenant
	case "":
		return ctx, "", invalidRequest("subject_token_type is missing")
	default:
		return ctx, "", invalidRequest("subject_token_type is neither " + SubjectUserID + " nor " + SubjectJWT)
	}
	if tenantID == "" {
		tenantID, _ = c.Scopes.onlyTenant()
	}
	ctx = tenant.With(ctx, tenantID)
	if !c.Scopes.Tenant(tenant.From(ctx)) {
		return ctx, "", invalidRequest("the user is not known to this client")
	}
	return ctx, userID, nil
}

// target returns the connection that a token exchange names: by the ID of a connection or
// provider, or by an address of the provider's API.
func (g *Gateway) target(ctx context.Context, c *Client, userID string, form url.Values) (vault.Connection, error) {
	names, addresses := form["audience"], form["resource"]
	switch {
	case len(names)+len(addresses) == 0:
		return vault.Connection{}, invalidRequest("audience or resource is missing: it says which provider or connection")
	case len(names)+len(addresses) > 1:
		return vault.Connection{}, refused("invalid_target", "one audience or resource can be asked for at a time")
	}
	var id string
	var err error
	if len(names) == 1 {
		id = names[0]
	} else if id, err = g.providerAt(ctx, c, addresses[0]); err != nil {
		return vault.Connection{}, err
	}
	return g.connectionOf(ctx, c.Scopes, userID, id)
}

// connectionOf returns a user's connection by its ID, or the default one to a provider. What
// is not within the scopes is as if it were not there.
func (g *Gateway) connectionOf(ctx context.Context, scopes Scopes, userID, id string) (vault.Connection, error) {
	noTarget := refused("invalid_target", "there is no such provider or connection")
	if vault.IsConnectionID(id) {
		conn, err := g.vault.Own(ctx, userID, id)
		if errors.Is(err, vault.ErrNoConnection) || err == nil && !scopes.Provider(conn.ProviderID) {
			return conn, noTarget
		}
		return conn, err
	}
	if !scopes.Provider(id) {
		return vault.Connection{}, noTarget
	}
	if _, err := g.vault.Provider(ctx, id); errors.Is(err, vault.ErrUnknownProvider) {
		return vault.Connection{}, noTarget
	} else if err != nil {
		return vault.Connection{}, err
	}
	conn, err := g.vault.Default(ctx, userID, id)
	if errors.Is(err, vault.ErrNoConnection) {
		return conn, refused("not_connected", "the user has not connected this provider")
	}
	return conn, err
}

// providerAt returns the provider to whose hosts an address belongs, among those of the
// client's.
func (g *Gateway) providerAt(ctx context.Context, c *Client, address string) (id string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return "", refused("invalid_target", "resource is no address")
	}
	all, err := g.vault.Providers(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range all {
		if !c.Scopes.Provider(p.ID) {
			continue
		}
		client, err := g.vault.Provider(ctx, p.ID)
		if err != nil {
			return "", err
		}
		if client.Allows(ctx, u) {
			if id != "" {
				return "", refused("invalid_target", "several providers have this host: name one as audience")
			}
			id = p.ID
		}
	}
	if id == "" {
		return "", refused("invalid_target", "no provider has this host")
	}
	return id, nil
}

// accessToken returns a connection's token, refreshed when too little of it is left, and the
// connection as it is then.
func (g *Gateway) accessToken(ctx context.Context, conn vault.Connection, scopes string) (oauth.Token, vault.Connection, error) {
	token, err := g.vault.TokenFor(ctx, conn, leastLeft)
	if err != nil {
		return token, conn, g.tokenFailure(ctx, conn, err)
	}
	current, err := g.vault.Connection(ctx, conn.ID)
	if err != nil {
		return token, conn, g.tokenFailure(ctx, conn, err)
	}
	if missing := g.missing(ctx, &current, scopes); len(missing) > 0 {
		e := refused("missing_scopes", "the user has not granted these scopes")
		e.Missing = missing
		return token, current, e
	}
	return token, current, nil
}

// missing returns which of the scopes that are asked for the connection has not.
func (g *Gateway) missing(ctx context.Context, c *vault.Connection, scopes string) []string {
	wanted := input.Scopes(scopes)
	if len(wanted) == 0 {
		return nil
	}
	client, err := g.vault.Provider(ctx, c.ProviderID)
	if err != nil {
		return nil
	}
	return client.Description().MissingScopes(wanted, c.Scopes)
}

// tokenFailure says why there is no token.
func (g *Gateway) tokenFailure(ctx context.Context, c vault.Connection, err error) error {
	var pe *oauth.ProviderError
	switch {
	case errors.Is(err, vault.ErrNeedsReauthorization):
		e := refused("needs_reauthorization", "the user has to connect the account again")
		if now, err := g.vault.Connection(ctx, c.ID); err == nil && !now.StatusSince.IsZero() {
			since := now.StatusSince.UTC()
			e.Since = &since
		}
		return e
	case errors.Is(err, vault.ErrNoConnection):
		return refused("not_connected", "the user has not connected this provider")
	case errors.Is(err, vault.ErrSuspended):
		return refused("invalid_target", "the connection is suspended")
	case errors.Is(err, vault.ErrUnknownProvider):
		return refused("invalid_target", "the provider is not configured any more")
	case errors.Is(err, oauth.ErrNoToken):
		return refused("invalid_target", "the provider gave no access token")
	case errors.As(err, &pe), errors.Is(err, vault.ErrPaused), errors.Is(err, vault.ErrRefreshing), errors.Is(err, context.DeadlineExceeded):
		e := &tokenError{status: http.StatusServiceUnavailable, Code: "temporarily_unavailable",
			Description: "the provider gives no new token at the moment", wait: retryLater}
		if pe != nil && pe.RetryAfter > 0 {
			e.wait = pe.RetryAfter
		}
		return e
	}
	return err
}
