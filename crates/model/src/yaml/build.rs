//! From parser events to [`Node`] trees, under limits.

mod remarks;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::explain;
use super::node::{Entry, Mark, Node, NodeValue};
use super::scalar;
use super::split::{Piece, to_u32};
use super::{Limits, Spellings};
use crate::diagnostic::Diagnostic;
use crate::quoted::quoted;

/// Mappings up to this size look for duplicates by walking their entries.
const SMALL_MAPPING: usize = 16;

/// What came out of one piece. `root` is `None` for empty documents and after
/// an error that ended the reading.
pub(super) struct Built {
    pub root: Option<Node>,
    /// In the order of discovery, without a file.
    pub errors: Vec<Diagnostic>,
    /// In the order of discovery, without a file.
    pub warnings: Vec<Diagnostic>,
    pub spellings: Spellings,
}

/// Reads one document.
pub(super) fn build(piece: &Piece<'_>, limits: &Limits) -> Built {
    let mut builder = Builder {
        limits,
        first_line: piece.first_line,
        text: piece.text,
        lines: OnceCell::new(),
        stack: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        nodes: 0,
        errors: Vec::new(),
        warnings: Vec::new(),
        spellings: Spellings::new(),
        root_repeats: Vec::new(),
    };
    let mut parser = Parser::new_from_str(piece.text);
    while let Some(event) = parser.next_event() {
        let outcome = match event {
            Ok((event, span)) => builder.event(event, span.start),
            Err(error) => Err(builder.syntax(&error, piece.text)),
        };
        if let Err(problem) = outcome {
            // One mistake on one line is told once.
            let told = builder.errors.iter().any(|told| told.line == problem.line);
            if !told {
                builder.errors.push(*problem);
            }
            builder.root = None;
            break;
        }
    }
    builder.second_entity();
    Built {
        root: builder.root,
        errors: builder.errors,
        warnings: builder.warnings,
        spellings: builder.spellings,
    }
}

/// Boxed, because a diagnostic is much larger than the success case.
type Outcome = Result<(), Box<Diagnostic>>;

struct Builder<'a> {
    limits: &'a Limits,
    first_line: u32,
    text: &'a str,
    /// The lines of `text`, once somebody asks for one.
    lines: OnceCell<Vec<&'a str>>,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    /// Nodes made so far, copies for aliases included.
    nodes: usize,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    spellings: Spellings,
    /// Keys of the root that stand there again.
    root_repeats: Vec<(String, Mark)>,
}

/// A finished node that aliases may repeat.
struct Anchored {
    node: Node,
    /// Number of nodes in it.
    nodes: usize,
    /// Levels of containers in it.
    depth: usize,
}

/// A sequence or mapping that is still open.
struct Frame {
    mark: Mark,
    anchor: usize,
    /// `nodes` of the builder when the frame was opened.
    nodes_before: usize,
    /// Deepest container inside, counted from this frame.
    depth: usize,
    items: Items,
}

