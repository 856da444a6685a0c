//! Sign-in with accounts from elsewhere, against a provider that the test
//! plays: what an honest one sends gets in, what an attacker sends does not.

mod attacks;
mod doctor;
mod forges;
mod honest;
mod proxies;
mod setup;

pub(crate) use attacks::an_answer_counts_once;
pub(crate) use honest::{
    a_user_is_made_just_in_time_with_the_groups_that_exist, an_openid_account_becomes_a_session,
    refresh_and_logout_are_backstages,
};
pub(crate) use setup::*;
