//! Why something was found, in words.

use portal::View;

use crate::engine::{Evidence, Explanation, Field, MatchKind};

/// One sentence for each reason.
pub(super) fn reasons(view: &View, explanation: &Explanation) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    reasons.extend(explanation.whole.as_ref().map(|whole| reason(view, whole)));
    reasons.extend(explanation.words.iter().map(|word| reason(view, word)));
    if explanation.own > 1.0 {
        reasons.push(
            view.t("search-why-own")
                .with("factor", rounded(explanation.own))
                .to_string(),
        );
    }
    if (explanation.boost - 1.0).abs() > 0.001 {
        reasons.push(
            view.t("search-why-boost")
                .with("factor", rounded(explanation.boost))
                .to_string(),
        );
    }
    reasons.push(
        view.t("search-why-score")
            .with("score", rounded(explanation.score))
            .to_string(),
    );
    reasons
}

fn reason(view: &View, evidence: &Evidence) -> String {
    view.t("search-why-word")
        .with("word", &evidence.word)
        .with("found", &evidence.found)
        .with("how", view.t(how(evidence.kind)).to_string())
        .with("where", view.t(place(evidence.field)).to_string())
        .with("points", rounded(evidence.weight * evidence.factor))
        .to_string()
}

fn rounded(number: f32) -> String {
    format!("{number:.2}")
}

fn how(kind: MatchKind) -> &'static str {
    match kind {
        MatchKind::Exact => "search-match-exact",
        MatchKind::Prefix => "search-match-prefix",
        MatchKind::Infix => "search-match-infix",
        MatchKind::Initials => "search-match-initials",
        MatchKind::Synonym => "search-match-synonym",
        MatchKind::Layout => "search-match-layout",
        MatchKind::Typo => "search-match-typo",
    }
}

fn place(field: Field) -> &'static str {
    match field {
        Field::Name | Field::WholeName => "search-field-name",
        Field::Address => "search-field-address",
        Field::Tag => "search-field-tag",
        Field::Owner => "search-field-owner",
        Field::System => "search-field-system",
        Field::Kind => "search-field-kind",
        Field::Description => "search-field-description",
        Field::Annotation => "search-field-annotation",
        Field::Definition => "search-field-definition",
    }
}
