//! GitHub's REST and GraphQL APIs (github.com and Enterprise Server).

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};
use url::Url;

use super::api::{Api, Listing, Observer, unobserved};
use super::connection::{Connection, next_cursor, nodes_of};
use super::error::ForgeError;
use super::types::{
    Fields, Organisation, Person, RemoteFile, Repository, Team, segment, visibility,
};
use super::{OrgQuery, TreeListing};
use crate::scm_url::encode_path;

/// The teams of an organisation with their own members. REST's member list
/// includes the members of child teams, so this one is asked.
const TEAMS: &str = "query($org: String!, $size: Int!, $members: Int!, $after: String) {
  organization(login: $org) { teams(first: $size, after: $after) {
    pageInfo { hasNextPage endCursor } totalCount
    nodes { databaseId slug name description avatarUrl url editTeamUrl parentTeam { slug }
      members(first: $members, membership: IMMEDIATE) {
        pageInfo { hasNextPage endCursor } nodes { login } } } } } }";

/// Further members of one team.
const MEMBERS: &str = "query($org: String!, $team: String!, $members: Int!, $after: String) {
  organization(login: $org) { team(slug: $team) {
    members(first: $members, after: $after, membership: IMMEDIATE) {
      pageInfo { hasNextPage endCursor } nodes { login } } } } }";

/// The users of an organisation with their profiles, which REST would give
/// one call at a time. `%VERIFIED%` and `%SUSPENDED%` hold optional fields.
const PEOPLE: &str = "query($org: String!, $size: Int!, $after: String) {
  organization(login: $org) { membersWithRole(first: $size, after: $after) {
    pageInfo { hasNextPage endCursor } totalCount
    nodes { login name bio email avatarUrl url %VERIFIED% %SUSPENDED% } } } }";

/// The client for GitHub.
#[derive(Clone)]
pub struct GitHub {
    pub(super) api: Api,
}

impl std::fmt::Debug for GitHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("GitHub").field(&self.api.host).finish()
    }
}

impl GitHub {
    pub(super) async fn repositories(
        &self,
        owner: &str,
        observer: Observer<'_>,
    ) -> Result<Listing<Repository>, ForgeError> {
        let what = format!("list repositories of `{owner}`");
        let name = segment(owner);
        let query = [("per_page", "100"), ("sort", "full_name")];
        let listed = self
            .api
            .list(
                &what,
                &format!("orgs/{name}/repos"),
                &query,
                observer,
                repository,
            )
            .await;
        match listed {
            // A user's repositories are listed elsewhere.
            Err(ForgeError::NotFound { .. }) => {
                self.api
                    .list(
                        &what,
                        &format!("users/{name}/repos"),
                        &query,
                        observer,
                        repository,
                    )
                    .await
            }
            other => other,
        }
    }

    pub(super) async fn repository(&self, slug: &str) -> Result<Repository, ForgeError> {
        let what = format!("read the repository `{slug}`");
        let found: Value = self
            .api
            .json(&what, &format!("repos/{}", path(slug)), &[])
            .await?;
        repository(&found).map_err(|reason| self.api.garbage(&what, &reason))
    }

    pub(super) async fn file(
        &self,
        slug: &str,
        git_ref: Option<&str>,
        file: &str,
        limit: u64,
    ) -> Result<Bytes, ForgeError> {
        let what = format!("read `{file}` of `{slug}`");
        let url = format!("repos/{}/contents/{}", path(slug), path(file));
        let query: Vec<(&str, &str)> = git_ref.map(|name| ("ref", name)).into_iter().collect();
        self.api
            .bytes(
                &what,
                &url,
                &query,
                "application/vnd.github.raw+json",
                limit,
            )
            .await
    }

    pub(super) async fn exists(
        &self,
        slug: &str,
        git_ref: &str,
        file: &str,
    ) -> Result<bool, ForgeError> {
        let what = format!("look for `{file}` in `{slug}`");
        let url = format!("repos/{}/contents/{}", path(slug), path(file));
        self.api.exists(&what, &url, &[("ref", git_ref)]).await
    }

