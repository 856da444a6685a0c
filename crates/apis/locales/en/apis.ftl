### Texts of the tab API. Keys are grouped by part.

apis-tab = API
apis-glance = The API
apis-parts = Parts of the API
apis-untitled = API
apis-security = Security
apis-problems = Problems of the definition
apis-line = line { $line }
apis-accepted = Accepted: { $what }
apis-fix = Fix: { $what }
apis-empty = No definition
apis-empty-next = Write the definition into spec.definition, or name its file there: definition: $text: ./openapi.yaml
apis-unread = The definition cannot be read
apis-unread-next = The text stands below. Each problem says where it is and what would be accepted.
apis-unknown = Definitions of type { $type } are shown as they are
apis-unknown-next = OpenAPI, Swagger, AsyncAPI, GraphQL and protocol buffers are shown with operations, types, comparison and lint.
apis-cut = More in the definition

## Operations
apis-operations = Operations
apis-search = Find an operation
apis-search-button = Search
apis-search-reset = Show all operations
apis-no-operation = No operation found
apis-deprecated = deprecated
apis-required = required
apis-optional = optional
apis-nullable = may be null
apis-not-null = never null
apis-parameters = Parameters
apis-request = Request
apis-answers = Answers
apis-example = Example

## Types and definition
apis-types = Types
apis-no-type = No named types
apis-definition = Definition
apis-lines = Definition, lines { $first } to { $last } of { $total }
apis-lines-before = Lines before
apis-lines-after = Lines after
apis-text-cut = The lines are too long for one page. The tab Raw has all of the text.

## Changes
apis-changes = Changes
apis-from = From
apis-to = To
apis-compare = Compare
apis-impact = Impact
apis-change = Change
apis-where = Where
apis-before = Before
apis-after = After
apis-not-compared = These versions cannot be compared
apis-one-version = There is no earlier definition
apis-one-version-next = Once the definition changes, this part says what has changed and whom that breaks.
apis-no-change = No change since version { $version }
apis-summary-breaking = { $count ->
    [one] { $count } breaking change since version { $version }
   *[other] { $count } breaking changes since version { $version }
}
apis-summary-fine = Nothing breaks since version { $version }
apis-summary-rest = { $notable } notable, { $harmless } harmless
apis-left-out = { $count ->
    [one] { $count } more is left out. The HTTP API has all.
   *[other] { $count } more are left out. The HTTP API has all.
}
apis-partial = The types are so large that some were not compared
apis-breaking-yes = Breaks
apis-breaking-notable = Notable
apis-breaking-no = Harmless
apis-change-added = Added: { $what }
apis-change-removed = Removed: { $what }
apis-change-changed = Changed: { $what }
apis-what-operation = operation
apis-what-deprecated = deprecation
apis-what-parameter = parameter
apis-what-required-parameter = required parameter
apis-what-body = request body
apis-what-answer = answer
apis-what-media = media type
apis-what-field = field
apis-what-required-field = required field
apis-what-requiredness = whether it is required
apis-what-nullability = whether it may be null
apis-what-type = type
apis-what-value = enumeration value
apis-what-values = listed values
apis-what-choice = possible type
apis-what-limit = limit
apis-what-number = field number
apis-what-streaming = streaming
apis-what-security = security
apis-place-request = request
apis-place-response = answer
apis-place-path = path
apis-place-query = query
apis-place-header = header
apis-place-cookie = cookie
apis-place-argument = argument

## Lint
apis-lint = Lint
apis-score = { $score } of 100
apis-lint-fine = No rule finds fault
apis-severity = Severity
apis-severity-error = Error
apis-severity-warning = Warning
apis-severity-info = Hint
apis-finding = Finding
apis-rule = Rule
apis-lint-duplicate-operation = The same operation is defined twice
apis-lint-duplicate-operation-id = Another operation has the same operationId
apis-lint-path-parameter-undeclared = The path has a parameter that is not declared
apis-lint-path-parameter-unused = A path parameter is declared that the path does not have
apis-lint-no-package = The file has no package, so names may clash
apis-lint-no-title = The API has no title
apis-lint-no-server = No server says where the API is
apis-lint-no-security = Nothing says how callers prove who they are
apis-lint-plain-http = The server is reached without encryption
apis-lint-no-operation-id = The operation has no operationId for code generators
apis-lint-no-summary = Nothing says what the operation is for
apis-lint-no-success-answer = No answer is described for success
apis-lint-no-error-answer = No answer is described for errors
apis-lint-get-with-body = A GET or HEAD request has a body, which many programs drop
apis-lint-no-description = Nothing says what the API is for
apis-lint-deprecated-without-hint = It is deprecated, and nothing says what to use instead
apis-lint-trailing-slash = The path ends in a slash
apis-lint-mixed-path-case = The path is written in another style than most
apis-lint-no-example = There is no example
apis-lint-parameter-undescribed = The parameter has no description
apis-lint-type-undescribed = The type has no description
apis-lint-unused-type = Nothing uses the type
apis-lint-nullable-items = Items of the list may be null
