package app

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/text"
)

// Texts returns the texts of pages and mails.
func Texts(c *config.Config) (*text.Catalog, error) {
	var files fs.FS
	if c.Texts != "" {
		files = os.DirFS(c.Texts)
	}
	texts, err := text.New(text.Options{Languages: c.Languages, Files: files})
	if err != nil {
		return nil, fmt.Errorf("languages or texts: %w", err)
	}
	return texts, nil
}
