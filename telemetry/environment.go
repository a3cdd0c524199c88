package telemetry

import (
	"cmp"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/loopback"
	"github.com/reprompt/reprompt/secret"
)

// Options say how the environment is read. The zero value reads that of the process and says nothing.
type Options struct {
	// Getenv looks a variable up; nil means os.Getenv.
	Getenv func(name string) string
	// Version is the program's; empty: it is not told.
	Version string
	// Say is told, once, that spans could not be delivered, on a goroutine of the Tracer. nil: nobody is.
	Say func(text string)
	// Clock is waited by when the collector is too busy, and says how old a span is that waits to be sent; nil
	// means the machine's.
	Clock await.Clock
}

// settings are what the environment says.
type settings struct {
	endpoint *url.URL
	headers  map[string]secret.Text
	timeout  time.Duration
	gzip     bool
	roots    *x509.CertPool // nil: the system's
	version  string
	resource []*commonpb.KeyValue
	parent   parent
}

// parent is the span of another process that this one works for; zero: there is none.
type parent struct {
	trace, span []byte
	state       string
}

const (
	defaultEndpoint = "http://localhost:4318"
	defaultTimeout  = 10 * time.Second
)

// SettingError is a variable that cannot be followed. Value is empty where it may hold a key.
type SettingError struct{ Variable, Value, Mend string }

// Error says what is wrong and how to mend it.
func (e *SettingError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("%s: %s", e.Variable, e.Mend)
	}
	return fmt.Sprintf("%s is %q: %s", e.Variable, e.Value, e.Mend)
}

// FromEnvironment is the Tracer that the environment asks for; nil where it asks for none. Nothing is
// opened yet. The error is a *SettingError.
func FromEnvironment(o Options) (*Tracer, error) {
	env := environment{o.Getenv}
	if env.get == nil {
		env.get = os.Getenv
	}
	parent, sampled := env.parent()
	on, err := env.asked()
	if err != nil || !on || !sampled {
		return nil, err
	}
	s := settings{version: o.Version, parent: parent}
	for _, read := range []func(*settings) error{env.readProtocol, env.readEndpoint, env.readHeaders, env.readTimeout, env.readCompression, env.readRoots, env.readResource} {
		if err := read(&s); err != nil {
			return nil, err
		}
	}
	return newTracer(s, o), nil
}

// environment reads variables.
type environment struct{ get func(string) string }

func (e environment) text(name string) string { return strings.TrimSpace(e.get(name)) }

// exporter looks a variable of the exporter up, first the one for traces alone. name says which was set.
func (e environment) exporter(suffix string) (name, value string) {
	for _, prefix := range []string{"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"} {
		if name = prefix + suffix; e.text(name) != "" {
			return name, e.text(name)
		}
	}
	return "OTEL_EXPORTER_OTLP_" + suffix, ""
}

// asked reports whether spans are wanted.
func (e environment) asked() (bool, error) {
	if strings.EqualFold(e.text("OTEL_SDK_DISABLED"), "true") {
		return false, nil
	}
	switch exporter := e.text("OTEL_TRACES_EXPORTER"); exporter {
	case "none":
		return false, nil
	case "":
		_, endpoint := e.exporter("ENDPOINT")
		return endpoint != "", nil
	case "otlp":
		return true, nil
	default:
		return false, &SettingError{"OTEL_TRACES_EXPORTER", exporter, "say otlp or none"}
	}
}

func (e environment) readProtocol(*settings) error {
	name, protocol := e.exporter("PROTOCOL")
	if protocol == "" || protocol == "http/protobuf" {
		return nil
	}
	return &SettingError{name, protocol, "reprompt speaks http/protobuf only; set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL to that, and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to an address for it, such as http://localhost:4318/v1/traces"}
}

// readEndpoint takes the address for traces as it is, and adds their path to the address for everything.
func (e environment) readEndpoint(s *settings) error {
	name, address := e.exporter("ENDPOINT")
	u, err := url.Parse(cmp.Or(address, defaultEndpoint))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return &SettingError{name, "", "want an address such as https://collector.example:4318"}
	case u.User != nil:
		return &SettingError{name, "", "it holds a user name or a password; put them into OTEL_EXPORTER_OTLP_HEADERS"}
	case u.Scheme == "http" && !loopback.Is(strings.ToLower(u.Hostname())) && !e.insecure():
		return &SettingError{name, u.Scheme + "://" + u.Host, "spans would go there unencrypted; use https, or set OTEL_EXPORTER_OTLP_INSECURE=true where the network is your own"}
	}
	if !strings.HasSuffix(name, "TRACES_ENDPOINT") {
		u = u.JoinPath("v1/traces")
	}
	s.endpoint = u
	return nil
}

