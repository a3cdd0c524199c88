package browser

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"

	"github.com/reprompt/reprompt/secret"
)

// away is the browser of all these tests, started as somebody else would: in a process of its own, with a
// DevTools port. TestMain stops it.
var away struct {
	sync.Once
	address secret.Text
	command *exec.Cmd
	ended   chan struct{}
	err     error
}

// elsewhere is the address of the browser that runs already.
func elsewhere(t *testing.T) secret.Text {
	t.Helper()
	away.Do(startAway)
	if away.err != nil {
		t.Fatal(away.err)
	}
	return away.address
}

func startAway() {
	folder, err := os.MkdirTemp("", "reprompt-remote-")
	if err != nil {
		away.err = err
		return
	}
	flags := []string{"--headless", "--no-first-run", "--remote-debugging-port=0", "--user-data-dir=" + folder, "about:blank"}
	if os.Getuid() == 0 {
		flags = append(flags, "--no-sandbox")
	}
	away.command, away.ended = exec.Command(shared.Installation().Path, flags...), make(chan struct{})
	said, err := away.command.StderrPipe()
	if err == nil {
		err = away.command.Start()
	}
	if err != nil {
		away.command, away.err = nil, errors.Join(err, os.RemoveAll(folder))
		return
	}
	found := make(chan string, 1)
	go func() {
		defer close(away.ended)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if address, ok := strings.CutPrefix(lines.Text(), "DevTools listening on "); ok {
				found <- address
			}
		}
		_ = away.command.Wait()
		_ = os.RemoveAll(folder)
		close(found)
	}()
	if away.address = secret.New(<-found); away.address.Empty() {
		away.err = errors.New("the browser said no address of its DevTools port")
	}
}

// stopAway ends that browser, if there is one.
func stopAway() {
	if away.command != nil {
		_ = away.command.Process.Signal(os.Interrupt)
		<-away.ended
	}
}

