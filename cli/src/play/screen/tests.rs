//! The screen at 80x24 without colours, in several states.

use std::sync::Arc;
use std::time::Duration;

use brownout::record::Mode;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::{Session, Simulation};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::App;
use super::draw::{self, Look};
use crate::play::Left;
use crate::play::game::Game;

const SHOP: &str = include_str!("../../../tests/it/shop.ron");

fn game(mode: Mode) -> Game {
    let (scenario, _) = Scenario::parse(&Source::new("shop.ron", SHOP), &no_files).expect("the shop is a scenario");
    Game::new(Session::start(Simulation::new(Arc::new(scenario), 1), mode), None, None)
}

/// What is on the screen, with the blanks at the ends of lines cut off.
fn screen(app: &App<'_>, width: u16, height: u16, unicode: bool) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw::draw(frame, app, Look { colours: false, unicode })).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let colours = buffer.content().iter().filter(|cell| cell.style().fg != Some(ratatui::style::Color::Reset));
    assert_eq!(colours.count(), 0, "nothing is coloured");
    let line = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(line).collect::<Vec<_>>().join("\n")
}

fn press(app: &mut App<'_>, code: KeyCode) {
    app.key(KeyEvent::new(code, KeyModifiers::NONE)).unwrap();
}

fn type_line(app: &mut App<'_>, text: &str) {
    text.chars().for_each(|c| press(app, KeyCode::Char(c)));
    press(app, KeyCode::Enter);
    while app.is_waiting() {
        app.pass(Duration::ZERO).unwrap();
    }
}

#[track_caller]
fn shows(screen: &str, parts: &[&str]) {
    for part in parts {
        assert!(screen.contains(part), "{part:?} is not in:\n{screen}");
    }
}

#[test]
fn the_story_comes_first_and_the_clock_waits_for_it() {
    let mut game = game(Mode::Rehearse);
    let mut app = App::new(&mut game);
    app.pass(Duration::from_secs(5)).unwrap();
    shows(&screen(&app, 80, 24, true), &[" 0:00 (14:00)  PAUSED  rehearse", "A shop sells things", "Esc closes"]);
    press(&mut app, KeyCode::Esc);
    app.pass(Duration::from_secs(5)).unwrap();
    assert_eq!(app.game.now().whole_secs(), 1, "what is due is let go where the machine is slow, a second at 1x");
}

#[test]
fn the_situation_fits_eighty_columns_and_nothing_is_told_by_colour_alone() {
    let mut game = game(Mode::Rehearse);
    let mut app = App::new(&mut game);
    press(&mut app, KeyCode::Esc);
    for line in [
        "wait 2m",
        "wait 2m",
        "wait 2m",
        "roll-back api by mira for 10m",
        "page shop",
        "wait 40s",
        "wait 40s",
        "wait 1m",
    ] {
        type_line(&mut app, line);
    }
    let text = screen(&app, 80, 24, true);
    shows(
        &text,
        &[
            "requests a second",
            "errors",
            "latency p99",
            "api",
            "alerts:",
            "mira: here",
            "#0 roll-back api: mira",
            "> you: roll-back api by mira",
            "! api: errors",
        ],
    );
    let plain = screen(&app, 80, 24, false);
    let story: String = plain.chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(story, "", "characters beyond ASCII are not used where they do not show");
    shows(&screen(&app, 120, 50, true), &["what came up"]);
    shows(&screen(&app, 40, 12, true), &["rehearse"]);
    shows(&screen(&app, 30, 8, true), &["too small"]);
}

/// The story has been read, and the second version is there.
fn after_four_minutes(app: &mut App<'_>) {
    press(app, KeyCode::Esc);
    for line in ["wait 2m", "wait 2m"] {
        type_line(app, line);
    }
}

#[test]
fn an_option_is_taken_by_numbers() {
    let mut game = game(Mode::Rehearse);
    let mut app = App::new(&mut game);
    after_four_minutes(&mut app);
    press(&mut app, KeyCode::Enter);
    shows(&screen(&app, 80, 24, true), &["1  Go back, or fix", "People and tasks", "Say something"]);
    press(&mut app, KeyCode::Char('1'));
    shows(&screen(&app, 80, 24, true), &["1  roll-back api"]);
    press(&mut app, KeyCode::Char('1'));
    shows(&screen(&app, 80, 24, true), &["> owner       [me]", "1 me   2 mira"]);
    for answer in ["2", "5m", "70%", "", "", "", ""] {
        answer.chars().for_each(|c| press(&mut app, KeyCode::Char(c)));
        press(&mut app, KeyCode::Enter);
    }
    shows(&screen(&app, 80, 24, true), &["Enter gives it: roll-back api by mira for 5m confident 70%"]);
    press(&mut app, KeyCode::Enter);
    shows(
        &screen(&app, 80, 24, true),
        &["accepted: roll-back api by mira for 5m confident 70%", "you: asking mira to roll-back api"],
    );
    assert_eq!(app.game.simulation().commands().len(), 1);
}

