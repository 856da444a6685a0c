### Texts of the shell and the components. Keys are grouped by prefix.

## Shell
shell-skip = Skip to content
shell-navigation = Main
shell-menu-open = Open menu
shell-menu-close = Close menu
shell-search = Search or run a command
shell-appearance = Appearance
shell-account = Account: { $name }
shell-profile = My page
shell-sign-in = Sign in
shell-sign-out = Sign out
copied = Copied
theme-system = Same as system
theme-light = Light
theme-dark = Dark
contrast-more = High contrast
keys-on = Keyboard shortcuts
density-compact = Compact rows
gate-foot = Portway, open source under Apache-2.0

## Rail
nav-home = Home
nav-catalog = Catalog
nav-create = Create
nav-deliver = Deliver
nav-operate = Operate
nav-improve = Improve
nav-learn = Learn

## Times
ago-now = just now
ago-seconds = { $n } s ago
ago-minutes = { $n } min ago
ago-hours = { $n } h ago
ago-days = { $n } d ago
ago-months = { $n } mo ago
ago-years = { $n } y ago
age-seconds = { $n } s
age-minutes = { $n } min
age-hours = { $n } h
age-days = { $n } d
age-months = { $n } mo
age-years = { $n } y
until-now = now
until-seconds = in { $n } s
until-minutes = in { $n } min
until-hours = in { $n } h
until-days = in { $n } d
until-months = in { $n } mo
until-years = in { $n } y

## Where data comes from
fresh-now = { $time } from { $source }
fresh-now-next = { $time } from { $source }, next { $next }
fresh-stale = { $time } old, source { $source }
fresh-stale-next = { $time } old, source { $source }, next try { $next }
fresh-never = Not read yet, source { $source }
fresh-never-next = Not read yet, source { $source }, next try { $next }

## Components
crumbs-label = Breadcrumb
facets-label = Filters
facets-apply = Apply filters
chips-remove = Remove filter { $filter }
chips-clear = Clear all
pager-label = Pages
pager-rows = Rows { $first }–{ $last } of { $total }
pager-previous = Previous
pager-next = Next
problem-error = Error:
problem-warning = Warning:
problem-accepted = Accepted:
problem-fix = Fix:
tree-fold = Below { $name }
code-copy = Copy
code-cut = Only the first 20,000 lines are shown.
diff-old = Old line
diff-new = New line
diff-change = Change
diff-line = Text
diff-summary =
    { $added ->
        [one] { $added } line added
       *[other] { $added } lines added
    }, { $removed } removed
diff-equal =
    { $count ->
        [one] { $count } equal line
       *[other] { $count } equal lines
    }
diff-cut = The rest is too long to compare here.

## Errors: what, then what next
error-400 = This address or form has a value that cannot be used
error-400-next = Go back and correct it.
error-401 = Sign in to see this page
error-401-next = You come back here afterwards.
error-403 = You may not see this page
error-403-next = Ask the owners for access, or sign in as somebody else.
error-404 = There is no such page
error-404-next = Check the address, or search the catalog.
error-405 = This address does not do that
error-405-next = Use the buttons of the page it belongs to.
error-409 = Somebody changed this in the meantime
error-409-next = Load the page again and repeat your change.
error-429 = Too many requests
error-429-next = Wait a minute and load the page again.
error-4xx = This request cannot be answered
error-4xx-next = Go back and try again.
error-500 = Portway failed to make this page
error-500-next = Nothing is lost. Load the page again; if it stays, give the request number to the people who run Portway.
error-503 = Portway is not ready yet
error-503-next = It is starting or its database does not answer. Load the page again in a few seconds.
error-home = Home
error-status = Status { $status }
error-request = Request { $id }

## Sign-in
login-title = Sign in
login-title-for = Sign in to { $name }
login-lead = Find who owns what, and what it needs.
login-guest = Look around as a guest
login-guest-note = You are signed in as { $name }. For trying out, on this machine only.
login-or = or
login-token = Access token
login-token-help = Made with: portway token create
login-token-button = Sign in with token
login-none = No way to sign in is configured
login-none-next = Whoever started Portway opens the link that portway up has printed; it works once, for 15 minutes. To let others in, set auth.providers in app-config.yaml.
login-facts = What the provider said about you


