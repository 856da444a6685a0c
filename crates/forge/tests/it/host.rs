//! Bytes of strangers: pkt-lines, commands and packs.

use std::sync::atomic::AtomicBool;

use forge::host::packet::{self, Packet};
use forge::host::{Bare, Error, Limits, Push, Received, Version, upload_pack};
use proptest::prelude::*;

fn bare() -> (tempfile::TempDir, Bare) {
    let directory = tempfile::tempdir().expect("a directory");
    let bare = Bare::create(directory.path().join("a.git"), Limits::default()).expect("made");
    (directory, bare)
}

fn pkt(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lines_come_back_as_they_were_written(
        lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..2_000), 0..20)
    ) {
        let mut wire = Vec::new();
        for line in &lines {
            packet::data(&mut wire, line).expect("written");
        }
        packet::flush(&mut wire).expect("written");
        let mut input = wire.as_slice();
        for line in &lines {
            prop_assert_eq!(packet::next(&mut input).expect("read"), Some(Packet::Data(line)));
        }
        prop_assert_eq!(packet::next(&mut input).expect("read"), Some(Packet::Flush));
        prop_assert_eq!(packet::next(&mut input).expect("read"), None);
    }

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = packet::next(&mut input) {}
        let _ = Push::read(&mut bytes.as_slice(), 10);
    }

    #[test]
    fn commands_are_read_or_refused(
        old in "[0-9a-f]{40}", new in "[0-9a-f]{38,41}", name in "refs/[a-z/.~@{ ]{1,20}", more in "\\PC{0,20}"
    ) {
        let line = format!("{old} {new} {name}\0report-status{more}");
        let wire = format!("{}0000", pkt(&line));
        if let Ok(push) = Push::read(&mut wire.as_bytes(), 10) {
            let command = push.commands.first().expect("one command");
            prop_assert_eq!(&command.name, &name);
            if command.check_name().is_ok() {
                prop_assert!(!name.contains(' ') && !name.contains(".."), "{}", name);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn packs_that_are_none_are_refused_and_leave_nothing(
        count in any::<u32>(), bytes in proptest::collection::vec(any::<u8>(), 0..300)
    ) {
        let (_directory, bare) = bare();
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend(count.to_be_bytes());
        pack.extend(bytes);
        let stop = AtomicBool::new(false);
        prop_assert!(Received::unpack(&bare, &mut pack.as_slice(), &stop).is_err());
        let left = std::fs::read_dir(bare.incoming()).expect("a directory").count();
        prop_assert_eq!(left, 0);
        prop_assert_eq!(bare.size(), 0);
    }

    #[test]
    fn any_request_of_a_fetch_is_answered_or_refused(
        text in "(want|have|deepen|done|shallow|command=fetch|deepen-since)[ 0-9a-f]{0,45}", two in any::<bool>()
    ) {
        let (_directory, bare) = bare();
        let wire = format!("{}0000{}", pkt(&text), pkt("done\n"));
        let version = if two { Version::V2 } else { Version::V0 };
        let mut out = Vec::new();
        let stop = AtomicBool::new(false);
        let refs = forge::host::Refs::default();
        let answer = upload_pack(&bare, &refs, (version, wire.as_bytes()), &mut out, &stop);
        prop_assert!(matches!(answer, Ok(()) | Err(Error::Client(_))), "{answer:?}");
    }
}

#[test]
fn one_push_names_a_ref_once_and_not_too_many() {
    let (zero, one) = ("0".repeat(40), "1".repeat(40));
    let line = |name: &str| pkt(&format!("{zero} {one} refs/heads/{name}"));
    let twice = format!("{}{}0000", line("a"), line("a"));
    let error = Push::read(&mut twice.as_bytes(), 10).expect_err("named twice");
    assert!(error.to_string().contains("named twice"), "{error}");
    let three = format!("{}{}{}0000", line("a"), line("b"), line("c"));
    let error = Push::read(&mut three.as_bytes(), 2).expect_err("too many");
    assert!(error.to_string().contains("limit of 2"), "{error}");
}
