//! Looking for a cause: which instruments somebody asks, and what they make of what these show.
//!
//! Whoever looks knows no more than the instruments show. They think of what usually is the matter, in proportion to what they have
//! seen speak for it, and are wrong where that misleads. The weights are assumptions.

use crate::ids::{Id, Table};
use crate::model::{ErrorKind, Layer, ServiceSpec, SystemSpec};
use crate::observe::{Cause, Evidence, EvidenceSpec, Instrument, Question, Row, Subject, SubjectText, Suspicion};
use crate::traffic::PopulationSpec;

/// A share of errors that somebody takes for trouble.
const TROUBLE: f64 = 0.02;
/// How many times as much as before is too much.
pub(crate) const MUCH_MORE: f64 = 2.0;
/// A service or pool that is busier than this is full.
pub(crate) const FULL: f64 = 0.9;
/// Errors of a call that the caller makes itself, without the other side.
const OWN_KINDS: [ErrorKind; 4] =
    [ErrorKind::BreakerOpen, ErrorKind::BulkheadFull, ErrorKind::PoolTimeout, ErrorKind::RateLimited];

/// What somebody asks who looks for the cause of trouble at a service, in order: what changed, what fails, where the time goes, how
/// busy it is, how its pools are. What there is not here is left out.
#[must_use]
pub fn investigation(
    spec: &EvidenceSpec,
    system: &SystemSpec,
    populations: &Table<PopulationSpec>,
    service: Id<ServiceSpec>,
) -> Vec<Question> {
    let ask = |instrument: Instrument, of: Option<Subject>| {
        let name = of.map(|subject| subject.name(system, populations));
        spec.question((system, populations), instrument.name(), name.as_deref()).ok()
    };
    let here = Some(Subject::Service(service));
    let first = [
        (Instrument::Changes, None),
        (Instrument::Errors, here),
        (Instrument::Traces, here),
        (Instrument::Capacity, here),
    ];
    let pooled = system.services[service].dependencies.iter().filter(|id| {
        let layers = &system.dependencies[**id].layers;
        layers.iter().any(|layer| matches!(layer, Layer::Pool(_)))
    });
    let pools = pooled.map(|id| (Instrument::Pool, Some(Subject::Dependency(*id))));
    first.into_iter().chain(pools).filter_map(|(instrument, of)| ask(instrument, of)).collect()
}

/// What somebody thinks who has seen this about a service, the likeliest first; never empty.
#[must_use]
pub fn conclude(service: &str, seen: &[&Evidence]) -> Vec<Suspicion> {
    let seen = Seen { service, seen };
    let mut suspicions: Vec<Suspicion> =
        seen.dependencies().into_iter().chain(seen.held()).chain(seen.overload()).chain(seen.change()).collect();
    suspicions.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    if suspicions.is_empty() {
        suspicions.push(Suspicion {
            cause: Cause::Unknown,
            of: service.to_owned(),
            confidence: 0.0,
            because: "nothing stands out".to_owned(),
        });
    }
    suspicions
}

/// What is the matter with a service, to somebody who has seen this; `None` where nothing is.
#[must_use]
pub fn trouble(service: &str, seen: &[Evidence]) -> Option<String> {
    let seen: Vec<&Evidence> = seen.iter().collect();
    let seen = Seen { service, seen: &seen };
    let failing = seen.value(Instrument::Errors, service, "error-ratio").filter(|ratio| *ratio >= TROUBLE);
    match failing {
        Some(ratio) => Some(format!("{:.0}% of the requests of {service} fail", ratio * 100.0)),
        None if seen.is_full() => Some(format!("{service} is full")),
        None => seen.is_in_trouble().then(|| format!("{service} waits for connections")),
    }
}

/// The service from which trouble seems to come, and why, to somebody who has seen this about each service; `None` when none is in
/// trouble. From each service in trouble the likeliest suspicion is followed to what is behind it, as far as that leads.
#[must_use]
pub fn root(system: &SystemSpec, looks: &[(Id<ServiceSpec>, Vec<Evidence>)]) -> Option<(Id<ServiceSpec>, String)> {
    let mut likeliest: Option<(f64, Id<ServiceSpec>, String)> = None;
    for (service, seen) in looks {
        let seen: Vec<&Evidence> = seen.iter().collect();
        let name = &system.services[*service].name;
        if !(Seen { service: name, seen: &seen }).is_in_trouble() {
            continue;
        }
        let Some(first) = conclude(name, &seen).into_iter().next() else { continue };
        let behind = behind(system, *service, &first).unwrap_or(*service);
        if likeliest.as_ref().is_none_or(|(confidence, ..)| first.confidence > *confidence) {
            likeliest = Some((first.confidence, behind, first.because));
        }
    }
    likeliest.map(|(_, service, because)| (service, because))
}

