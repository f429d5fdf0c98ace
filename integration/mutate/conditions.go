package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

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
