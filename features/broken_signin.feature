@embedded @broken-server
Feature: A sign-in service that only seems to ask is never trusted
  It steps the admin up without asking, asks and changes nothing, or shows a page that
  goes on by itself. The configuration is right; the verdict is not "enforced".

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: Through Graph, the sign-in service <defect>
    Given a tenant that is broken: "<defect>"
    When the test admin activates the role through Graph
    Then the verdict is <outcome> because of "<reason>"

    Examples:
      | defect                           | outcome      | reason                     |
      | steps_up_unasked                 | not enforced | ACTIVATED_WITHOUT_PROMPT   |
      | steps_up_unasked_fresh_auth_time | inconclusive | FRESH_TOKEN_WITHOUT_PROMPT |
      | asks_keeps_auth_time             | inconclusive | PROMPT_WITHOUT_FRESH_TOKEN |
      | page_goes_on                     | inconclusive | FRESH_TOKEN_WITHOUT_PROMPT |

  Scenario Outline: In the portal, the sign-in service <defect>
    Given a tenant that is broken: "<defect>"
    When the test admin activates the role in the portal
    Then the verdict is <outcome> because of "<reason>"

    Examples:
      | defect                           | outcome      | reason                     |
      | steps_up_unasked                 | not enforced | ACTIVATED_WITHOUT_PROMPT   |
      | steps_up_unasked_fresh_auth_time | inconclusive | FRESH_TOKEN_WITHOUT_PROMPT |
      | asks_keeps_auth_time             | inconclusive | PROMPT_WITHOUT_FRESH_TOKEN |
      | page_goes_on                     | inconclusive | FRESH_TOKEN_WITHOUT_PROMPT |
