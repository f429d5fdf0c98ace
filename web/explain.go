package web

import (
	"net/http"
	"strconv"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/phrase"
)

// A step is something that a person can do after an error.
type step struct{ Label, URL string }

// An explanation says what happened in plain words, and what to do next.
type explanation struct {
	heading, text string
	next          []place
}

// A place is where a step leads.
type place int

const (
	start      place = iota // the first page
	signIn                  // the log-in page, or the connections of those who are signed in
	connection              // the connections
)

// explanations are those of the codes of problems. {provider} and {wait} are filled
// in.
var explanations = map[string]explanation{
	social.CodeCallbackRefused: {"This could not be finished",
		"It began too long ago or in another browser, or it was finished before. Nothing has changed. Please begin again.", []place{signIn, start}},
	social.CodeProviderFailed: {"{provider} did not answer as it should",
		"Nothing has changed. Wait a moment and try again. If it goes on, {provider} may have an outage; perhaps another way to sign in helps you meanwhile.", []place{signIn, start}},
	social.CodeAccessDenied: {"You did not allow it at {provider}",
		"Nothing has changed. You can begin again at any time.", []place{signIn, start}},
	social.CodeThrottled: {"Too many attempts",
		"To keep accounts safe, no more attempts are taken for now. Please try again in {wait}.", []place{signIn, start}},
	social.CodeBusy: {"Many people are signing in just now",
		"Please try again in {wait}.", []place{signIn, start}},
	social.CodeNotFound: {"There is nothing here",
		"There is nothing at this address. It may be mistyped, or the page may be gone.", []place{start}},
	social.CodeUnknownProvider: {"This way to sign in is not offered",
		"There is no such provider here. Choose one of those that the page offers.", []place{signIn, start}},
	social.CodeNoConnection: {"This connection is gone",
		"There is no such connection. It was removed already, or it belongs to another account.", []place{connection, start}},
	social.CodeNoSignUp: {"There is no registration to finish",
		"It is finished, or it took too long. Please begin again.", []place{signIn, start}},
	social.CodeNoSession: {"This browser is signed out already",
		"There is no such session any more.", []place{start}},
	social.CodeMethodNotAllowed: {"This page cannot be opened like this",
		"It belongs to a button. Go to the page with the button, and use it there.", []place{signIn, start}},
	social.CodeCrossSite: {"This was not asked for here",
		"This request came from another site, so nothing was done. If you want it, begin here.", []place{signIn, start}},
	social.CodeMalformed: {"This could not be read",
		"Something in the request is broken. Please go back and try again.", []place{start}},
	social.CodeTooLarge: {"This is too long",
		"Please go back and enter less.", []place{start}},
	social.CodeInternal: {"Something went wrong here",
		"This is not your fault. Please try again in a moment.", []place{start}},
}

// explain says a problem in plain words. wait is the header Retry-After.
func (w *Web) explain(p social.Problem, wait string, signedIn bool) (heading, text string, steps []step) {
	e, ok := explanations[p.Code]
	if !ok {
		e = explanation{http.StatusText(p.Status), p.Detail(), []place{start}}
	}
	args := map[string]string{social.ArgProvider: p.Message.Args[social.ArgProvider], "wait": waitWords(wait)}
	if args[social.ArgProvider] == "" {
		args[social.ArgProvider] = "The provider"
	}
	if p.TryAgain != "" {
		steps = append(steps, step{"Try again", p.TryAgain})
	}
	for _, to := range e.next {
		one := step{"Back to the start", w.base + "/"}
		switch {
		case to == connection, to == signIn && signedIn:
			one = step{"Go to your connections", w.connectionsPage()}
		case to == signIn:
			one = step{"Go to the sign-in page", w.soc.Config().LoginPage}
		}
		if one.URL != p.TryAgain {
			steps = append(steps, one)
		}
	}
	return phrase.Fill(e.heading, args), phrase.Fill(e.text, args), steps
}

// waitWords says how long to wait, from a number of seconds.
func waitWords(seconds string) string {
	n, err := strconv.Atoi(seconds)
	minutes := (n + 59) / 60
	switch {
	case err != nil || n <= 0:
		return "a moment"
	case n < 60:
		return "a minute"
	case minutes == 1:
		return "a minute"
	case minutes < 90:
		return strconv.Itoa(minutes) + " minutes"
	default:
		return strconv.Itoa((minutes+59)/60) + " hours"
	}
}
