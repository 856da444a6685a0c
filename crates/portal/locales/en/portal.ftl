### Texts of the shell and the components. Keys are grouped by prefix.

## Shell
shell-skip = Skip to content
shell-navigation = Main
shell-menu-open = Open menu
shell-menu-close = Close menu
shell-search = Search the catalog
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
login-none-next = Set auth.providers in app-config.yaml, or start with --demo.

## Home
home-title = Home
home-kinds = In the catalog
home-empty = The catalog is empty
home-empty-next = Point Portway at files that describe your services:
home-owned = Yours
home-owned-none = Your teams own nothing yet
home-owned-none-next = Things whose spec.owner is you or one of your teams are listed here.
home-owned-unknown = Portway does not know who you are
home-owned-unknown-next = Sign in as a user of the catalog to see what your teams own.
home-all = Show all
home-sources = Sources
home-sources-none = No sources
home-sources-fine = All are read without errors

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
