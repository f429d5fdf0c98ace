package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	edge    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
	chrome  = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

func TestSessionsPage(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	type listed struct {
		ID, Device, Address, Via string
		Current                  bool
	}
	list := func(v *visitor) (all []listed) {
		t.Helper()
		w := v.do("GET", "/sessions", nil, "Accept", "application/json")
		if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return all
	}
	var all []*visitor
	devices := map[string]string{firefox: "Firefox on Linux", edge: "Edge on Windows", chrome: "Chrome on Android", safari: "Safari on iPhone", "": "Unknown browser", "Opera": "Unknown browser",
		"Mozilla/5.0 (X11; Linux x86_64)": "A browser on Linux", "Wget/1.21": "Wget"}
	for agent := range devices {
		v := visit()
		v.do("POST", "/login", matt, "User-Agent", agent)
		all = append(all, v)
	}
	me := all[0]
	got := list(me)
	currents := 0
	seen := map[string]int{}
	for _, s := range got {
		seen[s.Device]++
		if s.Current {
			currents++
		}
		if s.Via != "password" || s.Address == "" || s.ID == "" {
			t.Errorf("%+v", s)
		}
	}
	for _, device := range devices {
		if seen[device] == 0 {
			t.Errorf("no %s in %v", device, seen)
		}
	}
	if len(got) != len(devices) || currents != 1 {
		t.Errorf("%d sessions, %d current", len(got), currents)
	}
	page := me.do("GET", "/sessions", nil).Body.String()
	if strings.Count(page, `value="DELETE"`) != len(devices)+1 || strings.Count(page, "This browser") != 1 || strings.Index(page, "This browser") > strings.Index(page, "</li>") {
		t.Errorf("the page:\n%s", page)
	}

	// One of them, then a missing one, then another user's.
	gone := got[0]
	if gone.Current {
		gone = got[1]
	}
	del := url.Values{"_method": {"DELETE"}}
	if w := me.do("POST", "/sessions/"+gone.ID, del); w.Code != 303 || w.Header().Get("Location") != "/sessions" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	if page := me.do("GET", "/sessions", nil).Body.String(); !strings.Contains(page, "That browser is signed out.") {
		t.Errorf("no message:\n%s", page)
	}
	if w := me.do("POST", "/sessions/"+gone.ID, del); w.Code != 404 || !strings.Contains(w.Body.String(), "signed out already") {
		t.Errorf("again: %d\n%s", w.Code, w.Body)
	}
	joe := visit()
	joe.do("POST", "/register", url.Values{"email": {"joe@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}})
	if w := joe.do("DELETE", "/sessions/"+list(me)[0].ID, nil, "Accept", "application/json"); w.Code != 404 || !strings.Contains(w.Body.String(), `"code":"no_session"`) {
		t.Errorf("another user's: %d %s", w.Code, w.Body)
	}
	if n := len(list(me)); n != len(devices)-1 {
		t.Errorf("%d sessions are left", n)
	}

	// All others.
	if w := me.do("DELETE", "/sessions", nil, "Accept", "application/json"); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if left := list(me); len(left) != 1 || !left[0].Current || len(list(joe)) != 1 {
		t.Errorf("left %+v", left)
	}
	if page := me.do("GET", "/sessions", nil).Body.String(); strings.Contains(page, "all other browsers") {
		t.Errorf("offers to end none:\n%s", page)
	}

	// This one is a log-out.
	if w := me.do("POST", "/sessions/"+list(me)[0].ID, del); w.Code != 303 || w.Header().Get("Location") != "/" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := me.do("GET", "/session", nil); w.Code != 401 {
		t.Errorf("still signed in: %d", w.Code)
	}
	for _, request := range [][2]string{{"GET", "/sessions"}, {"DELETE", "/sessions"}, {"DELETE", "/sessions/x"}} {
		if w := me.do(request[0], request[1], nil, "Accept", "application/json"); w.Code != 401 {
			t.Errorf("a visitor's %v: %d", request, w.Code)
		}
	}
	if w := me.do("POST", "/sessions", url.Values{}); w.Code != 405 || w.Header().Get("Allow") != "DELETE, GET, HEAD" {
		t.Errorf("a POST: %d, Allow %s", w.Code, w.Header().Get("Allow"))
	}
	if w := me.do("POST", "/sessions", del, "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("from another site: %d", w.Code)
	}
}
