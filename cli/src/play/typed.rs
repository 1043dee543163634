//! Commands as they could have been typed.

use brownout::response::comms::{Cause, Extent};
use brownout::response::{Belief, Command, Order, Trigger};
use brownout::text::shown;
use brownout::units::Ratio;

use super::figures::clock;
use super::line::parts_told;

/// A command as it could have been typed, and why it was refused.
pub(super) fn command(command: &Command, refused: Option<&str>) -> String {
    let text = shown(&typed(command)).into_owned();
    match refused {
        Some(why) => format!("{text}: refused, {}", shown(why)),
        None => text,
    }
}

/// A command as it could have been typed.
pub(super) fn typed(command: &Command) -> String {
    match command {
        Command::Act { option, arguments, reason, owner, time_box, belief } => {
            let mut text = option.clone();
            arguments.iter().for_each(|(name, value)| text.push_str(&format!(" {name}={}", quoted(value))));
            text.extend(owner.iter().map(|owner| format!(" by {}", quoted(owner))));
            text.extend(time_box.iter().map(|time_box| format!(" for {time_box}")));
            text.extend(belief.iter().map(|belief| thought(belief)));
            if !reason.is_empty() {
                text.push_str(&format!(" because {reason}"));
            }
            text
        }
        Command::Say { to, statement, by } => {
            let mut text = format!("say {}", to.name());
            text.extend(statement.impact.map(|impact| format!(" impact={}", extent(impact))));
            if !statement.scope.is_empty() {
                text.push_str(&format!(" scope={}", quoted(&statement.scope.join(","))));
            }
            text.extend(statement.cause.iter().map(|of| format!(" cause={}", quoted(&cause(of)))));
            if !statement.action.is_empty() {
                text.push_str(&format!(" action=\"{}\"", statement.action));
            }
            text.extend(statement.next_update.map(|next| format!(" next={next}")));
            if statement.resolved {
                text.push_str(" resolved");
            }
            text.extend(by.iter().map(|by| format!(" by {}", quoted(by))));
            text
        }
        Command::Look { instrument, subject, by } => {
            let of = subject.iter().map(|subject| format!(" {subject}"));
            let by = by.iter().map(|by| format!(" by {}", quoted(by)));
            format!("look {instrument}{}", of.chain(by).collect::<String>())
        }
        Command::Investigate { service, owner, time_box } => {
            let time = time_box.map(|time| format!(" for {time}")).unwrap_or_default();
            format!("investigate {service} by {}{time}", quoted(owner))
        }
        Command::Reply { errors, begins, likely, .. } => {
            let share = |name: &str, share: &Option<f64>| share.map(|share| format!(" {name}={}", Ratio::new(share)));
            let begins = begins.as_ref().map(|begins| format!(" begins={begins}"));
            let said: Vec<String> =
                [share("errors", errors), begins, share("likely", likely)].into_iter().flatten().collect();
            if said.is_empty() { "decline".to_owned() } else { format!("reply{}", said.concat()) }
        }
        Command::Hint { question, .. } => format!("hint: {question}"),
        Command::Inject { from, text, .. } => format!("inject {from}: {text}"),
        Command::Note { text, mark } => match mark {
            Some(mark) => format!("mark {mark} {text}"),
            None => format!("note {text}"),
        },
        Command::Trigger(trigger) => typed_trigger(trigger),
        Command::Withdraw { trigger } => format!("withdraw {trigger}"),
        Command::Page { whom } => format!("page {whom}"),
        Command::CheckIn { task } => format!("check {task}"),
        Command::Reassign { task, to, told } => format!("reassign {task} {}{}", quoted(to), parts_told(told)),
        Command::HandOver { to, told } => format!("hand over {}{}", quoted(to), parts_told(told)),
        Command::Answer { news, tone } => format!("answer {news} {}", tone.name()),
        Command::Cancel { task } => format!("cancel {task}"),
        Command::Release { whom } => format!("release {whom}"),
        Command::Declare { severity } => format!("declare {}", u8::from(*severity)),
        other => format!("{other:?}"),
    }
}

fn typed_trigger(trigger: &Trigger) -> String {
    let Trigger { signal, above, below, at, holds, then } = trigger.clone();
    let side = above.map(|amount| format!("above {amount}")).or(below.map(|amount| format!("below {amount}")));
    let time = match holds {
        Some(holds) => format!("for {holds} until {}", clock(at)),
        None => format!("at {}", clock(at)),
    };
    let Order { option, arguments, reason, owner, time_box } = then;
    let act = typed(&Command::Act { option, arguments, reason, owner, time_box, belief: None });
    format!("trigger if {signal} {} {time} then {act}", side.unwrap_or_default())
}

fn thought(belief: &Belief) -> String {
    let mut text = String::new();
    text.extend(belief.confidence.map(|sure| format!(" confident {}", Ratio::new(sure))));
    text.extend(belief.expected.map(|expected| format!(" expect {expected}")));
    if !belief.weighed.is_empty() {
        text.push_str(&format!(" weighed {}", belief.weighed.join(", ")));
    }
    if !belief.criteria.is_empty() {
        let criteria: Vec<String> = belief.criteria.iter().map(|(name, weight)| format!("{name} {weight}")).collect();
        text.push_str(&format!(" criteria {}", criteria.join(", ")));
    }
    text
}

fn quoted(text: &str) -> String {
    if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text.to_owned() }
}

fn extent(extent: Extent) -> &'static str {
    match extent {
        Extent::None => "none",
        Extent::Few => "few",
        Extent::Some => "some",
        Extent::Most => "most",
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Unknown => "unknown".to_owned(),
        Cause::Suspected(service) => format!("suspected:{service}"),
        Cause::Known(service) => format!("known:{service}"),
    }
}
