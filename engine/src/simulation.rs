//! The simulation: a world with its schedule, stepped from outside.
//!
//! Events run inside one long-running system; at every whole second the phases after it close the measures and look at
//! conditions. Orders from outside take effect at the instant to which the simulation has been run, before any event of
//! that instant.

mod branch;
mod chronicle;
mod door;
mod evidence;
mod met;
mod people;
mod trigger;

pub use chronicle::{Chronicle, FaultMoment};
pub(crate) use met::Stay;

use std::sync::Arc;

use bevy_ecs::prelude::{IntoScheduleConfigs as _, Res, ResMut, Resource, Schedule, SystemSet, World};
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, SingleThreadedExecutor};

use crate::fault::{Faults, Plot};
use crate::ids::{Id, Table};
use crate::kernel::Registry;
use crate::model::{
    self, Deploys, Event, Instances, Luck, Model, ModelResources, Room, ServiceSpec, System, Verb, VerbError,
};
use crate::observe::{self, EvidenceLog, Monitor, MonitoringSpec, Recording};
use crate::response::comms::Comms;
use crate::response::people::People;
use crate::response::{Logged, Triggers};
use crate::rng::{self, Key};
use crate::scenario::Scenario;
use crate::traffic::{self, PopulationSpec, Populations, Traffic};
use crate::units::{SimDuration, SimTime};

/// The phases of an epoch, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SystemSet)]
enum Phase {
    /// All events before the end of the epoch.
    Events,
    /// Faults look at their conditions, with the counts of the second that ends.
    Conditions,
    /// The second is closed and recorded.
    Measures,
    /// Metrics are read, alert rules are looked at, notifications are sent.
    Watch,
}

/// The end of the epoch under way.
#[derive(Clone, Copy, Debug, Resource)]
struct Epoch {
    end: SimTime,
    /// Whether the end is a whole second, with which the later phases have to do.
    whole_second: bool,
}

/// The populations as configured.
#[derive(Clone, Debug, Resource)]
struct PopulationSpecs(Arc<Table<PopulationSpec>>);

/// A running simulation of one scenario.
///
/// Scenario, seed, variant and orders determine everything that happens in it.
pub struct Simulation {
    world: World,
    schedule: Schedule,
    registry: Arc<Registry>,
    scenario: Arc<Scenario>,
    system: System,
    plot: Plot,
    variant: usize,
    /// What was done from outside.
    commands: Vec<Logged>,
    /// What the model was ordered to do.
    orders: Vec<(SimTime, Verb)>,
    /// By order: the position among the commands of the one it came from.
    causes: Vec<Option<usize>>,
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation")
            .field("scenario", &self.scenario.name)
            .field("seed", &self.seed())
            .field("variant", &self.variant)
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

impl Simulation {
    /// A simulation at its start. The seed draws the hidden variant by weight.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, seed: u64) -> Self {
        let variant = draw_variant(&scenario, seed);
        Self::with_variant(scenario, seed, variant)
    }

    /// A simulation at its start with a given variant, by its dense index.
    ///
    /// # Panics
    /// When the scenario has no such variant.
    #[must_use]
    pub fn with_variant(scenario: Arc<Scenario>, seed: u64, variant: usize) -> Self {
        let system = System::new(scenario.system.clone());
        let plot = plot(&scenario, variant);
        let mut registry = Registry::default();
        model::install(&mut registry);
        registry.register::<Populations>("populations");
        registry.register::<Faults>("faults");
        registry.register::<Recording>("recording");
        registry.register::<Chronicle>("chronicle");
        registry.register::<Monitor>("monitor");
        registry.register::<EvidenceLog>("evidence");
        registry.register::<Triggers>("triggers");
        let mut world = World::new();
        model::spawn(&mut world, &system, seed);
        world.insert_resource(traffic::spawn(&scenario.populations, seed));
        world.insert_resource(Faults::new(&plot, system.services.len()));
        world.insert_resource(Chronicle::default());
        world.insert_resource(Monitor::new(&scenario.monitoring));
        world.insert_resource(EvidenceLog::default());
        world.insert_resource(Triggers::default());
        world.insert_resource(Recording::new(
            system.services.len(),
            system.endpoints.len(),
            system.dependencies.len(),
            scenario.populations.len(),
        ));
        if let Some(people) = &scenario.people {
            registry.register::<People>("people");
            world.insert_resource(People::new(people));
            if let Some(comms) = &people.comms {
                registry.register::<Comms>("comms");
                world.insert_resource(Comms::new(comms));
            }
        }
        let registry = Arc::new(registry);
        let mut simulation = Self::around(world, registry, scenario, system, plot, variant);
        simulation.with_parts(|model, traffic, plot| {
            Faults::start(plot, model);
            traffic.start(model);
        });
        simulation
    }

