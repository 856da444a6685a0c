//! What people should not be able to do.

use crate::world::{On, World, commit, git, git_fails, has_git, seeded};

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_would_harm_a_checkout_are_refused() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    let blob = git(&work, &["rev-parse", "HEAD:README.md"]).await;
    for name in [".git", ".GIT", "..", ".", "git~1", ".g\u{200c}it"] {
        let listing = work.join("listing");
        std::fs::write(&listing, format!("100644 blob {blob}\t{name}\0")).expect("a file");
        let tree = std::process::Command::new("git")
            .args(["mktree", "-z"])
            .current_dir(&work)
            .stdin(std::fs::File::open(&listing).expect("the file"))
            .output()
            .expect("git");
        std::fs::remove_file(&listing).expect("removed");
        let tree = String::from_utf8_lossy(&tree.stdout).trim().to_owned();
        let id = git(&work, &["commit-tree", &tree, "-m", "evil"]).await;
        let spec = format!("{id}:refs/heads/evil");
        let said = git_fails(&work, &["push", "origin", &spec]).await;
        assert!(said.contains("holds"), "{name}: {said}");
    }
    assert_eq!(git(&work, &["ls-remote", "origin", "evil"]).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_refs_are_checked() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    for name in [
        "refs/pull/1/head",
        "refs/heads/Main",
        "refs/heads/main/x",
        "refs/heads/-x",
    ] {
        let said = git_fails(&work, &["push", "origin", &format!("HEAD:{name}")]).await;
        assert!(
            said.contains("rejected") || said.contains("error"),
            "{name}: {said}"
        );
    }
    let listed = git(&work, &["ls-remote", "origin"]).await;
    assert_eq!(listed.lines().count(), 2, "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_are_kept() {
    if !has_git() {
        return;
    }
    let world = World::with(On::Sqlite, |settings| {
        settings.repository_bytes = 200_000;
        settings.push_bytes = 400_000;
        settings.limits.object = 150_000;
        settings.refs = 3;
    })
    .await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    let noise = |count: usize| -> Vec<u8> {
        let mut state: u32 = 1;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect()
    };
    // Zeroes pack into next to nothing.
    commit(&work, "bomb", &vec![0; 1_000_000]).await;
    let said = git_fails(&work, &["push", "origin", "main"]).await;
    assert!(said.contains("larger than 150000 bytes"), "{said}");
    git(&work, &["reset", "--quiet", "--hard", "HEAD^"]).await;
    commit(&work, "one", &noise(140_000)).await;
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    commit(
        &work,
        "two",
        &noise(140_000).into_iter().rev().collect::<Vec<_>>(),
    )
    .await;
    let said = git_fails(&work, &["push", "origin", "main"]).await;
    assert!(said.contains("a repository may take 200000"), "{said}");
    git(&work, &["reset", "--quiet", "--hard", "HEAD^"]).await;
    git(&work, &["push", "--quiet", "origin", "main:a", "main:b"]).await;
    let said = git_fails(&work, &["push", "origin", "main:c"]).await;
    assert!(said.contains("at most 3 branches"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_go_in_and_come_out() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/big", "one").await;
    let mut state: u64 = 7;
    for number in 0..5 {
        let bytes: Vec<u8> = (0..10 << 20)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state.to_be_bytes()[0]
            })
            .collect();
        commit(&work, &format!("big/{number}.bin"), &bytes).await;
    }
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    let place = world.place("clones");
    git(
        &place,
        &["clone", "--quiet", &world.url("eve", "acme/big"), "big"],
    )
    .await;
    let tree = git(&work, &["rev-parse", "HEAD^{tree}"]).await;
    assert_eq!(
        git(&place.join("big"), &["rev-parse", "HEAD^{tree}"]).await,
        tree
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_requests_are_told_what_is_wrong() {
    let world = World::new(On::Sqlite).await;
    world.create("kim", "acme/shop").await;
    let zero = "0".repeat(40);
    for (path, body, said) in [
        ("git-receive-pack", "zzzz".to_owned(), "not a pkt-line"),
        ("git-receive-pack", "00".to_owned(), "ends within"),
        (
            "git-receive-pack",
            "000ahello0000".to_owned(),
            "not a command",
        ),
        (
            "git-receive-pack",
            format!("0067{zero} {} refs/heads/a0000", "1".repeat(40)).replace("0067", "0061"),
            "",
        ),
    ] {
        let path = format!("/git/acme/shop/{path}");
        let client = std::net::TcpStream::connect(&world.address).expect("a connection");
        let answer = tokio::task::spawn_blocking(move || post(client, &path, &body))
            .await
            .expect("an answer");
        assert!(answer.contains(said), "{answer}");
        assert!(!answer.contains(" 500 "), "{answer}");
    }
}

fn post(mut client: std::net::TcpStream, path: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    write!(
        client,
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer kim-token\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("sent");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).expect("read");
    String::from_utf8_lossy(&answer).into_owned()
}
