# Titles, evidence and fixes of every check; findings.rs finds them.
health-layer-portal = Portal
health-layer-integration-and-delivery = Integration and delivery
health-layer-security-and-compliance = Security and compliance
health-layer-resource-management = Resource management
health-layer-infrastructure = Infrastructure
health-check-catalog-sources = Every source can be read
health-check-catalog-slow = No source is slow to read
health-check-catalog-held = No deletion waits for a person
health-check-catalog-orphans = Every entity is still declared
health-check-search-index = Everything can be found
health-check-catalog-owners = Every owner exists
health-check-platform-database = The database answers
health-check-platform-queue = No work is late
health-check-platform-model = Lists are up to date
health-check-identity-configuration = Sign-in and tokens are configured
health-check-identity-sign-in = People can sign in
health-check-identity-providers = Sign-in providers can sign somebody in
health-check-identity-tokens = API tokens are in order
health-check-config-readable = Configuration can be read
health-check-config-values = Configuration can be used
health-check-config-keys = Every configuration key is known
health-check-config-variables = Environment variables are set
health-check-delivery-integrations = Credentials for Git hosts
health-check-security-guest = Guest sign-in stays on this machine
health-check-security-tokens = Static tokens are long enough
health-check-data-folder = Data folder can be written
health-check-listen-url = The public address leads to the port
health-check-listen-port = Port is free or Portway's own
health-check-database-reachable = Database can be reached
health-check-server-reachable = Server answers
health-check-server-version = Program and server have one version
doctor-nothing = Nothing to check
doctor-nothing-here = no capability of this version belongs to this layer
doctor-stopped = the check itself stopped with an error
doctor-stopped-fix = report this as a bug; the log says where it stopped
doctor-report-bug = report this as a bug
doctor-no-answer = no answer within { $seconds } s
doctor-no-answer-fix = see whether the machine or the service behind it is overloaded or unreachable
doctor-see-log = see the server's log
doctor-see-message = see the message
doctor-database-first = look at the finding about the database first
doctor-sources = { $count ->
    [one] 1 source
   *[other] { $count } sources
    }
doctor-sources-failed = { $failed } of { $count }: { $first }
doctor-sources-fix = open /sources
doctor-slow = { $source } takes { $seconds } s
doctor-slow-fix = split it into several sources
doctor-slowest = the slowest takes { $seconds } s
doctor-no-sources = there are no sources
doctor-entities = { $count ->
    [one] 1 entity
   *[other] { $count } entities
    }
doctor-held-fix = open /sources and confirm, or put the declarations back
doctor-orphans = { $count ->
    [one] 1 orphan
   *[other] { $count } orphans
    }
doctor-orphans-fix = open /catalog?view=orphans
doctor-owners = every owner is in the catalog
doctor-owners-missing = owners that are not in the catalog: { $count }
doctor-owners-fix = open /catalog?view=ownerless
doctor-model = event { $applied } of { $latest }
doctor-model-fix = wait; a large source is being read
doctor-queue = { $count ->
    [one] 1 job
   *[other] { $count } jobs
    }
doctor-queue-late = { $queue }: { $due } jobs are due, the oldest for { $seconds } s
doctor-queue-fix = see /sources for what is being read
doctor-identity = everything that is configured is used
doctor-left-out = { $list }
doctor-accepted = accepted for { $path }: { $accepted }
doctor-accepted-is = accepted: { $accepted }
doctor-providers-none = none is configured
doctor-providers = configured: { $list }
doctor-providers-silent = sign nobody in: { $list }
doctor-providers-silent-fix = add signIn.resolvers to each, for example emailMatchingUserEntityProfileEmail, or enable auth.justInTime
doctor-sign-in = one-time links for the operator
doctor-sign-in-guests = one-time links for the operator; guests from this machine as { $user }
doctor-sign-in-open = one-time links for the operator; guests are configured, but { $listen } can be reached from other machines
doctor-sign-in-open-fix = listen on 127.0.0.1, or remove auth.providers.guest
doctor-tokens = { $count ->
    [one] 1 token, not forgotten
   *[other] { $count } tokens, none of them forgotten
    }
