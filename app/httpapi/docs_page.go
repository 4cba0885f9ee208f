package httpapi

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"youyue/app/web/locales"

	"github.com/getkin/kin-openapi/openapi3"
)

// The structs below are the reference page as its template wants it.

type docsPage struct {
	Title   string
	Groups  []docsGroup
	Schemas []docsSchema
}

type docsGroup struct {
	Name       string
	Operations []docsOperation
}

type docsOperation struct {
	ID         string // anchor
	Method     string
	Path       string
	Summary    string
	Permission string
	Parameters []docsField
	Body       *docsType
	Answers    []docsAnswer
}

type docsAnswer struct {
	Status string
	Text   string
	Type   *docsType
	Codes  []docsCode
}

type docsCode struct{ Code, Text string }

type docsSchema struct {
	ID     string
	Name   string
	Fields []docsField
}

type docsField struct {
	Name     string
	In       string // path, query or header, "" in a body
	Type     docsType
	Required bool
	Limits   string
}

// docsType is a type in words, with the schema it leads to.
type docsType struct {
	Text string
	Href string
	Many bool
	Null bool
}

// reference arranges the document for reading: operations by tag, paths in
// order, then the schemas.
func reference(doc *openapi3.T, l locales.Lang) docsPage {
	p := docsPage{Title: doc.Info.Title}
	groups := map[string][]docsOperation{}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if op := item.GetOperation(method); op != nil {
				tag := strings.Join(op.Tags, " ")
				groups[tag] = append(groups[tag], docsOf(path, method, op, l))
			}
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(groups)) {
		p.Groups = append(p.Groups, docsGroup{tag, groups[tag]})
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		p.Schemas = append(p.Schemas, docsSchema{"schema-" + name, name, fieldsOf(doc.Components.Schemas[name].Value)})
	}
	return p
}

func docsOf(path, method string, op *openapi3.Operation, l locales.Lang) docsOperation {
	permission, _ := op.Extensions[extPermission].(string)
	d := docsOperation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Permission: permission}
	for _, p := range op.Parameters {
		v := p.Value
		d.Parameters = append(d.Parameters, docsField{v.Name, v.In, typeOf(v.Schema), v.Required, limitsOf(v.Schema)})
	}
	if op.RequestBody != nil {
		t := typeOf(op.RequestBody.Value.Content.Get("application/json").Schema)
		d.Body = &t
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
		d.Answers = append(d.Answers, answerOf(status, op.Responses.Value(status).Value, l))
	}
	return d
}

func answerOf(status string, r *openapi3.Response, l locales.Lang) docsAnswer {
	a := docsAnswer{Status: status}
	codes, _ := r.Extensions[extCodes].([]string)
	n, err := strconv.Atoi(status)
	if err != nil {
		return a
	}
	for _, c := range codes {
		a.Codes = append(a.Codes, docsCode{c, wordsOf(l, c, n)})
	}
	if len(codes) == 0 {
		a.Text = *r.Description
	}
	if m := r.Content.Get("application/json"); m != nil && m.Schema.Ref != "" {
		t := typeOf(m.Schema)
		a.Type = &t
	}
	return a
}

func fieldsOf(s *openapi3.Schema) []docsField {
	var out []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		f := s.Properties[name]
		out = append(out, docsField{Name: name, Type: typeOf(f), Required: slices.Contains(s.Required, name), Limits: limitsOf(f)})
	}
	return out
}

func typeOf(ref *openapi3.SchemaRef) docsType {
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		return docsType{Text: name, Href: "#schema-" + name}
	}
	s := ref.Value
	switch {
	case len(s.AllOf) == 1:
		t := typeOf(s.AllOf[0])
		t.Null = s.Nullable
		return t
	case s.Type.Is("array"):
		t := typeOf(s.Items)
		t.Many = true
		return t
	}
	text := "any"
	if s.Type != nil {
		text = strings.Join(*s.Type, " ")
	}
	if s.Format != "" && s.Format != "int64" {
		text = s.Format
	}
	return docsType{Text: text, Null: s.Nullable}
}

// limitsOf is what a value is held to: "1–100", "≤ 200", or the words it may be.
func limitsOf(ref *openapi3.SchemaRef) string {
	s := ref.Value
	if ref.Ref != "" || s == nil {
		return ""
	}
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, w := range s.Enum {
			words[i], _ = w.(string)
		}
		return strings.Join(words, " · ")
	}
	low, high := "", ""
	switch {
	case s.MinLength > 0:
		low = strconv.FormatUint(s.MinLength, 10)
	case s.MinItems > 0:
		low = strconv.FormatUint(s.MinItems, 10)
	case s.Min != nil:
		low = strconv.FormatFloat(*s.Min, 'f', -1, 64)
	}
	switch {
	case s.MaxLength != nil:
		high = strconv.FormatUint(*s.MaxLength, 10)
	case s.MaxItems != nil:
		high = strconv.FormatUint(*s.MaxItems, 10)
	case s.Max != nil:
		high = strconv.FormatFloat(*s.Max, 'f', -1, 64)
	}
	switch {
	case low != "" && high != "":
		return low + "–" + high
	case low != "":
		return "≥ " + low
	case high != "":
		return "≤ " + high
	}
	return ""
}
