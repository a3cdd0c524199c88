@silent-failure @matrix
Feature: A policy that asks, but not every time, is found out
  Multifactor authentication, a stronger method and a sign-in frequency in hours are all
  satisfied by what the session did before. Only "every time" asks again.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: The policy asks <asks>
    Given a Conditional Access policy on the context that asks <asks>
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "<cause>"

    Examples:
      | asks                                | cause                        |
      | for sign-in every 1 hour            | SIGN_IN_FREQUENCY_TIME_BASED |
      | for sign-in every 12 hours          | SIGN_IN_FREQUENCY_TIME_BASED |
      | for sign-in every 1 day             | SIGN_IN_FREQUENCY_TIME_BASED |
      | for sign-in every 30 days           | SIGN_IN_FREQUENCY_TIME_BASED |
      | only for multifactor authentication | SIGN_IN_FREQUENCY_MISSING    |

  Scenario: The policy asks for a stronger method and sets no frequency
    Given the test admin has a passkey
    And a Conditional Access policy on the context that asks for a phishing-resistant method
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "SIGN_IN_FREQUENCY_MISSING"

  Scenario: The policy holds the right frequency, switched off
    Given a Conditional Access policy on the context whose sign-in frequency is switched off
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "SIGN_IN_FREQUENCY_DISABLED"
