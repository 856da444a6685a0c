//! What is said when something is not there, ends, or goes away.

use super::running::{Portway, Ran};

#[test]
fn what_does_not_exist_is_not_found() {
    let portway = Portway::up();
    for arguments in [
        &["get", "component", "nobody"][..],
        &["get", "pay-servise"],
        &["owner", "component:nobody"],
        &["impact", "component:nobody"],
        &["path", "component:pay-service", "component:nobody"],
        &["history", "component:nobody"],
    ] {
        let ran = portway.run(arguments);
        assert_eq!(ran.code, 3, "{arguments:?}: {ran:?}");
        assert!(ran.err.starts_with("error: "), "{ran:?}");
        assert_eq!(ran.out, "", "errors are no data");
    }
    let near = portway.run(&["get", "pay-servise"]);
    assert!(
        near.err.contains("pay-service"),
        "names what is alike: {near:?}"
    );
    let korean = portway.run(&["get", "component", "nobody", "--lang", "ko"]);
    assert!(korean.err.starts_with("오류: "), "{korean:?}");
    assert_eq!(korean.code, 3);
}

#[test]
fn without_a_server_every_asking_verb_says_so() {
    let portway = Portway::folder();
    for arguments in [
        &["get", "components"][..],
        &["owner", "x"],
        &["impact", "x"],
        &["path", "x", "y"],
        &["history", "x"],
        &["register", "https://example.com/x.yaml"],
        &["refresh", "x"],
        &["export"],
        &["token", "list"],
    ] {
        let ran = portway.run(arguments);
        assert_eq!(ran.code, 9, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains("portway up"), "{ran:?}");
    }
    let korean = portway.run(&["get", "components", "--lang", "ko"]);
    assert_eq!(korean.code, 9);
    assert!(
        korean.err.starts_with("오류: 알려진 서버가 없습니다"),
        "{korean:?}"
    );
}

#[test]
fn a_server_that_crashed_cannot_be_reached_and_starts_again() {
    let mut portway = Portway::up();
    portway.crash();
    let gone = portway.run(&["get", "components"]);
    assert_eq!(gone.code, 9, "{gone:?}");
    assert!(gone.err.contains(&portway.url), "{gone:?}");

    let mut again = portway
        .command(&["up", "catalog", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let listed = portway.until(&["get", "components", "-o", "name"], |ran| ran.code == 0);
    let count = listed.lines().len();
    again.kill().unwrap();
    again.wait().unwrap();
    assert_eq!(count, 2, "what was stored is there: {listed:?}");
}

#[cfg(unix)]
#[test]
fn the_server_ends_when_it_is_told_to_and_leaves_no_access_behind() {
    for signal in ["-TERM", "-INT"] {
        let mut portway = Portway::up();
        let access = portway.path().join("data/local-access.json");
        assert!(access.exists());
        let process = portway.process().to_string();
        let told = std::process::Command::new("kill")
            .args([signal, &process])
            .status()
            .unwrap();
        assert!(told.success());
        assert_eq!(portway.ended(), Some(0), "{signal}");
        assert!(!access.exists(), "{signal}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let portway = Portway::up();
    for form in ["table", "json", "yaml"] {
        let mut child = portway
            .command(&["get", "all", "-o", form])
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.err, "", "{form}");
    }
}

#[test]
fn up_says_why_it_cannot_start() {
    let portway = Portway::up();
    let address = portway.url.trim_start_matches("http://").to_owned();
    let start = |arguments: &[&str]| {
        let output = portway
            .command(arguments)
            .env("PORTWAY_DATA", portway.path().join("second"))
            .env("PORTWAY_LOG", "error")
            .output();
        Ran::from(output.unwrap())
    };
    let taken = start(&["up", "--listen", &address]);
    assert_eq!(taken.code, 1, "{taken:?}");
    assert!(
        taken.err.contains("in use") && taken.err.contains("--listen"),
        "{taken:?}"
    );
    let missing = start(&["up", "no-such-folder", "--listen", "127.0.0.1:0"]);
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(
        missing.err.contains("no-such-folder does not exist"),
        "{missing:?}"
    );
}
