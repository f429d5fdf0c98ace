package google_test

import (
	"context"
	"fmt"

	"google.golang.org/api/drive/v3"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api/google"
)

// Any service of google.golang.org/api acts for the user. The connection needs
// the service's scopes.
func ExampleClient_Options() {
	var soc *social.Social // made by social.New
	list := func(ctx context.Context) error {
		g, err := google.API(ctx, soc)
		if err != nil {
			return err
		}
		files, err := drive.NewService(ctx, g.Options()...)
		if err != nil {
			return err
		}
		page, err := files.Files.List().PageSize(10).Context(ctx).Do()
		if err != nil {
			return err
		}
		for _, f := range page.Files {
			fmt.Println(f.Name)
		}
		return nil
	}
	_ = list
}
