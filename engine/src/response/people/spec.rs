//! Who there is: responders, teams and the lead, as the scenario configures them, and the habits they all share.
//!
//! What is known about people in incidents is cited where it becomes a default. What is called an assumption there has no
//! public source; it is a parameter of the scenario for that reason.

use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::model::ServiceSpec;
use crate::response::comms::CommsSpec;
use crate::rng::Distribution;
use crate::units::{SimDuration, SimTime};

use super::inject::InjectSpec;
use super::triage::Misroute;

/// Everybody who can take part, and how they work.
#[derive(Clone, Debug)]
pub struct PeopleSpec {
    /// The time of day at the lead's place when the simulation starts.
    pub starts_at: TimeOfDay,
    /// The lead.
    pub lead: LeadSpec,
    /// The teams, in file order.
    pub teams: Table<TeamSpec>,
    /// The responders, in file order.
    pub responders: Table<ResponderSpec>,
    /// What holds for everybody.
    pub habits: Habits,
    /// Who waits for word; `None` if nobody does.
    pub comms: Option<CommsSpec>,
    /// The messages that the scenario sends, in file order.
    pub injects: Vec<InjectSpec>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeOfDay {
    /// Seconds since midnight, below 86,400.
    pub secs: u32,
}

impl TimeOfDay {
    /// Seconds of a day.
    const DAY: u64 = 86_400;

    /// The time of day `hours` and `minutes` after midnight, the day after for 24 hours and more.
    #[must_use]
    pub const fn new(hours: u32, minutes: u32) -> Self {
        Self { secs: (hours * 3_600 + minutes * 60) % 86_400 }
    }

    /// The time of day so much later, as many seconds further east.
    #[must_use]
    pub const fn later(self, span: SimDuration, east: i32) -> Self {
        let secs = self.secs as u64 + span.as_nanos() / 1_000_000_000 + (east as i64).rem_euclid(86_400) as u64;
        Self { secs: (secs % Self::DAY) as u32 }
    }

    /// Whether it lies in a stretch of the day, its end excluded; one that ends before it begins passes midnight.
    #[must_use]
    pub const fn is_within(self, from: Self, to: Self) -> bool {
        if from.secs <= to.secs {
            from.secs <= self.secs && self.secs < to.secs
        } else {
            self.secs >= from.secs || self.secs < to.secs
        }
    }

    /// How long it is from an earlier time of day to this one, less than a day.
    #[must_use]
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration::from_secs((self.secs as u64 + Self::DAY - earlier.secs as u64) % Self::DAY)
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.secs / 3_600, self.secs / 60 % 60)
    }
}

/// Whoever leads: what the things take that need the lead's own attention.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadSpec {
    /// How fast the lead works with their own hands, 1 being somebody who knows the service.
    pub skill: f64,
    /// Giving somebody a task: what, until when, "do you have it?".
    pub assigning: SimDuration,
    /// Asking somebody how it goes, and listening.
    pub checking_in: SimDuration,
    /// Sending a page.
    pub paging: SimDuration,
    /// Telling everybody something: that it is an incident, how bad it is, that somebody may go.
    pub telling: SimDuration,
    /// Answering somebody who brings bad news.
    pub answering: SimDuration,
    /// Handing over the lead, with nothing told.
    pub handing_over: SimDuration,
    /// Each part that is told when the lead or a task is handed over.
    pub explaining: SimDuration,
    /// How many people may report to the lead before everything takes longer.
    pub span_of_control: u32,
    /// How much longer everything takes, as a share, for each one above that.
    pub overload: f64,
}

impl Default for LeadSpec {
    /// Seven reports (PagerDuty's incident command training: more than seven or eight overwhelm); the times are assumptions.
    fn default() -> Self {
        Self {
            skill: 0.5,
            assigning: SimDuration::from_secs(30),
            checking_in: SimDuration::from_secs(45),
            paging: SimDuration::from_secs(15),
            telling: SimDuration::from_secs(20),
            answering: SimDuration::from_secs(10),
            handing_over: SimDuration::from_secs(20),
            explaining: SimDuration::from_secs(45),
            span_of_control: 7,
            overload: 0.15,
        }
    }
}

/// A team: who is paged for which services, in which order.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamSpec {
    /// The name.
    pub name: String,
    /// The services it owns.
    pub services: Vec<Id<ServiceSpec>>,
    /// Who is on call, the first one paged first; whoever does not acknowledge in time is followed by the next.
    pub on_call: Vec<Id<ResponderSpec>>,
    /// Where the pages of alerts for it go instead, now and then; `None` if they never do.
    pub misroutes: Option<Misroute>,
}

