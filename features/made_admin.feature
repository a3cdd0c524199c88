@credentials
Feature: A test admin that is made for the scenario is asked to sign in again
  It has one credential and nobody knows a password of it. With the scenario it is gone.

  Scenario Outline: The test admin signs in with <credential>
    Given a test admin made for this scenario, with <credential>
    And a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And every control held
    And no cause is named

    Examples:
      | credential     | way           |
      | a passkey      | in the portal |
      | an access pass | through Graph |
