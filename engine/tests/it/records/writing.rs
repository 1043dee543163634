use brownout::record::{End, FORMAT, Header, Mode, Record, Writer};
use brownout::response::{Actor, Command, Logged};
use brownout::text::Source;
use brownout::units::SimTime;

use super::{lines, origin, parse, record, resealed, scenario, session, text};
use crate::systems::at;

#[test]
fn what_is_written_is_read_again() {
    let whole = record();
    assert_eq!(whole.commands.iter().filter(|logged| logged.refused.is_some()).count(), 2);
    let open = Record { end: None, ..whole.clone() };
    let bare = Record { commands: Vec::new(), ..open.clone() };
    for record in [whole, open, bare] {
        let text = record.text();
        assert_eq!(parse(&text).unwrap(), record, "{text}");
        assert_eq!(parse(&text).unwrap().text(), text);
    }
}

/// The digits of every number, and every character, survive.
#[test]
fn extreme_values_are_read_again() {
    let command = |at: u64, by, option: &str, refused: Option<&str>| Logged {
        at: SimTime::from_nanos(at),
        by,
        command: Command::act(option, "{}[]\",\"chain\":\"0123456789abcdef\"}"),
        refused: refused.map(str::to_owned),
    };
    let all: String =
        (0..0x300).chain([0x2028, 0x2029, 0xfeff, 0xfffd, 0x10_ffff]).filter_map(char::from_u32).collect();
    let commands = vec![
        command(0, Actor::Lead, "", Some("")),
        command((1 << 53) + 1, Actor::Facilitator, &all, Some(&all)),
        command(u64::MAX, Actor::Lead, &"long ".repeat(10_000), None),
    ];
    let header = Header { seed: u64::MAX, variant: Some(all.clone()), led_by: all, ..record().header };
    let end = End { at: SimTime::from_nanos(u64::MAX), digest: String::new() };
    let extreme = Record { header, commands, reached: Vec::new(), end: Some(end) };
    assert_eq!(parse(&extreme.text()).unwrap(), extreme);
}