enum Items {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        /// The key whose value comes next.
        key: Option<(String, Mark)>,
        /// Keys and their marks, once the mapping is no longer small.
        seen: HashSet<String>,
    },
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, at: Marker) -> Outcome {
        let mark = self.mark(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(text, style, tag.as_deref(), mark);
                self.count(1, mark)?;
                let node = Node { mark, value };
                self.remember(anchor, &node, 1, 0, mark)?;
                self.push(node, 0, mark)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", mark);
                self.open(mark, anchor, Items::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", mark);
                let items = Items::Mapping {
                    entries: Vec::new(),
                    key: None,
                    seen: HashSet::new(),
                };
                self.open(mark, anchor, items)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, mark),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn mark(&self, at: Marker) -> Mark {
        let line = to_u32(at.line())
            .saturating_add(self.first_line)
            .saturating_sub(1);
        Mark::new(line, to_u32(at.col()).saturating_add(1))
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        mark: Mark,
    ) -> NodeValue {
        let Some(tag) = tag else {
            if style != ScalarStyle::Plain {
                return NodeValue::String(text.into_owned());
            }
            let value = scalar::plain(&text);
            self.note_spelling(&text, &value, mark);
            return value;
        };
        if let Some(suffix) = core_suffix(tag)
            && let Some(value) = scalar::tagged(suffix, &text)
        {
            return value;
        }
        if !is_non_specific(tag) {
            self.warn_about_tag(tag, mark);
        }
        NodeValue::String(text.into_owned())
    }

    fn check_collection_tag(&mut self, tag: Option<&Tag>, expected: &str, mark: Mark) {
        if let Some(tag) = tag
            && core_suffix(tag) != Some(expected)
            && !is_non_specific(tag)
        {
            self.warn_about_tag(tag, mark);
        }
    }

    fn warn_about_tag(&mut self, tag: &Tag, mark: Mark) {
        if self.warnings.len() >= self.limits.max_problems {
            return;
        }
        let name = match core_suffix(tag) {
            Some(suffix) => format!("!!{suffix}"),
            None => format!("{}{}", tag.handle, tag.suffix),
        };
        let name = quoted(&name);
        self.warnings.push(
            Diagnostic::warning(
                "yaml-unknown-tag",
                format!("the tag `{name}` is not known or does not fit; the value is read as if it were not there"),
            )
            .at(mark)
            .accepting("!!str, !!int, !!float, !!bool, !!null, !!seq and !!map")
            .fixed_by(format!("remove `{name}`, or put the value in quotes")),
        );
    }

    fn open(&mut self, mark: Mark, anchor: usize, items: Items) -> Outcome {
        self.count(1, mark)?;
        if self.stack.len() >= self.limits.max_depth {
            return Err(self.too_deep(mark));
        }
        self.stack.push(Frame {
            mark,
            anchor,
            nodes_before: self.nodes,
            depth: 1,
            items,
        });
        Ok(())
    }

    fn close(&mut self) -> Outcome {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let value = match frame.items {
            Items::Sequence(items) => NodeValue::Sequence(items),
            Items::Mapping { entries, .. } => NodeValue::Mapping(entries),
        };
        let node = Node {
            mark: frame.mark,
            value,
        };
        let nodes = self.nodes - frame.nodes_before + 1;
        self.remember(frame.anchor, &node, nodes, frame.depth, frame.mark)?;
        self.push(node, frame.depth, frame.mark)
    }

    fn alias(&mut self, anchor: usize, mark: Mark) -> Outcome {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Box::new(
                Diagnostic::error(
                    "yaml-alias-cycle",
                    "the alias refers to the value that holds it",
                )
                .at(mark)
                .accepting("an alias of a value that ended before this place")
                .fixed_by("write the value out instead of using an alias"),
            ));
        };
        let (nodes, depth) = (anchored.nodes, anchored.depth);
        if self.stack.len() + depth > self.limits.max_depth {
            return Err(self.too_deep(mark));
        }
        self.count_copy(nodes, mark)?;
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Ok(());
        };
        let mut node = anchored.node.clone();
        node.mark = mark;
        self.push(node, depth, mark)
    }

    fn remember(
        &mut self,
        anchor: usize,
        node: &Node,
        nodes: usize,
        depth: usize,
        mark: Mark,
    ) -> Outcome {
        if anchor == 0 {
            return Ok(());
        }
        // The copy costs memory like an expanded alias does.
        self.count_copy(nodes, mark)?;
        let node = node.clone();
        self.anchors.insert(anchor, Anchored { node, nodes, depth });
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn push(&mut self, node: Node, depth: usize, mark: Mark) -> Outcome {
        self.note_comment(&node);
        let template = self.unquoted_template(&node);
        let at_root = self.stack.len() == 1;
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.depth = frame.depth.max(depth + 1);
        match &mut frame.items {
            Items::Sequence(items) => items.push(node),
            Items::Mapping { entries, key, seen } => match key.take() {
                Some((key, key_mark)) => entries.push(Entry {
                    key,
                    key_mark,
                    value: node,
                }),
                None => {
                    let report = self.errors.len() < self.limits.max_problems;
                    let (text, problem) = read_key(entries, seen, &node, mark, report);
                    if at_root && problem.is_some() {
                        self.root_repeats.push((text.clone(), mark));
                    }
                    *key = Some((text, mark));
                    self.errors
                        .extend(problem.map(|problem| template.unwrap_or(problem)));
                }
            },
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, mark: Mark) -> Outcome {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.limits.max_nodes {
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::error(
                "yaml-too-many-nodes",
                format!(
                    "the document has more than {} values",
                    self.limits.max_nodes
                ),
            )
            .at(mark)
            .accepting(format!(
                "at most {} keys and values in one document",
                self.limits.max_nodes
            ))
            .fixed_by("split the document"),
        ))
    }

    fn count_copy(&mut self, nodes: usize, mark: Mark) -> Outcome {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.limits.max_nodes {
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::error(
                "yaml-alias-bomb",
                format!(
                    "the aliases of the document stand for more than {} values",
                    self.limits.max_nodes
                ),
            )
            .at(mark)
            .accepting(format!(
                "at most {} keys and values in one document once aliases are expanded",
                self.limits.max_nodes
            ))
            .fixed_by("remove aliases of values that hold aliases themselves"),
        ))
    }

    fn too_deep(&self, mark: Mark) -> Box<Diagnostic> {
        Box::new(too_deep(self.limits).at(mark))
    }

    fn syntax(&self, error: &ScanError, text: &str) -> Box<Diagnostic> {
        let at = *error.marker();
        if error.info() == "recursion limit exceeded" {
            return self.too_deep(self.mark(at));
        }
        let (problem, place) = explain::explain(error.info(), text, at.line(), at.col());
        let place = Mark::new(
            to_u32(place.0)
                .saturating_add(self.first_line)
                .saturating_sub(1),
            to_u32(place.1).saturating_add(1),
        );
        Box::new(problem.at(place))
    }
}

