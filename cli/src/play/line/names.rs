//! What can be named: taken from what the lead sees, and from the menu.

use brownout::observe::{Observation, Whereabouts};
use brownout::response::{Menu, ParameterKind};

/// An option and its parameters, each with texts that may be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::play) struct OptionName {
    pub(in crate::play) name: String,
    pub(in crate::play) parameters: Vec<(String, Vec<String>)>,
}

/// Everything that can be named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::play) struct Names {
    pub(in crate::play) options: Vec<OptionName>,
    /// Everybody, with whether they are there.
    pub(in crate::play) people: Vec<(String, bool)>,
    pub(in crate::play) teams: Vec<String>,
    /// The tasks that are not over: number and title.
    pub(in crate::play) tasks: Vec<(u32, String)>,
    /// Bad news that waits for an answer, by number.
    pub(in crate::play) bad_news: Vec<u32>,
    /// Services and populations.
    pub(in crate::play) subjects: Vec<String>,
    pub(in crate::play) services: Vec<String>,
    /// The instruments, each with what it can be pointed at.
    pub(in crate::play) looks: Vec<(String, Vec<String>)>,
}

impl Names {
    /// What can be named now.
    pub(in crate::play) fn of(seen: &Observation, menu: &Menu, populations: impl IntoIterator<Item = String>) -> Self {
        let options = menu.options.iter().map(|option| {
            let parameter = |parameter: &brownout::response::Parameter| (parameter.name.clone(), values(parameter));
            OptionName { name: option.name.clone(), parameters: option.parameters.iter().map(parameter).collect() }
        });
        let services: Vec<String> = seen.services.iter().map(|view| view.name.clone()).collect();
        let mut names = Self { options: options.collect(), ..Self::default() };
        names.subjects = services.iter().cloned().chain(populations).collect();
        names.services = services;
        names.looks = menu.looks.iter().map(|look| (look.instrument.clone(), look.subjects.clone())).collect();
        if let Some(people) = &seen.people {
            let here = |at| matches!(at, Whereabouts::Here | Whereabouts::ReadingUp);
            let others = people.responders.iter().filter(|who| who.whereabouts != Whereabouts::Leading);
            names.people = others.map(|who| (who.name.clone(), here(who.whereabouts))).collect();
            names.teams = people.teams.iter().map(|team| team.name.clone()).collect();
            let open = people.tasks.iter().filter(|task| !task.state.is_over());
            let waits = people.news.iter().filter(|news| news.bad && !news.answered);
            names.bad_news = waits.map(|news| news.number).collect();
            names.tasks = open.map(|task| (task.number, task.title.clone())).collect();
        }
        names
    }

    /// An option as the menu writes it, if it differs in case only.
    pub(super) fn option(&self, said: &str) -> String {
        let known = self.options.iter().find(|option| option.name.eq_ignore_ascii_case(said));
        known.map_or_else(|| said.to_owned(), |option| option.name.clone())
    }

    pub(super) fn of_whom(&self, verb: &str) -> String {
        let here = self.people.iter().filter(|(_, here)| *here).map(|(name, _)| name.as_str());
        let away = self.people.iter().filter(|(_, here)| !*here).map(|(name, _)| name.as_str());
        let listed: Vec<&str> = match verb {
            "page" => self.teams.iter().map(String::as_str).chain(away).collect(),
            _ => here.collect(),
        };
        if listed.is_empty() { "there is nobody".to_owned() } else { format!("there is {}", listed.join(", ")) }
    }

    pub(super) fn of_looks(&self) -> String {
        let listed: Vec<&str> = self.looks.iter().map(|(instrument, _)| instrument.as_str()).collect();
        if listed.is_empty() {
            "there is nothing to look at".to_owned()
        } else {
            format!("there is {}", listed.join(", "))
        }
    }

    pub(in crate::play) fn of_tasks(&self) -> String {
        let listed: Vec<String> = self.tasks.iter().map(|(number, title)| format!("{number} ({title})")).collect();
        if listed.is_empty() { "there is no task".to_owned() } else { format!("there is {}", listed.join(", ")) }
    }
}

/// Texts that may be said for a parameter, the likeliest first.
fn values(parameter: &brownout::response::Parameter) -> Vec<String> {
    match &parameter.kind {
        ParameterKind::Choice(choices) => choices.iter().map(|choice| choice.value.clone()).collect(),
        _ => vec![parameter.example()],
    }
}
