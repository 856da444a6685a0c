# Sessions, tokens, passwords and passkeys of whoever is signed in.
account-general = General
account-sessions = Sessions
account-sessions-own = Where you are signed in
account-sessions-all = Sessions of everybody
account-sessions-latest = Used last
account-sessions-none = No sessions
account-sessions-none-next = Whoever signs in appears here.
account-sessions-policy =
    A session ends after { $hours ->
        [one] one hour
       *[other] { $hours } hours
    } without use, and after { $days ->
        [one] one day
       *[other] { $days } days
    } in any case. A command line stays signed in until then.
account-sessions-strange = A session that is not yours? End it, then set a new password or remove the passkey under Security.
account-sessions-end-others = End all others
account-sessions-ended =
    { $count ->
        [0] There was no other session.
        [one] One session has ended.
       *[other] { $count } sessions have ended.
    }
account-session-user = Person
account-session-show = Show
account-session-device = Browser or program
account-session-method = Signed in with
account-session-may = may: { $scope }
account-session-seen = Last used
account-session-began = Began
account-session-ends = Ends
account-session-end = End
account-session-end-named = End the session of { $name }
account-session-ended = The session has ended.
account-session-current = this one
account-agent-unknown = Unknown
account-method-guest = Guest
account-method-link = One-time link
account-method-password = Password
account-method-passkey = Passkey
account-method-recovery = Recovery code
account-method-provider = Account at a provider
account-method-device = Command line
account-tokens = API tokens
account-tokens-all = API tokens of everybody
account-tokens-all-link = Show everybody's
account-tokens-own-link = Show mine
account-tokens-ending =
    { $count ->
        [one] One token runs out within a week
       *[other] { $count } tokens run out within a week
    }
account-tokens-ending-next = Make a new one, put it where the old one is used, then revoke the old one.
account-tokens-policy =
    A token lives for at most { $count ->
        [one] one day
       *[other] { $count } days
    } and can do no more than you.
account-token-by = Made by
account-token-ending = Ends soon
account-token-process = With the server
account-security = Security
account-none = You sign in elsewhere
account-none-next = Passwords, passkeys and recovery codes belong to accounts that Portway keeps itself. Change yours where you sign in.
account-passkeys = Passkeys
account-passkeys-none = No passkeys
account-passkeys-none-next = A passkey signs you in by finger, face or PIN of your device. It cannot be guessed, reused or phished.
account-passkey-added = Added
account-passkey-remove = Remove
account-passkey-remove-named = Remove { $name }
account-passkey-removed = The passkey is removed.
account-passkey-name = Name
account-passkey-name-help = How you recognise the device, such as laptop. May stay empty.
account-passkey-add = Add a passkey
account-passkey-use = Sign in with a passkey
account-passkey-failed = Your device did not answer. Try again, or use another way.
account-passkey-elsewhere = Passkeys work at { $origin } only. Open this page there.
account-passkey-script = To add a passkey the browser needs JavaScript.
account-passkey-off = Passkeys need https and a host name in backend.baseUrl, or http://localhost.
account-password = Password
account-password-current = Current password
account-password-new = New password
account-password-help = 12 characters or more. Four words that do not belong together are good.
account-password-set = Set password
account-password-changed = The new password counts; your other sessions have ended.
account-codes = Recovery codes
account-codes-lead = Ten codes for the day on which you have neither password nor passkey. Each works once. Keep them on paper.
account-codes-left =
    { $count ->
        [0] You have none.
        [one] One code is left.
       *[other] { $count } codes are left.
    }
account-codes-make = Make new codes
account-codes-made = Your new recovery codes
account-codes-made-note = Print or write them down now: they are shown this once. Earlier codes have stopped to work.
account-enter = Sign in with your account
account-enter-lead = For accounts that this Portway keeps itself.
account-name = Name
account-recover = Sign in with a recovery code
account-recover-lead = One of the ten codes that you keep on paper. It works once.
account-recover-link = Use a recovery code
account-code = Recovery code
account-code-help = Four groups of four letters and digits.
account-invite = Welcome
account-invite-lead = Choose the password for your account { $name }. This link works once.
account-invite-used = This link does not work any more.
account-invite-enter = Sign in and add a passkey
account-other-ways = Other ways to sign in
account-device = Admit a program
account-device-lead = A program asks to act for you. Admit it only if you have just started it yourself and it shows the same code.
account-device-code = Code
account-device-code-help = Eight letters that the program shows, such as BCDF-GHJK.
account-device-look = Continue
account-device-client = Program
account-device-address = Asks from
account-device-here = the same address as yours
account-device-asked = Asked
account-device-person = Acts as
account-device-may = May
account-device-elsewhere = It asks from another address than yours
account-device-elsewhere-next = That is right for a server that you are logged in to. Otherwise somebody may be trying to use your account.
account-device-admit = Admit
account-device-deny = Turn away
account-device-careful = You can end it at any time under Settings, Sessions.
account-device-admitted = The program is admitted
account-device-admitted-next = Go back to it; this window can be closed.
account-device-denied = The program was turned away
account-device-denied-next = It got nothing. This window can be closed.
