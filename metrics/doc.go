// Package metrics offers what is known of tenants and roles to Prometheus: the last verdict, its age, how
// long the proof took, what is due. It writes the text exposition format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/), and serves it at /metrics:
//
//	# HELP reprompt_verdict 1 for the last verdict of a role, 0 for the others.
//	# TYPE reprompt_verdict gauge
//	reprompt_verdict{tenant="contoso",tenant_id="…",role="Application Administrator",role_id="…",verdict="enforced"} 1
//
// Every metric is a gauge: the counters of a service that is restarted at each deployment say less than
// the state that it keeps. No value is a secret, but names of tenants and roles are not for everybody: the
// endpoint is on loopback unless it is told otherwise.
package metrics
