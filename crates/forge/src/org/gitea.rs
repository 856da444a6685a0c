//! Users and teams of `catalog.providers.gitea` entries with `orgEnabled`.
//! Backstage has no such importer; the form follows GitLab's.

use super::OrgEntities;
use super::entity::{GroupDraft, UserDraft, build, entity_name};
use crate::budget::Priority;
use crate::client::{ForgeError, Forges, Observer, OrgQuery};
use crate::discovery::GiteaProvider;

/// Reads the teams of the provider's organisation and their members.
pub async fn import(
    provider: &GiteaProvider,
    forges: &Forges,
    observer: Observer<'_>,
) -> Result<OrgEntities, ForgeError> {
    let host = &provider.host;
    let forge = forges
        .of_host(host, Priority::Background)
        .ok_or_else(|| ForgeError::Config {
            key: format!("catalog.providers.gitea.{}.host", provider.id),
            reason: format!("no `integrations.gitea` entry has `host: {host}`; add one"),
        })?;
    let query = OrgQuery::new(&provider.organization);
    let found = forge.organisation(&query, observer).await?;
    let groups = found
        .teams
        .into_iter()
        .filter_map(|team| {
            let mut annotations = vec![(
                format!("{host}/team-path"),
                format!("{}/{}", provider.organization, team.slug),
            )];
            if let Some(url) = &team.edit_url {
                annotations.push(("backstage.io/edit-url".to_owned(), url.clone()));
            }
            Some(GroupDraft {
                namespace: None,
                name: entity_name(&team.slug)?,
                parent: None,
                annotations,
                team,
            })
        })
        .collect();
    let users = found
        .people
        .into_iter()
        .map(|person| UserDraft {
            annotations: vec![(format!("{host}/user-login"), person.login.clone())],
            email: person.email.clone(),
            person,
        })
        .collect();
    Ok(build(groups, users, found.notes))
}
