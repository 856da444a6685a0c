//! Actions that templates can count on, by the names that they have there.

/// Backstage's own, those of its modules for Git hosts, and the community's
/// that real templates use most. A name that is not here may still exist where
/// somebody has installed it.
pub(super) const KNOWN: [&str; 89] = [
    "argocd:create-resources",
    "bitbucket:pipelines:run",
    "bitbucketCloud:branchRestriction:create",
    "catalog:fetch",
    "catalog:register",
    "catalog:write",
    "confluence:transform:markdown",
    "debug:log",
    "debug:wait",
    "fetch:cookiecutter",
    "fetch:plain",
    "fetch:plain:file",
    "fetch:rails",
    "fetch:template",
    "fetch:template:file",
    "fs:delete",
    "fs:readdir",
    "fs:rename",
    "github:actions:create",
    "github:actions:dispatch",
    "github:autolinks:create",
    "github:branch-protection:create",
    "github:deployKey:create",
    "github:environment:create",
    "github:issues:create",
    "github:issues:label",
    "github:pages:enable",
    "github:repo:create",
    "github:repo:push",
    "github:webhook",
    "gitlab:group:access",
    "gitlab:group:ensureExists",
    "gitlab:group:migrate",
    "gitlab:issue:edit",
    "gitlab:issues:create",
    "gitlab:pipeline:trigger",
    "gitlab:projectAccessToken:create",
    "gitlab:projectDeployToken:create",
    "gitlab:projectVariable:create",
    "gitlab:repo:push",
    "gitlab:user:info",
    "http:backstage:request",
    "kubernetes:apply",
    "kubernetes:create",
    "kubernetes:create-namespace",
    "kubernetes:delete",
    "notification:send",
    "publish:azure",
    "publish:bitbucket",
    "publish:bitbucketCloud",
    "publish:bitbucketCloud:pull-request",
    "publish:bitbucketServer",
    "publish:bitbucketServer:pull-request",
    "publish:file",
    "publish:gerrit",
    "publish:gerrit:review",
    "publish:git",
    "publish:git:pull-request",
    "publish:gitea",
    "publish:github",
    "publish:github:pull-request",
    "publish:gitlab",
    "publish:gitlab:merge-request",
    "roadiehq:utils:fs:append",
    "roadiehq:utils:fs:parse",
    "roadiehq:utils:fs:replace",
    "roadiehq:utils:fs:write",
    "roadiehq:utils:json:merge",
    "roadiehq:utils:jsonata",
    "roadiehq:utils:jsonata:json:transform",
    "roadiehq:utils:jsonata:yaml:transform",
    "roadiehq:utils:merge",
    "roadiehq:utils:serialize:json",
    "roadiehq:utils:serialize:yaml",
    "roadiehq:utils:sleep",
    "roadiehq:utils:yaml:merge",
    "roadiehq:utils:zip",
    "run:yeoman",
    "sentry:create-project",
    "sentry:fetch:dsn",
    "terraform:apply",
    "terraform:plan",
    "vault:secret:create",
    "workspace:template",
    "workspace:template:file",
    "aws:ecr:create",
    "aws:s3:cp",
    "create-namespace",
    "azure:pipeline:run",
];

/// Whether an action needs files in the workspace that a `fetch:` has put there.
pub(super) fn publishes(action: &str) -> bool {
    action.starts_with("publish:")
        && !action.ends_with("pull-request")
        && !action.ends_with("merge-request")
        || matches!(action, "github:repo:push" | "gitlab:repo:push")
}

/// Whether an action puts files into the workspace.
pub(super) fn fetches(action: &str) -> bool {
    action.starts_with("fetch:")
        || action.starts_with("workspace:")
        || action.starts_with("roadiehq:utils:fs:")
        || action == "catalog:write"
        || action == "run:yeoman"
}
