@control
Feature: What was activated is given back, whatever PIM says at first
  PIM keeps a role for five minutes, ends an activation by itself, and lets one that needs
  an approver wait. The tenant is as it was in each case, and the verdict is the same.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: PIM refuses to let the role go in the first five minutes
    When the test admin activates the role through Graph and gives it back at once
    Then re-authentication is enforced
    And PIM refused 1 time to take the role back, and took it in the end

  @slow
  Scenario: The activation ends by itself
    When the test admin activates the role through Graph and lets the activation expire
    Then re-authentication is enforced
    And the activation ended by itself

  @right
  Scenario Outline: The activation waits for an approver, <way>
    Given the role setting requires approval
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And the request that waited for approval was withdrawn
    And the cause is "APPROVAL_REQUIRED"

    Examples:
      | way           |
      | in the portal |
      | through Graph |