## Charts
age-milliseconds = { $n } ms
number-thousand = K
number-million = M
number-billion = B
number-ten-thousand = 0K
number-hundred-million = 00M
date-day =
    { $day } { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }
date-month =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    } { $year }
chart-table = Show as table
chart-table-of = { $title }, table
chart-empty = No values in this range
chart-gap = –
chart-rest = Other
chart-starts-at = The axis starts at { $value }.
chart-cut = { $count } more rows are left out.
chart-desc = { $name }: first { $first }, last { $last }, lowest { $low }, highest { $high }.

## Radar
radar-desc = { $count } entries. The nearer to the middle, the more we rely on it. The lists below hold the same facts.
radar-same = No change
radar-in = Moved in
radar-out = Moved out
radar-new = New
radar-none = No entries
stat-up = Up
stat-down = Down

## Forms
form-optional = optional
form-choose = Choose one
form-errors =
    { $count ->
        [one] Mend one thing to go on
       *[other] Mend { $count } things to go on
    }
form-add = Add: { $name }
form-remove = Remove { $name } { $number }
form-up = Move { $name } { $number } up
form-list-empty = None yet
form-refresh = Show fields for this choice
form-steps = Steps
form-back = Back

## Dialogs and panels
dialog-close = Close
dialog-cancel = Cancel
dialog-type = Type { $text } to go on
panel-retry = Try again
step-waiting = Waiting
step-running = Running
step-done = Done
step-failed = Failed
step-skipped = Skipped
steps-done = { $done } of { $all } steps done
log-of = Log of { $name }
log-search = Search in log
log-search-in = Search in the log of { $name }
log-found =
    { $count ->
        [one] { $count } line found
       *[other] { $count } lines found
    }
log-all = All lines
log-download = Download
log-live = Live
log-empty = No lines
log-cut = { $count } earlier lines are left out.

## Palette, keys, drafts
shell-offline = You are offline. What you see is from before; what you type stays.
palette-results = Results
palette-recent = Recent
palette-failed = The search does not answer. Press enter to try its page.
palette-open = open
palette-secondary = open owner
palette-complete = complete
palette-actions = actions
palette-teams = teams
palette-tags = tags
palette-help = help
palette-none = Nothing matches “{ $query }”
palette-count =
    { $count ->
        [one] { $count } result
       *[other] { $count } results
    }
palette-status =
    { $count ->
        [one] { $count } result
       *[other] { $count } results
    }, { $ms } ms
keys-help = Show shortcuts
keys-title = Keyboard shortcuts
keys-search = Search on this page, or everywhere
keys-rows = Next or previous row
keys-note = Single keys can be switched off in the appearance menu.
draft-title = What you typed is back
draft-text = It had not been sent. Secrets and files have to be given again.
draft-discard = Discard

## Graph
graph-region = { $title }, scrollable
graph-desc = { $nodes } things and { $edges } relations. Left is who uses, right is what is used. The list holds the same facts.
graph-more = + { $count } more
graph-more-in = + { $count } in { $group }

## Gallery
gallery-title = Design system
gallery-lead = Every component in every state. All data here is made up.
gallery-name = Name
gallery-owner = Owner
gallery-health = Health
gallery-level = Level
gallery-actions = Actions
gallery-ok = Healthy
gallery-info = Rolling out
gallery-neutral = Unknown
gallery-warn = Slow
gallery-bad = Degraded
gallery-edit = Edit
gallery-act = Roll back
gallery-off = Only team-payments can do this. Ask them for access.
gallery-text = A sentence of usual length, so that its line breaks can be seen.
gallery-empty = Nothing matches tier:1
gallery-loading = Loading cost from OpenCost…
gallery-list = The same as a list
gallery-goal = Goal
gallery-week = Week
gallery-golden = Golden path
gallery-form = A form
gallery-wrong = Use a number above 1024, e.g. 8080.
gallery-parts = Parts
shell-view-as = You see Portway as { $name } does
shell-view-as-note = You can look and change nothing. It ends by itself 30 minutes after it began.
shell-view-as-end = End this view
