package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

func itoa(i int) string { return strconv.Itoa(i) }

// expression makes the mutants of an expression, and reports whether to look inside.
func (s *site) expression(e ast.Expr) bool {
	v, known := s.p.info.Types[e]
	if known && v.IsType() {
		return false
	}
	if known && v.Value != nil {
		s.constantValue(e, v)
		return false
	}
	switch s.parent().(type) {
	case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt:
		return true // nobody looks at the result
	}
	if known && v.IsValue() && isBool(v.Type) && !s.done[e] && !s.addressed() {
		loop := false
		if f, ok := s.parent().(*ast.ForStmt); ok {
			loop = f.Cond == e
		}
		s.condition(e, loop)
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		s.binary(e)
	case *ast.CompositeLit:
		s.composite(e)
	case *ast.CallExpr:
		s.call(e)
	}
	return true
}

func isBool(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func (s *site) addressed() bool {
	u, ok := s.parent().(*ast.UnaryExpr)
	return ok && u.Op == token.AND
}

// composite makes the mutants without a field, an element or a key.
func (s *site) composite(e *ast.CompositeLit) {
	t := s.typeOf(e)
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for _, elt := range e.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			v := s.p.info.Types[kv.Value]
			if v.Value != nil || v.IsNil() || v.Type == nil || isBool(v.Type) {
				continue
			}
			field, _ := s.p.info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
			if field == nil || types.IsInterface(field.Type()) && !types.IsInterface(v.Type) {
				if field == nil {
					continue
				}
			}
			name, ok := s.typeName(field.Type())
			if !ok || hasTypeParam(field.Type()) {
				continue
			}
			s.edit(kv.Value, "mutantZero[%s](%d, $)", name, s.mutant(kv, "without field "+s.short(kv)))
		}
	case *types.Slice:
		name, ok := s.typeName(t)
		element, ok2 := s.typeName(u.Elem())
		if !ok || !ok2 || e.Type == nil || s.addressed() || len(e.Elts) == 0 || len(e.Elts) > 64 {
			return
		}
		first := -1
		for _, elt := range e.Elts {
			id := s.mutant(elt, "without element "+s.short(elt))
			if first < 0 {
				first = id
			}
		}
		s.edit(e, "mutantDrop[%s, %s](%d, $)", name, element, first)
	case *types.Map:
		if e.Type == nil || s.addressed() || len(e.Elts) == 0 || len(e.Elts) > 64 {
			return
		}
		name, ok := s.typeName(t)
		key, ok2 := s.typeName(u.Key())
		value, ok3 := s.typeName(u.Elem())
		if !ok || !ok2 || !ok3 {
			return
		}
		var keys []string
		for _, elt := range e.Elts {
			kv := elt.(*ast.KeyValueExpr)
			if !s.constant(kv.Key) {
				return
			}
			keys = append(keys, key+"("+s.text(kv.Key)+")")
		}
		first := -1
		for _, elt := range e.Elts {
			id := s.mutant(elt, "without key "+s.short(elt.(*ast.KeyValueExpr).Key))
			if first < 0 {
				first = id
			}
		}
		s.edit(e, "mutantDropKey[%s, %s, %s](%d, $, %s)", name, key, value, first, strings.Join(keys, ", "))
	}
}

func hasTypeParam(t types.Type) bool {
	_, ok := t.(*types.TypeParam)
	return ok
}

// call makes the mutants that use an argument instead of the function's result.
func (s *site) call(e *ast.CallExpr) {
	fun := s.p.info.Types[e.Fun]
	if fun.IsBuiltin() {
		if name := called(e); (name == "min" || name == "max") && len(e.Args) == 2 {
			t, ok := s.typeName(s.typeOf(e))
			if !ok {
				return
			}
			first := s.mutant(e, s.short(e)+" → "+s.short(e.Args[0]))
			s.mutant(e, s.short(e)+" → "+s.short(e.Args[1]))
			s.change(e, func(text func(ast.Node) string) string {
				return "mutant" + strings.ToUpper(name[:1]) + name[1:] + "[" + t + "](" + itoa(first) + ", " + text(e.Args[0]) + ", " + text(e.Args[1]) + ")"
			})
		}
		return
	}
	if fun.IsType() || e.Ellipsis.IsValid() {
		return
	}
	sig, ok := fun.Type.Underlying().(*types.Signature)
	if ok && sig.Variadic() {
		s.variadic(e, sig)
		return
	}
	if !ok || len(e.Args) == 0 || len(e.Args) > 2 || sig.Results().Len() != 1 || sig.Params().Len() != len(e.Args) || s.generic(e.Fun) {
		return
	}
	result := sig.Results().At(0).Type()
	if !types.Identical(result, sig.Params().At(0).Type()) {
		return
	}
	var names []string
	for i := range e.Args {
		name, ok := s.typeName(sig.Params().At(i).Type())
		if !ok {
			return
		}
		names = append(names, name)
	}
	id := s.mutant(e, s.short(e)+" → "+s.short(e.Args[0]))
	s.change(e, func(text func(ast.Node) string) string {
		out := "mutantCall" + itoa(len(e.Args)) + "[" + strings.Join(names, ", ") + "](" + itoa(id) + ", " + text(e.Fun)
		for _, a := range e.Args {
			out += ", " + text(a)
		}
		return out + ")"
	})
}

// variadic makes the mutants without one of a list of arguments.
func (s *site) variadic(e *ast.CallExpr, sig *types.Signature) {
	fixed := sig.Params().Len() - 1
	element, ok := s.typeName(sig.Params().At(fixed).Type().(*types.Slice).Elem())
	if !ok || len(e.Args) < fixed+2 || s.generic(e.Fun) || forPeople(e) {
		return
	}
	first := -1
	for _, a := range e.Args[fixed:] {
		if id := s.mutant(a, called(e)+" without "+s.short(a)); first < 0 {
			first = id
		}
	}
	s.change(e, func(text func(ast.Node) string) string {
		out := text(e.Fun) + "("
		for _, a := range e.Args[:fixed] {
			out += text(a) + ", "
		}
		out += "mutantDrop(" + itoa(first) + ", []" + element + "{"
		for _, a := range e.Args[fixed:] {
			out += text(a) + ", "
		}
		return out + "})...)"
	})
}

// forPeople reports whether a call makes an error, a log line or another text.
func forPeople(call *ast.CallExpr) bool {
	return slices.Contains([]string{"New", "Errorf", "Error", "Log", "LogAttrs", "Info", "Warn", "Debug", "InfoContext", "WarnContext", "ErrorContext", "DebugContext",
		"Sprintf", "Fprintf", "panic", "make"}, called(call))
}

func (s *site) generic(fun ast.Expr) bool {
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return true
	}
	f, ok := s.p.info.Uses[id].(*types.Func)
	return ok && f.Signature().TypeParams().Len() > 0
}
