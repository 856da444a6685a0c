//! The keys that Portway knows: what it reads, and what it accepts and
//! ignores, with the reason. `portway doctor` and `portway import backstage`
//! print what these tables say of a configuration.
//!
//! A pattern is a dotted path. `*` stands for any key or list index, `(*)` for
//! an optional one (Backstage lets a single provider stand without an id), and
//! a last `**` for everything below. The most precise pattern decides.

/// What Portway does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is read.
    Read,
    /// It is accepted and has no effect, for this reason.
    Ignored(&'static str),
}

/// Every pattern with what it says.
pub(super) fn keys() -> impl Iterator<Item = (&'static str, Use)> {
    let read = READ.iter().map(|pattern| (*pattern, Use::Read));
    let ignored = IGNORED
        .iter()
        .flat_map(|(why, patterns)| patterns.iter().map(|pattern| (*pattern, Use::Ignored(why))));
    read.chain(ignored)
}

const READ: &[&str] = &[
    "organization.name",
    "backend.baseUrl",
    "backend.listen",
    "backend.listen.host",
    "backend.listen.port",
    "backend.database.client",
    "backend.database.connection",
    "backend.database.connection.host",
    "backend.database.connection.port",
    "backend.database.connection.user",
    "backend.database.connection.password",
    "backend.database.connection.database",
    "backend.database.connection.connectionString",
    "backend.database.connection.directory",
    "backend.database.connection.filename",
    "backend.database.connection.ssl",
    "backend.database.connection.ssl.rejectUnauthorized",
    "backend.auth.externalAccess.*.type",
    "backend.auth.externalAccess.*.options.token",
    "backend.auth.externalAccess.*.options.subject",
    "backend.auth.externalAccess.*.accessRestrictions.**",
    "backend.reading.allow.*.host",
    "backend.reading.allow.*.paths.**",
    "integrations.github.*.host",
    "integrations.github.*.token",
    "integrations.github.*.apiBaseUrl",
    "integrations.github.*.apps.*.webhookSecret",
    "integrations.gitlab.*.host",
    "integrations.gitlab.*.token",
    "integrations.gitlab.*.apiBaseUrl",
    "integrations.gitlab.*.baseUrl",
    "integrations.gitea.*.host",
    "integrations.gitea.*.baseUrl",
    "integrations.gitea.*.apiBaseUrl",
    "integrations.gitea.*.token",
    "integrations.gitea.*.username",
    "integrations.gitea.*.password",
    "catalog.rules.**",
    "catalog.locations.*.type",
    "catalog.locations.*.target",
    "catalog.locations.*.rules.**",
    "catalog.readonly",
    "catalog.orphanStrategy",
    "catalog.kinds.**",
    "catalog.deletionGuard.share",
    "catalog.webhooks.github.secret",
    "catalog.webhooks.gitlab.secret",
    "catalog.webhooks.gitea.secret",
    "catalog.webhooks.outgoing.*.name",
    "catalog.webhooks.outgoing.*.url",
    "catalog.webhooks.outgoing.*.secret",
    "catalog.webhooks.outgoing.*.types.**",
    "catalog.providers.github.(*).host",
    "catalog.providers.github.(*).organization",
    "catalog.providers.github.(*).catalogPath",
    "catalog.providers.github.(*).validateLocationsExist",
    "catalog.providers.github.(*).filters.branch",
    "catalog.providers.github.(*).filters.repository",
    "catalog.providers.github.(*).filters.topic.include.**",
    "catalog.providers.github.(*).filters.topic.exclude.**",
    "catalog.providers.github.(*).filters.allowForks",
    "catalog.providers.github.(*).filters.allowArchived",
    "catalog.providers.github.(*).filters.visibility.**",
    "catalog.providers.github.(*).schedule.frequency.**",
    "catalog.providers.github.(*).schedule.timeout.**",
    "catalog.providers.githubOrg.(*).id",
    "catalog.providers.githubOrg.(*).githubUrl",
    "catalog.providers.githubOrg.(*).orgs.**",
    "catalog.providers.githubOrg.(*).excludeSuspendedUsers",
    "catalog.providers.githubOrg.(*).defaultUserTransformer.useVerifiedEmails",
    "catalog.providers.githubOrg.(*).pageSizes.teams",
    "catalog.providers.githubOrg.(*).pageSizes.teamMembers",
    "catalog.providers.githubOrg.(*).pageSizes.organizationMembers",
    "catalog.providers.githubOrg.(*).schedule.frequency.**",
    "catalog.providers.githubOrg.(*).schedule.timeout.**",
    "catalog.providers.gitlab.(*).host",
    "catalog.providers.gitlab.(*).group",
    "catalog.providers.gitlab.(*).branch",
    "catalog.providers.gitlab.(*).fallbackBranch",
    "catalog.providers.gitlab.(*).entityFilename",
    "catalog.providers.gitlab.(*).catalogFile",
    "catalog.providers.gitlab.(*).projectPattern",
    "catalog.providers.gitlab.(*).userPattern",
    "catalog.providers.gitlab.(*).groupPattern.**",
    "catalog.providers.gitlab.(*).orgEnabled",
    "catalog.providers.gitlab.(*).relations.**",
    "catalog.providers.gitlab.(*).restrictUsersToGroup",
    "catalog.providers.gitlab.(*).skipForkedRepos",
    "catalog.providers.gitlab.(*).includeArchivedRepos",
    "catalog.providers.gitlab.(*).excludeRepos.**",
    "catalog.providers.gitlab.(*).membership",
    "catalog.providers.gitlab.(*).topics",
    "catalog.providers.gitlab.(*).schedule.frequency.**",
    "catalog.providers.gitlab.(*).schedule.timeout.**",
    "catalog.providers.gitea.(*).host",
    "catalog.providers.gitea.(*).organization",
    "catalog.providers.gitea.(*).branch",
    "catalog.providers.gitea.(*).catalogPath",
    "catalog.providers.gitea.(*).orgEnabled",
    "catalog.providers.gitea.(*).schedule.frequency.**",
    "catalog.providers.gitea.(*).schedule.timeout.**",
    "auth.environment",
    "auth.session.secret",
    "auth.backstageTokenExpiration.**",
    "auth.providers.guest",
    "auth.providers.guest.(*).userEntityRef",
    "auth.providers.guest.(*).ownershipEntityRefs.**",
];

