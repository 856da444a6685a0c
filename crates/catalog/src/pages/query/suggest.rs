//! What may stand at the cursor of the query box: fields, and values with how
//! many entities have them.

use askama::Template;
use axum::response::IntoResponse;
use model::entity_ref::EntityRef;
use model::query::{Predicate, Test, fold_case};
use platform::request::Call;
use portal::{Page, View};

use super::super::selection::{FACETS, FacetKey, ME};
use super::super::{Answer, Desk};
use super::meaning::{facet_of, having, key_of, state};
use super::{Field, Ground, MAX_CHARS, Named, PARTS, STATES, print};
use crate::index::ListRequest;
use crate::visibility::visible_to;

/// Proposals of one kind.
const MAX_OFFERED: usize = 10;
/// Facets whose values are proposed for a bare word.
const WORDS_OF: [&str; 6] = ["owner", "kind", "type", "system", "tag", "lifecycle"];
/// Of these, how many.
const MAX_OF_WORDS: usize = 6;

#[derive(Template)]
#[template(path = "catalog/list-suggest.html")]
struct Suggestions {
    options: Vec<Choice>,
    view: View,
}

/// One proposal.
struct Choice {
    /// What it puts in: `owner:` or `owner:team-pay`.
    text: String,
    count: Option<u64>,
    /// The whole query with it.
    query: String,
    /// Where the cursor is then, in UTF-16 units.
    caret: usize,
}

/// `GET /catalog/suggest?q=&at=`: `at` is the cursor in UTF-16 units, as
/// browsers count. A fragment of options, for the query of now.
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let text: String = call
        .query
        .get("q")
        .unwrap_or_default()
        .chars()
        .take(MAX_CHARS)
        .collect();
    let units = call.query.get("at").and_then(|at| at.parse().ok());
    let spot = Spot::of(&text, byte_of(&text, units.unwrap_or(usize::MAX)));
    let stars = desk.stars(&call.caller).await?;
    let visible = visible_to(&call.caller);
    let offered = {
        let index = desk.catalog.model.index();
        let flags = desk.flags(&index, false);
        let help = Help {
            ground: Ground {
                index: &index,
                flags: &flags,
                caller: &call.caller,
                stars: &stars,
            },
            visible: visible.as_ref(),
        };
        help.offered(&spot)
    };
    let options = offered
        .into_iter()
        .map(|(text, count)| spot.with(text, count))
        .collect();
    Ok(Page::new(Suggestions { options, view }).into_response())
}

/// The byte at a number of UTF-16 units.
fn byte_of(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        if passed >= units {
            return at;
        }
        passed += c.len_utf16();
    }
    text.len()
}

/// What stands at the cursor.
struct Spot<'t> {
    before: &'t str,
    after: &'t str,
    /// The field whose value is being written.
    field: Option<(Field, &'t str)>,
    /// What is written of it, lower case.
    partial: String,
}

impl<'t> Spot<'t> {
    fn of(text: &'t str, cursor: usize) -> Self {
        let (head, tail) = text.split_at_checked(cursor).unwrap_or((text, ""));
        let (mut from, mut comma, mut in_quotes) = (0, None, false);
        for (at, c) in head.char_indices() {
            match c {
                '"' => in_quotes = !in_quotes,
                ',' if !in_quotes => comma = Some(at + 1),
                c if !in_quotes && (c.is_whitespace() || c == '(') => {
                    (from, comma) = (at + c.len_utf8(), None);
                }
                _ => {}
            }
        }
        let token = head.get(from..).unwrap_or_default();
        let word = token.trim_start_matches('-');
        from += token.len() - word.len();
        let field = word
            .split_once(':')
            .and_then(|(name, _)| Some((Field::of(name)?, name)));
        let begin = match &field {
            Some((_, name)) => comma.unwrap_or(0).max(from + name.len() + 1),
            None => from,
        };
        let (before, partial) = head.split_at_checked(begin).unwrap_or((head, ""));
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',');
        let end = tail.find(ends).unwrap_or(tail.len());
        Self {
            before,
            after: tail.get(end..).unwrap_or_default(),
            field,
            partial: fold_case(partial.trim_start_matches('"')).into_owned(),
        }
    }

    /// The query with a proposal put in.
    fn with(&self, text: String, count: Option<u64>) -> Choice {
        let mut query = self.before.to_owned();
        query.push_str(&text);
        // A field waits for its value, a value is finished.
        if !text.ends_with([':', '.']) && !self.after.starts_with([' ', ',', ')']) {
            query.push(' ');
        }
        let caret = query.encode_utf16().count();
        query.push_str(self.after);
        let text = match &self.field {
            Some((_, name)) => format!("{name}:{text}"),
            None => text,
        };
        Choice {
            text,
            count,
            query,
            caret,
        }
    }
}

type Offer = (String, Option<u64>);

struct Help<'a> {
    ground: Ground<'a>,
    visible: Option<&'a Predicate>,
}

