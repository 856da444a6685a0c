//! The secrets that incoming webhooks are signed with.

use forge::{ForgeKind, Secret};
use model::diagnostic::Diagnostic;
use platform::config::Config;

use super::Web;

/// The names that sections of the configuration have.
const FORGES: [(&str, ForgeKind); 3] = [
    ("github", ForgeKind::GitHub),
    ("gitlab", ForgeKind::GitLab),
    ("gitea", ForgeKind::Gitea),
];

impl Web {
    /// Reads `catalog.webhooks.<forge>.secret`, and Backstage's key
    /// `events.modules.<forge>.webhookSecret`. Where both are there, either of
    /// them will do.
    ///
    /// # Errors
    /// A value that is no text, or an empty one.
    pub fn configured_webhook_secrets(
        config: &Config,
    ) -> Result<Vec<(ForgeKind, Secret)>, Diagnostic> {
        let mut secrets = Vec::new();
        for (name, kind) in FORGES {
            for path in [
                format!("catalog.webhooks.{name}.secret"),
                format!("events.modules.{name}.webhookSecret"),
            ] {
                let Some(text) = config.opt_str(&path)? else {
                    continue;
                };
                let secret = Secret::new(text).ok_or_else(|| {
                    config.root().refuse(
                        &path,
                        format!("`{path}` is empty"),
                        "a long random text, the same as at the other end",
                    )
                })?;
                secrets.push((kind, secret));
            }
        }
        Ok(secrets)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(config: serde_json::Value) -> Result<Vec<(ForgeKind, String)>, String> {
        Web::configured_webhook_secrets(&Config::from_json(config))
            .map(|all| {
                all.into_iter()
                    .map(|(kind, secret)| (kind, secret.reveal().to_owned()))
                    .collect()
            })
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn secrets_stand_at_our_key_and_at_that_of_backstage() {
        assert_eq!(read(json!({})), Ok(Vec::new()));
        assert_eq!(
            read(json!({
                "catalog": { "webhooks": { "github": { "secret": "ours" } } },
                "events": { "modules": { "github": { "webhookSecret": "theirs" }, "gitlab": { "webhookSecret": "gl" } } },
            })),
            Ok(vec![
                (ForgeKind::GitHub, "ours".to_owned()),
                (ForgeKind::GitHub, "theirs".to_owned()),
                (ForgeKind::GitLab, "gl".to_owned()),
            ])
        );
        let empty = read(json!({ "events": { "modules": { "gitea": { "webhookSecret": "" } } } }));
        assert_eq!(
            empty.unwrap_err().lines().next(),
            Some(
                "built-in configuration: error[config-value]: `events.modules.gitea.webhookSecret` is empty"
            )
        );
    }
}
