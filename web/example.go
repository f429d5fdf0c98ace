package web

import (
	"context"
	"reflect"

	"github.com/gosocial/social"
	"github.com/gosocial/social/text"
)

// A view of which templates are tried has something in every field: a template goes into
// {{with}} and {{range}} only where there is something. samples are the values, by type,
// for which any text or number does not do.
type samples map[reflect.Type]any

func (w *Web) samples() samples {
	message := social.Message{Code: social.CodeAccessDenied} // which has a next step, too
	wrong := map[string]social.Message{}
	for field := range fieldKinds {
		wrong[field] = message
	}
	return samples{
		reflect.TypeFor[context.Context]():           context.Background(),
		reflect.TypeFor[[]*text.Language]():          w.texts.Languages(),
		reflect.TypeFor[map[string]social.Message](): wrong,
		reflect.TypeFor[social.Message]():            message,
		reflect.TypeFor[button]():                    button{Label: "button.reconnect"},
		reflect.TypeFor[passkeyForm]():               passkeyForm{Label: "passkeys.add"},
		reflect.TypeFor[missing]():                   missing{Text: "security.missing.way"},
	}
}

// examples returns a view of each page with everything in it.
func (w *Web) examples() map[string]any {
	views := map[string]any{
		"home":          &homeView{},
		"login":         &loginView{},
		"register":      &registerView{},
		"profile":       &profileView{},
		"connections":   &connectionsView{},
		"disconnect":    &disconnectView{},
		"connect":       &connectView{},
		"password":      &passwordView{},
		"ask":           &askView{Ask: "reset"},
		"reset":         &resetView{},
		"verify":        &verifyView{},
		"name":          &nameView{Field: "email"},
		"link":          &linkView{Kind: "confirm"},
		"sessions":      &sessionsView{},
		"security":      &securityView{},
		"activity":      &activityView{},
		"tokens":        &tokensView{},
		"token":         &tokenView{},
		"data_deletion": &dataDeletionView{},
		"deletion":      &deletionView{},
		"factor":        &factorView{For: ".both"},
		"totp":          &totpView{},
		"passkeys":      &passkeysView{},
		"passkey":       &passkeyView{},
		"recovery":      &recoveryView{For: ".both"},
		"problem":       &problemView{},
	}
	s := w.samples()
	for _, view := range views {
		s.fill(reflect.ValueOf(view).Elem(), "")
	}
	return views
}

// exampleButton is an example of a button.
func (w *Web) exampleButton() button {
	var b button
	w.samples().fill(reflect.ValueOf(&b).Elem(), "")
	return b
}

// fill gives every field that is empty a value, and those of its fields. A text is the
// field's name, so that each is another one.
func (s samples) fill(v reflect.Value, name string) {
	if sample, ok := s[v.Type()]; ok {
		v.Set(reflect.ValueOf(sample))
	}
	if v.Kind() == reflect.Struct {
		for field, value := range v.Fields() {
			s.fill(value, field.Name)
		}
		return
	}
	if !v.CanSet() || !v.IsZero() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.fill(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		s.fill(v.Index(0), name)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		s.fill(key, name)
		s.fill(value, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	}
}
