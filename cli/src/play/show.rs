//! What is seen, as text: one topic each, for the screen's pages and for standard output.

use brownout::observe::{Observation, PeopleView, Stage, TaskState, TaskView, TriggerState, TriggerView, Whereabouts};
use brownout::probes::Probe;
use brownout::response::{Actor, Command, Estimate, Group, MenuOption, Reversibility};
use brownout::text::shown;
use brownout::units::SimTime;

use super::figures::{clock, left, percent, rate, span};
use super::game::Game;
use super::help;
use super::line::Topic;
use super::plain::item_line;

/// How much of what came up the situation shows.
const LAST: usize = 5;

/// A topic as text that ends with its newline.
pub(super) fn topic(game: &Game, topic: Topic) -> String {
    let Some(seen) = &game.seen.last else { return String::new() };
    match topic {
        Topic::Help => help::HELP.to_owned(),
        Topic::Menu => menu(game),
        Topic::Story => story(&game.scenario().story),
        Topic::Charts => charts(seen),
        Topic::Alerts => lines(alerts(seen), "no alert is defined"),
        Topic::People => lines(people(seen), "nobody takes part but you"),
        Topic::Tasks => lines(tasks(seen).chain(seen.triggers.iter().map(trigger_line)), "no task yet"),
        Topic::News => lines(game.feed.items.iter().map(item_line), "nothing came up yet"),
        Topic::Changes => lines(changes(seen), "nothing was rolled out yet"),
        Topic::Looks => looks(game),
        Topic::Evidence => evidence(seen),
        Topic::Status => status(game, seen),
        Topic::Notes => lines(notes(game), "nothing was noted yet"),
    }
}

fn lines(lines: impl IntoIterator<Item = String>, none: &str) -> String {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    if text.is_empty() { format!("{none}\n") } else { text }
}

/// The story, a line a paragraph, to be broken where it is shown; headings and emphasis as plain words.
fn story(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim) {
        let heading = line.starts_with('#');
        let item = line.starts_with(['-', '*']) && line[1..].starts_with(' ');
        let plain = line.trim_start_matches('#').trim_start().replace("**", "");
        let plain = shown(plain.strip_prefix('*').filter(|_| !item).unwrap_or(&plain)).into_owned();
        let plain = plain.strip_suffix('*').map_or(plain.clone(), str::to_owned);
        match lines.last_mut().filter(|_| goes_on && !item && !line.is_empty()) {
            Some(last) => last.push_str(&format!(" {plain}")),
            None => lines.push(plain),
        }
        goes_on = !heading && !line.is_empty();
    }
    format!("{}\n", lines.join("\n").trim())
}

fn status(game: &Game, seen: &Observation) -> String {
    let title = if game.scenario().title.is_empty() { &game.scenario().name } else { &game.scenario().title };
    let mut text = format!("{}{} {}, {} mode\n", clock(game.now()), game.time_of_day(), shown(title), game.mode());
    let indented = |text: String| format!("  {text}\n");
    text.extend(lead(seen).map(indented));
    text.extend(game.seen.rows.iter().map(|row| {
        let point = row.points.last().copied().unwrap_or_default();
        let figures = [
            point.rate.map(|value| format!("{}/s", rate(value))),
            point.errors.map(|value| format!("errors {}", percent(value))),
            point.latency.map(|value| format!("latency {}", span(value))),
        ];
        let figures: Vec<String> = figures.into_iter().flatten().collect();
        let figures = if figures.is_empty() { "no reading yet".to_owned() } else { figures.join(", ") };
        format!("  {}: {figures}\n", shown(&row.name))
    }));
    text.extend(alerts(seen).filter(|line| line.starts_with("FIRING")).map(indented));
    text.extend(people(seen).map(indented));
    text.extend(open_tasks(seen).map(|task| indented(task_line(task, seen.now))));
    let open = seen.triggers.iter().filter(|trigger| trigger.state == TriggerState::Open);
    text.extend(open.map(|trigger| indented(trigger_line(trigger))));
    let items = &game.feed.items;
    text.extend(items[items.len().saturating_sub(LAST)..].iter().map(|item| indented(item_line(item))));
    text
}

