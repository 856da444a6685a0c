//! URLs of code hosts, and references that are relative to a file there. The
//! first line is the URL, the rest the reference.
#![no_main]

use forge::ForgeKind;
use forge::scm_url::{ScmUrl, resolve};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (base, reference) = text.split_once('\n').unwrap_or((text, "./other.yaml"));
    for forge in [None, Some(ForgeKind::GitHub), Some(ForgeKind::GitLab), Some(ForgeKind::Gitea)] {
        let Ok(url) = ScmUrl::parse(base, forge) else { continue };
        let _ = (url.slug(), url.repository_url(), url.clone_url(), url.view_url(), url.edit_url(), url.raw_url());
        // Without a scheme or `//` a reference stays where its file is.
        if reference.contains("//") || reference.contains(':') || reference.contains('\\') {
            continue;
        }
        if let Ok(found) = resolve(reference, base, forge) {
            let found = ScmUrl::parse(&found, forge);
            if let Ok(found) = found {
                assert_eq!(found.host, url.host, "{reference:?} in {base:?}");
            }
        }
    }
});
