package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/api/option"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/facebook"
	"github.com/gosocial/social/api/foursquare"
	"github.com/gosocial/social/api/github"
	"github.com/gosocial/social/api/google"
	"github.com/gosocial/social/api/twitter"
	"github.com/gosocial/social/api/x"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

type userKey struct{}

// users is an application's social.Users, which takes the user's ID from the context.
type users struct{}

func (users) CurrentUser(ctx context.Context) string {
	id, _ := ctx.Value(userKey{}).(string)
	return id
}

func (users) SignIn(http.ResponseWriter, *http.Request, identity.SignIn) error {
	return errors.New("these tests sign in no user")
}

func (users) SignOut(http.ResponseWriter, *http.Request) error { return nil }

func as(t *testing.T, user string) context.Context {
	return context.WithValue(t.Context(), userKey{}, user)
}

// connected makes an application with one provider and matt's connection to it.
func connected(t *testing.T, p oauth.Provider, token oauth.Token) *social.Social {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: "https://app.test", Providers: []oauth.Provider{p}, Connections: memstore.New(),
		Users: users{}, Keys: keys, AllowPrivateAddresses: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = soc.Vault().Connect(t.Context(), "matt", &oauth.Grant{
		ProviderID: p.Description().ID, Profile: oauth.Profile{Subject: "1"}, Token: token,
	})
	if err != nil {
		t.Fatal(err)
	}
	return soc
}

func register(p *socialtest.Provider) (oauth.Credentials, oauth.Token) {
	app := p.Register(socialtest.App{RequestEmail: true})
	return app, p.Grant(app.ClientID, "matt", "email", "public_profile")
}

func TestTwitterActsForTheUser(t *testing.T) {
	t.Parallel()
	pretend := socialtest.Start(t).Provider("twitter")
	app, token := register(pretend)
	p := providers.Twitter(app)
	p.Endpoints = pretend.Endpoints()
	soc := connected(t, p, token)
	ctx := as(t, "matt")

	tw, err := twitter.API(ctx, soc)
	if err != nil {
		t.Fatal(err)
	}
	// The token goes to the configured provider's host only.
	foreign := *tw
	foreign.BaseURL = twitter.BaseURL
	if _, err := foreign.Me(ctx); !errors.Is(err, vault.ErrForeignHost) {
		t.Fatalf("at another host: %v", err)
	}
	me, err := tw.Me(ctx)
	if err != nil || me.ID != "1700000000000000001" || me.ScreenName != "matt" || me.Email != "matt@lp.com" {
		t.Fatalf("%+v, %v", me, err)
	}
	const text = "Hello, Ladies & Gentlemen + ~ ☃ 100%"
	tweet, err := tw.PostUpdate(ctx, text)
	if err != nil || tweet.Text != text || tweet.ID == "" || tweet.CreatedAt.IsZero() || tweet.User.ScreenName != "matt" {
		t.Fatalf("%+v, %v", tweet, err)
	}
	if posts := pretend.Posts("matt"); len(posts) != 1 || posts[0].Text != text {
		t.Errorf("at the provider: %+v", posts)
	}
	list, err := tw.Timeline(ctx, twitter.Page{Count: 5})
	if err != nil || len(list) != 1 || list[0].ID != tweet.ID {
		t.Errorf("%+v, %v", list, err)
	}

	_, err = tw.PostUpdate(ctx, text)
	var refused *api.Error
	if !errors.As(err, &refused) || refused.Status != 403 || refused.Code != "187" || refused.Message == "" || refused.Provider != "twitter" {
		t.Errorf("a duplicate: %v", err)
	}
	pretend.RevokeTokens("matt")
	if _, err := tw.Me(ctx); !errors.As(err, &refused) || refused.Status != 401 || refused.Code != "89" {
		t.Errorf("after revocation: %v", err)
	}
}

// A source has one provider.
type source struct{ provider oauth.Provider }

func (s source) Provider(_ context.Context, id string) (oauth.Provider, error) {
	if id != s.provider.Description().ID {
		return nil, vault.ErrUnknownProvider
	}
	return s.provider, nil
}

func (s source) Providers(context.Context) ([]oauth.Provider, error) {
	return []oauth.Provider{s.provider}, nil
}

// The address of the API comes from the provider, also when a source has it.
func TestAddressOfTheAPI(t *testing.T) {
	t.Parallel()
	twitterAt := providers.Twitter(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	twitterAt.Endpoints.API = "https://proxy.test/1.1/"
	soc := connected(t, twitterAt, oauth.Token{Access: "a", Secret: "s"})
	c := soc.Config()
	c.Providers, c.Source = nil, source{twitterAt}
	fromSource, err := social.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for name, soc := range map[string]*social.Social{"a list": soc, "a source": fromSource} {
		tw, err := twitter.API(as(t, "matt"), soc)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if tw.BaseURL != "https://proxy.test/1.1" {
			t.Errorf("%s: the base URL is %s", name, tw.BaseURL)
		}
	}
	if _, err := api.Base(t.Context(), soc, "myspace"); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("an unknown provider: %v", err)
	}
}

func TestFoursquareActsForTheUser(t *testing.T) {
	t.Parallel()
	pretend := socialtest.Start(t).Provider("foursquare")
	app, token := register(pretend)
	p := providers.Foursquare(app)
	p.Endpoints = pretend.Endpoints()
	soc := connected(t, p, token)
	fs, err := foursquare.API(as(t, "matt"), soc)
	if err != nil {
		t.Fatal(err)
	}
	if me, err := fs.Self(t.Context()); err != nil || me.ID != "32000001" || me.FirstName != "Matt" || me.Contact.Email != "matt@lp.com" || me.Photo.URL("96x96") == "" {
		t.Errorf("%+v, %v", me, err)
	}
	pretend.RevokeTokens("matt")
	var refused *api.Error
	if _, err := fs.Self(t.Context()); !errors.As(err, &refused) || refused.Status != 401 || refused.Code != "invalid_auth" {
		t.Errorf("after revocation: %v", err)
	}
}

