Feature: Sign in
  Three pages, the first in a browser context of its own: user name, password, stay signed in.

  Scenario Outline: An admin signs in to an application (<round>)
    Given a new tenant
    When the admin signs in to the application
    Then the application is given a code

    Examples:
      | round |
      | 1     |
      | 2     |
      | 3     |
      | 4     |
      | 5     |
      | 6     |
      | 7     |
      | 8     |
      | 9     |
      | 10    |
