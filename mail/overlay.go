package mail

import (
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	text "text/template"
)

// defaultLetter is the template of kinds without one of their own.
const defaultLetter = "letter"

// An overlay reads templates, the application's first.
type overlay struct{ over fs.FS }

func (o overlay) read(name string) (string, error) {
	if o.over != nil {
		b, err := fs.ReadFile(o.over, "templates/"+name)
		if !errors.Is(err, fs.ErrNotExist) {
			return string(b), err
		}
	}
	b, err := fs.ReadFile(embedded, "templates/"+name)
	return string(b), err
}

// kinds returns the kinds that have a template of their own.
func (o overlay) kinds() (list []string) {
	if o.over == nil {
		return nil
	}
	files, _ := fs.Glob(o.over, "templates/*") // the pattern is right, so there is no error
	for _, file := range files {
		kind := strings.TrimSuffix(path.Base(file), path.Ext(file))
		if kind != defaultLetter && kind != "layout" && !slices.Contains(list, kind) {
			list = append(list, kind)
		}
	}
	return list
}

// parseHTML adds a file to the templates. One that is no layout has to define "content".
func (o overlay) parseHTML(to *html.Template, name string) (*html.Template, error) {
	source, err := o.read(name)
	if err != nil {
		return nil, err
	}
	if to.Name() == name {
		return to.Parse(source)
	}
	if alone, err := html.New(name).Parse(source); err != nil || alone.Lookup("content") == nil {
		return nil, lacking(name, err)
	}
	_, err = to.New(name).Parse(source)
	return to, err
}

// parseText is parseHTML for text.
func (o overlay) parseText(to *text.Template, name string) (*text.Template, error) {
	source, err := o.read(name)
	if err != nil {
		return nil, err
	}
	if to.Name() == name {
		return to.Parse(source)
	}
	if alone, err := text.New(name).Parse(source); err != nil || alone.Lookup("content") == nil {
		return nil, lacking(name, err)
	}
	_, err = to.New(name).Parse(source)
	return to, err
}

func lacking(name string, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("templates/%s: the block \"content\" is missing", name)
}

// checkNames refuses a file that replaces no template and is of no kind: its name is
// misspelled.
func (t *Templates) checkNames() error {
	if t.c.Files == nil {
		return nil
	}
	files, _ := fs.Glob(t.c.Files, "templates/*") // the pattern is right, so there is no error
	for _, file := range files {
		ext := path.Ext(file)
		kind := strings.TrimSuffix(path.Base(file), ext)
		switch {
		case ext != ".html" && ext != ".txt":
			return fmt.Errorf("%s is no template of a mail: they end in .html and .txt", file)
		case kind != "layout" && kind != defaultLetter && t.words("en", kind+".subject") == "":
			return fmt.Errorf("%s replaces no template: no kind of letter is named %q, because there is no text %s.subject", file, kind, kind)
		}
	}
	return nil
}
