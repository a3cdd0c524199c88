@control
Feature: Activating a privileged role asks the admin to sign in again
  A stolen token must not be enough to activate a privileged role, however many
  claims it carries. Whoever activates one signs in again, every time.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  @smoke
  Scenario: Activation through the portal
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And the screen saw the admin prompted
    And the token is fresh
    And the sign-in log says that the step-up was required
    And the tokens from before the step-up were refused
    And every control held

  @smoke
  Scenario: Activation through Graph
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And the screen saw the admin prompted
    And the token is fresh
    And the sign-in log says that the step-up was required
    And the tokens from before the step-up were refused
    And every control held