impl Help<'_> {
    fn count(&self, query: Predicate) -> u64 {
        let request = ListRequest {
            query: Some(query),
            visible: self.visible.cloned(),
            ..ListRequest::default()
        };
        self.ground.flags.count(self.ground.index, &request)
    }

    fn offered(&self, spot: &Spot<'_>) -> Vec<Offer> {
        let Some((field, _)) = &spot.field else {
            return self.fields(&spot.partial);
        };
        let values = match (field, facet_of(field)) {
            (_, Some(facet)) => self.of_facet(facet, &spot.partial),
            (Field::Named(Named::Is), _) => self.of_list(&STATES, state, &spot.partial),
            (Field::Named(Named::Has), _) => self.of_list(&PARTS, having, &spot.partial),
            (Field::Named(_), _) => self.names(&spot.partial),
            _ => key_of(field).map_or_else(Vec::new, |key| self.of_key(&key, None, &spot.partial)),
        };
        let mut offers: Vec<Offer> = Vec::new();
        for (value, count) in best(values, &spot.partial, MAX_OFFERED) {
            let mut text = String::new();
            if print::value(&value, &mut text).is_ok() {
                offers.push((text, Some(count)));
            }
        }
        offers
    }

    /// Names of fields, then whole conditions that the word may mean.
    fn fields(&self, partial: &str) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Named::ALL
            .into_iter()
            .filter(|named| named.name().starts_with(partial))
            .map(|named| (format!("{}:", named.name()), None))
            .collect();
        for (prefix, under) in [
            ("label.", "metadata.labels."),
            ("annotation.", "metadata.annotations."),
        ] {
            if let Some(key) = partial.strip_prefix(prefix) {
                let keys = self.ground.index.keys_under(&format!("{under}{key}"));
                for key in keys.into_iter().take(MAX_OFFERED) {
                    let count = self.count(Predicate::exists(&key));
                    let name = key.strip_prefix(under).unwrap_or(&key);
                    if count > 0 {
                        offers.push((format!("{prefix}{name}"), Some(count)));
                    }
                }
            } else if prefix.starts_with(partial) {
                offers.push((prefix.to_owned(), None));
            }
        }
        if partial.chars().count() >= 2 {
            offers.extend(self.of_words(partial));
        }
        offers
    }

    fn of_words(&self, partial: &str) -> Vec<Offer> {
        let mut found = Vec::new();
        for facet in FACETS.iter().filter(|facet| WORDS_OF.contains(&facet.name)) {
            for (value, count) in self.of_facet(facet, partial) {
                let mut text = format!("{}:", facet.name);
                if print::value(&value, &mut text).is_ok() {
                    found.push((text, count));
                }
            }
        }
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(MAX_OF_WORDS);
        found
            .into_iter()
            .map(|(text, count)| (text, Some(count)))
            .collect()
    }

    fn of_facet(&self, facet: &FacetKey, partial: &str) -> Vec<(String, u64)> {
        if let Some(known) = facet.derived(self.ground.flags) {
            return known
                .iter()
                .filter(|(name, _)| name.contains(partial))
                .map(|(name, holds)| (name.clone(), self.count(holds.clone())))
                .collect();
        }
        let mut values = self.of_key(facet.key, Some(facet), partial);
        if facet.name == "owner" && ME.starts_with(partial) {
            values.push((ME.to_owned(), self.count(self.ground.mine())));
        }
        values
    }

    /// The values of a search key that contain what is written.
    fn of_key(&self, key: &str, facet: Option<&FacetKey>, partial: &str) -> Vec<(String, u64)> {
        let request = ListRequest {
            visible: self.visible.cloned(),
            ..ListRequest::default()
        };
        let counted = self
            .ground
            .flags
            .facets(self.ground.index, &[key], &request);
        let mut values: Vec<(String, u64)> = Vec::new();
        for found in counted.iter().flat_map(|facet| &facet.values) {
            let value = match facet {
                Some(facet) if facet.name == "system" && !found.value.starts_with("system:") => {
                    continue;
                }
                Some(facet) => short(facet, &found.value),
                None => found.value.clone(),
            };
            if !fold_case(&value).contains(partial) {
                continue;
            }
            let count = u64::try_from(found.count).unwrap_or(u64::MAX);
            match values.last_mut() {
                Some(last) if fold_case(&last.0) == fold_case(&value) => last.1 += count,
                _ => values.push((value, count)),
            }
        }
        values
    }

    fn of_list(
        &self,
        known: &[&str],
        meaning: fn(&str, &Ground<'_>) -> Predicate,
        partial: &str,
    ) -> Vec<(String, u64)> {
        known
            .iter()
            .filter(|name| name.contains(partial))
            .map(|name| ((*name).to_owned(), self.count(meaning(name, &self.ground))))
            .collect()
    }

    fn names(&self, partial: &str) -> Vec<(String, u64)> {
        let begins = Predicate::Field {
            key: "metadata.name".to_owned(),
            test: Test::HasPrefix(partial.to_owned()),
        };
        let listed = self.ground.index.list(&ListRequest {
            query: Some(begins),
            visible: self.visible.cloned(),
            limit: Some(MAX_OFFERED),
            ..ListRequest::default()
        });
        let mut names: Vec<&str> = listed
            .items
            .iter()
            .map(|entity| entity.entity_ref().name())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .map(|name| {
                (
                    name.to_owned(),
                    self.count(Predicate::equals("metadata.name", name)),
                )
            })
            .collect()
    }
}

/// A reference as short as it may be written in the facet.
fn short(facet: &FacetKey, value: &str) -> String {
    if facet.name == "kind" {
        return value.to_lowercase();
    }
    match EntityRef::parse(value, None, None) {
        Ok(found) if found.kind() == facet.refers_to && found.namespace() == "default" => {
            found.name().to_owned()
        }
        _ => value.to_owned(),
    }
}

/// Those that begin so first, then by how many have them.
fn best(mut values: Vec<(String, u64)>, partial: &str, most: usize) -> Vec<(String, u64)> {
    let begins = |value: &str| fold_case(value).starts_with(partial);
    values.retain(|(_, count)| *count > 0);
    values.sort_by(|a, b| {
        begins(&b.0)
            .cmp(&begins(&a.0))
            .then_with(|| b.1.cmp(&a.1))
            .then_with(|| a.0.cmp(&b.0))
    });
    values.truncate(most);
    values
}
