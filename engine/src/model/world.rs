//! The model's place in the ECS world: its resources, their registration, and the first state of a run.

use std::mem::take;
use std::ops::{Deref, DerefMut};

use bevy_ecs::prelude::{Res, ResMut};
use bevy_ecs::resource::Resource;
use bevy_ecs::system::SystemParam;
use bevy_ecs::world::World;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::{Agenda, Arena, Registry};

use super::breaker::Breaker;
use super::call::Call;
use super::channel::{Channels, Dependencies, Dependency};
use super::dependency::{BreakerScope, DependencySpec, Layer};
use super::deploy::Deploys;
use super::event::Event;
use super::instance::{Instance, Instances};
use super::job::{Job, Strands};
use super::meter::Meters;
use super::service::{Service, ServiceSpec, Services};
use super::system::System;
use super::{Answer, Model};

/// The luck of a run: its seed, and what fresh luck adds to every draw.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Luck {
    /// The seed of the run.
    pub seed: u64,
    /// 0 from the start; a fork with fresh luck has its own number.
    pub luck: u64,
    /// What is added to every site; 0 while `luck` is 0.
    pub salt: u64,
}

/// Requests under way.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Requests {
    /// The calls.
    pub calls: Arena<Call>,
    /// The executions.
    pub jobs: Arena<Job>,
    /// The parallel branches of executions that have some.
    pub strands: Arena<Strands>,
    /// Ended requests that their populations have not been told of yet; empty between events.
    pub answers: Vec<Answer>,
}

/// Every resource of the model, for a system that runs it.
#[derive(Debug, SystemParam)]
pub struct ModelResources<'w> {
    spec: Res<'w, System>,
    luck: Res<'w, Luck>,
    agenda: ResMut<'w, Agenda<Event>>,
    requests: ResMut<'w, Requests>,
    services: ResMut<'w, Services>,
    instances: ResMut<'w, Instances>,
    dependencies: ResMut<'w, Dependencies>,
    channels: ResMut<'w, Channels>,
    deploys: ResMut<'w, Deploys>,
    meters: ResMut<'w, Meters>,
}

/// The resources that a [`Model`] goes back to.
#[derive(Debug)]
struct Home<'a> {
    agenda: &'a mut Agenda<Event>,
    requests: &'a mut Requests,
    services: &'a mut Services,
    instances: &'a mut Instances,
    dependencies: &'a mut Dependencies,
    channels: &'a mut Channels,
    deploys: &'a mut Deploys,
    meters: &'a mut Meters,
}

/// The model, taken out of its resources until this is dropped: its handlers then reach every part of the state from one
/// place, and the compiler knows that no other part changes it.
#[derive(Debug)]
pub struct Lent<'a> {
    model: Model<'a>,
    home: Home<'a>,
}

impl ModelResources<'_> {
    /// Takes the model out of its resources.
    pub fn model(&mut self) -> Lent<'_> {
        let home = Home {
            agenda: &mut self.agenda,
            requests: &mut self.requests,
            services: &mut self.services,
            instances: &mut self.instances,
            dependencies: &mut self.dependencies,
            channels: &mut self.channels,
            deploys: &mut self.deploys,
            meters: &mut self.meters,
        };
        let Requests { calls, jobs, strands, answers } = take(home.requests);
        let Channels { table: channels, shared_breakers } = take(home.channels);
        let model = Model {
            spec: &self.spec,
            luck: &self.luck,
            salt: self.luck.salt,
            agenda: take(home.agenda),
            calls,
            jobs,
            strands,
            answers,
            services: take(&mut home.services.0),
            instances: take(&mut home.instances.0),
            dependencies: take(&mut home.dependencies.0),
            channels,
            shared_breakers,
            deploys: take(home.deploys),
            meters: take(home.meters),
        };
        Lent { model, home }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let Self { model, home } = self;
        *home.agenda = take(&mut model.agenda);
        *home.requests = Requests {
            calls: take(&mut model.calls),
            jobs: take(&mut model.jobs),
            strands: take(&mut model.strands),
            answers: take(&mut model.answers),
        };
        home.services.0 = take(&mut model.services);
        home.instances.0 = take(&mut model.instances);
        home.dependencies.0 = take(&mut model.dependencies);
        *home.channels =
            Channels { table: take(&mut model.channels), shared_breakers: take(&mut model.shared_breakers) };
        *home.deploys = take(&mut model.deploys);
        *home.meters = take(&mut model.meters);
    }
}

