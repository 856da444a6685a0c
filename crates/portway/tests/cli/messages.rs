//! Help, errors, languages, completion: what needs neither files nor a server.

use std::io::Read as _;

use crate::program::Program;

#[test]
fn alone_it_prints_the_top_tasks() {
    let ran = Program::new(&[]).run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out.lines().count(), 12);
    assert!(ran.out.starts_with("  portway up --demo "), "{}", ran.out);
}

#[test]
fn help_speaks_both_languages() {
    let program = Program::new(&[]);
    let english = program.run(&["--help"]);
    assert_eq!(english.code, 0);
    assert!(
        english.out.contains("Usage: portway [OPTIONS] [COMMAND]"),
        "{}",
        english.out
    );
    assert!(
        english
            .out
            .contains("  validate    Check files and folders without a server"),
        "{}",
        english.out
    );
    let korean = program.run(&["--lang", "ko", "help"]);
    assert!(korean.out.contains("사용법: portway"), "{}", korean.out);
    assert!(
        korean.out.contains("서버 없이 파일과 디렉터리를 검사"),
        "{}",
        korean.out
    );
    let one = program.run(&["token", "create", "--help"]);
    assert!(
        one.out.starts_with(
            "Make a token; its secret is shown once\n\nUsage: portway token create [OPTIONS] <NAME>"
        ),
        "{}",
        one.out
    );
    assert_eq!(
        program.run(&["help", "token", "create"]).out.lines().next(),
        one.out.lines().next()
    );
    let locale = Program::new(&[]).with("LANG", "ko_KR.UTF-8").run(&["get"]);
    assert!(locale.err.starts_with("오류: "), "{}", locale.err);
}

#[test]
fn every_exit_code_is_documented() {
    let program = Program::new(&[]);
    let ran = program.run(&["help", "exit-codes"]);
    let codes: Vec<u8> = ran
        .out
        .lines()
        .map(|line| line.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(codes, portway::cli::Exit::ALL.map(portway::cli::Exit::code));
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130, 143]);
    for topic in ["formatting", "environment", "references"] {
        for lang in ["en", "ko"] {
            assert_eq!(
                program.run(&["help", topic, "--lang", lang]).code,
                0,
                "{topic}"
            );
        }
    }
    let none = program.run(&["help", "weather"]);
    assert_eq!(none.code, 2);
    assert!(
        none.err
            .starts_with("error: there is no help on `weather`\nfix: choose one of up, validate,"),
        "{}",
        none.err
    );
}

#[test]
fn usage_errors_have_the_form_of_all_errors() {
    let program = Program::new(&[]);
    let err = |arguments: &[&str]| {
        let ran = program.run(arguments);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.err
        );
        ran.err
    };
    assert_eq!(
        err(&["valdate"]),
        "error: there is no command `valdate`\nfix: did you mean validate?\n"
    );
    assert_eq!(
        err(&["get", "api", "--ower", "x"]),
        "error: `--ower` is not expected here\nfix: did you mean --owner?\n"
    );
    assert_eq!(
        err(&["get", "api", "-o", "xml"]),
        "error: `xml` is no value of --output <OUTPUT>\nfix: did you mean yaml?\n"
    );
    assert_eq!(
        err(&["owner"]),
        "error: <REF> is missing\nfix: see `portway help`\n"
    );
    assert_eq!(
        err(&["get", "api", "--limit", "many"]),
        "error: `many` is no value of --limit <LIMIT>\nfix: see `portway help`\n"
    );
    assert_eq!(
        err(&["--lang", "ko", "valdate"]),
        "오류: `valdate` 명령이 없습니다\n해결: 혹시 validate인가요?\n"
    );
    let json: serde_json::Value = serde_json::from_str(&err(&["-o", "json", "valdate"])).unwrap();
    assert_eq!(json["error"]["code"], "usage");
    assert_eq!(json["error"]["exitCode"], 2);
    assert_eq!(json["error"]["message"], "there is no command `valdate`");
    assert_eq!(json["error"]["fix"], "did you mean validate?");
    assert_eq!(json["error"]["retryable"], false);
}

#[test]
fn the_version_is_data() {
    let program = Program::new(&[]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        program.run(&["version"]).out,
        format!("portway {version}\n")
    );
    assert_eq!(
        program.run(&["version", "-o", "name"]).out,
        format!("{version}\n")
    );
    assert_eq!(
        program.run(&["version", "-o", "json"]).json()["data"]["version"],
        version
    );
    assert_eq!(
        program.run(&["version", "-o", "yaml"]).out,
        format!("version: {}\n", serde_json::json!(version))
    );
}

#[test]
fn completion_scripts_name_every_command() {
    let program = Program::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = program.run(&["completion", shell]);
        assert_eq!(ran.code, 0);
        for command in ["validate", "impact", "import", "backstage"] {
            assert!(ran.out.contains(command), "{shell} does not know {command}");
        }
    }
    let odd = program.run(&["completion", "dos"]);
    assert_eq!(odd.code, 2);
    assert!(
        odd.err
            .contains("fix: choose one of bash, elvish, fish, powershell, zsh"),
        "{}",
        odd.err
    );
}

#[test]
fn without_a_server_the_way_to_one_is_shown() {
    let program = Program::new(&[]);
    let ran = program.run(&["get", "components"]);
    assert_eq!(ran.code, 9);
    assert_eq!(
        ran.err,
        "error: no server is known\n\
         cause: neither --server nor PORTWAY_SERVER is set, and no server runs on this machine\n\
         fix: start one with `portway up`, or name one with --server URL\n"
    );
    // Port 9 (discard) of this machine: nobody listens there.
    let ran = program.run(&["get", "components", "--server", "127.0.0.1:9"]);
    assert_eq!(ran.code, 9);
    assert!(
        ran.err
            .starts_with("error: http://127.0.0.1:9 cannot be reached\ncause: "),
        "{}",
        ran.err
    );
    let ran = program.run(&["get", "components", "--server", "ftp://x"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: `ftp://x` is no server URL\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_token_on_the_command_line_is_warned_about() {
    let program = Program::new(&[]).with("PORTWAY_SERVER", "127.0.0.1:9");
    let warning = "warning: other users of this machine can see --token; set PORTWAY_TOKEN instead";
    assert!(
        program
            .run(&["get", "api", "--token", "x"])
            .err
            .contains(warning)
    );
    assert!(
        program
            .run(&["--token", "x", "get", "api"])
            .err
            .contains(warning)
    );
    assert!(
        !program
            .with("PORTWAY_TOKEN", "x")
            .run(&["get", "api"])
            .err
            .contains(warning)
    );
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    // A script longer than a pipe's buffer, of which nobody reads more than a letter.
    let program = Program::new(&[]);
    let mut child = program.command(&["completion", "bash"]).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(
        (
            ended.status.code(),
            String::from_utf8(ended.stderr).unwrap().as_str()
        ),
        (Some(0), "")
    );
}
