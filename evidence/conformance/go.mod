module github.com/reprompt/reprompt/evidence/conformance

go 1.26.0

require (
	github.com/CycloneDX/cyclonedx-go v0.9.3
	github.com/defenseunicorns/go-oscal v0.7.0
	github.com/reprompt/reprompt v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
)

require (
	github.com/digitorus/pkcs7 v0.0.0-20230713084857-e76b763bdc49 // indirect
	github.com/digitorus/timestamp v0.0.0-20250524132541-c45532741eea // indirect
	github.com/goccy/go-yaml v1.19.2 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	golang.org/x/text v0.43.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace github.com/reprompt/reprompt => ../..
