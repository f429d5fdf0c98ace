package discover

import (
	"slices"
	"strings"
)

// recognisable are the entries of the catalog whose servers say what they are.
var recognisable = [...]struct {
	id string
	by func(*survey) *Found
}{{"mastodon", (*survey).mastodon}, {"forgejo", (*survey).forgejo}, {"gitea", (*survey).gitea}, {"gitlab", (*survey).gitLab}, {"nextcloud", (*survey).nextcloud}}

// Recognises reports whether Host can recognise the servers of the catalog's entry with the
// ID. A host that it does not recognise as one of them is most likely none.
func Recognises(id string) bool {
	for _, one := range recognisable {
		if one.id == id {
			return true
		}
	}
	return false
}

// software recognises servers that people run themselves and that the catalog has.
func (s *survey) software() (*Found, error) {
	for _, one := range recognisable {
		if found := one.by(s); found != nil {
			found.Settings.Parameters = map[string]string{"instance": s.base.String()}
			return found, nil
		}
	}
	return nil, nil
}

func (s *survey) mastodon() *Found {
	address := s.below(pathMastodon)
	instance := s.get(address)
	version := shown(instance.text("version"))
	if version == "" || instance.text("domain") == "" || instance.text("source_url") == "" {
		return nil
	}
	found := &Found{Software: "Mastodon " + version, Type: "mastodon", Documents: []string{address}, mastodon: true, Registration: s.below("/api/v1/apps")}
	if meta := s.get(wellKnown(s.base, authorizationServer)); meta.object != nil {
		found.Scopes = scopes(meta.server.Scopes)
		found.Documents = append(found.Documents, wellKnown(s.base, authorizationServer))
	}
	return found
}

func (s *survey) forgejo() *Found {
	return s.forge("Forgejo", "forgejo", pathForgejo)
}

func (s *survey) gitea() *Found {
	return s.forge("Gitea", "gitea", pathGitea)
}

// forge recognises Gitea and its descendants by their version and their log-in page.
func (s *survey) forge(name, id, path string) *Found {
	version := shown(s.get(s.below(path)).text("version"))
	document := s.below("/.well-known/" + openIDConfiguration)
	if version == "" || !strings.HasSuffix(s.get(document).server.Endpoints.Authorize, "/login/oauth/authorize") {
		return nil
	}
	return &Found{Software: name + " " + version, Type: id, Documents: []string{s.below(path), document}}
}

// gitLab recognises GitLab by a claim that is its own.
func (s *survey) gitLab() *Found {
	document := s.below("/.well-known/" + openIDConfiguration)
	m := s.get(document).server
	if !slices.ContainsFunc(m.Claims, func(claim string) bool { return strings.HasPrefix(claim, "https://gitlab.org/claims/") }) {
		return nil
	}
	return &Found{Software: "GitLab", Type: "gitlab", Scopes: scopes(m.Scopes), Documents: []string{document}}
}

func (s *survey) nextcloud() *Found {
	status := s.get(s.below(pathNextcloud))
	product, version := shown(status.text("productname")), shown(status.text("versionstring"))
	if !status.says("installed") || product == "" || version == "" {
		return nil
	}
	return &Found{Software: product + " " + version, Type: "nextcloud", Documents: []string{s.below(pathNextcloud)}}
}
