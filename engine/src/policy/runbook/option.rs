//! Options of a rule file, looked up in the menu: names, arguments, and options that only come to be offered later.

use std::collections::BTreeMap;

use crate::response::{Action, MenuOption, ParameterKind};
use crate::text::{NameMap, Spanned};
use crate::units::{Rate, Ratio, SimDuration};

use super::resolve::Resolver;

/// What is done only after something else: (this, what is offered at the start in its place).
const LATER: [(Action, Action); 2] = [(Action::Resume, Action::Pause), (Action::ReAdmit, Action::Block)];

impl Resolver<'_> {
    /// An option with its arguments. What is said for one that only comes to be offered later is checked when it is taken.
    pub(super) fn option(
        &mut self,
        name: &Spanned<String>,
        arguments: &NameMap<Spanned<String>>,
    ) -> Option<(String, BTreeMap<String, String>)> {
        match self.names.menu.find(name) {
            Some(option) => self.arguments(name, option, arguments),
            None if self.later().contains(&name.value) => {}
            None => {
                let mut candidates: Vec<&str> = self.names.menu.options.iter().map(|one| one.name.as_str()).collect();
                let later = self.later();
                candidates.extend(later.iter().map(String::as_str));
                self.unknown("option", name, &candidates);
                return None;
            }
        }
        let said = arguments.iter().map(|(parameter, value)| (parameter.value.clone(), value.value.clone()));
        Some((name.value.clone(), said.collect()))
    }

    /// The options that a menu may have later and does not have yet.
    fn later(&self) -> Vec<String> {
        let services = self.names.observation.services.iter();
        let mut later: Vec<String> =
            services.map(|service| format!("{} {}", Action::RollBack.name(), service.name)).collect();
        for (action, instead) in LATER {
            let offered = self.names.menu.of_kind(instead).map(|option| &option.name[instead.name().len()..]);
            later.extend(offered.map(|of| format!("{}{of}", action.name())));
        }
        later
    }

    fn arguments(&mut self, name: &Spanned<String>, option: &MenuOption, said: &NameMap<Spanned<String>>) {
        let names: Vec<&str> = option.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        for (parameter, value) in said {
            match option.parameters.iter().find(|known| known.name == parameter.value) {
                None => self.unknown(&format!("parameter of {}", option.name), parameter, &names),
                Some(known) if !fits(&known.kind, value) => {
                    let message = format!("{} cannot be \"{}\"", known.name, shortened(value));
                    self.error("bad-argument", &value.span, message, format!("{}: {}", known.what, known.kind));
                }
                Some(_) => {}
            }
        }
        // What was misspelt is not missing.
        if said.names().any(|parameter| !names.contains(&parameter)) {
            return;
        }
        let missing =
            option.parameters.iter().filter(|known| known.default.is_none() && said.find(&known.name).is_none());
        for parameter in missing {
            let message = format!("{} needs to be told {}", option.name, parameter.name);
            let help = format!("add arguments: {{\"{}\": \"..\"}}, {}", parameter.name, parameter.kind);
            self.error("missing-argument", &name.span, message, help);
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Whether it may be said for a parameter of that kind.
fn fits(kind: &ParameterKind, text: &str) -> bool {
    match kind {
        ParameterKind::Share { low, high } => text.parse::<Ratio>().is_ok_and(|share| (*low..=*high).contains(&share)),
        ParameterKind::Count { low, high } => {
            text.trim().parse::<u32>().is_ok_and(|count| (*low..=*high).contains(&count))
        }
        ParameterKind::Span { low, high } => {
            text.parse::<SimDuration>().is_ok_and(|span| (*low..=*high).contains(&span))
        }
        ParameterKind::Limit { low, high } => {
            text.trim() == "none" || text.parse::<Rate>().is_ok_and(|rate| (*low..=*high).contains(&rate))
        }
        ParameterKind::Choice(choices) => choices.iter().any(|choice| choice.value == text.trim()),
    }
}
