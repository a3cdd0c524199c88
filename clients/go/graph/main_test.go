package graph_test

import (
	"testing"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

func TestMain(m *testing.M) { tenant.Main(m) }
