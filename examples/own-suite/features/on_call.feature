Feature: Our on-call admin holds a privileged role for minutes only

  Scenario: A role is asked for, used and given back
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And the role was given back within 30 minutes
