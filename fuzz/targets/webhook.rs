//! Webhooks of code hosts. The first line is the event, the second the
//! signature, the rest the body.
#![no_main]

use forge::webhook::{parse, sender, verify};
use forge::{ForgeKind, Secret};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let (Some(event), Some(signature), Some(body)) = (parts.next(), parts.next(), parts.next()) else { return };
    let (Ok(event), Ok(signature)) = (HeaderValue::from_bytes(event), HeaderValue::from_bytes(signature)) else { return };
    let secret = Secret::new("a secret that nobody guesses, of 256 bits and more").expect("a secret");
    for (kind, event_name, signature_name) in [
        (ForgeKind::GitHub, "x-github-event", "x-hub-signature-256"),
        (ForgeKind::GitLab, "x-gitlab-event", "x-gitlab-token"),
        (ForgeKind::Gitea, "x-gitea-event", "x-gitea-signature"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(event_name, event.clone());
        headers.insert(signature_name, signature.clone());
        assert_eq!(sender(&headers), Some(kind));
        assert!(verify(kind, &headers, body, &secret).is_err(), "a guessed signature");
        let _ = parse(kind, &headers, body);
    }
});
