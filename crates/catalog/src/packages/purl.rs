//! Package URLs (<https://github.com/package-url/purl-spec>):
//! `pkg:type/namespace/name@version?qualifiers#subpath`.

use std::fmt;

/// A package URL, taken apart. Qualifiers and subpath are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purl {
    /// Lower case: `maven`, `npm`, `golang`.
    pub kind: String,
    /// Decoded, may be empty: `org.apache.logging.log4j`, `@babel`.
    pub namespace: String,
    /// Decoded.
    pub name: String,
    /// Decoded, may be empty.
    pub version: String,
}

/// Why a text is no package URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurlError(&'static str);

impl fmt::Display for PurlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for PurlError {}

impl Purl {
    /// Reads a package URL.
    ///
    /// # Errors
    /// Without `pkg:`, a type or a name.
    pub fn parse(text: &str) -> Result<Self, PurlError> {
        let rest = text
            .trim()
            .strip_prefix("pkg:")
            .ok_or(PurlError("a package URL begins with `pkg:`"))?
            .trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
        let (kind, rest) = rest
            .split_once('/')
            .ok_or(PurlError("a package URL is written `pkg:type/name`"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        if kind.is_empty() || !kind.chars().all(plain) {
            return Err(PurlError(
                "the type of a package URL has letters, digits, `.`, `+` and `-`",
            ));
        }
        let rest = rest.trim_matches('/');
        // npm writes `%40scope/name@1`, some tools `@scope/name@1`.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !path.is_empty() && !version.contains('/') => (path, version),
            _ => (rest, ""),
        };
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = decoded(name);
        if name.is_empty() {
            return Err(PurlError("a package URL needs a name after its type"));
        }
        let namespace: Vec<String> = namespace
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decoded)
            .collect();
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: namespace.join("/"),
            name,
            version: decoded(version),
        })
    }

    /// The name as the people of its ecosystem write it.
    pub fn written(&self) -> String {
        written(&self.kind, &self.namespace, &self.name)
    }
}

/// `group:artifact` for Maven, `namespace/name` for others.
pub(super) fn written(kind: &str, namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        return name.to_owned();
    }
    let joint = if kind == "maven" { ':' } else { '/' };
    format!("{namespace}{joint}{name}")
}

/// What names are compared by: without casing, and for Python as PEP 503 says.
pub(super) fn folded(kind: &str, written: &str) -> String {
    let lower = written.to_lowercase();
    if kind == "pypi" {
        return normalized(&lower);
    }
    lower
}

/// PEP 503: runs of `-`, `_` and `.` are one `-`.
pub(super) fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut run = false;
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            run = true;
            continue;
        }
        if run {
            out.push('-');
            run = false;
        }
        out.push(c);
    }
    if run {
        out.push('-');
    }
    out
}

/// Percent-decoded; what is no UTF-8 then stays as it was.
fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|two| std::str::from_utf8(two).ok())
            .filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
