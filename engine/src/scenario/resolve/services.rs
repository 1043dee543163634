//! Services, endpoints and plans.

use crate::ids::{Id, Table};
use crate::model::{
    CallStep, Capacity, DependencySpec, Discipline, EndpointSpec, Plan, QueueSpec, RolloutSpec, ServiceSpec, Step,
    VersionSpec,
};
use crate::scenario::document;
use crate::text::{Span, Spanned};
use crate::units::SimDuration;

use super::dependencies::Caller;
use super::names::check_name_with;
use super::{Edge, Resolver, limits};

/// Where parts of a service stand in the text.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct ServicePlaces {
    pub(in crate::scenario) capacity: Span,
    pub(in crate::scenario) queue: Span,
    pub(in crate::scenario) max_connections: Span,
}

/// Who makes the calls of a plan or effect, and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) caller: Caller,
    /// The endpoints whose requests make the calls.
    pub(super) endpoints: &'a [Id<EndpointSpec>],
    /// How often a request makes them.
    pub(super) count: f64,
}

impl Resolver<'_, '_> {
    pub(super) fn services(&mut self) -> (Table<ServiceSpec>, Table<EndpointSpec>, Vec<ServicePlaces>) {
        let doc = self.doc;
        let (mut services, mut endpoints, mut places) = (Table::default(), Table::default(), Vec::new());
        for (at, (name, service)) in doc.services.iter().enumerate() {
            let Some(service) = service.as_ref() else { continue };
            let id = Id::from_usize(at);
            let own = self.endpoints(id, service, &mut endpoints);
            services.push(self.service(id, name, service, own));
            places.push(ServicePlaces {
                capacity: service.capacity.as_ref().map_or(name.span.clone(), |capacity| capacity.span.clone()),
                queue: service.queue.written().map_or(name.span.clone(), |queue| queue.span.clone()),
                max_connections: service.max_connections.written().map_or(name.span.clone(), |most| most.span.clone()),
            });
        }
        (services, endpoints, places)
    }

    fn endpoints(
        &mut self,
        service: Id<ServiceSpec>,
        doc: &document::Service,
        endpoints: &mut Table<EndpointSpec>,
    ) -> Vec<Id<EndpointSpec>> {
        if doc.endpoints.complete && doc.endpoints.is_empty() {
            let help = "add {\"work\": [Work(\"10ms\")]}";
            self.error("nothing", &doc.endpoints.head, "a service without endpoints cannot be called", help);
        }
        let ids: Vec<(Id<EndpointSpec>, String)> =
            self.names.endpoints_of(service).map(|(id, name)| (id, name.to_owned())).collect();
        let plans: Vec<Option<&document::Items<document::Step>>> =
            doc.endpoints.iter().map(|(_, plan)| plan.as_ref()).collect();
        for ((id, name), plan) in ids.iter().zip(plans) {
            let origin = Origin { caller: Caller::Service(service), endpoints: &[*id], count: 1.0 };
            let steps = plan.map_or_else(Vec::new, |plan| self.steps(plan, origin));
            endpoints.push(EndpointSpec { name: name.clone(), service, plan: Plan::new(&steps) });
            self.plans.push(steps);
        }
        ids.into_iter().map(|(id, _)| id).collect()
    }

    fn service(
        &mut self,
        id: Id<ServiceSpec>,
        name: &Spanned<String>,
        doc: &document::Service,
        endpoints: Vec<Id<EndpointSpec>>,
    ) -> ServiceSpec {
        let instances = doc
            .instances
            .as_ref()
            .map_or(1, |count| self.count(count, 1..=limits::INSTANCES, "the number of instances"));
        let capacity = self.capacity(doc);
        let queue = self.queue(name, doc, capacity);
        let crash_detection = doc.crash_detection.as_ref();
        let crash_detection = crash_detection
            .map_or(SimDuration::ZERO, |span| self.within(span, SimDuration::ZERO..=limits::SPAN, "crash_detection"));
        let max_connections = doc.max_connections.written();
        ServiceSpec {
            name: name.value.clone(),
            instances,
            capacity,
            queue,
            max_connections: max_connections.map(|most| self.count(most, 1..=limits::WORKERS, "max_connections")),
            connect_time: self.drawn(doc.connect_time.as_ref()),
            crash_detection,
            start_time: self.drawn(doc.start_time.as_ref()),
            rollout: self.rollout(doc.rollout.written()),
            versions: self.versions(id, doc),
            endpoints,
            dependencies: self.dependencies.of_caller(Caller::Service(id)).map(Self::dependency_id).collect(),
        }
    }