    pub(super) async fn tree(&self, slug: &str, git_ref: &str) -> Result<TreeListing, ForgeError> {
        let what = format!("list the files of `{slug}`");
        let url = format!("repos/{}/git/trees/{}", path(slug), segment(git_ref));
        let found: Value = self.api.json(&what, &url, &[("recursive", "1")]).await?;
        Ok(TreeListing {
            files: tree_files(&found),
            complete: !found.flag("truncated"),
        })
    }

    pub(super) async fn organisation(
        &self,
        query: &OrgQuery,
        observer: Observer<'_>,
    ) -> Result<Organisation, ForgeError> {
        let mut organisation = Organisation::default();
        self.teams(query, observer, &mut organisation).await?;
        self.people(query, observer, &mut organisation).await?;
        Ok(organisation)
    }

    async fn teams(
        &self,
        query: &OrgQuery,
        observer: Observer<'_>,
        into: &mut Organisation,
    ) -> Result<(), ForgeError> {
        let what = format!("list teams of `{}`", query.organisation);
        let asked = Connection {
            what: &what,
            url: &self.graphql_url(),
            text: TEAMS,
            variables: |after: &Value| {
                json!({
                    "org": query.organisation, "size": query.team_page,
                    "members": query.member_page, "after": after,
                })
            },
            at: "/organization/teams",
        };
        for node in self.api.nodes(&asked, Value::Null, observer).await? {
            match team(&node) {
                Ok(mut team) => {
                    let unread = self.members(query, &mut team, &node).await?;
                    into.notes.extend(unread);
                    into.teams.push(team);
                }
                Err(reason) => into.notes.push(format!(
                    "a team of `{}` is left out: {reason}",
                    query.organisation
                )),
            }
        }
        Ok(())
    }

