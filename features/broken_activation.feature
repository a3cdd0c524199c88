@embedded @broken-server
Feature: An activation that does not hold what it asks for is never trusted
  PIM demands the context and takes a token without it, demands another, or is never
  content.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: Through Graph, PIM <defect>
    Given a tenant that is broken: "<defect>"
    When the test admin activates the role through Graph
    Then the verdict is <outcome> because of "<reason>"

    Examples:
      | defect                      | outcome      | reason               |
      | activates_unchallenged      | not enforced | PLAIN_TOKEN_ACCEPTED |
      | acrs_holds_every_context    | not enforced | PLAIN_TOKEN_ACCEPTED |
      | challenges_other_context    | inconclusive | CHALLENGE_LOOP       |
      | challenges_for_ever         | inconclusive | CHALLENGE_LOOP       |
      | revokes_instead_of_refusing | inconclusive | TOKEN_REVOKED        |

  Scenario Outline: In the portal, PIM <defect>
    Given a tenant that is broken: "<defect>"
    When the test admin activates the role in the portal
    Then the verdict is <outcome> because of "<reason>"

    Examples:
      | defect                      | outcome      | reason               |
      | activates_unchallenged      | not enforced | PLAIN_TOKEN_ACCEPTED |
      | acrs_holds_every_context    | not enforced | PLAIN_TOKEN_ACCEPTED |
      | challenges_other_context    | inconclusive | OTHER_CONTEXT_WANTED |
      | challenges_for_ever         | inconclusive | CHALLENGE_LOOP       |
      | revokes_instead_of_refusing | inconclusive | TOKEN_REVOKED        |