func connect(t *testing.T, to Remote) *Browser {
	t.Helper()
	b, err := Connect(testContext(t), to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func tabOf(t *testing.T, b *Browser) *Tab {
	t.Helper()
	s, err := b.NewSession(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	tab, err := s.NewTab(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// pages are the addresses of the pages of a browser.
func pages(t *testing.T, b *Browser) []string {
	t.Helper()
	got, err := call(testContext(t), b.root, nil, target.GetTargets, target.GetTargetsParams{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, info := range got.TargetInfos {
		if info.Type == KindPage {
			all = append(all, info.URL)
		}
	}
	slices.Sort(all)
	return all
}

// A browser in another process is driven as one of ours is, and has nothing of ours once we left: by Close, or
// because the connection broke. It goes on.
func TestARemoteBrowserIsLeftAsItWas(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html("<p id=p>there</p>")})
	address := elsewhere(t)
	watching := connect(t, Remote{URL: address})
	before, contextsBefore := pages(t, watching), contexts(t, watching)
	for name, leave := range map[string]func(*Browser){
		"closed":                func(b *Browser) { _ = b.Close() },
		"the connection breaks": func(b *Browser) { _ = b.conn.transport.Close(); <-b.Ended(); _ = b.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			b := connect(t, Remote{URL: address})
			tab := tabOf(t, b)
			var got string
			mustEval(t, mustNavigate(t, tab, server.URL), `document.querySelector("p").innerText`, &got)
			if got != "there" || len(contexts(t, watching)) != len(contextsBefore)+1 || len(pages(t, watching)) != len(before)+1 {
				t.Fatalf("it read %q; contexts %v, pages %v", got, contexts(t, watching), pages(t, watching))
			}
			if digest, err := b.Digest(); err == nil || b.Installation().Name != RemoteName || b.Version() == "" {
				t.Errorf("digest %q, installation %v, version %q", digest, b.Installation(), b.Version())
			}
			gone := watchPages(t, watching, len(before))
			leave(b)
			gone()
			if now := contexts(t, watching); len(now) != len(contextsBefore) {
				t.Errorf("contexts %v, want %v", now, contextsBefore)
			}
			if _, err := tab.Navigate(testContext(t), server.URL); err == nil {
				t.Error("a tab of a browser that was left still navigates")
			}
		})
	}
}

// watchPages returns a function that waits until a browser has so many pages, by what the browser says of them.
func watchPages(t *testing.T, b *Browser, want int) (await func()) {
	t.Helper()
	changed := make(chan struct{}, 100)
	other := b.conn.open("", func(method string, params jsonv2.Value) {
		b.event(method, params)
		if strings.HasPrefix(method, "Target.target") {
			changed <- struct{}{}
		}
	})
	b.root = other
	if _, err := call(testContext(t), b.root, nil, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		for ctx := testContext(t); len(pages(t, b)) != want; {
			select {
			case <-changed:
			case <-ctx.Done():
				t.Fatalf("pages %v, want %d", pages(t, b), want)
			}
		}
	}
}

// What a page may not ask for does not leave a remote browser: no document, no part of one, no request of a
// frame, a script or a worker, and nothing that a redirect leads to. It is told to whoever holds the list.
func TestARemoteBrowserIsHeldToItsHosts(t *testing.T) {
	reached := make(chan string, 20)
	outside := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached <- r.URL.Path
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(outside.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/", html("<p>in</p>"))
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, outside.URL+"/redirected", http.StatusFound)
	})
	mux.HandleFunc("/parts", html(`<img src="`+outside.URL+`/img"><iframe src="`+outside.URL+`/frame"></iframe>`))
	mux.HandleFunc("/worker.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, `fetch("%s/worker").then(() => postMessage("let through"), () => postMessage("refused"))`, outside.URL)
	})
	inside := httptest.NewTLSServer(mux)
	t.Cleanup(inside.Close)
	asked := make(chan string, 100)
	b := connect(t, Remote{URL: elsewhere(t), InsecureCertificates: true, Allows: func(address string) bool {
		asked <- address
		return "https://"+address == inside.URL
	}})
	tab := tabOf(t, b)
	var got string
	for name, script := range map[string]string{
		"fetch":  `fetch("` + outside.URL + `/fetch").then(() => "let through", () => "refused")`,
		"worker": `new Promise(done => { new Worker("/worker.js").onmessage = e => done(e.data) })`,
	} {
		doc := mustNavigate(t, tab, inside.URL)
		mustEval(t, doc, script, &got)
		if got != "refused" {
			t.Errorf("%s: %s", name, got)
		}
	}
	mustEval(t, mustNavigate(t, tab, inside.URL+"/parts"), loaded, nil)
	for _, address := range []string{outside.URL + "/page", inside.URL + "/away", strings.Replace(inside.URL, "https", "http", 1)} {
		_, err := tab.Navigate(testContext(t), address)
		if network := new(NetworkError); !errors.As(err, &network) || !strings.Contains(network.Code, "ERR_BLOCKED_BY_CLIENT") {
			t.Errorf("%s: %v", address, err)
		}
	}
	select {
	case path := <-reached:
		t.Errorf("%s was let out", path)
	default:
	}
	close(asked)
	if !slices.Contains(slices.Collect(chanOf(asked)), strings.TrimPrefix(outside.URL, "https://")) {
		t.Error("nobody was asked about the host outside")
	}
}

func chanOf[T any](c <-chan T) func(func(T) bool) {
	return func(yield func(T) bool) {
		for v := range c {
			if !yield(v) {
				return
			}
		}
	}
}

// The proxy of a session leads a remote browser also to loopback.
func TestARemoteSessionHasAProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		html("<p>from the proxy: "+r.Host+"</p>")(w, r)
	}))
	t.Cleanup(proxy.Close)
	closed := site(t, nil)
	closed.Close()
	tab := tabOf(t, connect(t, Remote{URL: elsewhere(t), Proxy: proxy.URL}))
	var got string
	mustEval(t, mustNavigate(t, tab, closed.URL), `document.body.innerText`, &got)
	if want := "from the proxy: " + strings.TrimPrefix(closed.URL, "http://"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A passkey answers in a remote browser, also where certificates are not looked at; and a certificate that
// nobody trusts is an error where they are.
func TestAPasskeyInARemoteBrowser(t *testing.T) {
	server := httptest.NewTLSServer(html(strings.ReplaceAll(askForPasskey, "%s", `"required"`)))
	t.Cleanup(server.Close)
	address, page := elsewhere(t), strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	tab := tabOf(t, connect(t, Remote{URL: address, InsecureCertificates: true}))
	if err := tab.AddPasskey(testContext(t), newPasskey(t)); err != nil {
		t.Fatal(err)
	}
	doc := mustNavigate(t, tab, page)
	mustEval(t, doc, loaded, nil)
	if err := doc.Touch(testContext(t)); err != nil {
		t.Fatal(err)
	}
	var got string
	mustEval(t, doc, `new Promise(done => { const p = document.getElementById("p");
		new MutationObserver(() => done(p.textContent)).observe(p, {childList: true}); if (p.textContent !== "asking") done(p.textContent) })`, &got)
	if want := base64.RawURLEncoding.EncodeToString([]byte("credential")); got != want {
		t.Errorf("the page has %q, want %q", got, want)
	}
	if seen := tab.Session().Certificates(); len(seen) != 1 || len(seen[0].Chain) == 0 || string(seen[0].Chain[0]) != string(server.Certificate().Raw) {
		t.Errorf("certificates seen: %v", seen)
	}
	_, err := tabOf(t, connect(t, Remote{URL: address})).Navigate(testContext(t), page)
	if network := new(NetworkError); !errors.As(err, &network) || !strings.Contains(network.Code, "ERR_CERT") {
		t.Errorf("a certificate that nobody trusts: %v", err)
	}
}

// sameThere are tests of the driver with its shared browser.
var sameThere = []string{
	"TestPasskeyWaitsForTheTouch", "TestRedirectNeverLeaves", "TestScreenshotHidesCredentials", "TestEvaluationIsApartFromThePage",
	"TestTabsAndPopups", "TestHistoryKeepsRedirectsAndFailures", "TestBodySurvivesNavigation", "TestFieldGetsTheEventsOfTyping", "TestSessionsShareNothing",
}

// What the driver does with a browser of ours it does with a remote one: the same tests, in a process whose
// browser is one.
func TestTheSameInARemoteBrowser(t *testing.T) {
	command := exec.CommandContext(testContext(t), os.Args[0], "-test.v", "-test.run=^("+strings.Join(sameThere, "|")+")$")
	command.Env = append(os.Environ(), remoteShared+"="+elsewhere(t).Reveal())
	said, err := command.CombinedOutput()
	for _, test := range sameThere {
		if !strings.Contains(string(said), "\n--- PASS: "+test+" ") {
			t.Errorf("%s did not pass: %v\n%s", test, err, said)
		}
	}
}

// Addresses that cannot be meant are refused before anybody is asked, without being shown.
func TestWrongAddressesOfRemoteBrowsers(t *testing.T) {
	const token = "t0ken-of-the-service"
	for address, want := range map[string]string{
		"wss://browser.example/" + token:                         "",
		"ws://127.0.0.1:9222/devtools/browser/" + token:          "",
		"ws://[::1]:9222/" + token:                               "",
		"ws://localhost:9222/" + token:                           "",
		"ws://browser.example:9222/" + token:                     "is not encrypted",
		"http://127.0.0.1:9222/json/version?" + token:            "give webSocketDebuggerUrl",
		"https://browser.example/?token=" + token:                "give webSocketDebuggerUrl",
		"browser.example:9222/" + token:                          "does not begin with wss://",
		"wss:///" + token:                                        "names no host",
		"wss://browser.example/%zz" + token:                      "is no URL",
		"":                                                       "does not begin with wss://",
		"/usr/bin/chromium-" + token:                             "does not begin with wss://",
		"ws://127.0.0.1.evil.example/" + token:                   "is not encrypted",
		"ws://user:" + token + "@browser.example/" + token:       "is not encrypted",
		"ftp://user:" + token + "@browser.example/?a=1#" + token: "does not begin with wss://",
	} {
		where, err := RemoteHost(secret.New(address))
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && !strings.Contains(got, want) || strings.Contains(got+where, token) {
			t.Errorf("%s: %q, %v, want %q", address, where, err, want)
		}
	}
}

// Whatever keeps us from a remote browser is named, and the token of its address is not.
func TestWhyARemoteBrowserIsNotReached(t *testing.T) {
	const token = "t0ken-of-the-service"
	answering := func(status int, text string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, text+r.URL.String(), status)
		}))
		t.Cleanup(server.Close)
		return "ws" + strings.TrimPrefix(server.URL, "http") + "/" + token + "?token=" + token
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "ws://" + listener.Addr().String() + "/" + token
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	browserAt := elsewhere(t).Reveal()
	for name, row := range map[string]struct{ address, want string }{
		"nobody listens":            {nobody, "nothing answers there"},
		"another path":              {browserAt[:strings.Index(browserAt, "/devtools")] + "/" + token, "answers 404"},
		"a browser that was":        {answering(http.StatusNotFound, "no such "), "answers 404"},
		"a token that is not taken": {answering(http.StatusUnauthorized, "bad "), "check the token"},
		"no WebSocket":              {answering(http.StatusOK, "welcome "), "answers 200 OK"},
		"another authority":         {"wss" + strings.TrimPrefix(secure.URL, "https") + "/" + token, "is not trusted"},
		"no TLS":                    {"wss" + strings.TrimPrefix(plain.URL, "http") + "/" + token, "does not speak TLS"},
		"a page's address":          {pageAddress(t, browserAt), "not a page's"},
		"an old browser":            {speaking(t, "HeadlessChrome/99.0.1.2", token), "too old"},
		"another browser":           {speaking(t, "Firefox/140.0", token), "no Chromium"},
		"something else":            {speaking(t, "", token), "did not answer as Chromium's"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := Connect(testContext(t), Remote{URL: secret.New(row.address)})
			if err == nil {
				_ = b.Close()
				t.Fatal("connected")
			}
			if !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), token) {
				t.Errorf("error %v, want %q and no token", err, row.want)
			}
		})
	}
}

