// Package entra holds the pages of Microsoft Entra as page objects: the sign-in pages
// (SignIn, Silent) and the activation pages of Privileged Identity Management (Portal).
//
// # The sign-in pages
//
// A page is recognised by the pgid in its $Config and by the elements that it shows; the whole
// table, with every selector, is in pages.go. Neither depends on the page's language.
//
// A page stands still when it is recognised, its load event has fired, no navigation is under
// way and the field for the credential is enabled. Only then is it acted on, once, in one
// evaluation that is bound to this very document. A page that leaves before that is recorded
// as a Visit with StoodStill false: nobody was asked anything there.
//
// A credential counts as sent when its value was seen leaving in a request.
//
// A credential that was rejected is never sent again, by this SignIn or any other that shares
// its UsedCodes, and a one-time code is never sent twice.
//
// # The portal
//
// Its pages are found by ARIA role and accessible name, in whichever frame they are. The names
// in English and German are in labels.go. English names are documented or observed; German
// ones are inferred.
//
// # What it does not prove
//
// That a credential was asked for and sent does not show that the sign-in needed it, nor that
// the session is any fresher for it: the tokens say that.
package entra