    /// Puts the immutable parts and the schedule around a world that holds all state.
    fn around(
        mut world: World,
        registry: Arc<Registry>,
        scenario: Arc<Scenario>,
        system: System,
        plot: Plot,
        variant: usize,
    ) -> Self {
        world.insert_resource(system.clone());
        world.insert_resource(plot.clone());
        world.insert_resource(PopulationSpecs(Arc::new(scenario.populations.clone())));
        world.insert_resource(scenario.monitoring.clone());
        world.insert_resource(Epoch { end: SimTime::ZERO, whole_second: false });
        Self {
            world,
            schedule: schedule(),
            registry,
            scenario,
            system,
            plot,
            variant,
            commands: Vec::new(),
            orders: Vec::new(),
            causes: Vec::new(),
        }
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.world.resource::<Luck>().seed
    }

    /// The name of the variant that is true. Only debriefs and tools may show it.
    #[must_use]
    pub fn variant(&self) -> &str {
        &self.scenario.variants[self.variant].name
    }

    /// The dense index of the variant that is true.
    pub(crate) const fn variant_index(&self) -> usize {
        self.variant
    }

    /// The instant up to which the simulation has been run.
    #[must_use]
    pub fn now(&self) -> SimTime {
        self.world.resource::<crate::kernel::Agenda<Event>>().now()
    }

    /// Runs every event before `until`, closing each whole second on the way, the last one included when `until` is one.
    pub fn run_until(&mut self, until: SimTime) {
        while self.now() < until {
            let next =
                SimTime::from_nanos((self.now().whole_secs() + 1).saturating_mul(SimDuration::SECOND.as_nanos()));
            let end = next.min(until);
            self.world.insert_resource(Epoch { end, whole_second: end == next });
            self.schedule.run(&mut self.world);
            if end == next {
                self.pass_peoples_second();
                self.pass_triggers_second();
            }
        }
    }

    /// Runs to the end of the scenario.
    pub fn run_to_end(&mut self) {
        self.run_until(SimTime::ZERO + self.scenario.duration);
    }

    /// Gives an order, which takes effect now, and puts it on record.
    ///
    /// # Errors
    /// When it makes no sense in this system. Nothing has changed then, and the order is not on record.
    pub fn order(&mut self, verb: Verb) -> Result<(), VerbError> {
        self.order_because(verb, None)
    }

    /// Gives an order that came from a command, by its position in the log.
    fn order_because(&mut self, verb: Verb, cause: Option<usize>) -> Result<(), VerbError> {
        self.with_parts(|model, traffic, _| {
            let carried_out = model.order(&verb);
            traffic.take_answers(model);
            carried_out
        })?;
        self.orders.push((self.now(), verb));
        self.causes.push(cause);
        Ok(())
    }

    /// Gives the orders that a command, by its position in the log, comes to: all of them, or none.
    fn order_all(&mut self, verbs: Vec<Verb>, cause: usize) -> Result<(), VerbError> {
        if verbs.len() > 1 {
            // One of them may make no sense only after the others.
            let mut trial = self.fork();
            verbs.iter().try_for_each(|verb| trial.order(verb.clone()))?;
        }
        verbs.into_iter().try_for_each(|verb| self.order_because(verb, Some(cause)))
    }

    /// Whether scenario, seed, variant and log tell everything: its luck is that of the run from the start, and every order came from
    /// a command.
    #[must_use]
    pub fn is_told_by_its_log(&self) -> bool {
        self.world.resource::<Luck>().luck == 0 && self.causes.iter().all(Option::is_some)
    }

    /// Why an order, by its position among [`Simulation::orders`], was given; `None` where nobody said.
    #[must_use]
    pub fn reason(&self, order: usize) -> Option<&str> {
        let command = (*self.causes.get(order)?)?;
        self.commands.get(command)?.command.reason()
    }

