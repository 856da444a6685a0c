//! Ranges of versions: `<2.17.1`, `>=2.0 <2.17.1`, `[2.0,2.17.1)`,
//! alternatives with `||`.

use std::cmp::Ordering;
use std::fmt;

use super::maven::Maven;
use super::pep440::Python;
use super::plain::Plain;

/// Longer ranges and more conditions are a mistake.
const MAX_CHARS: usize = 500;
const MAX_CONDITIONS: usize = 50;

/// A set of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// One of these, each of which is fulfilled by all of its conditions.
    alternatives: Vec<Vec<Condition>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

/// Whether a version is in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Inside,
    /// It is not.
    Outside,
    /// That cannot be said, for this reason.
    Unknown(Reason),
}

/// Why a version could not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The SBOM gives no version.
    NoVersion,
    /// Distributions order versions by rules of their own (`deb`, `rpm`, `apk`).
    Distribution,
    /// The text has no order: a hash, a branch, a word.
    NoOrder,
}

impl Reason {
    /// The word that stands in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoVersion => "no-version",
            Self::Distribution => "distribution-version",
            Self::NoOrder => "no-order",
        }
    }
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeError(String);

impl RangeError {
    /// What would be accepted.
    pub const ACCEPTED: &'static str =
        "`2.14.1`, `<2.17.1`, `>=2.0 <2.17.1`, `[2.0,2.17.1)`, alternatives with `||`";
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RangeError {}

impl Range {
    /// Reads a range.
    ///
    /// # Errors
    /// For other operators, a missing version or too many conditions.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        if text.chars().count() > MAX_CHARS {
            return Err(RangeError(format!(
                "the range is longer than {MAX_CHARS} characters"
            )));
        }
        let mut alternatives = Vec::new();
        for part in text.split("||") {
            let part = part.trim();
            let conditions = if part.starts_with(['[', '(']) {
                interval(part)?
            } else {
                conditions(part)?
            };
            if conditions.is_empty() {
                return Err(RangeError("a range without a version".to_owned()));
            }
            alternatives.push(conditions);
        }
        if alternatives.iter().map(Vec::len).sum::<usize>() > MAX_CONDITIONS {
            return Err(RangeError(format!(
                "the range has more than {MAX_CONDITIONS} conditions"
            )));
        }
        Ok(Self { alternatives })
    }

    /// Whether a version of an ecosystem (a purl type, may be empty) is in it.
    pub fn holds(&self, ecosystem: &str, version: &str) -> Verdict {
        if version.is_empty() {
            return Verdict::Unknown(Reason::NoVersion);
        }
        let mut unknown = None;
        for conditions in &self.alternatives {
            match all(conditions, ecosystem, version) {
                Verdict::Inside => return Verdict::Inside,
                Verdict::Outside => {}
                Verdict::Unknown(why) => unknown = Some(why),
            }
        }
        unknown.map_or(Verdict::Outside, Verdict::Unknown)
    }
}

fn all(conditions: &[Condition], ecosystem: &str, version: &str) -> Verdict {
    let mut unknown = None;
    for condition in conditions {
        match condition.holds(ecosystem, version) {
            Verdict::Inside => {}
            Verdict::Outside => return Verdict::Outside,
            Verdict::Unknown(why) => unknown = Some(why),
        }
    }
    unknown.map_or(Verdict::Inside, Verdict::Unknown)
}

impl Condition {
    fn holds(&self, ecosystem: &str, version: &str) -> Verdict {
        let order = match compare(ecosystem, version, &self.version) {
            Ok(order) => order,
            // The same text is the same version in every order.
            Err(_) if version == self.version => Ordering::Equal,
            Err(_) if self.operator == Operator::Equal => return Verdict::Outside,
            Err(_) if self.operator == Operator::NotEqual => return Verdict::Inside,
            Err(why) => return Verdict::Unknown(why),
        };
        let inside = match self.operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Greater => order.is_gt(),
        };
        if inside {
            Verdict::Inside
        } else {
            Verdict::Outside
        }
    }
}

