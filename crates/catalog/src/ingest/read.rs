//! Where bytes come from: a table of location types.
//!
//! | type | reads |
//! |---|---|
//! | `file` | a file, a folder or a glob on this machine |
//! | `url` | a file on the web, or in a repository of a known code host |
//! | `git` | a whole repository at a commit |
//! | others | discovery providers, see `providers.rs` |

use std::path::{Path, PathBuf};
use std::sync::Arc;

use forge::git::Remote;
use forge::scm_url::ScmUrl;
use globset::GlobBuilder;
use model::diagnostic::Diagnostic;
use model::entity::Entity;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::{LocationRef, LocationRefError};
use serde_json::{Value, json};

use super::address::{Address, no_address};
use super::conditional::KeptPages;
use super::content::{Content, ReadFailure, Todo};
use super::digest::Candidate;
use super::files;
use super::repository::{self, Target};
use super::roster::{ROSTER, Roster, roster_start};
use super::session::Session;
use super::web::Web;
use crate::source::Source;
use crate::store::EntityRow;

/// Reads the places of one source.
#[derive(Debug)]
pub(crate) struct Reader {
    /// `None` where nothing but files of this machine may be read.
    session: Option<Session>,
    /// The folder that `file` locations may not leave.
    tree: Option<PathBuf>,
    roster: Option<Arc<dyn Roster>>,
}

/// What a source starts with.
#[derive(Debug, Default)]
pub(crate) struct Start {
    pub(crate) todos: Vec<Todo>,
    /// Entities that exist because the source does.
    pub(crate) entities: Vec<Candidate>,
    /// Places that could not be listed.
    pub(crate) failures: Vec<(String, ReadFailure)>,
    /// Remarks without an entity: what discovery passed over, and why.
    pub(crate) notes: Vec<(String, Diagnostic)>,
    pub(crate) revision: Option<String>,
}

impl Reader {
    /// A reader for one source.
    pub(crate) fn new(web: Arc<Web>, pages: Arc<KeptPages>, source: &Source) -> Self {
        Self {
            session: Some(Session::new(web, pages)),
            ..Self::offline(source)
        }
    }

    /// A reader that stays on this machine.
    pub(crate) fn offline(source: &Source) -> Self {
        Self {
            session: None,
            tree: tree_of(source),
            roster: None,
        }
    }

    /// A reader of nothing, for a text that lies nowhere.
    pub(crate) fn nowhere() -> Self {
        Self {
            session: None,
            tree: None,
            roster: None,
        }
    }

    /// The same with people that no file declares.
    pub(crate) fn with_roster(mut self, roster: Option<Arc<dyn Roster>>) -> Self {
        self.roster = roster;
        self
    }

    /// Whether a place can be asked at all.
    pub(crate) fn reaches(&self, location: &LocationRef) -> bool {
        self.session.is_some() || (location.location_type() == "file" && self.tree.is_some())
    }

    fn session(&self) -> Result<&Session, ReadFailure> {
        self.session.as_ref().ok_or_else(|| {
            ReadFailure::new(
                "cannot-read",
                "what is not on this machine is read by a server only",
                "register it at a server, or write the path of a file",
            )
        })
    }

    /// What the source itself names.
    pub(crate) async fn start(&self, source: &Source, kinds: &Kinds) -> Start {
        let mut start = match source.location.location_type() {
            "file" => self.start_file(source),
            "url" => Start {
                todos: vec![Todo {
                    parent: Some(source.entity_ref.clone()),
                    ..Todo::required(source.location.clone())
                }],
                ..Start::default()
            },
            ROSTER => roster_start(self.roster.as_deref(), source, kinds).await,
            kind => match self.session() {
                Ok(session) if kind == "git" => repository::start(session, source).await,
                Ok(session) => {
                    let web = session.web();
                    web.providers.start(&web.forges, kinds, source).await
                }
                Err(failure) => Start {
                    failures: vec![(source.location.to_string(), failure)],
                    ..Start::default()
                },
            },
        };
        let location = source.location.to_string();
        start.entities.extend(
            location_entity(
                &source.entity_ref,
                &source.location,
                true,
                (&location, &location),
            )
            .map(|entity| {
                // Not the file's own name: the file may be gone while its source is declared.
                Candidate::made(entity, format!("source:{}", source.id), None)
            }),
        );
        start
    }