    /// The position among the commands of the one that an order, by its position among [`Simulation::orders`], came from; `None`
    /// where it came from none.
    #[must_use]
    pub fn cause(&self, order: usize) -> Option<usize> {
        self.causes.get(order).copied().flatten()
    }

    /// What has happened behind the scenes. Only debriefs and tools may show it.
    #[must_use]
    pub fn chronicle(&self) -> &Chronicle {
        self.world.resource::<Chronicle>()
    }

    /// What goes wrong in the variant that is true. Only debriefs and tools may show it.
    pub(crate) fn plot(&self) -> &Plot {
        &self.plot
    }

    /// The orders given so far, in time order.
    #[must_use]
    pub fn orders(&self) -> &[(SimTime, Verb)] {
        &self.orders
    }

    /// The resolved system.
    #[must_use]
    pub const fn system(&self) -> &System {
        &self.system
    }

    /// Versions, roll-outs and hotfixes so far.
    pub(crate) fn deploys(&self) -> &Deploys {
        self.world.resource::<Deploys>()
    }

    /// What has been measured so far.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        self.world.resource::<Recording>()
    }

    /// How many jobs waited for a worker of a service, all instances together, the exact mean from the start to now.
    #[must_use]
    pub fn mean_queue(&self, service: Id<ServiceSpec>) -> f64 {
        let now = self.now();
        let instances = &self.world.resource::<Instances>().0;
        let waited: u128 =
            instances.iter().filter(|one| one.service == service).map(|one| one.waiting.integral(now)).sum();
        if now == SimTime::ZERO { 0.0 } else { waited as f64 / now.as_nanos() as f64 }
    }

    /// Reads the model as it is now.
    pub fn inspect<R>(&mut self, read: impl FnOnce(&Model<'_>) -> R) -> R {
        self.with_parts(|model, _, _| read(model))
    }

    /// Little's law for every queue, every set of running jobs, every pool, every line before a bulkhead, and the requests
    /// that populations hold back: pairs of the integral of the number inside and the time spent inside, in nanoseconds,
    /// which are equal.
    pub fn littles_law(&mut self) -> Vec<(u128, u128)> {
        self.with_parts(|model, traffic, _| {
            let mut law = model.littles_law();
            law.extend(traffic.littles_law(model.now()));
            law
        })
    }

    /// What does not add up among requests, connections, permits and workers, in words; empty when everything does.
    pub fn audit(&mut self) -> Vec<String> {
        self.with_parts(|model, traffic, _| {
            let mut errors = model.audit();
            errors.extend(model::audit_law("populations", traffic.littles_law(model.now())));
            errors
        })
    }

    /// How many calls and jobs are under way.
    pub fn under_way(&mut self) -> usize {
        self.with_parts(|model, _, _| model.under_way())
    }

    fn with_parts<R>(&mut self, act: impl FnOnce(&mut Model<'_>, &mut Traffic<'_>, &Plot) -> R) -> R {
        type Parts<'w> = (ModelResources<'w>, ResMut<'w, Populations>, Res<'w, PopulationSpecs>, Res<'w, Plot>);
        let mut state = bevy_ecs::system::SystemState::<Parts<'_>>::new(&mut self.world);
        let (mut resources, mut populations, specs, plot) =
            state.get_mut(&mut self.world).expect("every resource is inserted when the simulation is made");
        let mut traffic = Traffic { specs: &specs.0, populations: &mut populations.0 };
        act(&mut resources.model(), &mut traffic, &plot)
    }
}

fn schedule() -> Schedule {
    let mut schedule = Schedule::default();
    schedule.set_executor(SingleThreadedExecutor::new());
    schedule.set_build_settings(ScheduleBuildSettings { ambiguity_detection: LogLevel::Error, ..Default::default() });
    schedule.configure_sets((Phase::Events, Phase::Conditions, Phase::Measures, Phase::Watch).chain());
    schedule.add_systems((
        run_events.in_set(Phase::Events),
        look_at_conditions.in_set(Phase::Conditions).run_if(is_whole_second),
        close_second.in_set(Phase::Measures).run_if(is_whole_second),
        watch.in_set(Phase::Watch).run_if(is_whole_second),
    ));
    schedule
}

