package evidence

import (
	"bytes"
	"cmp"
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

// eligibleObject is the path of the list of everybody who is eligible.
const eligibleObject = "roleManagement/directory/roleEligibilitySchedules"

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
	var d digester
	d.add("policies/roleManagementPolicies/", "policy_id", read.Setting)
	if c := read.Configuration; c != nil {
		d.add("identity/conditionalAccess/authenticationContextClassReferences/", "id", c.Contexts...)
		d.add("identity/conditionalAccess/policies/", "id", c.Policies...)
		d.add("groups/", "id", c.Groups...)
		d.add(eligibleObject, "", c.Principals)
	}
	return append([]Object{}, d.objects...), d.err
}

// digester collects objects and keeps the first error.
type digester struct {
	objects []Object
	err     error
}

// add digests objects whose path ends in the member key; key "" means that the path is whole. What has
// no id was not read, and is left out.
func (d *digester) add(path, key string, objects ...json.RawMessage) {
	for _, raw := range objects {
		at := path
		if key != "" {
			var of map[string]any
			_ = json.Unmarshal(raw, &of) // what is no object has no id
			id, _ := of[key].(string)
			at += id
		}
		if len(raw) == 0 || key != "" && at == path {
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			d.err = cmp.Or(d.err, fmt.Errorf("read the configuration: %w", err))
			continue
		}
		d.objects = append(d.objects, Object{Object: at, SHA256: Digest(compact.Bytes())})
	}
}
