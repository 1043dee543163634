//! Switch triggers as a line: `trigger if error-ratio of registry above 2% at 10:15 then roll-back registry`.

use brownout::response::{Command, Order, Trigger};
use brownout::text::shown;

use super::option::act;
use super::{Line, Names, span};

const USAGE: &str = "such as `trigger if error-ratio of api above 2% at 10:15 then roll-back api`, or `.. above 2% for 3m until 10:15 \
                     then ..`; times count from the start";

/// Reads what stands behind `trigger`.
pub(super) fn trigger(rest: &[&str], names: &Names) -> Result<Line, String> {
    let rest = rest.strip_prefix(&["if"]).unwrap_or(rest);
    let Some(then) = rest.iter().position(|word| *word == "then") else {
        return Err(format!("what is to be done then? {USAGE}"));
    };
    let (condition, order) = (&rest[..then], &rest[then + 1..]);
    let Some(side) = condition.iter().position(|word| matches!(*word, "above" | "below")) else {
        return Err(format!("above or below what? {USAGE}"));
    };
    let (signal, amount) = (condition[..side].join(" "), &condition[side + 1..]);
    let (amount, holds, at) = match amount {
        [amount, "at", at] => (*amount, None, *at),
        [amount, "for", holds, "until", at] => (*amount, Some(span(holds, "a span")?), *at),
        _ => return Err(format!("when is it looked at? {USAGE}")),
    };
    let at = at
        .parse()
        .map_err(|why: brownout::units::UnitError| format!("\"{}\" is no time: {}", shown(at), why.help()))?;
    let [first, order @ ..] = order else { return Err(format!("what is to be done then? {USAGE}")) };
    let Line::Give(Command::Act { option, arguments, reason, owner, time_box, belief }) = act(first, order, names)?
    else {
        return Err(format!("only an option can be taken then; {USAGE}"));
    };
    if belief.is_some() {
        return Err(
            "how sure you are goes with an option that you take now, not with a trigger; say why with `because ..`"
                .to_owned(),
        );
    }
    let amount = Some(amount.to_owned());
    let (above, below) = if condition[side] == "above" { (amount, None) } else { (None, amount) };
    let then = Order { option, arguments, reason, owner, time_box };
    Ok(Line::Give(Command::Trigger(Trigger { signal, above, below, at, holds, then })))
}

/// Reads what stands behind `withdraw`.
pub(super) fn withdraw(rest: &[&str]) -> Result<Line, String> {
    let number = match rest {
        [number] => number.strip_prefix('#').unwrap_or(number).parse().ok(),
        _ => None,
    };
    let trigger = number
        .ok_or_else(|| "withdraw which trigger? its number, as `status` lists it, such as `withdraw 0`".to_owned())?;
    Ok(Line::Give(Command::Withdraw { trigger }))
}
