## Home
catalog-home-everything = the whole catalog
catalog-home-all-of = all of { $name }
catalog-home-fine = OK
catalog-home-my-components = My components
catalog-home-my-things = What I own
catalog-home-important = Most important components
catalog-home-things = Entities
catalog-home-and-more = { $names } and { $count } more
catalog-home-errors =
    { $count ->
        [one] { $name } has errors
       *[other] { $count } entities have errors
    }
catalog-home-errors-action = Show errors
catalog-home-ownerless =
    { $count ->
        [one] { $name } has no owner
       *[other] { $count } entities have no owner
    }
catalog-home-ownerless-action = Find owners
catalog-home-orphans =
    { $count ->
        [one] { $name } is no longer declared anywhere
       *[other] { $count } entities are no longer declared anywhere
    }
catalog-home-orphans-action = Show orphans
catalog-home-conflicts =
    { $count ->
        [one] { $name } is declared more than once
       *[other] { $count } entities are declared more than once
    }
catalog-home-conflicts-action = Show both places
catalog-home-held =
    { $count ->
        [one] { $count } deletion waits for your word in { $name }
       *[other] { $count } deletions wait for your word in { $name }
    }
catalog-home-held-note = They are gone at the source and stay here until somebody confirms.
catalog-home-held-action = Review
catalog-home-source-failed = { $name } cannot be read
catalog-home-source-limited = { $name } is rate limited
catalog-home-source-late = { $name } is read later than planned
catalog-home-unread =
    { $count ->
        [one] { $count } document of { $name } is not understood
       *[other] { $count } documents of { $name } are not understood
    }
catalog-home-source-action = Show why
catalog-home-sources = { $count } sources need attention in all
catalog-home-sources-action = Show sources
catalog-home-created = { $name } is new
catalog-home-created-many = { $count } entities are new
catalog-home-updated = { $name } has changed
catalog-home-updated-many = { $count } entities have changed
catalog-home-deleted = { $name } was removed
catalog-home-deleted-many = { $count } entities were removed
catalog-home-version = version { $version }
catalog-home-from = from { $place }
