//! GitLab's REST API, version 4.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::Value;

use super::api::{Api, Listing, Observer, unobserved};
use super::error::ForgeError;
use super::members::read_members;
use super::types::{
    Fields, Organisation, Person, RemoteFile, Repository, Team, segment, visibility,
};
use super::{GroupRelation, OrgQuery, ProjectQuery, TreeListing};

/// The client for GitLab.
#[derive(Clone)]
pub struct GitLab {
    pub(super) api: Api,
}

impl std::fmt::Debug for GitLab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("GitLab").field(&self.api.host).finish()
    }
}

impl GitLab {
    /// Projects of a group and the groups below it, or of the whole host.
    pub(crate) async fn repositories(
        &self,
        group: Option<&str>,
        filter: &ProjectQuery,
        observer: Observer<'_>,
    ) -> Result<Listing<Repository>, ForgeError> {
        let mut query = vec![("per_page", "100"), ("order_by", "id"), ("sort", "asc")];
        if !filter.archived {
            query.push(("archived", "false"));
        }
        if filter.membership {
            query.push(("membership", "true"));
        }
        if let Some(topics) = &filter.topics {
            query.push(("topic", topics));
        }
        let (what, path) = match group {
            Some(group) => {
                query.push(("include_subgroups", "true"));
                (
                    format!("list projects of the group `{group}`"),
                    format!("groups/{}/projects", segment(group)),
                )
            }
            None => {
                // Offsets end at 50,000 on large hosts; this way does not.
                query.push(("pagination", "keyset"));
                (
                    format!("list projects of `{}`", self.api.host),
                    "projects".to_owned(),
                )
            }
        };
        let listed = self
            .api
            .list(&what, &path, &query, observer, repository)
            .await;
        match (listed, group) {
            // A user's projects are listed elsewhere.
            (Err(ForgeError::NotFound { .. }), Some(user)) if !user.contains('/') => {
                let query = [("per_page", "100"), ("order_by", "id"), ("sort", "asc")];
                self.api
                    .list(
                        &what,
                        &format!("users/{}/projects", segment(user)),
                        &query,
                        observer,
                        repository,
                    )
                    .await
            }
            (other, _) => other,
        }
    }

    pub(super) async fn repository(&self, slug: &str) -> Result<Repository, ForgeError> {
        let what = format!("read the project `{slug}`");
        let found: Value = self
            .api
            .json(&what, &format!("projects/{}", segment(slug)), &[])
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
        let url = format!(
            "projects/{}/repository/files/{}/raw",
            segment(slug),
            segment(file.trim_matches('/'))
        );
        let query = [("ref", git_ref.unwrap_or("HEAD"))];
        self.api.bytes(&what, &url, &query, "*/*", limit).await
    }

    pub(super) async fn exists(
        &self,
        slug: &str,
        git_ref: &str,
        file: &str,
    ) -> Result<bool, ForgeError> {
        let what = format!("look for `{file}` in `{slug}`");
        let url = format!(
            "projects/{}/repository/files/{}",
            segment(slug),
            segment(file.trim_matches('/'))
        );
        self.api.exists(&what, &url, &[("ref", git_ref)]).await
    }

    pub(super) async fn tree(&self, slug: &str, git_ref: &str) -> Result<TreeListing, ForgeError> {
        let what = format!("list the files of `{slug}`");
        let url = format!("projects/{}/repository/tree", segment(slug));
        let query = [
            ("recursive", "true"),
            ("per_page", "100"),
            ("pagination", "keyset"),
            ("ref", git_ref),
        ];
        let listed = self
            .api
            .list(&what, &url, &query, &unobserved, |entry| {
                if entry.text("type").as_deref() != Some("blob") {
                    return Ok(None);
                }
                Ok(Some(RemoteFile {
                    path: entry.needed("path")?,
                    blob: entry.needed("id")?,
                    size: None,
                }))
            })
            .await?;
        Ok(TreeListing {
            files: listed.items.into_iter().flatten().collect(),
            complete: listed.notes.is_empty(),
        })
    }

