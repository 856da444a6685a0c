# Bringing something new into the catalog.
catalog-nav-register = Register
catalog-register = Register in the catalog
catalog-register-lead = Name a file or a repository. You see what would change before anything does.
catalog-register-step-name = Name it
catalog-register-step-look = See what would change
catalog-register-step-add = Register or propose
catalog-register-url = Address of a file or repository
catalog-register-url-help = A repository is searched for catalog-info.yaml; where there is none, a first one is suggested.
catalog-register-yaml = Or the text of a catalog file
catalog-register-yaml-help = It is checked without being stored. With an address, it can go there as a pull request.
catalog-register-file = Catalog file
catalog-register-path = Path in the repository
catalog-register-path-help = From its root, for example services/shop/catalog-info.yaml
catalog-register-look = See what would change
catalog-register-check = Check again
catalog-register-propose = Open a pull request
catalog-register-cancel = Cancel
catalog-register-other = Another address
catalog-register-add = { $count ->
    [0] Register
    [one] Register { $count } new entity
   *[other] Register { $count } new entities
}
catalog-register-place = What would be registered
catalog-register-refused = This did not work
catalog-register-kept = Nothing was changed. What you typed is still below.
catalog-register-off = You need the permission catalog.location.create. Ask an administrator for it, or for the registration.
catalog-register-analyze-off = You need the permission catalog.location.analyze. Ask an administrator for it.
catalog-register-may = A pull request to { $branch } can be opened from here.
catalog-register-no-forge = Write the address of a repository on a known code host to open a pull request, or commit the file yourself.
catalog-register-no-credential = Portway has no credential for { $host }, so it cannot open a pull request. Copy the file and commit it yourself.
catalog-register-read-only = The credential for { $host } may only read this repository. Copy the file and commit it yourself.
catalog-register-archived = The repository is archived and takes no changes.
catalog-register-empty-repository = The repository has no branch yet. Commit the file to it directly.
catalog-register-failed = Whether a pull request can be opened is not known: { $why }
catalog-register-found-one = { $repository } has a catalog file
catalog-register-found-many = { $repository } has several catalog files
catalog-register-found-many-note = Below is what all of them together would bring. Choose one to register only that.
catalog-register-found-none = { $repository } has no catalog-info.yaml yet
catalog-register-found-none-note = { $count ->
    [one] This is a first one, made of what { $count } file of the repository says. Change what is not right.
   *[other] This is a first one, made of what { $count } files of the repository say. Change what is not right.
}
catalog-register-suggest = Suggest a file for this repository
catalog-register-clues = Where this comes from
catalog-register-clue-none = The repository does not tell. Write it yourself.
catalog-register-clue-default = Assumed. Change it if it is not right.
catalog-register-flaws-note = Entities with errors are left out until they are mended.
catalog-register-entities = What would happen
catalog-register-no-entities = No entities
catalog-register-no-entities-next = A catalog file has documents with apiVersion, kind, metadata.name and spec. The same check on the command line:
catalog-register-name = Entity
catalog-register-effect = Change
catalog-register-owner = Owner
catalog-register-line = Place
catalog-register-new = New
catalog-register-changed = Changed
catalog-register-same = As it is
catalog-register-taken = Left out: declared elsewhere
catalog-register-twice = Left out: declared twice here
catalog-register-known-note = This place is registered already.
catalog-register-done = { $count ->
    [one] Registered. { $count } entity is in the catalog.
   *[other] Registered. { $count } entities are in the catalog.
}
catalog-register-known = { $count ->
    [one] It was registered already, with { $count } entity.
   *[other] It was registered already, with { $count } entities.
}
catalog-register-empty = Registered, but it has brought nothing yet. This page says why.
catalog-register-proposed = Pull request open
catalog-register-proposed-now = Pull request { $number } is open.
catalog-register-proposed-again = Pull request { $number } was open and has the new text.
catalog-register-merge = The file is on its way
catalog-register-merge-next = After the merge, look at the file once more and register it.
catalog-register-open-pull = Open the pull request
catalog-register-after-merge = It is merged: look at the file

# A source's page: what a provider found, what happened, taking it out.
catalog-source-so-far = { $count ->
    [one] Reading now: { $count } entity so far, { $before } after the last refresh.
   *[other] Reading now: { $count } entities so far, { $before } after the last refresh.
}
catalog-found = Found
catalog-found-none = Nothing found so far
catalog-found-none-next = Add a catalog-info.yaml to a repository, or widen the filters of the provider.
catalog-skipped = Passed over
catalog-skipped-note = Nothing is wrong with these: the provider's filters leave them out.
catalog-refreshes = History
catalog-refreshes-none = Nothing has happened yet
catalog-refreshes-note = Refreshes that found nothing new are not listed.
catalog-history-refreshed = { $created } new, { $updated } changed, { $deleted } removed
catalog-history-failed = Could not be read
catalog-history-recovered = Read in full
catalog-history-declared = Declared by { $name }
catalog-history-moved = Moved to another place by { $name }
catalog-history-confirmed = Deletion confirmed by { $name }
catalog-remove = Remove
catalog-remove-off = You need the permission catalog.location.delete. Ask an administrator.
catalog-remove-ask = Remove { $place }?
catalog-remove-gone = What goes with it
catalog-remove-note = These entities leave the catalog. The files stay where they are; registering the place again brings them back.
catalog-remove-count = { $count ->
    [0] Remove the source
    [one] Remove the source and { $count } entity
   *[other] Remove the source and { $count } entities
}
catalog-remove-declared = It comes from: { $origin }. Take it out of app-config.yaml instead, or it comes back.
catalog-remove-type = Type { $word } to confirm
catalog-remove-not = Nothing was removed
catalog-remove-changed = What would go has changed since the page was loaded. Look at the list again.
catalog-remove-mistyped = The text below is not the name that was asked for.
catalog-removed = { $count ->
    [one] { $place } is removed, with { $count } entity.
   *[other] { $place } is removed, with { $count } entities.
}