/// A responder.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponderSpec {
    /// The name, by which commands refer to them.
    pub name: String,
    /// What they do, in words.
    pub role: String,
    /// How well they know a service, 0 to 1; services that are not listed, not at all.
    pub skills: Vec<(Id<ServiceSpec>, f64)>,
    /// Seconds that their clock is ahead of the lead's.
    pub east: i32,
    /// When they sleep, by their own clock.
    pub sleeps: (TimeOfDay, TimeOfDay),
    /// Whether they are in the channel from the start.
    pub present: bool,
    /// When their shift ends; `None` if it does not.
    pub leaves: Option<SimTime>,
    /// The share of their time that other work takes, 0 to below 1.
    pub load: f64,
    /// What they say something will take, as a share of what it takes on average.
    pub optimism: f64,
    /// The chance that they say unasked that they are blocked, 0 to 1, as long as bad news was never received badly.
    pub speaks_up: f64,
}

impl ResponderSpec {
    /// How well they know a service.
    #[must_use]
    pub fn skill(&self, service: Option<Id<ServiceSpec>>) -> f64 {
        let own = |service: Id<ServiceSpec>| self.skills.iter().find(|(known, _)| *known == service);
        service.map_or(1.0, |service| own(service).map_or(0.0, |(_, skill)| *skill))
    }

    /// The time of day at their place.
    #[must_use]
    pub const fn clock(&self, starts_at: TimeOfDay, now: SimTime) -> TimeOfDay {
        starts_at.later(now.since(SimTime::ZERO), self.east)
    }

    /// Whether they would be asleep if nobody had woken them.
    #[must_use]
    pub const fn is_asleep(&self, starts_at: TimeOfDay, now: SimTime) -> bool {
        self.clock(starts_at, now).is_within(self.sleeps.0, self.sleeps.1)
    }
}

/// What holds for everybody. Distributions are in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Habits {
    /// From a page to its acknowledgement by day.
    pub acknowledges: Distribution,
    /// From a page to its acknowledgement by somebody who slept.
    pub acknowledges_asleep: Distribution,
    /// The chance that a page is not noticed at all.
    pub misses: f64,
    /// After how long without an acknowledgement the next one on call is paged.
    pub escalates_after: SimDuration,
    /// How long it takes to read up on what has happened before one can start.
    pub briefing: SimDuration,
    /// How long everybody at work on a task is held up by somebody who joins.
    pub joining: SimDuration,
    /// The part of one's speed that is missing right after waking up.
    pub inertia: f64,
    /// How fast that comes back: the time in which all but 1/e of it has.
    pub inertia_fades: SimDuration,
    /// The part of one's speed that is lost with every hour awake beyond sixteen.
    pub tiring: f64,
    /// The speed of somebody who has never seen the service, 1 being somebody who knows it well.
    pub stranger_speed: f64,
    /// How many times as likely a fix is wrong when its author has never seen the service.
    pub stranger_errors: f64,
    /// How long it takes to give an order with one's own hands: a roll-back, a restart, a setting.
    pub hands_on: Distribution,
    /// What an interruption costs somebody who writes code, until they are where they were.
    pub resumes_writing: Distribution,
    /// What it costs somebody who looks for a cause.
    pub resumes_looking: Distribution,
    /// The most an interruption costs.
    pub resumes_at_most: SimDuration,
    /// How near to the end of their time-box an interruption costs nothing, since they have stopped for it.
    pub natural_break: SimDuration,
    /// The chance that a task meets something its owner cannot get past alone.
    pub blocked: f64,
    /// How long somebody who is blocked and will say so takes until they do.
    pub hesitates: Distribution,
    /// How long somebody who is blocked takes who tries alone.
    pub alone: Distribution,
    /// How long the help takes once the lead knows.
    pub help: SimDuration,
    /// How much shorter the work on a fix gets when its time-box is too short for it, as a share.
    pub haste_saves: f64,
    /// How many times as likely such a fix is wrong.
    pub haste_errors: f64,
    /// How long the author of a fix watches what it does before they judge it.
    pub watches: SimDuration,
    /// How freely people speak at the start, as a share of the most.
    pub candour: f64,
    /// The share of what is missing to speaking freely that comes back with thanks for bad news.
    pub thanks_raise: f64,
    /// The share of speaking freely that is lost with blame for it.
    pub blame_costs: f64,
    /// How much of either reaches those who are in the channel, as a share.
    pub overhears: f64,
    /// The chance that a fact arrives whose part of a hand-over was told.
    pub arrives_told: f64,
    /// The same when whoever takes over has read it back.
    pub arrives_read_back: f64,
    /// The same when its part was not told.
    pub arrives_untold: f64,
    /// The share of the work done on a task that whoever takes it over can use, for each part that was told.
    pub explained_keeps: f64,
    /// How long somebody who was called takes to find out whether it is theirs.
    pub triage: Distribution,
}