    fn start_file(&self, source: &Source) -> Start {
        let target = source.location.target();
        let path = Path::new(target);
        let todo = |path: &Path, listed| {
            let location = file_location(path).ok()?;
            Some(Todo {
                parent: Some(source.entity_ref.clone()),
                listed,
                ..Todo::required(location)
            })
        };
        let pattern = is_file_pattern(target);
        if !pattern && !path.is_dir() {
            return Start {
                todos: todo(path, false).into_iter().collect(),
                ..Start::default()
            };
        }
        let listing = match self.list_files(target) {
            Ok(listing) => listing,
            Err(mut failure) => {
                // A folder that is away may come back; its entities stay.
                failure.gone = false;
                return Start {
                    failures: vec![(source.location.to_string(), failure)],
                    ..Start::default()
                };
            }
        };
        Start {
            todos: listing
                .files
                .iter()
                .filter_map(|path| todo(path, !pattern))
                .collect(),
            failures: listing
                .failures
                .into_iter()
                .map(|(path, failure)| (format!("file:{}", path.display()), failure))
                .collect(),
            ..Start::default()
        }
    }

    /// The YAML files of a folder, or those that a pattern means.
    fn list_files(&self, target: &str) -> Result<files::Listing, ReadFailure> {
        let folder = Path::new(base_of(target));
        let root = self.tree.clone().unwrap_or_else(|| folder.to_path_buf());
        let mut listing = files::list(folder, &root)?;
        if is_file_pattern(target) {
            let glob = GlobBuilder::new(target)
                .literal_separator(true)
                .build()
                .map_err(|error| {
                    ReadFailure::new(
                        "bad-pattern",
                        format!("{target} is not a pattern for paths: {error}"),
                        "use `*`, `**` and `{a,b}`",
                    )
                })?;
            let glob = glob.compile_matcher();
            listing.files.retain(|path| glob.is_match(path));
        }
        Ok(listing)
    }

    /// What a place with wildcards leads to, with the commit. `None` for a
    /// place that is one file.
    pub(crate) async fn expand(
        &self,
        todo: &Todo,
    ) -> Option<Result<(Vec<Todo>, Option<String>), ReadFailure>> {
        let (kind, target) = (todo.location.location_type(), todo.location.target());
        let found = match kind {
            "url" => self
                .session
                .as_ref()?
                .expand(target)
                .await?
                .map(|(urls, commit)| {
                    let places = urls
                        .iter()
                        .filter_map(|url| LocationRef::new("url", url).ok())
                        .collect();
                    (places, Some(commit))
                }),
            "git" => repository::expand(self.session.as_ref()?, target)
                .await?
                .map(|(places, commit)| (places, Some(commit))),
            "file" if is_file_pattern(target) => self.list_files(target).map(|listing| {
                (
                    listing
                        .files
                        .iter()
                        .filter_map(|path| file_location(path).ok())
                        .collect(),
                    None,
                )
            }),
            _ => return None,
        };
        Some(found.and_then(|(places, revision): (Vec<LocationRef>, _)| {
            if places.is_empty() {
                return Err(ReadFailure::new(
                    "not-found",
                    format!(
                        "NotFoundError: Unable to read {kind}, no matching files found for {target}"
                    ),
                    "correct the pattern, or remove what refers to it",
                )
                .gone());
            }
            let todos = places.into_iter().map(|location| Todo {
                location,
                listed: true,
                hint: None,
                ..todo.clone()
            });
            Ok((todos.collect(), revision))
        }))
    }

    /// The path of a single file of this machine that may be read.
    pub(crate) fn local(&self, location: &LocationRef) -> Option<PathBuf> {
        let target = location.target();
        let file = location.location_type() == "file" && self.tree.is_some();
        (file && !is_file_pattern(target)).then(|| PathBuf::from(target))
    }

