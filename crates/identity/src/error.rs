//! What can fail below the HTTP surface.

use platform::ApiError;

/// Why identity could not do its work. None of these is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The database refused or did not answer.
    #[error("the database did not answer: {0}")]
    Store(#[from] platform::store::StoreError),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Entropy,
    /// A signing key could not be made, sealed or used.
    #[error("a signing key is not usable: {0}")]
    Key(&'static str),
    /// The file with the sealing key cannot be used.
    #[error("{path}: {problem}")]
    SealFile {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A row does not hold what this version writes.
    #[error("the row {0} is not one that this version of Portway writes")]
    Row(String),
}

impl IdentityError {
    /// Whether somebody else has just written the same.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(
            self,
            Self::Store(platform::store::StoreError::Duplicate { .. })
        )
    }
}

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        Self::internal(error)
    }
}
