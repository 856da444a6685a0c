### Texts of the catalog's pages. Keys are grouped by page.

## Rail and kinds
catalog-nav-components = Components
catalog-nav-apis = APIs
catalog-nav-resources = Resources
catalog-nav-systems = Systems
catalog-nav-domains = Domains
catalog-nav-groups = Groups
catalog-nav-users = Users
catalog-nav-templates = Templates
catalog-nav-sources = Sources
catalog-kind-locations = Locations
catalog-kind-ai-resources = AI resources

## Entities in lists
catalog-flawed = Has errors

## How a source is doing
catalog-source-held =
    { $count ->
        [one] { $count } deletion held
       *[other] { $count } deletions held
    }
catalog-source-limited = Rate limited
catalog-source-limited-until = Rate limited until { $time }
catalog-source-failed = Failed
catalog-source-reading = Reading
catalog-source-late = Late
catalog-source-waiting = Waiting
catalog-source-flawed =
    { $count ->
        [one] { $count } problem
       *[other] { $count } problems
    }
catalog-source-fine = OK

## List
catalog-name = Name
catalog-kind = Kind
catalog-type = Type
catalog-owner = Owner
catalog-owner-me = Me and my groups
catalog-lifecycle = Lifecycle
catalog-system = System
catalog-tag = Tag
catalog-tags = Tags
catalog-namespace = Namespace
catalog-source = Source
catalog-views = Saved views
catalog-view-all = All
catalog-view-mine = Mine
catalog-view-orphans = Orphans
catalog-view-ownerless = No owner
catalog-view-errors = With errors
catalog-search-button = Search
catalog-limit = Rows per page
catalog-export = Export
catalog-as-of = As of { $time }
catalog-caption = { $found } of { $total } · { $ms } ms
catalog-missing = Not in the catalog
catalog-chip = { $name }: { $value }
catalog-chip-text = Text: { $text }
catalog-without = Without { $filter }
catalog-first-page = Go to the first page
catalog-results =
    { $count ->
        [one] { $count } result
       *[other] { $count } results
    }
catalog-empty = The catalog is empty
catalog-empty-next = Point Portway at files that describe your services:
catalog-empty-mine = Nothing is yours
catalog-empty-mine-next = Things whose spec.owner is you or one of your groups are listed here.
catalog-empty-fine = Nothing to worry about
catalog-empty-fine-next = No entity is in this state.
catalog-empty-narrow = Nothing matches all filters
catalog-empty-narrow-next = Take one off to see more:

## Time travel
catalog-past = This is the catalog as of { $time }
catalog-past-note = What has changed since is not shown.
catalog-past-now = Back to now

## Relations, above their targets
catalog-relation-depends-on = Depends on
catalog-relation-dependency-of = Needed by
catalog-relation-provides-api = Provides
catalog-relation-api-provided-by = Provided by
catalog-relation-consumes-api = Consumes
catalog-relation-api-consumed-by = Consumed by
catalog-relation-part-of = Part of
catalog-relation-has-part = Parts
catalog-relation-on-call = On call
catalog-relation-on-call-for = On call for
catalog-relation-owned-by = Owned by
catalog-relation-owner-of = Owns
catalog-relation-member-of = Member of
catalog-relation-has-member = Members
catalog-relation-child-of = Belongs to
catalog-relation-parent-of = Subgroups
catalog-relation-scaffolded-from = Made from
catalog-relation-scaffolder-of = Made with it

## Entity
catalog-tab-overview = Overview
catalog-tab-relations = Relations
catalog-tab-raw = Raw
catalog-tab-history = History
catalog-edit = Edit
catalog-errors =
    { $count ->
        [one] { $count } error
       *[other] { $count } errors
    }
catalog-notice-errors =
    { $count ->
        [one] { $count } error in this entity
       *[other] { $count } errors in this entity
    }
catalog-notice-errors-note = The last good version is shown.
catalog-notice-errors-link = Show errors
catalog-notice-conflicts-link = Show both places
catalog-notice-orphan = No longer declared
catalog-notice-orphan-note = Its file does not have it any more. It stays until its deletion is confirmed.
catalog-notice-orphan-link = Open its source
catalog-notice-dangling = The owner { $owner } is not in the catalog
catalog-notice-dangling-note = Add the group, or change spec.owner at { $place }.
catalog-notice-ownerless = Nobody owns this
catalog-notice-ownerless-note = Write spec.owner at { $place }.
catalog-problems = Problems
catalog-conflicts = Declared more than once
catalog-conflicts-note = Two places use the same kind, namespace and name. Rename one, or remove it.
catalog-conflict-shown = Shown:
catalog-conflict-hidden = Left out:
catalog-conflict-since = Noticed { $time }
catalog-description = Description
catalog-purpose = Purpose
catalog-definition = Definition, { $type }
catalog-definition-title = API definition
catalog-definition-cut = Only the beginning of { $lines } lines is shown.
catalog-definition-all = Show all
catalog-members-none = No members
catalog-members-none-next = Name them in spec.members of the group, or the group in spec.memberOf of each user.
catalog-relations-none = No relations
catalog-relations-none-next = Write spec.dependsOn, spec.providesApis or spec.system in its file.
catalog-graph = Graph
catalog-more = { $count } more
catalog-about = About
catalog-about-of = About { $name }
catalog-domain = Domain
catalog-part-of = Part of
catalog-email = Email
catalog-repository = Repository
catalog-links = Links
catalog-declared = Declared in
catalog-file = File
catalog-commit = Commit
catalog-created = First seen
catalog-changed = Changed
catalog-labels = Labels
catalog-annotations = Annotations
catalog-annotations-show =
    { $count ->
        [one] Show { $count } annotation
       *[other] Show { $count } annotations
    }

