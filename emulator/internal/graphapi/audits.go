package graphapi

import (
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// auditPolicy writes a row of the category Policy with the full old and new object, as
// the service does for Conditional Access (observed); nil stands for nothing.
func (c *call) auditPolicy(activity, id, name, property string, before, after *document.Object) {
	c.audit(activity, "Policy", "Conditional Access", store.AuditTarget{
		ID: id, DisplayName: name, Type: "Policy",
		Modified: []store.AuditProperty{{Name: property, Old: rawOrEmpty(before), New: rawOrEmpty(after)}},
	})
}

func rawOrEmpty(o *document.Object) string {
	if o == nil {
		return ""
	}
	return string(o.Raw())
}

// audit writes a row on behalf of the caller.
func (c *call) audit(activity, category, service string, target store.AuditTarget) {
	row := &store.AuditRow{
		At: c.now, Activity: activity, Category: category, Service: service, OperationType: operationType(activity),
		CorrelationID: c.t.NewID(), Result: "success", Targets: []store.AuditTarget{target},
	}
	pim.Initiator(c.t, c.caller(), row)
	c.t.AddAudit(row)
}

func operationType(activity string) string {
	for _, prefix := range []string{"Add", "Update", "Delete"} {
		if len(activity) >= len(prefix) && activity[:len(prefix)] == prefix {
			return prefix
		}
	}
	return "Other"
}
