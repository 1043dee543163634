//! Populations: arrivals, mix and what their users have been promised.

use crate::ids::{Id, Table};
use crate::rng::Distribution;
use crate::scenario::document::{self, Drawn};
use crate::text::{Diagnostic, Span, Spanned};
use crate::traffic::{Arrivals, Beyond, InFlightLimit, MixEntry, Objective, PopulationSpec, Profile};
use crate::units::{Money, Rate, Ratio, SimDuration, SimTime};

use super::dependencies::Caller;
use super::services::Origin;
use super::{Resolver, limits};

impl Resolver<'_, '_> {
    pub(super) fn populations(&mut self) -> Table<PopulationSpec> {
        let doc = self.doc;
        let mut table = Table::default();
        if doc.populations.complete && doc.populations.is_empty() {
            let name = doc.name.as_ref().map_or(0..0, |name| name.span.clone());
            let span = if doc.populations.head.is_empty() { name } else { doc.populations.head.clone() };
            let warning = Diagnostic::warning("silent", span, "nobody sends requests: there are no populations");
            let help = "add populations: {\"web\": (arrivals: Poisson(\"10/s\"), mix: {\"api.read\": 1})}";
            self.diagnostics.push(warning.help(help));
        }
        for (at, (name, population)) in doc.populations.iter().enumerate() {
            if let Some(population) = population.as_ref() {
                let spec = self.population(Id::from_usize(at), name, population);
                table.push(spec);
            }
        }
        table
    }

    /// Where the arrivals of each population stand.
    pub(super) fn arrival_places(&self) -> Vec<Span> {
        let populations = self.doc.populations.readable();
        populations.filter_map(|(_, doc)| doc.arrivals.as_ref().map(|arrivals| arrivals.span.clone())).collect()
    }

    fn population(
        &mut self,
        id: Id<PopulationSpec>,
        name: &Spanned<String>,
        doc: &document::Population,
    ) -> PopulationSpec {
        let mix = self.mix(id, doc);
        let arrivals = match doc.arrivals.as_ref() {
            Some(arrivals) => self.arrivals(arrivals, doc),
            None => Arrivals::Trace(Vec::new()),
        };
        let represents = doc.represents.as_ref().map_or(1.0, |value| self.above_zero(value, 1e9, "represents"));
        let requests = doc.requests_per_user_minute.as_ref();
        PopulationSpec {
            name: name.value.clone(),
            arrivals,
            mix,
            priority: (*doc.priority).unwrap_or(0),
            represents,
            requests_per_user_minute: requests
                .map_or(1.0, |value| self.above_zero(value, 1e6, "requests_per_user_minute")),
            objective: self.objective(doc.objective.written()),
            cost_per_user_minute: doc.cost_per_user_minute.written().map(|cost| self.cost(cost)),
            max_in_flight: doc.max_in_flight.written().map(|limit| self.in_flight(limit)),
        }
    }

    fn mix(&mut self, id: Id<PopulationSpec>, doc: &document::Population) -> Vec<MixEntry> {
        if doc.mix.complete && doc.mix.is_empty() {
            let help = "add {\"api.checkout\": 1}";
            self.error("nothing", &doc.mix.head, "a population that asks for nothing", help);
        }
        let origin = Origin { caller: Caller::Population(id), endpoints: &[], count: 1.0 };
        let mut mix = Vec::new();
        for (endpoint, weight) in doc.mix.iter() {
            let weight = weight.as_ref().map_or(1.0, |weight| self.above_zero(weight, 1e9, "a weight"));
            let call = self.call_to(endpoint, None, false, origin);
            mix.extend(call.map(|call| MixEntry { weight, call }));
        }
        mix
    }

    fn arrivals(&mut self, doc: &Spanned<document::Arrivals>, population: &document::Population) -> Arrivals {
        match &doc.value {
            document::Arrivals::Poisson(profile) => Arrivals::Poisson(self.profile(profile)),
            document::Arrivals::Constant(profile) => Arrivals::Constant(self.profile(profile)),
            document::Arrivals::Trace { file, at } => self.trace(&doc.span, file.as_ref(), at.as_deref(), population),
            document::Arrivals::Closed { users, think } => Arrivals::Closed {
                users: self.count(users, 1..=limits::USERS, "the number of users"),
                think: self.think_or_none(think, population),
            },
            document::Arrivals::Sessions { starts, continues, think } => Arrivals::Sessions {
                starts: self.profile(starts),
                continues: self.again(continues, "the probability of one more request"),
                think: self.think_or_none(think, population),
            },
        }
    }

    /// Closed users who never think are those of a batch network; a session without thinking is a feedback queue. A dropped request costs no time: a user who then thinks for none
    /// would do nothing but be turned away.
    fn think_or_none(&mut self, doc: &Drawn, population: &document::Population) -> Distribution {
        let drops =
            population.max_in_flight.written().is_some_and(|limit| matches!(limit.beyond, document::Beyond::Drop));
        if drops && may_be_zero(&doc.law) {
            let help = "replace 0s by the shortest time that they think, 1ms, or let requests wait: beyond: Wait";
            self.error("out-of-range", &doc.span, "users whose requests are dropped may think for no time", help);
        }
        if never_thinks(&doc.law) {
            return self.drawn(Some(doc));
        }
        self.think(doc)
    }

