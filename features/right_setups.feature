@right @matrix
Feature: A tenant that asks every time is never accused, however it is set up
  There are many right ways. None of them may be called a fault.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: The policy covers <whom>
    Given a Conditional Access policy on the context that asks <whom> for sign-in every time
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named

    Examples:
      | whom                                     |
      | a group of the test admin                |
      | a group around a group of the test admin |

    @embedded
    Examples:
      | whom                      |
      | everyone                  |
      | everyone but another user |

  Scenario: The policy excludes another user
    Given a Conditional Access policy on the context that asks for sign-in every time but excludes another user
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named

  Scenario: Multifactor authentication every time
    Given re-authentication must consist of multifactor authentication
    And a Conditional Access policy on the context that asks for sign-in every time
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And no cause is named

  Scenario Outline: A phishing-resistant method every time, <way>
    Given re-authentication must consist of a phishing-resistant method
    And the test admin has a passkey
    And a Conditional Access policy on the context that asks for a phishing-resistant method every time
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And no cause is named

    Examples:
      | way           |
      | in the portal |
      | through Graph |