/// What the lead does, what waits, how bad it is said to be.
pub(super) fn lead(seen: &Observation) -> Option<String> {
    let people = seen.people.as_ref()?;
    Some(format!("{}; {}", severity(people), doing(people, seen.now)))
}

/// How bad it is said to be.
pub(super) fn severity(people: &PeopleView) -> String {
    people.declared.map_or("not declared".to_owned(), |(_, severity)| format!("SEV{severity}"))
}

/// What the lead does and what waits for them.
pub(super) fn doing(people: &PeopleView, now: SimTime) -> String {
    let doing = people
        .doing
        .as_ref()
        .map_or("you are free".to_owned(), |(doing, until)| format!("you: {}, {}", shown(doing), left(now, *until)));
    let waiting = match people.waiting.as_slice() {
        [] => String::new(),
        waiting => format!("; waiting: {}", waiting.iter().map(|one| shown(one)).collect::<Vec<_>>().join(", ")),
    };
    format!("{doing}{waiting}")
}

/// Every dashboard that shows something, a line each.
fn charts(seen: &Observation) -> String {
    let mut text = match seen.scraped_at {
        None => "nothing has been read yet\n".to_owned(),
        Some(at) => format!("read at {}, every {}\n", clock(at), seen.scrape_interval),
    };
    if let Some(since) = seen.stale_since {
        text.push_str(&format!("readings fail since {}: this is what was before\n", clock(since)));
    }
    let mut row = |name: &str, figures: Vec<Option<String>>| {
        let figures: Vec<String> = figures.into_iter().flatten().collect();
        let figures = if figures.is_empty() { "no value".to_owned() } else { figures.join(", ") };
        text.push_str(&format!("{}: {figures}\n", shown(name)));
    };
    let latency = |mean: Option<brownout::units::SimDuration>, p99: Option<brownout::units::SimDuration>| {
        let text = |name: &str, value: brownout::units::SimDuration| format!("{name} {}", span(value.as_secs_f64()));
        [mean.map(|mean| text("mean", mean)), p99.map(|p99| text("p99", p99))]
    };
    for view in seen.services.iter() {
        if view.shows.is_empty() {
            row(&view.name, vec![Some("not measured".to_owned())]);
            continue;
        }
        let [mean, p99] = latency(view.mean_latency, view.p99_latency);
        let top = view.top_error.map(|(error, count)| format!("mostly {} ({count})", error.name()));
        let busy = view.utilisation.map(|used| format!("busy {}", percent(used)));
        let queue = view.queue.map(|queue| format!("queue {queue}"));
        let instances = view.instances.map(|instances| format!("{instances} instances"));
        row(
            &view.name,
            vec![per_second(view.request_rate), errors(view.error_ratio), top, mean, p99, busy, queue, instances],
        );
    }
    for view in &seen.endpoints {
        let [mean, p99] = latency(view.mean_latency, view.p99_latency);
        row(&view.name, vec![per_second(view.request_rate), errors(view.error_ratio), mean, p99]);
    }
    for view in &seen.dependencies {
        let [mean, p99] = latency(view.mean_latency, view.p99_latency);
        let attempts = view.amplification.map(|times| format!("{times:.1} attempts each"));
        let pool = view.pool_in_use.zip(view.pool_maximum).filter(|(_, most)| *most > 0);
        let pool = pool.map(|(used, most)| format!("pool {used:.0} of {most}"));
        let waiting = view.pool_waiting.filter(|_| pool.is_some()).map(|waiting| format!("{waiting:.0} waiting"));
        let open = view.breakers_open.filter(|open| *open > 0).map(|open| format!("{open} breakers open"));
        row(
            &view.name,
            vec![per_second(view.call_rate), errors(view.error_ratio), attempts, mean, p99, pool, waiting, open],
        );
    }
    for view in &seen.populations {
        let [mean, p99] = latency(view.mean_latency, view.p99_latency);
        let users = view.affected_users.map(|users| format!("{users:.0} users affected"));
        row(&view.name, vec![per_second(view.request_rate), errors(view.error_ratio), mean, p99, users]);
    }
    text
}

