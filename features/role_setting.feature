@silent-failure @matrix
Feature: A role setting that does not ask for the protected context is found out
  Nothing in a tenant checks what a role setting names: a context that is off, another's,
  unpublished or gone looks the same in a list.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And a Conditional Access policy on the context that asks for sign-in every time

  Scenario Outline: The role setting requires <what>
    Given the role setting requires <what> on activation
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "ROLE_SETTING_NO_CONTEXT"

    Examples:
      | what                            |
      | only multifactor authentication |
      | nothing                         |

  Scenario: The rule is off and the context is still written in it
    Given the role setting still names the context but no longer requires it
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "ROLE_SETTING_NO_CONTEXT"

  Scenario: Only another role requires the context
    Given another role setting requires the context on activation
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "ROLE_SETTING_NO_CONTEXT"

  @embedded
  Scenario: The role setting requires a context that no policy is on
    Given a tenant-wide Conditional Access policy that asks for multifactor authentication
    And a second published authentication context
    And the role setting requires the second context on activation
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_MISSING"

  Scenario Outline: The context is <gone> after the role setting named it
    Given the role setting requires the context on activation
    And the context is <gone> afterwards
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "CHALLENGE_LOOP"
    And the cause is "<cause>"

    Examples:
      | gone        | cause                 |
      | unpublished | CONTEXT_NOT_PUBLISHED |
      | deleted     | CONTEXT_MISSING       |
