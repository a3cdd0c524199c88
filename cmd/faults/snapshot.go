package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// snapshot is what a tenant holds: for each collection the objects by id, as Graph answers them.
type snapshot map[string]map[string]string

// collections are the live objects that a run could leave behind or change. What a real tenant keeps in
// any case (past requests, deleted items, logs) is not among them; requests that still wait are.
var collections = map[string]string{
	"users":             "/users",
	"groups":            "/groups?$expand=members",
	"contexts":          "/identity/conditionalAccess/authenticationContextClassReferences",
	"policies":          "/identity/conditionalAccess/policies",
	"named locations":   "/identity/conditionalAccess/namedLocations",
	"role definitions":  "/roleManagement/directory/roleDefinitions?$filter=isBuiltIn eq false",
	"eligibilities":     "/roleManagement/directory/roleEligibilityScheduleInstances",
	"assignments":       "/roleManagement/directory/roleAssignmentScheduleInstances",
	"pending requests":  "/roleManagement/directory/roleAssignmentScheduleRequests",
	"role settings":     "/policies/roleManagementPolicies?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=rules",
	"applications":      "/applications",
	"strength policies": "/policies/authenticationStrengthPolicies",
}

// moving are properties that change by themselves, or say when an object was last written: an object that
// was changed and changed back is as it was.
var moving = []string{"modifiedDateTime", "lastModifiedDateTime", "lastModifiedBy", "signInActivity", "@odata.context"}

// snapshot reads every collection over Graph, as the application that prepares the tenant.
func (l *lab) snapshot(ctx context.Context) (snapshot, error) {
	token, err := l.token(ctx)
	if err != nil {
		return nil, err
	}
	s := snapshot{}
	for name, path := range collections {
		if s[name], err = l.collection(ctx, token, path); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return s, nil
}

func (l *lab) token(ctx context.Context) (string, error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {l.facts.FixturesApp.ClientID}, "client_secret": {l.facts.FixturesApp.ClientSecret},
		"scope": {"https://" + graphHost + "/.default"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+loginHost+"/"+l.facts.TenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token string `json:"access_token"`
	}
	err = send(l.proxy, request, &answer)
	return answer.Token, err
}

// collection reads all pages.
func (l *lab) collection(ctx context.Context, token, path string) (map[string]string, error) {
	all := map[string]string{}
	for next := "https://" + graphHost + "/v1.0" + strings.ReplaceAll(path, " ", "%20"); next != ""; {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, next, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		var page struct {
			Value []map[string]any `json:"value"`
			Next  string           `json:"@odata.nextLink"`
		}
		if err := send(l.proxy, request, &page); err != nil {
			return nil, err
		}
		for _, object := range page.Value {
			if waits, isRequest := object["status"].(string); object["action"] != nil && isRequest && !strings.HasPrefix(waits, "Pending") {
				continue // a request that is past
			}
			text, err := json.Marshal(still(object))
			if err != nil {
				return nil, err
			}
			all[fmt.Sprint(object["id"])] = string(text)
		}
		next = page.Next
	}
	return all, nil
}

// still is a value without what moves by itself.
func still(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, member := range v {
			if !slices.Contains(moving, name) {
				kept[name] = still(member)
			}
		}
		return kept
	case []any:
		var texts []string
		for _, member := range v { // the order of a collection says nothing
			text, _ := json.Marshal(still(member)) // what was read as JSON can be written
			texts = append(texts, string(text))
		}
		slices.Sort(texts)
		return texts
	}
	return value
}

// differences names every object that was made, changed or deleted.
func (s snapshot) differences(after snapshot) []string {
	var all []string
	for name, objects := range s {
		for id, text := range objects {
			switch now, there := after[name][id]; {
			case !there:
				all = append(all, fmt.Sprintf("%s: %s is gone", name, id))
			case now != text:
				all = append(all, fmt.Sprintf("%s: %s was %s and is %s", name, id, text, now))
			}
		}
		for id, text := range after[name] {
			if _, there := objects[id]; !there {
				all = append(all, fmt.Sprintf("%s: %s is new: %s", name, id, text))
			}
		}
	}
	slices.Sort(all)
	return all
}
