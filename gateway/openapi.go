package gateway

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

const openAPIPath = "/openapi.json"

// An object is a JSON object.
type object = map[string]any

// parameters are the query parameters of all routes, by name.
var parameters = map[string]object{
	"after":     {"description": "where the page begins: next of the page before", "schema": object{"type": "string"}},
	"limit":     {"description": "how many at the most", "schema": object{"type": "integer", "minimum": 1, "maximum": largestPage, "default": defaultPage}},
	"user":      {"description": "the ID of a user", "schema": object{"type": "string"}},
	"provider":  {"description": "the ID of a provider", "schema": object{"type": "string"}},
	"status":    {"description": "the status of a connection", "schema": object{"enum": []string{"active", "failing", "needs_reauthorization"}}},
	"tenant":    {"description": "the ID of a tenant", "schema": object{"type": "string"}},
	"force":     {"description": "true removes a connection that is its user's last way to log in, too", "schema": object{"type": "boolean"}},
	"wait":      {"description": "for how many seconds to wait for an event", "schema": object{"type": "integer", "minimum": 0, "maximum": 55}},
	"client_id": {"description": "which credentials", "schema": object{"type": "string"}},
	"state":     {"description": "the state of a delivery", "schema": object{"enum": []string{"waiting", "delivered", "failed"}, "default": "failed"}},
}

var braces = regexp.MustCompile(`\{(\w+)\}`)

// openAPI returns the description of the gateway (OpenAPI 3.1).
func (g *Gateway) openAPI() ([]byte, error) {
	s := schemas{}
	paths := object{}
	for _, r := range g.table() {
		method, path, _ := strings.Cut(r.pattern, " ")
		operations, _ := paths[path].(object)
		if operations == nil {
			operations = object{}
			paths[path] = operations
		}
		operations[strings.ToLower(method)] = s.operation(&r, path)
	}
	paths[tokenPath] = object{"post": s.tokenOperation()}
	paths[openAPIPath] = object{"get": object{"operationId": "GET " + openAPIPath, "summary": "This document", "security": []object{},
		"responses": object{"200": answerOf("The document", object{"type": "object"})}}}
	paths["/proxy/{target}/{path}"] = s.proxyOperations()
	s["Problem"] = object{
		"type": "object", "description": "RFC 9457", "required": []string{"type", "title", "status"},
		"properties": object{
			"type": object{"type": "string"}, "title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string"},
			"code": object{"type": "string"}, "request_id": object{"type": "string"}, "missing_scopes": textList,
			"errors": object{"type": "array", "items": object{"type": "object", "properties": object{
				"field": object{"type": "string"}, "code": object{"type": "string"}, "detail": object{"type": "string"}}}},
		},
	}
	powers := object{}
	for power, does := range powerTexts {
		powers[power] = does
	}
	return json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info":    object{"title": "Gateway of Social", "version": "1", "description": "Acting for users from anywhere: tokens, connections, events and a proxy to providers' APIs."},
		"servers": []object{{"url": g.cfg.URL}},
		"paths":   paths,
		"components": object{"schemas": s, "securitySchemes": object{
			"client":      object{"type": "oauth2", "flows": object{"clientCredentials": object{"tokenUrl": g.cfg.URL + tokenPath, "scopes": powers}}},
			"credentials": object{"type": "http", "scheme": "basic", "description": "the client's ID and secret; they may be in the form, or an assertion by private_key_jwt"},
		}},
	}, "", "  ")
}

var textList = object{"type": "array", "items": object{"type": "string"}}

// powerTexts say what the powers of clients are for.
var powerTexts = map[string]string{
	PowerReadConnections: "see connections and events", PowerWriteConnections: "refresh, check and remove connections",
	PowerToken: "get users' access tokens", PowerProxy: "call providers' APIs", PowerLinks: "make connect links", PowerAdmin: "administer clients, tenants, applications and webhooks",
}

func answerOf(text string, schema object) object {
	return object{"description": text, "content": object{"application/json": object{"schema": schema}}}
}

func problemOf(status int) object {
	return object{"description": http.StatusText(status), "content": object{"application/problem+json": object{"schema": refTo("Problem")}}}
}

