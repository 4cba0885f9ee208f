package httpapi

import (
	"fmt"
	"path"
	"reflect"
	"strings"
)

// naming gives every struct of the API a name of its own. Two packages may use
// one word; then both names carry the package: JobsResult, NotifyResult.
type naming struct {
	names map[reflect.Type]string
}

func newNaming(routes []Route) (*naming, error) {
	n := &naming{names: map[reflect.Type]string{}}
	byWord := map[string][]reflect.Type{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if _, seen := n.names[t]; seen || t.Kind() != reflect.Struct || t == typeInstant || t == typeDay {
			return
		}
		n.names[t] = word(t)
		if t.Name() != "" { // others are written where they stand
			byWord[word(t)] = append(byWord[word(t)], t)
		}
		for _, m := range members(t) {
			visit(m.typ)
		}
	}
	visit(reflect.TypeFor[Problem]())
	for _, r := range routes {
		if hasMembers(r.In) {
			visit(r.In)
		}
		visit(r.Out)
	}
	taken := map[string]reflect.Type{}
	for w, ts := range byWord {
		for _, t := range ts {
			if len(ts) > 1 && t != reflect.TypeFor[Problem]() {
				n.names[t] = capital(path.Base(element(t).PkgPath())) + w
			} else {
				n.names[t] = w
			}
			if other, ok := taken[n.names[t]]; ok && other != t {
				return nil, fmt.Errorf("api document: %s and %s would share the name %s", t, other, n.names[t])
			}
			taken[n.names[t]] = t
		}
	}
	return n, nil
}

func (n *naming) name(t reflect.Type) string { return n.names[t] }

// word is what a type is called in the document: showView is Show, and a page
// of them, list.Of[showView], is ShowList.
func word(t reflect.Type) string {
	if isList(t) {
		return word(element(t)) + "List"
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return capital(strings.TrimSuffix(name, "View"))
}

func isList(t reflect.Type) bool {
	return strings.HasPrefix(t.Name(), "Of[") && path.Base(t.PkgPath()) == "list"
}

// element is what a list is of; any other type is its own.
func element(t reflect.Type) reflect.Type {
	if !isList(t) {
		return t
	}
	f, _ := t.FieldByName("Items")
	return f.Type.Elem()
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
