@right @matrix
Feature: What else there is on the context does not spoil a right setup
  The strictest policy counts. Others on the same context may ask for less, and the context
  may protect more.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And a Conditional Access policy on the context that asks for sign-in every time
    And the role setting requires the context on activation

  Scenario: The context protects several roles
    Given another role setting requires the context on activation
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named

  Scenario Outline: Another policy on the context asks <asks>
    Given a Conditional Access policy on the context that asks <asks>
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named

    Examples:
      | asks                                |
      | for sign-in every 1 hour            |
      | only for multifactor authentication |

  Scenario: Another policy on the context is report-only
    Given a Conditional Access policy on the context that is report-only
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named
