@silent-failure @matrix
Feature: A policy that does not reach the admin is found out
  The policy is right in itself. It only covers somebody else, or lets this admin out.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: The policy covers only <whom>
    Given a Conditional Access policy on the context that asks <whom> for sign-in every time
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_USER_NOT_COVERED"

    Examples:
      | whom                                     |
      | another user                             |
      | an empty group                           |
      | a group without the test admin           |
      | a group inside a group of the test admin |

  @embedded
  Scenario: The policy covers only the role itself, which is not active yet
    Given a Conditional Access policy on the context that asks the role itself for sign-in every time
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_SCOPED_TO_INACTIVE_ROLE"

  Scenario Outline: The policy excludes <whom>
    Given a Conditional Access policy on the context that asks for sign-in every time but excludes <whom>
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_USER_EXCLUDED"

    Examples:
      | whom                                     |
      | the test admin                           |
      | a group of the test admin                |
      | a group around a group of the test admin |

    @embedded
    Examples:
      | whom                     |
      | a role of the test admin |
