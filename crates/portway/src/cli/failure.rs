//! How a command says that it did not work: `error:`, `cause:` and `fix:` on
//! standard error, or one JSON object with `-o json`.

use serde_json::json;

use super::exit::Exit;
use super::texts::Lang;

/// Why a command ends without success. `server::up` may return one inside its
/// `anyhow::Error` to choose exit code, cause and fix itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) cause: Option<String>,
    pub(super) fix: Option<String>,
    pub(super) request_id: Option<String>,
    /// Everything has been said already; only the exit code is left.
    pub(super) silent: bool,
}

impl Failure {
    /// A sentence and the exit code that belongs to it.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            cause: None,
            fix: None,
            request_id: None,
            silent: false,
        }
    }

    /// Ends with a code and prints nothing more.
    pub(super) fn code_only(exit: Exit) -> Self {
        Self {
            silent: true,
            ..Self::new(exit, "")
        }
    }

    /// Findings in files, each with its place; the first one leads.
    pub(super) fn from_diagnostics(exit: Exit, found: &[model::Diagnostic]) -> Self {
        let Some((first, rest)) = found.split_first() else {
            return Self::new(exit, "");
        };
        let place = |finding: &model::Diagnostic| match (&finding.file, finding.line) {
            (Some(file), 0) => format!("{file}: "),
            (Some(file), line) => format!("{file}:{line}:{}: ", finding.column),
            (None, _) => String::new(),
        };
        let rest: Vec<String> = rest
            .iter()
            .map(|finding| format!("\n{}{}", place(finding), finding.message))
            .collect();
        let mut failure = Self::new(
            exit,
            format!("{}{}{}", place(first), first.message, rest.concat()),
        );
        failure.cause = first
            .accepted
            .as_ref()
            .map(|accepted| format!("accepted would be {accepted}"));
        failure.fix.clone_from(&first.fix);
        failure
    }

    /// Says why.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The lines for people. Labels are translated, codes are not.
    pub(super) fn to_text(&self, lang: Lang) -> String {
        let labels = lang.pick((
            ["error", "cause", "fix", "id"],
            ["오류", "원인", "해결", "요청"],
        ));
        let rows = [
            Some(&self.message),
            self.cause.as_ref(),
            self.fix.as_ref(),
            self.request_id.as_ref(),
        ];
        let mut text = String::new();
        for (label, row) in labels.iter().zip(rows) {
            let Some(row) = row else { continue };
            text.push_str(&format!(
                "{label}: {}\n",
                row.trim_end().replace('\n', "\n  ")
            ));
        }
        text
    }

    /// The object for programs.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let retryable = matches!(self.exit, Exit::Unavailable | Exit::TimedOut);
        json!({"error": {
            "code": self.exit.name(),
            "exitCode": self.exit.code(),
            "message": self.message,
            "cause": self.cause,
            "fix": self.fix,
            "retryable": retryable,
            "requestId": self.request_id,
        }})
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
