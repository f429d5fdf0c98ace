package web

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	text "text/template"
	"text/template/parse"
)

// check tries a template with a view, so that what is misspelled is found at the
// start and not by a visitor: a field, a function's argument, a block. It escapes the
// template, so that no other one of the same set can be tried any more.
func check(t *template.Template, name string, funcs template.FuncMap, view any) error {
	if err := checkBranches(t, name, text.FuncMap(funcs), view); err != nil {
		return err
	}
	var failed text.ExecError
	err := t.ExecuteTemplate(io.Discard, name, view)
	if errors.As(err, &failed) && !misspelled(err) {
		return nil // the example may lack what real pages have
	}
	return err
}

// checkBranches is check for branches that the view does not lead into. It executes
// both branches of each condition.
func checkBranches(t *template.Template, name string, funcs text.FuncMap, view any) error {
	all := text.New("").Funcs(funcs)
	for _, one := range t.Templates() {
		if one.Tree == nil {
			continue
		}
		tree := one.Tree.Copy()
		everywhere(tree.Root)
		text.Must(all.AddParseTree(one.Name(), tree))
	}
	if err := all.ExecuteTemplate(io.Discard, name, view); misspelled(err) {
		return err
	}
	return nil
}

// misspelled reports whether an error comes of what the template says, whatever the
// view has.
func misspelled(err error) bool {
	if err == nil {
		return false
	}
	for _, cause := range []string{"can't evaluate field", "wrong number of args", "no text \"", "wrong type", "has arguments but cannot be invoked"} {
		if strings.Contains(err.Error(), cause) {
			return true
		}
	}
	return false
}

// everywhere makes both branches of conditions run. Those that ask for .More, of which
// nothing is known here, stay as they are.
func everywhere(list *parse.ListNode) {
	if list == nil {
		return
	}
	for i, node := range slices.Backward(list.Nodes) {
		branch := branchOf(node)
		if branch == nil {
			continue
		}
		everywhere(branch.List)
		everywhere(branch.ElseList)
		switch {
		case strings.Contains(branch.Pipe.String(), ".More"):
		case branch.NodeType == parse.NodeIf:
			both := &parse.ListNode{Nodes: branch.List.Nodes}
			if branch.ElseList != nil {
				both.Nodes = slices.Concat(both.Nodes, branch.ElseList.Nodes)
			}
			branch.List, branch.ElseList = both, both
		case branch.ElseList != nil: // that of with and range has the dot from outside
			list.Nodes = slices.Insert(list.Nodes, i+1, branch.ElseList.Nodes...)
		}
	}
}

// branchOf returns what {{if}}, {{with}} and {{range}} have in common, nil for other nodes.
func branchOf(node parse.Node) *parse.BranchNode {
	switch n := node.(type) {
	case *parse.IfNode:
		return &n.BranchNode
	case *parse.WithNode:
		return &n.BranchNode
	case *parse.RangeNode:
		return &n.BranchNode
	}
	return nil
}

// checkUse refuses a block of a page's file that nothing uses: it is misspelled.
// common are the templates that all pages have.
func checkUse(page, common *template.Template, file string) error {
	used := map[string]bool{"content": true, "title": true, file: true}
	for _, t := range page.Templates() {
		if t.Tree != nil {
			calls(t.Tree.Root, used)
		}
	}
	for _, t := range page.Templates() {
		if !used[t.Name()] && common.Lookup(t.Name()) == nil {
			return fmt.Errorf("templates/%s: nothing uses the block %q", file, t.Name())
		}
	}
	return nil
}

// calls adds the names of the templates that the nodes call.
func calls(list *parse.ListNode, names map[string]bool) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		if call, ok := node.(*parse.TemplateNode); ok {
			names[call.Name] = true
		}
		if branch := branchOf(node); branch != nil {
			calls(branch.List, names)
			calls(branch.ElseList, names)
		}
	}
}