impl Default for Habits {
    /// - Acknowledging: median 2 minutes by day, 3.5 at night, 12 % missed: assumptions; the next one after 5 minutes
    ///   (PagerDuty, "Being on call").
    /// - Waking up: cognitive performance comes back with a time constant of 1.17 h (Jewett et al. 1999); that 40 % are missing
    ///   at first is an assumption. 5 % an hour beyond sixteen hours awake is an assumption; 17 hours awake impair as
    ///   0.05 % of alcohol in the blood do (Dawson and Reid 1997).
    /// - Interruptions: 10 % resume within a minute, most need 10 to 15 to their first edit (Parnin and Rugaber 2011): a median of
    ///   8 minutes with a 10 % quantile of 1, at most 20; those of somebody who looks for a cause, a median of 3, are assumptions.
    /// - Strangers: 27 % of bad fixes were written by people who had never touched the file (Yin et al. 2011): twice as likely
    ///   wrong; that they are half as fast is an assumption.
    /// - A roll-back by hand: one minute of clicking (the Rust package registry's postmortem of 2023-07-20).
    /// - Being blocked (one task of four, 3 minutes until it is said, half an hour alone, 2 minutes of help), haste (15 % faster,
    ///   half as much again as likely wrong), the briefing and what those who join cost: assumptions.
    /// - Answers to bad news: that blame silences is known (Edmondson 1999), how much is not: assumptions.
    /// - Hand-overs: that structure and reading back lose less is known (I-PASS, Starmer et al. 2014: 23 % fewer errors), the chances
    ///   are assumptions.
    /// - Triage: that pages go to the wrong team is known (Chen et al. 2019), how long it takes to see is an assumption.
    fn default() -> Self {
        let lognormal = |mean_secs: f64, cv: f64| Distribution::lognormal(mean_secs * 1e9, cv).expect("in range");
        Self {
            acknowledges: lognormal(154.0, 0.8),
            acknowledges_asleep: lognormal(269.0, 0.8),
            misses: 0.12,
            escalates_after: SimDuration::from_secs(300),
            briefing: SimDuration::from_secs(120),
            joining: SimDuration::from_secs(45),
            inertia: 0.4,
            inertia_fades: SimDuration::from_secs(4_212),
            tiring: 0.05,
            stranger_speed: 0.5,
            stranger_errors: 2.0,
            hands_on: lognormal(60.0, 0.5),
            resumes_writing: lognormal(1_785.0, 3.58),
            resumes_looking: lognormal(222.0, 0.8),
            resumes_at_most: SimDuration::from_secs(1_200),
            natural_break: SimDuration::from_secs(60),
            blocked: 0.25,
            hesitates: lognormal(180.0, 0.8),
            alone: lognormal(1_800.0, 0.6),
            help: SimDuration::from_secs(120),
            haste_saves: 0.15,
            haste_errors: 1.5,
            watches: SimDuration::from_secs(360),
            candour: 1.0,
            thanks_raise: 0.25,
            blame_costs: 0.4,
            overhears: 0.3,
            arrives_told: 0.85,
            arrives_read_back: 0.95,
            arrives_untold: 0.4,
            explained_keeps: 0.15,
            triage: lognormal(300.0, 0.8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_goes_round_and_the_night_passes_midnight() {
        let evening = TimeOfDay::new(23, 30);
        assert_eq!(evening.later(SimDuration::from_secs(3_600), 0), TimeOfDay::new(0, 30));
        assert_eq!(TimeOfDay::new(1, 0).later(SimDuration::ZERO, -7_200), evening.later(SimDuration::ZERO, -1_800));
        let night = |time: TimeOfDay| time.is_within(TimeOfDay::new(23, 0), TimeOfDay::new(7, 0));
        assert!(night(evening) && night(TimeOfDay::new(6, 59)) && night(TimeOfDay::new(23, 0)));
        assert!(!night(TimeOfDay::new(7, 0)) && !night(TimeOfDay::new(12, 0)));
        assert_eq!(TimeOfDay::new(1, 0).since(TimeOfDay::new(23, 0)), SimDuration::from_secs(7_200));
        assert_eq!(TimeOfDay::new(9, 5).to_string(), "09:05");
    }

    #[test]
    fn interruptions_have_the_published_quantiles() {
        use crate::rng::Key;
        let habits = Habits::default();
        let mut draws: Vec<f64> = (0..20_000)
            .map(|number| habits.resumes_writing.sample(&mut Key::new(7).child(number).rng(0)) / 60e9)
            .collect();
        draws.sort_by(f64::total_cmp);
        let quantile = |p: f64| draws[(p * draws.len() as f64) as usize];
        assert!((7.6..8.4).contains(&quantile(0.5)), "{}", quantile(0.5));
        assert!((0.9..1.1).contains(&quantile(0.1)), "{}", quantile(0.1));
    }
}
