//! What is known of the terminal: widths, colours, characters.

use std::io::IsTerminal as _;

use brownout::summary::{Charset, Colours, TextStyle};
use console::Term;

/// The width of a page where there is no terminal.
const PAGE_WIDTH: usize = 80;

/// How text on standard output is laid out.
pub(crate) fn text_style() -> TextStyle {
    let terminal = std::io::stdout().is_terminal();
    let own_width = terminal.then(|| width_of(&Term::stdout())).flatten();
    TextStyle {
        width: own_width.or_else(wanted_width).unwrap_or(PAGE_WIDTH),
        height: terminal.then(|| height_of(&Term::stdout())).flatten(),
        charset: if has_unicode() { Charset::Unicode } else { Charset::Ascii },
        colours: if terminal && colours_wanted() { Colours::Ansi } else { Colours::None },
    }
}

/// Whether standard input and output are a terminal on which can be drawn.
pub(crate) fn is_for_screens() -> bool {
    let both = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    both && set_variable("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Whether standard output may be coloured.
pub(crate) fn has_colours() -> bool {
    colours_wanted()
}

/// Whether standard error is a terminal.
pub(crate) fn error_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether standard error may be coloured.
pub(crate) fn error_has_colours() -> bool {
    error_is_terminal() && colours_wanted()
}

/// The width of standard error.
pub(crate) fn error_width() -> usize {
    width_of(&Term::stderr()).unwrap_or(PAGE_WIDTH)
}

/// Whether characters beyond ASCII show: unless the locale says that they do not.
pub(crate) fn has_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set_variable);
    set.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

fn width_of(terminal: &Term) -> Option<usize> {
    terminal.size_checked().map(|(_, columns)| usize::from(columns)).filter(|columns| *columns > 0)
}

fn height_of(terminal: &Term) -> Option<usize> {
    terminal.size_checked().map(|(rows, _)| usize::from(rows)).filter(|rows| *rows > 0)
}

fn wanted_width() -> Option<usize> {
    set_variable("COLUMNS")?.parse().ok().filter(|columns| (40..=500).contains(columns))
}

/// See no-color.org: any value but an empty one.
fn colours_wanted() -> bool {
    set_variable("NO_COLOR").is_none() && set_variable("TERM").is_none_or(|terminal| terminal != "dumb")
}

fn set_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
