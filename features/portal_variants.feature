@embedded @control
Feature: The portal is proven whichever way it does its work
  The page may call Microsoft Graph or PIM's own older interface, and may send the admin to
  the sign-in page by itself or in a window of its own.

  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: The portal calls the legacy PIM host
    Given a tenant whose portal calls the legacy PIM host
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And the sign-in log says that the step-up was required
    And every control held

  Scenario: The portal calls Microsoft Graph and steps up in a popup
    Given a tenant whose portal calls Microsoft Graph
    And a tenant whose portal steps up in a popup
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And every control held

  Scenario: The portal speaks French
    Given a tenant whose portal speaks French
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And every control held

  Scenario: The portal lays a survey over the page
    Given a tenant whose portal lays a survey over its pages
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And every control held

  Scenario: The portal lays a bubble over the control
    Given a tenant whose portal lays a bubble over its controls
    When the test admin activates the role in the portal
    Then re-authentication is enforced
    And every control held

  Scenario: The sign-in pages speak a language of which no words are known
    Given a tenant whose pages speak Polish
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And every control held
