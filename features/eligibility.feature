@matrix
Feature: A role that needs no activation, or another way to its power, is found out
  The control sits on the activation. Whoever has the role already, or may take the same
  power along another way, is never asked.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time

  @silent-failure
  Scenario: The role is active already
    Given the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    And the role is active for the test admin already
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "ROLE_ALREADY_ACTIVE"
    And the cause is "ROLE_ALREADY_ACTIVE"

  @embedded @silent-failure
  Scenario: The role is active by an earlier activation
    Given the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    And the test admin has activated the role in another session already
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "ROLE_ALREADY_ACTIVE"
    And the cause is "ROLE_ALREADY_ACTIVE"

  @silent-failure
  Scenario: The test admin is not eligible
    Given a privileged role that the test admin is not eligible for
    And the role setting requires the context on activation
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "ROLE_NOT_ELIGIBLE"
    And the cause is "ROLE_NOT_ELIGIBLE"

  @silent-failure
  Scenario: The test admin is eligible in one administrative unit only
    Given the test admin is eligible for a privileged role in one administrative unit only
    And the role setting requires the context on activation
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "ROLE_NOT_ELIGIBLE"
    And the cause is "ELIGIBILITY_SCOPED"

  @right
  Scenario: The test admin is eligible through a group alone
    Given the test admin is eligible for a privileged role through a group
    And the role setting requires the context on activation
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named