fn too_deep(limits: &Limits) -> Diagnostic {
    Diagnostic::error(
        "yaml-too-deep",
        format!(
            "the document is nested deeper than {} levels",
            limits.max_depth
        ),
    )
    .accepting(format!(
        "at most {} levels of lists and mappings",
        limits.max_depth
    ))
    .fixed_by("flatten the document")
}

/// The text of a key, and what is wrong with it. Without `report` the reason
/// is not looked for, because finding the first of two equal keys takes time.
fn read_key(
    entries: &[Entry],
    seen: &mut HashSet<String>,
    node: &Node,
    mark: Mark,
    report: bool,
) -> (String, Option<Diagnostic>) {
    let Some(text) = scalar::key_text(&node.value) else {
        return (String::new(), report.then(|| complex_key(node).at(mark)));
    };
    if is_new(entries, seen, &text) || !report {
        return (text, None);
    }
    let first = entries.iter().find(|entry| entry.key == text);
    let problem = first.map(|first| duplicate_key(&text, first.key_mark, mark));
    (text, problem)
}

/// Notes the key and says whether it is the first of its name.
fn is_new(entries: &[Entry], seen: &mut HashSet<String>, text: &str) -> bool {
    if entries.len() < SMALL_MAPPING {
        return !entries.iter().any(|entry| entry.key == text);
    }
    if seen.is_empty() {
        seen.extend(entries.iter().map(|entry| entry.key.clone()));
    }
    seen.insert(text.to_owned())
}

fn duplicate_key(key: &str, first: Mark, second: Mark) -> Diagnostic {
    let key = quoted(key);
    let fix = match key.strip_prefix('-') {
        Some(name) if name.starts_with(|c: char| c.is_alphabetic()) => {
            format!("write a space after each dash: `- {name}: …`")
        }
        _ => format!("remove or rename one of the two `{key}` keys"),
    };
    Diagnostic::error(
        "yaml-duplicate-key",
        format!(
            "the key `{key}` stands twice in the same mapping, on line {} and on line {}",
            first.line, second.line
        ),
    )
    .at(second)
    .accepting("every key once")
    .fixed_by(fix)
}

fn complex_key(node: &Node) -> Diagnostic {
    let braces = matches!(node.value, NodeValue::Mapping(_));
    let problem = Diagnostic::error(
        "yaml-complex-key",
        format!("a key must be a text, found {}", node.type_name()),
    )
    .accepting("a text, a number or true/false as key");
    if braces {
        problem.fixed_by(
            "put values that begin with `{` in quotes, for example \"${{ … }}\" or \"{{ … }}\"",
        )
    } else {
        problem.fixed_by("put values that begin with `[` in quotes, or use a text as key")
    }
}

/// The part after `tag:yaml.org,2002:`, however it was written.
fn core_suffix(tag: &Tag) -> Option<&str> {
    const CORE: &str = "tag:yaml.org,2002:";
    if tag.handle == CORE {
        Some(&tag.suffix)
    } else if tag.handle.is_empty() {
        tag.suffix.strip_prefix(CORE)
    } else {
        None
    }
}

/// `!` alone: a text, whatever it looks like.
fn is_non_specific(tag: &Tag) -> bool {
    (tag.handle.is_empty() && tag.suffix == "!") || (tag.handle == "!" && tag.suffix.is_empty())
}