    fn capacity(&mut self, doc: &document::Service) -> Capacity {
        let Some(capacity) = doc.capacity.as_ref() else { return Capacity::Unlimited };
        let place = |count: document::Count| Spanned::new(count, capacity.span.clone());
        match capacity.value {
            document::Capacity::Workers(count) => {
                Capacity::Workers(self.count(&place(count), 1..=limits::WORKERS, "the number of workers"))
            }
            document::Capacity::ProcessorSharing { cores } => Capacity::ProcessorSharing {
                cores: self.count(&place(cores), 1..=limits::WORKERS, "the number of cores"),
            },
            document::Capacity::Unlimited => Capacity::Unlimited,
        }
    }

    fn queue(&mut self, name: &Spanned<String>, doc: &document::Service, capacity: Capacity) -> QueueSpec {
        let queue = doc.queue.written();
        let limit = queue.and_then(|queue| queue.capacity.as_ref());
        let limit = limit.map(|limit| self.count(limit, 0..=limits::QUEUE, "the queue's capacity"));
        let has_queue = matches!(capacity, Capacity::Workers(_));
        if let Some(queue) = queue.filter(|_| !has_queue && doc.capacity.is_some()) {
            let help = "only Workers(..) have a queue; remove it, or limit max_connections or the callers";
            self.error("pointless", &queue.span, "this service has no workers to wait for", help);
        }
        let long = self.doc.duration.as_ref().is_some_and(|run| run.value > limits::DURATION_WITH_UNBOUNDED_QUEUES);
        if has_queue && limit.is_none() && long && doc.queue.is_some() {
            let span = queue.map_or(&name.span, |queue| &queue.span);
            let message =
                format!("an unbounded queue in a run of more than {}", limits::DURATION_WITH_UNBOUNDED_QUEUES);
            self.error(
                "unbounded",
                span,
                message,
                "give the queue a capacity, queue: (capacity: 1000), or shorten the run",
            );
        }
        let discipline = match queue.map(|queue| &queue.discipline) {
            None | Some(document::Discipline::Fifo) => Discipline::Fifo,
            Some(document::Discipline::Lifo) => Discipline::Lifo,
            Some(document::Discipline::Priority) => Discipline::Priority,
        };
        QueueSpec { capacity: limit, discipline }
    }

    fn rollout(&mut self, doc: Option<&document::Rollout>) -> RolloutSpec {
        let Some(doc) = doc else {
            let preparation = self.drawn(None);
            return RolloutSpec { preparation, batch: 1, drain: SimDuration::from_secs(30), pause: SimDuration::ZERO };
        };
        let any = SimDuration::ZERO..=limits::SPAN;
        RolloutSpec {
            preparation: self.drawn(Some(&doc.preparation)),
            batch: self.count(&doc.batch, 1..=limits::INSTANCES, "the batch of a roll-out"),
            drain: self.within(&doc.drain, any.clone(), "the time to drain"),
            pause: self.within(&doc.pause, any, "the pause between batches"),
        }
    }

    fn versions(&mut self, service: Id<ServiceSpec>, doc: &document::Service) -> Vec<VersionSpec> {
        if doc.versions.is_empty() {
            return vec![VersionSpec { name: "v1".to_owned(), effects: Vec::new() }];
        }
        if doc.versions.len() > limits::VERSIONS {
            let message = format!("{} versions are too many", doc.versions.len());
            self.error("too-many", &doc.versions.head, message, format!("at most {}", limits::VERSIONS));
        }
        for (name, _) in doc.versions.iter() {
            check_name_with(name, "a version", ".", self.diagnostics);
        }
        let versions: Vec<_> = doc.versions.readable().collect();
        let version = |(name, version): (&Spanned<String>, &document::Version)| VersionSpec {
            name: name.value.clone(),
            effects: version
                .effects
                .readable()
                .filter_map(|(name, effect)| self.effect(service, name, effect))
                .collect(),
        };
        versions.into_iter().map(version).collect()
    }