impl<'a> Deref for Lent<'a> {
    type Target = Model<'a>;
    fn deref(&self) -> &Model<'a> {
        &self.model
    }
}

impl<'a> DerefMut for Lent<'a> {
    fn deref_mut(&mut self) -> &mut Model<'a> {
        &mut self.model
    }
}

/// Declares the model's state.
pub fn install(registry: &mut Registry) {
    registry.register::<Luck>("luck");
    registry.register::<Agenda<Event>>("agenda");
    registry.register::<Requests>("requests");
    registry.register::<Services>("services");
    registry.register::<Instances>("instances");
    registry.register::<Dependencies>("dependencies");
    registry.register::<Channels>("channels");
    registry.register::<Deploys>("deploys");
    registry.register::<Meters>("meters");
}

/// Puts the first state of the model into a world: every instance up, every pool filled to its minimum.
pub fn spawn(world: &mut World, system: &System, seed: u64) {
    let mut agenda = Agenda::default();
    let dependencies: Table<Dependency, DependencySpec> =
        system.dependencies.iter().map(|spec| Dependency::new(spec, &mut agenda)).collect();
    let services = system.services.iter().map(|_| Service {
        instances: Vec::new(),
        rotation: Vec::new(),
        admission: Vec::new(),
        version: 0,
    });
    let count = system.services.len();
    world.insert_resource(system.clone());
    world.insert_resource(Luck { seed, luck: 0, salt: 0 });
    world.insert_resource(agenda);
    world.insert_resource(Requests::default());
    world.insert_resource(Services(services.collect()));
    world.insert_resource(Instances::default());
    world.insert_resource(Dependencies(dependencies));
    world.insert_resource(Channels { table: Table::default(), shared_breakers: shared_breakers(system) });
    world.insert_resource(Deploys {
        versions: system.services.iter().map(|service| service.versions.clone()).collect(),
        history: vec![vec![0]; count],
        fault_effects: vec![Vec::new(); count],
        ..Deploys::default()
    });
    world.insert_resource(Meters::new(count, system.endpoints.len(), &system.dependencies));
    let mut state = bevy_ecs::system::SystemState::<ModelResources<'_>>::new(world);
    let mut resources = state.get_mut(world).expect("every resource has just been inserted");
    populate(&mut resources.model());
}

fn shared_breakers(system: &System) -> Vec<Breaker> {
    (0..system.shared_breakers.len())
        .map(|wanted| {
            let layers = system.dependencies.iter().flat_map(|dependency| &dependency.layers);
            let spec = layers.into_iter().find_map(|layer| match layer {
                Layer::Breaker { spec, scope: BreakerScope::Shared { key } } if usize::from(*key) == wanted => {
                    Some(spec)
                }
                _ => None,
            });
            Breaker::new(spec.expect("a shared breaker is named by the dependency that uses it"))
        })
        .collect()
}

fn populate(model: &mut Model<'_>) {
    for id in model.spec.dependencies.ids() {
        if model.spec.dependencies[id].caller.is_none() {
            let channel = model.add_channel(id, None);
            model.dependencies[id].population_channel = Some(channel);
        }
    }
    for service in model.spec.services.ids() {
        for _ in 0..model.spec.services[service].instances {
            add_running(model, service);
        }
    }
    for id in model.channels.ids() {
        let idle = minimum_idle(model, model.channels[id].dependency);
        model.open_channel_with(id, idle);
    }
}

fn add_running(model: &mut Model<'_>, service: Id<ServiceSpec>) {
    let id: Id<Instance> = model.add_instance(service);
    model.instances[id].status = super::instance::Status::Up;
    model.instances[id].settle_slots(model.agenda.now());
    model.services[service].rotation.push(id);
}

/// A system that has been running for a while has its idle connections.
fn minimum_idle(model: &Model<'_>, dependency: Id<DependencySpec>) -> u32 {
    let pools = model.dependencies[dependency].layers.iter();
    pools.map(|layer| if let Layer::Pool(spec) = layer { spec.resolved_minimum_idle() } else { 0 }).sum()
}
