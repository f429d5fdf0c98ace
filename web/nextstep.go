package web

import (
	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/phrase"
)

// nextSteps say what to do after messages that say only what happened, by code, and by
// code and flow where that has a step of its own. {provider} is filled in.
var nextSteps = map[string]string{
	social.CodeUnknownAccount:      "If you have an account here, sign in to it in another way. Then you can connect your {provider} account.",
	social.CodeAccessDenied:        "Nothing has changed. Try again and allow it at {provider}, or sign in in another way.",
	social.CodeConnectionTaken:     "Somebody has connected this {provider} account to another account here. Connect a different one; or, if both are yours, sign in to the other account and disconnect it there first.",
	social.CodeConnectionDifferent: "Nothing has changed. Reconnect again, and at {provider} choose the account that is shown here. You can also connect the other one in addition.",
	social.CodeConnectionGone:      "Connect it again if you still want to use it.",

	social.CodeNeedsReauthorization: "Choose “Reconnect”.",

	social.CodeAccessDenied + "." + social.FlowConnect: "Nothing has changed. You can begin again at any time.",
	social.CodeNoConnection + "." + social.FlowRemove:  "It may have been removed already.",
}

// nextStep returns what to do after a message, or "".
func nextStep(f social.Flash) string {
	text, ok := nextSteps[f.Code+"."+f.Args[social.ArgFlow]]
	if !ok {
		text = nextSteps[f.Code]
	}
	return phrase.Fill(text, f.Args)
}
