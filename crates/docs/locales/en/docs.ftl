docs-nav = Documentation
docs-tab = Docs
docs-lead = What can be read about every service, written beside its code.
docs-json = JSON
docs-filter = Name, owner or site
docs-filter-button = Filter
docs-filter-none = Nothing here is called “{ $text }”
docs-filter-all = Show all documentation
docs-none = There is no documentation yet
docs-none-next = Add the annotation backstage.io/techdocs-ref: dir:. to an entity, and mkdocs.yml with a folder docs beside its file.
docs-site = Documentation
docs-owner = Owner
docs-pages = Pages
docs-age = Last change
docs-age-unknown = unknown
docs-old = Over 180 days
docs-failed = Cannot be read
docs-unread = Not read yet
docs-problem-count = { $count ->
    [one] { $count } problem
   *[other] { $count } problems
}
docs-contents = Pages
docs-on-this-page = On this page
docs-search = Search this documentation
docs-found = { $count ->
    [0] Nothing contains “{ $text }”
    [one] { $count } place contains “{ $text }”
   *[other] { $count } places contain “{ $text }”
}
docs-found-none = Try fewer or other words.
docs-first = To the first page
docs-missing = There is no such page
docs-missing-text = This documentation has no page { $path }. It may have moved, or the link to it may be wrong.
docs-missing-near = Perhaps it is one of these:
docs-unreadable = There is nothing to read yet
docs-unreadable-next = The entity says that it has documentation, but it could not be read. The problem below says what to add; a small mkdocs.yml that works follows.
docs-why = Why
docs-stale = This is the last version that could be read
docs-stale-since = Read { $time }
docs-changed = changed { $time }
docs-edit = Edit this page
docs-source = Source
docs-around = Pages before and after
docs-previous = Previous: { $title }
docs-next = Next: { $title }
docs-problems = Problems on this page
docs-code = Code
docs-page-count = { $count ->
    [one] { $count } page
   *[other] { $count } pages
}
docs-runbook = Runbook
docs-decision = Decision
docs-decision-count = { $count ->
    [one] { $count } decision
   *[other] { $count } decisions
}
