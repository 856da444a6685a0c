//! Exit codes. A script may rely on them; `portway help exit-codes` prints
//! this list.

use super::texts::Lang;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// It worked, also when a list is empty.
    Success = 0,
    /// What was asked for did not work.
    Failed = 1,
    /// The command line is not valid.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// Nobody is signed in, or the token is not valid any more.
    SignIn = 4,
    /// Refused by a permission or a policy.
    Denied = 5,
    /// It clashes with what exists.
    Conflict = 6,
    /// It took longer than allowed.
    TimedOut = 7,
    /// Accepted, but not done yet.
    Pending = 8,
    /// The server cannot be reached.
    Unavailable = 9,
    /// Differences or findings, only with `--exit-code`.
    Findings = 10,
    /// Some of several things worked.
    Partial = 11,
    /// Interrupted with Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// All codes, smallest first.
    pub const ALL: [Self; 14] = [
        Self::Success,
        Self::Failed,
        Self::Usage,
        Self::NotFound,
        Self::SignIn,
        Self::Denied,
        Self::Conflict,
        Self::TimedOut,
        Self::Pending,
        Self::Unavailable,
        Self::Findings,
        Self::Partial,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The stable word that stands in JSON errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not-found",
            Self::SignIn => "sign-in-needed",
            Self::Denied => "denied",
            Self::Conflict => "conflict",
            Self::TimedOut => "timed-out",
            Self::Pending => "pending",
            Self::Unavailable => "unavailable",
            Self::Findings => "findings",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }

    /// What it means, with an example.
    pub(super) fn meaning(self, lang: Lang) -> &'static str {
        lang.pick(match self {
            Self::Success => (
                "success, also when a list is empty",
                "성공 (목록이 비어 있어도 성공)",
            ),
            Self::Failed => (
                "the operation failed, or documents have errors",
                "작업 실패 또는 문서에 오류가 있음",
            ),
            Self::Usage => ("the command line is not valid", "명령줄이 올바르지 않음"),
            Self::NotFound => (
                "there is no such thing, for example `get` by name",
                "대상을 찾을 수 없음 (예: 이름으로 `get`)",
            ),
            Self::SignIn => (
                "a token is needed, or it is not valid any more",
                "토큰이 필요하거나 더 이상 유효하지 않음",
            ),
            Self::Denied => (
                "refused by a permission or a policy",
                "권한 또는 정책에 의해 거부됨",
            ),
            Self::Conflict => (
                "it clashes with what exists, for example a location registered twice",
                "기존 대상과 충돌 (예: 이미 등록된 위치)",
            ),
            Self::TimedOut => ("it took longer than allowed", "허용된 시간을 초과함"),
            Self::Pending => (
                "accepted, but not done yet",
                "접수되었지만 아직 완료되지 않음",
            ),
            Self::Unavailable => (
                "the server cannot be reached; `portway doctor` finds out why",
                "서버에 연결할 수 없음 (`portway doctor`로 원인 확인)",
            ),
            Self::Findings => (
                "differences or findings, only with --exit-code",
                "차이 또는 지적 사항 있음 (--exit-code 사용 시에만)",
            ),
            Self::Partial => (
                "some of several things worked",
                "여러 작업 중 일부만 성공함",
            ),
            Self::Interrupted => ("interrupted with Ctrl-C", "Ctrl-C로 중단됨"),
            Self::Terminated => ("ended by SIGTERM", "SIGTERM으로 종료됨"),
        })
    }
}
