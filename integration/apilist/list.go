package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

const module = "github.com/gosocial/social"

// private are folders whose packages nobody outside imports.
var private = []string{"internal", "testdata", "integration", "examples", "cmd", "node_modules"}

// list returns the lines of all packages below the repository's root.
func list(root string) ([]string, error) {
	var lines []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		if path != root && (slices.Contains(private, name) || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		p, err := build.ImportDir(path, 0)
		if _, none := err.(*build.NoGoError); none {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		importPath := strings.TrimSuffix(module+"/"+filepath.ToSlash(rel), "/.")
		for _, file := range p.GoFiles {
			more, err := listFile(importPath, filepath.Join(path, file))
			if err != nil {
				return err
			}
			lines = append(lines, more...)
		}
		return nil
	})
	slices.Sort(lines)
	return lines, err
}

// listFile returns the lines of one file.
func listFile(importPath, path string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil || !ast.FileExports(f) {
		return nil, err
	}
	l := &lister{prefix: importPath + ": "}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			l.function(d)
		case *ast.GenDecl:
			l.declaration(d)
		}
	}
	return l.lines, nil
}

type lister struct {
	prefix string
	lines  []string
}

func (l *lister) add(parts ...string) { l.lines = append(l.lines, l.prefix+strings.Join(parts, " ")) }

func (l *lister) function(d *ast.FuncDecl) {
	signature := strings.TrimPrefix(text(d.Type), "func")
	if d.Recv == nil {
		l.add("func", d.Name.Name+signature)
		return
	}
	l.add("method", "("+text(d.Recv.List[0].Type)+")", d.Name.Name+signature)
}

func (l *lister) declaration(d *ast.GenDecl) {
	var implied ast.Expr // the type of constants that name none
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			if s.Type != nil || len(s.Values) > 0 {
				implied = s.Type
			}
			l.values(d.Tok.String(), s, implied)
		case *ast.TypeSpec:
			l.typ(s)
		}
	}
}

func (l *lister) values(kind string, s *ast.ValueSpec, typ ast.Expr) {
	for i, name := range s.Names {
		if !name.IsExported() {
			continue
		}
		line := name.Name
		if typ != nil {
			line += " " + text(typ)
		}
		if kind == "const" && i < len(s.Values) {
			line += " = " + text(s.Values[i])
		}
		l.add(kind, line)
	}
}

func (l *lister) typ(s *ast.TypeSpec) {
	name := s.Name.Name
	if s.TypeParams != nil {
		name += "[…]"
	}
	if s.Assign.IsValid() {
		name += " ="
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		l.add("type", name, "struct")
		for _, field := range t.Fields.List {
			l.member(name, field)
		}
	case *ast.InterfaceType:
		l.add("type", name, "interface")
		for _, method := range t.Methods.List {
			l.member(name, method)
		}
	default:
		l.add("type", name, text(t))
	}
}

func (l *lister) member(of string, field *ast.Field) {
	typ := text(field.Type)
	if len(field.Names) == 0 {
		l.add("type", of+",", "embeds", typ)
		return
	}
	for _, name := range field.Names {
		if signature, ok := strings.CutPrefix(typ, "func("); ok && isMethod(field) {
			l.add("type", of+",", name.Name+"("+signature)
			continue
		}
		l.add("type", of+",", name.Name, typ)
	}
}

// isMethod reports whether a member of an interface is a method. Its type then
// has no position of its own for "func".
func isMethod(field *ast.Field) bool {
	t, ok := field.Type.(*ast.FuncType)
	return ok && !t.Func.IsValid()
}

// text returns the source of a node in one line.
func text(node ast.Node) string {
	var b strings.Builder
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
