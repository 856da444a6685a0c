//! What people keep for themselves: JSON values in buckets, as Backstage's
//! user settings. Nobody reads or changes those of another. A group keeps
//! settings too: whoever belongs to it reads and changes them.

use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::Caller;
use serde_json::{Value, json};

use crate::events::{self, USER_SETTING_CHANGED};
use crate::identity::Identity;
use crate::store::user_settings as rows;

/// Characters of a bucket's or a setting's name.
const MAX_NAME: usize = 255;
/// Bytes of a value as JSON.
const MAX_VALUE: usize = 64 * 1024;
/// Settings in one bucket of one person.
const MAX_SETTINGS: i64 = 1_000;

impl Identity {
    /// A setting of the caller's own.
    ///
    /// # Errors
    /// 401 for nobody, 400 for a name that cannot be.
    pub async fn user_setting(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Value>, ApiError> {
        let place = (owner(caller)?, named(bucket)?, named(key)?);
        Ok(rows::get(self.db(), place)
            .await?
            .and_then(|value| serde_json::from_str(&value).ok()))
    }

    /// All settings of a bucket of the caller's own, by key. Nobody has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_settings(
        &self,
        caller: &Caller,
        bucket: &str,
    ) -> Result<Vec<(String, Value)>, ApiError> {
        let Ok(user) = owner(caller) else {
            return Ok(Vec::new());
        };
        let stored = rows::bucket(self.db(), user, named(bucket)?).await?;
        Ok(stored.into_iter().filter_map(read).collect())
    }

    /// Keeps a value, and says so in the log (without the value).
    ///
    /// # Errors
    /// 401 for nobody, 400 for a name or a value that cannot be, 409 when the
    /// bucket is full.
    pub async fn set_user_setting(
        &self,
        caller: &Caller,
        (bucket, key): (&str, &str),
        value: &Value,
    ) -> Result<(), ApiError> {
        self.keep(caller, (owner(caller)?, bucket, key), value)
            .await
    }

    /// All settings of a bucket that a group keeps, by key.
    ///
    /// # Errors
    /// 401 for nobody, 403 for somebody who does not belong to the group.
    pub async fn group_settings(
        &self,
        caller: &Caller,
        group: &EntityRef,
        bucket: &str,
    ) -> Result<Vec<(String, Value)>, ApiError> {
        let stored = rows::bucket(self.db(), member(caller, group)?, named(bucket)?).await?;
        Ok(stored.into_iter().filter_map(read).collect())
    }

    /// Keeps a value for a group, and says so in the log (without the value).
    ///
    /// # Errors
    /// As [`Identity::set_user_setting`], and 403 for somebody who does not
    /// belong to the group.
    pub async fn set_group_setting(
        &self,
        caller: &Caller,
        group: &EntityRef,
        (bucket, key): (&str, &str),
        value: &Value,
    ) -> Result<(), ApiError> {
        self.keep(caller, (member(caller, group)?, bucket, key), value)
            .await
    }

    /// Forgets a value of a group; there need not be one.
    ///
    /// # Errors
    /// 401 for nobody, 403 for somebody who does not belong to the group.
    pub async fn remove_group_setting(
        &self,
        caller: &Caller,
        group: &EntityRef,
        (bucket, key): (&str, &str),
    ) -> Result<(), ApiError> {
        self.forget(caller, (member(caller, group)?, bucket, key))
            .await
    }

    async fn keep(
        &self,
        caller: &Caller,
        (owner, bucket, key): (&str, &str, &str),
        value: &Value,
    ) -> Result<(), ApiError> {
        let place = (owner, named(bucket)?, named(key)?);
        let text = value.to_string();
        if text.len() > MAX_VALUE {
            return Err(
                ApiError::input(format!("The value is {} bytes long as JSON", text.len()))
                    .accepted(format!("at most {MAX_VALUE} bytes")),
            );
        }
        let mut tx = self.db().begin().await?;
        if rows::others(&mut tx, place).await? >= MAX_SETTINGS {
            return Err(ApiError::conflict(format!(
                "The bucket {bucket} holds {MAX_SETTINGS} settings"
            ))
            .fix("remove some that you no longer need"));
        }
        let before = rows::get_in(&mut tx, place).await?;
        rows::set(&mut tx, place, &text, self.clock().now()).await?;
        let change = ("set", before.as_deref(), Some(text.as_str()));
        self.note(&mut tx, caller, place, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets a value; there need not be one.
    ///
    /// # Errors
    /// 401 for nobody, 400 for a name that cannot be.
    pub async fn remove_user_setting(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
    ) -> Result<(), ApiError> {
        self.forget(caller, (owner(caller)?, bucket, key)).await
    }

    async fn forget(
        &self,
        caller: &Caller,
        (owner, bucket, key): (&str, &str, &str),
    ) -> Result<(), ApiError> {
        let place = (owner, named(bucket)?, named(key)?);
        let mut tx = self.db().begin().await?;
        let before = rows::get_in(&mut tx, place).await?;
        if rows::remove(&mut tx, place).await? {
            let change = ("removed", before.as_deref(), None);
            self.note(&mut tx, caller, place, change).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut platform::store::Tx,
        caller: &Caller,
        (user, bucket, key): (&str, &str, &str),
        (change, before, after): (&str, Option<&str>, Option<&str>),
    ) -> Result<(), ApiError> {
        // What people keep for themselves is theirs; that it changed, and whether
        // it is what it once was, can be told.
        let data = json!({
            "bucket": bucket,
            "key": key,
            "change": change,
            "before": before.map(|value| self.fingerprint(value)),
            "after": after.map(|value| self.fingerprint(value)),
        });
        events::append(
            tx,
            USER_SETTING_CHANGED,
            user.to_owned(),
            &caller.actor,
            data,
        )
        .await?;
        Ok(())
    }
}

/// Whose settings a caller's are.
fn owner(caller: &Caller) -> Result<&str, ApiError> {
    if caller.is_anonymous() {
        return Err(ApiError::unauthenticated(
            "Settings belong to somebody, and nobody is signed in",
        )
        .fix("sign in, or send a token"));
    }
    Ok(&caller.actor.name)
}

/// The name that a group's settings are kept under, for somebody who belongs to it.
fn member<'g>(caller: &Caller, group: &'g EntityRef) -> Result<&'g str, ApiError> {
    owner(caller)?;
    if !caller.ownership.contains(group) {
        return Err(ApiError::not_allowed(format!(
            "The settings of {group} are for those who belong to it"
        ))
        .fix("ask somebody of the group"));
    }
    Ok(group.as_str())
}

fn read((key, value): (String, String)) -> Option<(String, Value)> {
    Some((key, serde_json::from_str(&value).ok()?))
}

fn named(name: &str) -> Result<&str, ApiError> {
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME || name.chars().any(char::is_control) {
        return Err(
            ApiError::input("The name of a bucket or of a setting cannot be used").accepted(
                format!("1 to {MAX_NAME} characters without control characters"),
            ),
        );
    }
    Ok(name)
}