/// Whether a name is that of a dependency, which stands for the calls that use it.
fn is_call(name: &str) -> bool {
    matches!(SubjectText::read(name), SubjectText::Dependency(_))
}

/// The other side of a call that is suspected.
fn behind(system: &SystemSpec, service: Id<ServiceSpec>, suspicion: &Suspicion) -> Option<Id<ServiceSpec>> {
    if suspicion.cause != Cause::Dependency {
        return None;
    }
    let name = SubjectText::read(&suspicion.of).name();
    let mut called = system.services[service].dependencies.iter().map(|id| &system.dependencies[*id]);
    called.find(|dependency| dependency.name == name).map(|dependency| dependency.target)
}

/// The same as they say it: condition, action, need.
#[must_use]
pub fn report(title: &str, suspicions: &[Suspicion], looks: usize) -> String {
    let Some(first) = suspicions.first() else { return format!("{title}: nothing found") };
    let sure = |one: &Suspicion| format!("{} ({:.0}% sure)", words(one), one.confidence * 100.0);
    let or = suspicions.get(1).map(|second| format!(", or else {}", sure(second))).unwrap_or_default();
    format!(
        "{title}: {}: I think it is {}{or}; looked at {looks} instruments; need {}",
        first.because,
        sure(first),
        need(first)
    )
}

fn words(suspicion: &Suspicion) -> String {
    let of = &suspicion.of;
    match suspicion.cause {
        Cause::Change => format!("the last change of {of}"),
        Cause::Dependency => format!("what is behind {of}"),
        Cause::HeldConnections => format!("connections of {of} held for too long"),
        Cause::Overload => format!("too much load on {of}"),
        Cause::Unknown => "nothing I can see".to_owned(),
    }
}

fn need(suspicion: &Suspicion) -> &'static str {
    match suspicion.cause {
        Cause::Change => "a decision on taking it back",
        Cause::Dependency => "somebody who knows it",
        Cause::HeldConnections => "a decision on what holds them",
        Cause::Overload => "less load or more capacity",
        Cause::Unknown => "another pair of eyes",
    }
}

/// What somebody has seen.
struct Seen<'a> {
    service: &'a str,
    seen: &'a [&'a Evidence],
}

