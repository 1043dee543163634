//! Menus and forms. Whatever they ask for comes out as a line that could have been typed.

use brownout::observe::Observation;
use brownout::probes::Probe;
use brownout::response::comms::Audience;
use brownout::response::{Menu, MenuOption, NOWHERE, ParameterKind};
use brownout::text::shown;
use brownout::units::{Ratio, SimDuration, UnitError};

use super::super::line::{Names, Topic};
use super::super::show;

/// What takes so long or longer is to be thought about before a lead does it with their own hands.
const LONG_FOR_A_LEAD: SimDuration = SimDuration::from_secs(300);

/// What lies over the situation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dialog {
    /// A text to read.
    Page { title: String, text: String, top: usize },
    /// A list to choose from by number.
    Pick { title: String, entries: Vec<Entry>, page: usize },
    /// Fields, one after the other.
    Form(Form),
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) label: String,
    pub(super) detail: String,
    pub(super) then: Then,
}

/// What choosing an entry leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Then {
    Open(Box<Dialog>),
    Show(Topic),
    Give(String),
}

/// Fields that make a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Form {
    pub(super) title: String,
    /// What is to be known of it, in words.
    pub(super) about: String,
    /// With which the line begins.
    pub(super) head: String,
    pub(super) fields: Vec<Field>,
    /// The field that is asked for; behind the last the whole line is to be confirmed.
    pub(super) at: usize,
}

/// A field of a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Field {
    pub(super) label: String,
    pub(super) hint: String,
    /// What can be said by number.
    pub(super) choices: Vec<String>,
    pub(super) value: String,
    /// Whether nothing may be said.
    pub(super) optional: bool,
    /// What stands before the value in the line: `share=`, `by `.
    before: String,
    /// What may be said.
    check: Check,
}

/// What may be said in a field.
#[derive(Clone, Debug, Default, PartialEq)]
enum Check {
    /// Anything; what comes of it is seen when the line is given.
    #[default]
    Words,
    /// A span of time.
    Span,
    /// A share.
    Share,
    /// One of these, whatever is offered by number.
    Among(Vec<String>),
    /// What a parameter takes.
    Parameter(ParameterKind),
}

impl Check {
    fn of(&self, said: &str) -> Result<(), String> {
        let unreadable = |error: UnitError| format!("\"{}\": {}", shown(said), error.help());
        match self {
            Self::Words => Ok(()),
            Self::Span => match said.parse::<SimDuration>().map_err(unreadable)? {
                SimDuration::ZERO => Err("it must be longer than nothing, such as 10m".to_owned()),
                _ => Ok(()),
            },
            Self::Share => match said.parse::<Ratio>().map_err(unreadable)? {
                share if share > Ratio::ONE => Err("it is 100% at most".to_owned()),
                _ => Ok(()),
            },
            Self::Among(known) if known.iter().any(|one| one == said) => Ok(()),
            Self::Among(known) => Err(format!("\"{}\" is none of them: {}", shown(said), known.join(", "))),
            Self::Parameter(kind) => kind.check(said),
        }
    }
}

impl Field {
    fn new(label: &str, before: &str, hint: impl Into<String>) -> Self {
        let (label, before) = (label.to_owned(), before.to_owned());
        Self { label, before, hint: hint.into(), optional: true, ..Self::default() }
    }

    fn of(mut self, choices: impl IntoIterator<Item = String>) -> Self {
        self.choices = choices.into_iter().collect();
        self
    }

