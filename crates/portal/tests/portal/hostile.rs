//! Whatever data says, it stays text.

use std::collections::BTreeSet;

use askama::Template;
use portal::gallery::GalleryPage;
use portal::ui::{Code, Syntax};
use proptest::prelude::*;

use crate::request::view;

/// Tag and attribute names of a page. Fails on markup that is not well formed:
/// a bare `<`, or an attribute without quotes.
fn names(html: &str) -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    let mut rest = html;
    while let Some((_, tail)) = rest.split_once('<') {
        let near = || tail.chars().take(60).collect::<String>();
        let mut tag = tail.trim_start_matches(['/', '!']);
        let name_end = tag
            .find(|c: char| !c.is_ascii_alphanumeric())
            .ok_or_else(near)?;
        if name_end == 0 {
            return Err(near());
        }
        names.insert(format!("<{}", &tag[..name_end]));
        tag = &tag[name_end..];
        loop {
            tag = tag.trim_start();
            if let Some(after) = tag.strip_prefix("/>").or_else(|| tag.strip_prefix('>')) {
                rest = after;
                break;
            }
            let end = tag
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .ok_or_else(near)?;
            if end == 0 {
                return Err(near());
            }
            names.insert(tag[..end].to_owned());
            tag = &tag[end..];
            if let Some(value) = tag.strip_prefix('=') {
                let quote = value
                    .chars()
                    .next()
                    .filter(|c| *c == '"' || *c == '\'')
                    .ok_or_else(near)?;
                let (inside, after) = value[1..].split_once(quote).ok_or_else(near)?;
                if inside.contains('<') {
                    return Err(near());
                }
                tag = after;
            }
        }
    }
    Ok(names)
}

fn usual() -> BTreeSet<String> {
    let mut usual = names(&GalleryPage::new(view("/design")).render().unwrap()).unwrap();
    // Colours of code and marks of words depend on what is in the text.
    usual.extend(["<ins", "<del"].map(str::to_owned));
    usual
}

#[test]
fn well_known_attacks_stay_text() {
    let usual = usual();
    for text in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title><svg onload=alert(1)>",
        "</code></pre><iframe>",
        "<!--",
        "]]>",
        "{{ 7 * 7 }}",
        "&lt;script&gt;",
        "\u{202e}txt.exe\u{0}",
        "\u{F0000}\u{F0001}",
    ] {
        let html = GalleryPage::with_text(view("/design"), text)
            .render()
            .unwrap();
        let names = names(&html).unwrap_or_else(|near| panic!("{text}: broken at {near}"));
        let odd: Vec<_> = names.difference(&usual).collect();
        assert!(odd.is_empty(), "{text} made {odd:?}");
    }
}

#[test]
fn ten_thousand_characters_and_no_character_are_fine() {
    for text in ["", &"가".repeat(10_000), &"<".repeat(10_000), "🙂‍👩‍👩‍👧"] {
        let html = GalleryPage::with_text(view("/design"), text)
            .render()
            .unwrap();
        assert!(names(&html).is_ok());
    }
}

#[test]
fn the_query_of_the_address_stays_text() {
    let html = GalleryPage::new(view("/design?q=%22%3E%3Cimg%20src=x%3E&%3Cb%3E=1"))
        .render()
        .unwrap();
    assert!(names(&html).unwrap().difference(&usual()).next().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_data_stays_text(text in r#"[<>"'&/=a-z !:#{}%\-\u{0}-\u{1f}가-힣]{0,40}"#) {
        let html = GalleryPage::with_text(view("/design"), &text).render().unwrap();
        let names = names(&html).map_err(TestCaseError::fail)?;
        let usual = usual();
        let odd: Vec<_> = names.difference(&usual).collect();
        prop_assert!(odd.is_empty(), "made {:?}", odd);
    }

    #[test]
    fn any_code_stays_text(text in r#"([a-z"'#:<>&\[\]{},\- \\]{0,30}\n){0,6}"#) {
        for syntax in [Syntax::Plain, Syntax::Yaml, Syntax::Json] {
            let code = Code { id: "c".to_owned(), caption: "c".to_owned(), text: text.clone(), syntax, ..Code::default() };
            let html = code.html(&view("/")).to_string();
            let names = names(&html).map_err(TestCaseError::fail)?;
            prop_assert!(names.iter().all(|name| !name.starts_with("on")));
            let inside = html.split("<code id=\"c\">").nth(1).unwrap().split("</code>").next().unwrap();
            let bare: String = inside.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
            let back = bare.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&");
            let lines: String = text.lines().map(|line| format!("{line}\n")).collect();
            prop_assert_eq!(back, lines);
        }
    }
}
