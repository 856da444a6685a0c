### Texts about relations as pictures, paths, people and stars.

catalog-nav-graph = Graph
catalog-tab-graph = Dependencies

## What a picture shows
graph-mode = What to show
graph-mode-deps = Dependencies
graph-mode-impact = Impact
graph-mode-all = All relations
graph-way = Direction
graph-way-both = Both ways
graph-way-down = What it uses
graph-way-up = Who uses it
graph-depth-all = All
graph-cluster = Frames
graph-cluster-system = By system
graph-cluster-none = No frames
graph-filter = Relations and kinds
graph-filter-relations = Relations
graph-filter-kinds = Only these kinds
graph-filter-apply = Apply
graph-filter-clear = As before
graph-opened = Opened groups
graph-size =
    { $nodes ->
        [one] { $nodes } thing
       *[other] { $nodes } things
    }, { $edges ->
        [one] { $edges } relation
       *[other] { $edges } relations
    }
graph-many = The nearest are drawn, the rest is in groups.
graph-none = Nothing is within reach
graph-circle = Dependencies go round in a circle
graph-circle-note = Each of them needs itself to start. The picture marks these relations.
graph-cyclic = In a circle
graph-cut = There is more than this
graph-cut-note = Only the nearest 5,000 things are looked at. Choose a smaller depth or fewer relations.
graph-tree-uses = Uses
graph-tree-used-by = Used by
graph-tree-above = see above

## What fails
graph-impact-caption = What fails with it, by tier and owner
graph-impact-teams = Who is affected
graph-impact-strictest = Strictest tier
graph-impact-count = Affected
graph-impact-nobody = Nobody owns these
graph-impact-mail = Write to all owners
graph-impact-subject = { $name } may fail
graph-impact-copy = Copy as a table
graph-impact-text = Table for a chat or an issue

## Paths
graph-path = Path to another
graph-path-to = To
graph-path-find = Find path
graph-path-same = This is the same entity.
graph-path-down = { $from } needs { $to }
graph-path-up = { $to } needs { $from }
graph-path-any = Related, but neither needs the other
graph-path-none = Nothing connects { $from } and { $to }
graph-path-none-next = No relation leads from one to the other, in any direction.
graph-path-both-need = Both need
graph-path-need-both = Both are needed by
graph-lookup-which = Which { $name }?
graph-lookup-none = No entity is called { $name }
graph-lookup-example = payment-service
graph-lookup-none-next = Write a name such as payment-service, or a reference such as api:default/payments.

## The page Graph
graph-explore-title = Graph
graph-explore-lead = Relations around any entities. Add several to see what lies between them.
graph-explore-add = Add entity
graph-explore-unknown = { $name } is not in the catalog
graph-explore-empty = Nothing is chosen yet
graph-explore-empty-next = Add an entity by its name, or begin with one of these.
graph-explore-open = Open in Graph

## Stars
star-on = Star
star-off = Remove star
star-sign-in = Sign in to star

## Groups and people
people-direct = Direct
people-nested = With nested groups
people-members-scope = Members of
people-owned-scope = Owned by
people-groups-above = Through these groups also
people-tree = Groups above and below
people-owned-none = Owns nothing
people-owned-none-next = Name it in spec.owner of what belongs to it.
people-owned-groups = Owned by these groups
people-health = Health of what it owns
people-errors = With errors
people-orphans = No longer declared
people-ownerless = Without an owner, in its systems
people-none = None

## Systems and domains
diagram-inside = Inside
diagram-title = { $name } and what it is connected with
diagram-none = No parts
diagram-none-next = Name it in spec.system or spec.domain of what belongs to it.
diagram-outwards = Uses of others
diagram-inwards = Uses by others
diagram-legend = The frame is the border. Left is who uses, right is what is used.
diagram-hidden = { $count } more parts are not drawn.
diagram-offered = APIs that others use
diagram-users =
    { $count ->
        [one] { $count } user
       *[other] { $count } users
    }
diagram-inner-apis =
    { $count ->
        [one] { $count } API has no user outside.
       *[other] { $count } APIs have no user outside.
    }

## History
history-look = How to show the difference
history-look-inline = Inline
history-look-side = Side by side