func refTo(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// operation describes a route.
func (s schemas) operation(r *route, path string) object {
	list := []object{}
	for _, m := range braces.FindAllStringSubmatch(path, -1) {
		list = append(list, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, name := range r.query {
		p := object{"name": name, "in": "query"}
		for key, value := range parameters[name] {
			p[key] = value
		}
		list = append(list, p)
	}
	answers := object{}
	success := object{"description": http.StatusText(r.status)}
	if r.answer != nil {
		success = answerOf(http.StatusText(r.status), s.of(r.answer, false))
	}
	answers[strconv.Itoa(r.status)] = success
	refusals := append([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError}, r.refusals...)
	if strings.Contains(path, "{") || len(r.query) > 0 {
		refusals = append(refusals, http.StatusNotFound)
	}
	for _, status := range refusals {
		answers[strconv.Itoa(status)] = problemOf(status)
	}
	o := object{"operationId": r.pattern, "summary": r.summary, "security": []object{{"client": []string{r.power}}}, "responses": answers}
	if len(list) > 0 {
		o["parameters"] = list
	}
	if r.body != nil {
		o["requestBody"] = object{"content": object{"application/json": object{"schema": s.of(r.body, true)}}}
	}
	return o
}

// tokenOperation describes POST /oauth/token.
func (s schemas) tokenOperation() object {
	text := object{"type": "string"}
	s["TokenError"] = object{"type": "object", "description": "RFC 6749 §5.2", "required": []string{"error"}, "properties": object{
		"error": text, "error_description": text, "missing_scopes": textList, "since": object{"type": "string", "format": "date-time"}, "connect_url": text}}
	failed := func(status int) object { return answerOf(http.StatusText(status), refTo("TokenError")) }
	return object{
		"operationId": "POST " + tokenPath, "summary": "Get a token for the gateway (RFC 6749 §4.4), or a user's access token (RFC 8693)",
		"security": []object{{"credentials": []string{}}, {}},
		"requestBody": object{"required": true, "content": object{"application/x-www-form-urlencoded": object{"schema": object{
			"type": "object", "required": []string{"grant_type"}, "properties": object{
				"grant_type": object{"enum": []string{grantClientCredentials, grantTokenExchange}}, "scope": text,
				"client_id": text, "client_secret": text, "client_assertion": text, "client_assertion_type": text,
				"subject_token": text, "subject_token_type": text, "requested_token_type": text,
				"audience": object{"type": "string", "description": "the ID of a provider or connection"}, "resource": object{"type": "string", "description": "an address of a provider's API"},
				"tenant": text,
			}}}}},
		"responses": object{
			"200": answerOf("The token", object{"type": "object", "required": []string{"access_token", "token_type", "scope"}, "properties": object{
				"access_token": text, "token_type": object{"const": "Bearer"}, "expires_in": object{"type": "integer"}, "scope": text,
				"issued_token_type": text, "connection_id": text}}),
			"400": failed(400), "401": failed(401), "500": failed(500), "503": failed(503),
		},
	}
}

// proxyOperations describe the proxy: every method, and paths of any depth.
func (s schemas) proxyOperations() object {
	text := object{"type": "string"}
	header := func(name, says string) object {
		return object{"name": name, "in": "header", "description": says, "schema": text}
	}
	operations := object{"parameters": []object{
		{"name": "target", "in": "path", "required": true, "description": "the ID of a connection, or of a provider with Social-User", "schema": text},
		{"name": "path", "in": "path", "required": true, "description": "below the address of the provider's API, of any depth, sent on as it is with the query", "schema": text},
		header("Social-User", "whose default connection to the provider"),
		header("Social-Host", "another of the provider's hosts"),
		header("Social-Wait", "how long a call may wait for a rate limit, such as 5s"),
	}}
	answers := object{"default": object{"description": "The provider's answer, as it is"}}
	for _, status := range []int{400, 401, 403, 404, 409, 429, 501, 502, 503} {
		answers[strconv.Itoa(status)] = object{"description": "The provider's answer, or the gateway's", "content": object{
			"application/problem+json": object{"schema": refTo("Problem")}, "*/*": object{}}}
	}
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} {
		o := object{"operationId": method + " /proxy", "summary": "Call a provider's API for a user", "security": []object{{"client": []string{PowerProxy}}}, "responses": answers}
		if method == "POST" || method == "PUT" || method == "PATCH" {
			o["requestBody"] = object{"content": object{"*/*": object{}}}
		}
		operations[strings.ToLower(method)] = o
	}
	return operations
}
