//! Sign-in with accounts from elsewhere, against a provider that the test
//! plays: what an honest one sends gets in, what an attacker sends does not.

mod attacks;
mod doctor;
mod forges;
mod honest;
mod proxies;
mod setup;
mod tokens;

pub(crate) use attacks::{a_local_account_is_nobody_elses, an_answer_counts_once};
pub(crate) use honest::{
    a_user_is_made_just_in_time_with_the_groups_that_exist, an_openid_account_becomes_a_session,
    refresh_and_logout_are_backstages,
};
pub(crate) use setup::*;
pub(crate) use tokens::{
    a_front_end_that_asks_for_scopes_gets_the_provider_s_tokens,
    the_provider_s_tokens_end_with_the_session,
};
