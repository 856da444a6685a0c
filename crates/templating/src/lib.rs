//! The expression and template language of golden paths: `${{ … }}`, `{% … %}`
//! and `{# … #}`, as Backstage's scaffolder renders them (Nunjucks 3.2.4's
//! language without loading of other templates, HTML escaping or JavaScript).
//!
//! ```text
//! text ─▶ scan (text, tags) ─▶ parse ─▶ tree ─▶ eval ─▶ text, or the value of a lone `${{ … }}`
//!                └▶ token ─▶ expression ┘        ├▶ coerce: what JavaScript makes of a value
//!                                                ├▶ filters, checks (`is …`), methods, globals
//!                                                └▶ limits: work, output, depth
//! ```
//!
//! What stays true:
//! - Values behave as in JavaScript (`1 + '1'` is `"11"`, `[]` is true, text is
//!   counted in UTF-16 units), since templates were written against that.
//! - A template sees the data it was given and the filters and functions that
//!   were registered, nothing else: no files, no clock, no network.
//! - Whatever the text is, rendering ends: work, output and depth have limits.
//!   A value that stands in many places counts at each of them; a text is
//!   counted before it is put together.
//! - An error names the line and the column.

mod ast;
mod checks;
mod coerce;
mod error;
mod eval;
mod expression;
mod filters;
mod globals;
mod limits;
mod methods;
mod parse;
mod rebind;
mod regex;
mod scan;
mod scope;
mod token;
mod value;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

pub use error::TemplateError;
pub use limits::Allowance;

/// A filter or function that the caller brings along. It gets its arguments
/// (for a filter, the value before the `|` first; `undefined` is `None`) and
/// answers a value, `None` for `undefined`, or what is wrong in words.
pub type Function = dyn Fn(&[Option<Json>]) -> Result<Option<Json>, String> + Send + Sync;

/// How a text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `{{ … }}` instead of `${{ … }}`, with `True`, `None`, `jsonify` and the
    /// methods that cookiecutter's templates use (`items()`, `append()` …).
    pub cookiecutter: bool,
    /// Takes one newline away behind each `{% … %}`.
    pub trim_blocks: bool,
    /// Takes the indentation away in front of a `{% … %}` that begins its line.
    pub lstrip_blocks: bool,
}

/// Renders texts. Cheap to clone, usable from any thread.
#[derive(Clone, Default)]
pub struct Engine {
    options: Options,
    filters: HashMap<String, Arc<Function>>,
    globals: HashMap<String, Arc<Function>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.options)
            .field("filters", &self.filters.keys())
            .field("globals", &self.globals.keys())
            .finish()
    }
}

impl Engine {
    /// An engine with the language's own filters and functions.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// Adds a filter, or replaces one of the language's own.
    #[must_use]
    pub fn with_filter(
        mut self,
        name: &str,
        run: impl Fn(&[Option<Json>]) -> Result<Option<Json>, String> + Send + Sync + 'static,
    ) -> Self {
        self.filters.insert(name.to_owned(), Arc::new(run));
        self
    }

    /// Adds a function that templates call by name.
    #[must_use]
    pub fn with_global(
        mut self,
        name: &str,
        run: impl Fn(&[Option<Json>]) -> Result<Option<Json>, String> + Send + Sync + 'static,
    ) -> Self {
        self.globals.insert(name.to_owned(), Arc::new(run));
        self
    }

    /// The names of all filters that a text may use, sorted.
    pub fn filter_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = filters::NAMES.to_vec();
        if self.options.cookiecutter {
            names.push("jsonify");
        }
        names.extend(self.filters.keys().map(String::as_str));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Renders `source` to text. `context` is an object with the names that the
    /// text may use.
    ///
    /// # Errors
    /// What is wrong, with line and column; or which limit was reached.
    pub fn render(&self, source: &str, context: &Json) -> Result<String, TemplateError> {
        let tree = parse::template(source, self.options)?;
        eval::Run::new(self, context).text(&tree)
    }

    /// As [`Engine::render`], for one of many texts that together take no more
    /// than `allowance`.
    ///
    /// # Errors
    /// As [`Engine::render`].
    pub fn render_within(
        &self,
        source: &str,
        context: &Json,
        allowance: &Allowance,
    ) -> Result<String, TemplateError> {
        let tree = parse::template(source, self.options)?;
        eval::Run::text_within(self, context, &tree, allowance)
    }

    /// The value of `source`: a text that is nothing but one `${{ … }}` keeps
    /// the type of its value (`None` is `undefined`), everything else is text.
    /// `NaN` and infinities have no JSON and become `null`.
    ///
    /// # Errors
    /// As [`Engine::render`].
    pub fn value(&self, source: &str, context: &Json) -> Result<Option<Json>, TemplateError> {
        let tree = parse::template(source, self.options)?;
        eval::Run::new(self, context).value(&tree)
    }

    /// Reads `source` without rendering it, and tells which names, filters and
    /// functions it uses. For checks of templates that nobody has run yet.
    ///
    /// # Errors
    /// What is wrong, with line and column. Filters that do not exist are no
    /// error here; they are listed.
    pub fn inspect(&self, source: &str) -> Result<Uses, TemplateError> {
        let tree = parse::template(source, self.options)?;
        Ok(ast::uses(&tree))
    }
}

/// What a text uses, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Paths that start at a name of the context, as far as they are constant:
    /// `parameters.name` is `["parameters", "name"]`.
    pub paths: Vec<Use<Vec<String>>>,
    /// Filters.
    pub filters: Vec<Use<String>>,
    /// Functions called by a plain name.
    pub calls: Vec<Use<String>>,
}

/// One use with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use<T> {
    /// What is used.
    pub what: T,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}
