@control
Feature: An activation that needs approval is judged by what was asked before, and waited for
  Whether the admin was asked to sign in again shows before an approver is asked. What the
  approver does decides whether there is a role to give back, never the verdict.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    And the role setting requires the approval of an approver made for this scenario

  Scenario Outline: The approver <does>
    When the test admin activates the role <way>, and the approver <does>
    Then re-authentication is enforced
    And the approver <outcome>
    And the cause is "APPROVAL_REQUIRED"

    Examples:
      | way           | does         | outcome                                            |
      | in the portal | agrees       | agreed, and the role was given back                |
      | through Graph | refuses      | refused, and nothing became active                 |
      | through Graph | says nothing | was awaited in vain, and the request was withdrawn |
