@embedded @control
Feature: A client that spoils the proof is found out
  One that never says that it answers claims challenges is refused whatever its token
  holds; one that forces the prompt itself would be prompted on any tenant.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: The client never says cp1, and PIM demands the context for ever
    Given a tenant that wants every client to answer challenges
    When the test admin activates the role through Graph with a client that does not answer challenges
    Then the verdict is inconclusive because of "CLIENT_WITHOUT_CP1"
    And PIM demanded the context 2 times

  Scenario: The client never says cp1, and PIM lets it in all the same
    Given a tenant that does not want every client to answer challenges
    When the test admin activates the role through Graph with a client that does not answer challenges
    Then the verdict is inconclusive because of "CLIENT_WITHOUT_CP1"
    And the admin was prompted for activation 1

  @broken-server
  Scenario: The portal's page forces the prompt itself
    Given a tenant that is broken: "portal_forces_prompt"
    When the test admin activates the role in the portal
    Then the verdict is inconclusive because of "CLIENT_FORCED_PROMPT"
