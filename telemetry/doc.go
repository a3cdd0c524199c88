// Package telemetry records what a run did as OpenTelemetry spans and sends them to a collector (OTLP over
// HTTP, in protobuf). It is off unless the standard environment asks for it: then there is no Tracer, Start
// returns nil, every method of a nil Span does nothing, and no socket is opened.
//
// # What is a span
//
//	run                          one command: run, prove, watch look, fleet
//	  scenario NAME              a scenario; in prove "proof ROLE", in fleet "tenant NAME" around it
//	    step SENTENCE            a sentence; in a proof its steps, by their names
//	      page NAME              a page that the browser showed, "navigate HOST" that it was sent to
//	      GET /v1.0/users/{id}   a call of this program's own clients, Microsoft Graph's among them
//
// Names and attributes are those of the semantic conventions where these have one: test.suite.name,
// test.suite.run.status, test.case.name, test.case.result.status, http.request.method,
// http.response.status_code, url.full, url.template, server.address, server.port, error.type. What the
// conventions do not know begins with "reprompt.".
//
// # What is never in a span
//
// Text of errors, pages and tokens, headers, bodies, the query of an address: they are not taken. Of what
// is taken, a name such as a@b.c is replaced by {user}, and a text in which a guard (Tracer.Withhold) finds
// a secret by what that guard puts there. Nothing is sent along with a call: Microsoft learns no trace id.
//
// # The environment
//
// OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_TRACES_EXPORTER=otlp for the
// collector on this machine, turn it on; OTEL_SDK_DISABLED=true, OTEL_TRACES_EXPORTER=none, and a
// TRACEPARENT that is not sampled turn it off. Read besides, each also as OTEL_EXPORTER_OTLP_TRACES_…:
// OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _PROTOCOL, _COMPRESSION, _CERTIFICATE, _INSECURE; and
// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, TRACEPARENT, TRACESTATE. An empty variable is as none.
//
// A span that could not be delivered is lost. That is said once, and changes nothing else. That a trace is
// there proves nothing about a tenant: the evidence does.
package telemetry
