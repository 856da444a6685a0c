//! Parts of a list page: facets, active filters, table head, pager.

use askama::Template;

use super::Html;
use crate::query::Address;
use crate::view::View;

/// One value of a facet.
#[derive(Clone, Debug, Default)]
pub struct FacetValue {
    /// The value in the address.
    pub value: String,
    /// What it is called.
    pub text: String,
    /// How many things have it under the other filters.
    pub count: u64,
    /// Whether it is chosen.
    pub checked: bool,
}

/// One group of check boxes.
#[derive(Clone, Debug, Default)]
pub struct Facet {
    /// The name in the address.
    pub name: String,
    /// The heading.
    pub title: String,
    /// In order.
    pub values: Vec<FacetValue>,
}

/// The facet rail: a GET form, so that the address holds the choice.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    /// Where the form goes: the path of the list.
    pub action: String,
    /// What must survive a change of the facets, such as the kind or the
    /// search; the page number must not.
    pub keep: Vec<(String, String)>,
    /// In order.
    pub facets: Vec<Facet>,
}

impl Facets {
    /// Keeps every pair of the address that is neither a facet nor in `drop`.
    #[must_use]
    pub fn keeping(mut self, here: &Address, drop: &[&str]) -> Self {
        self.keep = here
            .pairs()
            .iter()
            .filter(|(name, _)| {
                !drop.contains(&name.as_str())
                    && self.facets.iter().all(|facet| facet.name != *name)
            })
            .cloned()
            .collect();
        self
    }

    /// How many values are chosen.
    pub fn chosen(&self) -> usize {
        self.facets
            .iter()
            .flat_map(|facet| &facet.values)
            .filter(|value| value.checked)
            .count()
    }

    /// The form, where there is something to choose. Put it first into
    /// `<div class="listing" id="listing">`.
    pub fn html(&self, view: &View) -> Html {
        if self.facets.is_empty() {
            return Html::default();
        }
        Html::of(&FacetsTemplate { view, facets: self })
    }

    /// The button that opens the form as a sheet on narrow screens, for the toolbar.
    pub fn opener(&self, view: &View) -> Html {
        if self.facets.is_empty() {
            return Html::default();
        }
        Html::of(&OpenerTemplate {
            view,
            chosen: self.chosen(),
        })
    }
}

#[derive(Template)]
#[template(path = "components/facets.html")]
struct FacetsTemplate<'a> {
    view: &'a View,
    facets: &'a Facets,
}

#[derive(Template)]
#[template(path = "components/facets-open.html")]
struct OpenerTemplate<'a> {
    view: &'a View,
    chosen: usize,
}

/// One active filter.
#[derive(Clone, Debug, Default)]
pub struct Chip {
    /// For example `owner: team-commerce`.
    pub text: String,
    /// The list without this filter.
    pub remove: String,
}

/// All active filters.
#[derive(Clone, Debug, Default)]
pub struct Chips {
    /// In the order of the address.
    pub chips: Vec<Chip>,
    /// The list without any filter.
    pub clear: String,
}

impl Chips {
    /// The markup; nothing when no filter is active.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&ChipsTemplate { view, chips: self })
    }
}

#[derive(Template)]
#[template(path = "components/chips.html")]
struct ChipsTemplate<'a> {
    view: &'a View,
    chips: &'a Chips,
}

/// One column of a table.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// The heading.
    pub title: String,
    /// What `sort=` takes for it; empty when the table cannot be sorted by it.
    pub sort: &'static str,
    /// `hide` leaves it out in narrow cards, `wide` shows it only in wide ones.
    pub narrow: &'static str,
    /// The heading is for screen readers only.
    pub silent: bool,
}

impl Column {
    /// A column that cannot be sorted by.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A column with `sort=<key>` and `sort=-<key>`.
    pub fn sorted(title: impl Into<String>, key: &'static str) -> Self {
        Self {
            title: title.into(),
            sort: key,
            ..Self::default()
        }
    }

    /// Sets when it is shown: `hide` or `wide`.
    #[must_use]
    pub fn narrow(mut self, narrow: &'static str) -> Self {
        self.narrow = narrow;
        self
    }

    /// A column of buttons.
    pub fn silent(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            silent: true,
            ..Self::default()
        }
    }
}

/// `<thead>` with links that sort.
#[derive(Clone, Debug)]
pub struct TableHead {
    columns: Vec<Column>,
    here: Address,
    sort: String,
}

impl TableHead {
    /// `default_sort` is what the list does without `sort=`, such as `name`.
    pub fn new(here: &Address, default_sort: &str, columns: Vec<Column>) -> Self {
        let sort = here.get("sort").unwrap_or(default_sort).to_owned();
        Self {
            columns,
            here: here.without("page").without("cursor"),
            sort,
        }
    }

    /// `ascending`, `descending` or nothing.
    fn direction(&self, column: &Column) -> Option<&'static str> {
        let (key, direction) = match self.sort.strip_prefix('-') {
            Some(key) => (key, "descending"),
            None => (self.sort.as_str(), "ascending"),
        };
        (!column.sort.is_empty() && key == column.sort).then_some(direction)
    }

    /// Sorting by a column again turns the order round.
    fn href(&self, column: &Column) -> String {
        let turn = self.direction(column) == Some("ascending");
        let sort = if turn {
            format!("-{}", column.sort)
        } else {
            column.sort.to_owned()
        };
        self.here.with("sort", &sort).to_string()
    }

    /// The markup.
    pub fn html(&self) -> Html {
        Html::of(&HeadTemplate { head: self })
    }
}

#[derive(Template)]
#[template(path = "components/table-head.html")]
struct HeadTemplate<'a> {
    head: &'a TableHead,
}

/// Which part of a long list the page shows.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The first row's number, from 1; 0 for an empty list.
    pub first: u64,
    /// The last row's number.
    pub last: u64,
    /// How many rows the whole list has.
    pub total: u64,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

impl Pager {
    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&PagerTemplate { view, pager: self })
    }
}

#[derive(Template)]
#[template(path = "components/pager.html")]
struct PagerTemplate<'a> {
    view: &'a View,
    pager: &'a Pager,
}
