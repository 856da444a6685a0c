//! Recovery codes: ten secrets on paper for the day on which the passkey is
//! lost or the password forgotten. Each signs in once.

use axum::http::request::Parts;
use platform::ApiError;
use platform::actor::Caller;

use super::accounts::changed;
use crate::csrf::require_same_origin;
use crate::identity::Identity;
use crate::secret::{Secret, SecretDigest};
use crate::sessions::{Method, SignedIn, actor};
use crate::store::accounts as rows;

/// Codes made at once.
const COUNT: usize = 10;
/// The 32 letters of Crockford, which cannot be mistaken for each other on paper.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Identity {
    /// Makes ten new codes for the account of a session; earlier ones stop to
    /// work. They exist nowhere else.
    ///
    /// # Errors
    /// 403 for somebody without an account here or with an old session.
    pub async fn make_recovery_codes(
        &self,
        caller: &Caller,
        parts: &Parts,
    ) -> Result<Vec<Secret<String>>, ApiError> {
        let (_, account) = self.own_fresh_account(caller, parts).await?;
        let mut codes = Vec::with_capacity(COUNT);
        for _ in 0..COUNT {
            codes.push(self.recovery_code()?);
        }
        let digests: Vec<String> = codes
            .iter()
            .map(|code| digest(&account.id, code.expose()))
            .collect();
        let mut tx = self.db().begin().await?;
        rows::replace_codes(&mut tx, &account.id, &digests).await?;
        changed(&mut tx, &account, &caller.actor, "recovery-codes-made").await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// How many codes of the caller's account still work.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recovery_codes_left(&self, caller: &Caller) -> Result<i64, ApiError> {
        match self.own_account(caller).await? {
            Some(account) => Ok(rows::codes_left(self.db(), &account.id).await?),
            None => Ok(0),
        }
    }

    /// Signs in with a recovery code, which then works no more.
    ///
    /// # Errors
    /// As [`Identity::sign_in_with_password`].
    pub async fn sign_in_with_recovery_code(
        &self,
        parts: &Parts,
        name: &str,
        code: &str,
    ) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        self.require_local_accounts()?;
        let (name, counters) = self.attempt(parts, name);
        // As for passwords: counted before the next one is looked at.
        let _slot = self.hashing().slot().await;
        self.require_patience(&counters).await?;
        let account = rows::by_name(self.db(), &name)
            .await?
            .map(|(account, _)| account)
            .filter(|account| account.disabled_at.is_none());
        // Somebody else's code is none; nobody's id finds none.
        let id = account.as_ref().map_or("", |account| account.id.as_str());
        let mut tx = self.db().begin().await?;
        let right = rows::take_code(&mut tx, &digest(id, code)).await?;
        let Some(account) = account.filter(|_| right) else {
            drop(tx);
            return Err(self
                .refuse_sign_in(parts, &counters, (&name, Method::Recovery))
                .await?);
        };
        changed(
            &mut tx,
            &account,
            &actor(&account.user),
            "recovery-code-used",
        )
        .await?;
        tx.commit().await?;
        self.enter_account(parts, &account, Method::Recovery, &counters)
            .await
    }

    /// Sixteen letters, 80 random bits, in groups of four.
    fn recovery_code(&self) -> Result<Secret<String>, ApiError> {
        let mut code = String::with_capacity(19);
        for (at, byte) in self.entropy().bytes::<16>()?.into_iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                code.push('-');
            }
            let letter = LETTERS.get(usize::from(byte % 32)).copied();
            code.push(char::from(letter.unwrap_or(b'a')));
        }
        Ok(Secret::new(code))
    }
}

/// Codes are hashed with their account's id, so that one of another account
/// cannot be found.
fn digest(account: &str, code: &str) -> String {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    SecretDigest::of(&format!("{account}:{letters}")).to_hex()
}
