//! A campaign at one moment: its plan, its targets, its history, its outlook.

use catalog::index::Index;
use jiff::Timestamp;
use jiff::civil::Date;
use model::query::Predicate;

use super::arithmetic::{Day, Forecast, Span, Standing, forecast, standing};
use super::measure::{Measured, Member, Members, WaveProgress, measure, waves};
use super::plan::Plan;
use super::store::Memory;
use super::teams::{TeamRow, by_team};

/// A campaign at one moment.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it says.
    pub plan: Plan,
    /// The campaign's day.
    pub today: Date,
    /// Its targets.
    pub measured: Measured,
    /// Every day that was measured, and today once the campaign has begun.
    pub days: Vec<Day>,
    /// Where the ideal line begins.
    pub baseline: u64,
    /// When everything will have moved.
    pub forecast: Forecast,
    /// How it stands.
    pub standing: Standing,
    /// When the history was written last.
    pub recorded_at: Option<Timestamp>,
}

impl Report {
    /// Measures a campaign at `now`, with what earlier days remember.
    #[must_use]
    pub fn of(plan: Plan, index: &Index, memory: &Memory, now: Timestamp) -> Self {
        Self::seen(plan, (index, None), memory, now)
    }

    /// The same for somebody who may see these targets only. The numbers of
    /// earlier days are about all targets, so that there are none.
    #[must_use]
    pub fn seen(
        plan: Plan,
        (index, visible): (&Index, Option<&Predicate>),
        memory: &Memory,
        now: Timestamp,
    ) -> Self {
        let today = plan.day_of(now);
        let closed = memory.days.iter().any(|day| day.day < today);
        let measured = measure(&plan, (index, visible), &memory.members, closed, today);
        let mut days: Vec<Day> = memory
            .days
            .iter()
            .filter(|day| day.day < today && visible.is_none())
            .copied()
            .collect();
        if today >= plan.starts {
            days.push(Day {
                day: today,
                tally: measured.tally,
                removed: u64::try_from(measured.removed.len()).unwrap_or(u64::MAX),
            });
        }
        let baseline = days
            .first()
            .map_or(measured.tally, |day| day.tally)
            .applicable();
        let forecast = forecast(&days, today);
        let span = Span {
            starts: plan.starts,
            deadline: plan.deadline,
        };
        Self {
            standing: standing(span, today, measured.tally, baseline, forecast),
            plan,
            today,
            measured,
            days,
            baseline,
            forecast,
            recorded_at: memory.measured_at,
        }
    }

    /// Start and deadline.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            starts: self.plan.starts,
            deadline: self.plan.deadline,
        }
    }

    /// How each wave stands.
    #[must_use]
    pub fn waves(&self) -> Vec<WaveProgress> {
        waves(&self.plan, &self.measured)
    }

    /// How each team stands.
    #[must_use]
    pub fn teams(&self, index: &Index) -> Vec<TeamRow> {
        by_team(index, &self.measured)
    }

    /// What has to be remembered beyond `known`: targets that have joined,
    /// have left or have come back.
    #[must_use]
    pub fn news(&self, known: &Members) -> Members {
        let mut news = Members::new();
        for target in &self.measured.targets {
            match known.get(&target.entity_ref) {
                Some(member) if member.left.is_none() => {}
                member => {
                    let joined = member.map_or(self.today, |member| member.joined);
                    news.insert(target.entity_ref.clone(), Member { joined, left: None });
                }
            }
        }
        for entity_ref in &self.measured.removed {
            if let Some(member) = known.get(entity_ref).filter(|member| member.left.is_none()) {
                news.insert(
                    entity_ref.clone(),
                    Member {
                        left: Some(self.today),
                        ..*member
                    },
                );
            }
        }
        news
    }
}
