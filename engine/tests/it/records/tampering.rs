use brownout::VERSION;
use brownout::record::{Problem, Record, RecordError};
use brownout::rng::Key;
use brownout::text::Source;

use super::{FIRST, lines, parse, record, resealed, scenario, text};

/// What is wrong with a text, and in which line.
#[track_caller]
fn refused(text: &str) -> RecordError {
    let error = parse(text).expect_err(text);
    let shown = error.to_string();
    assert!(shown.starts_with(&format!("run.jsonl:{}:", error.place.line)), "{shown}");
    assert!(shown.contains("\n  "), "a remedy: {shown}");
    error
}

#[track_caller]
fn altered(lines: &[String], line: usize) {
    let error = refused(&text(lines));
    assert_eq!((error.place.line, &error.problem), (line, &Problem::Altered));
    assert!(error.is_damage());
}

/// Every character of every line, replaced by another.
#[test]
fn any_changed_character_is_found_in_its_line() {
    let whole = record().text();
    let original = lines(&whole);
    for (index, line) in original.iter().enumerate() {
        for (place, old) in line.char_indices() {
            let new = if old == '7' { "8" } else { "7" };
            let mut changed = original.clone();
            changed[index].replace_range(place..place + old.len_utf8(), new);
            let error = refused(&text(&changed));
            assert_eq!(error.place.line, index + 1, "{}", changed[index]);
            // What is no longer a header at all may be called so; everything else was changed.
            assert!(index == 0 || error.problem == Problem::Altered, "{}: {error}", changed[index]);
        }
    }
}

#[test]
fn edited_fields_are_found() {
    let whole = record();
    let original = lines(&whole.text());
    let digest = &whole.end.as_ref().unwrap().digest;
    let edits = [
        (1, "\"seed\":11", "\"seed\":12"),
        (1, "\"mode\":\"coach\"", "\"mode\":\"assess\""),
        (1, "\"led_by\":\"person\"", "\"led_by\":\"none\""),
        (1, "\"format\":2", "\"variant\":\"bug\",\"format\":2"),
        (1, VERSION, "9.9.9"),
        (2, "restart api", "roll-back api"),
        (3, "60500000000", "60500000001"),
        (4, "is not on the menu now", "is fine"),
        (5, "\"lead\"", "\"facilitator\""),
        (6, "300000000000", "301000000000"),
        (6, digest, "00000000000000000000000000000000"),
    ];
    for (line, old, new) in edits {
        let mut changed = original.clone();
        assert!(changed[line - 1].contains(old), "{}", changed[line - 1]);
        changed[line - 1] = changed[line - 1].replace(old, new);
        altered(&changed, line);
    }
}

#[test]
fn removed_inserted_swapped_and_repeated_lines_are_found() {
    let original = lines(&record().text());
    for at in FIRST - 1..original.len() - 1 {
        let mut changed = original.clone();
        changed.remove(at);
        altered(&changed, at + 1);
        for other in FIRST - 1..at {
            let mut changed = original.clone();
            changed.swap(at, other);
            altered(&changed, other + 1);
        }
        let mut changed = original.clone();
        changed.insert(at, original[at].clone());
        altered(&changed, at + 2);
    }
    let mut changed = original.clone();
    changed.insert(3, String::new());
    altered(&changed, 4);
    let header = changed.remove(0);
    assert_eq!(refused(&text(&changed)).problem, Problem::NotARecord);
    changed.insert(1, header);
    assert_eq!(refused(&text(&changed)).problem, Problem::NotARecord);
}

/// A line of another session of the same scenario does not follow either.
#[test]
fn a_line_of_another_record_is_found() {
    let mut other = record();
    other.header.seed = 12;
    let (other, mut changed) = (lines(&other.text()), lines(&record().text()));
    changed[2] = other[2].clone();
    altered(&changed, 3);
}