    /// Reads one place.
    pub(crate) async fn read(&self, location: &LocationRef) -> Result<Content, ReadFailure> {
        match location.location_type() {
            "file" => {
                let path = PathBuf::from(location.target());
                let Some(root) = self.tree.clone() else {
                    return Err(ReadFailure::new(
                        "file-from-elsewhere",
                        format!(
                            "{location} is a file of this machine; only a file source may lead to it"
                        ),
                        "register the file itself, or refer to it by a path relative to its repository",
                    ));
                };
                tokio::task::spawn_blocking(move || files::read(&path, &root))
                    .await
                    .unwrap_or_else(|error| {
                        Err(ReadFailure::new(
                            "internal",
                            error.to_string(),
                            "report this as a bug",
                        ))
                    })
            }
            "url" => self.session()?.read(location.target()).await,
            "git" => repository::read(self.session()?, location.target()).await,
            other => Err(ReadFailure::new(
                "unknown-location-type",
                format!(
                    "No processor was able to read {other}:{}",
                    location.target()
                ),
                "use the type `file`, `url` or `git`",
            )),
        }
    }

    /// `target` as it is meant at `base`, of the same type.
    pub(crate) fn resolve(
        &self,
        base: &LocationRef,
        target: &str,
    ) -> Result<LocationRef, ReadFailure> {
        let absolute = match Address::of(target) {
            Address::Path => false,
            Address::Web => true,
            Address::File if base.location_type() == "file" => {
                return Err(ReadFailure::new(
                    "file-url",
                    format!("{target} is not relative to {base}"),
                    "write a path relative to the file, such as ./openapi.yaml",
                ));
            }
            Address::File | Address::Other => return Err(no_address(target)),
        };
        let resolved = match base.location_type() {
            _ if absolute => LocationRef::new("url", target),
            "file" => {
                let root = self.tree.as_deref();
                let path = match (target.strip_prefix('/'), root) {
                    (Some(_), _)
                        if root.is_some_and(|root| Path::new(target).starts_with(root)) =>
                    {
                        PathBuf::from(target)
                    }
                    // As on code hosts, a leading slash is the root of the tree.
                    (Some(rest), Some(root)) => root.join(rest),
                    _ => files::resolve(Path::new(base.target()), target),
                };
                return file_location(&path);
            }
            "git" => return repository::resolve(base.target(), target),
            _ => LocationRef::new(
                "url",
                &self.session()?.web().resolve(base.target(), target)?,
            ),
        };
        resolved.map_err(|error| bad_location(&error))
    }

    /// A `$text`, `$json` or `$yaml` reference at `base`. As in Backstage it
    /// stays in its repository: what another one holds would be read with the
    /// catalog's credential and shown to everybody who sees the catalog.
    pub(crate) fn substitution(
        &self,
        base: &LocationRef,
        reference: &str,
    ) -> Result<LocationRef, ReadFailure> {
        let target = self.resolve(base, reference)?;
        let Some(to) = self.repository_of(&target) else {
            return Ok(target);
        };
        let allowed = match (self.repository_of(base), base.location_type()) {
            (Some(from), _) => from.same_repository(&to),
            // What lies on this machine is the operator's own.
            (None, "url") => false,
            (None, "git") => matches!(
                Remote::parse(Target::parse(base.target()).remote),
                Ok(Remote::Local(_))
            ),
            (None, _) => true,
        };
        if allowed {
            return Ok(target);
        }
        Err(ReadFailure::new(
            "other-repository",
            format!(
                "{} is in another repository ({}/{}) than the file that refers to it",
                target.target(),
                to.host,
                to.slug()
            ),
            "copy the file into the same repository, or register the other repository and refer to its entity",
        ))
    }

    fn repository_of(&self, location: &LocationRef) -> Option<ScmUrl> {
        let web = self.session.as_ref()?.web();
        match location.location_type() {
            "git" => Target::parse(location.target()).on_the_web(web),
            _ => {
                web.integrations.kind_of(location.target())?;
                web.integrations.parse(location.target()).ok()
            }
        }
    }

