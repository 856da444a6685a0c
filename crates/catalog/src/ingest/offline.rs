//! The same reading without a server: files of this machine only, and nothing
//! is stored. What a catalog would refuse is refused, at the same places.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::entity::Entity;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use model::yaml::Node;

use super::content::{Content, Links, Todo};
use super::digest::{Candidate, Context, Digest, digest, read_and_digest};
use super::read::Reader;
use super::{Ingestion, Rules};
use crate::place::shown;
use crate::source::{Origin, Source, SourceState, generated_location_ref};

/// More files than this are not one catalog.
const MAX_FILES: usize = 200_000;

/// What checking files found.
#[derive(Debug, Default)]
pub struct FileCheck {
    /// How many files were to be read.
    pub files: usize,
    /// What could be taken into a catalog.
    pub entities: Vec<CheckedEntity>,
    /// What is wrong, in the order of the walk, each with file and place.
    pub problems: Vec<Diagnostic>,
}

/// A valid entity and where it is written.
#[derive(Debug)]
pub struct CheckedEntity {
    /// The entity, with its substitutions made.
    pub entity: Entity,
    /// The path of its file.
    pub file: String,
    /// Its document, with the places of everything in it.
    pub document: Node,
}

impl Ingestion {
    /// Reads each of the absolute `paths` (a file or a folder) as a source of
    /// its own, with what its Locations and substitutions lead to, and stores
    /// nothing. As with a server no source leaves its own tree; what is not on
    /// this machine is left out. `progress` is told how many files are read
    /// and how many are known.
    pub async fn check_files(
        kinds: Arc<Kinds>,
        paths: &[PathBuf],
        mut progress: impl FnMut(usize, usize),
    ) -> FileCheck {
        let mut check = FileCheck::default();
        let mut asked = HashSet::new();
        for path in paths {
            let Ok(location) = LocationRef::new("file", &path.to_string_lossy()) else {
                continue;
            };
            let source = passing(location);
            let context = context(&kinds, Reader::offline(&source), source);
            let start = context.reader.start(&context.source, &kinds).await;
            for (place, failure) in start.failures {
                check
                    .problems
                    .push(failure.diagnostic.in_file(shown(&place)));
            }
            let mut queue = VecDeque::from(start.todos);
            while let Some(todo) = queue.pop_front() {
                let wanted = context.reader.reaches(&todo.location)
                    && asked.len() < MAX_FILES
                    && asked.insert(todo.location.to_string());
                if wanted {
                    queue.extend(check.visit(&context, todo).await);
                    progress(check.files, check.files.saturating_add(queue.len()));
                }
            }
        }
        check
    }

    /// Checks a text that is no file, such as standard input. References to
    /// other files are left as they are. `name` stands for the file.
    pub async fn check_text(kinds: Arc<Kinds>, name: &str, bytes: Vec<u8>) -> FileCheck {
        let mut check = FileCheck::default();
        let Ok(location) = LocationRef::new("file", name) else {
            return check;
        };
        let context = context(&kinds, Reader::nowhere(), passing(location.clone()));
        let content = Content {
            bytes,
            revision: None,
            links: Links::default(),
        };
        check.files = 1;
        check.take(digest(context, Todo::required(location), content).await);
        check
    }
}

impl FileCheck {
    /// Reads a place; answers what it leads to.
    async fn visit(&mut self, context: &Arc<Context>, todo: Todo) -> Vec<Todo> {
        if let Some(found) = context.reader.expand(&todo).await {
            match found {
                Ok((children, _)) => return children,
                Err(failure) if failure.gone && !todo.required => {}
                Err(failure) => self.problems.push(todo.problem(failure).1),
            }
            return Vec::new();
        }
        match read_and_digest(context, &todo).await {
            Ok(digest) => {
                self.files += 1;
                return self.take(digest);
            }
            Err(failure) if failure.gone && !todo.required => {}
            Err(failure) => {
                self.files += 1;
                self.problems.push(todo.problem(failure).1);
            }
        }
        Vec::new()
    }

    fn take(&mut self, digest: Digest) -> Vec<Todo> {
        let problems = digest.problems.into_iter().map(|(problem, _)| problem);
        self.problems.extend(problems);
        let entities = digest.candidates.into_iter().filter_map(checked);
        self.entities.extend(entities);
        digest.children
    }
}

fn checked(candidate: Candidate) -> Option<CheckedEntity> {
    Some(CheckedEntity {
        file: shown(&candidate.location).to_owned(),
        document: *candidate.document?,
        entity: candidate.entity,
    })
}

fn context(kinds: &Arc<Kinds>, reader: Reader, source: Source) -> Arc<Context> {
    Arc::new(Context {
        kinds: Arc::clone(kinds),
        rules: Arc::new(Rules::everything()),
        reader: Arc::new(reader),
        source,
        sboms: HashMap::new(),
        // The configuration of the catalog is not at hand.
        tiers: None,
        started: None,
        keep_documents: true,
    })
}

/// A source that no catalog knows.
fn passing(location: LocationRef) -> Source {
    Source {
        id: String::new(),
        entity_ref: generated_location_ref(&location),
        location,
        origin: Origin::Path,
        created_at: Timestamp::UNIX_EPOCH,
        created_by: String::new(),
        state: SourceState::default(),
    }
}