    /// Steps of a plan whose calls are made `origin.count` times a request.
    pub(super) fn steps(&mut self, plan: &[document::Step], origin: Origin<'_>) -> Vec<Step> {
        plan.iter().filter_map(|step| self.step(step, origin)).collect()
    }

    fn step(&mut self, step: &document::Step, origin: Origin<'_>) -> Option<Step> {
        self.count_steps(1.0, origin);
        Some(match step {
            document::Step::Work(work) => {
                let work = self.drawn(Some(work));
                for endpoint in origin.endpoints {
                    self.work[endpoint.index()] += origin.count * work.mean();
                }
                Step::Work(work)
            }
            document::Step::Call(call) => Step::Call(self.call(call, origin)?),
            document::Step::Spawn(call) => Step::Spawn(self.call(call, origin)?),
            document::Step::Parallel(branches) => {
                self.check_branches(&branches.span, branches.len());
                self.count_steps(branches.len() as f64, origin);
                Step::Parallel(branches.iter().map(|branch| self.steps(branch, origin)).collect())
            }
            document::Step::Chance { probability, then, otherwise } => {
                let chance = self.share(probability, "a probability");
                Step::Chance {
                    probability: chance,
                    then: self.steps(then, Origin { count: origin.count * chance, ..origin }),
                    otherwise: self.steps(otherwise, Origin { count: origin.count * (1.0 - chance), ..origin }),
                }
            }
            document::Step::Repeat { probability, body } => {
                let again = self.again(probability, "the probability of a repetition");
                let rounds = 1.0 / (1.0 - again.min(limits::AGAIN));
                self.count_steps(rounds, origin);
                let body = self.steps(body, Origin { count: (origin.count * rounds).min(1e12), ..origin });
                Step::Repeat { probability: again, body }
            }
            document::Step::Fail(kind) => Step::Fail(self.error_kind(kind)),
        })
    }

    fn check_branches(&mut self, span: &Span, count: usize) {
        if count > limits::BRANCHES {
            let help = format!("at most {}: call one after the other, or with Spawn", limits::BRANCHES);
            self.error("too-many", span, format!("{count} branches side by side"), help);
        }
    }

    /// Counts what each request of the origin's endpoints does besides.
    fn count_steps(&mut self, steps: f64, origin: Origin<'_>) {
        for endpoint in origin.endpoints {
            self.steps_taken[endpoint.index()] += origin.count * steps;
        }
    }

    fn call(&mut self, call: &document::Call, origin: Origin<'_>) -> Option<CallStep> {
        self.call_to(&call.to, call.via.as_ref(), call.optional, origin)
    }

    /// A call to `service.endpoint`; `None` when it cannot be resolved, which has been reported.
    pub(super) fn call_to(
        &mut self,
        to: &Spanned<String>,
        via: Option<&Spanned<String>>,
        optional: bool,
        origin: Origin<'_>,
    ) -> Option<CallStep> {
        let (service, endpoint) = self.names.endpoint(to, self.diagnostics)?;
        let dependency: Id<DependencySpec> =
            self.dependencies.between(origin.caller, service, to, via, self.diagnostics)?;
        for from in origin.endpoints {
            let edge =
                Edge { to: endpoint, dependency: dependency.index(), count: origin.count, span: to.span.clone() };
            self.edges[from.index()].push(edge);
        }
        Some(CallStep { dependency, endpoint, optional })
    }

    pub(super) fn hotfixes(&mut self) -> Vec<super::super::HotfixSpec> {
        let doc = self.doc;
        if doc.hotfixes.len() > limits::HOTFIXES {
            let message = format!("{} hotfixes are too many", doc.hotfixes.len());
            self.error("too-many", &doc.hotfixes.head, message, format!("at most {}", limits::HOTFIXES));
            return Vec::new();
        }
        for (name, _) in doc.hotfixes.iter() {
            super::names::check_name(name, "a hotfix", self.diagnostics);
        }
        doc.hotfixes.readable().filter_map(|(name, hotfix)| self.hotfix(name, hotfix)).collect()
    }
}
