@embedded @broken-server
Feature: A token that is not what it should be is never trusted
  Everything looks right until the step-up. The token that comes of it then has a defect
  that a careless reader would not see.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: The tokens of the step-up have <defect>
    Given a tenant that is broken: "<defect>"
    When the test admin activates the role through Graph
    Then the verdict is <outcome> because of "<reason>"

    Examples:
      | defect            | outcome      | reason                 |
      | wrong_key         | inconclusive | TOKEN_NOT_VERIFIED     |
      | alg_none          | inconclusive | TOKEN_NOT_VERIFIED     |
      | other_audience    | inconclusive | TOKEN_NOT_VERIFIED     |
      | other_tenant      | inconclusive | TOKEN_NOT_VERIFIED     |
      | other_issuer      | inconclusive | TOKEN_NOT_VERIFIED     |
      | other_nonce       | inconclusive | TOKEN_NOT_VERIFIED     |
      | auth_time_ahead   | inconclusive | TOKEN_NOT_VERIFIED     |
      | auth_time_as_text | inconclusive | TOKEN_NOT_VERIFIED     |
      | acrs_as_text      | inconclusive | TOKEN_NOT_VERIFIED     |
      | other_user        | inconclusive | TOKEN_OF_OTHER_USER    |
      | other_session     | inconclusive | TOKEN_OF_OTHER_SESSION |

  Scenario Outline: In the portal, the tokens of the step-up have <defect>
    Given a tenant that is broken: "<defect>"
    When the test admin activates the role in the portal
    Then the verdict is inconclusive because of "<reason>"

    Examples:
      | defect          | reason                 |
      | wrong_key       | TOKEN_NOT_VERIFIED     |
      | auth_time_ahead | TOKEN_NOT_VERIFIED     |
      | acrs_as_text    | TOKEN_MALFORMED        |
      | other_user      | TOKEN_OF_OTHER_USER    |
      | other_session   | TOKEN_OF_OTHER_SESSION |
