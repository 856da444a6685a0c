//! Pages that others write: any text, rendered and cleaned.
#![no_main]

use std::path::Path;

use catalog::EntityFolder;
use docs::{Part, Site, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let folder = EntityFolder::local(Path::new(".")).expect("this folder");
    let site = Site::of_page(folder, text);
    let page = render(&site, "index.md", "/docs/default/component/x");
    for part in page.parts {
        let Part::Html(html) = part else { continue };
        let html = html.to_lowercase();
        for bad in ["<script", "<style", "<iframe", "<form", "<input", "<object", "href=\"javascript:"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
    }
});
