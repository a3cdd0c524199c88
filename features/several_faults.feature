@silent-failure @matrix
Feature: Where several things are wrong, all are named and the decisive one first

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role

  Scenario: The only policy is off, and another never reaches the admin
    Given the role setting requires the context on activation
    And a Conditional Access policy on the context that is disabled
    And a Conditional Access policy on the context that asks another user for sign-in every time
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the causes are "POLICY_DISABLED" before "POLICY_USER_NOT_COVERED"

  Scenario: The role setting names no context, and the policy is report-only
    Given a Conditional Access policy on the context that is report-only
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "ROLE_SETTING_NO_CONTEXT"

  Scenario: The context is unpublished, and its policy asks once an hour
    Given the role setting requires the context on activation
    And a Conditional Access policy on the context that asks for sign-in every 1 hour
    And the context is unpublished afterwards
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "CHALLENGE_LOOP"
    And the causes are "CONTEXT_NOT_PUBLISHED" before "SIGN_IN_FREQUENCY_TIME_BASED"

  Scenario: The right policy is report-only, and the one that is on asks once a day
    Given the role setting requires the context on activation
    And a Conditional Access policy on the context that is report-only
    And a Conditional Access policy on the context that asks for sign-in every 1 day
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the causes are "POLICY_REPORT_ONLY" before "SIGN_IN_FREQUENCY_TIME_BASED"
