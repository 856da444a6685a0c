//! The providers as the sign-in page and the addresses name them.

use super::refused::{Fault, Reason};
use super::settings::ProviderKind;
use super::{Provider, Providers};
use crate::identity::Identity;

/// A provider as the sign-in page offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderButton {
    /// Its id.
    pub id: String,
    /// What sort it is.
    pub kind: ProviderKind,
    /// What people call it.
    pub title: String,
}

impl Identity {
    /// The providers as the sign-in page offers them, in their order.
    pub fn provider_buttons(&self) -> Vec<ProviderButton> {
        let list = self.providers().map(|providers| providers.list.as_slice());
        list.unwrap_or_default()
            .iter()
            .map(|provider| ProviderButton {
                id: provider.settings.id.clone(),
                kind: provider.settings.kind,
                title: provider.settings.title.clone(),
            })
            .collect()
    }

    /// Providers that have neither a resolver nor users made just in time.
    pub(crate) fn providers_without_rules(&self) -> Vec<String> {
        let Some(providers) = self.providers() else {
            return Vec::new();
        };
        let made = providers.settings.just_in_time.as_ref();
        let list = providers.list.iter().map(|provider| &provider.settings);
        list.filter(|one| one.rules.is_empty())
            .filter(|one| {
                made.and_then(|made| made.providers.as_ref())
                    .map_or(made.is_none(), |ids| !ids.contains(&one.id))
            })
            .map(|one| one.id.clone())
            .collect()
    }

    /// The provider of this id, in the environment that is asked for.
    pub(super) fn provider(
        &self,
        id: &str,
        environment: Option<&str>,
    ) -> Result<(&Providers, &Provider), Fault> {
        let unknown = || {
            Fault::new(
                Reason::Unknown,
                "there is no such provider in the configuration",
            )
        };
        let providers = self.providers().ok_or_else(unknown)?;
        if let Some(asked) = environment.filter(|asked| !asked.is_empty())
            && asked != providers.settings.environment
        {
            return Err(Fault::new(
                Reason::Unknown,
                format!(
                    "this Portway uses the environment {}",
                    providers.settings.environment
                ),
            ));
        }
        let provider = providers.find(id).ok_or_else(unknown)?;
        Ok((providers, provider))
    }
}
