package graphapi_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// permissionRow is one operation with the least permissions that Microsoft documents for
// it: one, or several that are all needed. Nil means not supported.
type permissionRow struct {
	operation              string // "GET v1.0 /users/{user}"
	delegated, application []string
}

func permissionRows(t *testing.T) []permissionRow {
	t.Helper()
	text, err := os.ReadFile("testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	together := func(cell string) []string {
		if cell == "-" {
			return nil
		}
		return strings.Split(cell, "+")
	}
	var rows []permissionRow
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 {
			t.Fatalf("testdata/permissions.txt: %q has %d cells, want 3", line, len(cells))
		}
		rows = append(rows, permissionRow{cells[0], together(cells[1]), together(cells[2])})
	}
	return rows
}

func TestEveryOperationHasADocumentedPermission(t *testing.T) {
	var named []string
	for _, row := range permissionRows(t) {
		named = append(named, row.operation)
	}
	slices.Sort(named)
	if diff := cmp.Diff(graphapi.Operations(), named); diff != "" {
		t.Errorf("testdata/permissions.txt does not name what is served:\n%s", diff)
	}
}

// caller makes a token of the application, or of a Global Administrator, with the
// permissions.
func (l *lab) caller(delegated bool, permissions []string) (bearer string) {
	token := graphapi.Token{AppID: "harness", Roles: permissions}
	if delegated {
		token = graphapi.Token{AppID: "harness", UserID: l.admin, Scopes: permissions, AMR: []string{"pwd", "mfa"}, TokenID: "plain"}
	}
	bearer = strings.Join(permissions, ",")
	l.tokens[bearer] = l.token(token)
	return bearer
}

func (l *lab) promote(user, role string) {
	l.with(func(tenant *store.Tenant) {
		s := store.Schedule{ID: tenant.NewID(), Kind: store.Assignment, PrincipalID: user, RoleDefinitionID: role, DirectoryScopeID: "/", Start: start, CreatedAt: start}
		tenant.Schedules.Put(s.ID, s, start)
	})
}

// run sends the operation with the least permissions, with each of them missing, with
// everything that only reads where it writes, with another permission, and without a token.
func (r permissionRow) run(t *testing.T) {
	l := newLab(t)
	l.promote(l.admin, store.RoleGlobalAdministrator)
	method, path, _ := strings.Cut(r.operation, " ")
	path = "/" + strings.Replace(path, " ", "", 1)
	path = regexp.MustCompile(`\{[a-zA-Z]+\}`).ReplaceAllString(path, "x")
	if a := l.do("", method, path, "{}"); a.status != http.StatusUnauthorized || a.code() != "InvalidAuthenticationToken" ||
		a.header.Get("WWW-Authenticate") == "" || a.header.Get("request-id") == "" || a.header.Get("request-id") != a.body.Object("error").Object("innerError").String("request-id") {
		t.Errorf("without a token: %d %v %s", a.status, a.header, pretty(a.body))
	}
	for _, kind := range []struct {
		delegated bool
		least     []string
	}{{true, r.delegated}, {false, r.application}} {
		if path == "/v1.0/me" && !kind.delegated {
			// Observed: what an application lacks here is a person, and it is told so.
			if a := l.do(l.caller(false, strings.Fields(everything)), method, path, ""); a.status != http.StatusBadRequest {
				t.Errorf("an application asked who it is: %d", a.status)
			}
			continue
		}
		if kind.least == nil {
			r.refused(t, l, l.caller(kind.delegated, strings.Fields(everything)), method, path)
			continue
		}
		if a := l.do(l.caller(kind.delegated, kind.least), method, path, "{}"); a.status == http.StatusForbidden || a.status == http.StatusUnauthorized {
			t.Errorf("delegated %t with %v: %d %s", kind.delegated, kind.least, a.status, pretty(a.body))
		}
		for i := range kind.least {
			without := slices.Delete(slices.Clone(kind.least), i, i+1)
			r.refused(t, l, l.caller(kind.delegated, append(without, "Mail.Read")), method, path)
		}
		if strings.Contains(kind.least[0], "ReadWrite") {
			r.refused(t, l, l.caller(kind.delegated, reading(permissionRows(t), kind.delegated)), method, path)
		}
	}
}

// refused wants a 403 in the envelope, with the request's id in header and body.
func (r permissionRow) refused(t *testing.T, l *lab, bearer, method, path string) {
	t.Helper()
	a := l.do(bearer, method, path, "{}")
	if a.status != http.StatusForbidden || !slices.Contains([]string{"Authorization_RequestDenied", "AccessDenied", "PermissionScopeNotGranted"}, a.code()) {
		t.Errorf("with %s: %d %s", bearer, a.status, pretty(a.body))
		return
	}
	inner := a.body.Object("error").Object("innerError")
	if id := a.header.Get("request-id"); id == "" || id != inner.String("request-id") || a.header.Get("client-request-id") == "" {
		t.Errorf("with %s: request-id %q in the header: %s", bearer, id, pretty(a.body))
	}
}

// reading are all permissions of the table that only read.
func reading(rows []permissionRow, delegated bool) []string {
	var out []string
	for _, row := range rows {
		least := row.application
		if delegated {
			least = row.delegated
		}
		for _, p := range least {
			if strings.Contains(p, ".Read") && !strings.Contains(p, "Write") && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func TestLeastPermissions(t *testing.T) {
	for _, row := range permissionRows(t) {
		t.Run(row.operation, row.run)
	}
}

// What is a user's own needs less (documented: User.Read, and the permissions on methods
// without ".All"), and no directory role.
func TestPermissionsOnWhatIsOnesOwn(t *testing.T) {
	l := newLab(t)
	for scope, path := range map[string]string{
		"User.Read":                        "",
		"UserAuthenticationMethod.Read":    "/authentication/methods",
		"UserAuthMethod-TAP.Read":          "/authentication/temporaryAccessPassMethods",
		"UserAuthMethod-Passkey.Read":      "/authentication/fido2Methods",
		"UserAuthMethod-Password.Read":     "/authentication/passwordMethods",
		"UserAuthMethod-SoftwareOATH.Read": "/authentication/softwareOathMethods",
	} {
		bearer := l.caller(true, []string{scope})
		if a := l.do(bearer, http.MethodGet, "/v1.0/users/"+l.admin+path, ""); a.status != http.StatusOK {
			t.Errorf("%s on the caller: %d %s", scope, a.status, a.code())
		}
		if a := l.do(bearer, http.MethodGet, "/v1.0/users/"+l.other+path, ""); a.status != http.StatusForbidden {
			t.Errorf("%s on somebody else: %d", scope, a.status)
		}
	}
}