#[test]
fn whoever_types_in_a_menu_wants_to_say_something() {
    let mut game = game(Mode::Rehearse);
    let mut app = App::new(&mut game);
    type_line(&mut app, "wait 2m");
    shows(&screen(&app, 80, 24, true), &[" 2:00 (14:02)  1x"]);
    press(&mut app, KeyCode::Enter);
    shows(&screen(&app, 80, 24, true), &["What can be done"]);
    type_line(&mut app, "declare 2");
    shows(&screen(&app, 80, 24, true), &["accepted: declare 2; it takes you until 2:2"]);
    type_line(&mut app, "page shop");
    shows(&screen(&app, 80, 24, true), &["accepted: page shop; it waits behind 1 other thing of yours"]);
}

#[test]
fn what_cannot_be_said_in_a_field_is_refused_there() {
    let mut game = game(Mode::Rehearse);
    let mut app = App::new(&mut game);
    after_four_minutes(&mut app);
    for key in [KeyCode::Enter, KeyCode::Char('1'), KeyCode::Char('1')] {
        press(&mut app, key);
    }
    shows(&screen(&app, 80, 24, true), &["> owner       [me]"]);
    for (wrong, why) in [
        ("nobody", "\"nobody\" is none of them: me, mira"),
        ("2", "> time-box"),
        ("soon", "\"soon\":"),
        ("5m", "> confidence"),
        ("very", "\"very\":"),
    ] {
        type_line(&mut app, wrong);
        shows(&screen(&app, 80, 24, true), &[why]);
    }
    shows(&screen(&app, 80, 24, true), &["> confidence", "so far: roll-back api by mira for 5m"]);
}

#[test]
fn refusals_are_shown_with_their_reason() {
    let mut game = game(Mode::Assess);
    let mut app = App::new(&mut game);
    press(&mut app, KeyCode::Esc);
    type_line(&mut app, "release jonas");
    shows(&screen(&app, 80, 24, true), &["refused: jonas is not here"]);
    type_line(&mut app, "frobnicate");
    shows(&screen(&app, 80, 24, true), &["nothing is called \"frobnicate\""]);
    type_line(&mut app, "pause");
    shows(&screen(&app, 80, 24, true), &["in assess mode the clock cannot be stopped", "assess"]);
    assert!(!app.paused);
    type_line(&mut app, "leave");
    shows(&screen(&app, 80, 24, true), &["there is no record to go on with"]);
}

#[test]
fn tab_completes_and_keys_set_the_clock() {
    let mut game = game(Mode::Coach);
    let mut app = App::new(&mut game);
    press(&mut app, KeyCode::Esc);
    for key in [KeyCode::Char(' '), KeyCode::Char('+'), KeyCode::Char('+')] {
        press(&mut app, key);
    }
    assert_eq!((app.paused, app.speed), (true, 4));
    "page s".chars().for_each(|c| press(&mut app, KeyCode::Char(c)));
    press(&mut app, KeyCode::Tab);
    assert_eq!(app.editor.text(), "page shop ");
    press(&mut app, KeyCode::Esc);
    "page ".chars().for_each(|c| press(&mut app, KeyCode::Char(c)));
    press(&mut app, KeyCode::Tab);
    shows(&screen(&app, 80, 24, true), &["shop  jonas  ines"]);
}

#[test]
fn a_session_ends_by_quit_and_is_left_by_ctrl_c_twice() {
    let mut game = game(Mode::Rehearse);
    let mut app = App::new(&mut game);
    press(&mut app, KeyCode::Esc);
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    app.key(ctrl_c).unwrap();
    assert_eq!(app.left(), None);
    shows(&screen(&app, 80, 24, true), &["Ctrl-C once more leaves"]);
    app.key(ctrl_c).unwrap();
    assert_eq!(app.left(), Some(Left::Open));
    let mut app = App::new(&mut game);
    type_line(&mut app, "quit");
    if app.left().is_none() {
        press(&mut app, KeyCode::Esc);
        type_line(&mut app, "quit");
    }
    assert_eq!(app.left(), Some(Left::Ended));
}
