@embedded @right
Feature: Another account in the same browser does not get in the way
  The pages then ask which account is meant. The picker is no prompt, and the proof is the
  admin's and nobody else's.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation
    And another account is signed in in the browser of the test admin

  Scenario: Two accounts in the picker, in the portal
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And the admin was picked among several accounts
    And every control held
    And no cause is named

  Scenario: Two accounts are signed in, through Graph
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And every control held
    And no cause is named