/// The order of two versions of an ecosystem.
fn compare(ecosystem: &str, a: &str, b: &str) -> Result<Ordering, Reason> {
    match ecosystem {
        "maven" => Ok(Maven::parse(a).cmp(&Maven::parse(b))),
        "pypi" => match (Python::parse(a), Python::parse(b)) {
            (Some(a), Some(b)) => Ok(a.cmp(&b)),
            _ => Err(Reason::NoOrder),
        },
        "deb" | "rpm" | "apk" | "alpm" | "ebuild" => Err(Reason::Distribution),
        "oci" | "docker" => Err(Reason::NoOrder),
        _ => match (Plain::parse(a), Plain::parse(b)) {
            (Some(a), Some(b)) => Ok(a.cmp(&b)),
            _ => Err(Reason::NoOrder),
        },
    }
}

/// `>=2.0 <2.17.1`, also with commas, also with a blank after the operator.
fn conditions(text: &str) -> Result<Vec<Condition>, RangeError> {
    let mut found = Vec::new();
    let mut waiting = None;
    for word in text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
    {
        let (operator, version) = match waiting.take() {
            Some(operator) => (operator, word),
            None => operator_of(word),
        };
        if version.is_empty() {
            waiting = Some(operator);
            continue;
        }
        found.push(condition(operator, version)?);
    }
    if waiting.is_some() {
        return Err(RangeError(format!(
            "`{text}` ends with an operator; a version is missing behind it"
        )));
    }
    Ok(found)
}

fn operator_of(word: &str) -> (Operator, &str) {
    for (sign, operator) in [
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("!=", Operator::NotEqual),
        ("==", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
    ] {
        if let Some(version) = word.strip_prefix(sign) {
            return (operator, version);
        }
    }
    (Operator::Equal, word)
}

fn condition(operator: Operator, version: &str) -> Result<Condition, RangeError> {
    if version.starts_with(['<', '>', '=', '!', '^', '~']) {
        return Err(RangeError(format!(
            "`{version}` is no version; the operators are <, <=, =, !=, >= and >"
        )));
    }
    let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
    if ordered && !version.contains(|c: char| c.is_ascii_digit()) {
        return Err(RangeError(format!(
            "`{version}` is no version: it has no number"
        )));
    }
    Ok(Condition {
        operator,
        version: version.to_owned(),
    })
}

/// `[2.0,2.17.1)` as Maven and advisories write it.
fn interval(text: &str) -> Result<Vec<Condition>, RangeError> {
    let wrong = || {
        RangeError(format!(
            "`{text}` is no interval; it is written [from,to] or (from,to), with one end left out for no limit"
        ))
    };
    let opens = text.starts_with('[');
    let closes = text.ends_with(']');
    if !closes && !text.ends_with(')') {
        return Err(wrong());
    }
    let inner = text
        .strip_prefix(['[', '('])
        .and_then(|rest| rest.strip_suffix([']', ')']))
        .ok_or_else(wrong)?;
    let Some((from, to)) = inner.split_once(',') else {
        let version = inner.trim();
        if version.is_empty() || !opens || !closes {
            return Err(wrong());
        }
        return Ok(vec![condition(Operator::Equal, version)?]);
    };
    let (from, to) = (from.trim(), to.trim());
    if to.contains([',', '[', '(', ']', ')']) {
        return Err(wrong());
    }
    let mut found = Vec::new();
    if !from.is_empty() {
        let operator = if opens {
            Operator::GreaterOrEqual
        } else {
            Operator::Greater
        };
        found.push(condition(operator, from)?);
    }
    if !to.is_empty() {
        let operator = if closes {
            Operator::LessOrEqual
        } else {
            Operator::Less
        };
        found.push(condition(operator, to)?);
    }
    if found.is_empty() {
        return Err(wrong());
    }
    Ok(found)
}
