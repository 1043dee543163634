use std::fs::{self, File};
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use crate::{Folder, brownout, command};

const TRACED: &str = r#"(format: 1, name: "x", duration: "5s", services: {"a": (capacity: Workers(1), endpoints: {"e": [Work("5ms")]})},
    populations: {"p": (arrivals: Trace(file: "p.csv"), mix: {"a.e": 1})})
"#;

/// A `check --watch` that runs, with its words in files.
struct Watch {
    child: Child,
    out: String,
    err: String,
}

impl Watch {
    fn start(folder: &Folder, file: &str) -> Self {
        let (out, err) = (folder.file("out"), folder.file("err"));
        let mut command = command(&["check", "--watch", file]);
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        Self { child: command.spawn().unwrap(), out, err }
    }

    /// The verdicts once there are so many, an empty line before each but the first.
    fn verdicts(&self, count: usize) -> Vec<String> {
        for _ in 0..1_000 {
            let text = fs::read_to_string(&self.out).unwrap();
            let rounds: Vec<String> = text.split("\n\n").map(|round| round.trim_end().to_owned()).collect();
            if rounds.len() >= count && text.ends_with('\n') && !rounds.last().unwrap().is_empty() {
                return rounds;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("no {count} verdicts in:\n{}", fs::read_to_string(&self.out).unwrap());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_change_of_the_file_or_of_its_trace_is_checked_again() {
    let folder = Folder::new("watch");
    let file = folder.with("x.ron", TRACED);
    let trace = folder.with("p.csv", "time\n1\n");
    let mut watch = Watch::start(&folder, &file);
    let mut expected = vec![format!("{file}: ok (0 warnings)")];
    assert_eq!(watch.verdicts(1), expected);

    fs::write(&file, TRACED.replace("Workers(1)", "Workers(0)")).unwrap();
    expected.push(format!("{file}: 1 error, 0 warnings"));
    assert_eq!(watch.verdicts(2), expected);

    fs::rename(folder.with("new.ron", TRACED), &file).unwrap();
    expected.push(format!("{file}: ok (0 warnings)"));
    assert_eq!(watch.verdicts(3), expected);

    fs::write(&trace, "time\nsoon\n").unwrap();
    expected.push(format!("{file}: 1 error, 0 warnings"));
    assert_eq!(watch.verdicts(4), expected);

    fs::remove_file(&file).unwrap();
    expected.push(format!("{file}: not read"));
    assert_eq!(watch.verdicts(5), expected);

    fs::write(&trace, "time\n1\n").unwrap();
    fs::write(&file, TRACED).unwrap();
    expected.push(format!("{file}: ok (0 warnings)"));
    assert_eq!(watch.verdicts(6), expected);

    let words = fs::read_to_string(&watch.err).unwrap();
    assert!(words.contains("watching for changes"), "{words}");
    assert!(words.contains(&format!("---- check 2: {file} changed ----")), "{words}");
    assert!(words.contains(&format!("---- check 4: {trace} changed ----")), "{words}");
    assert!(watch.child.try_wait().unwrap().is_none(), "it goes on until it is interrupted");
}

#[test]
fn what_cannot_change_is_not_watched() {
    let Some(built_in) = brownout_scenarios::all().first() else { return };
    brownout(&["check", "--watch", built_in.name]).refused(&["--watch", "do not change"]);
    brownout(&["check", "--watch", "--schema"]).refused(&["cannot be used with"]);
    assert!(brownout(&["check", "--help"]).stdout.contains("--watch"));
}
