//! Members of teams that are asked for team by team.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::api::Listing;
use super::error::ForgeError;
use super::types::{Organisation, Person, Team};

/// Teams that are asked for at a time; the budget of the credential limits
/// them further.
const AT_A_TIME: usize = 8;

/// Fills in the members of every team and returns them by login. A team whose
/// members this credential may not read is marked and noted; the others are
/// read all the same.
///
/// # Errors
/// What fails for all teams ends the run.
pub(super) async fn read_members<F>(
    organisation: &mut Organisation,
    read: impl Fn(Team) -> F,
) -> Result<BTreeMap<String, Person>, ForgeError>
where
    F: Future<Output = Result<Listing<Person>, ForgeError>>,
{
    let teams = organisation.teams.clone();
    let mut answers: Vec<(usize, Result<Listing<Person>, ForgeError>)> =
        stream::iter(teams.into_iter().enumerate())
            .map(|(index, team)| {
                let members = read(team);
                async move {
                    match members.await {
                        Err(error) if !error.is_about_one_thing() => Err(error),
                        answer => Ok((index, answer)),
                    }
                }
            })
            .buffer_unordered(AT_A_TIME)
            .try_collect()
            .await?;
    // Whoever answers first must not decide whose profile counts.
    answers.sort_by_key(|(index, _)| *index);
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for (index, answer) in answers {
        let Some(team) = organisation.teams.get_mut(index) else {
            continue;
        };
        let listed = match answer {
            Ok(listed) => listed,
            Err(error) => {
                organisation
                    .notes
                    .push(team.lose_members(&error.to_string()));
                continue;
            }
        };
        if let Some(reason) = listed.notes.first() {
            organisation.notes.push(team.lose_members(reason));
        }
        team.members = listed
            .items
            .iter()
            .map(|person| person.login.clone())
            .collect();
        team.members.sort();
        for person in listed.items {
            people.entry(person.login.clone()).or_insert(person);
        }
    }
    Ok(people)
}
