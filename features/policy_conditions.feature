@matrix
Feature: A policy under a condition speaks only for sign-ins that meet it
  A condition that this sign-in misses is a hole; one that it meets, and another might
  not, narrows what the verdict says.

  Background:
    Given a published authentication context
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  @silent-failure
  Scenario Outline: This sign-in misses the condition: only <condition>
    Given a Conditional Access policy on the context that asks for sign-in every time but only <condition>
    When the test admin activates the role through Graph
    Then re-authentication is not enforced
    And the cause is "POLICY_CONDITION_NARROWS"

    Examples:
      | condition              |
      | on iOS                 |
      | not on Linux           |
      | from trusted locations |
      | in browsers            |
      | in legacy apps         |
      | on joined devices      |
      | at high sign-in risk   |
      | at high user risk      |

  Scenario Outline: This sign-in meets the condition: only <condition>
    Given a Conditional Access policy on the context that asks for sign-in every time but only <condition>
    When the test admin activates the role <way>
    Then re-authentication is enforced
    And the verdict is narrowed by "<narrowed>"

    Examples:
      | condition                      | way           | narrowed                                                                              |
      | on Linux                       | through Graph | only on the platforms linux                                                           |
      | not from trusted locations     | through Graph | not from the locations AllTrusted                                                     |
      | in mobile and desktop apps     | through Graph | only from the client apps mobileAppsAndDesktopClients                                 |
      | in browsers                    | in the portal | only from the client apps browser                                                     |
      | on devices that are not joined | through Graph | only on devices that the filter lets through: exclude: device.trustType -eq "AzureAD" |