fn per_second(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{}/s", rate(value)))
}

fn errors(ratio: Option<f64>) -> Option<String> {
    ratio.map(|ratio| format!("errors {}", percent(ratio)))
}

/// The alerts, those that fire first.
pub(super) fn alerts(seen: &Observation) -> impl Iterator<Item = String> {
    let order = [Stage::Firing, Stage::Pending, Stage::Resolved, Stage::Inactive];
    order.into_iter().flat_map(|stage| seen.alerts.iter().filter(move |alert| alert.stage == stage)).map(|alert| {
        let name = shown(&alert.name);
        let since = |at: Option<SimTime>| at.map(clock).unwrap_or_default();
        let summary = if alert.summary.is_empty() { String::new() } else { format!(": {}", shown(&alert.summary)) };
        match alert.stage {
            Stage::Firing => format!("FIRING since {} {name}{summary}", since(alert.fired_at)),
            Stage::Pending => format!("pending since {} {name}{summary}", since(alert.active_since)),
            Stage::Resolved => format!("resolved at {} {name}", since(alert.resolved_at)),
            Stage::Inactive => format!("quiet {name}"),
        }
    })
}

/// Everybody, where they are and what they have; who is there comes first.
pub(super) fn people(seen: &Observation) -> impl Iterator<Item = String> {
    let people = seen.people.iter().flat_map(|people| people.responders.iter().map(move |who| (people, who)));
    let away = |at| matches!(at, Whereabouts::Away | Whereabouts::NoAnswer | Whereabouts::Released);
    let mut people: Vec<_> = people.collect();
    people.sort_by_key(|(_, who)| away(who.whereabouts));
    people.into_iter().map(|(people, who)| {
        let tasks = people.tasks.iter().filter(|task| !task.state.is_over() && task.owner.as_ref() == Some(&who.name));
        let tasks: Vec<String> = tasks.map(|task| format!("#{} {}", task.number, shown(&task.title))).collect();
        let at = match who.whereabouts {
            Whereabouts::Away => "away",
            Whereabouts::NoAnswer => "was called, no answer",
            Whereabouts::Ringing => "being called",
            Whereabouts::ReadingUp => "reading up",
            Whereabouts::Here if tasks.is_empty() => "here, free",
            Whereabouts::Here => "here",
            Whereabouts::Leading => "leads",
            Whereabouts::Released => "released",
        };
        let has = if tasks.is_empty() { String::new() } else { format!(", {}", tasks.join(", ")) };
        let role = if who.role.is_empty() { String::new() } else { format!(" ({})", shown(&who.role)) };
        format!("{}: {at}{has}{role}", shown(&who.name))
    })
}

/// The tasks that are not over.
pub(super) fn open_tasks(seen: &Observation) -> impl Iterator<Item = &TaskView> {
    seen.people.iter().flat_map(|people| &people.tasks).filter(|task| !task.state.is_over())
}

fn tasks(seen: &Observation) -> impl Iterator<Item = String> {
    seen.people.iter().flat_map(|people| &people.tasks).map(|task| task_line(task, seen.now))
}