doctor-tokens-forgotten = unused for 90 days: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
    }
doctor-no-config = the configuration cannot be read
doctor-config-none = no app-config.yaml in { $folder }; every setting has its default
doctor-config-files = { $files }, which is what `portway up` reads in { $folder }
doctor-correct-file = correct the file
doctor-config-fix = { $fix }; accepted: { $accepted }
doctor-config-usable = every value fits its key
doctor-keys = { $count ->
    [one] 1 key, { $ignored } without effect
   *[other] { $count } keys, { $ignored } of them without effect
    }
doctor-keys-unknown = unknown: { $english }
doctor-keys-fix = correct or remove them; `portway import backstage FILE` lists every key
doctor-variables = none is missing
doctor-variables-missing = { $english }
doctor-variables-fix = { $english }
doctor-no-integrations = no integrations are configured
doctor-integrations = { $count ->
    [one] 1 host with credentials
   *[other] { $count } hosts with credentials
    }
doctor-integrations-open = without credentials, so only public repositories and few requests: { $list }
doctor-integrations-fix = set the token in the environment and refer to it as ${ "{" }NAME{ "}" }
doctor-guest-none = guests are not let in by the configuration
doctor-guest-here = guests may sign in from this machine; Portway listens on { $listen }
doctor-guest-open = auth.providers.guest is set and Portway listens on { $listen }; guests from elsewhere are refused
doctor-guest-fix = remove auth.providers.guest where other machines reach Portway
doctor-url-none = backend.baseUrl is not set; the address that Portway listens on is used
doctor-url-other-port = backend.baseUrl is { $url }, but Portway listens on { $listen }
doctor-url-fix = write the port { $port } in backend.baseUrl, or set backend.listen
doctor-static-none = no static tokens are configured
doctor-static = { $count ->
    [one] 1 token
   *[other] { $count } tokens
    }
doctor-static-short = shorter than { $letters } letters: { $list }
doctor-static-fix = make a new one with `portway token create NAME`
doctor-folder-new = { $folder } will be made below { $above }
doctor-folder-closed = { $folder } cannot be written: { $cause }
doctor-folder-fix = run `chown $USER { $folder }`, or give another folder with --data
doctor-port-own = { $url } is Portway's own, process { $process }
doctor-port-free = { $listen } is free
doctor-port-taken = { $listen } cannot be used: { $cause }
doctor-port-used-fix = stop the program that uses it, or choose another with --listen 127.0.0.1:7008
doctor-port-low-fix = choose a port from 1024 on with --listen
doctor-port-other-fix = choose an address of this machine with --listen
doctor-memory = state is kept in memory and lost at the end
doctor-memory-fix = remove `connection: ':memory:'`
doctor-sqlite = SQLite in { $folder }
doctor-sqlite-file = SQLite file { $file }
doctor-socket = PostgreSQL through a local socket
doctor-postgres = PostgreSQL answers at { $at }
doctor-postgres-fix = start PostgreSQL at { $at }, or correct backend.database.connection
doctor-silent = { $at } does not answer
doctor-ready = { $url } is ready
doctor-not-ready = { $url }/readyz answers { $status }
doctor-not-ready-fix = read the log of the server
doctor-start-fix = start a server with `portway up`
doctor-no-server = no server is known
doctor-same-version = both are { $version }
doctor-other-version = this program is { $own }, the server { $version }
doctor-other-version-fix = install portway { $version } here
health-check-audit-chain = The audit trail is whole
health-check-audit-sinks = The audit trail is sent on
doctor-audit-unknown = not looked at yet
doctor-audit-whole = { $count ->
    [one] { $count } event follows the one before it
   *[other] { $count } events follow one another
}
doctor-audit-fix = run `portway audit verify`, keep the database as it is, and compare with a backup
doctor-audit-no-sinks = no sink is configured
doctor-audit-sinks = { $count ->
    [one] { $count } sink
   *[other] { $count } sinks
}
doctor-audit-sinks-fix = mend the receiver; it gets everything that it has missed
doctor-search = { $documents } documents of { $entities } entities, { $words } words, { $megabytes } MB
doctor-search-fix = wait until the index is built
