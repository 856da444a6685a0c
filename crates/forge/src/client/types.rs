//! What forges have in common.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who may see a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Everybody in the company.
    Internal,
    /// Those who were given access.
    Private,
}

/// A repository as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// The forge's own id; survives renames.
    pub id: String,
    /// Owner; on GitLab the full path of the group.
    pub owner: String,
    /// Name.
    pub name: String,
    /// Default branch; `None` for an empty repository.
    pub default_branch: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether it is a fork.
    pub fork: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// Topics.
    pub topics: Vec<String>,
    /// When something was last pushed (GitHub), or happened (GitLab, Gitea).
    pub pushed_at: Option<Timestamp>,
    /// Its page.
    pub web_url: String,
    /// What Git fetches from.
    pub clone_url: String,
}

impl Repository {
    /// `owner/name`.
    pub fn slug(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

/// A file of a repository, as a forge lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemoteFile {
    /// Path from the root.
    pub path: String,
    /// Id of the content.
    pub blob: String,
    /// Bytes, when the forge says.
    pub size: Option<u64>,
}

/// A team (GitHub, Gitea) or group (GitLab).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Team {
    /// The forge's own id.
    pub id: String,
    /// Slug (GitHub), name in slug form (Gitea) or full path (GitLab).
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Slug or path of the parent.
    pub parent: Option<String>,
    /// Its page.
    pub web_url: Option<String>,
    /// The page that edits it.
    pub edit_url: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Logins of its own members, without those of teams below it.
    pub members: Vec<String>,
    /// Whether these are all of them. Where some could not be read, whoever is
    /// missing here is unknown, not gone.
    pub members_complete: bool,
}

impl Team {
    /// Marks the members as not known in full; the note that says why.
    pub(super) fn lose_members(&mut self, reason: &str) -> String {
        self.members_complete = false;
        format!(
            "not all members of the team `{}` could be read, so the ones last seen stay: {reason}",
            self.slug
        )
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Login.
    pub login: String,
    /// Name for people.
    pub name: Option<String>,
    /// Mail address, when visible.
    pub email: Option<String>,
    /// Mail addresses in domains that the organisation has verified (GitHub).
    pub verified_emails: Vec<String>,
    /// What they say of themselves.
    pub bio: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Their page.
    pub web_url: Option<String>,
    /// Whether the account is suspended or blocked.
    pub suspended: bool,
}

/// Teams and users of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its teams.
    pub teams: Vec<Team>,
    /// Its users.
    pub people: Vec<Person>,
    /// What could not be read, one sentence each. With any of these, a team
    /// or user that is missing here is unknown, not gone.
    pub notes: Vec<String>,
}

/// Reading of fields that may be absent, null or empty.
pub(super) trait Fields {
    /// A text that is there and not empty.
    fn text(&self, key: &str) -> Option<String>;
    /// A text that has to be there.
    fn needed(&self, key: &str) -> Result<String, String>;
    /// A flag; absent means false.
    fn flag(&self, key: &str) -> bool;
    /// An id, which may be a number or a text.
    fn id(&self, key: &str) -> Result<String, String>;
    /// A time.
    fn time(&self, key: &str) -> Option<Timestamp>;
    /// A list of texts.
    fn texts(&self, key: &str) -> Vec<String>;
}

impl Fields for Value {
    fn text(&self, key: &str) -> Option<String> {
        let text = self.get(key)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn needed(&self, key: &str) -> Result<String, String> {
        self.text(key).ok_or_else(|| format!("it has no `{key}`"))
    }

    fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    fn id(&self, key: &str) -> Result<String, String> {
        match self.get(key) {
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(format!("it has no `{key}`")),
        }
    }

    fn time(&self, key: &str) -> Option<Timestamp> {
        self.get(key)?.as_str()?.parse().ok()
    }

    fn texts(&self, key: &str) -> Vec<String> {
        let list = self.get(key).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    }
}

/// `public`, `internal` or `private`; anything else is treated as private.
pub(super) fn visibility(text: Option<&str>, private: bool) -> Visibility {
    match text {
        Some("public") => Visibility::Public,
        Some("internal") => Visibility::Internal,
        None if !private => Visibility::Public,
        _ => Visibility::Private,
    }
}

/// Percent-encodes one segment of a path, `/` included.
pub(super) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
        .replace("%2E", ".")
        .replace("%5F", "_")
}