/// A trigger: when it is looked at, what it is about, what has become of it.
pub(super) fn trigger_line(trigger: &TriggerView) -> String {
    let time = match trigger.holds {
        Some(holds) => format!("for {holds} until {}", clock(trigger.at)),
        None => format!("at {}", clock(trigger.at)),
    };
    let state = match trigger.state {
        TriggerState::Open => "",
        TriggerState::Met => ", met",
        TriggerState::Lapsed => ", lapsed",
        TriggerState::Withdrawn => ", withdrawn",
    };
    let remark = if trigger.remark.is_empty() { String::new() } else { format!(" ({})", shown(&trigger.remark)) };
    let (condition, option) = (shown(&trigger.condition), shown(&trigger.option));
    format!("trigger {}: if {condition} {time} then {option}{state}{remark}", trigger.number)
}

/// A task: what it is, who has it, how it stands, and the times that were agreed.
pub(super) fn task_line(task: &TaskView, now: SimTime) -> String {
    let owner = task.owner.as_deref().map_or("you".into(), shown);
    let box_left = task.time_box_ends.filter(|_| !task.state.is_over()).map(|ends| format!(", {}", left(now, ends)));
    let promised = task.promised.filter(|_| !task.state.is_over()).map(|at| format!(", says {}", clock(at)));
    // That somebody has a task says that it is under way.
    let state = if task.state == TaskState::UnderWay { String::new() } else { format!(", {}", task_state(task.state)) };
    format!(
        "#{} {}: {owner}{state}{}{}",
        task.number,
        shown(&task.title),
        box_left.unwrap_or_default(),
        promised.unwrap_or_default()
    )
}

const fn task_state(state: TaskState) -> &'static str {
    match state {
        TaskState::Waiting => "not begun",
        TaskState::UnderWay => "under way",
        TaskState::Blocked => "BLOCKED",
        TaskState::CarriedOut => "rolling out",
        TaskState::Done => "done",
        TaskState::Failed => "FAILED",
        TaskState::Dropped => "dropped",
    }
}

fn changes(seen: &Observation) -> impl Iterator<Item = String> {
    seen.changes.iter().map(|change| {
        let how = if change.back { "back to, or restarted on," } else { "to" };
        let state = match (change.dropped, change.done) {
            (true, _) => "not needed any more",
            (false, true) => "done",
            (false, false) => "under way",
        };
        format!("{} {} {how} {}: {state}", clock(change.at), shown(&change.name), shown(&change.version))
    })
}

/// Remarks and bookmarks, with what they mark.
fn notes(game: &Game) -> impl Iterator<Item = String> {
    game.simulation().commands().iter().filter_map(|logged| match &logged.command {
        Command::Note { text, mark } => {
            let mark = mark.as_deref().map(|mark| format!("{} ", shown(mark))).unwrap_or_default();
            let by = if logged.by == Actor::Lead { "lead: " } else { "" };
            Some(format!("{} {by}{mark}{}", clock(logged.at), shown(text)))
        }
        _ => None,
    })
}

/// The questions of a probe.
pub(super) fn probe(probe: &Probe) -> String {
    format!(
        "Everything stands still, and what was shown is covered.\n1. {}\n2. {}\n3. {}\n",
        shown(&probe.errors()),
        probe.begins(),
        shown(&probe.likely())
    )
}

/// Every instrument, with what it can be pointed at and how long it takes.
fn looks(game: &Game) -> String {
    let menu = game.menu();
    let look = |look: &brownout::observe::LookOffer| {
        let of = if look.subjects.is_empty() { String::new() } else { format!(" of {}", look.subjects.join(", ")) };
        format!("{}: {}, {}{}", shown(&look.instrument), shown(&look.title), look.takes, shown(&of))
    };
    lines(menu.looks.iter().map(look), "there is nothing to look at")
}

