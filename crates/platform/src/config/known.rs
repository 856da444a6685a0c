//! The keys that Portway knows: what it reads, and what it accepts and
//! ignores, with the reason. `portway doctor` and `portway import backstage`
//! print what these tables say of a configuration.
//!
//! A pattern is a dotted path. `*` stands for any key or list index, `(*)` for
//! an optional one (Backstage lets a single provider stand without an id), and
//! a last `**` for everything below. The most precise pattern decides. A key that is
//! read has a type; a value of another one is refused before anything is read.

use super::decode;
use super::tree::{Data, Node};

/// What Portway does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is read, as a value of this type.
    Read(Type),
    /// It is accepted and has no effect, for this reason.
    Ignored(&'static str),
}

/// The type of a key's value. The keys below an object have rows of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Flag,
    /// A whole number, or a text that is one, as variables give it.
    Whole,
    /// A whole number that fits into 16 bits.
    Port,
    Number,
    Object,
    List,
    Texts,
    TextOrTexts,
    TextOrObject,
    FlagOrObject,
    ObjectOrList,
    /// `:7007`, `7007`, or an object.
    Address,
    /// `5m`, `PT5M`, or an object with units.
    Duration,
}

impl Type {
    /// Whether a value is of this sort; what is below it is not looked at.
    pub(super) fn accepts(self, node: &Node) -> bool {
        let data = &node.data;
        match self {
            Self::Text => matches!(data, Data::Text(_)),
            Self::Flag => decode::boolean(node).is_some(),
            Self::Whole => match data {
                Data::Number(number) => number.is_u64(),
                Data::Text(text) => text.trim().parse::<u64>().is_ok(),
                _ => false,
            },
            Self::Port => match data {
                Data::Number(number) => number
                    .as_u64()
                    .is_some_and(|port| port <= u64::from(u16::MAX)),
                Data::Text(text) => text.trim().parse::<u16>().is_ok(),
                _ => false,
            },
            Self::Number => match data {
                Data::Number(_) => true,
                Data::Text(text) => text.trim().parse::<f64>().is_ok(),
                _ => false,
            },
            Self::Object => matches!(data, Data::Map(_)),
            Self::List | Self::Texts => matches!(data, Data::List(_)),
            Self::TextOrTexts => matches!(data, Data::Text(_) | Data::List(_)),
            Self::TextOrObject | Self::Duration => matches!(data, Data::Text(_) | Data::Map(_)),
            Self::FlagOrObject => matches!(data, Data::Map(_)) || decode::boolean(node).is_some(),
            Self::ObjectOrList => matches!(data, Data::Map(_) | Data::List(_)),
            Self::Address => matches!(data, Data::Text(_) | Data::Number(_) | Data::Map(_)),
        }
    }

    /// The type in words that follow `must be`.
    pub(super) fn wanted(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::Whole => "a whole number, 0 or more",
            Self::Port => "a whole number from 0 to 65535",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::List => "a list",
            Self::Texts => "a list of strings",
            Self::TextOrTexts => "a string or a list of strings",
            Self::TextOrObject => "a string or an object",
            Self::FlagOrObject => "true, false or an object",
            Self::ObjectOrList => "an object or a list",
            Self::Address => "`127.0.0.1:7007`, `:7007`, or an object with `host` and `port`",
            Self::Duration => "a length of time such as `5m`, `PT5M` or `{minutes: 5}`",
        }
    }
}

/// Every pattern with what it says.
pub(super) fn keys() -> impl Iterator<Item = (&'static str, Use)> {
    let read = READ
        .iter()
        .map(|(pattern, kind)| (*pattern, Use::Read(*kind)));
    let ignored = IGNORED
        .iter()
        .flat_map(|(why, patterns)| patterns.iter().map(|pattern| (*pattern, Use::Ignored(why))));
    read.chain(ignored)
}

/// Every reason for which a key is accepted without effect, for translations.
pub fn ignored_reasons() -> impl Iterator<Item = &'static str> {
    IGNORED.iter().map(|(why, _)| *why)
}

