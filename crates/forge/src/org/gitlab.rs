//! Users and groups of `catalog.providers.gitlab` entries with `orgEnabled`.

use super::OrgEntities;
use super::entity::{GroupDraft, UserDraft, build, entity_name};
use crate::budget::Priority;
use crate::client::{ForgeError, Forges, Observer, OrgQuery};
use crate::discovery::GitLabProvider;

/// Reads groups below the provider's group (all groups without one) and
/// users. A group's name is its path below the provider's group, with `-`
/// for `/`.
pub async fn import(
    provider: &GitLabProvider,
    forges: &Forges,
    observer: Observer<'_>,
) -> Result<OrgEntities, ForgeError> {
    let host = &provider.host;
    let forge = forges
        .of_host(host, Priority::Background)
        .ok_or_else(|| ForgeError::Config {
            key: format!("catalog.providers.gitlab.{}.host", provider.id),
            reason: format!("no `integrations.gitlab` entry has `host: {host}`; add one"),
        })?;
    let root = provider.group.clone().unwrap_or_default();
    let query = OrgQuery {
        restrict_to_group: provider.restrict_users_to_group,
        relations: provider.relations.clone(),
        ..OrgQuery::new(&root)
    };
    let found = forge.organisation(&query, observer).await?;
    let below = |path: &str| match path.strip_prefix(&format!("{root}/")) {
        Some(rest) if !root.is_empty() => rest.to_owned(),
        _ => path.to_owned(),
    };
    let group_name = |path: &str| entity_name(&below(path).replace('/', "-"));
    let groups = found
        .teams
        .into_iter()
        // The root is where the search starts, not a team.
        .filter(|team| root.is_empty() || team.slug != root)
        .filter(|team| {
            provider.group_patterns.is_empty()
                || provider
                    .group_patterns
                    .iter()
                    .any(|pattern| pattern.matches(&team.slug))
        })
        .filter_map(|team| {
            Some(GroupDraft {
                namespace: None,
                name: group_name(&team.slug)?,
                parent: team
                    .parent
                    .as_deref()
                    .filter(|parent| *parent != root)
                    .and_then(group_name),
                annotations: vec![(format!("{host}/team-path"), team.slug.clone())],
                team,
            })
        })
        .collect();
    let users = found
        .people
        .into_iter()
        .filter(|person| {
            provider
                .user_pattern
                .as_ref()
                .is_none_or(|pattern| pattern.matches(&person.login))
        })
        .map(|person| UserDraft {
            annotations: person
                .web_url
                .iter()
                .map(|url| (format!("{host}/user-login"), url.clone()))
                .collect(),
            email: person.email.clone(),
            person,
        })
        .collect();
    Ok(build(groups, users, found.notes))
}
