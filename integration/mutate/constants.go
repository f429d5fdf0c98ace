package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// constantValue makes the mutants of a constant where a test may see it: not in
// comparisons, which have their own, nor in the texts of errors and logs.
func (s *site) constantValue(e ast.Expr, v types.TypeAndValue) {
	numbers := true
	switch p := s.parent().(type) {
	case *ast.CallExpr:
		if forPeople(p) {
			return
		}
	case *ast.BinaryExpr:
		switch p.Op {
		case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
		default:
			return
		}
	case *ast.ReturnStmt:
		if s.guarded() {
			return
		}
		last := s.p.info.Types[p.Results[len(p.Results)-1]]
		if len(p.Results) > 1 && last.Type != nil && isError(last.Type) && !last.IsNil() {
			return
		}
	case *ast.IndexExpr, *ast.SliceExpr:
		numbers = false
	case *ast.CompositeLit, *ast.KeyValueExpr, *ast.AssignStmt, *ast.ValueSpec, *ast.RangeStmt:
	default:
		return
	}
	if isBool(v.Type) {
		if constant.BoolVal(v.Value) {
			s.edit(e, "(!mutant(%d) && ($))", s.mutant(e, s.in()+"true → false"))
		} else {
			s.edit(e, "(mutant(%d) || ($))", s.mutant(e, s.in()+"false → true"))
		}
		return
	}
	name, ok := s.typeName(v.Type)
	basic, _ := v.Type.Underlying().(*types.Basic)
	if !ok || basic == nil {
		return
	}
	switch {
	case basic.Info()&types.IsString != 0:
		if constant.StringVal(v.Value) != "" && !s.inError() {
			s.edit(e, "mutantConst[%s](%d, $, \"\")", name, s.mutant(e, s.in()+s.short(e)+" → empty"))
		}
	case basic.Info()&types.IsInteger != 0 && numbers:
		n, exact := constant.Int64Val(v.Value)
		if !exact {
			return
		}
		if n == 0 {
			s.edit(e, "mutantConst[%s](%d, $, 1)", name, s.mutant(e, s.in()+"0 → 1"))
			return
		}
		id := s.mutant(e, s.in()+s.short(e)+" → 0")
		_, elsewhere := e.(*ast.SelectorExpr)
		wide := slices.Contains([]types.BasicKind{types.Int, types.Int64, types.Uint, types.Uint64}, basic.Kind())
		if !wide || n < 2 || n > 1<<50 || elsewhere && n < 1000 {
			s.edit(e, "mutantConst[%s](%d, $, 0)", name, id)
			return
		}
		s.mutant(e, s.in()+s.short(e)+" → ×1000")
		s.change(e, func(text func(ast.Node) string) string {
			return "mutantConst[" + name + "](" + itoa(id) + ", " + text(e) + ", 0, (" + text(e) + ")*1000)"
		})
	}
}

// inError reports whether a constant is the text of an error, whose value is for people
// only.
func (s *site) inError() bool {
	err := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	for i := len(s.stack) - 1; i >= 0; i-- {
		switch n := s.stack[i].(type) {
		case *ast.CallExpr, *ast.CompositeLit:
			if t := s.typeOf(n.(ast.Expr)); t != nil && (types.Implements(t, err) || types.Implements(types.NewPointer(t), err)) {
				return true
			}
		case ast.Stmt:
			return false
		}
	}
	return false
}

// in is the text around a constant.
func (s *site) in() string {
	switch p := s.parent().(type) {
	case *ast.CallExpr, *ast.BinaryExpr, *ast.KeyValueExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.AssignStmt, *ast.ReturnStmt:
		return s.short(p) + ": "
	}
	return ""
}
