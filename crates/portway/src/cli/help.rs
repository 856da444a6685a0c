//! What `portway` alone prints, and `portway help [COMMAND | TOPIC]`.

use clap::Command;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::texts::Lang;

/// The tasks that people come for, with the command for each.
const TASKS: &[(&str, &str, &str)] = &[
    (
        "portway up --demo",
        "look around with a demo organisation",
        "데모 조직으로 둘러보기",
    ),
    (
        "portway up .",
        "the catalog of the files in this folder",
        "현재 디렉터리의 파일로 카탈로그 시작",
    ),
    (
        "portway validate",
        "check catalog files before you commit them",
        "커밋 전에 카탈로그 파일 검사",
    ),
    ("portway get components", "what there is", "구성 요소 목록"),
    (
        "portway get component pay-api -o yaml",
        "one entity, whole",
        "엔티티 하나 전체 보기",
    ),
    ("portway owner pay-api", "who to ask", "담당자 확인"),
    (
        "portway impact pay-api",
        "what breaks with it",
        "장애 영향 범위",
    ),
    (
        "portway history pay-api",
        "what changed, when, by whom",
        "변경 이력",
    ),
    (
        "portway register URL",
        "add a file to the catalog",
        "카탈로그에 파일 등록",
    ),
    (
        "portway import backstage app-config.yaml",
        "bring a Backstage configuration",
        "Backstage 설정 가져오기",
    ),
    ("portway doctor", "find out what does not work", "문제 진단"),
    ("portway help", "every command", "모든 명령"),
];

/// The most useful commands.
pub(super) fn tasks(lang: Lang) -> String {
    let width = TASKS
        .iter()
        .map(|(command, ..)| command.len())
        .max()
        .unwrap_or(0);
    TASKS
        .iter()
        .map(|(command, english, korean)| {
            format!("  {command:width$}  {}\n", lang.pick((english, korean)))
        })
        .collect()
}

/// Runs `portway help`.
pub(super) fn help(output: &Output, mut tree: Command, words: &[String]) -> Result<(), Failure> {
    let lang = output.lang;
    if let [topic] = words
        && let Some(text) = topic_text(topic, lang)
    {
        return output.data(&text);
    }
    tree.build();
    let mut command = tree;
    for (depth, word) in words.iter().enumerate() {
        let Some(inner) = command.find_subcommand(word) else {
            let names = command
                .get_subcommands()
                .map(|inner| inner.get_name().to_owned());
            let known = names
                .chain(if depth == 0 { topics() } else { Vec::new() })
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Failure::new(
                Exit::Usage,
                lang.pick((
                    format!("there is no help on `{}`", words.join(" ")),
                    format!("`{}` 도움말이 없습니다", words.join(" ")),
                )),
            )
            .fix(lang.pick((
                format!("choose one of {known}"),
                format!("다음 중 하나를 고르세요: {known}"),
            ))));
        };
        command = inner.clone();
    }
    output.data(&command.render_long_help().to_string())
}

fn topics() -> Vec<String> {
    ["exit-codes", "formatting", "environment", "references"]
        .map(str::to_owned)
        .to_vec()
}

fn topic_text(topic: &str, lang: Lang) -> Option<String> {
    match topic {
        "exit-codes" => Some(exit_codes(lang)),
        "formatting" => Some(lang.pick((FORMATTING_EN, FORMATTING_KO)).to_owned()),
        "environment" => Some(lang.pick((ENVIRONMENT_EN, ENVIRONMENT_KO)).to_owned()),
        "references" => Some(lang.pick((REFERENCES_EN, REFERENCES_KO)).to_owned()),
        _ => None,
    }
}

fn exit_codes(lang: Lang) -> String {
    Exit::ALL
        .iter()
        .map(|exit| {
            format!(
                "{:>3}  {:15}{}\n",
                exit.code(),
                exit.name(),
                exit.meaning(lang)
            )
        })
        .collect()
}

const FORMATTING_EN: &str = "\
-o table   columns for people, cut to the terminal (default)
-o wide    more columns, nothing cut
-o json    one object {apiVersion, kind, items | data, meta}; fields are only ever added
-o jsonl   one JSON object per line
-o yaml    documents separated by ---
-o csv     RFC 4180
-o name    entity references only

Data goes to standard output, everything else to standard error. With -o json
errors are JSON as well. --no-headers leaves out the first line of tables and CSV.
";
const FORMATTING_KO: &str = "\
-o table   사람을 위한 표, 터미널 너비에 맞춤 (기본값)
-o wide    더 많은 열, 자르지 않음
-o json    하나의 객체 {apiVersion, kind, items | data, meta}, 필드는 추가만 됨
-o jsonl   한 줄에 JSON 객체 하나
-o yaml    ---로 구분된 문서
-o csv     RFC 4180
-o name    엔티티 참조만

데이터는 표준 출력으로, 나머지는 표준 오류로 나갑니다. -o json이면 오류도
JSON입니다. --no-headers는 표와 CSV의 머리글을 생략합니다.
";
const ENVIRONMENT_EN: &str = "\
PORTWAY_SERVER      URL of the server
PORTWAY_TOKEN       token to send
PORTWAY_OUTPUT      default of --output
PORTWAY_LANG        en or ko; without it the locale decides
PORTWAY_COLOR       auto, always or never; NO_COLOR switches colours off
PORTWAY_TIMEOUT     seconds to wait for an answer
PORTWAY_DATA        folder of Portway's data; default $XDG_DATA_HOME/portway
PORTWAY_LISTEN      address of `portway up`
PORTWAY_DATABASE    database URL of `portway up`
PORTWAY_ENV         reads app-config.<name>.yaml as well (also NODE_ENV)
PORTWAY_LOG         what is logged, for example info or catalog=debug
PORTWAY_LOG_FORMAT  text or json
APP_CONFIG_a_b_c    sets the configuration key a.b.c (JSON or text)

A flag goes before its variable.
";
const ENVIRONMENT_KO: &str = "\
PORTWAY_SERVER      서버 URL
PORTWAY_TOKEN       전송할 토큰
PORTWAY_OUTPUT      --output 기본값
PORTWAY_LANG        en 또는 ko, 없으면 로캘을 따름
PORTWAY_COLOR       auto, always, never. NO_COLOR는 색상을 끔
PORTWAY_TIMEOUT     응답 대기 시간(초)
PORTWAY_DATA        데이터 디렉터리, 기본값 $XDG_DATA_HOME/portway
PORTWAY_LISTEN      `portway up` 수신 주소
PORTWAY_DATABASE    `portway up` 데이터베이스 URL
PORTWAY_ENV         app-config.<이름>.yaml도 읽음 (NODE_ENV도 가능)
PORTWAY_LOG         로그 수준 (예: info, catalog=debug)
PORTWAY_LOG_FORMAT  text 또는 json
APP_CONFIG_a_b_c    설정 키 a.b.c 지정 (JSON 또는 텍스트)

플래그가 환경 변수보다 우선합니다.
";
const REFERENCES_EN: &str = "\
An entity reference is kind:namespace/name, for example component:default/pay-api.
The namespace may be left out when it is `default`. Where a command asks for a
reference, a name alone is enough as long as only one entity has it.
";
const REFERENCES_KO: &str = "\
엔티티 참조는 kind:namespace/name 형식입니다 (예: component:default/pay-api).
네임스페이스가 `default`이면 생략할 수 있습니다. 같은 이름의 엔티티가 하나뿐이면
이름만 써도 됩니다.
";
