package main

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed runtime.txt
var runtimeSource string

// A Mutant is one fault.
type Mutant struct {
	ID       int
	File     string // from the root of the repository
	Line     int
	Function string
	What     string // "x < y → true"
	source   string // hash of the function's text
	package_ string
}

func (m *Mutant) String() string {
	return fmt.Sprintf("%s:%d | %s | %s", m.File, m.Line, m.Function, m.What)
}

// key names a mutant in the file of verdicts, as long as its function is the same.
func (m *Mutant) key() string { return m.File + "|" + m.Function + "|" + m.What + "|" + m.source }

// A site collects the mutants of one file.
type site struct {
	p         *Package
	src       []byte
	base      int // offset of the file's first position
	rel       string
	next      int // ID
	mutants   []*Mutant
	edits     []edit
	function  string
	signature types.Type // of the function
	source    string
	seen      map[string]int
	pos       token.Pos // of the node that is visited
	stack     []ast.Node
	done      map[ast.Expr]bool // conditions that have their mutants
	imports   map[string]string // path → name in this file
}

// instrument writes the package's files with all mutants inside into dir, and adds
// them to the overlay. IDs begin with next.
func (p *Package) instrument(o Options, dir string, next int, overlay map[string]string) ([]*Mutant, error) {
	var mutants []*Mutant
	for _, f := range p.files {
		path := p.fset.File(f.Pos()).Name()
		if len(o.Files) > 0 && !slices.Contains(o.Files, filepath.Base(path)) {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		s := &site{
			p: p, src: src, base: p.fset.File(f.Pos()).Base(), next: next + len(mutants),
			rel: filepath.ToSlash(filepath.Join(p.Rel, filepath.Base(path))), imports: importNames(f), seen: map[string]int{}, done: map[ast.Expr]bool{},
		}
		s.file(f)
		if len(s.mutants) == 0 {
			continue
		}
		mutants = append(mutants, s.mutants...)
		to := filepath.Join(dir, strconv.Itoa(len(overlay))+"_"+filepath.Base(path))
		if err := os.WriteFile(to, []byte(splice(src, s.edits)), 0o600); err != nil {
			return nil, err
		}
		overlay[path] = to
	}
	if len(mutants) == 0 {
		return nil, nil
	}
	to := filepath.Join(dir, strconv.Itoa(len(overlay))+"_runtime.go")
	overlay[filepath.Join(p.Dir, "mutant_runtime.go")] = to
	return mutants, os.WriteFile(to, []byte(strings.Replace(runtimeSource, "PACKAGE", p.Name, 1)), 0o600)
}

func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		names[path] = ""
		if i.Name != nil {
			names[path] = i.Name.Name
		}
	}
	return names
}

// file looks for mutants in functions and in the values of variables.
func (s *site) file(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body == nil {
				continue
			}
			s.function = d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				s.function = strings.TrimPrefix(s.text(d.Recv.List[0].Type), "*") + "." + s.function
			}
			s.within(d)
			s.signature = s.p.info.Defs[d.Name].Type()
			s.walk(d.Body)
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				v := spec.(*ast.ValueSpec)
				s.function = v.Names[0].Name
				s.within(v)
				s.signature = nil
				s.walk(v)
			}
		}
	}
}

func (s *site) within(n ast.Node) {
	sum := sha256.Sum256([]byte(s.text(n)))
	s.source = fmt.Sprintf("%x", sum[:6])
}

func (s *site) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			s.stack = s.stack[:len(s.stack)-1]
			return true
		}
		descend := s.visit(n)
		if descend {
			s.stack = append(s.stack, n)
		}
		return descend
	})
}

func (s *site) parent() ast.Node {
	if len(s.stack) == 0 {
		return nil
	}
	return s.stack[len(s.stack)-1]
}

// mutant adds a mutant at a node and returns its ID.
func (s *site) mutant(n ast.Node, what string) int {
	m := &Mutant{
		ID: s.next, File: s.rel, Line: s.p.fset.Position(n.Pos()).Line, Function: s.function, What: what, source: s.source, package_: s.p.ImportPath,
	}
	// The same fault twice in a function has a number.
	s.seen[m.key()]++
	if n := s.seen[m.key()]; n > 1 {
		m.What += fmt.Sprintf(" (%d)", n)
	}
	s.next++
	s.mutants = append(s.mutants, m)
	return m.ID
}

// edit replaces a node by a text in which $ is the node.
func (s *site) edit(n ast.Node, format string, args ...any) {
	from, to := int(n.Pos())-s.base, int(n.End())-s.base
	s.edits = append(s.edits, edit{from: from, to: to, make: func(text func(from, to int) string) string {
		return strings.Replace(fmt.Sprintf(format, args...), "$", text(from, to), 1)
	}})
}

// change replaces a node by a text with some of its parts.
func (s *site) change(n ast.Node, make func(text func(ast.Node) string) string) {
	from, to := int(n.Pos())-s.base, int(n.End())-s.base
	s.edits = append(s.edits, edit{from, to, true, func(text func(from, to int) string) string {
		return make(func(n ast.Node) string { return text(int(n.Pos())-s.base, int(n.End())-s.base) })
	}})
}

func (s *site) text(n ast.Node) string {
	return string(s.src[int(n.Pos())-s.base : int(n.End())-s.base])
}

// short is a node's text in one line, for people.
func (s *site) short(n ast.Node) string {
	text := strings.Join(strings.Fields(s.text(n)), " ")
	if r := []rune(text); len(r) > 90 {
		text = string(r[:60]) + " … " + string(r[len(r)-25:])
	}
	return strings.ReplaceAll(text, "|", "¦")
}

func (s *site) typeOf(e ast.Expr) types.Type { return s.p.info.TypeOf(e) }

func (s *site) constant(e ast.Expr) bool { return s.p.info.Types[e].Value != nil }

// typeName returns how this file writes a type at this place, if it can: an import may
// be missing, and a variable may have the name of the type or of its package.
func (s *site) typeName(t types.Type) (name string, ok bool) {
	name = types.TypeString(t, func(p *types.Package) string {
		if p == s.p.types {
			return ""
		}
		if alias := s.imports[p.Path()]; alias != "" {
			return alias
		}
		return p.Name()
	})
	v, err := types.Eval(s.p.fset, s.p.types, s.pos, name)
	return name, err == nil && v.IsType() && types.Identical(v.Type, t)
}
