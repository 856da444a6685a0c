## Settings
settings-title = Settings
settings-profile = Profile
settings-name = Name
settings-actor = Signed in as
settings-nobody = Nobody is signed in
settings-groups = Groups
settings-groups-none = None that the catalog knows
settings-grants = May
settings-grants-none = Nothing that needs a permission
settings-grants-read = Look at everything, change nothing
settings-grants-all = Everything
settings-zone = Time zone
settings-zone-note = Taken from your browser
settings-stars = Starred
settings-appearance = Appearance
settings-language = Language
settings-english = English
settings-korean = Korean
settings-theme = Theme
settings-contrast = Contrast
settings-normal = Normal
settings-density = Density
settings-comfortable = Comfortable rows
settings-keys = Keyboard shortcuts with one key
settings-on = On
settings-off = Off
settings-save = Save
settings-key = Key
settings-does = Does
settings-key-send = Sends the form
settings-tokens = API tokens
settings-tokens-none = No tokens
settings-tokens-none-next = A token lets a program act for you, with as little as it needs.
settings-token-new = New token
settings-token-make = Make a token
settings-token-name = Name
settings-token-name-help = What uses it, such as ci-deploys.
settings-token-name-missing = Write what will use the token, such as ci-deploys.
settings-token-scope = May
settings-scope-read = Read
settings-scope-read-note = Whatever you may look at.
settings-scope-all = Everything
settings-scope-all-note = Whatever you may do yourself.
settings-scope-chosen = Only the permissions below
settings-scope-chosen-note = The safest choice for a program with one task.
settings-token-permissions = Permissions
settings-token-permissions-missing = Choose at least one permission, or another scope.
settings-token-life = Runs out after
settings-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
settings-token-status = Status
settings-token-active = Active
settings-token-expired = Expired
settings-token-created = Made
settings-token-used = Last used
settings-token-unused = Never
settings-token-ends = Runs out
settings-token-revoke = Revoke
settings-token-revoke-named = Revoke { $name }
settings-token-revoked = { $name } is revoked.
settings-token-made = { $name } is ready
settings-token-made-note = Copy the token now: it is shown this once and stored nowhere.
settings-token-refused = You may not make tokens
settings-token-refused-next = Sign in as somebody who may, or run portway token create on the server.

## API explorer
explorer-title = API explorer
explorer-lead = Everything that programs can do here, with the permission that each call needs.
explorer-document = OpenAPI document
explorer-find = Find an operation
explorer-find-button = Find
explorer-none = No operation matches { $query }
explorer-all = Show all
explorer-operation = Operation
explorer-permission = Permission
explorer-callable = You may call it
explorer-needs = Needs { $permission }
explorer-everybody = None: everybody may call it
explorer-curl = From a shell
explorer-parameters = Parameters
explorer-name = Name
explorer-in = In
explorer-type = Type
explorer-required = required
explorer-meaning = Meaning
explorer-body = Body, { $media }
explorer-answers = Answers
explorer-status = Status
explorer-holds = Holds
explorer-about = About
explorer-id = Operation id
explorer-group = Group
explorer-try = Try it
explorer-send = Send
explorer-any = any
explorer-try-refused = You may not call this operation. Sign in as somebody who may.
explorer-try-changes = This operation changes something. Call it from a shell with a token.
explorer-unknown = There is no operation { $name }
explorer-unknown-next = These have a similar name, or look through the list:

## Announcements
announcements-title = Announcements

## A form that came too late
expired-title = You are signed out, and nothing is lost
expired-lead = What you sent has not been done yet, because your session has ended. It waits on this page.
expired-sign-in = Sign in, in a new tab
expired-again = Send it again
expired-secret = Secrets are not kept. Go back to the form to give them again.
expired-typed = What you sent

## Addresses that do not exist
error-near = Perhaps you meant one of these:

## Health
health-checked = Checked { $time }, { $count ->
    [one] { $count } check
   *[other] { $count } checks
} in { $ms } ms
health-fix = What to do
health-json = JSON
health-again = Check again
