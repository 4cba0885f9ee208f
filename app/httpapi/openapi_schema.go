package httpapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"youyue/models"

	"github.com/getkin/kin-openapi/openapi3"
)

// The library's generator gives pointers to shared types no null and knows no
// validator tags, so the schemas are read from the types here.

// use says on which side of a request a type stands: what is required of a
// body is named by its validator tags, what an answer holds is always there.
type use int

const (
	asked use = iota
	answered
)

var (
	typeInstant = reflect.TypeFor[models.Instant]()
	typeDay     = reflect.TypeFor[models.Day]()
	typeRaw     = reflect.TypeFor[json.RawMessage]()
)

// member is one JSON member of a struct, embedded ones drawn up.
type member struct {
	name     string
	optional bool // omitempty, omitzero
	typ      reflect.Type
	rules    string // validator tag
}

func members(t reflect.Type) []member {
	var out []member
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, opts, _ := strings.Cut(tag, ",")
		_, path := f.Tag.Lookup("path")
		_, query := f.Tag.Lookup("query")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			out = append(out, members(f.Type)...)
			continue
		case name == "-", !f.IsExported(), !tagged && (path || query):
			continue
		case name == "":
			name = f.Name
		}
		out = append(out, member{name, strings.Contains(opts, "omit"), f.Type, f.Tag.Get("validate")})
	}
	return out
}

func hasMembers(t reflect.Type) bool { return t.Kind() == reflect.Struct && len(members(t)) > 0 }

// requires reports whether a body of the type can be left out.
func requires(t reflect.Type) bool {
	return slices.ContainsFunc(members(t), func(m member) bool { return isRequired(m.rules) })
}

func isRequired(rules string) bool { return slices.Contains(strings.Split(rules, ","), "required") }

// hasTag reports whether a field of the struct, embedded ones too, has the tag.
func hasTag(t reflect.Type, tag string) bool { return len(tagged(t, tag)) > 0 }

// tagged lists the fields that have the tag.
func tagged(t reflect.Type, tag string) []reflect.StructField {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var out []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get(tag); name != "" && name != "-" {
			out = append(out, f)
		} else if f.Anonymous {
			out = append(out, tagged(f.Type, tag)...)
		}
	}
	return out
}

func (b *documenter) parameters(r Route) (openapi3.Parameters, error) {
	var out openapi3.Parameters
	add := func(p *openapi3.Parameter, s *openapi3.SchemaRef) {
		out = append(out, &openapi3.ParameterRef{Value: p.WithSchema(s.Value)})
	}
	for _, f := range tagged(r.In, "path") {
		name := f.Tag.Get("path")
		if !strings.Contains(r.Path+"/", "/:"+name+"/") {
			continue // an input that POST and PUT share
		}
		add(openapi3.NewPathParameter(name), b.value(f.Type, f.Tag.Get("validate"), asked))
	}
	if want := strings.Count(r.Path, ":"); len(out) != want {
		return nil, fmt.Errorf("its input reads %d of %d path parameters", len(out), want)
	}
	for _, f := range tagged(r.In, "query") {
		rules := f.Tag.Get("validate")
		add(openapi3.NewQueryParameter(f.Tag.Get("query")).WithRequired(isRequired(rules)), b.value(f.Type, rules, asked))
	}
	if reflect.PointerTo(r.In).Implements(reflect.TypeFor[keyed]()) {
		p := openapi3.NewHeaderParameter("Idempotency-Key").WithDescription("Any text of one's own, new for each wish; repeat it to find out whether a wish came through.")
		add(p, openapi3.NewStringSchema().WithMaxLength(200).NewRef())
	}
	if r.Stream {
		p := openapi3.NewHeaderParameter("Last-Event-ID").WithDescription("The version that the reader has; browsers send it by themselves. It goes before `version`.")
		add(p, openapi3.NewInt64Schema().NewRef())
	}
	return out, nil
}