#[test]
fn a_cut_is_told_from_a_session_that_goes_on() {
    let whole = record();
    let text = whole.text();
    let mut open = 0;
    let header = text.find('\n').unwrap();
    for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
        match parse(&text[..cut]) {
            // At the end of a line, with or without its newline.
            Ok(record) => {
                assert!(record == whole || record.end.is_none());
                assert!(text[cut..].starts_with('\n') || text[..cut].ends_with('\n'), "{}", &text[..cut]);
                open += 1;
            }
            Err(error) if cut == 0 => assert_eq!(error.problem, Problem::Empty),
            Err(error) if cut < header => assert_eq!(error.problem, Problem::NotARecord),
            Err(error) => assert_eq!((error.problem, error.place.line), (Problem::Torn, text[..cut].lines().count())),
        }
    }
    assert_eq!(open, 2 * text.lines().count() - 1);
}

#[test]
fn nothing_follows_the_end() {
    let whole = record().text();
    let mut longer = lines(&whole);
    longer.push(longer[3].clone());
    for text in [text(&longer), resealed(&longer), format!("{whole}\n"), format!("{whole}{{")] {
        let error = refused(&text);
        assert_eq!((error.problem, error.place.line), (Problem::AfterTheEnd, 7));
    }
}

#[test]
fn files_that_are_no_records_are_refused() {
    for other in
        ["\n", "{}", "[]", "null", "{\"format\":\"2\"}", "{\"format\":-1}", "(format: 1)", "a,b\n1,2\n", "\0\0\0"]
    {
        let error = refused(other);
        assert_eq!((error.problem, error.place.line), (Problem::NotARecord, 1), "{other}");
    }
    assert_eq!(refused("").problem, Problem::Empty);
    let deep = format!("{{\"format\":{}", "[".repeat(1 << 20));
    assert_eq!(refused(&deep).problem, Problem::NotARecord);
    let garbage: Vec<u8> = (0..4_096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let read = |bytes: &[u8]| Record::parse(&Source::from_bytes("run.jsonl", bytes));
    assert_eq!(read(&garbage).unwrap_err().problem, Problem::NotARecord);
    let whole = record().text();
    let after = [whole.as_bytes(), &garbage].concat();
    assert_eq!(read(&after).unwrap_err().problem, Problem::AfterTheEnd);
    let start = whole.find('\n').unwrap() + 1;
    let instead = [&whole.as_bytes()[..start], &garbage, b"\n"].concat();
    let error = read(&instead).unwrap_err();
    assert_eq!((error.problem, error.place.line), (Problem::Altered, 2));
}

#[test]
fn a_file_beyond_the_limit_is_refused() {
    let whole = record().text();
    let source = Source::from_bytes_up_to("run.jsonl", whole.as_bytes(), whole.len() - 1);
    assert_eq!(Record::parse(&source).unwrap_err().problem, Problem::TooLarge);
}

#[test]
fn other_formats_are_refused_and_named() {
    let first = r#"{"format":1,"engine_version":"0.0.9","scenario":"one-slash","seed":2,"policy":"none"}"#;
    let shown = refused(first).to_string();
    for says in ["format 1", "brownout 0.0.9", "reads format 2", "orders", "run the scenario again"] {
        assert!(shown.contains(says), "{says:?} is not in {shown}");
    }
    let mut newer = lines(&record().text());
    newer[0] = newer[0].replace("\"format\":2", "\"format\":3,\"new\":true");
    let shown = refused(&resealed(&newer)).to_string();
    assert!(shown.contains("format 3") && shown.contains("use the version that wrote it"), "{shown}");
    assert!(refused("{\"format\":3}").to_string().contains("a newer version"));
    assert!(refused("{\"format\":0}").to_string().contains("an older version"));
}

#[test]
fn a_record_of_another_engine_is_refused() {
    let mut other = lines(&record().text());
    other[0] = other[0].replace(VERSION, "99.0.0-\\u001b[31m");
    let error = refused(&resealed(&other));
    assert_eq!(error.problem, Problem::OtherVersion("99.0.0-\u{1b}[31m".to_owned()));
    let shown = error.to_string();
    assert!(shown.contains("99.0.0") && shown.contains(VERSION) && !shown.contains('\u{1b}'), "{shown}");
}

/// Whoever computes the hashes anew has still to write what a version would write.
#[test]
fn lines_that_follow_and_make_no_sense_are_located() {
    let original = lines(&record().text());
    let cases = [
        (1, "\"seed\":11", "\"seed\":18446744073709551616", "invalid type"),
        (1, "\"seed\":11", "\"seed\":-1", "invalid value"),
        (1, "\"seed\":11", "\"seed\":11,\"seed\":12", "duplicate field `seed`"),
        (1, "\"seed\":11,", "", "missing field `seed`"),
        (1, "\"mode\":\"coach\"", "\"mode\":\"exam\"", "unknown variant `exam`"),
        (1, "\"seed\":11", "\"seed\":11,\"sead\":1", "unknown field `sead`"),
        (2, "60500000000", "1e999", "number out of range"),
        (2, "60500000000", "99999999999999999999", "invalid type"),
        (2, "60500000000", "60500000000.5", "invalid type"),
        (3, "\"by\":", "\"who\":\"me\",\"by\":", "unknown field `who`"),
        (3, "{\"act\":", "{\"fly\":", "unknown variant `fly`"),
        (4, "\"option\":", "\"options\":", "unknown field `options`"),
        (6, "\"digest\":", "\"digets\":", "unknown field `digets`"),
    ];
    for (line, old, new, says) in cases {
        let mut changed = original.clone();
        assert!(changed[line - 1].contains(old), "{}", changed[line - 1]);
        changed[line - 1] = changed[line - 1].replacen(old, new, 1);
        let error = refused(&resealed(&changed));
        let Problem::Malformed(why) = &error.problem else { panic!("{error}") };
        assert!(why.contains(says), "{says:?} is not in {why}");
        assert_eq!(error.place.line, line);
        assert!(error.place.column > 1, "{error}");
        assert!(!error.is_damage());
    }
    let mut nested = original.clone();
    nested[1] = format!("{{\"at_nanos\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(refused(&resealed(&nested)).to_string().contains("recursion limit"));
    let mut swapped = original;
    swapped.swap(2, 3);
    let error = refused(&resealed(&swapped));
    assert_eq!((error.problem, error.place.line), (Problem::OutOfOrder, 4));
}

/// A few bytes replaced, removed or put in at random places: none of it is read as the record, and nothing panics.
#[test]
fn random_damage_is_refused_with_a_place() {
    let whole = record();
    let original = whole.text().into_bytes();
    let mut rng = Key::new(5).rng(0);
    let mut below = |limit: usize| (rng.uniform() * limit as f64) as usize;
    for _ in 0..3_000 {
        let mut bytes = original.clone();
        for _ in 0..=below(3) {
            let (at, new) = (below(bytes.len() - 1), [below(256) as u8, b'\n', b'"', b'}', 0][below(5)]);
            match below(3) {
                0 => bytes[at] = new,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, new),
            }
        }
        let source = Source::from_bytes("run.jsonl", &bytes);
        let at_most = source.text().lines().count().max(1);
        match (Record::parse(&source), Record::recover(&source)) {
            (Ok(read), _) => assert_eq!(read, whole, "{}", source.text()),
            (Err(error), Ok(recovered)) => assert_eq!((error.problem, recovered.torn), (Problem::Torn, Some(at_most))),
            (Err(error), Err(again)) => {
                assert_eq!(error, again);
                assert!((1..=at_most).contains(&error.place.line), "{error}");
            }
        }
    }
}

/// Any digit changed and the hashes computed anew: what can be read is replayed, to whatever digest, without a panic.
#[test]
fn whatever_is_forged_replays_or_is_refused() {
    let original = lines(&record().text());
    let (mut refused, mut replayed) = (0, 0);
    for line in 0..original.len() {
        let covered = original[line].rfind(",\"chain\"").unwrap();
        for (place, _) in original[line][..covered].char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let mut forged = original.clone();
            forged[line].replace_range(place..=place, "9");
            match parse(&resealed(&forged)).ok().and_then(|record| record.replay(scenario()).ok()) {
                Some(_) => replayed += 1,
                None => refused += 1,
            }
        }
    }
    assert!(refused > 10 && replayed > 10, "{refused} refused, {replayed} replayed");
}
