package web

import (
	"strconv"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/nexturl"
)

// A step is something that a person can do after an error.
type step struct{ Label, URL string }

// A place is where a step leads.
type place int

const (
	start      place = iota // the first page
	signIn                  // the log-in page, or the connections of those who are signed in
	connection              // the connections
)

// nextPlaces are where to go after the problems that the texts "problem.CODE.…" explain.
var nextPlaces = map[string][]place{
	social.CodeCallbackRefused:  {signIn, start},
	social.CodeProviderFailed:   {signIn, start},
	social.CodeAccessDenied:     {signIn, start},
	social.CodeThrottled:        {signIn, start},
	social.CodeBusy:             {signIn, start},
	social.CodeNotFound:         {start},
	social.CodeUnknownProvider:  {signIn, start},
	social.CodeNoConnection:     {connection, start},
	social.CodeNoSignUp:         {signIn, start},
	social.CodeBadToken:         {signIn, start},
	social.CodeTurnedOff:        {signIn, start},
	social.CodeNoSession:        {start},
	social.CodeOtherAccount:     {start},
	social.CodeMethodNotAllowed: {signIn, start},
	social.CodeCrossSite:        {signIn, start},
	social.CodeMalformed:        {start},
	social.CodeTooLarge:         {start},
	social.CodeInternal:         {start},
}

// explain says a problem in plain words, and where to go then. wait is the header Retry-After.
func explain(l *language, p social.Problem, wait string) (heading, text string, to []place) {
	args := map[string]string{social.ArgProvider: p.Message.Args[social.ArgProvider], "wait": waitWords(l, wait)}
	if args[social.ArgProvider] == "" {
		args[social.ArgProvider] = l.must("problem.the_provider")
	}
	heading, known := l.Text("problem."+p.Code+".heading", args)
	if !known {
		return l.must("problem.heading"), l.say(messageOf(p)), []place{start}
	}
	text, _ = l.Text("problem."+p.Code+".text", args)
	return heading, text, nextPlaces[p.Code]
}

// step returns the link to a place. The log-in leads on to next.
func (w *Web) step(l *language, to place, signedIn bool, next string) step {
	switch {
	case to == connection, to == signIn && signedIn:
		return step{l.must("problem.step.connections"), w.connectionsPage()}
	case to == signIn:
		return step{l.must("problem.step.login"), nexturl.WithNext(w.soc.Config().LoginPage, next)}
	}
	return step{l.must("problem.step.start"), w.base + "/"}
}

// waitWords says how long to wait, from a number of seconds.
func waitWords(l *language, seconds string) string {
	n, err := strconv.Atoi(seconds)
	minutes := (n + 59) / 60
	switch {
	case err != nil || n <= 0:
		return l.must("wait.moment")
	case minutes < 90:
		return l.must("wait.minutes", "n", minutes)
	default:
		return l.must("wait.hours", "n", (minutes+59)/60)
	}
}

// messageOf returns a problem's message, which is that of its code unless it has one.
func messageOf(p social.Problem) social.Message {
	if p.Message.Code == "" {
		return social.Message{Code: p.Code}
	}
	return p.Message
}