// pageAddress is the address of a page of the browser at an address.
func pageAddress(t *testing.T, browserAt string) string {
	t.Helper()
	base := browserAt[:strings.Index(browserAt, "/devtools")]
	answer, err := http.Get("http" + strings.TrimPrefix(base, "ws") + "/json/list")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var list []struct {
		Address string `json:"webSocketDebuggerUrl"`
		Type    string `json:"type"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		if entry.Type == KindPage {
			return entry.Address
		}
	}
	t.Fatalf("no page in %v", list)
	return ""
}

// speaking is the address of something that speaks the protocol, calls itself what is said, opens contexts and
// tabs, and knows no command of today. Without a name it speaks something else.
func speaking(t *testing.T, product, token string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455, 1.3
		conn, stream, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			base64.StdEncoding.EncodeToString(sum[:]))
		for {
			asked, err := readFrame(stream)
			if err != nil {
				return
			}
			for _, answer := range answersOf(asked, product) {
				if err := writeFrame(conn, answer); err != nil {
					return
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http") + "/" + token
}

// answersOf is what the fake says to one command.
func answersOf(asked []byte, product string) []string {
	if product == "" {
		return []string{"hello"}
	}
	var command struct {
		ID      int    `json:"id"`
		Session string `json:"sessionId"`
		Method  string `json:"method"`
	}
	_ = json.Unmarshal(asked, &command)
	result := map[string]string{
		"Browser.getVersion":          `{"product":"` + product + `"}`,
		"Target.createBrowserContext": `{"browserContextId":"C"}`,
		"Target.createTarget":         `{"targetId":"T"}`,
	}[command.Method]
	session := ""
	if command.Session != "" {
		session = `,"sessionId":"` + command.Session + `"`
	}
	answer := fmt.Sprintf(`{"id":%d%s,"result":%s}`, command.ID, session, cmp.Or(result, "{}"))
	switch command.Method {
	case "Network.configureDurableMessages":
		return []string{fmt.Sprintf(`{"id":%d%s,"error":{"code":-32601,"message":"'%s' wasn't found"}}`, command.ID, session, command.Method)}
	case "Target.createTarget":
		return []string{`{"method":"Target.attachedToTarget","params":{"sessionId":"S","waitingForDebugger":true,` +
			`"targetInfo":{"targetId":"T","type":"page","title":"","url":"about:blank","attached":true,"canAccessOpener":false,"browserContextId":"C"}}}`, answer}
	}
	return []string{answer}
}

// readFrame reads a masked frame of a client, as RFC 6455 describes it.
func readFrame(r io.Reader) ([]byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	if head[0]&0xf == 8 { // the client leaves
		return nil, io.EOF
	}
	length := uint64(head[1] & 0x7f)
	switch length {
	case 126:
		var long uint16
		if err := binary.Read(r, binary.BigEndian, &long); err != nil {
			return nil, err
		}
		length = uint64(long)
	case 127:
		if err := binary.Read(r, binary.BigEndian, &length); err != nil {
			return nil, err
		}
	}
	masked := make([]byte, 4+length)
	if _, err := io.ReadFull(r, masked); err != nil {
		return nil, err
	}
	for i := range masked[4:] {
		masked[4+i] ^= masked[i%4]
	}
	return masked[4:], nil
}

// writeFrame writes a text of less than 64 KiB.
func writeFrame(w io.Writer, text string) error {
	head := []byte{0x81, 126, byte(len(text) >> 8), byte(len(text))}
	if len(text) < 126 {
		head = []byte{0x81, byte(len(text))}
	}
	_, err := w.Write(append(head, text...))
	return err
}

// overTLS is set in a process of this test binary that connects through the address that it holds.
const overTLS = "REPROMPT_TEST_REMOTE"

// A browser behind TLS, which a token opens, is driven; its certificate is held against what this machine trusts.
func TestARemoteBrowserOverTLS(t *testing.T) {
	if address := os.Getenv(overTLS); address != "" {
		tab := tabOf(t, connect(t, Remote{URL: secret.New(address)}))
		var got int
		mustEval(t, mustNavigate(t, tab, "data:text/html,there"), "6*7", &got)
		fmt.Println("it says", got)
		return
	}
	browserAt := strings.TrimPrefix(elsewhere(t).Reveal(), "ws://")
	host, path, _ := strings.Cut(browserAt, "/")
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != "t0ken-of-the-service" {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		relay(t, w, r, host, "/"+path)
	}))
	t.Cleanup(server.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(testContext(t), os.Args[0], "-test.run=^TestARemoteBrowserOverTLS$")
	command.Env = append(os.Environ(), "SSL_CERT_FILE="+authority, overTLS+"=wss"+strings.TrimPrefix(server.URL, "https")+"/?token=t0ken-of-the-service")
	if said, err := command.CombinedOutput(); err != nil || !strings.Contains(string(said), "it says 42") {
		t.Errorf("%v\n%s", err, said)
	}
}

// relay hands a WebSocket on to a browser.
func relay(t *testing.T, w http.ResponseWriter, r *http.Request, host, path string) {
	far, err := net.Dial("tcp", host)
	if err != nil {
		t.Error(err)
		return
	}
	defer far.Close()
	near, stream, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer near.Close()
	ask := r.Clone(context.Background())
	ask.URL.Path, ask.URL.RawQuery, ask.Host = path, "", host
	if err := ask.Write(far); err != nil {
		t.Error(err)
		return
	}
	go func() { _, _ = io.Copy(far, stream); far.Close() }()
	_, _ = io.Copy(near, far)
}