    fn think(&mut self, doc: &Drawn) -> Distribution {
        let errors = self.diagnostics.len();
        let think = self.drawn(Some(doc));
        if self.diagnostics.len() == errors && think.mean() < limits::THINK.as_nanos() as f64 {
            let help = format!(
                "at least {} on average, or exactly \"0s\": what is in between would all but stop the clock",
                limits::THINK
            );
            self.error("out-of-range", &doc.span, "the users hardly think", help);
        } else if self.diagnostics.len() == errors && think.cv2() > limits::THINK_CV2 {
            let message =
                format!("the time that users think varies too much: its cv is {:.0}", libm::sqrt(think.cv2()));
            let help = format!(
                "at most {:.0}: almost all users would not think at all, and those whose requests fail at once would stop the clock",
                libm::sqrt(limits::THINK_CV2)
            );
            self.error("out-of-range", &doc.span, message, help);
        }
        think
    }

    fn profile(&mut self, doc: &document::Profile) -> Profile {
        let end = self.doc.duration.as_ref().map_or(SimDuration::ZERO, |duration| duration.value);
        let errors = self.diagnostics.len() + self.diagnostics.dropped();
        self.check_points(doc);
        let most = Rate::per_second(Profile::MAX_RATE);
        for (_, rate) in &doc.points {
            self.within(rate, Rate::ZERO..=most, "a rate");
        }
        if self.diagnostics.len() + self.diagnostics.dropped() > errors {
            return Profile::constant(0.0);
        }
        let points: Vec<(SimTime, f64)> =
            doc.points.iter().map(|(at, rate)| (at.value, rate.as_per_second())).collect();
        match Profile::new(points) {
            Ok(profile) => {
                self.warn_silent(doc, &profile, end);
                profile
            }
            Err(error) => {
                let message = format!("these points are not a rate over time: {error:?}");
                self.error("bad-profile", &doc.place.span, message, "write [(\"0s\", \"100/s\"), (\"5m\", \"400/s\")]");
                Profile::constant(0.0)
            }
        }
    }

    fn warn_silent(&mut self, doc: &document::Profile, profile: &Profile, end: SimDuration) {
        // A run of no time has been reported, or its duration could not be read.
        if end > SimDuration::ZERO && profile.expected(SimTime::ZERO, SimTime::ZERO.saturating_add(end)) <= 0.0 {
            let warning = Diagnostic::warning("silent", doc.place.span.clone(), "nothing arrives in the whole run");
            self.diagnostics.push(warning.help("give it a rate above 0/s"));
        }
    }

    fn check_points(&mut self, doc: &document::Profile) {
        let Some((first, _)) = doc.points.first() else {
            let help = "write [(\"0s\", \"100/s\"), (\"5m\", \"400/s\")]";
            return self.error("bad-profile", &doc.place.span, "a profile without points", help);
        };
        if doc.points.len() > limits::POINTS {
            let message = format!("{} points are too many", doc.points.len());
            return self.error("too-many", &doc.place.span, message, format!("at most {}", limits::POINTS));
        }
        if first.value != SimTime::ZERO {
            self.error(
                "bad-profile",
                &first.span,
                "the first point is not at the start",
                "put one at \"0s\" before it",
            );
        }
        for (at, window) in doc.points.windows(2).enumerate() {
            let (before, after) = (&window[0].0, &window[1].0);
            let third = at > 0 && doc.points[at - 1].0.value == after.value;
            if after.value < before.value {
                self.error(
                    "bad-profile",
                    &after.span,
                    "this point lies before the one above it",
                    "sort the points by time",
                );
            } else if third {
                let help = "an instant may stand twice, for a jump, but not three times";
                self.error("bad-profile", &after.span, "this instant stands for the third time", help);
            }
        }
    }

    fn objective(&mut self, doc: Option<&document::Objective>) -> Objective {
        let Some(doc) = doc else { return Objective::UNDECLARED };
        let most = Ratio::new(0.999_999_999);
        let latency = doc.latency.as_ref();
        Objective {
            availability: self.within(&doc.availability, Ratio::ZERO..=most, "the promised availability").as_fraction(),
            latency: latency.map(|latency| self.positive(latency, "the promised latency")),
            window: self.positive(&doc.window, "the objective's window"),
        }
    }

    /// A cost of users' time: not negative, and in the currency of the first population that has one.
    fn cost(&mut self, doc: &Spanned<Money>) -> Money {
        let mut costs = self.doc.populations.iter().filter_map(|(_, population)| population.as_ref());
        let first = costs.find_map(|population| population.cost_per_user_minute.written()).unwrap_or(doc);
        let (own, currency) = (doc.value.currency(), first.value.currency());
        if doc.value.cents() < 0 {
            self.error("out-of-range", &doc.span, "the cost of a minute is negative", format!("0.00 {own} or more"));
        } else if own != currency {
            let message = format!("a cost in {own}, while another population's is in {currency}");
            self.error("currencies", &doc.span, message, format!("write all costs in {currency}: they are added up"));
        }
        doc.value
    }

    fn in_flight(&mut self, doc: &document::InFlight) -> InFlightLimit {
        let beyond = match doc.beyond {
            document::Beyond::Wait => Beyond::Wait,
            document::Beyond::Drop => Beyond::Drop,
        };
        InFlightLimit { limit: self.count(&doc.limit, 1..=limits::USERS, "the limit of unanswered requests"), beyond }
    }
}

/// Whether a time is always zero, or one of the values that are listed with a weight is.
fn may_be_zero(law: &document::Distribution) -> bool {
    let drawn = |(value, weight): &(SimDuration, f64)| value.is_zero() && *weight > 0.0;
    never_thinks(law) || matches!(law, document::Distribution::Empirical(values) if values.iter().any(drawn))
}

/// Whether a time is always zero.
fn never_thinks(law: &document::Distribution) -> bool {
    matches!(law, document::Distribution::Constant(SimDuration::ZERO))
}
