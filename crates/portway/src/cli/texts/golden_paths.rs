//! The help text of what runs golden paths.

/// As [`super::help::HELP`].
pub(super) const HELP: &[(&str, &str, &str)] = &[
    (
        "template list",
        "List the templates of the catalog",
        "카탈로그의 템플릿 목록",
    ),
    (
        "template run",
        "Run a template; prints the id of the task",
        "템플릿을 실행하고 작업 id를 출력",
    ),
    (
        "template run.name",
        "Name, namespace/name or reference of the template",
        "템플릿의 이름, namespace/name 또는 참조",
    ),
    (
        "template run.values",
        "YAML or JSON with the answers of the form",
        "입력값이 담긴 YAML 또는 JSON",
    ),
    (
        "template run.set",
        "One answer; read as JSON where it is JSON, as text otherwise",
        "값 하나 (JSON이면 JSON으로, 아니면 텍스트로 읽음)",
    ),
    (
        "template run.secret",
        "One secret for the steps; forgotten when the task ends",
        "단계에 넘길 비밀 값 하나 (작업이 끝나면 지워짐)",
    ),
    (
        "template run.watch",
        "Print the log until the task has ended",
        "작업이 끝날 때까지 로그 출력",
    ),
    (
        "template dry-run",
        "Try a template out without changing anything outside",
        "바깥을 바꾸지 않고 템플릿을 시험",
    ),
    (
        "template dry-run.name",
        "Name, namespace/name or reference of the template",
        "템플릿의 이름, namespace/name 또는 참조",
    ),
    (
        "template dry-run.values",
        "YAML or JSON with the answers of the form",
        "입력값이 담긴 YAML 또는 JSON",
    ),
    (
        "template dry-run.set",
        "One answer; read as JSON where it is JSON, as text otherwise",
        "값 하나 (JSON이면 JSON으로, 아니면 텍스트로 읽음)",
    ),
    (
        "task",
        "Follow, cancel and retry runs of templates",
        "템플릿 실행을 확인하고 취소하고 재시도",
    ),
    (
        "task list",
        "List the runs that you may see, the newest first",
        "볼 수 있는 실행 목록 (최신순)",
    ),
    (
        "task list.status",
        "Only these states: open, processing, waiting, completed, failed, cancelled",
        "이 상태만: open, processing, waiting, completed, failed, cancelled",
    ),
    ("task list.mine", "Only your own", "내 실행만"),
    ("task list.limit", "How many at most", "최대 개수"),
    (
        "task get",
        "Show a run with its steps, output and what it has left behind",
        "실행의 단계, 결과, 남은 것을 표시",
    ),
    ("task get.id", "Id of the run", "실행 id"),
    ("task logs", "Print the log of a run", "실행 로그 출력"),
    ("task logs.id", "Id of the run", "실행 id"),
    (
        "task logs.follow",
        "Go on until the run has ended",
        "실행이 끝날 때까지 계속 출력",
    ),
    ("task cancel", "Cancel a run", "실행 취소"),
    ("task cancel.id", "Id of the run", "실행 id"),
    (
        "task retry",
        "Run again from the step that failed",
        "실패한 단계부터 다시 실행",
    ),
    ("task retry.id", "Id of the run", "실행 id"),
    (
        "task retry.secret",
        "One secret; those of before are forgotten",
        "비밀 값 하나 (이전 값은 지워짐)",
    ),
    (
        "task retry.from_start",
        "Begin anew instead",
        "처음부터 다시 실행",
    ),
    (
        "task retry.watch",
        "Print the log until the run has ended",
        "실행이 끝날 때까지 로그 출력",
    ),
];