impl Seen<'_> {
    fn of(&self, instrument: Instrument) -> impl Iterator<Item = &Evidence> {
        self.seen.iter().copied().filter(move |one| one.instrument == instrument.name())
    }

    fn value(&self, instrument: Instrument, of: &str, measure: &str) -> Option<f64> {
        self.of(instrument).find_map(|one| one.value(of, measure))
    }

    /// What was measured of anything, in the order in which it was shown.
    fn measured(&self, instrument: Instrument, measure: &str) -> Vec<&Row> {
        let rows = self.of(instrument).flat_map(|one| &one.rows);
        rows.filter(|row| row.measure == measure).collect()
    }

    fn is_in_trouble(&self) -> bool {
        let failing = self.value(Instrument::Errors, self.service, "error-ratio").is_some_and(|ratio| ratio >= TROUBLE);
        let waiting = self.measured(Instrument::Pool, "pool-waiting").iter().any(|row| row.value >= 1.0);
        failing || waiting || self.is_full()
    }

    fn is_full(&self) -> bool {
        let own = |measure| self.value(Instrument::Capacity, self.service, measure);
        own("utilisation").is_some_and(|busy| busy >= FULL) || own("queue").is_some_and(|queue| queue >= 1.0)
    }

    /// The last change of the service: what everybody asks first.
    fn change(&self) -> Option<Suspicion> {
        let rows = self.of(Instrument::Changes).flat_map(|one| &one.rows);
        let last = rows.into_iter().find(|row| row.of == self.service)?;
        let fresh = match last.value {
            age if age < 600.0 => 0.7,
            age if age < 1_800.0 => 0.5,
            _ => 0.3,
        };
        Some(Suspicion {
            cause: Cause::Change,
            of: self.service.to_owned(),
            confidence: if self.is_in_trouble() { fresh } else { fresh / 2.0 },
            because: format!("{} was changed {} ago ({})", self.service, last.amount(), last.note),
        })
    }

    fn dependencies(&self) -> Vec<Suspicion> {
        let calls = self.measured(Instrument::Errors, "ended").into_iter().filter(|row| is_call(&row.of));
        let failing: Vec<Suspicion> = calls.filter_map(|row| self.failing(&row.of, row.value)).collect();
        let slow = self.measured(Instrument::Traces, "mean-latency-before");
        let slow = slow.into_iter().filter(|row| failing.iter().all(|known| known.of != row.of));
        let slow: Vec<Suspicion> = slow.filter_map(|row| self.slow(&row.of, row.value)).collect();
        failing.into_iter().chain(slow).collect()
    }

    /// A call whose other side answers with errors, or not at all: the surer, the more of the service's errors it explains.
    fn failing(&self, call: &str, ended: f64) -> Option<Suspicion> {
        let of = |name: &str, measure: &str| self.value(Instrument::Errors, name, measure).unwrap_or(0.0);
        let own: f64 = OWN_KINDS.iter().map(|kind| of(call, kind.name())).sum();
        let failed = (of(call, "error-ratio") * ended - own).max(0.0);
        let ratio = failed / ended.max(1.0);
        if ratio < TROUBLE {
            return None;
        }
        let requests = of(self.service, "error-ratio") * of(self.service, "ended");
        let explained = if requests > 0.0 { (failed / requests).min(1.0) } else { 0.5 };
        Some(Suspicion {
            cause: Cause::Dependency,
            of: call.to_owned(),
            confidence: 0.4 + 0.5 * explained,
            because: format!("{:.0}% of the calls {call} fail", ratio * 100.0),
        })
    }

    /// A call that takes much longer than before, and not because of waiting for a connection.
    fn slow(&self, call: &str, before: f64) -> Option<Suspicion> {
        let of = |name: &str, measure: &str| self.value(Instrument::Traces, name, measure).unwrap_or(0.0);
        let mean = of(call, "mean-latency");
        if mean < MUCH_MORE * before || of(call, "pool-wait") > mean / 2.0 {
            return None;
        }
        let share = of(call, "time-of-a-request") / of(self.service, "mean-latency").max(1e-9);
        Some(Suspicion {
            cause: Cause::Dependency,
            of: call.to_owned(),
            confidence: 0.4 + 0.4 * share.clamp(0.0, 1.0),
            because: format!("{call} takes {:.1} times as long as before", mean / before),
        })
    }

    /// Connections that are held for much longer than before, or than answers take, in a pool that runs out.
    fn held(&self) -> Vec<Suspicion> {
        let held = self.measured(Instrument::Pool, "pool-held-p99");
        let suspicion = |row: &Row| {
            let of = |measure| self.value(Instrument::Pool, &row.of, measure);
            let full = of("pool-waiting").is_some_and(|waiting| waiting >= 1.0)
                || of("pool-in-use").unwrap_or(0.0) >= FULL * of("pool-maximum").unwrap_or(f64::INFINITY);
            let usual = of("pool-held-p99-before").into_iter().chain(of("answer-p99")).reduce(f64::min)?;
            (full && row.value >= MUCH_MORE * usual).then(|| Suspicion {
                cause: Cause::HeldConnections,
                of: row.of.clone(),
                confidence: 0.8,
                because: format!("connections of {} are held for {}", row.of, row.amount()),
            })
        };
        held.into_iter().filter_map(suspicion).collect()
    }

    fn overload(&self) -> Option<Suspicion> {
        let own = |measure| self.value(Instrument::Capacity, self.service, measure);
        let more = own("request-rate").unwrap_or(0.0) / own("request-rate-before").unwrap_or(f64::INFINITY);
        let retried = self.measured(Instrument::Capacity, "amplification").iter().any(|row| row.value >= 1.5);
        let (full, rising) = (self.is_full(), more >= 1.3);
        let confidence = [(full, 0.5), (rising, 0.2), (retried, 0.2)];
        let confidence: f64 = confidence.iter().filter(|(holds, _)| *holds).map(|(_, much)| much).sum();
        let said = [(full, "is full"), (rising, "is asked more than before"), (retried, "is asked again and again")];
        let said: Vec<&str> = said.iter().filter(|(holds, _)| *holds).map(|(_, words)| *words).collect();
        (!said.is_empty()).then(|| Suspicion {
            cause: Cause::Overload,
            of: self.service.to_owned(),
            confidence,
            because: format!("{} {}", self.service, said.join(" and ")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Unit;
    use crate::units::SimTime;

    fn seen(instrument: Instrument, rows: &[(&str, &str, f64)]) -> Evidence {
        let row = |(of, measure, value): &(&str, &str, f64)| Row {
            of: (*of).to_owned(),
            measure: (*measure).to_owned(),
            value: *value,
            unit: Unit::Number,
            note: String::new(),
        };
        Evidence {
            asked: SimTime::ZERO,
            at: SimTime::ZERO,
            by: None,
            task: None,
            instrument: instrument.name().to_owned(),
            subject: None,
            rows: rows.iter().map(row).collect(),
            text: String::new(),
        }
    }

    fn causes(seen: &[Evidence]) -> Vec<(Cause, f64)> {
        let seen: Vec<&Evidence> = seen.iter().collect();
        conclude("api", &seen).into_iter().map(|one| (one.cause, (one.confidence * 100.0).round() / 100.0)).collect()
    }

    #[test]
    fn what_explains_more_is_thought_likelier() {
        let changed = seen(Instrument::Changes, &[("api", "deploy", 120.0)]);
        assert_eq!(causes(&[]), [(Cause::Unknown, 0.0)]);
        assert_eq!(causes(std::slice::from_ref(&changed)), [(Cause::Change, 0.35)], "no trouble is seen");
        let failing = |calls: f64| {
            let rows = [
                ("api", "ended", 1_000.0),
                ("api", "error-ratio", 0.5),
                ("api->db", "ended", 1_000.0),
                ("api->db", "error-ratio", calls),
            ];
            seen(Instrument::Errors, &rows)
        };
        assert_eq!(causes(&[changed.clone(), failing(0.0)]), [(Cause::Change, 0.7)]);
        assert_eq!(causes(&[changed.clone(), failing(0.5)]), [(Cause::Dependency, 0.9), (Cause::Change, 0.7)]);
        assert_eq!(causes(&[changed, failing(0.1)]), [(Cause::Change, 0.7), (Cause::Dependency, 0.5)]);
    }

    #[test]
    fn a_call_may_have_a_name_of_its_own() {
        let rows = [
            ("api", "ended", 100.0),
            ("api", "error-ratio", 0.5),
            ("dependency cache", "ended", 100.0),
            ("dependency cache", "error-ratio", 0.5),
        ];
        let failing = [seen(Instrument::Errors, &rows)];
        let first = conclude("api", &failing.iter().collect::<Vec<_>>()).remove(0);
        assert_eq!((first.cause, first.of.as_str()), (Cause::Dependency, "dependency cache"));
    }

    #[test]
    fn errors_that_the_caller_makes_itself_are_not_the_other_sides() {
        let rows = [("api->db", "ended", 100.0), ("api->db", "error-ratio", 0.9), ("api->db", "pool_timeout", 90.0)];
        assert_eq!(causes(&[seen(Instrument::Errors, &rows)]), [(Cause::Unknown, 0.0)]);
    }

    #[test]
    fn a_full_pool_alone_is_not_one_that_is_held() {
        let pool = |held: f64, before: f64| {
            let rows = [
                ("api->db", "pool-waiting", 9.0),
                ("api->db", "pool-held-p99", held),
                ("api->db", "pool-held-p99-before", before),
            ];
            causes(&[seen(Instrument::Pool, &rows)])
        };
        assert_eq!(pool(0.18, 0.012), [(Cause::HeldConnections, 0.8)]);
        assert_eq!(pool(0.018, 0.012), [(Cause::Unknown, 0.0)]);
    }

    #[test]
    fn load_and_retries_add_up() {
        let capacity = |rows: &[(&str, &str, f64)]| causes(&[seen(Instrument::Capacity, rows)]);
        assert_eq!(capacity(&[("api", "utilisation", 0.95)]), [(Cause::Overload, 0.5)]);
        let all = [
            ("api", "queue", 40.0),
            ("api", "request-rate", 30.0),
            ("api", "request-rate-before", 10.0),
            ("web->api", "amplification", 2.5),
        ];
        assert_eq!(capacity(&all), [(Cause::Overload, 0.9)]);
        assert_eq!(capacity(&[("api", "utilisation", 0.5), ("api", "request-rate", 30.0)]), [(Cause::Unknown, 0.0)]);
    }
}
