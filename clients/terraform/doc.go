// Package terraform holds the Terraform of docs/real-tenant.md against HashiCorp's own parser of the language,
// and against the names that the provider azuread documents. It makes nothing in a tenant: neither Terraform
// nor the provider runs here.
package terraform
