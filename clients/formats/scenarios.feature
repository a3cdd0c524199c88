Feature: What the formats are tested with

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: asked again
    Given a Conditional Access policy on the context that asks for sign-in every time
    When the test admin activates the role in the portal
    Then re-authentication is enforced

  Scenario Outline: <name>
    Given a Conditional Access policy on the context that is report-only
    When the test admin activates the role through Graph
    Then re-authentication is <outcome>

    Examples:
      | name                              | outcome      |
      | expected to be asked for nothing  | not enforced |
      | demands what is not so            | enforced     |