func (e environment) insecure() bool {
	_, value := e.exporter("INSECURE")
	return strings.EqualFold(value, "true")
}

func (e environment) readHeaders(s *settings) error {
	name, text := e.exporter("HEADERS")
	pairs, err := pairsOf(text)
	if err != nil {
		return &SettingError{name, "", "want name=value,name=value, with what is special in a value percent-encoded"}
	}
	s.headers = map[string]secret.Text{}
	for _, pair := range pairs {
		if !headerName.MatchString(pair[0]) || strings.ContainsAny(pair[1], "\r\n\x00") {
			return &SettingError{name, "", "it holds what is no header"}
		}
		s.headers[pair[0]] = secret.New(pair[1])
	}
	return nil
}

// headerName is a token of RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// pairsOf reads name=value,name=value as W3C Baggage has it, without properties.
func pairsOf(text string) ([][2]string, error) {
	var pairs [][2]string
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || name == "" || err != nil {
			return nil, fmt.Errorf("read pairs: %q", name)
		}
		pairs = append(pairs, [2]string{name, decoded})
	}
	return pairs, nil
}

func (e environment) readTimeout(s *settings) error {
	s.timeout = defaultTimeout
	name, text := e.exporter("TIMEOUT")
	if text == "" {
		return nil
	}
	ms, err := strconv.Atoi(text)
	if err != nil || ms <= 0 || ms > int(time.Hour/time.Millisecond) {
		return &SettingError{name, text, "give milliseconds, such as 10000"}
	}
	s.timeout = time.Duration(ms) * time.Millisecond
	return nil
}

func (e environment) readCompression(s *settings) error {
	name, text := e.exporter("COMPRESSION")
	switch text {
	case "", "none":
	case "gzip":
		s.gzip = true
	default:
		return &SettingError{name, text, "say gzip or none"}
	}
	return nil
}

func (e environment) readRoots(s *settings) error {
	name, path := e.exporter("CERTIFICATE")
	if path == "" {
		return nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return &SettingError{name, path, "it cannot be read; name a file of PEM certificates"}
	}
	s.roots = x509.NewCertPool()
	if !s.roots.AppendCertsFromPEM(pem) {
		return &SettingError{name, path, "it holds no PEM certificate"}
	}
	return nil
}

// readResource describes this process.
func (e environment) readResource(s *settings) error {
	pairs, err := pairsOf(e.text("OTEL_RESOURCE_ATTRIBUTES"))
	if err != nil {
		return &SettingError{"OTEL_RESOURCE_ATTRIBUTES", "", "want name=value,name=value, with what is special in a value percent-encoded"}
	}
	all := [][2]string{{"service.name", "reprompt"}, {"service.version", s.version}, {"telemetry.sdk.name", "reprompt"}, {"telemetry.sdk.language", "go"}, {"telemetry.sdk.version", s.version}}
	all = append(all, pairs...)
	all = append(all, [2]string{"service.name", e.text("OTEL_SERVICE_NAME")}) // it goes before the list
	at := map[string]int{}
	for _, pair := range all {
		if pair[1] == "" {
			continue
		}
		value := textValue(strings.ToValidUTF8(pair[1], "\uFFFD"))
		if i, there := at[pair[0]]; there {
			s.resource[i].Value = value
			continue
		}
		at[pair[0]] = len(s.resource)
		s.resource = append(s.resource, &commonpb.KeyValue{Key: pair[0], Value: value})
	}
	return nil
}

// traceparent is W3C Trace Context, version 00 and what later ones have in common with it.
var traceparent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$`)

// parent reads TRACEPARENT. One that is none begins a new trace, as the specification has it. sampled is
// false where the caller said that this trace is not recorded.
func (e environment) parent() (p parent, sampled bool) {
	match := traceparent.FindStringSubmatch(e.text("TRACEPARENT"))
	if match == nil || match[1] == "ff" || strings.Trim(match[2], "0") == "" || strings.Trim(match[3], "0") == "" {
		return parent{}, true
	}
	p.trace, _ = hex.DecodeString(match[2]) // the pattern takes nothing else
	p.span, _ = hex.DecodeString(match[3])
	flags, _ := strconv.ParseUint(match[4], 16, 8)
	if state := e.text("TRACESTATE"); len(state) <= 512 {
		p.state = strings.ToValidUTF8(state, "")
	}
	return p, flags&1 == 1
}
