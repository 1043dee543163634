//! Decision points: where something was decided, and where nothing was.

use serde::{Deserialize, Serialize};

use crate::response::{Actor, Command, Logged};
use crate::units::{SimDuration, SimTime};

/// Whoever decides nothing for so long has decided to wait. An assumption.
pub const SILENCE: SimDuration = SimDuration::from_secs(300);

/// An instant at which whoever led could have decided otherwise; of a silence, its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionPoint {
    /// When.
    pub at: SimTime,
    /// What was done.
    pub taken: Taken,
}

/// What was done at a decision point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// An option of the menu was taken, or a trigger set: the position of the command in the log.
    Command(usize),
    /// Nothing, for [`SILENCE`].
    Waited,
}

impl DecisionPoint {
    /// The decision points of a log between the first symptom and the end of the matter, in time order: every option that the lead took
    /// and every trigger they set, also before that stretch, and every whole [`SILENCE`] in it without one. Refused commands are none, nor
    /// is what a facilitator did.
    #[must_use]
    pub fn of(log: &[Logged], (begin, end): (SimTime, SimTime)) -> Vec<Self> {
        let chosen = log.iter().enumerate().filter(|(_, logged)| is_a_choice(logged) && logged.at < end);
        let mut points = Vec::new();
        let mut quiet_since = begin;
        for (position, logged) in chosen {
            silences(&mut points, &mut quiet_since, logged.at);
            points.push(Self { at: logged.at, taken: Taken::Command(position) });
            quiet_since = quiet_since.max(logged.at);
        }
        silences(&mut points, &mut quiet_since, end);
        points
    }
}

fn is_a_choice(logged: &Logged) -> bool {
    let choice = matches!(logged.command, Command::Act { .. } | Command::Trigger(_));
    choice && logged.by == Actor::Lead && logged.refused.is_none()
}

/// Every whole silence that ends before an instant.
fn silences(points: &mut Vec<DecisionPoint>, quiet_since: &mut SimTime, until: SimTime) {
    loop {
        let ends = quiet_since.saturating_add(SILENCE);
        if ends >= until {
            return;
        }
        points.push(DecisionPoint { at: *quiet_since, taken: Taken::Waited });
        *quiet_since = ends;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> SimTime {
        SimTime::from_secs(secs)
    }

    fn logged(secs: u64, by: Actor, command: Command, refused: bool) -> Logged {
        Logged { at: at(secs), by, command, refused: refused.then(|| "no".to_owned()) }
    }

    fn act(secs: u64) -> Logged {
        logged(secs, Actor::Lead, Command::act("restart api", ""), false)
    }

    fn points(log: &[Logged]) -> Vec<(u64, Option<usize>)> {
        let taken = |point: &DecisionPoint| match point.taken {
            Taken::Command(position) => Some(position),
            Taken::Waited => None,
        };
        let points = DecisionPoint::of(log, (at(600), at(2_000)));
        points.iter().map(|point| (point.at.whole_secs(), taken(point))).collect()
    }

    #[test]
    fn silence_is_a_decision_every_five_minutes() {
        assert_eq!(points(&[]), [(600, None), (900, None), (1_200, None), (1_500, None)]);
    }

    #[test]
    fn a_choice_begins_the_silence_anew() {
        let look = logged(1_000, Actor::Lead, Command::look("errors", None), false);
        let note = logged(1_100, Actor::Facilitator, Command::act("restart api", ""), false);
        let log =
            [look, note, logged(1_150, Actor::Lead, Command::act("restart db", ""), true), act(1_190), act(1_191)];
        let expected = [(600, None), (1_190, Some(3)), (1_191, Some(4)), (1_191, None), (1_491, None)];
        assert_eq!(points(&log), expected, "what is looked at, refused or done by others is no choice");
    }

    #[test]
    fn what_was_done_before_the_first_symptom_counts_and_what_was_done_after_the_end_does_not() {
        assert_eq!(points(&[act(100), act(2_000)])[..2], [(100, Some(0)), (600, None)]);
        assert_eq!(points(&[act(100), act(2_000)]).len(), 5);
    }
}
