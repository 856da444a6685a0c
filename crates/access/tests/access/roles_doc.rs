//! `docs/security/roles.md` is written from the data that the program uses.
//! `PORTWAY_BLESS=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use access::{Known, Localised, Policy, Role, known};

struct Words {
    file: &'static str,
    title: &'static str,
    lead: &'static str,
    role: &'static str,
    about: &'static str,
    what: &'static str,
    matrix: &'static str,
    roles: &'static str,
    on: &'static str,
    of_role: fn(&Localised) -> &str,
    of_known: fn(&Known) -> &str,
}

const LANGUAGES: [Words; 2] = [
    Words {
        file: "docs/security/roles.md",
        title: "Roles",
        lead: "These roles come with Portway. This page is written from the data that the program itself uses \
               (`crates/access/data/roles.json`), and a test calls every route as each of them. Nobody has a role \
               until a [binding](permissions.md#bindings) gives it to them; signed-in people have `read-only` \
               unless `permission.defaultRole` says otherwise.",
        role: "Role",
        about: "What for",
        what: "Permission",
        matrix: "What each may do",
        roles: "The roles",
        on: "A permission marked with ◦ is about entities: a binding with a scope grants it on some of them. \
             All others are held altogether or not, and a binding with a scope does not grant them.",
        of_role: |text| &text.en,
        of_known: |known| &known.en,
    },
    Words {
        file: "docs/ko/security/roles.md",
        title: "역할",
        lead: "Portway에 기본으로 들어 있는 역할이에요. 이 문서는 프로그램이 사용하는 데이터\
               (`crates/access/data/roles.json`)에서 만들어지고, 테스트가 모든 경로를 각 역할로 호출해 확인해요. \
               [바인딩](permissions.md)으로 부여하기 전에는 아무도 역할을 갖지 않아요. 로그인한 사람은 \
               `permission.defaultRole`을 바꾸지 않는 한 `read-only`를 가져요.",
        role: "역할",
        about: "용도",
        what: "권한",
        matrix: "역할별 권한",
        roles: "역할 목록",
        on: "◦ 표시가 있는 권한은 엔티티에 대한 권한이라 범위가 있는 바인딩으로 일부 엔티티에만 부여할 수 있어요. \
             나머지 권한은 전부 있거나 없고, 범위가 있는 바인딩으로는 부여되지 않아요.",
        of_role: |text| &text.ko,
        of_known: |known| &known.ko,
    },
];

fn page(words: &Words) -> String {
    let policy = Policy::built_in();
    let mut roles: Vec<&Role> = policy.roles().collect();
    // From those who may do least to those who may do most.
    let held = |role: &Role| known().iter().filter(|one| role.has(&one.name)).count();
    roles.sort_by_key(|role| (held(role), role.name.clone()));
    let mut text = format!(
        "# {}\n\n{}\n\n## {}\n\n",
        words.title, words.lead, words.roles
    );
    writeln!(
        text,
        "| {} | | {} |\n|---|---|---|",
        words.role, words.about
    )
    .unwrap();
    for role in &roles {
        let title = (words.of_role)(&role.title);
        writeln!(
            text,
            "| `{}` | {title} | {} |",
            role.name,
            (words.of_role)(&role.about)
        )
        .unwrap();
    }
    write!(
        text,
        "\n## {}\n\n{}\n\n| {} |",
        words.matrix, words.on, words.what
    )
    .unwrap();
    for role in &roles {
        write!(text, " {} |", role.name).unwrap();
    }
    text.push_str("\n|---|");
    text.push_str(&":-:|".repeat(roles.len()));
    text.push('\n');
    for one in known() {
        let mark = if one.resource.is_some() { " ◦" } else { "" };
        write!(
            text,
            "| `{}`{mark}<br>{} |",
            one.name,
            (words.of_known)(one)
        )
        .unwrap();
        for role in &roles {
            text.push_str(if role.has(&one.name) { " ✓ |" } else { " |" });
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_table_of_roles_is_the_one_that_the_program_uses() {
    let bless = std::env::vars_os().any(|(name, value)| name == "PORTWAY_BLESS" && value == "1");
    for words in &LANGUAGES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(words.file);
        let page = page(words);
        if bless {
            std::fs::write(&file, &page).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            written.replace('\r', "") == page,
            "{} is not what the data says; `PORTWAY_BLESS=1 cargo test -p access` writes it",
            words.file
        );
    }
}
