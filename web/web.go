// Package web has the default pages around Social and its accounts: sign in,
// register, profile, connections. They are plain HTML forms that work without
// JavaScript, and every template and static file can be replaced by one of the
// application's own.
//
// Begin with [New] and mount its result at "/", wrapped in
// [accounts.Accounts.Middleware]. [Options] names the site and replaces files;
// [Web.Funcs] gives the application's own templates the providers' buttons. An
// application that has all pages itself uses social.Social.Handler instead.
package web

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/text"
)

// Options change the pages. The zero value is a site named Social.
type Options struct {
	// Site is the application's name, on every page; default "Social".
	Site string

	// Files replaces templates and static files, one by one: a file of the same
	// path as an embedded one is used instead of it. The paths are
	// templates/layout.html, templates/login.html, static/social.css and so on;
	// templates/more.html is empty, and home and profile end with it. Begin with a
	// copy of the embedded file, which shows the fields and functions that its page
	// has, and the blocks that it has to define. They may still change: New refuses
	// what does not fit.
	Files fs.FS

	// More returns what the template "more" finds in .More.
	More func(*http.Request) any

	// NoRegistration closes /register. For sign-up through a provider see
	// social.Config.SignUp.
	NoRegistration bool

	// PrefixPages puts the pages and static files below social.Config.URLPrefix too.
	// The application then sets social.Config.LoginPage, VerifyPage, PostLogin,
	// ConnectAllow and ConnectDeny, and accounts.Config.LoginPage, VerifyPage, DeletionPage
	// and PostLogin, to the pages' addresses there. Back-channel log-out stays where it is.
	PrefixPages bool

	// Scopes says in words what scopes allow, as in "see your calendar": by scope, or by
	// the provider's ID, a space and the scope. They go before the provider's own
	// (oauth.Description.ScopeText).
	Scopes map[string]string

	// PasswordMinLength is the length that the register page asks for; it should be
	// accounts.Config's. Default 8.
	PasswordMinLength int

	// Texts has the languages of the pages and their texts; default English, German,
	// Spanish and French. A page is in the language that the browser asks for. The same
	// catalog serves mails: see text.Catalog.
	Texts *text.Catalog

	// QR draws a text as a QR code in SVG, for authenticator applications: totp.QR of
	// accounts/totp. Without it the pages show the secret as text alone.
	QR func(text string) (svg string, err error)

	// Audit is the audit log, which users then see of their own account at
	// /security/activity. Default nil: there is no such page.
	Audit *audit.Log

	// Homes, when set, leads who enters an e-mail address and no password to the tenant whose
	// domain it has: *tenants.Directory is one, whose Middleware is then around all others.
	Homes Homes

	// Logger gets what went wrong; default slog.Default().
	Logger *slog.Logger
}

// Web serves the pages and Social's endpoints. It is an http.Handler for "/"; wrap
// it in accounts.Accounts.Middleware. It is safe for concurrent use.
type Web struct {
	soc       *social.Social
	acc       *accounts.Accounts
	opts      Options
	log       *slog.Logger
	texts     *text.Catalog
	languages map[*text.Language]*language
	marks     map[string]template.HTML
	static    *static
	buffers   sync.Pool // of *bytes.Buffer
	base      string    // precedes the paths of the pages
	endpoints http.Handler
	handler   http.Handler
}

// New returns the pages for soc, whose Users acc must be. It tries all templates where
// some are the application's: the error names the file, and the block in it, that does
// not parse, is missing, or asks for what its page does not have.
func New(soc *social.Social, acc *accounts.Accounts, options ...Options) (*Web, error) {
	var o Options
	switch len(options) {
	case 0:
	case 1:
		o = options[0]
	default:
		return nil, errors.New("web: more than one Options")
	}
	if o.Site == "" {
		o.Site = "Social"
	}
	if o.Files == nil {
		o.Files = embed.FS{}
	}
	if o.PasswordMinLength == 0 {
		o.PasswordMinLength = 8
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	w := &Web{soc: soc, acc: acc, opts: o, log: o.Logger}
	files := overlay{o.Files, embedded}
	var err error
	if w.texts = o.Texts; w.texts == nil {
		if w.texts, err = text.New(text.Options{}); err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
	}
	if o.PrefixPages {
		w.base = soc.Config().URLPrefix
	}
	if w.static, err = newStatic(files, w.base+staticPath); err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	if w.marks, err = readMarks(files); err != nil {
		return nil, fmt.Errorf("web: marks: %w", err)
	}
	if err = w.parse(files); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if w.handler, err = w.routes(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return w, nil
}

// ServeHTTP answers a request.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }
