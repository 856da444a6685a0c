use std::collections::BTreeSet;

use askama::Template;
use portal::Lang;
use portal::gallery::GalleryPage;
use portal::ui::{Code, Diff, Facet, FacetValue, Facets, Fresh, Pager, Spark, Syntax, TableHead};
use portal::ui::{Column, Tree, TreeNode};

use crate::request::{now, view, view_in};

#[test]
fn every_component_renders_in_every_language() {
    for lang in Lang::ALL {
        let view = view_in(lang, "/design");
        let portal = view.portal.clone();
        let html = GalleryPage::new(view).render().unwrap();
        assert!(html.contains(&format!("<html lang=\"{lang}\">")));
        assert_eq!(portal.texts().missing(), Vec::<String>::new());
        let mut seen = BTreeSet::new();
        for id in html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(
                seen.insert(id.to_owned()),
                "the id `{id}` stands twice on the page"
            );
        }
        for reference in [
            "aria-labelledby=\"",
            "aria-describedby=\"",
            "popovertarget=\"",
            "data-copy=\"#",
        ] {
            for ids in html
                .split(reference)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                for id in ids.split(' ') {
                    assert!(seen.contains(id), "{reference}{id} leads nowhere");
                }
            }
        }
    }
}

#[test]
fn stale_data_says_its_age_its_source_and_the_next_try() {
    let at = now() - jiff::SignedDuration::from_mins(42);
    let next = now() + jiff::SignedDuration::from_mins(3);
    let fresh = Fresh {
        at: Some(at),
        source: "GitHub".to_owned(),
        stale: true,
        next: Some(next),
    };
    let plain = |lang| without_tags(fresh.html(&view_in(lang, "/")).as_str());
    assert_eq!(
        plain(Lang::En),
        "42 min old, source GitHub, next try in 3 min"
    );
    assert_eq!(
        plain(Lang::Ko),
        "42분 전 값 · 출처 GitHub · 3분 뒤 다시 시도"
    );
    assert!(
        fresh
            .html(&view("/"))
            .as_str()
            .contains("data-tone=\"warn\"")
    );
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.trim().to_owned()
}

#[test]
fn facets_keep_the_rest_of_the_address_but_not_the_page() {
    let view = view("/catalog?kind=api&q=pay&type=service&page=3");
    let value = FacetValue {
        value: "service".to_owned(),
        checked: true,
        count: 1_234,
        ..FacetValue::default()
    };
    let facet = Facet {
        name: "type".to_owned(),
        title: "Type".to_owned(),
        values: vec![value],
    };
    let facets = Facets {
        action: "/catalog".to_owned(),
        facets: vec![facet],
        keep: Vec::new(),
    }
    .keeping(&view.here, &["page"]);
    assert_eq!(facets.chosen(), 1);
    let html = facets.html(&view).to_string();
    assert!(
        html.contains(r#"<input type="hidden" name="kind" value="api">"#),
        "{html}"
    );
    assert!(html.contains(r#"<input type="hidden" name="q" value="pay">"#));
    assert!(!html.contains(r#"name="page""#));
    assert_eq!(html.matches(r#"name="type""#).count(), 1);
    assert!(html.contains("checked") && html.contains("1,234"));
}

#[test]
fn heads_sort_and_sort_back() {
    let head = |uri: &str| {
        let columns = vec![
            Column::sorted("Name", "name"),
            Column::sorted("Owner", "owner"),
            Column::new("Tags"),
        ];
        TableHead::new(&view(uri).here, "name", columns)
            .html()
            .to_string()
    };
    let html = head("/catalog?kind=api&page=4");
    assert!(
        html.contains(r#"aria-sort="ascending"><a href="/catalog?kind=api&#38;sort=-name">Name"#),
        "{html}"
    );
    assert!(
        html.contains(r#"<a href="/catalog?kind=api&#38;sort=owner">Owner"#),
        "{html}"
    );
    let html = head("/catalog?sort=-owner");
    assert!(
        html.contains(r#"aria-sort="descending"><a href="/catalog?sort=owner">Owner"#),
        "{html}"
    );
    assert_eq!(html.matches("aria-sort").count(), 1);
}

#[test]
fn pagers_name_their_rows() {
    let pager = Pager {
        first: 51,
        last: 100,
        total: 1_204,
        previous: None,
        next: Some("/catalog?page=3".to_owned()),
    };
    let html = pager.html(&view("/")).to_string();
    assert!(html.contains("Rows 51–100 of 1,204"), "{html}");
    assert!(html.contains(r#"href="/catalog?page=3" rel="next""#));
    assert!(html.contains(r#"aria-disabled="true""#));
}

#[test]
fn code_has_addresses_for_lines_and_copies_without_numbers() {
    let text = "name: \"a # b\" # note\ncount: 3\n- plain\nurl: http://x\n";
    let code = Code {
        id: "raw".to_owned(),
        caption: "a.yaml".to_owned(),
        text: text.to_owned(),
        syntax: Syntax::Yaml,
        numbered: true,
        ..Code::default()
    };
    let part = Code {
        first: 1_501,
        ..code.clone()
    };
    let part = part.html(&view("/")).to_string();
    assert!(part.contains(r#"id="raw-1502" data-n="1502""#), "{part}");
    assert!(!part.contains(r#"id="raw-1""#), "{part}");
    let html = code.html(&view("/")).to_string();
    assert!(html.contains(r#"id="raw-2""#));
    assert!(
        html.contains(r##"<span class="tok-str">&#34;a # b&#34;</span>"##),
        "{html}"
    );
    assert!(html.contains(r#"<span class="tok-com"># note</span>"#));
    assert!(html.contains(r#"<span class="tok-num">3</span>"#));
    let inside = html
        .split("<code id=\"raw\">")
        .nth(1)
        .unwrap()
        .split("</code>")
        .next()
        .unwrap();
    assert_eq!(without_tags(inside).replace("&#34;", "\""), text.trim_end());
}

#[test]
fn diffs_fold_what_is_equal_and_mark_words() {
    let old: String = (0..40).map(|line| format!("line {line}\n")).collect();
    let diff = Diff::between("a.yaml", &old, &old.replace("line 20", "line twenty"));
    assert_eq!((diff.added(), diff.removed()), (1, 1));
    let html = diff.html(&view("/")).to_string();
    assert!(
        html.contains("17 equal lines") && html.contains("16 equal lines"),
        "{html}"
    );
    assert!(
        html.contains("<ins>twenty</ins>") && html.contains("<del>20</del>"),
        "{html}"
    );
    assert!(Diff::between("same", &old, &old).is_empty());
}

#[test]
fn deep_trees_end() {
    let mut node = TreeNode {
        text: "bottom".to_owned(),
        ..TreeNode::default()
    };
    for depth in 0..300 {
        node = TreeNode {
            text: depth.to_string(),
            children: vec![node],
            ..TreeNode::default()
        };
    }
    let html = Tree { roots: vec![node] }.html(&view("/")).to_string();
    assert!(html.contains(">299<") && !html.contains("bottom"));
}

#[test]
fn lines_need_two_finite_values() {
    let spark = |values: &[f64]| {
        Spark {
            values: values.to_vec(),
            colour: 1,
            ..Spark::default()
        }
        .html()
    };
    assert_eq!(spark(&[1.0]).as_str(), "");
    assert_eq!(spark(&[1.0, f64::NAN]).as_str(), "");
    assert!(spark(&[1.0, 3.0]).as_str().contains("M0.0 28.0 100.0 4.0"));
}
