package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// visit makes the mutants of one node, and reports whether to look inside.
func (s *site) visit(n ast.Node) bool {
	s.pos = n.Pos()
	if stmt, ok := n.(ast.Stmt); ok {
		s.statement(stmt)
	}
	switch n := n.(type) {
	case *ast.ArrayType, *ast.StructType, *ast.FuncType, *ast.InterfaceType, *ast.MapType, *ast.ChanType, *ast.IncDecStmt:
		return false
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.ValueSpec:
		return s.only(n, exprs(n.Values)...)
	case *ast.AssignStmt:
		return s.only(n, exprs(n.Rhs)...)
	case *ast.RangeStmt:
		id := s.mutant(n, "for … range "+s.short(n.X)+" runs never")
		at := int(n.Body.Lbrace) - s.base + 1
		s.edits = append(s.edits, edit{from: at, to: at, make: func(func(int, int) string) string {
			return " if mutant(" + itoa(id) + ") { break };"
		}})
		return s.only(n, n.X, n.Body)
	case *ast.TypeSwitchStmt:
		if n.Init != nil {
			return s.only(n, n.Init, n.Body)
		}
		return s.only(n, n.Body)
	case *ast.CaseClause:
		s.clause(n)
		return false
	case *ast.SelectorExpr:
		if _, isType := s.p.info.Types[n]; !isType || s.p.info.Types[n].IsType() {
			return false
		}
		if v := s.p.info.Types[n]; v.Value == nil && !isBool(v.Type) {
			return s.only(n, n.X)
		}
	case *ast.KeyValueExpr:
		return s.only(n, n.Value)
	}
	if e, ok := n.(ast.Expr); ok {
		return s.expression(e)
	}
	return true
}

// only looks inside some children of a node.
func (s *site) only(n ast.Node, children ...ast.Node) bool {
	s.stack = append(s.stack, n)
	for _, c := range children {
		s.walk(c)
	}
	s.stack = s.stack[:len(s.stack)-1]
	return false
}

func exprs(list []ast.Expr) []ast.Node {
	nodes := make([]ast.Node, len(list))
	for i, e := range list {
		nodes[i] = e
	}
	return nodes
}

// statement makes the mutants that leave a statement out.
func (s *site) statement(n ast.Stmt) {
	switch parent := s.parent().(type) {
	case *ast.BlockStmt, *ast.CaseClause:
	case *ast.CommClause:
		if n == parent.Comm {
			return
		}
	default:
		return
	}
	switch n := n.(type) {
	case *ast.ExprStmt:
		call, _ := n.X.(*ast.CallExpr)
		if call == nil || called(call) == "panic" || untestable(call) {
			return
		}
	case *ast.DeferStmt:
		if untestable(n.Call) {
			return
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE || blank(n) {
			return
		}
	case *ast.ReturnStmt:
		s.returned(n)
		return
	case *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.BranchStmt:
		if b, ok := n.(*ast.BranchStmt); ok && (b.Tok == token.FALLTHROUGH || b.Tok == token.GOTO) {
			return
		}
	default:
		return
	}
	s.edit(n, "if !mutant(%d) { $ }", s.mutant(n, "without: "+s.short(n)))
}

func blank(n *ast.AssignStmt) bool {
	return !slices.ContainsFunc(n.Lhs, func(e ast.Expr) bool { id, ok := e.(*ast.Ident); return !ok || id.Name != "_" })
}

// untestable reports whether a call is one whose absence a test sees by chance only,
// or as a leak: locks, and what gives resources back.
func untestable(call *ast.CallExpr) bool {
	return slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock", "Close", "cancel", "stop", "Stop"}, called(call))
}

// called is the last name of the function that is called.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// returned makes the mutant that returns no error.
func (s *site) returned(n *ast.ReturnStmt) {
	if len(n.Results) == 0 || s.guarded() {
		return
	}
	last := n.Results[len(n.Results)-1]
	v := s.p.info.Types[last]
	if v.IsNil() || !isError(v.Type) && !types.AssignableTo(v.Type, types.Universe.Lookup("error").Type()) {
		return
	}
	if !s.errorResult() {
		return
	}
	id := s.mutant(n, s.short(n)+" → nil error")
	s.change(n, func(text func(ast.Node) string) string {
		with := "return "
		for _, r := range n.Results[:len(n.Results)-1] {
			with += text(r) + ", "
		}
		return "if mutant(" + itoa(id) + ") { " + with + "nil }; " + text(n)
	})
}

// guarded reports whether the statement is all that a condition guards: the condition
// has its own mutants.
func (s *site) guarded() bool {
	stack := s.stack
	if n := len(stack); n > 0 {
		if _, ok := stack[n-1].(*ast.ReturnStmt); ok {
			stack = stack[:n-1]
		}
	}
	if len(stack) < 2 {
		return false
	}
	block, ok := stack[len(stack)-1].(*ast.BlockStmt)
	_, guard := stack[len(stack)-2].(*ast.IfStmt)
	return ok && guard && len(block.List) == 1
}

// errorResult reports whether the last result of the function around is an error.
func (s *site) errorResult() bool {
	for i := len(s.stack) - 1; i >= 0; i-- {
		if f, ok := s.stack[i].(*ast.FuncLit); ok {
			return lastIsError(s.typeOf(f))
		}
	}
	return s.signature != nil && lastIsError(s.signature)
}

func lastIsError(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Results().Len() > 0 && isError(sig.Results().At(sig.Results().Len()-1).Type())
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// clause makes the mutants of a case: its values match nothing, its conditions are
// always or never true.
func (s *site) clause(n *ast.CaseClause) {
	var values []ast.Node
	if len(s.stack) >= 2 {
		if sw, ok := s.stack[len(s.stack)-2].(*ast.SwitchStmt); ok {
			if sw.Tag == nil {
				values = exprs(n.List)
			} else {
				s.caseValues(n.List)
			}
		}
	}
	s.only(n, values...)
	s.stack = append(s.stack, n)
	for _, stmt := range n.Body {
		s.walk(stmt)
	}
	s.stack = s.stack[:len(s.stack)-1]
}

func (s *site) caseValues(list []ast.Expr) {
	for _, e := range list {
		t := s.typeOf(e)
		name, ok := s.typeName(t)
		basic, _ := t.Underlying().(*types.Basic)
		if !ok || basic == nil || !s.constant(e) {
			continue
		}
		switch {
		case basic.Info()&types.IsString != 0:
			s.edit(e, "mutantCaseText[%s](%d, $)", name, s.mutant(e, "without case "+s.short(e)))
		case basic.Info()&types.IsInteger != 0:
			s.edit(e, "mutantCaseNumber[%s](%d, $)", name, s.mutant(e, "without case "+s.short(e)))
		}
	}
}
