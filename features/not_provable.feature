@matrix
Feature: A tenant that cannot be tried is neither praised nor accused
  Something stands in the way of a proof. The verdict is inconclusive and says what.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  @silent-failure
  Scenario: A policy blocks the admin
    Given a Conditional Access policy on the context that blocks access
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "POLICY_BLOCKS"
    And the cause is "POLICY_BLOCKS"

  @silent-failure
  Scenario: An approver has to agree first
    Given a Conditional Access policy on the context that asks for sign-in every 1 hour
    And the role setting requires approval
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the causes are "SIGN_IN_FREQUENCY_TIME_BASED" before "APPROVAL_REQUIRED"

  Scenario: A compliant device is demanded
    Given a Conditional Access policy on the context that demands a compliant device every time
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "DEVICE_REQUIRED"
    And the cause is "POLICY_DEMANDS_DEVICE"

  @embedded
  Scenario: Every sign-in to anything asks every time
    Given a Conditional Access policy on the context that asks for sign-in every time
    And a tenant-wide Conditional Access policy that asks for sign-in every time
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "OTHER_POLICY_PROMPTS"
    And the cause is "POLICY_PROMPTS_ELSEWHERE"

  @embedded
  Scenario Outline: Opening the portal already asks every time, for <which>
    Given a Conditional Access policy on the context that asks for sign-in every time
    And <policy> that asks for sign-in every time
    When the test admin activates the role in the portal
    Then the verdict is inconclusive because of "OTHER_POLICY_PROMPTS"
    And the cause is "POLICY_PROMPTS_ELSEWHERE"

    Examples:
      | which             | policy                                             |
      | everything        | a tenant-wide Conditional Access policy            |
      | the admin portals | a Conditional Access policy on the admin portals   |