    pub(super) async fn organisation(
        &self,
        query: &OrgQuery,
        observer: Observer<'_>,
    ) -> Result<Organisation, ForgeError> {
        let root = query.organisation.as_str();
        let mut organisation = Organisation::default();
        organisation.teams = self.groups(root, observer, &mut organisation).await?;
        let inherited = query.relations.contains(&GroupRelation::Inherited);
        let mut people = read_members(&mut organisation, |team| async move {
            self.members(&team.id, &team.slug, inherited).await
        })
        .await?;
        if query.relations.contains(&GroupRelation::Descendants) {
            add_descendants(&mut organisation.teams);
        }
        if !query.restrict_to_group || root.is_empty() {
            for person in self.users(root, observer, &mut organisation).await? {
                people.entry(person.login.clone()).or_insert(person);
            }
        }
        organisation.people = people
            .into_values()
            .filter(|person| !person.suspended)
            .collect();
        let known: BTreeSet<&String> = organisation
            .people
            .iter()
            .map(|person| &person.login)
            .collect();
        for team in &mut organisation.teams {
            team.members.retain(|login| known.contains(login));
        }
        Ok(organisation)
    }

    /// The group itself and every group below it; all groups without a root.
    async fn groups(
        &self,
        root: &str,
        observer: Observer<'_>,
        into: &mut Organisation,
    ) -> Result<Vec<Team>, ForgeError> {
        let query = [("per_page", "100"), ("order_by", "path"), ("sort", "asc")];
        if root.is_empty() {
            let what = format!("list groups of `{}`", self.api.host);
            let listed = self
                .api
                .list(&what, "groups", &query, observer, group)
                .await?;
            into.notes.extend(listed.notes);
            return Ok(link_parents(listed.items));
        }
        let what = format!("read the group `{root}`");
        let top: Value = self
            .api
            .json(
                &what,
                &format!("groups/{}", segment(root)),
                &[("with_projects", "false")],
            )
            .await?;
        let top = group(&top).map_err(|reason| self.api.garbage(&what, &reason))?;
        let what = format!("list groups below `{root}`");
        let path = format!("groups/{}/descendant_groups", segment(root));
        let listed = self.api.list(&what, &path, &query, observer, group).await?;
        into.notes.extend(listed.notes);
        let mut groups = vec![top];
        groups.extend(listed.items);
        Ok(link_parents(groups))
    }

    async fn members(
        &self,
        id: &str,
        path: &str,
        inherited: bool,
    ) -> Result<Listing<Person>, ForgeError> {
        let what = format!("list members of the group `{path}`");
        let url = format!(
            "groups/{}/members{}",
            segment(id),
            if inherited { "/all" } else { "" }
        );
        let listed = self
            .api
            .list(&what, &url, &[("per_page", "100")], &unobserved, person)
            .await?;
        Ok(Listing {
            items: listed.items.into_iter().flatten().collect(),
            notes: listed.notes,
        })
    }

    /// Everybody on a self-hosted GitLab. gitlab.com has the whole world, so
    /// there it is everybody in the top group.
    async fn users(
        &self,
        root: &str,
        observer: Observer<'_>,
        into: &mut Organisation,
    ) -> Result<Vec<Person>, ForgeError> {
        let what = format!("list users of `{}`", self.api.host);
        let listed = if self.api.host == "gitlab.com" {
            let Some(top) = root.split('/').next().filter(|top| !top.is_empty()) else {
                return Err(ForgeError::Config {
                    key: "group".to_owned(),
                    reason: "users of gitlab.com can only be read below a group; set `group`"
                        .to_owned(),
                });
            };
            let url = format!("groups/{}/members/all", segment(top));
            self.api
                .list(&what, &url, &[("per_page", "100")], observer, person)
                .await?
        } else {
            let query = [
                ("per_page", "100"),
                ("active", "true"),
                ("without_project_bots", "true"),
                ("pagination", "keyset"),
                ("order_by", "id"),
            ];
            self.api
                .list(&what, "users", &query, observer, person)
                .await?
        };
        into.notes.extend(listed.notes);
        Ok(listed.items.into_iter().flatten().collect())
    }
}

