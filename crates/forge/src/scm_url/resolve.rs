//! A reference inside a file, made absolute.

use percent_encoding::percent_decode_str;
use url::Url;

use super::parse::refuse_encoded_steps;
use super::{ScmUrl, UrlError, UrlKind};
use crate::kind::ForgeKind;

/// Resolves `reference`, as written in the file at `base`.
///
/// An absolute URL is returned as it is. `/x` starts at the root of the
/// repository (at the root of the host when `base` is not a file of a code
/// host), anything else at the directory of the file; the query of `base` is
/// kept. On GitHub the result has the `tree` form, which its readers use for
/// files and directories alike.
///
/// # Errors
/// Encoded steps, references that climb out of the repository, and characters
/// that URL parsers disagree on are refused.
pub fn resolve(reference: &str, base: &str, forge: Option<ForgeKind>) -> Result<String, UrlError> {
    if let Ok(absolute) = Url::parse(reference) {
        if matches!(absolute.scheme(), "https" | "http") {
            refuse_encoded_steps(reference)?;
        }
        return Ok(reference.to_owned());
    }
    refuse_ambiguous(reference)?;
    refuse_encoded_steps(reference)?;
    match ScmUrl::parse(base, forge) {
        Ok(file) if file.forge.is_some() && file.kind != UrlKind::Repository => {
            in_repository(reference, base, &file)
        }
        Ok(_) | Err(UrlError::NoRepository { .. }) => on_host(reference, base),
        Err(error) => Err(error),
    }
}

fn refuse_ambiguous(reference: &str) -> Result<(), UrlError> {
    let what = if reference.contains('\\') {
        "a backslash"
    } else if reference.chars().any(char::is_control) {
        "a control character"
    } else if reference.starts_with("//") {
        "a host without a scheme"
    } else {
        return Ok(());
    };
    Err(UrlError::Ambiguous {
        reference: reference.escape_debug().to_string(),
        what,
    })
}

fn in_repository(reference: &str, base: &str, file: &ScmUrl) -> Result<String, UrlError> {
    let written = reference.split(['?', '#']).next().unwrap_or_default();
    let mut steps: Vec<String> = if written.starts_with('/') {
        Vec::new()
    } else {
        let mut directory: Vec<String> = file.path.split('/').map(str::to_owned).collect();
        directory.pop();
        directory
    };
    if written.is_empty() {
        steps = file.path.split('/').map(str::to_owned).collect();
    }
    let mut at_directory = written.ends_with('/');
    for segment in written.split('/') {
        at_directory = segment.is_empty() || matches!(segment, "." | "..");
        match segment {
            "" | "." => {}
            ".." => {
                if steps.pop().is_none() {
                    return Err(UrlError::Escapes {
                        reference: reference.to_owned(),
                        base: base.to_owned(),
                    });
                }
            }
            name => steps.push(percent_decode_str(name).decode_utf8_lossy().into_owned()),
        }
    }
    steps.retain(|step| !step.is_empty());
    let mut path = steps.join("/");
    if at_directory && !written.is_empty() && !path.is_empty() {
        path.push('/');
    }
    let mut resolved = file.with_path(&path);
    if file.forge == Some(ForgeKind::GitHub) {
        resolved.kind = UrlKind::Tree;
    }
    // `./` at the root of the repository is a directory too.
    let root = at_directory && path.is_empty() && !written.is_empty();
    let query = resolved.query.take();
    let mut text = resolved.to_string();
    if root {
        text.push('/');
    }
    if let Some(query) = query {
        text.push('?');
        text.push_str(&query);
    }
    Ok(text)
}

/// A base that no code host serves: plain URL resolution, on the same host.
fn on_host(reference: &str, base: &str) -> Result<String, UrlError> {
    let not_a_url = |error: url::ParseError| UrlError::NotAWebUrl {
        url: base.to_owned(),
        reason: error.to_string(),
    };
    let base_url = Url::parse(base).map_err(not_a_url)?;
    let mut joined = base_url.join(reference).map_err(not_a_url)?;
    if joined.origin() != base_url.origin() {
        return Err(UrlError::Escapes {
            reference: reference.to_owned(),
            base: base.to_owned(),
        });
    }
    joined.set_query(base_url.query());
    joined.set_fragment(None);
    Ok(joined.to_string())
}
