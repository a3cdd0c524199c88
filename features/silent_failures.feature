@silent-failure
Feature: A configuration that only looks right is found out
  Each of these tenants passes a casual look: there is a context, the role setting names
  it, activation succeeds. Only nobody is asked to sign in again.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role

  Scenario Outline: In the portal, the policy is <state>
    Given a Conditional Access policy on the context that is <state>
    And the role setting requires the context on activation
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "<cause>"

    Examples:
      | state       | cause              |
      | report-only | POLICY_REPORT_ONLY |
      | disabled    | POLICY_DISABLED    |

  Scenario: In the portal, the policy asks for a stronger method but never for a new sign-in
    Given the test admin has a passkey
    And a Conditional Access policy on the context that asks for a phishing-resistant method
    And the role setting requires the context on activation
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "SIGN_IN_FREQUENCY_MISSING"

  Scenario: In the portal, the role setting names no context
    Given a Conditional Access policy on the context that asks for sign-in every time
    When the test admin activates the role in the portal
    Then re-authentication is not enforced
    And the cause is "ROLE_SETTING_NO_CONTEXT"
