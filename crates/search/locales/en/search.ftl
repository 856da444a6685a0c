search-title = Search
search-title-for = { $text } · Search
search-placeholder = Name, title, tag, owner, operation
search-button = Search
search-kind = Kind
search-type = Type
search-name = Name
search-owner = Owner
search-lifecycle = Lifecycle
search-tags = Tags
search-caption = { $group }: { $count ->
    [one] { $count } result
   *[other] { $count } results
  } on this page, { $ms } ms
search-start = What are you looking for?
search-start-note = Parts of a name, a team, a tag, an operation or an error code are enough. Small typing errors do no harm.
search-nothing = Nothing fits “{ $text }”
search-nothing-note = Try fewer words, or another spelling.
search-nearest = Perhaps you meant one of these
search-partial = Nothing has all of these words. These have the most of them.
search-indexing = Search is still being prepared: { $done } of { $of } entities can be found
search-indexing-short = Search is still being prepared
search-why-show = Why these results?
search-why-hide = Hide reasons
search-why-word = “{ $word }”: { $how } “{ $found }” in the { $where }, { $points } points
search-why-own = Yours: times { $factor }
search-why-boost = Kind and lifecycle: times { $factor }
search-why-score = { $score } points in all
search-match-exact = is
search-match-prefix = begins
search-match-infix = is part of
search-match-initials = are initials of
search-match-synonym = means the same as
search-match-layout = other keyboard layout for
search-match-typo = nearly
search-field-name = name
search-field-address = mail address
search-field-tag = tags
search-field-owner = owner
search-field-system = system or group
search-field-kind = kind
search-field-description = description
search-field-annotation = annotations, labels and links
search-field-definition = API definition
search-group-entities = Entities
search-group-apis = APIs
search-group-people = People and teams
search-group-other = Documents
search-runbook = Runbook
search-decision = Decision
search-group-own = Yours
search-group-go = Go to
search-group-actions = Actions
search-group-tagged = With this tag
search-group-help = What you can type
search-do-relations = Dependencies of { $name }
search-do-history = History of { $name }
search-do-raw = Document of { $name }
search-prefix-actions = what you can do
search-prefix-people = people and teams
search-prefix-tags = entities with a tag
search-prefix-help = this list
search-palette-start = Type a name, or ? for help
search-palette-status = { $count ->
    [one] { $count } result
   *[other] { $count } results
  }, { $ms } ms
