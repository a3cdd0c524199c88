@replay
Feature: Tokens from before and from a step-up are tried again
  A stolen token is only worth what it activates. Those from before the step-up must be
  refused; what one that was stepped up is worth later, no document says.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  @embedded
  Scenario Outline: A tenant that <does> a stepped-up token again
    Given a tenant that <does> a stepped-up token again
    When the test admin activates the role through Graph and tries the stepped-up token again later
    Then re-authentication is enforced
    And the tokens from before the step-up were refused
    And the stepped-up token was <answer> later
    And the verdict also notes "<note>"

    Examples:
      | does    | answer   | note                      |
      | refuses | refused  | REPROMPTED                |
      | accepts | accepted | STEPPED_UP_TOKEN_REUSABLE |

  Scenario: The refresh token of the stepped-up session is tried later
    When the test admin activates the role through Graph and tries the stepped-up token again later
    Then re-authentication is enforced
    And the refresh token of the stepped-up session was refused later

  @embedded
  Scenario: A refresh token that steps up by itself is told of beside the verdict
    Given a tenant whose refresh tokens step up without the admin
    When the test admin activates the role through Graph and tries the stepped-up token again later
    Then re-authentication is enforced
    And the refresh token of the stepped-up session was accepted later
    And the verdict also notes "STEPPED_UP_REFRESH_TOKEN_REUSABLE"

  Scenario: Two activations through Graph, with both windows between them
    When the test admin activates the role through Graph twice
    Then re-authentication is enforced
    And the admin was prompted for each of 2 activations
    And every control held

  @embedded
  Scenario: Tokens that Graph itself revokes meanwhile count neither way
    Given a tenant with continuous access evaluation
    When the test admin activates the role through Graph twice
    Then re-authentication is enforced
    And every control held
