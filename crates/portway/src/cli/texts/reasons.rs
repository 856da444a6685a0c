//! Why Portway accepts a configuration key without using it, in Korean. The
//! English sentences are those of `platform::config::ignored_reasons`.

use super::Lang;

/// The reason in a language; one without a translation stays as it is.
pub(in crate::cli) fn reason(english: &'static str, lang: Lang) -> &'static str {
    let korean = REASONS
        .iter()
        .find(|(known, _)| *known == english)
        .map_or(english, |(_, korean)| korean);
    lang.pick((english, korean))
}

pub(super) const REASONS: &[(&str, &str)] = &[
    (
        "read by a capability that is not part of this version",
        "이 버전에 없는 기능의 설정",
    ),
    (
        "belongs to a Backstage plugin that Portway does not have",
        "Portway에 없는 Backstage 플러그인의 설정",
    ),
    (
        "no client for this kind of source in this version",
        "이 버전은 이 종류의 소스를 읽지 못함",
    ),
    (
        "the portal is rendered on the server; this configures Backstage's React front end",
        "포털은 서버에서 그려짐 (Backstage의 React 화면 설정)",
    ),
    (
        "the portal is named by organization.name",
        "포털 이름은 organization.name을 따름",
    ),
    (
        "the portal and the API are both at backend.baseUrl",
        "포털과 API가 모두 backend.baseUrl에 있음",
    ),
    (
        "the portal and the API are on one port",
        "포털과 API가 한 포트에 있음",
    ),
    (
        "everything is in one database, which Portway migrates itself",
        "모두 한 데이터베이스에 있고 Portway가 직접 마이그레이션함",
    ),
    (
        "add the certificate to the system's trust store",
        "인증서는 시스템 신뢰 저장소에 추가",
    ),
    (
        "every route keeps its permission; guest sign-in lets people of this machine in",
        "모든 경로의 권한은 유지됨 (이 컴퓨터의 사용자는 게스트 로그인)",
    ),
    (
        "conditions are the scopes of bindings; this decides nothing here",
        "조건은 바인딩의 범위로 정하며 이 키는 적용되지 않음",
    ),
    (
        "Portway signs its own tokens",
        "토큰은 Portway가 직접 서명함",
    ),
    (
        "Portway needs no such setting to sign people in",
        "로그인에 필요 없는 설정",
    ),
    (
        "guests may sign in from this machine only",
        "게스트는 이 컴퓨터에서만 로그인",
    ),
    (
        "the content security policy is fixed and stricter",
        "콘텐츠 보안 정책은 고정되어 있고 더 엄격함",
    ),
    ("no separate cache is needed", "별도 캐시가 필요 없음"),
    (
        "put a TLS proxy in front; Portway speaks plain HTTP",
        "앞에 TLS 프록시를 두어야 함 (Portway는 HTTP만 사용)",
    ),
    (
        "PORTWAY_LOG and PORTWAY_LOG_FORMAT decide what is logged",
        "로그는 PORTWAY_LOG와 PORTWAY_LOG_FORMAT으로 정함",
    ),
    (
        "every change is an event in the log; nothing has to be switched on",
        "모든 변경이 이벤트로 기록됨 (켤 것이 없음)",
    ),
    (
        "this has no settings in Portway",
        "Portway에는 이 설정이 없음",
    ),
    (
        "backend.limits.rates has rates for each class of route",
        "backend.limits.rates에서 경로 종류별로 정함",
    ),
    (
        "only the fields origin, methods, headers, credentials and maxAge of CORS are read",
        "CORS에서는 origin, 메서드, 헤더, credentials, maxAge만 읽음",
    ),
    (
        "list the proxies themselves under backend.trustedProxies",
        "backend.trustedProxies에 프록시 주소를 적음",
    ),
    (
        "requests are budgeted per credential, and pages are as large as the host allows",
        "요청 수는 자격 증명별로 관리하고, 페이지는 호스트가 허용하는 최대 크기",
    ),
    (
        "files are read from Git, one fetch per repository and commit",
        "파일은 Git에서 저장소와 커밋마다 한 번 가져옴",
    ),
    (
        "GitHub Apps sign in to nothing in this version; use `token` and `organization`",
        "이 버전은 GitHub App을 쓰지 않음 (`token`과 `organization` 사용)",
    ),
    ("a location is registered by its URL", "위치는 URL로 등록"),
    (
        "a provider that is removed takes its entities along, after confirmation when they are many",
        "공급자를 지우면 엔티티도 지워짐 (많으면 확인 후)",
    ),
    (
        "the request says it: `onConflict=refresh`",
        "요청에서 지정: `onConflict=refresh`",
    ),
    (
        "sources are read again when they change, and on their own schedule",
        "소스는 바뀔 때와 각자의 일정에 다시 읽음",
    ),
    (
        "the work queue runs each source when it is due, with leases and time limits",
        "작업 큐가 소스마다 때맞춰 실행함 (임대와 시간 제한 포함)",
    ),
    (
        "processing is not made of pluggable processors",
        "처리는 플러그인 방식 프로세서로 이루어지지 않음",
    ),
    (
        "use catalog.providers, which replaced these processors",
        "이 프로세서를 대체한 catalog.providers 사용",
    ),
    (
        "remove the provider's section to switch it off",
        "끄려면 공급자의 섹션을 삭제",
    ),
    (
        "relations always carry `targetRef`",
        "관계에는 항상 `targetRef`가 있음",
    ),
    (
        "signed webhooks refresh their source at once",
        "서명된 웹훅이 소스를 바로 새로 고침",
    ),
    (
        "every list of the portal is paged",
        "포털의 모든 목록은 페이지로 나뉨",
    ),
    (
        "users without a seat are members like all others",
        "시트가 없는 사용자도 같은 구성원",
    ),
    (
        "the entity of Portway's own API comes with the demo organisation",
        "Portway 자체 API 엔티티는 데모 조직에 포함",
    ),
    (
        "webhooks need a secret only: events.modules.<github|gitlab|gitea>.webhookSecret",
        "웹훅에는 비밀 값만 필요: events.modules.<github|gitlab|gitea>.webhookSecret",
    ),
];
