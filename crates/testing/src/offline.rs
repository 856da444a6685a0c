//! A catalog that reads files and repositories of this machine only.

use std::path::Path;
use std::sync::Arc;

use catalog::{Providers, Web};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::Forges;
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, Client, Options};
use forge::{Credentials, Integrations};
use platform::Clock;

/// The way to files and hosts for a catalog under test: nothing outside this
/// machine is reached. Repositories are kept below `data`.
pub fn offline(data: &Path, clock: &Clock) -> Web {
    // Somebody else in the process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let integrations = Arc::new(Integrations::default());
    let options = Options {
        access: Access::default(),
        ..Options::default()
    };
    let client = Client::new(options).expect("a client");
    let credentials = Credentials::new(client.clone(), Arc::clone(&integrations), clock.clone());
    let mut git = GitOptions::new(data.join("git"));
    git.local = LocalAccess::Anywhere;
    Web {
        git: Git::new(git, credentials.clone()),
        forges: Forges::new(
            credentials,
            Governor::new(clock.clone(), Sharing::default()),
            Arc::new(EtagCache::new(1 << 20)),
        ),
        client,
        integrations,
        providers: Providers::default(),
        webhook_secrets: Vec::new(),
        receivers: Vec::new(),
    }
}
