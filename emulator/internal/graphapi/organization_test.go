package graphapi_test

import (
	"net/http"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// The licence that PIM needs is told by the tenant's products and by its plans.
func TestSubscribedProducts(t *testing.T) {
	l := newLab(t)
	products := l.must(http.StatusOK, http.MethodGet, "/v1.0/subscribedSkus", "").values()
	if len(products) != 1 || products[0].String("skuPartNumber") != "AAD_PREMIUM_P2" || products[0].String("capabilityStatus") != "Enabled" {
		t.Fatalf("products %v", products)
	}
	plans, _ := products[0].Get("servicePlans")
	plan, _ := plans.([]any)[0].(*document.Object)
	if used, _ := products[0].Int("consumedUnits"); used != 2 || plan.String("servicePlanName") != "AAD_PREMIUM_P2" || plan.String("provisioningStatus") != "Success" {
		t.Errorf("the product is %s", pretty(products[0]))
	}
	l.with(func(tenant *store.Tenant) { tenant.LicenceP2 = false })
	if left := l.must(http.StatusOK, http.MethodGet, "/v1.0/subscribedSkus", "").values(); len(left) != 0 {
		t.Errorf("products without a licence: %v", left)
	}
}
