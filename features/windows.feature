@window
Feature: A prompt that a re-use window may have suppressed proves nothing
  Conditional Access does not ask again within five minutes, and PIM not within ten. What
  happens inside these windows says nothing about the configuration, either way; nor does
  a prompt of a session so old that an hourly policy would ask.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: Activation right after signing in
    When the test admin activates the role right after signing in
    Then the verdict is inconclusive because of "WITHIN_REUSE_WINDOW"

  Scenario: Two activations with both windows between them
    When the test admin activates the role in the portal twice
    Then re-authentication is enforced
    And the admin was prompted for each of 2 activations
    And every control held

  Scenario: A second activation inside PIM's window does not prompt, and is not called a failure
    When the test admin activates the role through Graph twice within the window
    Then the verdict is inconclusive because of "WITHIN_REUSE_WINDOW"
    And the admin was prompted for activation 1
    And the admin was not prompted for activation 2

  Scenario: PIM's window holds across two roles
    Given the test admin activates a second role, protected like the first, right before
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "WITHIN_REUSE_WINDOW"
    And the admin was not prompted for activation 1

  @slow
  Scenario: A session older than an hour
    When the test admin activates the role through Graph more than an hour after signing in
    Then the verdict is inconclusive because of "SESSION_TOO_OLD"
    And the admin was prompted for activation 1
