### Texts of the catalog list: queries, views, columns, comparing.

## Query box
catalog-query = Words, or owner:me tag:java -is:orphan
catalog-query-accepted = Accepted:
catalog-query-field = There is no field “{ $what }”. Put quotes around text that has a colon.
catalog-query-no-value = A value is missing. Write it right behind the colon or the comma after “{ $what }”.
catalog-query-state = There is no state “{ $what }”.
catalog-query-having = Portway does not know whether an entity has “{ $what }”.
catalog-query-order = “{ $what }” cannot be compared like this. Only tiers have an order, one at a time.
catalog-query-quote = A quote does not end.
catalog-query-nothing = There is nothing inside.
catalog-query-parenthesis = A parenthesis has no counterpart.
catalog-query-operand = Something is missing beside “{ $what }”.
catalog-query-depth = There are too many parentheses inside each other.
catalog-query-length = The query is too long.
catalog-suggestions =
    { $count ->
        [0] No proposals
        [one] { $count } proposal
       *[other] { $count } proposals
    }

## Views
catalog-view-starred = Starred
catalog-view-save = Save view
catalog-view-save-title = Save this list as a view?
catalog-view-save-help = Filters, query, order and columns are kept. A view of the same name is replaced.
catalog-view-name = Name
catalog-view-name-help = 1 to 60 characters.
catalog-view-rename = Rename view
catalog-view-rename-title = Rename this view?
catalog-view-delete = Remove view
catalog-view-delete-title = Remove this view? The entities stay.
catalog-view-saved = The view “{ $name }” is saved.
catalog-view-renamed = The view is called “{ $name }”.
catalog-view-removed = The view “{ $name }” is removed.
catalog-shape = Show as
catalog-shape-table = Table
catalog-shape-cards = Cards

## Columns
catalog-columns = Columns
catalog-columns-title = Choose columns
catalog-columns-help = The name is always first. Only you see the change.
catalog-columns-place = Place
catalog-columns-place-of = Place of { $column }
catalog-columns-keep = Keep
catalog-columns-reset = Usual columns
catalog-columns-done = Your columns are kept.
catalog-columns-reset-done = The usual columns are back.
catalog-problem-count = Problems
catalog-problem-number =
    { $count ->
        [one] { $count } problem
       *[other] { $count } problems
    }
catalog-is-orphan = Orphan: no source declares it any more

## Rows
catalog-pick = Pick
catalog-pick-one = Pick { $name }
catalog-picked = With the picked rows:
catalog-star = Star
catalog-star-one = Star { $name }
catalog-starred = { $name } is starred.
catalog-unstarred = { $name } is no longer starred.
catalog-export-found =
    { $count ->
        [one] { $count } entity
       *[other] All { $count } entities
    }

## Comparing
catalog-comparison = Compare
catalog-comparison-few = Pick two to four entities
catalog-comparison-few-note = Tick them in the list, then press Compare.
catalog-comparison-more = The first four are compared
catalog-comparison-more-note = More than four columns are hard to read. Remove some to see others.
catalog-comparison-caption = { $differing } of { $facts } facts differ
catalog-comparison-shown = Show
catalog-comparison-all = All facts
catalog-comparison-only = Only differences
catalog-comparison-differs = Differs
catalog-comparison-same = Nothing differs
catalog-comparison-remove = Remove { $name } from the comparison
catalog-comparison-facts = Facts
catalog-comparison-spec = Spec
catalog-comparison-relations = Relations
catalog-comparison-labels = Labels
catalog-comparison-annotations = Annotations
catalog-comparison-title = Title
catalog-comparison-description = Description