func TestFacebookActsForTheUser(t *testing.T) {
	t.Parallel()
	pretend := socialtest.Start(t).Provider("facebook")
	app, token := register(pretend)
	p := providers.Facebook(app)
	p.Endpoints = pretend.Endpoints()
	soc := connected(t, p, token)
	fb, err := facebook.API(as(t, "matt"), soc)
	if err != nil {
		t.Fatal(err)
	}
	if me, err := fb.Me(t.Context()); err != nil || me.ID != "10158000000000001" || me.Name != "Matt Cooper" || me.Email != "matt@lp.com" || me.Picture.Data.URL == "" {
		t.Errorf("%+v, %v", me, err)
	}
	var refused *api.Error
	if _, err := fb.Me(t.Context(), "nonsense"); !errors.As(err, &refused) || refused.Status != 400 || refused.Code != "100" {
		t.Errorf("an unknown field: %v", err)
	}
}

// bearerServer serves the answers to requests with the token.
func bearerServer(t *testing.T, token string, answers map[string]string) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.Method+" "+r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"message":"Bad credentials"}`)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"message":"Not Found"}`)
		default:
			io.WriteString(w, body)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestGitHubActsForTheUser(t *testing.T) {
	t.Parallel()
	srv := bearerServer(t, "gho_1", map[string]string{"GET /user": `{"id":9007199254740993,"login":"matt"}`})
	p := providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	p.Endpoints.API = srv.URL
	soc := connected(t, p, oauth.Token{Access: "gho_1"})
	gh, err := github.API(as(t, "matt"), soc)
	if err != nil {
		t.Fatal(err)
	}
	u, _, err := gh.Users.Get(t.Context(), "")
	if err != nil || u.GetLogin() != "matt" || u.GetID() != 9007199254740993 {
		t.Errorf("%v, %v", u, err)
	}
}

func TestGoogleActsForTheUser(t *testing.T) {
	t.Parallel()
	srv := bearerServer(t, "ya29.1", map[string]string{
		"GET /oauth2/v2/userinfo": `{"id":"117000000000000000001","email":"matt@lp.com","verified_email":true,"name":"Matt Cooper"}`,
		"GET /v1/people/me":       `{"resourceName":"people/117000000000000000001","names":[{"displayName":"Matt Cooper"}]}`,
	})
	p := providers.Google(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	p.Endpoints.API = srv.URL
	soc := connected(t, p, oauth.Token{Access: "ya29.1"})
	g, err := google.API(as(t, "matt"), soc, option.WithEndpoint(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	if u, err := g.UserInfo(t.Context()); err != nil || u.Id != "117000000000000000001" || u.Email != "matt@lp.com" {
		t.Errorf("%+v, %v", u, err)
	}
	s, err := g.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if person, err := s.People.Get("people/me").PersonFields("names").Do(); err != nil || person.ResourceName != "people/117000000000000000001" {
		t.Errorf("%+v, %v", person, err)
	}
	if len(g.Options()) != 2 {
		t.Errorf("%d options", len(g.Options()))
	}
}

func TestXUsesConnectionsOfEitherProtocol(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		io.WriteString(w, `{"data":{"id":"1","username":"`+scheme+`"}}`)
	}))
	defer srv.Close()
	oauth2 := providers.X(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	oauth2.Endpoints.API = srv.URL
	oauth1 := providers.Twitter(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	oauth1.Endpoints.API = srv.URL + "/1.1"
	for want, p := range map[string]oauth.Provider{"Bearer": oauth2, "OAuth": oauth1} {
		c, err := x.API(as(t, "matt"), connected(t, p, oauth.Token{Access: "a", Secret: "s"}))
		if err != nil {
			t.Fatal(err)
		}
		if c.BaseURL != srv.URL+"/2" {
			t.Errorf("%s: base URL %s", want, c.BaseURL)
		}
		if me, err := c.Me(t.Context()); err != nil || me.Username != want {
			t.Errorf("%s: %+v, %v", want, me, err)
		}
	}
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	soc := connected(t, providers.LinkedIn(oauth.Credentials{ClientID: "id", ClientSecret: "secret"}), oauth.Token{Access: "a"})
	for name, call := range map[string]func(context.Context) (any, error){
		"facebook":   func(ctx context.Context) (any, error) { return facebook.API(ctx, soc) },
		"foursquare": func(ctx context.Context) (any, error) { return foursquare.API(ctx, soc) },
		"github":     func(ctx context.Context) (any, error) { return github.API(ctx, soc) },
		"google":     func(ctx context.Context) (any, error) { return google.API(ctx, soc) },
		"twitter":    func(ctx context.Context) (any, error) { return twitter.API(ctx, soc) },
		"x":          func(ctx context.Context) (any, error) { return x.API(ctx, soc) },
		"signed out": func(context.Context) (any, error) {
			return api.Client(t.Context(), soc, "linkedin")
		},
		"another user": func(context.Context) (any, error) {
			return api.Client(as(t, "ana"), soc, "linkedin")
		},
	} {
		if _, err := call(as(t, "matt")); !errors.Is(err, vault.ErrNoConnection) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
