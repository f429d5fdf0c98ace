package main

import (
	"go/ast"
	"go/constant"
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

// condition makes the mutants of a whole condition: always true, always false, and
// without each of its operands.
func (s *site) condition(e ast.Expr, loop bool) {
	switch x := s.bare(e).(type) {
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND:
			s.edit(e, "(!mutant(%d) && ($))", s.mutant(e, s.short(e)+" → false"))
			s.operand(x.X, token.LAND)
			s.operand(x.Y, token.LAND)
			return
		case token.LOR:
			if !loop {
				s.edit(e, "(mutant(%d) || ($))", s.mutant(e, s.short(e)+" → true"))
			}
			s.operand(x.X, token.LOR)
			s.operand(x.Y, token.LOR)
			return
		}
		if s.failed(x) != token.ILLEGAL {
			// The other way is always seen.
			if s.failed(x) == token.NEQ {
				s.edit(e, "(!mutant(%d) && ($))", s.mutant(e, s.short(e)+" → false"))
			} else {
				s.edit(e, "(mutant(%d) || ($))", s.mutant(e, s.short(e)+" → true"))
			}
			return
		}
	case *ast.UnaryExpr:
		if inner, ok := s.bare(x.X).(*ast.BinaryExpr); ok && (inner.Op == token.LAND || inner.Op == token.LOR) {
			s.operand(inner.X, inner.Op)
			s.operand(inner.Y, inner.Op)
		}
	}
	if loop {
		s.edit(e, "(!mutant(%d) && ($))", s.mutant(e, s.short(e)+" → false"))
		return
	}
	yes := s.mutant(e, s.short(e)+" → true")
	s.edit(e, "(mutant(%d) || !mutant(%d) && ($))", yes, s.mutant(e, s.short(e)+" → false"))
}

// operand makes the mutant without an operand of && or ||.
func (s *site) operand(e ast.Expr, op token.Token) {
	x, _ := s.bare(e).(*ast.BinaryExpr)
	if x != nil && x.Op == op {
		s.operand(x.X, op)
		s.operand(x.Y, op)
		return
	}
	if x != nil && (x.Op == token.LAND || x.Op == token.LOR) {
		s.operand(x.X, x.Op)
		s.operand(x.Y, x.Op)
	}
	if s.constant(e) || !isBool(s.typeOf(e)) {
		return
	}
	if op == token.LAND {
		s.edit(e, "(mutant(%d) || ($))", s.mutant(e, s.short(e)+" → true"))
	} else {
		s.edit(e, "(!mutant(%d) && ($))", s.mutant(e, s.short(e)+" → false"))
	}
}

// bare takes parentheses and negations away, and marks what they are around.
func (s *site) bare(e ast.Expr) ast.Expr {
	s.done[e] = true
	if p, ok := e.(*ast.ParenExpr); ok {
		return s.bare(p.X)
	}
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.NOT {
		s.done[u.X] = true
	}
	return e
}

// failed returns the operator of err != nil and err == nil.
func (s *site) failed(x *ast.BinaryExpr) token.Token {
	if (x.Op == token.NEQ || x.Op == token.EQL) && s.p.info.Types[x.Y].IsNil() && isError(s.typeOf(x.X)) {
		return x.Op
	}
	return token.ILLEGAL
}

var boundaries = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}

// binary makes the mutants of boundaries and of arithmetic.
func (s *site) binary(e *ast.BinaryExpr) {
	if other := boundaries[e.Op]; other != "" {
		id := s.mutant(e, s.short(e)+" → "+other)
		s.change(e, func(text func(ast.Node) string) string {
			x, y := text(e.X), text(e.Y)
			return "(mutant(" + itoa(id) + ") && (" + x + ") " + other + " (" + y + ") || !mutant(" + itoa(id) + ") && (" + x + ") " + e.Op.String() + " (" + y + "))"
		})
		return
	}
	b, _ := s.typeOf(e).Underlying().(*types.Basic)
	name := map[token.Token]string{token.ADD: "Add", token.SUB: "Sub", token.MUL: "Mul", token.QUO: "Div"}[e.Op]
	if b == nil || b.Info()&types.IsNumeric == 0 || name == "" {
		return
	}
	t, ok := s.typeName(s.typeOf(e))
	if !ok {
		return
	}
	other := map[token.Token]string{token.ADD: "-", token.SUB: "+", token.MUL: "/", token.QUO: "*"}[e.Op]
	id := s.mutant(e, s.short(e)+" → "+other)
	s.change(e, func(text func(ast.Node) string) string {
		return "mutant" + name + "[" + t + "](" + itoa(id) + ", " + text(e.X) + ", " + text(e.Y) + ")"
	})
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

// inError reports whether a constant is a text of an error: its value is nobody's but
// a reader's.
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
