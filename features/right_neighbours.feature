@right @matrix
Feature: What else there is in a tenant does not spoil a right setup
  The strictest policy counts. Others on the same context, on other contexts and on all
  resources may ask for less, or for something else.

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

  @embedded
  Scenario Outline: A policy on <which> prompts at sign-in to that, <way>
    Given a Conditional Access policy on <which> that asks for sign-in every time
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And no cause is named

    Examples:
      | which               | way           |
      | another application | in the portal |
      | another application | through Graph |
      | the admin portals   | through Graph |

  @embedded
  Scenario Outline: A tenant-wide sign-in frequency in hours, <way>
    Given a tenant-wide Conditional Access policy that asks for sign-in every 12 hours
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And no cause is named

    Examples:
      | way           |
      | in the portal |
      | through Graph |
