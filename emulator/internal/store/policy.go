package store

import (
	"encoding/json"
	"time"
)

// Context is an authentication context class reference.
type Context struct {
	ID          string // "c1" to "c99" (documented range; older pages say c25)
	DisplayName string
	Description string
	Available   bool // published to apps; a context that is not cannot be satisfied (observed: a redirect loop)
	ModifiedAt  time.Time
}

// Policy is a Conditional Access policy exactly as Graph returns it.
type Policy struct {
	ID         string
	Raw        json.RawMessage // Graph's object: explicit nulls and order of properties kept
	CreatedAt  time.Time
	ModifiedAt time.Time
}

// Strength is an authentication strength policy.
type Strength struct {
	ID           string
	DisplayName  string
	Description  string
	BuiltIn      bool
	Requirements string   // requirementsSatisfied: "mfa" or "none"
	Combinations []string // allowedCombinations, such as "fido2" or "password,softwareOath"
	CreatedAt    time.Time
	ModifiedAt   time.Time
}

// NamedLocation is a named location of Conditional Access.
type NamedLocation struct {
	ID         string
	Name       string
	Trusted    bool
	Ranges     []string // CIDR ranges of an IP location
	Countries  []string // ISO codes of a country location
	Raw        json.RawMessage
	CreatedAt  time.Time
	ModifiedAt time.Time
}

// RoleSetting is a role management policy (the role setting of PIM) with its rules.
type RoleSetting struct {
	ID           string // "DirectoryRole_{tenant}_{guid}" or "Group_{group}_{guid}"
	AssignmentID string // id of the policy assignment: ID + "_" + RoleID
	ScopeID      string // "/" or the group id
	ScopeType    string // "DirectoryRole" or "Group"
	RoleID       string // role definition id, or "member" | "owner" of a group
	Rules        []Rule // the 17 rules in the order of the live service
	ModifiedAt   time.Time
	ModifiedBy   string // object id of who changed it last; empty: nobody
}

// Rule is one rule of a role setting, as Graph returns it.
type Rule struct {
	ID  string // such as "AuthenticationContext_EndUser_Assignment"
	Raw json.RawMessage
}
