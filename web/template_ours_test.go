package web_test

import (
	"os"
	"testing"

	"github.com/gosocial/social/web"
)

// Our own templates are not tried at the start, unless the application brings them: they
// pass what its have to pass.
func TestOurTemplates(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	if _, err := web.New(soc, acc, web.Options{Files: os.DirFS(".")}); err != nil {
		t.Error(err)
	}
}
