Feature: Activation
  What an admin does in the portal, eleven minutes after the sign-in: open the role, step up, give a reason, activate.

  Scenario Outline: An admin activates a role (<round>)
    Given a new tenant in which the role is protected
    When the admin opens My roles
    And eleven minutes pass
    And the admin activates the role
    Then a credential was asked for on the way
    And the portal says that the role is active

    Examples:
      | round |
      | 1     |
      | 2     |
      | 3     |
      | 4     |
      | 5     |
