//! The REST API of Gitea and Forgejo, version 1.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use super::api::{Api, Listing, Observer, unobserved};
use super::error::ForgeError;
use super::github::tree_files;
use super::members::read_members;
use super::types::{Fields, Organisation, Person, Repository, Team, Visibility, segment};
use super::{OrgQuery, TreeListing};
use crate::scm_url::encode_path;

/// Items per page; the default upper bound of a Gitea server.
const PAGE: &str = "50";

/// The client for Gitea.
#[derive(Clone)]
pub struct Gitea {
    pub(super) api: Api,
}

impl std::fmt::Debug for Gitea {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Gitea").field(&self.api.host).finish()
    }
}

impl Gitea {
    pub(super) async fn repositories(
        &self,
        owner: &str,
        observer: Observer<'_>,
    ) -> Result<Listing<Repository>, ForgeError> {
        let what = format!("list repositories of `{owner}`");
        let name = segment(owner);
        let query = [("limit", PAGE), ("page", "1")];
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
            .json(&what, &format!("repos/{}", encode_path(slug)), &[])
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
            "repos/{}/raw/{}",
            encode_path(slug),
            encode_path(file.trim_matches('/'))
        );
        let query: Vec<(&str, &str)> = git_ref.map(|name| ("ref", name)).into_iter().collect();
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
            "repos/{}/contents/{}",
            encode_path(slug),
            encode_path(file.trim_matches('/'))
        );
        // Gitea answers HEAD for GET routes.
        self.api.exists(&what, &url, &[("ref", git_ref)]).await
    }

    pub(super) async fn tree(&self, slug: &str, git_ref: &str) -> Result<TreeListing, ForgeError> {
        let what = format!("list the files of `{slug}`");
        let url = format!("repos/{}/git/trees/{}", encode_path(slug), segment(git_ref));
        let mut files = Vec::new();
        for page in 1..=1000_u32 {
            let number = page.to_string();
            let query = [
                ("recursive", "true"),
                ("per_page", "1000"),
                ("page", number.as_str()),
            ];
            let found: Value = self.api.json(&what, &url, &query).await?;
            let before = files.len();
            files.extend(tree_files(&found));
            let entries = found
                .get("tree")
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            if !found.flag("truncated") {
                return Ok(TreeListing {
                    files,
                    complete: true,
                });
            }
            if entries == 0 && files.len() == before {
                break;
            }
        }
        Ok(TreeListing {
            files,
            complete: false,
        })
    }

    /// Teams of Gitea have no parents.
    pub(super) async fn organisation(
        &self,
        query: &OrgQuery,
        observer: Observer<'_>,
    ) -> Result<Organisation, ForgeError> {
        let org = query.organisation.as_str();
        let page = [("limit", PAGE), ("page", "1")];
        let what = format!("list teams of `{org}`");
        let path = format!("orgs/{}/teams", segment(org));
        let web = format!("{}/org/{}/teams", self.web_base(), encode_path(org));
        let teams = self
            .api
            .list(&what, &path, &page, observer, |found| team(found, &web))
            .await?;
        let what = format!("list members of `{org}`");
        let path = format!("orgs/{}/members", segment(org));
        let members = self.api.list(&what, &path, &page, observer, person).await?;
        let mut organisation = Organisation {
            teams: teams.items,
            people: Vec::new(),
            notes: [teams.notes, members.notes].concat(),
        };
        let in_teams = read_members(&mut organisation, |team| async move {
            let what = format!("list members of the team `{org}/{}`", team.slug);
            let path = format!("teams/{}/members", segment(&team.id));
            self.api
                .list(&what, &path, &page, &unobserved, person)
                .await
        })
        .await?;
        let mut people: BTreeMap<String, Person> = members
            .items
            .into_iter()
            .map(|person| (person.login.clone(), person))
            .collect();
        for (login, person) in in_teams {
            people.entry(login).or_insert(person);
        }
        organisation.people = people
            .into_values()
            .filter(|person| !person.suspended)
            .collect();
        Ok(organisation)
    }

    fn web_base(&self) -> String {
        let base = self.api.base.as_str().trim_end_matches('/');
        base.strip_suffix("/api/v1").unwrap_or(base).to_owned()
    }
}

pub(super) fn repository(found: &Value) -> Result<Repository, String> {
    let full = found.needed("full_name")?;
    let (owner, name) = full
        .split_once('/')
        .ok_or_else(|| format!("`full_name: {full}` has no owner"))?;
    let web_url = found.needed("html_url")?;
    let visibility = match (found.flag("private"), found.flag("internal")) {
        (_, true) => Visibility::Internal,
        (true, false) => Visibility::Private,
        (false, false) => Visibility::Public,
    };
    Ok(Repository {
        id: found.id("id")?,
        owner: owner.to_owned(),
        name: name.to_owned(),
        default_branch: found
            .text("default_branch")
            .filter(|_| !found.flag("empty")),
        archived: found.flag("archived"),
        fork: found.flag("fork"),
        visibility,
        topics: found.texts("topics"),
        pushed_at: found.time("updated_at"),
        clone_url: found
            .text("clone_url")
            .unwrap_or_else(|| format!("{web_url}.git")),
        web_url,
    })
}

fn team(found: &Value, web: &str) -> Result<Team, String> {
    let name = found.needed("name")?;
    let slug = name.to_lowercase();
    let page = format!("{web}/{}", encode_path(&slug));
    Ok(Team {
        id: found.id("id")?,
        name,
        description: found.text("description"),
        parent: None,
        edit_url: Some(format!("{page}/edit")),
        web_url: Some(page),
        avatar_url: None,
        members: Vec::new(),
        members_complete: true,
        slug,
    })
}

fn person(found: &Value) -> Result<Person, String> {
    Ok(Person {
        login: found
            .text("login")
            .map_or_else(|| found.needed("username"), Ok)?,
        name: found.text("full_name"),
        // Gitea invents `…@noreply.…` for people who hide theirs.
        email: found
            .text("email")
            .filter(|mail| !mail.contains("@noreply.")),
        verified_emails: Vec::new(),
        bio: found.text("description"),
        avatar_url: found.text("avatar_url"),
        web_url: found.text("html_url"),
        suspended: found.flag("prohibit_login"),
    })
}
