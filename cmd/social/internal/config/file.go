package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readFile returns the file's values by dotted keys, and its providers in their
// order.
func readFile(path string) (map[string]any, []string, error) {
	if path == "" {
		return map[string]any{}, nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	tree, err := parseYAML(text)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %s: %w", path, err)
	}
	flat := map[string]any{}
	if err := flatten(flat, "", tree); err != nil {
		return nil, nil, fmt.Errorf("configuration: %s: %w", path, err)
	}
	return flat, listedProviders(text), nil
}

// parseYAML reads YAML, of which JSON is a part. It returns numbers as the text that
// the file has: a consumer key may have a leading zero, or an e among its digits.
func parseYAML(text []byte) (map[string]any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].ShortTag() != "!!null" {
		return nil, errors.New("it must have names and values") // yaml's error would show the content
	}
	numbersAsText(&doc)
	var tree map[string]any
	return tree, doc.Decode(&tree)
}

func numbersAsText(node *yaml.Node) {
	if tag := node.ShortTag(); node.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float") {
		node.Tag = "!!str"
	}
	for _, below := range node.Content {
		numbersAsText(below)
	}
}

// listedProviders returns the IDs of the file's providers in their order.
func listedProviders(text []byte) (ids []string) {
	var doc struct {
		Providers yaml.Node `yaml:"providers"`
	}
	if yaml.Unmarshal(text, &doc) != nil || doc.Providers.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(doc.Providers.Content); i += 2 {
		ids = append(ids, doc.Providers.Content[i].Value)
	}
	return ids
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// flatten adds the values of a tree to flat, by dotted keys with the prefix.
func flatten(flat map[string]any, prefix string, tree map[string]any) error {
	for name, value := range tree {
		if prefix == "providers." && !idPattern.MatchString(name) {
			return fmt.Errorf("providers.%s: a provider's ID has lower-case letters, digits, - and _ only", name)
		}
		below, ok := value.(map[string]any)
		if !ok || name == "auth_params" && strings.HasPrefix(prefix, "providers.") { // whose names may have dots
			if value != nil || prefix == "providers." { // a key without a value is like a missing key
				flat[prefix+name] = value
			}
			continue
		}
		if err := flatten(flat, prefix+name+".", below); err != nil {
			return err
		}
	}
	return nil
}
