@embedded @replay
Feature: A validation that refuses a token is no refusal of the token
  Requests that are only to be validated spare the tenant an activation. Nobody has shown
  what they look at, and a service may judge them rightly and real ones not.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: Through Graph, the challenge itself is a real refusal
    Given a tenant whose validation-only requests look at the context
    When the test admin activates the role through Graph with earlier tokens only validated
    Then re-authentication is enforced
    And the tokens from before the step-up were refused

  Scenario: In the portal, nothing shows that a real request is refused
    Given a tenant whose validation-only requests look at the context
    When the test admin activates the role in the portal with earlier tokens only validated
    Then the verdict is inconclusive because of "PLAIN_TOKENS_ONLY_VALIDATED"
    And the tokens from before the step-up were refused

  Scenario: Validation-only requests that ignore the context show nothing
    Given a tenant whose validation-only requests ignore the context
    When the test admin activates the role through Graph with earlier tokens only validated
    Then the verdict is inconclusive because of "UNKNOWN"
    And the tokens from before the step-up passed validation

  @broken-server
  Scenario Outline: Validation-only requests are refused, and real ones need nothing, <way>
    Given a tenant that is broken: "activates_unchallenged"
    When the test admin activates the role <way> with earlier tokens only validated
    Then the verdict is <outcome> because of "<reason>"

    Examples:
      | way           | outcome      | reason                      |
      | through Graph | not enforced | ACTIVATED_WITHOUT_PROMPT    |
      | in the portal | inconclusive | PLAIN_TOKENS_ONLY_VALIDATED |
