package tenants

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of a Directory, to be tested with errors.Is.
var (
	// ErrNone: there is no such tenant or application.
	ErrNone = errors.New("tenants: there is none with this ID")
	// ErrTaken: there is one with this ID; an application's is made of its tenant and provider.
	ErrTaken = errors.New("tenants: there is one with this ID already")
	// ErrDomainTaken: the domain is another tenant's, for whom it is verified.
	ErrDomainTaken = errors.New("tenants: the domain is verified for another tenant")
	// ErrNoCredentials: there are no such credentials, or they are retired already.
	ErrNoCredentials = errors.New("tenants: there are no such credentials in use")
)

// A FieldError says what is wrong with one field, in words for people. Field is its name in
// JSON, such as "parameters.issuer".
type FieldError struct{ Field, Detail string }

// An InvalidError says what is wrong with what someone has entered.
type InvalidError struct{ Fields []FieldError }

// Error says all.
func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = f.Field + ": " + f.Detail
	}
	return "tenants: " + strings.Join(texts, "; ")
}

// findings collects what is wrong.
type findings []FieldError

func (f *findings) add(field, format string, args ...any) {
	*f = append(*f, FieldError{field, fmt.Sprintf(format, args...)})
}

func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return &InvalidError{f}
}
