use std::ops::Range;

use crate::brownout;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
/// With which a verdict begins, and a block that shows one.
const TITLE: &str = "One slash (one-slash)\n";
const RENEW: &str = "README.md shows something else; if that is meant: UPDATE=1 cargo test -p brownout-cli readme";

/// The verdict that a run ends with.
fn verdict(policy: &str) -> String {
    let printed = brownout(&["run", "one-slash", "--policy", policy]).quietly().stdout;
    let start = printed.find(TITLE).expect("the verdict begins with the title");
    printed[start..].to_owned()
}

/// Where a text shows the verdict under a policy: the inside of the code block.
fn block(text: &str, policy: &str) -> Range<usize> {
    let opening = format!("```\n{TITLE}");
    let starts = text.match_indices(&opening).map(|(at, _)| at + "```\n".len());
    let mut blocks = starts.map(|start| start..start + text[start..].find("```\n").expect("the block is closed"));
    let shows = |range: &Range<usize>| text[range.clone()].contains(&format!("policy {policy} "));
    blocks.find(shows).unwrap_or_else(|| panic!("no block of one-slash under {policy} in README.md"))
}

#[test]
fn readme_shows_what_its_commands_print() {
    let mut readme = std::fs::read_to_string(README).expect("the file is there");
    for policy in ["rollback-first", "hotfix-first"] {
        let (range, printed) = (block(&readme, policy), verdict(policy));
        if std::env::var_os("UPDATE").is_some() {
            readme.replace_range(range, &printed);
            std::fs::write(README, &readme).expect("the file is writable");
        } else {
            assert_eq!(&readme[range], printed, "{RENEW}");
        }
    }
}
