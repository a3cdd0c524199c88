// Package contract holds the embedded tenant's Microsoft Graph against what Microsoft
// published of the real one: a schema made from Microsoft's API metadata, and the requests
// and responses of Microsoft's API reference. It has tests only, and is a module of its own
// so that the validator is no dependency of the shipped program.
//
// Schema and examples are not part of this repository. They are looked for in the folder
// shared/graph beside the project: openapi-subset.json (OpenAPI 3.0.3, strict: a property
// or a value of an enumeration that the metadata does not have is an error) and
// examples/*.request.http with the *.response.http of the same name. Without the folder
// the tests are skipped with a word; where the environment has CI they fail.
//
// What passes has the real service's shapes. It does not show that the real service would
// answer the same request in the same way.
package contract