    /// A target of another type than its Location's own.
    pub(crate) fn foreign(
        &self,
        own: &str,
        kind: &str,
        target: &str,
    ) -> Result<LocationRef, ReadFailure> {
        if kind != "url" {
            return Err(ReadFailure::new(
                "location-type",
                format!("A Location read from type {own} may not lead to type {kind}"),
                "leave spec.type out, or set it to url",
            ));
        }
        if let Address::File | Address::Other = Address::of(target) {
            return Err(no_address(target));
        }
        LocationRef::new(kind, target).map_err(|error| bad_location(&error))
    }
}

fn file_location(path: &Path) -> Result<LocationRef, ReadFailure> {
    LocationRef::new("file", &path.to_string_lossy()).map_err(|error| bad_location(&error))
}

fn bad_location(error: &LocationRefError) -> ReadFailure {
    ReadFailure::new("bad-location", error.to_string(), error.accepted())
}

/// The folder of this machine that a source may read in; none for other types.
pub(crate) fn tree_of(source: &Source) -> Option<PathBuf> {
    (source.location.location_type() == "file")
        .then(|| files::tree_around(Path::new(base_of(source.location.target()))))
}

/// The part of a path before the first component with a wildcard.
fn base_of(target: &str) -> &str {
    match target.find(['*', '?', '{']) {
        Some(at) if !Path::new(target).exists() => {
            let (before, _) = target.split_at_checked(at).unwrap_or((target, ""));
            before.rsplit_once('/').map_or(
                ".",
                |(folder, _)| if folder.is_empty() { "/" } else { folder },
            )
        }
        _ => target,
    }
}

/// The place below which a location with wildcards looks, as a location.
pub(crate) fn folder_of_pattern(location: &str) -> Option<&str> {
    let at = location.find(['*', '?', '{'])?;
    let (before, _) = location.split_at_checked(at)?;
    before.rsplit_once('/').map(|(folder, _)| folder)
}

fn is_file_pattern(target: &str) -> bool {
    target.contains(['*', '?', '{']) && !Path::new(target).exists()
}

/// The Location entity that Backstage generates for a location, with the two
/// managed-by annotations.
pub(crate) fn location_entity(
    entity_ref: &EntityRef,
    location: &LocationRef,
    required: bool,
    (managed_by, origin): (&str, &str),
) -> Option<Entity> {
    let mut json = json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {
            "name": entity_ref.name(),
            "namespace": "default",
            "annotations": {
                "backstage.io/managed-by-location": managed_by,
                "backstage.io/managed-by-origin-location": origin,
            },
        },
        "spec": { "type": location.location_type(), "target": location.target() },
    });
    if location.location_type() == "url"
        && let Some(annotations) = json
            .pointer_mut("/metadata/annotations")
            .and_then(Value::as_object_mut)
    {
        annotations.insert("backstage.io/view-url".into(), location.target().into());
    }
    if let Some(spec) = json
        .get_mut("spec")
        .and_then(Value::as_object_mut)
        .filter(|_| !required)
    {
        spec.insert("presence".into(), "optional".into());
    }
    Entity::from_json(json).ok()
}

impl Candidate {
    /// Whether a row of another source is the very same thing: two sources
    /// may read one file, and both then stand on the same Location.
    pub(crate) fn is_also(&self, row: &EntityRow) -> bool {
        let made = self.line == 0 && row.place.line == 0 && self.entity_ref.kind() == "location";
        made || self.location == row.place.location
    }

    /// An entity that stands in no file.
    pub(crate) fn made(entity: Entity, location: String, parent: Option<EntityRef>) -> Self {
        Self {
            entity_ref: entity.entity_ref(),
            entity,
            location,
            line: 0,
            column: 0,
            parent,
            revision: None,
            remarks: Vec::new(),
            sboms: Vec::new(),
            document: None,
        }
    }
}
