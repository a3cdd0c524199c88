@embedded @silent-failure
Feature: A context in a token that nobody protects is no proof
  Entra emits contexts that no policy protects without being asked. A token that holds the
  context says nothing by itself.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    And a tenant-wide Conditional Access policy that asks for multifactor authentication

  Scenario Outline: No policy is on the context, which is emitted <when>
    Given a tenant that emits unprotected contexts <when>
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_MISSING"

    Examples:
      | when            |
      | unasked         |
      | only when asked |