    /// Fills in the members of a team: those that came with it, and those on
    /// further pages. Answers with a note when they could not be read in full.
    async fn members(
        &self,
        query: &OrgQuery,
        team: &mut Team,
        node: &Value,
    ) -> Result<Option<String>, ForgeError> {
        let first = node.get("members").unwrap_or(&Value::Null);
        let (mut nodes, next) = match (nodes_of(first), next_cursor(first)) {
            (Ok(nodes), Ok(next)) => (nodes.to_vec(), next),
            (Err(reason), _) | (_, Err(reason)) => return Ok(Some(team.lose_members(reason))),
        };
        let mut unread = None;
        if let Some(after) = next {
            let what = format!(
                "list members of the team `{}/{}`",
                query.organisation, team.slug
            );
            let asked = Connection {
                what: &what,
                url: &self.graphql_url(),
                text: MEMBERS,
                variables: |after: &Value| {
                    json!({
                        "org": query.organisation, "team": team.slug,
                        "members": query.member_page, "after": after,
                    })
                },
                at: "/organization/team/members",
            };
            match self.api.nodes(&asked, after, &unobserved).await {
                Ok(more) => nodes.extend(more),
                Err(error) if error.is_about_one_thing() => unread = Some(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        for node in nodes {
            match node.needed("login") {
                Ok(login) => team.members.push(login),
                Err(reason) => unread = Some(format!("a member is left out: {reason}")),
            }
        }
        Ok(unread.map(|reason| team.lose_members(&reason)))
    }

    async fn people(
        &self,
        query: &OrgQuery,
        observer: Observer<'_>,
        into: &mut Organisation,
    ) -> Result<(), ForgeError> {
        let what = format!("list members of `{}`", query.organisation);
        let verified = if query.verified_emails {
            "organizationVerifiedDomainEmails(login: $org)"
        } else {
            ""
        };
        // The field exists on Enterprise Server only.
        let suspended = if query.exclude_suspended {
            "suspendedAt"
        } else {
            ""
        };
        let text = PEOPLE
            .replace("%VERIFIED%", verified)
            .replace("%SUSPENDED%", suspended);
        let asked = Connection {
            what: &what,
            url: &self.graphql_url(),
            text: &text,
            variables: |after: &Value| {
                json!({
                    "org": query.organisation, "size": query.people_page, "after": after,
                })
            },
            at: "/organization/membersWithRole",
        };
        let mut unread = Vec::new();
        for node in self.api.nodes(&asked, Value::Null, observer).await? {
            match person(&node) {
                Ok(person) if person.suspended && query.exclude_suspended => {}
                Ok(person) => into.people.push(person),
                Err(reason) => unread.push(format!(
                    "a member of `{}` is left out: {reason}",
                    query.organisation
                )),
            }
        }
        if !unread.is_empty() {
            into.notes.extend(unread);
            doubt_strangers(into);
        }
        Ok(())
    }

    /// `https://api.github.com/graphql`; on Enterprise Server the GraphQL API
    /// lies beside the REST API (`/api/graphql` and `/api/v3`).
    fn graphql_url(&self) -> Url {
        let mut url = self.api.base.clone();
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix("/v3").unwrap_or(base).to_owned();
        url.set_path(&format!("{base}/graphql"));
        url
    }
}

/// Some users could not be read. A member of a team who is no known user may
/// be one of them, and must not look as if they had left the team.
fn doubt_strangers(organisation: &mut Organisation) {
    let known: BTreeSet<String> = organisation
        .people
        .iter()
        .map(|person| person.login.to_lowercase())
        .collect();
    for team in &mut organisation.teams {
        let stranger = team
            .members
            .iter()
            .find(|login| !known.contains(&login.to_lowercase()));
        if let Some(login) = stranger {
            let reason = format!("`{login}` is not among the users that could be read");
            organisation.notes.push(team.lose_members(&reason));
        }
    }
}

fn path(text: &str) -> String {
    encode_path(text.trim_matches('/'))
}

pub(super) fn repository(found: &Value) -> Result<Repository, String> {
    let full = found.needed("full_name")?;
    let (owner, name) = full
        .split_once('/')
        .ok_or_else(|| format!("`full_name: {full}` has no owner"))?;
    let web_url = found.needed("html_url")?;
    Ok(Repository {
        id: found.id("id")?,
        owner: owner.to_owned(),
        name: name.to_owned(),
        default_branch: found.text("default_branch"),
        archived: found.flag("archived"),
        fork: found.flag("fork"),
        visibility: visibility(found.text("visibility").as_deref(), found.flag("private")),
        topics: found.texts("topics"),
        pushed_at: found.time("pushed_at"),
        clone_url: found
            .text("clone_url")
            .unwrap_or_else(|| format!("{web_url}.git")),
        web_url,
    })
}

pub(super) fn tree_files(found: &Value) -> Vec<RemoteFile> {
    let entries = found.get("tree").and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter(|entry| entry.text("type").as_deref() == Some("blob"))
        .filter_map(|entry| {
            Some(RemoteFile {
                path: entry.text("path")?,
                blob: entry.text("sha")?,
                size: entry.get("size").and_then(Value::as_u64),
            })
        })
        .collect()
}

fn team(node: &Value) -> Result<Team, String> {
    let slug = node.needed("slug")?;
    Ok(Team {
        id: node.id("databaseId").unwrap_or_else(|_| slug.clone()),
        name: node.text("name").unwrap_or_else(|| slug.clone()),
        description: node.text("description"),
        parent: node
            .get("parentTeam")
            .and_then(|parent| parent.text("slug")),
        web_url: node.text("url"),
        edit_url: node.text("editTeamUrl"),
        avatar_url: node.text("avatarUrl"),
        members: Vec::new(),
        members_complete: true,
        slug,
    })
}

fn person(node: &Value) -> Result<Person, String> {
    Ok(Person {
        login: node.needed("login")?,
        name: node.text("name"),
        email: node.text("email"),
        verified_emails: node.texts("organizationVerifiedDomainEmails"),
        bio: node.text("bio"),
        avatar_url: node.text("avatarUrl"),
        web_url: node.text("url"),
        suspended: node.text("suspendedAt").is_some(),
    })
}
