@embedded @window
Feature: Somebody else who uses the account may have suppressed the prompt
  PIM's window belongs to the user. A second person with the account, or a forgotten
  session, can begin it in the middle of a proof: then a missing prompt is nobody's fault.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: Somebody else activates another role within ten minutes, <way>
    Given somebody else activates a second role with the test admin's account meanwhile
    When the test admin activates the role <way>
    Then the verdict is inconclusive because of "ADMIN_IN_USE"
    And the admin was not prompted for activation 1
    And no cause is named

    Examples:
      | way           |
      | in the portal |
      | through Graph |
