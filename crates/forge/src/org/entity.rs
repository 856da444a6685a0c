//! From teams and people to entities.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::OrgEntities;
use crate::client::{Person, Team};

/// A team on its way to becoming a Group.
#[derive(Clone, Debug)]
pub(super) struct GroupDraft {
    /// Namespace; `None` means `default`.
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// Name of the parent, in the same namespace.
    pub(super) parent: Option<String>,
    pub(super) annotations: Vec<(String, String)>,
    pub(super) team: Team,
}

/// A person on the way to becoming a User.
#[derive(Clone, Debug)]
pub(super) struct UserDraft {
    pub(super) annotations: Vec<(String, String)>,
    pub(super) email: Option<String>,
    pub(super) person: Person,
}

/// Makes a valid entity name: other characters become `-`, separators at the
/// ends are cut, 63 characters at most. `None` when nothing remains.
pub(super) fn entity_name(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || (matches!(c, '-' | '_' | '.') && !name.is_empty()) {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if name.len() == 63 {
            break;
        }
    }
    let name = name.trim_end_matches(['-', '_', '.']).to_owned();
    (!name.is_empty()).then_some(name)
}

/// Builds the entities: children from parents, memberships from members. A
/// group whose members are not known in full is not built, so that the one
/// that was built last stays with the members it had.
pub(super) fn build(
    groups: Vec<GroupDraft>,
    users: Vec<UserDraft>,
    unread: Vec<String>,
) -> OrgEntities {
    let mut notes = Vec::new();
    let groups = unique(groups, &mut notes);
    let mut people: BTreeMap<String, UserDraft> = BTreeMap::new();
    for user in users {
        match entity_name(&user.person.login) {
            Some(name) => {
                people.entry(name).or_insert(user);
            }
            None => notes.push(format!(
                "the user `{}` is left out: nothing of the login can be an entity name",
                user.person.login
            )),
        }
    }
    let logins: BTreeMap<String, String> = people
        .iter()
        .map(|(name, user)| (user.person.login.to_lowercase(), name.clone()))
        .collect();
    let mut children: BTreeMap<(Option<String>, String), BTreeSet<String>> = BTreeMap::new();
    for group in &groups {
        if let Some(parent) = &group.parent {
            children
                .entry((group.namespace.clone(), parent.clone()))
                .or_default()
                .insert(group.name.clone());
        }
    }
    let mut member_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut entities = Vec::with_capacity(groups.len() + people.len());
    for group in &groups {
        let members: BTreeSet<String> = group
            .team
            .members
            .iter()
            .filter_map(|login| logins.get(&login.to_lowercase()).cloned())
            .collect();
        let reference = match &group.namespace {
            Some(namespace) => format!("{namespace}/{}", group.name),
            None => group.name.clone(),
        };
        for member in &members {
            member_of
                .entry(member.clone())
                .or_default()
                .insert(reference.clone());
        }
        let below = children.remove(&(group.namespace.clone(), group.name.clone()));
        if group.team.members_complete {
            entities.push(group_entity(group, &below.unwrap_or_default(), &members));
        }
    }
    for (name, user) in people {
        let groups = member_of.remove(&name).unwrap_or_default();
        entities.push(user_entity(&name, &user, &groups));
    }
    OrgEntities {
        entities,
        notes,
        unread,
    }
}

/// Drops groups whose name is taken, and parents that do not exist.
fn unique(groups: Vec<GroupDraft>, notes: &mut Vec<String>) -> Vec<GroupDraft> {
    let mut kept: BTreeMap<(Option<String>, String), GroupDraft> = BTreeMap::new();
    for group in groups {
        let key = (group.namespace.clone(), group.name.to_lowercase());
        match kept.get(&key) {
            Some(first) => notes.push(format!(
                "the group `{}` is left out: `{}` already has the entity name `{}`",
                group.team.slug, first.team.slug, group.name
            )),
            None => {
                kept.insert(key, group);
            }
        }
    }
    let names: BTreeSet<(Option<String>, String)> = kept
        .values()
        .map(|group| (group.namespace.clone(), group.name.clone()))
        .collect();
    let mut groups: Vec<GroupDraft> = kept.into_values().collect();
    for group in &mut groups {
        group.parent = group
            .parent
            .take()
            .filter(|parent| names.contains(&(group.namespace.clone(), parent.clone())));
    }
    groups
}

fn group_entity(
    group: &GroupDraft,
    children: &BTreeSet<String>,
    members: &BTreeSet<String>,
) -> Value {
    let mut metadata = Map::new();
    if let Some(namespace) = &group.namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    metadata.insert("name".to_owned(), json!(group.name));
    if let Some(description) = &group.team.description {
        metadata.insert("description".to_owned(), json!(description));
    }
    metadata.insert(
        "annotations".to_owned(),
        annotations(&group.annotations, group.team.web_url.as_deref()),
    );
    let mut profile = Map::new();
    profile.insert("displayName".to_owned(), json!(group.team.name));
    if let Some(picture) = &group.team.avatar_url {
        profile.insert("picture".to_owned(), json!(picture));
    }
    let mut spec = Map::new();
    spec.insert("type".to_owned(), json!("team"));
    spec.insert("profile".to_owned(), Value::Object(profile));
    if let Some(parent) = &group.parent {
        spec.insert("parent".to_owned(), json!(parent));
    }
    spec.insert("children".to_owned(), json!(children));
    // Users live in `default`; a bare name would mean the group's namespace.
    let members: Vec<String> = match &group.namespace {
        Some(_) => members
            .iter()
            .map(|name| format!("default/{name}"))
            .collect(),
        None => members.iter().cloned().collect(),
    };
    spec.insert("members".to_owned(), json!(members));
    entity("Group", &metadata, &spec)
}

fn user_entity(name: &str, user: &UserDraft, member_of: &BTreeSet<String>) -> Value {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(name));
    if let Some(bio) = &user.person.bio {
        metadata.insert("description".to_owned(), json!(bio));
    }
    metadata.insert(
        "annotations".to_owned(),
        annotations(&user.annotations, user.person.web_url.as_deref()),
    );
    let mut profile = Map::new();
    for (key, value) in [
        ("displayName", &user.person.name),
        ("email", &user.email),
        ("picture", &user.person.avatar_url),
    ] {
        if let Some(value) = value {
            profile.insert(key.to_owned(), json!(value));
        }
    }
    let mut spec = Map::new();
    spec.insert("profile".to_owned(), Value::Object(profile));
    spec.insert("memberOf".to_owned(), json!(member_of));
    entity("User", &metadata, &spec)
}

fn entity(kind: &str, metadata: &Map<String, Value>, spec: &Map<String, Value>) -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    })
}

fn annotations(own: &[(String, String)], web_url: Option<&str>) -> Value {
    let mut map = Map::new();
    if let Some(url) = web_url {
        for key in [
            "backstage.io/managed-by-location",
            "backstage.io/managed-by-origin-location",
        ] {
            map.insert(key.to_owned(), json!(format!("url:{url}")));
        }
    }
    for (key, value) in own {
        map.insert(key.clone(), json!(value));
    }
    Value::Object(map)
}
