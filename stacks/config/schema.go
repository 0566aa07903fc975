package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

// skeleton is the JSON Schema of the types alone: names, nesting and JSON types.
var skeleton = sync.OnceValue(func() any {
	return document((&jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true}).Reflect(Config{}))
})

const skeletonURL = "file:///skeleton.json"

var compiled = sync.OnceValue(func() *validator.Schema {
	c := validator.NewCompiler()
	if err := c.AddResource(skeletonURL, skeleton()); err != nil {
		panic(err)
	}
	return c.MustCompile(skeletonURL)
})

// violations holds a tree to the skeleton.
func violations(tree any) *validator.ValidationError {
	var found *validator.ValidationError
	errors.As(compiled().Validate(tree), &found)
	return found
}

// knownFields returns the fields of the object that a part of the skeleton describes.
func knownFields(schemaURL string) []string {
	_, part, _ := find(skeleton(), steps(schemaURL))
	properties, _ := part.(map[string]any)["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(properties))
}

// steps splits the JSON pointer behind the # of a URL.
func steps(url string) []string {
	_, pointer, _ := strings.Cut(url, "#/")
	if pointer == "" {
		return nil
	}
	return strings.Split(pointer, "/")
}

// document is a value as encoding/json would write and read it.
func document(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	return doc
}