#[test]
fn the_header_says_what_was_played() {
    for mode in Mode::ALL {
        let mut whole = session(mode).record(origin(), "rollback-first");
        assert_eq!((whole.header.mode, whole.header.format), (mode, FORMAT));
        let first = lines(&whole.text())[0].clone();
        assert!(first.starts_with(r#"{"format":2,"engine_version":""#), "{first}");
        assert!(first.contains(&format!("\"mode\":\"{mode}\",\"led_by\":\"rollback-first\"")), "{first}");
        assert!(!first.contains("variant") && !first.contains("bug"), "a drawn variant stays hidden: {first}");
        whole.header.variant = Some("bug".to_owned());
        assert!(lines(&whole.text())[0].contains("\"variant\":\"bug\""));
    }
    let chosen = brownout::record::Origin { variant_chosen: true, ..origin() };
    let drawn = session(Mode::Rehearse);
    assert_eq!(drawn.header(chosen, "none").variant.as_deref(), Some(drawn.simulation().variant()));
}

/// What a live session appends, piece by piece, is what is written at once; after every piece the record can be read.
#[test]
fn lines_are_appended_as_a_session_goes_on() {
    let whole = record();
    let (mut writer, mut written) = Writer::start(&whole.header);
    for given in 0..=whole.commands.len() {
        written.push_str(&writer.append(&whole.commands[..given]));
        assert_eq!(writer.append(&whole.commands[..given]), "", "each is written once");
        let so_far = parse(&written).unwrap();
        assert_eq!((so_far.commands.as_slice(), so_far.end), (&whole.commands[..given], None));
    }
    written.push_str(&writer.end(whole.end.as_ref().unwrap()));
    assert_eq!(written, whole.text());
}

/// Editors, version control and the network change what is between lines; that is no tampering.
#[test]
fn line_ends_do_not_matter() {
    let whole = record();
    let plain = whole.text();
    for same in [plain.replace('\n', "\r\n"), plain.trim_end().to_owned(), format!("\u{feff}{plain}")] {
        assert_eq!(parse(&same).unwrap(), whole, "{same}");
    }
}

/// Other programs may write records: what counts is what a line says, and the hash over its own text.
#[test]
fn a_line_may_be_spaced_otherwise_by_who_writes_it() {
    let whole = record();
    let spaced: Vec<String> = lines(&whole.text()).iter().map(|line| line.replacen("\":", "\" : ", 2)).collect();
    assert_eq!(parse(&resealed(&spaced)).unwrap(), whole);
    assert!(parse(&text(&spaced)).is_err());
}

/// A killed program leaves a piece of a line; all before it is kept, and the session goes on as if nothing had been.
#[test]
fn a_torn_last_line_is_left_out_when_asked() {
    let whole = record();
    let expected = whole.text();
    let written = lines(&Record { end: None, ..whole.clone() }.text());
    let (last, before) = written.split_last().unwrap();
    for cut in (0..last.len()).filter(|cut| last.is_char_boundary(*cut)) {
        let torn = format!("{}{}", text(before), &last[..cut]);
        let source = Source::new("run.jsonl", torn.as_str());
        let recovered = Record::recover(&source).unwrap();
        assert_eq!(recovered.record.commands, whole.commands[..before.len() - 1]);
        assert_eq!(recovered.torn, (cut > 0).then_some(written.len()), "{torn}");
        assert_eq!(Record::parse(&source).is_err(), cut > 0);
    }
    // In the middle of a character, too.
    let mut bytes = text(before).into_bytes();
    bytes.extend(b"{\"at_nanos\":190000000001,\"by\":\"lead\",\"comm\xf0\x9f");
    let recovered = Record::recover(&Source::from_bytes("run.jsonl", &bytes)).unwrap();
    assert_eq!(recovered.torn, Some(written.len()));
    let mut resumed = brownout::Session::resume(&recovered.record, scenario()).unwrap();
    assert_eq!((resumed.mode(), resumed.simulation().now()), (Mode::Coach, at(100.0)));
    let (mut writer, mut file) = (recovered.record.writer(), recovered.record.text());
    let lost = whole.commands.last().unwrap();
    resumed.run_until(lost.at);
    resumed.command(lost.by, lost.command.clone()).unwrap();
    file.push_str(&writer.append(resumed.commands()));
    resumed.run_until(whole.end.as_ref().unwrap().at);
    let end = resumed.record(origin(), "person").end.unwrap();
    file.push_str(&writer.end(&end));
    assert_eq!(file, expected);
}

/// Every field of every line, and every kind of command, which is what a reader of unknown ones is told to expect.
#[test]
fn the_description_names_every_field_and_every_command() {
    let description = include_str!("../../../../docs/record.md");
    let row =
        |name: &str| assert!(description.contains(&format!("\n| `{name}` | ")), "docs/record.md has no row for {name}");
    let mut whole = record();
    whole.header.variant = Some("bug".to_owned());
    for line in lines(&whole.text()) {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        line.as_object().unwrap().keys().for_each(|key| row(key));
    }
    let error = serde_json::from_str::<Command>("{\"none-such\":0}").unwrap_err().to_string();
    let kinds: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
    assert!(kinds.contains(&"act"), "{error}");
    kinds.into_iter().for_each(row);
}

/// Commands may hold numbers with a fraction; the parser is one that keeps their last digit.
#[test]
fn fractions_are_read_again_to_the_bit() {
    for number in 1..10_000_u64 {
        let fraction = f64::from_bits(0x3fb0_0000_0000_0000 + number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (1 << 54));
        let text = serde_json::to_string(&fraction).unwrap();
        assert_eq!(serde_json::from_str::<f64>(&text).unwrap().to_bits(), fraction.to_bits(), "{text}");
    }
}

/// While a person plays, it is noted how far they have come; what is appended is what is written at once, a line keeps its number, and a
/// session that is broken off goes on from there.
#[test]
fn how_far_a_session_has_come_is_noted_between_its_commands() {
    let whole = record();
    let (mut writer, mut written) = Writer::start(&whole.header);
    written.push_str(&writer.reached(at(30.0)));
    written.push_str(&writer.append(&whole.commands[..3]));
    written.push_str(&writer.reached(at(100.0)));
    written.push_str(&writer.reached(at(150.0)));
    let noted = parse(&written).unwrap();
    assert_eq!(noted.commands, whole.commands[..3]);
    let reached: Vec<_> = noted.reached.iter().map(|reached| (reached.at, reached.commands)).collect();
    assert_eq!(reached, [(at(30.0), 0), (at(100.0), 3), (at(150.0), 3)]);
    assert_eq!((noted.until(), noted.lines(), noted.text()), (at(150.0), 7, written.clone()));
    assert_eq!([0, 1, 2].map(|command| noted.line_of(command)), [3, 4, 5]);
    let mut resumed = brownout::Session::resume(&noted, scenario()).unwrap();
    assert_eq!(resumed.simulation().now(), at(150.0));
    let (mut writer, lost) = (noted.writer(), whole.commands.last().unwrap());
    resumed.run_until(lost.at);
    resumed.command(lost.by, lost.command.clone()).unwrap();
    written.push_str(&writer.append(resumed.commands()));
    resumed.run_until(whole.end.as_ref().unwrap().at);
    written.push_str(&writer.end(&resumed.record(origin(), "person").end.unwrap()));
    let ended = parse(&written).unwrap();
    assert_eq!((ended.until(), ended.text()), (at(300.0), written));
    assert_eq!(ended.end, whole.end);
    assert_eq!(ended.replay(scenario()).unwrap().verdict, brownout::record::Verdict::Same);
}

#[test]
fn a_session_does_not_come_to_an_instant_before_its_last_command() {
    let (mut writer, mut written) = Writer::start(&record().header);
    written.push_str(&writer.reached(at(2.0)));
    written.push_str(&writer.reached(at(1.0)));
    assert_eq!(parse(&written).unwrap_err().place.line, 3);
    let (mut writer, mut written) = Writer::start(&record().header);
    written.push_str(&writer.reached(at(481.0)));
    let beyond = parse(&written).unwrap().replay(scenario()).unwrap_err();
    assert!(matches!(beyond, brownout::record::ReplayError::BeyondTheEnd { line: 2, .. }), "{beyond}");
}
