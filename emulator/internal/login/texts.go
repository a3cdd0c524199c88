package login

import (
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// text returns a text of the pages in a language; English where there is none.
//
// Documented or observed are few of the English ones; the others, and all German, French and Polish
// ones, say in our own words what the real page says. Clients must recognise pages by ids.
func text(lang, key string) string {
	if lang == store.Pseudo {
		return pseudo(texts[store.English][key])
	}
	if t, ok := texts[lang][key]; ok {
		return t
	}
	return texts["en"][key]
}

// pseudoLetters stand for vowels in the pseudo-locale.
var pseudoLetters = strings.NewReplacer(
	"a", "åå", "e", "éé", "i", "îî", "o", "öö", "u", "ûû", "A", "Å", "E", "É", "I", "Î", "O", "Ö", "U", "Û", "n", "ñ", "S", "Š", "s", "š", "y", "ý",
)

// pseudo is an English text in the pseudo-locale. The verbs of formats stay.
func pseudo(english string) string {
	parts := strings.Split(english, "%")
	for i, part := range parts {
		if i == 0 || part == "" {
			parts[i] = pseudoLetters.Replace(part)
			continue
		}
		parts[i] = part[:1] + pseudoLetters.Replace(part[1:])
	}
	return "[" + strings.Join(parts, "%") + "]"
}

// errorText is what a page says about an error, in the page's language.
func errorText(lang string, err *aadsts) string {
	if err == nil {
		return ""
	}
	key, ok := errorKeys[err.Number]
	if !ok {
		return err.Text
	}
	return text(lang, key)
}

var errorKeys = map[int]string{
	unknownUser: "errUser", wrongPassword: "errPassword", disabledUser: "errDisabled",
	secondFactorFailed: "errCode", accessPassRefused: "errPass", 135004: "errPasskey",
	blockedByPolicy: "errBlocked", deviceNotCompliant: "errDevice", deviceNotJoined: "errDevice",
	enrollmentInterrupt: "errProofUp", devicePending: "errDeviceCode", lockedOut: "errLocked",
	registrationNudge: "errProofUp", adminConsentMissing: "errAdminConsent",
}

var texts = map[string]map[string]string{
	store.French: french, store.Polish: polish,
	"en": {
		"signIn": "Sign in", "next": "Next", "back": "Back", "yes": "Yes", "no": "No", "verify": "Verify", "cancel": "Cancel",
		"accept": "Accept", "continue": "Continue", "userName": "Email, phone, or user name", "password": "Password",
		"enterPassword": "Enter password", "enterCode": "Enter code", "code": "Code", "accessPass": "Temporary Access Pass",
		"enterPass": "Enter Temporary Access Pass", "pick": "Pick an account", "other": "Use another account", "signedIn": "Signed in",
		"codeHelp": "Enter the code displayed in your authenticator app.", "another": "Sign in another way",
		"options": "Sign-in options", "verifyIdentity": "Verify your identity", "chooseWay": "Choose a way to sign in",
		"approve": "Approve sign-in request", "approveHelp": "Open your authenticator app and enter the number shown to sign in.",
		"stay": "Stay signed in?", "stayHelp": "Do this to reduce the number of times you are asked to sign in.",
		"dontShow": "Don't show this again", "usePasskey": "Use your face, fingerprint, PIN or security key instead",
		"passkey": "Face, fingerprint, PIN or security key", "passkeyHelp": "Your device will open a security window. Follow the instructions there to sign in.",
		"consent": "Permissions requested", "consentHelp": "This app would like to:", "confirm": "Are you trying to sign in to %s?",
		"confirmHelp": "Only continue if you started this sign-in on another device.", "blocked": "You cannot access this right now",
		"proofUp": "More information required", "error": "Sorry, but we’re having trouble signing you in.", "working": "Working…",
		"workingHelp": "Select the button if you are not forwarded.", "signedOut": "You signed out of your account",
		"signedOutHelp": "It's a good idea to close all browser windows.", "deviceDone": "You have signed in",
		"deviceDoneHelp": "You can close this window and go on on your other device.", "deviceDeclined": "The sign-in was declined",
		"deviceDeclinedHelp": "You can close this window.", "enterDeviceCode": "Enter code to allow access",
		"deviceCodeHelp": "Enter the code that your app or device shows.", "details": "Details for support",
		"PhoneAppOTP": "Use a verification code", "PhoneAppNotification": "Approve a request in my authenticator app",
		"FidoKey": "Face, fingerprint, PIN or security key", "Password": "Use my password", "AccessPass": "Use a Temporary Access Pass",
		"needUser": "Enter a valid user name.", "needPassword": "Please enter your password.", "needCode": "Please enter the 6-digit code.",
		"needPass": "Please enter your Temporary Access Pass.",
		"errUser":  "This username may be incorrect. Make sure you typed it correctly.", "errPassword": "Your account or password is incorrect.",
		"errDisabled": "Your account has been locked. Contact your support person to unlock it.",
		"errCode":     "That didn’t work. Check the code in your app and try again.", "errPass": "Your Temporary Access Pass is incorrect.",
		"errPasskey": "We couldn't sign you in with that passkey. Try again or choose another way.",
		"errBlocked": "Your sign-in was successful but does not meet the criteria to access this resource.",
		"errDevice":  "Your device must be known to and approved by your organisation.",
		"errProofUp": "Your organisation needs more information to keep your account secure.", "errDeviceCode": "That code didn't work. Check it and try again.",
		"changePassword": "Update your password", "changePasswordHelp": "You need to update your password because this is the first time you are signing in, or because your password has expired.",
		"currentPassword": "Current password", "newPassword": "New password", "confirmPassword": "Confirm password", "errDifferent": "The passwords do not match.",
		"adminConsent": "Need admin approval", "errAdminConsent": "The app needs permissions that only an administrator can grant. Ask an administrator to grant them before you use it.",
		"resend": "Send another request", "pickSignOut": "Which account do you want to sign out of?", "skip": "Skip for now (%d days until this is required)",
		"errLocked":   "Your account is temporarily locked to prevent unauthorized use. Try again later, and if you still have trouble, contact your admin.",
		"errNoAnswer": "We didn't hear from you. Send the request again, or sign in another way.",
		"embedded":    "Embedded tenant of reprompt. Not Microsoft.",
	},
	"de": {
		"signIn": "Anmelden", "next": "Weiter", "back": "Zurück", "yes": "Ja", "no": "Nein", "verify": "Überprüfen", "cancel": "Abbrechen",
		"accept": "Akzeptieren", "continue": "Fortfahren", "userName": "E-Mail, Telefon oder Benutzername", "password": "Kennwort",
		"enterPassword": "Kennwort eingeben", "enterCode": "Code eingeben", "code": "Code", "accessPass": "Befristeter Zugriffspass",
		"enterPass": "Befristeten Zugriffspass eingeben", "pick": "Konto auswählen", "other": "Anderes Konto verwenden", "signedIn": "Angemeldet",
		"codeHelp": "Geben Sie den Code ein, den Ihre Authenticator-App anzeigt.", "another": "Auf andere Weise anmelden",
		"options": "Anmeldeoptionen", "verifyIdentity": "Identität bestätigen", "chooseWay": "Anmeldeart wählen",
		"approve": "Anmeldeanforderung genehmigen", "approveHelp": "Öffnen Sie Ihre Authenticator-App und geben Sie die angezeigte Zahl ein.",
		"stay": "Angemeldet bleiben?", "stayHelp": "So werden Sie seltener aufgefordert, sich anzumelden.",
		"dontShow": "Nicht mehr anzeigen", "usePasskey": "Stattdessen Gesicht, Fingerabdruck, PIN oder Sicherheitsschlüssel verwenden",
		"passkey": "Gesicht, Fingerabdruck, PIN oder Sicherheitsschlüssel", "passkeyHelp": "Ihr Gerät öffnet ein Sicherheitsfenster. Folgen Sie dort den Anweisungen.",
		"consent": "Berechtigungen angefordert", "consentHelp": "Diese App möchte:", "confirm": "Möchten Sie sich bei %s anmelden?",
		"confirmHelp": "Fahren Sie nur fort, wenn Sie diese Anmeldung auf einem anderen Gerät begonnen haben.", "blocked": "Sie können im Moment nicht darauf zugreifen",
		"proofUp": "Weitere Informationen erforderlich", "error": "Bei der Anmeldung ist leider ein Problem aufgetreten.", "working": "Einen Moment…",
		"workingHelp": "Wählen Sie die Schaltfläche, falls Sie nicht weitergeleitet werden.", "signedOut": "Sie haben sich abgemeldet",
		"signedOutHelp": "Schließen Sie am besten alle Browserfenster.", "deviceDone": "Sie sind angemeldet",
		"deviceDoneHelp": "Sie können dieses Fenster schließen und auf dem anderen Gerät weitermachen.", "deviceDeclined": "Die Anmeldung wurde abgelehnt",
		"deviceDeclinedHelp": "Sie können dieses Fenster schließen.", "enterDeviceCode": "Code eingeben, um Zugriff zu erlauben",
		"deviceCodeHelp": "Geben Sie den Code ein, den Ihre App oder Ihr Gerät anzeigt.", "details": "Angaben für den Support",
		"PhoneAppOTP": "Prüfcode verwenden", "PhoneAppNotification": "Anforderung in der Authenticator-App genehmigen",
		"FidoKey": "Gesicht, Fingerabdruck, PIN oder Sicherheitsschlüssel", "Password": "Kennwort verwenden", "AccessPass": "Befristeten Zugriffspass verwenden",
		"needUser": "Geben Sie einen gültigen Benutzernamen ein.", "needPassword": "Geben Sie Ihr Kennwort ein.", "needCode": "Geben Sie den sechsstelligen Code ein.",
		"needPass": "Geben Sie Ihren befristeten Zugriffspass ein.",
		"errUser":  "Dieser Benutzername ist möglicherweise falsch. Prüfen Sie die Eingabe.", "errPassword": "Konto oder Kennwort ist falsch.",
		"errDisabled": "Ihr Konto wurde gesperrt. Wenden Sie sich an Ihren Support.",
		"errCode":     "Das hat nicht funktioniert. Prüfen Sie den Code in Ihrer App und versuchen Sie es noch einmal.", "errPass": "Ihr befristeter Zugriffspass ist falsch.",
		"errPasskey": "Die Anmeldung mit diesem Schlüssel ist nicht gelungen. Versuchen Sie es noch einmal oder wählen Sie eine andere Art.",
		"errBlocked": "Die Anmeldung war erfolgreich, erfüllt aber nicht die Bedingungen für diese Ressource.",
		"errDevice":  "Ihr Gerät muss Ihrer Organisation bekannt und von ihr zugelassen sein.",
		"errProofUp": "Ihre Organisation benötigt weitere Angaben, um Ihr Konto zu schützen.", "errDeviceCode": "Dieser Code hat nicht funktioniert. Prüfen Sie ihn und versuchen Sie es noch einmal.",
		"changePassword": "Kennwort aktualisieren", "changePasswordHelp": "Sie müssen Ihr Kennwort ändern, weil Sie sich zum ersten Mal anmelden oder weil es abgelaufen ist.",
		"currentPassword": "Aktuelles Kennwort", "newPassword": "Neues Kennwort", "confirmPassword": "Kennwort bestätigen", "errDifferent": "Die Kennwörter stimmen nicht überein.",
		"adminConsent": "Genehmigung durch Administrator erforderlich", "errAdminConsent": "Die App benötigt Berechtigungen, die nur ein Administrator erteilen kann. Bitten Sie ihn darum, bevor Sie sie verwenden.",
		"resend": "Anforderung erneut senden", "pickSignOut": "Von welchem Konto möchten Sie sich abmelden?", "skip": "Vorerst überspringen (noch %d Tage)",
		"errLocked":   "Ihr Konto ist vorübergehend gesperrt, um eine unbefugte Nutzung zu verhindern. Versuchen Sie es später erneut.",
		"errNoAnswer": "Sie haben nicht geantwortet. Senden Sie die Anforderung erneut, oder melden Sie sich auf andere Weise an.",
		"embedded":    "Eingebetteter Mandant von reprompt. Nicht Microsoft.",
	},
}
