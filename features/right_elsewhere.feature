@embedded @right @matrix
Feature: What other sign-ins are asked for does not spoil a right setup
  Policies on other applications prompt at sign-in to those, and one on everything asks
  after hours. Neither says anything about the activation.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And a Conditional Access policy on the context that asks for sign-in every time
    And the role setting requires the context on activation

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

  Scenario Outline: A tenant-wide sign-in frequency in hours, <way>
    Given a tenant-wide Conditional Access policy that asks for sign-in every 12 hours
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And no cause is named

    Examples:
      | way           |
      | in the portal |
      | through Graph |
