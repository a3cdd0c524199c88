@matrix
Feature: A step-up that is too weak is said, and fails where more is demanded
  Signing in again with a password alone is a new sign-in. Whether it is enough is for the
  control's owner to say.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  @silent-failure
  Scenario: A password alone steps up, and two factors are demanded
    Given re-authentication must consist of multifactor authentication
    And a Conditional Access policy on the context that asks for sign-in every time with any single factor
    When the test admin activates the role through Graph
    Then the verdict is not enforced because of "STEP_UP_SINGLE_FACTOR"
    And the cause is "POLICY_GRANT_TOO_WEAK"

  @silent-failure
  Scenario: A password and a code step up, and a phishing-resistant method is demanded
    Given re-authentication must consist of a phishing-resistant method
    And a Conditional Access policy on the context that asks for sign-in every time
    When the test admin activates the role through Graph
    Then the verdict is not enforced because of "STEP_UP_METHOD_TOO_WEAK"
    And the cause is "POLICY_GRANT_TOO_WEAK"

  @silent-failure
  Scenario: The second factor alone is asked for, and the session's authentication stays old
    Given a Conditional Access policy on the context that asks for the second factor alone every time
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "PROMPT_WITHOUT_FRESH_TOKEN"
    And the cause is "SIGN_IN_FREQUENCY_SECONDARY_ONLY"

  Scenario: A password alone steps up, and any re-authentication will do
    Given a Conditional Access policy on the context that asks for sign-in every time with any single factor
    When the test admin activates the role through Graph
    Then re-authentication is enforced
    And the verdict also notes "STEP_UP_SINGLE_FACTOR"
