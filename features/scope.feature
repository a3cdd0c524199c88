@matrix
Feature: The verdict says for whom it does not speak
  One admin was tried. Who else may activate the role, and along which other way, is read
  from the configuration and laid beside the verdict.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And a Conditional Access policy on the context that asks for sign-in every time
    And the role setting requires the context on activation

  Scenario: Nobody else may activate the role
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And the verdict speaks for everyone who may activate the role

  @embedded
  Scenario: Another eligible user whom no policy asks
    Given another user is eligible for the role
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And 1 of 2 who may activate the role is not covered

  @embedded
  Scenario: Another role gives the same power without the context
    Given the test admin is eligible for a role that can give itself the same power
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And the cause is "UNPROTECTED_PATH"
