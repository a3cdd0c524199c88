package main

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// labGraph asks Microsoft Graph of the embedded tenant that a folder of `reprompt emulator` describes,
// as the fixtures' application: somebody else who changes the tenant. The id of what came back, of its
// first element where it is a list, is in $ID; of a role's assignment of settings it is that of the
// settings. The whole answer is in the file answer.json. A body @FILE is read from
// that file.
//
//	graph lab PATCH /identity/conditionalAccess/policies/$ID '{"state":"disabled"}'
func labGraph(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: graph DIR METHOD PATH [BODY]")
	}
	lab, client, err := openLab(ts.MkAbs(args[0]))
	ts.Check(err)
	defer client.CloseIdleConnections()
	token, err := lab.token(client, lab.FixturesApp)
	ts.Check(err)
	body := ""
	if len(args) == 4 {
		body = args[3]
		if file, ok := strings.CutPrefix(body, "@"); ok {
			body = ts.ReadFile(file)
		}
	}
	request, err := http.NewRequest(args[1], "https://graph.microsoft.com/v1.0"+args[2], strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := exchange(client, request)
	if err != nil {
		ts.Fatalf("%s %s: %v", args[1], args[2], err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("answer.json"), answer, 0o600))
	ts.Setenv("ID", idIn(answer))
}

// labControl tells the embedded tenant of a folder how to behave.
//
//	control lab /variant '{"language":"fr"}'
func labControl(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: control DIR PATH BODY")
	}
	var lab labAccess
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0]+"/emulator.json")), &lab))
	request, err := http.NewRequest(http.MethodPost, lab.Control+args[1], strings.NewReader(args[2]))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+lab.ControlToken)
	request.Header.Set("Content-Type", "application/json")
	if _, err := exchange(http.DefaultClient, request); err != nil {
		ts.Fatalf("POST %s: %v", args[1], err)
	}
}

// labAccess is what the script needs of emulator.json.
type labAccess struct {
	Proxy        string `json:"proxy"`
	TenantID     string `json:"tenant_id"`
	Control      string `json:"control"`
	ControlToken string `json:"control_token"`
	FixturesApp  labApp `json:"fixtures_app"`
	SetupApp     labApp `json:"setup_app"`
}

type labApp struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// openLab reads the folder of `reprompt emulator`.
func openLab(dir string) (labAccess, *http.Client, error) {
	var lab labAccess
	text, err := os.ReadFile(filepath.Join(dir, "emulator.json"))
	if err != nil {
		return lab, nil, err
	}
	if err := json.Unmarshal(text, &lab); err != nil {
		return lab, nil, err
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return lab, nil, err
	}
	client, err := lab.client(ca)
	return lab, client, err
}

func (l labAccess) client(ca []byte) (*http.Client, error) {
	proxy, err := url.Parse(l.Proxy)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}}, nil
}

// token is an application's, by client credentials.
func (l labAccess) token(client *http.Client, app labApp) (string, error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"},
		"client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
	}
	request, err := http.NewRequest(http.MethodPost, "https://login.microsoftonline.com/"+l.TenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := exchange(client, request)
	if err != nil {
		return "", err
	}
	var got struct {
		AccessToken string `json:"access_token"`
	}
	err = json.Unmarshal(answer, &got)
	return got.AccessToken, err
}

func exchange(client *http.Client, request *http.Request) ([]byte, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("HTTP %d: %s", response.StatusCode, bytes.TrimSpace(answer))
	}
	return answer, err
}

func idIn(answer []byte) string {
	type object struct {
		ID       string `json:"id"`
		PolicyID string `json:"policyId"`
	}
	var got struct {
		object
		Value []object `json:"value"`
	}
	if json.Unmarshal(answer, &got) != nil {
		return "" // 204
	}
	if len(got.Value) > 0 {
		got.object = got.Value[0]
	}
	return cmp.Or(got.PolicyID, got.ID)
}