    fn now(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    fn checked(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// Nothing may be said but what is offered.
    fn only(self) -> Self {
        let known = self.choices.clone();
        self.checked(Check::Among(known))
    }

    fn required(mut self) -> Self {
        self.optional = false;
        self
    }
}

impl Form {
    /// The line so far.
    pub(super) fn line(&self) -> String {
        if self.head == REPLY && self.fields.iter().all(|field| field.value.is_empty()) {
            return "decline".to_owned();
        }
        let mut line = self.head.clone();
        for field in self.fields.iter().filter(|field| !field.value.is_empty()) {
            if field.before == "resolved" {
                line.push_str(if field.value == "yes" { " resolved" } else { "" });
                continue;
            }
            let value = match field.value.contains(char::is_whitespace) && field.before != "because " {
                true => format!("\"{}\"", field.value.replace('"', "'")),
                false => field.value.clone(),
            };
            line.push_str(&format!(" {}{value}", field.before));
        }
        line
    }

    /// Whether nothing is to be answered to a probe.
    pub(super) fn is_declined(&self, said: &str) -> bool {
        self.head == REPLY && said.trim() == "decline"
    }

    /// Takes an answer to the field that is asked for: nothing keeps what is there, `-` empties it, a number chooses.
    pub(super) fn answer(&mut self, said: &str) -> Result<(), String> {
        let Some(field) = self.fields.get_mut(self.at) else { return Ok(()) };
        let said = said.trim();
        let chosen = said.parse().ok().and_then(|number: usize| field.choices.get(number.checked_sub(1)?));
        match (said, chosen) {
            ("", _) => {}
            ("-", _) => field.value.clear(),
            (_, Some(choice)) => field.value = choice.clone(),
            (said, None) => {
                field.check.of(said)?;
                field.value = said.to_owned();
            }
        }
        if field.value.is_empty() && !field.optional {
            return Err(format!("{} must be said", field.label));
        }
        self.at += 1;
        Ok(())
    }

    /// Whether everything has been asked.
    pub(super) fn is_complete(&self) -> bool {
        self.at >= self.fields.len()
    }
}

fn pick(title: &str, entries: Vec<Entry>) -> Dialog {
    Dialog::Pick { title: title.to_owned(), entries, page: 0 }
}

fn open(label: &str, detail: &str, dialog: Dialog) -> Entry {
    Entry { label: label.to_owned(), detail: detail.to_owned(), then: Then::Open(Box::new(dialog)) }
}

/// The menu of everything that can be done, with what can be named now.
pub(super) fn main_menu(seen: &Observation, menu: &Menu, names: &Names) -> Dialog {
    let mut entries: Vec<Entry> = Vec::new();
    for group in show::GROUPS {
        let options: Vec<Entry> = menu
            .options
            .iter()
            .filter(|option| option.action.group() == group)
            .map(|option| entry(option, names))
            .collect();
        if !options.is_empty() {
            entries.push(open(group.title(), &format!("{} options", options.len()), pick(group.title(), options)));
        }
    }
    if let Some(people) = &seen.people {
        entries.push(open("People and tasks", "call, ask, reassign, declare", people_menu(names)));
        if people.comms.is_some() {
            entries.push(open("Say something", "status page, executives, support, engineering", audiences(names)));
        }
    }
    if !menu.looks.is_empty() {
        entries.push(open("Ask an instrument", "logs, traces, pools, changes", looks(menu, names)));
    }
    let topics = Topic::ALL.iter().filter(|(_, topic)| *topic != Topic::Menu);
    let topics = topics.map(|(name, topic)| Entry {
        label: (*name).to_owned(),
        detail: String::new(),
        then: Then::Show(*topic),
    });
    entries.push(open("Show more", "dashboards, alerts, people, news, help", pick("Show more", topics.collect())));
    pick("What can be done", entries)
}

fn entry(option: &MenuOption, names: &Names) -> Entry {
    let (label, detail) = (shown(&option.name).into_owned(), show::estimate(option));
    let form = form(option, names);
    let then = if form.fields.is_empty() { Then::Give(form.head) } else { Then::Open(Box::new(Dialog::Form(form))) };
    Entry { label, detail, then }
}

/// The parameters of an option, and who is to do it.
fn form(option: &MenuOption, names: &Names) -> Form {
    let mut fields: Vec<Field> = Vec::new();
    for parameter in &option.parameters {
        let now = parameter.now.as_ref().map(|now| format!("; now {now}")).unwrap_or_default();
        let what = shown(&parameter.what).into_owned();
        let mut field =
            Field::new(&parameter.name, &format!("{}=", parameter.name), format!("{what}, {}{now}", parameter.kind));
        if let ParameterKind::Choice(choices) = &parameter.kind {
            field = field.of(choices.iter().map(|choice| choice.value.clone()));
            field.hint = format!("{what}{now}");
        }
        field = field.now(parameter.default.clone().unwrap_or_default());
        field = field.checked(Check::Parameter(parameter.kind.clone()));
        fields.push(if parameter.default.is_none() { field.required() } else { field });
    }
    if !names.people.is_empty() {
        let takes_long = option.estimate.takes.likely >= LONG_FOR_A_LEAD;
        fields.extend(owner(names).map(|mut owner| {
            if takes_long {
                owner.hint.push_str("; in your own hands it keeps you from everything else, until you `cancel` it");
            }
            owner
        }));
        let hint = "for how long they try before you come back, such as 10m; may stay empty";
        fields.push(Field::new("time-box", "for ", hint).checked(Check::Span));
    }
    fields.extend([
        Field::new("confidence", "confident ", "how sure you are that it is right, such as 70%; may stay empty")
            .checked(Check::Share),
        Field::new("expected", "expect ", "how long until it has worked, such as 4m; may stay empty")
            .checked(Check::Span),
        Field::new("weighed", "weighed ", "the options that you weighed, with commas between, or wait; may stay empty"),
        Field::new("criteria", "criteria ", "what counts and how much, such as time 3, risk 1; may stay empty"),
    ]);
    fields.push(Field::new("reason", "because ", "a few words for the record; may stay empty"));
    let (title, head) = (shown(&option.title).into_owned(), option.name.clone());
    Form { title, head, fields, about: show::whole_estimate(option), at: 0 }
}

fn owner(names: &Names) -> Option<Field> {
    let here = names.people.iter().filter(|(_, here)| *here).map(|(name, _)| name.clone());
    let field = Field::new("owner", "by ", "who does it").of(std::iter::once("me".to_owned()).chain(here)).now("me");
    let everybody = std::iter::once("me".to_owned()).chain(names.people.iter().map(|(name, _)| name.clone()));
    let field = field.checked(Check::Among(everybody.collect()));
    (!names.people.is_empty()).then_some(field)
}

/// With which the answer to a probe begins.
const REPLY: &str = "reply";

/// The questions of a probe, one after the other.
pub(super) fn probe(probe: &Probe, names: &Names) -> Dialog {
    let somewhere = names.services.iter().cloned().chain([NOWHERE.to_owned()]);
    let fields = vec![
        Field::new("1", "errors=", format!("{} such as 40%; - if you cannot say", shown(&probe.errors())))
            .checked(Check::Share),
        Field::new("2", "begins=", probe.begins()).of(somewhere).only(),
        Field::new("3", "likely=", format!("{} such as 70%", shown(&probe.likely()))).checked(Check::Share),
    ];
    Dialog::Form(Form {
        title: "Everything stands still; `decline` answers nothing".to_owned(),
        head: REPLY.to_owned(),
        fields,
        ..Form::default()
    })
}

/// Whether it is the questions of a probe.
pub(super) fn is_probe(dialog: &Dialog) -> bool {
    matches!(dialog, Dialog::Form(form) if form.head == REPLY)
}

/// Each instrument, and somebody who looks for a cause.
fn looks(menu: &Menu, names: &Names) -> Dialog {
    let form = |title: &str, head: String, fields| {
        Dialog::Form(Form { title: title.to_owned(), head, fields, ..Form::default() })
    };
    let mut entries: Vec<Entry> = Vec::new();
    for look in &menu.looks {
        let of = Field::new("of", "", "what it is pointed at").of(look.subjects.iter().cloned()).required();
        let of = (!look.subjects.is_empty()).then_some(of);
        let fields = of.into_iter().chain(owner(names)).collect();
        let (label, detail) = (shown(&look.instrument), format!("{}, {}", shown(&look.title), look.takes));
        entries.push(open(&label, &detail, form(&look.title, format!("look {}", look.instrument), fields)));
    }
    let here: Vec<String> = names.people.iter().filter(|(_, here)| *here).map(|(name, _)| name.clone()).collect();
    if !here.is_empty() {
        let fields = vec![
            Field::new("service", "", "where the trouble is").of(names.services.iter().cloned()).required(),
            Field::new("who", "by ", "who looks").of(here).required(),
            Field::new("time-box", "for ", "for how long they try before you come back; may stay empty")
                .now("10m")
                .checked(Check::Span),
        ];
        let title = "Have somebody look for the cause";
        entries.push(open("investigate", title, form(title, "investigate".to_owned(), fields)));
    }
    pick("Ask an instrument", entries)
}

fn people_menu(names: &Names) -> Dialog {
    let away = names.people.iter().filter(|(_, here)| !*here).map(|(name, _)| name.clone());
    let here: Vec<String> = names.people.iter().filter(|(_, here)| *here).map(|(name, _)| name.clone()).collect();
    let whom = Field::new("whom", "", "a team pages whoever is on call").of(names.teams.iter().cloned().chain(away));
    let number = names.tasks.first().map(|(number, _)| number.to_string()).unwrap_or_default();
    let task = || Field::new("task", "", names.of_tasks()).now(number.clone()).required();
    let form = |title: &str, head: &str, fields: Vec<Field>| {
        Dialog::Form(Form { title: title.to_owned(), head: head.to_owned(), fields, ..Form::default() })
    };
    let severity = Field::new("severity", "", "1 is the worst, 5 the least").of((1..=5).map(|n: u32| n.to_string()));
    let mut entries = vec![
        open("page", "call somebody", form("Call somebody", "page", vec![whom.required()])),
        open("declare", "say how bad it is", form("Say how bad it is", "declare", vec![severity.now("2").required()])),
    ];
    if !names.tasks.is_empty() {
        let to = Field::new("to", "", "who has it from now on").of(here.clone()).required();
        entries.push(open("check", "ask how a task goes", form("Ask how it goes", "check", vec![task()])));
        entries.push(open(
            "reassign",
            "give a task to somebody else",
            form("Give it to somebody else", "reassign", vec![task(), to]),
        ));
        entries.push(open("cancel", "call a task off", form("Call it off", "cancel", vec![task()])));
    }
    if !here.is_empty() {
        let whom = Field::new("whom", "", "who may go").of(here).required();
        entries.push(open("release", "let somebody go", form("Let somebody go", "release", vec![whom])));
    }
    pick("People and tasks", entries)
}

fn audiences(names: &Names) -> Dialog {
    let entry = |audience: Audience| {
        let detail = match audience {
            Audience::StatusPage => "the public",
            Audience::Executives => "those who answer for the business",
            Audience::Support => "those who answer customers",
            Audience::Engineering => "everybody at work on it",
        };
        open(audience.name(), detail, composer(audience, names))
    };
    pick("Say it to whom?", Audience::ALL.map(entry).into())
}

/// The parts of a statement, one after the other.
fn composer(to: Audience, names: &Names) -> Dialog {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let suspected = names.services.iter().map(|service| format!("suspected:{service}"));
    let mut fields = vec![
        Field::new("resolved", "resolved", "whether it is over").of(texts(&["no", "yes"])).now("no").only(),
        Field::new("impact", "impact=", "how much fails: below 1%, 10%, 50%, more; - says nothing")
            .of(texts(&["none", "few", "some", "most"]))
            .only(),
        Field::new("scope", "scope=", "what is concerned: one by number, or names with commas between")
            .of(names.subjects.iter().cloned()),
        Field::new("cause", "cause=", "also known:SERVICE").of(std::iter::once("unknown".to_owned()).chain(suspected)),
        Field::new("action", "action=", "what is being done, in words"),
        Field::new("next", "next=", "when there will be more").of(texts(&["10m", "20m", "30m"])).checked(Check::Span),
    ];
    fields.extend(owner(names).map(|mut owner| {
        owner.label = "written by".to_owned();
        owner
    }));
    Dialog::Form(Form {
        title: format!("Say to {}", to.name()),
        head: format!("say {}", to.name()),
        fields,
        ..Form::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::line::{Line, parse};
    use super::*;

    fn names() -> Names {
        let people = vec![("mira".to_owned(), true), ("jonas".to_owned(), false)];
        let subjects = vec!["api".to_owned(), "web".to_owned()];
        Names { people, subjects, services: vec!["api".to_owned()], ..Names::default() }
    }

    #[test]
    fn the_composer_writes_a_line_that_is_understood() {
        let Dialog::Form(mut form) = composer(Audience::StatusPage, &names()) else { panic!("it is a form") };
        for answer in ["", "4", "1", "1", "rolling back, \"now\"", "2", "2"] {
            assert!(!form.is_complete());
            form.answer(answer).unwrap();
        }
        assert!(form.is_complete());
        let line =
            "say status-page impact=most scope=api cause=unknown action=\"rolling back, 'now'\" next=20m by mira";
        assert_eq!(form.line(), line);
        assert!(matches!(parse(line, &names()), Ok(Some(Line::Give(_)))));
    }

    #[test]
    fn what_must_be_said_is_asked_for_until_it_is() {
        let whom = Field::new("whom", "", "").required();
        let mut form = Form { head: "page".to_owned(), fields: vec![whom], ..Form::default() };
        assert_eq!(form.answer(" "), Err("whom must be said".to_owned()));
        form.answer("jonas").unwrap();
        assert_eq!((form.line().as_str(), form.is_complete()), ("page jonas", true));
    }
}
