//! Texts are complete in both languages; templates hold none, and no script.

use std::path::Path;

use portal::check::{Allowed, templates, texts};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn texts_are_complete_and_used() {
    let findings = texts(root(), &portal::LOCALES, &Allowed::default());
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn templates_hold_no_text_style_or_script() {
    let findings = templates(root(), &Allowed::default());
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
