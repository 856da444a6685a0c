//! Where random bytes come from. A parameter, like the clock, so that a test
//! can repeat what it saw.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;
use zeroize::Zeroize;

use crate::error::IdentityError;
use crate::secret::Secret;

type Fill = dyn Fn(&mut [u8]) -> Result<(), IdentityError> + Send + Sync;

/// A source of random bytes fit for secrets.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(Arc::new(|bytes| {
            SysRng
                .try_fill_bytes(bytes)
                .map_err(|_| IdentityError::Entropy)
        }))
    }

    /// A source of the caller's making. Only tests have a reason for it.
    pub fn from_fn(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |bytes| {
            fill(bytes);
            Ok(())
        }))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], IdentityError> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        Ok(bytes)
    }

    /// 256 random bits behind `prefix`, in the alphabet of URLs and cookies.
    pub(crate) fn secret(&self, prefix: &str) -> Result<Secret<String>, IdentityError> {
        let mut bytes = self.bytes::<32>()?;
        let mut text = String::with_capacity(prefix.len() + 43);
        text.push_str(prefix);
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        bytes.zeroize();
        Ok(Secret::new(text))
    }

    /// A random identifier, which is no secret.
    pub(crate) fn id(&self) -> Result<String, IdentityError> {
        Ok(uuid::Builder::from_random_bytes(self.bytes::<16>()?)
            .into_uuid()
            .to_string())
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