pub(super) fn repository(found: &Value) -> Result<Repository, String> {
    let full = found.needed("path_with_namespace")?;
    let (owner, name) = full
        .rsplit_once('/')
        .ok_or_else(|| format!("`path_with_namespace: {full}` has no group"))?;
    let web_url = found.needed("web_url")?;
    let topics = match found.texts("topics") {
        // The name before GitLab 14.
        topics if topics.is_empty() => found.texts("tag_list"),
        topics => topics,
    };
    Ok(Repository {
        id: found.id("id")?,
        owner: owner.to_owned(),
        name: name.to_owned(),
        default_branch: found.text("default_branch"),
        archived: found.flag("archived"),
        fork: found
            .get("forked_from_project")
            .is_some_and(|origin| !origin.is_null()),
        visibility: visibility(found.text("visibility").as_deref(), true),
        topics,
        pushed_at: found.time("last_activity_at"),
        clone_url: found
            .text("http_url_to_repo")
            .unwrap_or_else(|| format!("{web_url}.git")),
        web_url,
    })
}

/// `parent` holds the parent's id until [`link_parents`] has seen all groups.
fn group(found: &Value) -> Result<Team, String> {
    let slug = found.needed("full_path")?;
    Ok(Team {
        id: found.id("id")?,
        name: found.text("name").unwrap_or_else(|| slug.clone()),
        description: found.text("description"),
        parent: found.id("parent_id").ok(),
        edit_url: None,
        web_url: found.text("web_url"),
        avatar_url: found.text("avatar_url"),
        members: Vec::new(),
        members_complete: true,
        slug,
    })
}

fn link_parents(mut groups: Vec<Team>) -> Vec<Team> {
    let by_id: BTreeMap<String, String> = groups
        .iter()
        .map(|group| (group.id.clone(), group.slug.clone()))
        .collect();
    for group in &mut groups {
        group.parent = group.parent.take().and_then(|id| by_id.get(&id).cloned());
    }
    groups
}

/// Gives every group the members of the groups below it.
fn add_descendants(groups: &mut [Team]) {
    let own: Vec<(String, Vec<String>, bool)> = groups
        .iter()
        .map(|group| {
            (
                group.slug.clone(),
                group.members.clone(),
                group.members_complete,
            )
        })
        .collect();
    for group in groups {
        let prefix = format!("{}/", group.slug);
        let mut all: BTreeSet<String> = group.members.drain(..).collect();
        for (path, members, complete) in &own {
            if path.starts_with(&prefix) {
                all.extend(members.iter().cloned());
                group.members_complete &= complete;
            }
        }
        group.members = all.into_iter().collect();
    }
}

/// `None` for access tokens, which appear as users.
fn person(found: &Value) -> Result<Option<Person>, String> {
    let login = found.needed("username")?;
    let bot = found.flag("bot") || {
        let rest = login
            .strip_prefix("group_")
            .or_else(|| login.strip_prefix("project_"));
        rest.and_then(|rest| rest.split_once("_bot"))
            .is_some_and(|(id, _)| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let active = found.text("state").is_none_or(|state| state == "active");
    Ok((!bot).then(|| Person {
        login,
        name: found.text("name"),
        email: found.text("email").or_else(|| found.text("public_email")),
        verified_emails: Vec::new(),
        bio: found.text("bio"),
        avatar_url: found.text("avatar_url"),
        web_url: found.text("web_url"),
        suspended: !active,
    }))
}