const IGNORED: &[(&str, &[&str])] = &[
    (
        "read by a capability that is not part of this version",
        &[
            "backend.actions.**",
            "backend.tracing.**",
            "integrations.gitlab.*.commitSigningKey",
            "integrations.gitea.*.commitSigningKey",
            "kubernetes.**",
            "mcpActions.**",
            "notifications.**",
            "pagerDuty.**",
            "proxy.**",
            "scaffolder.**",
            "search.**",
            "signals.**",
            "sonarqube.**",
            "techdocs.**",
            "vault.**",
        ],
    ),
    (
        "belongs to a Backstage plugin that Portway does not have",
        &[
            "backend.packages.**",
            "backend.plugins.**",
            "costInsights.**",
            "dynamicPlugins.**",
            "explore.**",
            "homepage.**",
            "jenkins.**",
            "lighthouse.**",
            "notificationsTester.**",
            "sentry.**",
            "techRadar.**",
        ],
    ),
    (
        "no client for this kind of source in this version",
        &[
            "integrations.awsCodeCommit.**",
            "integrations.awsS3.**",
            "integrations.azure.**",
            "integrations.azureBlobStorage.**",
            "integrations.bitbucket.**",
            "integrations.bitbucketCloud.**",
            "integrations.bitbucketServer.**",
            "integrations.gerrit.**",
            "integrations.googleGcs.**",
            "integrations.harness.**",
            "catalog.providers.awsS3.**",
            "catalog.providers.azureBlob.**",
            "catalog.providers.azureDevOps.**",
            "catalog.providers.bitbucketCloud.**",
            "catalog.providers.bitbucketServer.**",
            "catalog.providers.gerrit.**",
            "catalog.providers.keycloakOrg.**",
            "catalog.providers.ldapOrg.**",
            "catalog.providers.microsoftGraphOrg.**",
            "catalog.providers.okta.**",
            "catalog.providers.puppetdb.**",
            "ldap.**",
        ],
    ),
    (
        "the portal is rendered on the server; this configures Backstage's React front end",
        &["app.**"],
    ),
    ("the portal is named by organization.name", &["app.title"]),
    (
        "the portal and the API are both at backend.baseUrl",
        &["app.baseUrl"],
    ),
    (
        "the portal and the API are on one port",
        &["backend.cors.**", "discovery.**"],
    ),
    (
        "everything is in one database, which Portway migrates itself",
        &["backend.database.**"],
    ),
    (
        "add the certificate to the system's trust store",
        &["backend.database.connection.ssl.**"],
    ),
    (
        "only the type static is accepted in this version",
        &["backend.auth.externalAccess.*.options.**"],
    ),
    (
        "every route keeps its permission; guest sign-in lets people of this machine in",
        &[
            "backend.auth.dangerouslyDisableDefaultAuthPolicy",
            "permission.**",
        ],
    ),
    ("Portway signs its own tokens", &["backend.auth.**"]),
    (
        "this version signs in guests and tokens only",
        &["auth.**", "enableExperimentalRedirectFlow"],
    ),
    (
        "guests may sign in from this machine only",
        &["auth.providers.guest.(*).dangerouslyAllowOutsideDevelopment"],
    ),
    (
        "the content security policy is fixed and stricter",
        &["backend.csp.**"],
    ),
    ("no separate cache is needed", &["backend.cache.**"]),
    (
        "put a TLS proxy in front; Portway speaks plain HTTP",
        &["backend.https.**"],
    ),
    (
        "PORTWAY_LOG and PORTWAY_LOG_FORMAT decide what is logged",
        &["backend.logger.**"],
    ),
    (
        "every change is an event in the log; nothing has to be switched on",
        &["backend.auditor.**"],
    ),
    (
        "this has no settings in Portway",
        &[
            "backend.health.**",
            "backend.lifecycle.**",
            "backend.metrics.**",
            "backend.referrer.**",
            "backend.server.**",
        ],
    ),
    (
        "no client address is taken from headers",
        &["backend.trustProxy"],
    ),
    (
        "requests are budgeted per credential, and pages are as large as the host allows",
        &[
            "backend.rateLimit.**",
            "integrations.gitlab.*.retry.**",
            "catalog.providers.github.(*).pageSizes.**",
        ],
    ),
    (
        "files are read from Git, one fetch per repository and commit",
        &[
            "integrations.github.*.rawBaseUrl",
            "catalog.useUrlReadersSearch",
        ],
    ),
    (
        "GitHub Apps sign in to nothing in this version; use `token` and `organization`",
        &[
            "integrations.github.*.apps.**",
            "catalog.providers.github.(*).app",
        ],
    ),
    (
        "a location is registered by its URL",
        &["catalog.import.**"],
    ),
    (
        "a provider that is removed takes its entities along, after confirmation when they are many",
        &["catalog.orphanProviderStrategy"],
    ),
    (
        "the request says it: `onConflict=refresh`",
        &["catalog.defaultLocationConflictStrategy"],
    ),
    (
        "sources are read again when they change, and on their own schedule",
        &["catalog.processingInterval.**"],
    ),
    (
        "the work queue runs each source when it is due, with leases and time limits",
        &[
            "catalog.stitchingStrategy.**",
            "catalog.providers.github.(*).schedule.**",
            "catalog.providers.githubOrg.(*).schedule.**",
            "catalog.providers.gitlab.(*).schedule.**",
            "catalog.providers.gitea.(*).schedule.**",
        ],
    ),
    (
        "processing is not made of pluggable processors",
        &[
            "catalog.disableDefaultProcessors",
            "catalog.processorOptions.**",
        ],
    ),
    (
        "use catalog.providers, which replaced these processors",
        &["catalog.processors.**"],
    ),
    (
        "remove the provider's section to switch it off",
        &["catalog.providerOptions.**"],
    ),
    (
        "relations always carry `targetRef`",
        &[
            "catalog.disableRelationsCompatibility",
            "catalog.enableRelationsCompatibility",
        ],
    ),
    (
        "signed webhooks refresh their source at once",
        &["catalog.scmEvents.**"],
    ),
    (
        "every list of the portal is paged",
        &["catalog.experimentalPagination.**", "catalog.pagination.**"],
    ),
    (
        "users without a seat are members like all others",
        &["catalog.providers.gitlab.(*).includeUsersWithoutSeat"],
    ),
    (
        "the entity of Portway's own API comes with the demo organisation",
        &["catalog.providers.backstageOpenapi.**"],
    ),
    (
        "webhooks need catalog.webhooks.<github|gitlab|gitea>.secret only",
        &["events.**"],
    ),
];