/// What instruments have shown, and what was concluded from it, in time order.
fn evidence(seen: &Observation) -> String {
    let mut all: Vec<(SimTime, String)> = Vec::new();
    for one in &seen.evidence {
        let by = one.by.as_deref().map_or("you".into(), shown);
        let of = one.subject.as_deref().map(|subject| format!(" {}", shown(subject))).unwrap_or_default();
        let mut text = format!("{} {}{of}, seen by {by}\n", clock(one.at), shown(&one.instrument));
        text.extend(one.text.lines().map(|line| format!("  {}\n", shown(line))));
        all.push((one.at, text));
    }
    for one in &seen.conclusions {
        let mut text = format!("{} {} on {}\n", clock(one.at), shown(&one.by), shown(&one.service));
        text.extend(one.suspicions.iter().map(|suspicion| {
            let of = shown(&suspicion.of);
            format!("  {}: {} ({} sure)\n", of, shown(&suspicion.because), percent(suspicion.confidence))
        }));
        all.push((one.at, text));
    }
    all.sort_by_key(|(at, _)| *at);
    let text: String = all.into_iter().map(|(_, text)| text).collect();
    if text.is_empty() { "nothing was asked yet; `looks` lists what can be\n".to_owned() } else { text }
}

/// The groups of the menu.
pub(super) const GROUPS: [Group; 5] =
    [Group::Versions, Group::Prepared, Group::Instances, Group::Traffic, Group::Settings];

fn menu(game: &Game) -> String {
    let menu = game.menu();
    let mut text = String::new();
    for group in GROUPS {
        let of_group: Vec<&MenuOption> = menu.options.iter().filter(|option| option.action.group() == group).collect();
        if of_group.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", group.title()));
        for option in of_group {
            let parameters: Vec<String> = option.parameters.iter().map(parameter).collect();
            let parameters = if parameters.is_empty() { String::new() } else { format!(" [{}]", parameters.join(" ")) };
            text.push_str(&format!("  {}{parameters}: {}\n", shown(&option.name), whole_estimate(option)));
        }
    }
    if text.is_empty() { "there is nothing to choose from now\n".to_owned() } else { text }
}

fn parameter(parameter: &brownout::response::Parameter) -> String {
    let now = parameter.now.as_ref().map(|now| format!(", now {}", shown(now))).unwrap_or_default();
    format!("{}={}{now}", parameter.name, parameter.example())
}

/// What a team would say of an option, in a line.
pub(super) fn estimate(option: &MenuOption) -> String {
    let estimate = &option.estimate;
    let takes = &estimate.takes;
    let mut parts = vec![match (takes.low.is_zero(), takes.high.is_zero()) {
        (_, true) => "at once".to_owned(),
        _ if takes.low == takes.high => span_words(takes.likely.as_secs_f64()),
        _ => format!("{} to {}", span_words(takes.low.as_secs_f64()), span_words(takes.high.as_secs_f64())),
    }];
    parts.extend(estimate.wrong.map(|wrong| format!("wrong {} of times", percent(wrong))));
    parts.extend(
        estimate.compat_tested.map(|tested| if tested { "compat tested" } else { "compat NOT tested" }.to_owned()),
    );
    parts.push(match &estimate.undo {
        Reversibility::AtOnce { .. } => "undone at once".to_owned(),
        Reversibility::ByOrder { option, .. } => format!("undo: {}", shown(option)),
        Reversibility::No { .. } => "cannot be undone".to_owned(),
    });
    parts.join(", ")
}

/// The same with whom it concerns and what could go wrong.
pub(super) fn whole_estimate(option: &MenuOption) -> String {
    let Estimate { affected, risk, .. } = &option.estimate;
    let users = affected.users.map(|users| format!("; {users:.0} users ask it"));
    let errors = affected.error_ratio.map(|ratio| format!("; errors there {}", percent(ratio)));
    let risk = if risk.is_empty() { String::new() } else { format!("; risk: {}", shown(risk)) };
    format!("{}{}{}{risk}", estimate(option), users.unwrap_or_default(), errors.unwrap_or_default())
}

fn span_words(seconds: f64) -> String {
    if seconds < 90.0 { format!("{seconds:.0}s") } else { format!("{:.0}m", seconds / 60.0) }
}
