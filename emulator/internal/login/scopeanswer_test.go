package login

import "testing"

func TestScopesAreAnsweredAsTheyWereAsked(t *testing.T) {
	granted := []string{"openid", "profile", "offline_access", "User.Read", "Policy.Read.All"}
	for name, row := range map[string]struct {
		granted []string
		asked   string
		want    string
	}{
		"short names":               {granted, "openid profile offline_access User.Read", "openid profile User.Read Policy.Read.All"},
		"URIs":                      {granted, "https://graph.microsoft.com/User.Read openid", "openid profile https://graph.microsoft.com/User.Read https://graph.microsoft.com/Policy.Read.All"},
		"both":                      {granted, "user.read https://graph.microsoft.com/Policy.Read.All", "openid profile User.Read https://graph.microsoft.com/Policy.Read.All"},
		"nothing":                   {granted, "", "openid profile User.Read Policy.Read.All"},
		"everything, by URI":        {append(granted, ".default"), "https://graph.microsoft.com/.default", "openid profile https://graph.microsoft.com/User.Read https://graph.microsoft.com/Policy.Read.All https://graph.microsoft.com/.default"},
		"everything, before":        {append(granted, ".default"), "", "openid profile User.Read Policy.Read.All"},
		"everything, by short name": {append(granted, ".default"), ".default openid", "openid profile User.Read Policy.Read.All .default"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := scopeAnswer(row.granted, row.asked); got != row.want {
				t.Errorf("scope %q, want %q", got, row.want)
			}
		})
	}
}
