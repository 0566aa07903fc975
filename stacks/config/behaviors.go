package config

import (
	"strings"
	"unicode/utf8"
)

// Behavior is one cache behavior of the distribution, as the configuration adds up to it.
type Behavior struct {
	// Names what belongs to this behavior: "default", "models", or made from the path.
	ID string
	// Path pattern; empty for the default behavior.
	Path    string
	Origin  string
	Methods string
	// What is cached; nil: nothing, or everything that the models' bucket holds if Files is set.
	Cache *Cache
	Files bool

	at path // where the configuration describes it
}

// Behaviors returns the cache behaviors in the order CloudFront tries them, the default one first.
func (e Environment) Behaviors() []Behavior {
	list := []Behavior{{ID: "default", Origin: OriginAPI, Methods: MethodsAll, Cache: e.API.Cache, at: "api"}}
	for i, r := range e.Routes {
		list = append(list, Behavior{
			ID: slug(r.Path), Path: r.Path, Origin: r.Origin, Methods: r.Methods, Cache: r.Cache,
			at: path("routes").index(i),
		})
	}
	return append(list, Behavior{
		ID: "models", Path: e.Models.Path, Origin: OriginModels, Methods: MethodsRead, Files: true, at: "models",
	})
}

// Origins returns the ids of the origins.
func (e Environment) Origins() []string { return []string{OriginAPI, OriginModels} }

// slug makes a Terraform and CloudFront name of a path pattern: /v1/embeddings* becomes v1_embeddings-all.
func slug(pattern string) string {
	return strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '_'
	}, strings.NewReplacer("*", "-all", "?", "-one").Replace(normal(pattern)))
}

func (e Environment) checkBehaviors(r *report, at path, stack string) {
	list := e.Behaviors()
	r.atMost("R4", at.field("routes"), len(list), e.Quotas.Behaviors, " behaviors with those of api and models", "quotas.behaviors")
	r.atMost("O15", at, len(e.Origins()), e.Quotas.Origins, " origins", "quotas.origins")
	comparePaths(r, at, list[1:])
	seen := map[string]path{}
	for _, b := range list {
		if b.Cache == nil {
			continue
		}
		where := at.field(string(b.at.field("path")))
		if first, taken := seen[b.ID]; taken {
			r.must("R14", where, "must not make the same cache policy name %q as %s", stack+"-"+b.ID, first)
		}
		seen[b.ID] = b.at
		r.length("R13", where, policyNameLength, stack+"-"+b.ID)
	}
}

// comparePaths compares every path pattern with those before it.
func comparePaths(r *report, at path, list []Behavior) {
	for i, later := range list {
		where := at.field(string(later.at.field("path")))
		for _, earlier := range list[:i] {
			if tooLong(earlier.Path) || tooLong(later.Path) {
				continue
			}
			if normal(earlier.Path) == normal(later.Path) {
				r.must("R2", where, "must not repeat %q of %s", earlier.Path, earlier.at)
				break
			}
			if covers(earlier.Path, later.Path) {
				r.warn("R3", where, "is never reached: %q of %s matches all that %q does", earlier.Path, earlier.at, later.Path)
				break
			}
		}
	}
}

func tooLong(pattern string) bool { return utf8.RuneCountInString(pattern) > pathLength.Max }