// ref is a reference to the named schema of a struct, which it notes, or the
// schema itself of anything else.
func (b *documenter) ref(t reflect.Type, u use) *openapi3.SchemaRef {
	if t.Kind() != reflect.Struct || t == typeInstant || t == typeDay {
		return b.value(t, "", u)
	}
	if t.Name() == "" {
		return b.object(t, u).NewRef()
	}
	name := b.name(t)
	if _, ok := b.schemas[name]; !ok {
		b.schemas[name] = nil // a type that holds itself ends here
		b.schemas[name] = openapi3.NewSchemaRef("", b.object(t, u))
	}
	return openapi3.NewSchemaRef("#/components/schemas/"+name, nil)
}

func (b *documenter) object(t reflect.Type, u use) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	for _, m := range members(t) {
		s.WithPropertyRef(m.name, b.value(m.typ, m.rules, u))
		if (u == answered && !m.optional) || (u == asked && isRequired(m.rules)) {
			s.Required = append(s.Required, m.name)
		}
	}
	if u == asked {
		s.AdditionalProperties = openapi3.AdditionalProperties{Has: new(bool)}
	}
	slices.Sort(s.Required)
	return s
}

// value is the schema of one value with the limits of its validator tag.
func (b *documenter) value(t reflect.Type, rules string, u use) *openapi3.SchemaRef {
	if t.Kind() == reflect.Pointer {
		inner := b.value(t.Elem(), rules, u)
		if inner.Ref != "" { // 3.0 has no null beside a reference
			return (&openapi3.Schema{AllOf: openapi3.SchemaRefs{inner}, Nullable: true}).NewRef()
		}
		inner.Value.Nullable = true
		return inner
	}
	own, each, _ := strings.Cut(rules, "dive")
	s := &openapi3.Schema{}
	switch {
	case t == typeInstant:
		return openapi3.NewDateTimeSchema().NewRef()
	case t == typeDay:
		return openapi3.NewStringSchema().WithFormat("date").NewRef()
	case t == typeRaw || t.Kind() == reflect.Interface:
		return s.NewRef()
	case t.Kind() == reflect.Struct:
		return b.ref(t, u)
	}
	switch t.Kind() {
	case reflect.String:
		s = openapi3.NewStringSchema()
	case reflect.Bool:
		s = openapi3.NewBoolSchema()
	case reflect.Int64:
		s = openapi3.NewInt64Schema()
	case reflect.Int, reflect.Int32, reflect.Uint, reflect.Uint32, reflect.Uint8:
		s = openapi3.NewIntegerSchema()
	case reflect.Float64:
		s = openapi3.NewFloat64Schema()
	case reflect.Slice:
		s = openapi3.NewArraySchema()
		s.Items = b.value(t.Elem(), strings.TrimPrefix(each, ","), u)
	case reflect.Map:
		s = openapi3.NewObjectSchema()
		s.AdditionalProperties = openapi3.AdditionalProperties{Schema: b.value(t.Elem(), "", u)}
	default:
		b.err = fmt.Errorf("no way to write a %s in JSON", t)
	}
	for _, rule := range strings.Split(own, ",") {
		limit(s, rule, u)
	}
	return s.NewRef()
}

// limit puts one validator rule into the schema's words; what it has no word
// for is left out.
func limit(s *openapi3.Schema, rule string, u use) {
	name, arg, _ := strings.Cut(rule, "=")
	n, err := strconv.ParseFloat(arg, 64)
	numeric := err == nil
	low := func() {
		switch {
		case s.Type.Is("string"):
			s.MinLength = uint64(n)
		case s.Type.Is("array"):
			s.MinItems = uint64(n)
		default:
			s.Min = &n
		}
	}
	high := func() {
		most := uint64(max(n, 0))
		switch {
		case s.Type.Is("string"):
			s.MaxLength = &most
		case s.Type.Is("array"):
			s.MaxItems = &most
		default:
			s.Max = &n
		}
	}
	switch name {
	case "required":
		if s.Type.Is("string") && s.MinLength == 0 && u == asked {
			s.MinLength = 1
		}
	case "oneof":
		for _, w := range strings.Fields(arg) {
			s.Enum = append(s.Enum, w)
		}
	case "email", "uuid", "url":
		s.Format = map[string]string{"email": "email", "uuid": "uuid", "url": "uri"}[name]
	}
	if !numeric {
		return
	}
	switch name {
	case "min", "gte":
		low()
	case "max", "lte":
		high()
	case "len":
		low()
		high()
	}
}
