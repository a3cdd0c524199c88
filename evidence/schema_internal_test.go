package evidence

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// documents are the JSON documents of a bundle, and the types that write them.
var documents = []struct {
	name, title string
	of          reflect.Type
}{
	{"run", "run.json", reflect.TypeFor[runRecord]()},
	{"observation", "observation.json", reflect.TypeFor[verdict.Observation]()},
	{"verdict", "verdict.json", reflect.TypeFor[verdict.Verdict]()},
	{"event", "one line of events.ndjson", reflect.TypeFor[Event]()},
	{"configuration", "configuration-after.json", reflect.TypeFor[configurationFile]()},
	{"trace", "trace.json", reflect.TypeFor[Trace]()},
	{"manifest", "manifest.json", reflect.TypeFor[Manifest]()},
	{"envelope", "statement.dsse.json and svr.dsse.json", reflect.TypeFor[envelope]()},
	{"test-result", "the payload of statement.dsse.json", reflect.TypeFor[statement[testResult]]()},
	{"svr", "the payload of svr.dsse.json", reflect.TypeFor[statement[verification]]()},
}

// fixed are the values that a member may have, where the format fixes them for good.
var fixed = map[string][]any{
	"verdict.Outcome":                       {"enforced", "not-enforced", "inconclusive", ""},
	"evidence.Target":                       {string(Embedded), string(Tenant), string(TenantBehindPrivateCA)},
	"evidence.Kind":                         {string(KindRun), string(KindProve), string(KindMerge), string(KindAttachLog)},
	"evidence.runRecord.schema":             {runSchema},
	"evidence.runRecord.state":              {stateRunning, stateFinished},
	"evidence.scenarioRecord.state":         {stateRunning, stateFinished, stateFailed},
	"evidence.Trace.schema":                 {traceSchema},
	"evidence.Manifest.schema":              {manifestSchema},
	"evidence.configurationFile.schema":     {configurationSchema},
	"evidence.envelope.payloadType":         {statementType},
	"evidence.testResult.result":            {resultPassed, resultWarned, resultFailed},
	"statement[testResult]._type":           {statementV1},
	"statement[verification]._type":         {statementV1},
	"statement[testResult].predicateType":   {testResultType},
	"statement[verification].predicateType": {svrType},
}

func TestSchemasAreThoseOfTheTypes(t *testing.T) {
	words := wordsOf(t, ".", "../verdict", "../tokens")
	for _, d := range documents {
		made := &schemaMaker{words: words, defs: map[string]any{}}
		root := made.object(d.of)
		root["$schema"], root["title"] = "https://json-schema.org/draft/2020-12/schema", d.title
		root["$id"] = "https://github.com/reprompt/reprompt/evidence/schema/" + d.name + ".schema.json"
		if len(made.defs) > 0 {
			root["$defs"] = made.defs
		}
		want, err := encodeIndented(root)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("schema", d.name+".schema.json")
		if flag.Lookup("update").Value.String() == "true" { // defined beside the other golden files
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its type says (%v): go test ./evidence -run Schemas -update", file, err)
		}
	}
}

// schemaMaker turns types into schemas. Members are required where they are always written.
type schemaMaker struct {
	words map[string]string
	defs  map[string]any
}

type jsonObject = map[string]any

func typeName(of reflect.Type) string {
	name := of.String()
	for _, long := range []string{"github.com/reprompt/reprompt/evidence."} {
		name = strings.ReplaceAll(name, long, "")
	}
	if strings.Contains(name, "[") {
		name = strings.TrimPrefix(name, "evidence.")
	}
	return name
}

func (m *schemaMaker) object(of reflect.Type) jsonObject {
	name := typeName(of)
	properties, required := jsonObject{}, []string{}
	for i := range of.NumField() {
		field := of.Field(i)
		member, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := m.value(field.Type)
		if text := m.words[name+"."+field.Name]; text != "" {
			property["description"] = text
		}
		if values, ok := fixed[name+"."+member]; ok {
			property["enum"] = values
		}
		properties[member] = property
		if options != "omitempty" && options != "omitzero" {
			required = append(required, member)
		}
	}
	schema := jsonObject{"type": "object", "properties": properties, "required": required}
	if text := m.words[name]; text != "" {
		schema["description"] = text
	}
	return schema
}

func (m *schemaMaker) value(of reflect.Type) jsonObject {
	switch {
	case of == reflect.TypeFor[time.Time]():
		return jsonObject{"type": "string", "format": "date-time"}
	case of == reflect.TypeFor[[]byte]():
		return jsonObject{"type": []string{"string", "null"}, "contentEncoding": "base64"}
	}
	switch of.Kind() {
	case reflect.Pointer:
		return jsonObject{"anyOf": []any{m.value(of.Elem()), jsonObject{"type": "null"}}}
	case reflect.Slice:
		return jsonObject{"type": []string{"array", "null"}, "items": m.value(of.Elem())}
	case reflect.Map:
		return jsonObject{"type": "object", "additionalProperties": m.value(of.Elem())}
	case reflect.Struct:
		name := typeName(of)
		if _, done := m.defs[name]; !done {
			m.defs[name] = nil
			m.defs[name] = m.object(of)
		}
		return jsonObject{"$ref": "#/$defs/" + name}
	case reflect.Bool:
		return jsonObject{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return jsonObject{"type": "integer"}
	case reflect.String:
		if values, ok := fixed[typeName(of)]; ok {
			return jsonObject{"type": "string", "enum": values}
		}
		return jsonObject{"type": "string"}
	}
	panic("no schema for " + of.String())
}

// wordsOf are the comments of types and their fields, by "package.Type" and "package.Type.Field".
func wordsOf(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	words := map[string]string{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range parsed.Decls {
				collect(words, parsed.Name.Name, decl)
			}
		}
	}
	return words
}

func collect(words map[string]string, pkg string, decl ast.Decl) {
	of, ok := decl.(*ast.GenDecl)
	if !ok || of.Tok != token.TYPE {
		return
	}
	for _, spec := range of.Specs {
		spec := spec.(*ast.TypeSpec)
		name := pkg + "." + spec.Name.Name
		words[name] = comment(of.Doc)
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			text := comment(field.Doc)
			if text == "" {
				text = comment(field.Comment)
			}
			for _, ident := range field.Names {
				words[name+"."+ident.Name] = text
			}
		}
	}
}

func comment(group *ast.CommentGroup) string {
	return strings.Join(strings.Fields(group.Text()), " ")
}

// A schema must refuse: each damage to a good document is named.
func TestASchemaRefusesWhatIsNotOfItsForm(t *testing.T) {
	good := jsonObject{"n": 1, "kind": "step", "text": "sign in", "at": "2026-03-14T09:26:53Z", "prev": chainStart, "sha256": chainStart}
	for name, damage := range map[string]func(jsonObject){
		"at '/n': got string, want integer":           func(o jsonObject) { o["n"] = "1" },
		"at '': missing property 'prev'":              func(o jsonObject) { delete(o, "prev") },
		"at '/at': '14 March' is not valid date-time": func(o jsonObject) { o["at"] = "14 March" },
	} {
		damaged := jsonObject{}
		for key, value := range good {
			damaged[key] = value
		}
		damage(damaged)
		content, err := json.Marshal(damaged)
		if err != nil {
			t.Fatal(err)
		}
		if err := conforms("event", content); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("the schema says %v, want %s", err, name)
		}
	}
	content, _ := json.Marshal(good)
	if err := conforms("event", content); err != nil {
		t.Errorf("the schema refuses what is right: %v", err)
	}
}