## No such entity
catalog-unknown-next = Check its kind, namespace and name, or search the catalog.
catalog-unknown-near = Did you mean one of these?
catalog-gone = It was deleted at { $time }.
catalog-gone-history = Its history

## Sources
catalog-sources-lead = Where the catalog comes from, and how each place is doing.
catalog-sources-attention = Need attention
catalog-status = Status
catalog-entities = Entities
catalog-age = Age
catalog-next = Next refresh
catalog-next-running = Reading now
catalog-next-none = Not planned
catalog-json = JSON
catalog-origin = Origin
catalog-origin-path = Command line
catalog-origin-config = Configuration
catalog-origin-api = Registered
catalog-origin-provider = Found by { $name }
catalog-target = Target
catalog-declared-by = Declared by
catalog-declared-at = Declared at
catalog-last-success = Last success
catalog-last-attempt = Last attempt
catalog-took = Took
catalog-milliseconds = { $ms } ms
catalog-failures = Failures in a row
catalog-refresh = Refresh now
catalog-refresh-off = You may not refresh sources. Ask an administrator.
catalog-source-error = The last refresh could not read everything
catalog-source-error-note = What was read before stays, with its age.
catalog-problems-none = No problems
catalog-problems-cut = The first 500 of { $count } are shown.
catalog-open-file = Open file
catalog-held = Deletion held
catalog-held-note =
    { $count ->
        [one] One entity is
       *[other] { $count } entities are
    } gone at the source, noticed { $time }. That is a large part of it, so nothing is deleted without your word.
catalog-held-confirm =
    { $count ->
        [one] Delete { $count } entity
       *[other] Delete { $count } entities
    }
catalog-held-confirmed = Confirmed by { $name }. They go with the next refresh.
catalog-held-off = You may not delete entities. Ask an administrator.
catalog-budget = Rate budget
catalog-budget-host = Host
catalog-budget-credential = Credential
catalog-budget-left = { $remaining } of { $limit } left
catalog-budget-reset = Renewed at
catalog-budget-wait = Waits until
catalog-budget-requests = Requests
catalog-budget-unchanged = { $requests }, of which { $unchanged } unchanged

## Why a source is read when it is read
catalog-reason-started = Portway has started
catalog-reason-schedule = Looks for changes on its schedule
catalog-reason-watched = Watched; also looks for changes now and then
catalog-reason-interval = Looks for changes now and then
catalog-reason-registered = Registered by { $name }
catalog-reason-asked = Asked for by { $name }
catalog-reason-moved = Moved by { $name }
catalog-reason-confirmed = Deletion confirmed by { $name }
catalog-reason-again = Tries again: { $why }
catalog-reason-free = { $name } has become free
catalog-reason-changed = { $name } has changed

## Relations
catalog-depth = Depth
catalog-graph-title = Relations of { $name }
catalog-graph-list = The same as a list
catalog-graph-legend = Left is who uses, right is what is used.
catalog-relation = Relation
catalog-impact = If { $name } fails
catalog-impact-none = Nothing fails with it
catalog-impact-none-next = No entity declares that it needs this one.

## Raw
catalog-format = Format
catalog-api = API
catalog-raw-cut = Only the beginning is shown. The links above have all of it.

## History
catalog-versions = Versions
catalog-version = Version
catalog-when = When
catalog-who = Who
catalog-change = Change
catalog-change-created = Created
catalog-change-updated = Changed
catalog-change-deleted = Deleted
catalog-actions = Actions
catalog-compare = Compare
catalog-compare-version = Compare version { $version } with the one before
catalog-show-then = As of then
catalog-show-version = As of then: version { $version }
catalog-diff = Differences
catalog-diff-from = From
catalog-diff-to = To
catalog-diff-caption = Version { $from } to { $to }
catalog-diff-same = Both versions are equal

## Tables and changes
catalog-table = Table: { $name }
catalog-never-read = Not read yet
catalog-changes = Last changes
catalog-change-by = Version { $version } by { $name }
catalog-unknown-what = { $name } is not in the catalog
catalog-gone-what = { $name } was deleted
catalog-card-failed = This card could not be drawn
catalog-tab-empty = There is nothing to show here
