//! The pages of a connection of GraphQL.

use serde_json::Value;
use url::Url;

use super::api::{Api, MAX_PAGES, Observer, Progress};
use super::error::ForgeError;
use super::types::Fields;

/// A connection that is read to its end.
pub(super) struct Connection<'a, V> {
    /// What is being done, for errors and progress.
    pub(super) what: &'a str,
    /// Where the query goes.
    pub(super) url: &'a Url,
    /// The query.
    pub(super) text: &'a str,
    /// Its variables, with the cursor after which to go on.
    pub(super) variables: V,
    /// JSON pointer to the connection in the answer's `data`.
    pub(super) at: &'a str,
}

impl Api {
    /// Every node of a connection after a cursor (`null` for all of them).
    ///
    /// # Errors
    /// A page that cannot be read, or that does not say how to go on, ends the
    /// listing: half of it must not look like all of it.
    pub(super) async fn nodes<V: Fn(&Value) -> Value>(
        &self,
        asked: &Connection<'_, V>,
        after: Value,
        observer: Observer<'_>,
    ) -> Result<Vec<Value>, ForgeError> {
        let what = asked.what;
        let mut all = Vec::new();
        let mut after = after;
        for _ in 0..MAX_PAGES {
            let variables = (asked.variables)(&after);
            let data = self
                .graphql(what, asked.url, asked.text, &variables)
                .await?;
            let connection = data
                .pointer(asked.at)
                .ok_or_else(|| self.garbage(what, &format!("the answer has no `{}`", asked.at)))?;
            let nodes = nodes_of(connection).map_err(|reason| self.garbage(what, reason))?;
            all.extend_from_slice(nodes);
            let total = connection
                .get("totalCount")
                .and_then(Value::as_u64)
                .and_then(|total| usize::try_from(total).ok());
            let progress = Progress {
                what: what.to_owned(),
                done: all.len(),
                total,
            };
            if observer(progress).is_break() {
                return Err(ForgeError::Stopped {
                    what: what.to_owned(),
                });
            }
            match next_cursor(connection).map_err(|reason| self.garbage(what, reason))? {
                Some(cursor) if cursor != after => after = cursor,
                Some(_) => return Err(self.garbage(what, "the cursor does not move")),
                None => return Ok(all),
            }
        }
        Err(self.garbage(what, &format!("more than {MAX_PAGES} pages")))
    }
}

/// The nodes of one page; some may be `null` where the credential may not see
/// them.
pub(super) fn nodes_of(connection: &Value) -> Result<&[Value], &'static str> {
    connection
        .get("nodes")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .ok_or("a page of the list has no `nodes`")
}

/// The cursor of the next page; `None` at the end.
pub(super) fn next_cursor(connection: &Value) -> Result<Option<Value>, &'static str> {
    let page = connection
        .get("pageInfo")
        .filter(|page| page.is_object())
        .ok_or("a page of the list has no `pageInfo`")?;
    if !page.flag("hasNextPage") {
        return Ok(None);
    }
    match page.get("endCursor") {
        Some(cursor) if !cursor.is_null() => Ok(Some(cursor.clone())),
        _ => Err("a page says that more follow, but not where"),
    }
}
