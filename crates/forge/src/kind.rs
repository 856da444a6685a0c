//! Which product a code host runs.

use serde::{Deserialize, Serialize};

/// The forges Portway speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    /// github.com or a GitHub Enterprise Server.
    GitHub,
    /// gitlab.com or a self-hosted GitLab.
    GitLab,
    /// Gitea or Forgejo, for example codeberg.org.
    Gitea,
}

impl ForgeKind {
    /// The kind that a public host is known to run; `None` for every host that
    /// only an `integrations` entry can explain.
    pub fn of_public_host(host: &str) -> Option<Self> {
        match host.to_ascii_lowercase().as_str() {
            "github.com" | "www.github.com" | "raw.githubusercontent.com" | "api.github.com" => {
                Some(Self::GitHub)
            }
            "gitlab.com" => Some(Self::GitLab),
            "gitea.com" | "codeberg.org" => Some(Self::Gitea),
            _ => None,
        }
    }

    /// The product's name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
            Self::Gitea => "Gitea",
        }
    }
}

impl std::fmt::Display for ForgeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
