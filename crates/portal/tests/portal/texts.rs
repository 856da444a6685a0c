use std::sync::Arc;

use portal::{Lang, Texts, TextsError};

const EN: &str = "
count = { $n ->
    [one] { $n } thing
   *[other] { $n } things
}
owner = owned by { $who }
when = read { $time } ago
";
const KO: &str = r#"
count = { $n }개
owner = { JOSA($who, "이/가") } 맡아요
when = { $time } 전에 읽었어요
"#;

fn texts() -> Arc<Texts> {
    Arc::new(Texts::new(&[("en", EN), ("ko", KO)]).unwrap())
}

#[test]
fn plurals_separators_and_particles() {
    let texts = texts();
    let count = |lang, n: u64| texts.get(lang, "count").with("n", n).to_string();
    assert_eq!(count(Lang::En, 1), "1 thing");
    assert_eq!(count(Lang::En, 1_234_567), "1,234,567 things");
    assert_eq!(count(Lang::Ko, 1_234), "1,234개");
    let owner = |who: &str| texts.get(Lang::Ko, "owner").with("who", who).to_string();
    assert_eq!(owner("order-service"), "order-service가 맡아요");
    assert_eq!(owner("결제팀"), "결제팀이 맡아요");
    assert_eq!(texts.missing(), Vec::<String>::new());
}

#[test]
fn markup_in_a_sentence_stays_and_the_rest_is_escaped() {
    let texts = Arc::new(Texts::new(&[("en", "by = <{ $who }> at { $time }")]).unwrap());
    let markup = askama::filters::Safe("<b>now</b>");
    let text = texts
        .get(Lang::En, "by")
        .with("who", "<i>")
        .html("time", askama::filters::HtmlSafeOutput(markup));
    assert_eq!(text.to_string(), "&#60;&#60;i&#62;&#62; at <b>now</b>");
}

#[test]
fn what_is_missing_shows_its_key_and_is_noted() {
    let texts = texts();
    assert_eq!(texts.get(Lang::En, "nothing").to_string(), "nothing");
    let _ = texts.get(Lang::Ko, "count").to_string();
    assert_eq!(
        texts.missing(),
        ["en:nothing", "ko:count needs another variable"]
    );
}

#[test]
fn sources_are_refused_with_their_place() {
    let syntax = Texts::new(&[("en", "fine = yes\nbroken = { $a\n")]).unwrap_err();
    assert!(
        matches!(syntax, TextsError::Syntax { lang: Lang::En, .. }),
        "{syntax}"
    );
    let twice = Texts::new(&[("ko", "a = 1"), ("ko", "a = 2")]).unwrap_err();
    assert_eq!(
        twice,
        TextsError::Twice {
            lang: Lang::Ko,
            key: "a".to_owned()
        }
    );
    assert_eq!(
        Texts::new(&[("fr", "a = 1")]).unwrap_err(),
        TextsError::Language("fr".to_owned())
    );
}
