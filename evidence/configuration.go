package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// Object is an object of the tenant's configuration, as far as it decides about an activation.
type Object struct {
	Object string `json:"object"` // its Graph path
	// SHA256 is of the object's part of observation.json or configuration-after.json, its JSON without
	// white space.
	SHA256 string `json:"sha256"`
}

// configurationRecord are the objects before and after a proof; After is null where they were not
// read again.
type configurationRecord struct {
	Before []Object `json:"before"`
	After  []Object `json:"after"`
}

// changed reports whether the configuration was another one when the proof was over: then it is not
// known under which the activation was decided.
func (c configurationRecord) changed() []string {
	if c.After == nil || len(c.Before) == 0 {
		return nil
	}
	var changed []string
	after := map[string]string{}
	for _, o := range c.After {
		after[o.Object] = o.SHA256
	}
	for _, o := range c.Before {
		if after[o.Object] != o.SHA256 {
			changed = append(changed, o.Object)
		}
		delete(after, o.Object)
	}
	for _, o := range c.After {
		if _, added := after[o.Object]; added {
			changed = append(changed, o.Object)
		}
	}
	return changed
}

// configurationFile is configuration-after.json: the same two members that an observation has.
type configurationFile struct {
	Schema        string                `json:"schema"` // reprompt/configuration/v1
	At            time.Time             `json:"at"`     // the tenant's clock
	Setting       verdict.Setting       `json:"setting"`
	Configuration verdict.Configuration `json:"configuration"`
}

const configurationSchema = "reprompt/configuration/v1"

// objectsOf digests every object in an observation, or in what was read after it. It reads the bytes
// and not the types of this version, so that a later version comes to the same digests.
func objectsOf(content []byte) ([]Object, error) {
	var read struct {
		Setting       json.RawMessage `json:"setting"`
		Configuration *struct {
			Contexts   []json.RawMessage `json:"contexts"`
			Policies   []json.RawMessage `json:"policies"`
			Groups     []json.RawMessage `json:"groups"`
			Principals json.RawMessage   `json:"principals"`
		} `json:"configuration"`
	}
	if err := json.Unmarshal(content, &read); err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	objects := []Object{}
	add := func(path string, raw json.RawMessage, key string) error {
		if len(raw) == 0 {
			return nil
		}
		var of map[string]any
		if key != "" && json.Unmarshal(raw, &of) == nil {
			id, _ := of[key].(string)
			if path += id; id == "" {
				return nil // it was not read
			}
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return fmt.Errorf("read the configuration: %w", err)
		}
		objects = append(objects, Object{Object: path, SHA256: Digest(compact.Bytes())})
		return nil
	}
	if err := add("policies/roleManagementPolicies/", read.Setting, "policy_id"); err != nil || read.Configuration == nil {
		return objects, err
	}
	for _, list := range []struct {
		path string
		raw  []json.RawMessage
	}{
		{"identity/conditionalAccess/authenticationContextClassReferences/", read.Configuration.Contexts},
		{"identity/conditionalAccess/policies/", read.Configuration.Policies},
		{"groups/", read.Configuration.Groups},
	} {
		for _, raw := range list.raw {
			if err := add(list.path, raw, "id"); err != nil {
				return nil, err
			}
		}
	}
	return objects, add("roleManagement/directory/roleEligibilitySchedules", read.Configuration.Principals, "")
}
