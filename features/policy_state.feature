@silent-failure @matrix
Feature: A policy that does not act is found out
  A policy that is off, that only reports, or that is on another context asks nobody.
  PIM then falls back to multifactor authentication, which the session has done already.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: Through Graph, the policy is <state>
    Given a Conditional Access policy on the context that is <state>
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "<cause>"

    Examples:
      | state       | cause              |
      | report-only | POLICY_REPORT_ONLY |
      | disabled    | POLICY_DISABLED    |

  @embedded
  Scenario: No policy targets the context, and the session has done what PIM falls back to
    Given a tenant-wide Conditional Access policy that asks for multifactor authentication
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_MISSING"

  @embedded
  Scenario: The only policy is on another context
    Given a tenant-wide Conditional Access policy that asks for multifactor authentication
    And a second published authentication context
    And a Conditional Access policy on the second context that asks for sign-in every time
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_MISSING"

  Scenario Outline: No policy targets the context, and nothing else asks for a second factor, <way>
    When the test admin activates the role <way>
    Then re-authentication is not enforced
    And the cause is "POLICY_MISSING"

    Examples:
      | way           |
      | in the portal |
      | through Graph |
