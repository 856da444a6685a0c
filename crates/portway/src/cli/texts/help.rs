//! The help text of every command and flag, in every language.

/// Key, English, Korean. A key is the command's path, then the name of the
/// flag: `get`, `get.owner`, `token create`. Global flags begin with a dot.
pub(super) const HELP: &[(&str, &str, &str)] = &[
    (
        "",
        "An internal developer platform and its portal in one program",
        "하나의 프로그램으로 된 내부 개발자 플랫폼과 포털",
    ),
    (".output", "How data is written", "데이터 출력 형식"),
    (
        ".server",
        "URL of the server; without it the one that runs on this machine",
        "서버 URL (없으면 이 컴퓨터에서 실행 중인 서버)",
    ),
    (
        ".token",
        "Token to send; better in PORTWAY_TOKEN, where the process list does not show it",
        "전송할 토큰 (프로세스 목록에 보이지 않는 PORTWAY_TOKEN 권장)",
    ),
    (".lang", "Language of messages", "메시지 언어"),
    (".color", "Colours", "색상"),
    (
        ".quiet",
        "No progress, hints and summaries",
        "진행 상황, 힌트, 요약을 출력하지 않음",
    ),
    (
        ".no_headers",
        "Tables and CSV without their first line",
        "표와 CSV에서 머리글을 생략",
    ),
    (
        ".exit_code",
        "Exit with 10 when there are findings or differences",
        "지적 사항이나 차이가 있으면 코드 10으로 종료",
    ),
    (
        ".timeout",
        "How long to wait for an answer of the server",
        "서버 응답 대기 시간(초)",
    ),
    (
        ".data",
        "Folder of Portway's own data",
        "Portway 데이터 디렉터리",
    ),
    (".help", "Print help", "도움말 출력"),
    (
        "up",
        "Start Portway: the portal, the API and the catalog of the given files",
        "Portway 시작: 포털, API, 지정한 파일의 카탈로그",
    ),
    (
        "up.paths",
        "Files and folders with entities; they are watched",
        "엔티티 파일과 디렉터리 (변경 감시)",
    ),
    (
        "up.demo",
        "Load the demo organisation and let guests in from this machine",
        "데모 조직을 불러오고 이 컴퓨터에서 게스트 로그인을 허용",
    ),
    (
        "up.listen",
        "Where to listen; 127.0.0.1:7007 unless the configuration says otherwise",
        "수신 주소 (기본 127.0.0.1:7007)",
    ),
    (
        "up.configs",
        "Configuration in the format of app-config.yaml; the last one wins",
        "app-config.yaml 형식의 설정 파일 (마지막이 우선)",
    ),
    (
        "up.database",
        "PostgreSQL or SQLite URL; without it a file in the data folder",
        "PostgreSQL 또는 SQLite URL (없으면 데이터 디렉터리의 파일)",
    ),
    (
        "up.env",
        "Read app-config.NAME.yaml as well",
        "app-config.NAME.yaml도 함께 읽음",
    ),
    (
        "validate",
        "Check files and folders without a server; `-` reads standard input",
        "서버 없이 파일과 디렉터리를 검사 (`-`는 표준 입력)",
    ),
    (
        "validate.paths",
        "Files and folders; the current folder when none is given",
        "파일과 디렉터리 (없으면 현재 디렉터리)",
    ),
    (
        "validate.configs",
        "Configuration whose own kinds (catalog.kinds) are accepted as well",
        "자체 종류(catalog.kinds)를 정의한 설정 파일",
    ),
    (
        "validate.no_references",
        "Do not check that references between the files lead somewhere",
        "파일 사이의 참조 확인을 생략",
    ),
    ("docs", "Documentation beside the code", "코드 곁의 문서"),
    (
        "docs check",
        "Check mkdocs.yml and pages without a server: links, headings, missing and unlisted pages",
        "서버 없이 mkdocs.yml과 페이지를 검사 (링크, 제목, 없는 페이지, 목차에 없는 페이지)",
    ),
    (
        "docs check.folder",
        "The folder that holds mkdocs.yml; the current folder when none is given",
        "mkdocs.yml이 있는 디렉터리 (없으면 현재 디렉터리)",
    ),
    (
        "get",
        "Show entities: `get components`, `get component pay-api`, `get api:default/pay`",
        "엔티티 조회: `get components`, `get component pay-api`",
    ),
    (
        "get.noun",
        "A kind (component, comp, api, resource, system, domain, group, team, user, location, template, all) or an entity reference",
        "종류(component, api, resource, system, domain, group, user, location, template, all) 또는 엔티티 참조",
    ),
    (
        "get.name",
        "Name or namespace/name of one entity",
        "엔티티 이름 또는 namespace/name",
    ),
    (
        "get.selector",
        "Label that has to match; several must all match",
        "일치해야 하는 레이블 (여러 개면 모두 일치)",
    ),
    (
        "get.filter",
        "Filter in Backstage's form, for example spec.type=service; several are alternatives",
        "Backstage 형식 필터 (예: spec.type=service), 여러 개면 하나 이상 일치",
    ),
    (
        "get.query",
        "Text that the name, title or description contains",
        "이름, 제목, 설명에 포함된 텍스트",
    ),
    ("get.namespace", "Only this namespace", "이 네임스페이스만"),
    (
        "get.owner",
        "Only what this group or user owns",
        "이 그룹 또는 사용자가 소유한 것만",
    ),
    (
        "get.sort",
        "Field to sort by, for example metadata.name",
        "정렬 기준 필드 (예: metadata.name)",
    ),
    (
        "get.limit",
        "At most this many; 0 means all",
        "최대 개수 (0은 전체)",
    ),
    (
        "get.columns",
        "Fields to show as columns",
        "열로 표시할 필드",
    ),
    (
        "get.at",
        "The catalog as it was at this time (RFC 3339)",
        "이 시각의 카탈로그 (RFC 3339)",
    ),
    (
        "owner",
        "Who owns an entity, through which groups, and how to reach them",
        "엔티티 소유자와 소속 그룹, 연락처",
    ),
    (
        "owner.entity",
        "Entity reference, for example component:default/pay-api",
        "엔티티 참조 (예: component:default/pay-api)",
    ),
    (
        "impact",
        "What breaks when an entity breaks",
        "엔티티 장애 시 영향을 받는 대상",
    ),
    ("impact.entity", "Entity reference", "엔티티 참조"),
    ("impact.depth", "How many steps to follow", "추적할 단계 수"),
    (
        "impact.direction",
        "What depends on it, or what it depends on",
        "의존하는 쪽 또는 의존 대상",
    ),
    (
        "path",
        "How two entities hang together",
        "두 엔티티 사이의 연결 경로",
    ),
    ("path.from", "Entity reference", "엔티티 참조"),
    ("path.to", "Entity reference", "엔티티 참조"),
    (
        "history",
        "Every version of an entity: who, when, which commit",
        "엔티티의 모든 버전: 누가, 언제, 어떤 커밋",
    ),
    ("history.entity", "Entity reference", "엔티티 참조"),
    (
        "history.diff",
        "Compare two versions, for example 3..5",
        "두 버전 비교 (예: 3..5)",
    ),
    (
        "packages",
        "Find the entities that hold a package, by owner",
        "패키지를 쓰는 엔티티를 소유자별로 조회",
    ),
    (
        "packages.name",
        "A word (log4j), a whole name (group:artifact, @scope/name), a pattern (log4j-*) or a package URL",
        "단어(log4j), 전체 이름(group:artifact, @scope/name), 패턴(log4j-*), 패키지 URL",
    ),
    (
        "packages.version",
        "Only these versions: <2.17.1, '>=2.0 <2.17.1', [2.0,2.17.1)",
        "버전 범위: <2.17.1, '>=2.0 <2.17.1', [2.0,2.17.1)",
    ),
    (
        "packages.ecosystem",
        "Only this ecosystem: maven, npm, pypi, golang",
        "생태계: maven, npm, pypi, golang",
    ),
    (
        "campaigns",
        "How far migrations have come; with a name, what remains of one",
        "마이그레이션 진행 상황 (이름을 주면 남은 대상)",
    ),
    (
        "campaigns.name",
        "Name or namespace/name of a campaign",
        "캠페인 이름 또는 namespace/name",
    ),
    (
        "register",
        "Add a file with entities to the catalog by its URL",
        "URL로 카탈로그에 위치 등록",
    ),
    (
        "register.target",
        "URL of a catalog-info.yaml",
        "catalog-info.yaml의 URL",
    ),
    (
        "register.dry_run",
        "Only say which entities would come",
        "등록될 엔티티만 확인",
    ),
    (
        "refresh",
        "Read the source of an entity again now",
        "엔티티의 원본을 지금 다시 읽음",
    ),
    ("refresh.entities", "Entity references", "엔티티 참조"),
    (
        "export",
        "Write entities as YAML, ready to be registered elsewhere",
        "다시 등록할 수 있는 YAML로 엔티티 내보내기",
    ),
    (
        "export.kinds",
        "Kinds to export; all when none is given",
        "내보낼 종류 (없으면 전체)",
    ),
    (
        "export.dir",
        "One file per entity in this folder instead of standard output",
        "표준 출력 대신 이 디렉터리에 엔티티별 파일로 저장",
    ),
    (
        "export.raw",
        "Keep what the server added: uid, etag, relations, status",
        "서버가 추가한 uid, etag, relations, status 유지",
    ),
    (
        "import",
        "Take over from other tools",
        "다른 도구에서 가져오기",
    ),
    (
        "import backstage",
        "Read a Backstage configuration: what is used, what is ignored and why",
        "Backstage 설정 읽기: 사용되는 항목, 무시되는 항목과 이유",
    ),
    (
        "import backstage.files",
        "app-config.yaml files; the last one wins",
        "app-config.yaml 파일 (마지막이 우선)",
    ),
    (
        "import backstage.apply",
        "Start Portway with this configuration",
        "이 설정으로 Portway 시작",
    ),
    (
        "import backstage.env",
        "Name of the environment, for example production",
        "환경 이름 (예: production)",
    ),
    (
        "login",
        "Sign in to a server as yourself, in a browser",
        "브라우저에서 서버에 본인으로 로그인",
    ),
    (
        "login.scope",
        "What this command line may do at most",
        "이 명령줄에 허용할 최대 범위",
    ),
    (
        "logout",
        "End this command line's login, here and on the server",
        "이 명령줄의 로그인을 서버에서도 종료",
    ),
    (
        "whoami",
        "Show as whom the server sees you",
        "서버가 인식하는 사용자 표시",
    ),
    (
        "account",
        "Accounts that Portway keeps itself",
        "Portway가 직접 관리하는 계정",
    ),
    (
        "account create",
        "Make an account; the link that sets its password is shown once",
        "계정 생성 (비밀번호를 정하는 링크는 한 번만 표시)",
    ),
    (
        "account create.name",
        "What its owner types; also the person's name in the catalog",
        "로그인할 때 쓰는 이름 (카탈로그의 사용자 이름과 같음)",
    ),
    (
        "account create.display_name",
        "What people read",
        "사람에게 보이는 이름",
    ),
    (
        "account create.admin",
        "Let the account do everything",
        "모든 권한을 부여",
    ),
    (
        "account reset",
        "Take password and recovery codes away, end its sessions, make a new link",
        "비밀번호와 복구 코드를 없애고 세션을 끝낸 뒤 새 링크 생성",
    ),
    ("account reset.name", "The account", "계정"),
    (
        "account disable",
        "Switch an account off and end its sessions",
        "계정을 끄고 세션 종료",
    ),
    ("account disable.name", "The account", "계정"),
    (
        "account enable",
        "Switch an account on again",
        "계정을 다시 켜기",
    ),
    ("account enable.name", "The account", "계정"),
    ("account list", "List accounts", "계정 목록"),
    (
        "auth",
        "Find out why somebody gets in or not",
        "로그인과 권한의 이유 확인",
    ),
    (
        "auth explain-workload",
        "Tell how a workload's token would fare, without exchanging it",
        "워크로드 토큰을 교환하지 않고 결과를 설명",
    ),
    (
        "auth explain-workload.token_file",
        "File with the token of the workload's own platform; - reads standard input",
        "워크로드 플랫폼의 토큰이 든 파일 (-는 표준 입력)",
    ),
    ("token", "API tokens", "API 토큰"),
    (
        "token create",
        "Make a token; its secret is shown once",
        "토큰 생성 (비밀 값은 한 번만 표시)",
    ),
    ("token create.name", "What the token is for", "토큰의 용도"),
    ("token create.scope", "What it may do", "허용 범위"),
    (
        "token create.expires_in",
        "How long it works, for example 30d; 90 days when left out",
        "유효 기간 (예: 30d), 생략하면 90일",
    ),
    ("token list", "List tokens", "토큰 목록"),
    ("token revoke", "End a token at once", "토큰 즉시 폐기"),
    ("token revoke.which", "Its name or id", "이름 또는 ID"),
    (
        "auth doctor",
        "Show the sign-in providers, and why somebody was not let in",
        "로그인 제공자와 로그인이 거절된 이유 표시",
    ),
    (
        "auth doctor.provider",
        "The provider's id; may be left out where there is one only",
        "제공자의 ID, 하나뿐이면 생략 가능",
    ),
    (
        "auth doctor.claims",
        "A JSON file with the claims of an account, or - for standard input",
        "계정의 클레임이 담긴 JSON 파일, 표준 입력은 -",
    ),
    (
        "auth doctor.id_token",
        "A file with an ID token, or - for standard input",
        "ID 토큰이 담긴 파일, 표준 입력은 -",
    ),
    (
        "auth doctor.reference",
        "The reference that a refused person was shown",
        "거절된 사람에게 표시된 참조 번호",
    ),
    (
        "doctor",
        "Find out what does not work, and what to do about it",
        "작동하지 않는 부분과 해결 방법 진단",
    ),
    (
        "doctor.configs",
        "Configuration files, as for `portway up`",
        "`portway up`과 같은 설정 파일",
    ),
    (
        "doctor.env",
        "Name of the environment, for example production",
        "환경 이름 (예: production)",
    ),
    (
        "completion",
        "Print a completion script for a shell",
        "셸 자동 완성 스크립트 출력",
    ),
    ("completion.shell", "The shell", "셸"),
    ("version", "Print the version", "버전 출력"),
    (
        "help",
        "Help on a command or a topic: exit-codes, formatting, environment, references",
        "명령 또는 주제 도움말: exit-codes, formatting, environment, references",
    ),
    ("help.topic", "A command or a topic", "명령 또는 주제"),
];