const READ: &[(&str, Type)] = &[
    ("organization.name", Type::Text),
    ("journal.retention", Type::Duration),
    ("scaffolder.concurrentTasksLimit", Type::Whole),
    ("scaffolder.taskTimeout.**", Type::Duration),
    ("scaffolder.keepWorkspaces.**", Type::Duration),
    ("scaffolder.lenientExpressions", Type::Flag),
    ("scaffolder.defaultEnvironment.parameters.**", Type::Object),
    ("scaffolder.defaultEnvironment.secrets.**", Type::Object),
    ("permission.enabled", Type::Flag),
    ("permission.defaultRole", Type::Text),
    ("permission.roles", Type::List),
    ("permission.roles.*.**", Type::Object),
    ("permission.bindings", Type::List),
    ("permission.bindings.*.**", Type::Object),
    ("permission.rules", Type::List),
    ("permission.rules.*.**", Type::Object),
    ("permission.policies", Type::Texts),
    ("permission.rbac.policies-csv-file", Type::Text),
    ("permission.rbac.admin.users", Type::List),
    ("permission.rbac.admin.users.*.name", Type::Text),
    ("permission.rbac.admin.superUsers", Type::List),
    ("permission.rbac.admin.superUsers.*.name", Type::Text),
    ("portal.announcements", Type::List),
    ("portal.announcements.*.text", Type::TextOrObject),
    ("portal.announcements.*.text.en", Type::Text),
    ("portal.announcements.*.text.ko", Type::Text),
    ("portal.announcements.*.tone", Type::Text),
    ("portal.announcements.*.until", Type::Text),
    ("githost.directory", Type::Text),
    ("githost.limits.repositoryBytes", Type::Whole),
    ("githost.limits.totalBytes", Type::Whole),
    ("githost.limits.pushBytes", Type::Whole),
    ("githost.limits.objectBytes", Type::Whole),
    ("githost.limits.repositories", Type::Whole),
    ("githost.limits.refs", Type::Whole),
    ("audit.checkpoints.every", Type::Whole),
    ("audit.checkpoints.interval.**", Type::Duration),
    ("audit.checkpoints.file", Type::Text),
    ("audit.checkpoints.trustedKeys.**", Type::Texts),
    ("audit.checkpoints.webhook.url", Type::Text),
    ("audit.checkpoints.webhook.secret", Type::Text),
    ("audit.retention.default.**", Type::Duration),
    // Keys are types of events, with dots.
    ("audit.retention.types", Type::Object),
    ("audit.retention.types.*.**", Type::Duration),
    ("audit.sinks.*.name", Type::Text),
    ("audit.sinks.*.type", Type::Text),
    ("audit.sinks.*.format", Type::Text),
    ("audit.sinks.*.path", Type::Text),
    ("audit.sinks.*.url", Type::Text),
    ("audit.sinks.*.secret", Type::Text),
    ("audit.sinks.*.address", Type::Text),
    ("audit.sinks.*.authority", Type::Text),
    ("audit.sinks.*.certificate", Type::Text),
    ("audit.sinks.*.key", Type::Text),
    ("audit.sinks.*.types.**", Type::Texts),
    ("backend.baseUrl", Type::Text),
    ("backend.listen", Type::Address),
    ("backend.listen.host", Type::Text),
    ("backend.listen.port", Type::Port),
    ("backend.database.client", Type::Text),
    ("backend.database.connection", Type::TextOrObject),
    ("backend.database.connection.host", Type::Text),
    ("backend.database.connection.port", Type::Port),
    ("backend.database.connection.user", Type::Text),
    ("backend.database.connection.password", Type::Text),
    ("backend.database.connection.database", Type::Text),
    ("backend.database.connection.connectionString", Type::Text),
    ("backend.database.connection.directory", Type::Text),
    ("backend.database.connection.filename", Type::Text),
    ("backend.database.connection.ssl", Type::FlagOrObject),
    (
        "backend.database.connection.ssl.rejectUnauthorized",
        Type::Flag,
    ),
    ("backend.auth.externalAccess.*.type", Type::Text),
    ("backend.auth.externalAccess.*.options.token", Type::Text),
    ("backend.auth.externalAccess.*.options.subject", Type::Text),
    ("backend.auth.externalAccess.*.options.secret", Type::Text),
    ("backend.auth.externalAccess.*.options.url", Type::Text),
    (
        "backend.auth.externalAccess.*.options.issuer",
        Type::TextOrTexts,
    ),
    (
        "backend.auth.externalAccess.*.options.audience",
        Type::TextOrTexts,
    ),
    (
        "backend.auth.externalAccess.*.options.algorithm",
        Type::TextOrTexts,
    ),
    (
        "backend.auth.externalAccess.*.options.algorithms",
        Type::TextOrTexts,
    ),
    (
        "backend.auth.externalAccess.*.options.subjectPrefix",
        Type::Text,
    ),
    (
        "backend.auth.externalAccess.*.accessRestrictions.**",
        Type::List,
    ),
    ("backend.trustedProxies.**", Type::Texts),
    ("backend.outgoing.allowPrivate.**", Type::Texts),
    ("backend.cors", Type::FlagOrObject),
    ("backend.cors.origin", Type::TextOrTexts),
    ("backend.cors.methods", Type::TextOrTexts),
    ("backend.cors.allowedHeaders", Type::TextOrTexts),
    ("backend.cors.exposedHeaders", Type::TextOrTexts),
    ("backend.cors.credentials", Type::Flag),
    ("backend.cors.maxAge", Type::Whole),
    ("backend.limits.headBytes", Type::Whole),
    ("backend.limits.urlBytes", Type::Whole),
    ("backend.limits.bodyBytes", Type::Whole),
    ("backend.limits.webhookBytes", Type::Whole),
    ("backend.limits.signInBytes", Type::Whole),
    ("backend.limits.pushBytes", Type::Whole),
    ("backend.limits.pushTimeout", Type::Duration),
    ("backend.limits.jsonDepth", Type::Whole),
    ("backend.limits.headTimeout", Type::Duration),
    ("backend.limits.bodyTimeout", Type::Duration),
    ("backend.limits.requestTimeout", Type::Duration),
    ("backend.limits.connections", Type::Whole),
    ("backend.limits.connectionsPerAddress", Type::Whole),
    ("backend.limits.concurrentRequests", Type::Whole),
    ("backend.limits.rates", Type::FlagOrObject),
    ("backend.limits.rates.signIn", Type::FlagOrObject),
    ("backend.limits.rates.signIn.perSecond", Type::Number),
    ("backend.limits.rates.signIn.burst", Type::Whole),
    ("backend.limits.rates.refused", Type::FlagOrObject),
    ("backend.limits.rates.refused.perSecond", Type::Number),
    ("backend.limits.rates.refused.burst", Type::Whole),
    ("backend.limits.rates.write", Type::FlagOrObject),
    ("backend.limits.rates.write.perSecond", Type::Number),
    ("backend.limits.rates.write.burst", Type::Whole),
    ("backend.limits.rates.search", Type::FlagOrObject),
    ("backend.limits.rates.search.perSecond", Type::Number),
    ("backend.limits.rates.search.burst", Type::Whole),
    ("backend.limits.rates.export", Type::FlagOrObject),
    ("backend.limits.rates.export.perSecond", Type::Number),
    ("backend.limits.rates.export.burst", Type::Whole),
    ("backend.limits.rates.read", Type::FlagOrObject),
    ("backend.limits.rates.read.perSecond", Type::Number),
    ("backend.limits.rates.read.burst", Type::Whole),
    ("backend.reading.allow.*.host", Type::Text),
    ("backend.reading.allow.*.paths.**", Type::Texts),
    ("integrations.github.*.host", Type::Text),
    ("integrations.github.*.token", Type::Text),
    ("integrations.github.*.apiBaseUrl", Type::Text),
    ("integrations.github.*.apps.*.webhookSecret", Type::Text),
    ("integrations.gitlab.*.host", Type::Text),
    ("integrations.gitlab.*.token", Type::Text),
    ("integrations.gitlab.*.apiBaseUrl", Type::Text),
    ("integrations.gitlab.*.baseUrl", Type::Text),
    ("integrations.gitea.*.host", Type::Text),
    ("integrations.gitea.*.baseUrl", Type::Text),
    ("integrations.gitea.*.apiBaseUrl", Type::Text),
    ("integrations.gitea.*.token", Type::Text),
    ("integrations.gitea.*.username", Type::Text),
    ("integrations.gitea.*.password", Type::Text),
    ("catalog.locations.*.type", Type::Text),
    ("catalog.locations.*.target", Type::Text),
    ("catalog.locations.*.rules.*.allow.**", Type::List),
    ("catalog.rules.*.allow.**", Type::List),
    ("catalog.rules.*.locations.*.type", Type::Text),
    ("catalog.rules.*.locations.*.exact", Type::Text),
    ("catalog.rules.*.locations.*.pattern", Type::Text),
    ("catalog.readonly", Type::Flag),
    ("catalog.orphanStrategy", Type::Text),
    ("catalog.kinds.*.**", Type::Object),
    ("catalog.deletionGuard.share", Type::Number),
    // The tiers have names of their own, so this is no list.
    ("catalog.tiers", Type::Object),
    ("catalog.tiers.*.slo", Type::Number),
    ("catalog.webhooks.github.secret", Type::Text),
    ("catalog.webhooks.gitlab.secret", Type::Text),
    ("catalog.webhooks.gitea.secret", Type::Text),
    ("events.modules.github.webhookSecret", Type::Text),
    ("events.modules.gitlab.webhookSecret", Type::Text),
    ("events.modules.gitea.webhookSecret", Type::Text),
    ("catalog.webhooks.outgoing.*.name", Type::Text),
    ("catalog.webhooks.outgoing.*.url", Type::Text),
    ("catalog.webhooks.outgoing.*.secret", Type::Text),
    ("catalog.webhooks.outgoing.*.types.**", Type::Texts),
    ("catalog.providers.github.(*).host", Type::Text),
    ("catalog.providers.github.(*).organization", Type::Text),
    ("catalog.providers.github.(*).catalogPath", Type::Text),
    (
        "catalog.providers.github.(*).validateLocationsExist",
        Type::Flag,
    ),
    ("catalog.providers.github.(*).filters.branch", Type::Text),
    (
        "catalog.providers.github.(*).filters.repository",
        Type::Text,
    ),
    (
        "catalog.providers.github.(*).filters.topic.include.**",
        Type::TextOrTexts,
    ),
    (
        "catalog.providers.github.(*).filters.topic.exclude.**",
        Type::TextOrTexts,
    ),
    (
        "catalog.providers.github.(*).filters.allowForks",
        Type::Flag,
    ),
    (
        "catalog.providers.github.(*).filters.allowArchived",
        Type::Flag,
    ),
    (
        "catalog.providers.github.(*).filters.visibility.**",
        Type::TextOrTexts,
    ),
    (
        "catalog.providers.github.(*).schedule.frequency.**",
        Type::Duration,
    ),
    (
        "catalog.providers.github.(*).schedule.timeout.**",
        Type::Duration,
    ),
    (
        "catalog.providers.github.(*).schedule.initialDelay.**",
        Type::Duration,
    ),
    ("catalog.providers.github.(*).schedule.scope", Type::Text),
    ("catalog.providers.githubOrg", Type::ObjectOrList),
    ("catalog.providers.githubOrg.(*).id", Type::Text),
    ("catalog.providers.githubOrg.(*).githubUrl", Type::Text),
    ("catalog.providers.githubOrg.(*).orgs.**", Type::TextOrTexts),
    (
        "catalog.providers.githubOrg.(*).excludeSuspendedUsers",
        Type::Flag,
    ),
    (
        "catalog.providers.githubOrg.(*).defaultUserTransformer.useVerifiedEmails",
        Type::Flag,
    ),
    (
        "catalog.providers.githubOrg.(*).pageSizes.teams",
        Type::Whole,
    ),
    (
        "catalog.providers.githubOrg.(*).pageSizes.teamMembers",
        Type::Whole,
    ),
    (
        "catalog.providers.githubOrg.(*).pageSizes.organizationMembers",
        Type::Whole,
    ),
    (
        "catalog.providers.githubOrg.(*).schedule.frequency.**",
        Type::Duration,
    ),
    (
        "catalog.providers.githubOrg.(*).schedule.timeout.**",
        Type::Duration,
    ),
    (
        "catalog.providers.githubOrg.(*).schedule.initialDelay.**",
        Type::Duration,
    ),
    ("catalog.providers.githubOrg.(*).schedule.scope", Type::Text),
    ("catalog.providers.gitlab.(*).host", Type::Text),
    ("catalog.providers.gitlab.(*).group", Type::Text),
    ("catalog.providers.gitlab.(*).branch", Type::Text),
    ("catalog.providers.gitlab.(*).fallbackBranch", Type::Text),
    ("catalog.providers.gitlab.(*).entityFilename", Type::Text),
    ("catalog.providers.gitlab.(*).catalogFile", Type::Text),
    ("catalog.providers.gitlab.(*).projectPattern", Type::Text),
    ("catalog.providers.gitlab.(*).userPattern", Type::Text),
    (
        "catalog.providers.gitlab.(*).groupPattern.**",
        Type::TextOrTexts,
    ),
    ("catalog.providers.gitlab.(*).orgEnabled", Type::Flag),
    (
        "catalog.providers.gitlab.(*).relations.**",
        Type::TextOrTexts,
    ),
    (
        "catalog.providers.gitlab.(*).restrictUsersToGroup",
        Type::Flag,
    ),
    ("catalog.providers.gitlab.(*).skipForkedRepos", Type::Flag),
    (
        "catalog.providers.gitlab.(*).includeArchivedRepos",
        Type::Flag,
    ),
    (
        "catalog.providers.gitlab.(*).excludeRepos.**",
        Type::TextOrTexts,
    ),
    ("catalog.providers.gitlab.(*).membership", Type::Flag),
    ("catalog.providers.gitlab.(*).topics", Type::TextOrTexts),
    (
        "catalog.providers.gitlab.(*).schedule.frequency.**",
        Type::Duration,
    ),
    (
        "catalog.providers.gitlab.(*).schedule.timeout.**",
        Type::Duration,
    ),
    (
        "catalog.providers.gitlab.(*).schedule.initialDelay.**",
        Type::Duration,
    ),
    ("catalog.providers.gitlab.(*).schedule.scope", Type::Text),
    ("catalog.providers.gitea.(*).host", Type::Text),
    ("catalog.providers.gitea.(*).organization", Type::Text),
    ("catalog.providers.gitea.(*).branch", Type::Text),
    ("catalog.providers.gitea.(*).catalogPath", Type::Text),
    ("catalog.providers.gitea.(*).orgEnabled", Type::Flag),
    (
        "catalog.providers.gitea.(*).schedule.frequency.**",
        Type::Duration,
    ),
    (
        "catalog.providers.gitea.(*).schedule.timeout.**",
        Type::Duration,
    ),
    (
        "catalog.providers.gitea.(*).schedule.initialDelay.**",
        Type::Duration,
    ),
    ("catalog.providers.gitea.(*).schedule.scope", Type::Text),
    ("auth.environment", Type::Text),
    ("auth.session.secret", Type::Text),
    ("auth.session.idleTimeout.**", Type::Duration),
    ("auth.session.absoluteTimeout.**", Type::Duration),
    ("auth.tokens.maxLifetime.**", Type::Duration),
    ("auth.workload.trust", Type::List),
    ("auth.workload.trust.*.issuer", Type::Text),
    ("auth.workload.trust.*.audience.**", Type::TextOrTexts),
    ("auth.workload.trust.*.claims.**", Type::Object),
    ("auth.workload.trust.*.scope", Type::Text),
    ("auth.workload.trust.*.permissions.**", Type::Texts),
    ("auth.workload.trust.*.subject", Type::Text),
    ("auth.workload.trust.*.lifetime.**", Type::Duration),
    ("auth.workload.trust.*.maxUses", Type::Whole),
    ("auth.workload.trust.*.jwks.**", Type::TextOrObject),
    ("auth.workload.trust.*.jwksUri", Type::Text),
    ("auth.providers.local", Type::Object),
    ("auth.providers.local.(*).passwords", Type::Flag),
    ("auth.backstageTokenExpiration.**", Type::Duration),
    ("sonarqube", Type::Object),
    ("sonarqube.baseUrl", Type::Text),
    ("sonarqube.externalBaseUrl", Type::Text),
    ("sonarqube.apiKey", Type::Text),
    ("sonarqube.instances", Type::List),
    ("sonarqube.instances.*.name", Type::Text),
    ("sonarqube.instances.*.baseUrl", Type::Text),
    ("sonarqube.instances.*.externalBaseUrl", Type::Text),
    ("sonarqube.instances.*.apiKey", Type::Text),
    ("grafana", Type::Object),
    ("grafana.domain", Type::Text),
    ("grafana.token", Type::Text),
    ("auth.providers", Type::Object),
    ("auth.contact", Type::Text),
    ("auth.justInTime", Type::Object),
    ("auth.justInTime.enabled", Type::Flag),
    ("auth.justInTime.namespace", Type::Text),
    ("auth.justInTime.providers", Type::TextOrTexts),
    ("auth.justInTime.allowedDomains", Type::TextOrTexts),
    ("auth.providers.*.(*).type", Type::Text),
    ("auth.providers.*.(*).title", Type::Text),
    ("auth.providers.*.(*).clientId", Type::Text),
    ("auth.providers.*.(*).clientSecret", Type::Text),
    ("auth.providers.*.(*).metadataUrl", Type::Text),
    ("auth.providers.*.(*).issuer", Type::Text),
    ("auth.providers.*.(*).callbackUrl", Type::Text),
    ("auth.providers.*.(*).scope", Type::TextOrTexts),
    ("auth.providers.*.(*).additionalScopes", Type::TextOrTexts),
    ("auth.providers.*.(*).prompt", Type::Text),
    ("auth.providers.*.(*).loginHint", Type::Text),
    ("auth.providers.*.(*).tokenEndpointAuthMethod", Type::Text),
    (
        "auth.providers.*.(*).tokenEndpointAuthSigningAlg",
        Type::Text,
    ),
    ("auth.providers.*.(*).privateKey", Type::Text),
    ("auth.providers.*.(*).privateKeyId", Type::Text),
    ("auth.providers.*.(*).tokenSignedResponseAlg", Type::Text),
    ("auth.providers.*.(*).enterpriseInstanceUrl", Type::Text),
    ("auth.providers.*.(*).audience", Type::Text),
    ("auth.providers.*.(*).tenantId", Type::Text),
    ("auth.providers.*.(*).domainHint", Type::Text),
    ("auth.providers.*.(*).authServerId", Type::Text),
    ("auth.providers.*.(*).idp", Type::Text),
    ("auth.providers.*.(*).groupsClaim", Type::Text),
    ("auth.providers.*.(*).trustedSources", Type::TextOrTexts),
    ("auth.providers.*.(*).jwtHeader", Type::Text),
    ("auth.providers.*.(*).jwksUrl", Type::Text),
    ("auth.providers.*.(*).region", Type::Text),
    ("auth.providers.*.(*).signer", Type::Text),
    ("auth.providers.*.(*).teamName", Type::Text),
    ("auth.providers.*.(*).signIn.resolvers", Type::List),
    (
        "auth.providers.*.(*).signIn.resolvers.*.resolver",
        Type::Text,
    ),
    (
        "auth.providers.*.(*).signIn.resolvers.*.allowedDomains",
        Type::TextOrTexts,
    ),
    (
        "auth.providers.*.(*).signIn.resolvers.*.annotation",
        Type::Text,
    ),
    (
        "auth.providers.*.(*).signIn.resolvers.*.dangerouslyAllowSignInWithoutUserInCatalog",
        Type::Flag,
    ),
    ("auth.providers.guest", Type::Object),
    ("auth.providers.guest.(*).userEntityRef", Type::Text),
    (
        "auth.providers.guest.(*).ownershipEntityRefs.**",
        Type::Texts,
    ),
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
    ("the portal and the API are on one port", &["discovery.**"]),
    (
        "everything is in one database, which Portway migrates itself",
        &["backend.database.**"],
    ),
    (
        "add the certificate to the system's trust store",
        &["backend.database.connection.ssl.**"],
    ),
    (
        "every route keeps its permission; guest sign-in lets people of this machine in",
        &["backend.auth.dangerouslyDisableDefaultAuthPolicy"],
    ),
    (
        "conditions are the scopes of bindings; this decides nothing here",
        &["permission.rbac.**", "permission.permissionedPlugins"],
    ),
    ("Portway signs its own tokens", &["backend.auth.**"]),
    (
        "Portway needs no such setting to sign people in",
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
        "backend.limits.rates has rates for each class of route",
        &["backend.rateLimit.**"],
    ),
    (
        "only the fields origin, methods, headers, credentials and maxAge of CORS are read",
        &["backend.cors.**"],
    ),
    (
        "list the proxies themselves under backend.trustedProxies",
        &["backend.trustProxy"],
    ),
    (
        "requests are budgeted per credential, and pages are as large as the host allows",
        &[
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
        &["catalog.stitchingStrategy.**"],
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
        "webhooks need a secret only: events.modules.<github|gitlab|gitea>.webhookSecret",
        &["events.**"],
    ),
];