fn is_whole_second(epoch: Res<'_, Epoch>) -> bool {
    epoch.whole_second
}

/// The one system in which requests live.
fn run_events(
    mut resources: ModelResources<'_>,
    mut populations: ResMut<'_, Populations>,
    specs: Res<'_, PopulationSpecs>,
    mut faults: ResMut<'_, Faults>,
    mut chronicle: ResMut<'_, Chronicle>,
    plot: Res<'_, Plot>,
    epoch: Res<'_, Epoch>,
) {
    let mut model = resources.model();
    let mut traffic = Traffic { specs: &specs.0, populations: &mut populations.0 };
    handle_before(epoch.end, &mut model, &mut traffic, &plot, &mut faults, &mut chronicle);
    if epoch.whole_second {
        let spec = model.spec;
        model.meters.add_up_services(&spec.endpoints);
    }
}

/// Handles every event before `end`. A function of its own, whose references the compiler knows to be apart.
#[inline(never)]
fn handle_before(
    end: SimTime,
    model: &mut Model<'_>,
    traffic: &mut Traffic<'_>,
    plot: &Plot,
    faults: &mut Faults,
    chronicle: &mut Chronicle,
) {
    let mut event = Event::default();
    while model.agenda.take_next(end, &mut event) {
        match event {
            Event::Outer { room, index, epoch } => match room {
                Room::Arrival => traffic.arrival(model, Id::new(index), epoch),
                Room::Thinking => traffic.thought(model, Id::new(index), epoch),
                Room::Fault => {
                    faults.due(plot, model, traffic, index, epoch);
                    chronicle.note_faults(model.now(), faults);
                }
                Room::Deploy => {
                    let deploy = &plot.deploys[index as usize];
                    model.deploy(deploy.service, deploy.version);
                }
            },
            event => model.handle(event),
        }
        if !model.answers.is_empty() {
            traffic.take_answers(model);
        }
    }
    model.agenda.advance_to(end);
}

fn look_at_conditions(
    mut resources: ModelResources<'_>,
    mut populations: ResMut<'_, Populations>,
    specs: Res<'_, PopulationSpecs>,
    mut faults: ResMut<'_, Faults>,
    mut chronicle: ResMut<'_, Chronicle>,
    plot: Res<'_, Plot>,
) {
    let mut traffic = Traffic { specs: &specs.0, populations: &mut populations.0 };
    let mut model = resources.model();
    faults.look(&plot, &mut model, &mut traffic);
    chronicle.note_faults(model.now(), &faults);
    traffic.take_answers(&mut model);
}

fn close_second(
    mut resources: ModelResources<'_>,
    mut populations: ResMut<'_, Populations>,
    specs: Res<'_, PopulationSpecs>,
    mut recording: ResMut<'_, Recording>,
    mut chronicle: ResMut<'_, Chronicle>,
) {
    let mut traffic = Traffic { specs: &specs.0, populations: &mut populations.0 };
    let mut model = resources.model();
    observe::close_second(&mut recording, &mut model, &mut traffic);
    chronicle.note_rollouts(model.now(), &model.deploys);
}

fn watch(
    mut monitor: ResMut<'_, Monitor>,
    monitoring: Res<'_, MonitoringSpec>,
    recording: Res<'_, Recording>,
    epoch: Res<'_, Epoch>,
) {
    monitor.watch(&monitoring, &recording, epoch.end);
}

/// The variant that a seed makes true: drawn by weight, from a stream of its own.
#[must_use]
pub fn draw_variant(scenario: &Scenario, seed: u64) -> usize {
    let total: f64 = scenario.variants.iter().map(|variant| variant.weight).sum();
    let mut left = rng::unit(Key::named(seed, 0, "scenario.variant", 0).bits()) * total;
    for (index, variant) in scenario.variants.iter().enumerate() {
        left -= variant.weight;
        if left < 0.0 {
            return index;
        }
    }
    scenario.variants.len() - 1
}

fn plot(scenario: &Scenario, variant: usize) -> Plot {
    let (always, variant) = (&scenario.always, &scenario.variants[variant]);
    Plot {
        faults: always.faults.iter().chain(&variant.faults).cloned().collect(),
        deploys: always.deploys.iter().chain(&variant.deploys).cloned().collect(),
    }
}
