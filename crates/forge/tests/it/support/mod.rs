//! What the tests stand on.

pub(crate) mod forge_server;
pub(crate) mod git_host;
pub(crate) mod repo;

use std::sync::Arc;

use forge::http::{Access, AllowedHost, Client, Options};

/// Installs the crypto provider as the binary does.
pub(crate) fn install_crypto() {
    // Fails when another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client that may reach 127.0.0.1 at a port, and nothing else.
pub(crate) fn client_for(host: &str) -> Client {
    install_crypto();
    Client::new(Options {
        access: Access::listed(vec![AllowedHost::listed(host)]),
        ..Options::default()
    })
    .expect("client")
}

/// Integrations from JSON; panics when an entry is refused.
pub(crate) fn integrations(config: &serde_json::Value) -> Arc<forge::Integrations> {
    let (integrations, notes) = forge::Integrations::from_config(config);
    assert_eq!(notes, Vec::<String>::new());
    Arc::new(integrations)
}

/// Clients of one server, with a clock that the test moves.
pub(crate) struct Bench {
    pub(crate) server: forge_server::ForgeServer,
    pub(crate) clock: platform::Clock,
    pub(crate) forges: forge::Forges,
    pub(crate) credentials: forge::Credentials,
}

impl Bench {
    /// A server known as `section` (`github`, `gitlab` or `gitea`).
    pub(crate) async fn start(section: &str) -> Self {
        Self::with(section, Some("good-token")).await
    }

    /// A GitHub that is given up on after a moment of silence.
    pub(crate) async fn impatient() -> Self {
        let server = forge_server::ForgeServer::start().await;
        let entry = serde_json::json!({
            "host": server.host, "baseUrl": server.url(""), "apiBaseUrl": server.url("/api/v3"),
        });
        Self::of_entry_within(
            server,
            "github",
            entry,
            std::time::Duration::from_millis(200),
        )
    }

    pub(crate) async fn with(section: &str, token: Option<&str>) -> Self {
        let server = forge_server::ForgeServer::start().await;
        let base = server.url("");
        let mut entry = serde_json::json!({ "host": server.host, "baseUrl": base });
        match section {
            "github" => entry["apiBaseUrl"] = server.url("/api/v3").into(),
            "gitlab" => entry["apiBaseUrl"] = server.url("/api/v4").into(),
            _ => {}
        }
        if let Some(token) = token {
            let key = if section == "gitea" {
                "password"
            } else {
                "token"
            };
            entry[key] = token.into();
            server.world.lock().credential = Some(match section {
                "github" => ("authorization", format!("Bearer {token}")),
                "gitlab" => ("private-token", token.to_owned()),
                _ => ("authorization", format!("token {token}")),
            });
        }
        Self::of_entry(server, section, entry)
    }

    /// Clients of one integration entry.
    pub(crate) fn of_entry(
        server: forge_server::ForgeServer,
        section: &str,
        entry: serde_json::Value,
    ) -> Self {
        Self::of_entry_within(server, section, entry, std::time::Duration::from_secs(60))
    }

    /// The same, giving up on a server that is silent for `idle`.
    fn of_entry_within(
        server: forge_server::ForgeServer,
        section: &str,
        entry: serde_json::Value,
        idle: std::time::Duration,
    ) -> Self {
        install_crypto();
        let known = integrations(&serde_json::json!({ section: [entry] }));
        let clock = platform::Clock::manual("2026-03-01T12:00:00Z".parse().expect("time"));
        server.world.lock().clock = Some(clock.clone());
        let http = Client::new(Options {
            access: Access::listed(known.allowed_hosts()),
            limits: forge::http::Limits {
                idle,
                ..forge::http::Limits::default()
            },
            ..Options::default()
        })
        .expect("client");
        let governor =
            forge::budget::Governor::new(clock.clone(), forge::budget::Sharing::default());
        let patience = forge::client::Patience {
            wait: std::time::Duration::from_secs(10),
            retries: 2,
            pause: std::time::Duration::ZERO,
        };
        let credentials = forge::Credentials::new(http, known, clock.clone());
        let forges = forge::Forges::new(credentials.clone(), governor, Arc::default())
            .with_patience(patience);
        Self {
            server,
            clock,
            forges,
            credentials,
        }
    }

    pub(crate) fn forge(&self) -> forge::Forge {
        self.forges
            .of_host(&self.server.host, forge::budget::Priority::Background)
            .expect("forge")
    }
}

/// Credentials that may reach one host.
pub(crate) fn credentials_for(host: &str, known: Arc<forge::Integrations>) -> forge::Credentials {
    forge::Credentials::new(client_for(host), known, platform::Clock::system())
}
